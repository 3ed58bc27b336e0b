"""2-transactional: all or nothing, also nested, also when the rollback itself fails."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any, Iterator

from support import Load

import pytest

OPENED: dict[str, Any] = {"by with_db_connection": {"isolation_level": None}, "with the default settings": {}}


@pytest.fixture
def module(load: Load, users_db: Path) -> Any:
    """The module 2-transactional, and a users.db for it."""
    return load("2-transactional")


@pytest.fixture(params=OPENED)
def connection(request: pytest.FixtureRequest, module: Any, users_db: Path) -> Iterator[sqlite3.Connection]:
    """A connection, opened as with_db_connection does it, and as everybody else does."""
    with closing(sqlite3.connect(users_db, **OPENED[request.param])) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def add(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("INSERT INTO users (name, email, age) VALUES (?, ?, 7)", (name, f"{name}@example.com"))


class PlannedError(Exception):
    """What the tests raise; like some errors of libraries it has a length, and is not true."""

    def __len__(self) -> int:
        return 0


def test_the_fixed_call_commits(module: Any, users_db: Path) -> None:
    module.update_user_email(user_id=1, new_email="Crawford_Cartwright@hotmail.com")
    with closing(sqlite3.connect(users_db)) as connection:
        (email,) = connection.execute("SELECT email FROM users WHERE id = 1").fetchone()
    assert email == "Crawford_Cartwright@hotmail.com"


@pytest.mark.parametrize(
    "kind", [PlannedError, sqlite3.IntegrityError, KeyboardInterrupt, SystemExit, GeneratorExit]
)
def test_any_exception_in_the_body_rolls_back_and_goes_on(
    module: Any, connection: Any, names: Any, kind: Any
) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "Cleo")
        raise error

    error = kind()
    with pytest.raises(kind) as caught:
        work(connection)
    assert caught.value is error
    assert names() == []
    assert not connection.in_transaction


@pytest.mark.parametrize("fails", list(itertools.product([False, True], repeat=3)))
def test_each_level_of_nesting_loses_its_own_work_and_no_other(
    module: Any, connection: Any, names: Any, fails: tuple[bool, bool, bool]
) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection, level: int) -> None:
        add(conn, f"before {level}")
        if level < 2:
            try:
                work(conn, level + 1)
            except PlannedError:
                assert fails[level + 1]
        add(conn, f"after {level}")
        if fails[level]:
            raise PlannedError

    try:
        work(connection, 0)
    except PlannedError:
        assert fails[0]
    kept = [level for level in range(3) if not any(fails[: level + 1])]
    assert names() == sorted(f"{when} {level}" for when in ("before", "after") for level in kept)
    assert not connection.in_transaction


def test_an_inner_failure_that_nobody_handles_loses_everything(
    module: Any, connection: Any, names: Any
) -> None:
    @module.transactional
    def inner(conn: sqlite3.Connection) -> None:
        add(conn, "inner")
        raise PlannedError

    @module.transactional
    def outer(conn: sqlite3.Connection) -> None:
        add(conn, "outer")
        inner(conn)

    with pytest.raises(PlannedError):
        outer(connection)
    assert names() == []


def test_inner_work_is_not_committed_before_the_outer_function_returns(
    module: Any, connection: Any, names: Any
) -> None:
    @module.transactional
    def inner(conn: sqlite3.Connection) -> None:
        add(conn, "inner")

    @module.transactional
    def outer(conn: sqlite3.Connection) -> None:
        inner(conn)
        assert names() == []

    outer(connection)
    assert names() == ["inner"]


def test_a_transaction_of_the_caller_stays_the_callers(module: Any, connection: Any, names: Any) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection, name: str, error: Exception | None = None) -> None:
        add(conn, name)
        if error is not None:
            raise error

    connection.execute("BEGIN")
    add(connection, "mine")
    work(connection, "Cleo")
    with pytest.raises(PlannedError):
        work(connection, "Pancakes", PlannedError())
    assert connection.in_transaction
    assert names() == []
    connection.commit()
    assert names() == ["Cleo", "mine"]


def test_tables_made_in_the_body_are_rolled_back_too(module: Any, connection: Any) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TABLE dogs (name TEXT)")
        conn.execute("INSERT INTO dogs VALUES ('Cleo')")
        conn.execute("ALTER TABLE users ADD COLUMN dog TEXT")
        raise PlannedError

    with pytest.raises(PlannedError):
        work(connection)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'dogs'").fetchone() == (0,)
    assert len(connection.execute("SELECT * FROM users").fetchone()) == 4


def test_a_failed_commit_rolls_back_and_raises(module: Any, connection: Any, names: Any) -> None:
    connection.executescript(
        "CREATE TABLE dogs (owner INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)"
    )

    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "Cleo")
        conn.execute("INSERT INTO dogs VALUES (99)")

    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY constraint failed"):
        work(connection)
    assert not connection.in_transaction
    assert names() == []


@pytest.mark.parametrize("action", ["ROLLBACK", "ROLLBACK TO"])
def test_a_failed_rollback_hides_nothing_and_commits_nothing(
    module: Any, connection: Any, names: Any, action: str
) -> None:
    def deny(code: int, first: str | None, *others: object) -> int:
        denied = {"ROLLBACK": sqlite3.SQLITE_TRANSACTION, "ROLLBACK TO": 32}[action]  # 32: SQLITE_SAVEPOINT
        return sqlite3.SQLITE_DENY if (code, first) == (denied, "ROLLBACK") else sqlite3.SQLITE_OK

    @module.transactional
    def inner(conn: sqlite3.Connection) -> None:
        add(conn, "inner")
        raise error

    @module.transactional
    def outer(conn: sqlite3.Connection) -> None:
        add(conn, "outer")
        inner(conn)

    error = PlannedError()
    connection.set_authorizer(deny)
    with pytest.raises(PlannedError) as caught:
        outer(connection)
    assert caught.value is error
    assert error.__cause__ is None
    assert names() == []
    connection.close()
    assert names() == []


def test_an_inner_call_that_cannot_begin_leaves_the_outer_work_alone(
    module: Any, connection: Any, names: Any
) -> None:
    @module.transactional
    def inner(conn: sqlite3.Connection) -> None:
        raise AssertionError("the body ran")

    @module.transactional
    def outer(conn: sqlite3.Connection) -> None:
        add(conn, "outer")
        conn.set_authorizer(lambda code, *_: sqlite3.SQLITE_DENY if code == 32 else sqlite3.SQLITE_OK)
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
            inner(conn)
        conn.set_authorizer(lambda *_: sqlite3.SQLITE_OK)

    outer(connection)
    assert names() == ["outer"]


def test_ctrl_c_that_arrives_when_begin_has_just_succeeded_leaves_no_transaction_open(
    module: Any, users_db: Path
) -> None:
    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *args)
            if sql.startswith("BEGIN"):
                raise KeyboardInterrupt
            return cursor

    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        raise AssertionError("the body ran")

    with closing(sqlite3.connect(str(users_db), factory=Interrupted)) as mine:
        with pytest.raises(KeyboardInterrupt):
            work(mine)
        assert not mine.in_transaction


@pytest.mark.parametrize("statement", ["RELEASE", "COMMIT"])
def test_ctrl_c_at_the_end_rolls_back_and_is_not_swallowed(
    module: Any, users_db: Path, names: Any, statement: str
) -> None:
    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if sql.startswith(statement):
                raise KeyboardInterrupt
            return super().execute(sql, *args)

    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "Cleo")

    with closing(sqlite3.connect(str(users_db), factory=Interrupted)) as mine:
        with pytest.raises(KeyboardInterrupt):
            work(mine)
        assert not mine.in_transaction
    assert names() == []


def test_what_is_refused_after_the_call_is_undone(module: Any, connection: Any, names: Any) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> Any:
        add(conn, "Cleo")
        return (conn.execute(sql) for sql in ["DELETE FROM users"])

    with pytest.raises(TypeError, match="whose body has not run yet"):
        work(connection)
    assert names() == []


def test_a_body_that_closes_the_connection_and_raises_is_not_hidden(
    module: Any, connection: Any, names: Any
) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "Cleo")
        conn.close()
        raise PlannedError

    with pytest.raises(PlannedError):
        work(connection)
    assert names() == []


def test_two_threads_that_read_and_then_write_lose_nothing(module: Any, users_db: Path) -> None:
    @module.connections.with_db_connection
    @module.transactional
    def have_a_birthday(conn: sqlite3.Connection) -> None:
        (age,) = conn.execute("SELECT age FROM users WHERE id = 5").fetchone()
        conn.execute("UPDATE users SET age = ? WHERE id = 5", (age + 1,))

    def fifty_times() -> None:
        try:
            start.wait()
            for _ in range(50):
                have_a_birthday()
        except BaseException as error:
            errors.append(error)

    errors: list[BaseException] = []
    start = threading.Barrier(2)
    threads = [threading.Thread(target=fifty_times) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with closing(sqlite3.connect(users_db)) as connection:
        assert connection.execute("SELECT age FROM users WHERE id = 5").fetchone() == (19 + 100,)


def test_the_write_lock_is_taken_before_the_body_runs(module: Any, connection: Any, users_db: Path) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("BEGIN IMMEDIATE")

    with closing(sqlite3.connect(users_db, timeout=0, isolation_level=None)) as other:
        work(connection)


def test_a_lock_that_cannot_be_had_is_an_error_before_the_body_runs(module: Any, users_db: Path) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        raise AssertionError("the body ran")

    with closing(sqlite3.connect(users_db, timeout=0)) as mine, closing(sqlite3.connect(users_db)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            work(mine)
        assert not mine.in_transaction


def test_an_error_inside_a_set_of_ages_changes_none_of_them(module: Any, users_db: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        module.set_ages([{"id": 1, "age": 37}, {"id": 2, "age": None}])
    with closing(sqlite3.connect(str(users_db))) as connection:
        assert connection.execute("SELECT age FROM users LIMIT 2").fetchall() == [(36,), (52,)]
    module.set_ages([{"id": 1, "age": 37}, {"id": 2, "age": 53}])
    with closing(sqlite3.connect(str(users_db))) as connection:
        assert connection.execute("SELECT age FROM users LIMIT 2").fetchall() == [(37,), (53,)]


def test_the_connection_may_have_any_name_and_place(module: Any, connection: Any, names: Any) -> None:
    @module.transactional
    def work(name: str, *, database: sqlite3.Connection) -> str:
        add(database, name)
        return name.upper()

    assert work("Cleo", database=connection) == "CLEO"
    assert names() == ["Cleo"]


def test_a_call_without_a_connection_says_what_is_missing(module: Any) -> None:
    with pytest.raises(TypeError, match="has no connection; put @with_db_connection above @transactional"):
        module.transactional(len)("no connection")
