"""Task 2: transactions as with blocks, and such blocks in each other."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Callable, Iterator

from support import Load

import pytest

ADD = "INSERT INTO users VALUES (?, 'Mona Reyes', ?, 33)"


@pytest.fixture
def transaction(load: Load) -> Any:
    """The class Transaction."""
    return load("2-transaction").Transaction


@pytest.fixture(params=[None, ""], ids=["autocommit", "implicit"])
def connection(users_db: Path, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """A connection to users.db in each of the modes in which sqlite3 begins transactions."""
    with closing(sqlite3.connect(str(users_db), timeout=0, isolation_level=request.param)) as connection:
        yield connection


def add(connection: sqlite3.Connection, *numbers: int) -> None:
    for number in numbers:
        connection.execute(ADD, (number, f"mona{number}@example.com"))


def added(path: Path) -> list[int]:
    """Return the ids of the users that were added and kept, as another connection sees them."""
    with closing(sqlite3.connect(str(path))) as connection:
        return [number for (number,) in connection.execute("SELECT id FROM users WHERE id > 12 ORDER BY id")]


@pytest.mark.parametrize(
    ("inner_fails", "outer_fails", "kept"),
    [(False, False, [13, 14, 15]), (True, False, [13, 15]), (False, True, []), (True, True, [])],
)
def test_the_nesting_matrix(
    transaction: Any,
    connection: sqlite3.Connection,
    users_db: Path,
    inner_fails: bool,
    outer_fails: bool,
    kept: list[int],
) -> None:
    with suppress(ZeroDivisionError), transaction(connection):
        add(connection, 13)
        with suppress(ZeroDivisionError), transaction(connection):
            add(connection, 14)
            _ = 1 / (not inner_fails)
        add(connection, 15)
        _ = 1 / (not outer_fails)
    assert added(users_db) == kept
    assert not connection.in_transaction


def test_three_levels_lose_only_the_one_that_failed(
    transaction: Any, connection: sqlite3.Connection, users_db: Path
) -> None:
    with transaction(connection), transaction(connection):
        add(connection, 13)
        with suppress(ZeroDivisionError), transaction(connection):
            add(connection, 14)
            _ = 1 / 0
    assert added(users_db) == [13]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_any_exception_rolls_back_and_goes_on_itself(
    transaction: Any, connection: sqlite3.Connection, users_db: Path, error: type[BaseException]
) -> None:
    raised = error("made up")
    with pytest.raises(error) as caught, transaction(connection):
        add(connection, 13)
        raise raised
    assert caught.value is raised
    assert added(users_db) == []


def test_a_table_made_in_the_block_is_rolled_back_too(
    transaction: Any, connection: sqlite3.Connection
) -> None:
    with suppress(ZeroDivisionError), transaction(connection):
        connection.execute("CREATE TABLE pets (name)")
        _ = 1 / 0
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'pets'").fetchall() == []


def test_inside_a_transaction_of_the_caller_it_is_for_the_caller_to_commit(
    transaction: Any, connection: sqlite3.Connection, users_db: Path
) -> None:
    connection.execute("BEGIN")
    with transaction(connection):
        add(connection, 13)
    assert connection.in_transaction
    assert added(users_db) == []
    connection.commit()
    assert added(users_db) == [13]


def test_it_takes_the_write_lock_at_once(
    transaction: Any, connection: sqlite3.Connection, users_db: Path
) -> None:
    with closing(sqlite3.connect(str(users_db), timeout=0)) as other:
        with transaction(connection), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        with transaction(other):  # and gives it back
            add(other, 13)
    assert added(users_db) == [13]


def test_a_begin_that_fails_leaves_nothing_open(
    transaction: Any, connection: sqlite3.Connection, users_db: Path
) -> None:
    block = transaction(connection)
    with closing(sqlite3.connect(str(users_db), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"), block:
            pytest.fail("the block must not run")
    assert not connection.in_transaction
    with block:
        add(connection, 13)
    assert added(users_db) == [13]


@pytest.mark.parametrize("nested", [False, True])
def test_an_interruption_just_after_the_begin_does_not_leave_it_open(
    transaction: Any, users_db: Path, nested: bool
) -> None:
    class Interrupted(sqlite3.Connection):
        armed = False

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *parameters)
            if self.armed and sql.startswith(("BEGIN", "SAVEPOINT")):
                raise KeyboardInterrupt
            return cursor

    with closing(sqlite3.connect(str(users_db), isolation_level=None, factory=Interrupted)) as connection:
        if nested:
            connection.execute("BEGIN")
            add(connection, 13)
        connection.armed = True
        with pytest.raises(KeyboardInterrupt), transaction(connection):
            pytest.fail("the block must not run")
        assert connection.in_transaction == nested
        connection.commit()
    assert added(users_db) == ([13] if nested else [])


def test_a_failing_commit_is_raised_and_rolled_back(
    transaction: Any, connection: sqlite3.Connection, users_db: Path
) -> None:
    with closing(sqlite3.connect(str(users_db))) as reader:
        reading = reader.execute("SELECT id FROM users")
        assert reading.fetchone() == (1,)
        with pytest.raises(sqlite3.OperationalError, match="locked"), transaction(connection):
            add(connection, 13)
    assert not connection.in_transaction
    assert added(users_db) == []


class Stubborn(sqlite3.Connection):
    """A connection on which no rollback succeeds."""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql.startswith("ROLLBACK"):
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *parameters)


def test_a_failing_rollback_hides_nothing_and_keeps_nothing(transaction: Any, users_db: Path) -> None:
    connection = sqlite3.connect(str(users_db), factory=Stubborn)
    raised = ValueError("of the block")
    with pytest.raises(ValueError) as caught, transaction(connection):
        add(connection, 13)
        raise raised
    assert caught.value is raised
    connection.close()
    assert added(users_db) == []


def test_when_the_inner_rollback_fails_the_outer_block_cannot_commit_it(
    transaction: Any, users_db: Path
) -> None:
    connection = sqlite3.connect(str(users_db), factory=Stubborn)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"), transaction(connection):
        add(connection, 13)
        with suppress(ZeroDivisionError), transaction(connection):
            add(connection, 14)
            _ = 1 / 0
    connection.close()
    assert added(users_db) == []


def test_a_connection_closed_in_the_block_hides_nothing(
    transaction: Any, connection: sqlite3.Connection
) -> None:
    with pytest.raises(ValueError, match="of the block"), transaction(connection):
        connection.close()
        raise ValueError("of the block")


def commit_with_the_connections_own_block(connection: sqlite3.Connection) -> None:
    with connection:
        add(connection, 13)


def roll_back_by_conflict(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.IntegrityError):
        connection.execute("INSERT OR ROLLBACK INTO users VALUES (1, 'Mona', 'mona@example.com', 33)")


def roll_back_by_trigger(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TEMP TRIGGER keep BEFORE DELETE ON users BEGIN SELECT RAISE(ROLLBACK, 'not this one'); END"
    )
    with suppress(sqlite3.IntegrityError):
        connection.execute("DELETE FROM users")


ENDINGS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "commit()": lambda connection: connection.commit(),
    "rollback()": lambda connection: connection.rollback(),
    "COMMIT": lambda connection: connection.execute("COMMIT"),
    "with connection": commit_with_the_connections_own_block,
    "executescript()": lambda connection: connection.executescript("SELECT 1;"),
    "OR ROLLBACK": roll_back_by_conflict,
    "RAISE(ROLLBACK)": roll_back_by_trigger,
}
whatever_ends_it = pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
ENDED = "a commit or a rollback in the block has ended its transaction"


def causes(error: BaseException) -> list[BaseException]:
    """Return an error, its cause, the cause of that, and so on."""
    return [error, *(causes(error.__cause__) if error.__cause__ else [])]


@whatever_ends_it
@pytest.mark.parametrize("afterwards", ["nothing", "a write", "an error", "a write and an error"])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_what_ends_the_transaction_early_is_an_error_at_the_end_of_the_block(
    transaction: Any,
    connection: sqlite3.Connection,
    users_db: Path,
    end: Callable[[sqlite3.Connection], object],
    afterwards: str,
    depth: int,
) -> None:
    raised = ValueError("of the block")
    with pytest.raises(RuntimeError, match=ENDED) as caught, ExitStack() as blocks:
        for _ in range(depth):
            blocks.enter_context(transaction(connection))
        end(connection)
        if "write" in afterwards:
            add(connection, 14)
        if "error" in afterwards:
            raise raised
    assert (causes(caught.value)[-1] is raised) == ("error" in afterwards)
    assert not connection.in_transaction
    if connection.isolation_level is not None:  # without one, sqlite3 commits each write at once
        assert 14 not in added(users_db)


@whatever_ends_it
@pytest.mark.parametrize("fails", [False, True])
def test_it_is_an_error_inside_database_connection_too(
    transaction: Any, load: Load, users_db: Path, end: Callable[[sqlite3.Connection], object], fails: bool
) -> None:
    database = load("0-databaseconnection").DatabaseConnection()
    with pytest.raises(RuntimeError, match=ENDED) as caught, database as connection, transaction(connection):
        end(connection)
        add(connection, 14)
        _ = 1 / (not fails)
    assert isinstance(caught.value.__cause__, ZeroDivisionError) == fails
    assert 14 not in added(users_db)


@whatever_ends_it
def test_who_catches_that_error_of_an_inner_block_gets_it_from_the_outer_one(
    transaction: Any, connection: sqlite3.Connection, end: Callable[[sqlite3.Connection], object]
) -> None:
    with pytest.raises(RuntimeError, match=ENDED), transaction(connection):
        with suppress(RuntimeError), transaction(connection):
            end(connection)
        add(connection, 14)


def test_a_statement_that_fails_and_rolls_back_all_is_the_cause_of_that_error(
    transaction: Any, connection: sqlite3.Connection, users_db: Path
) -> None:
    with pytest.raises(RuntimeError, match=ENDED) as caught, transaction(connection):
        add(connection, 13)
        connection.execute("INSERT OR ROLLBACK INTO users VALUES (14, 'Mona', 'mona13@example.com', 33)")
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
    assert added(users_db) == []
    with transaction(connection):  # and the connection is still usable
        add(connection, 15)
    assert added(users_db) == [15]


def test_an_object_serves_one_block_after_another_but_not_two_at_once(
    transaction: Any, connection: sqlite3.Connection, users_db: Path
) -> None:
    block = transaction(connection)
    for number in (13, 14):
        with block as given:
            assert given is connection
            add(connection, number)
            with pytest.raises(RuntimeError, match="in use"), block:
                pytest.fail("the block must not run")
    assert added(users_db) == [13, 14]
