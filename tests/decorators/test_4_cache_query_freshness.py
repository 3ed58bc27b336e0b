"""4-cache_query: never stale. Commits of everybody, transactions, locks, replaced files."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any, Iterator

from support import Load

import pytest

ADA = "SELECT age FROM users WHERE id = 1"
NOT_ON_WINDOWS = pytest.mark.skipif(
    sys.platform == "win32", reason="on Windows, nobody can replace or delete a file that is open"
)


@pytest.fixture(params=["delete", "wal"])
def database(request: pytest.FixtureRequest, users_db: Path) -> Path:
    """The path of users.db, in both journal modes."""
    with closing(sqlite3.connect(users_db)) as connection:
        assert connection.execute(f"PRAGMA journal_mode = {request.param}").fetchone() == (request.param,)
    return users_db


@pytest.fixture
def module(load: Load, database: Path) -> Any:
    """The module 4-cache_query, and a users.db for it."""
    return load("4-cache_query")


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that stays open, with the default settings."""
    with closing(sqlite3.connect(database)) as connection:
        yield connection


@pytest.fixture
def other(database: Path) -> Iterator[sqlite3.Connection]:
    """A second connection that stays open; each of its statements is a transaction."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        yield connection


@pytest.fixture(params=["connection outside", "cache outside", "one connection"])
def fetch(request: pytest.FixtureRequest, module: Any, connection: sqlite3.Connection) -> Any:
    """A cached function that returns the rows of a query: in both orders, and on one connection."""

    def fetch(conn: sqlite3.Connection, query: str, values: Any = ()) -> Any:
        return conn.execute(query, values).fetchall()

    if request.param == "one connection":
        decorated = module.cache_query(fetch)
        fetch_on_it: Any = lambda *args, **kwargs: decorated(connection, *args, **kwargs)  # noqa: E731
        fetch_on_it.cache_info = decorated.cache_info
        return fetch_on_it
    if request.param == "cache outside":
        return module.cache_query(module.with_db_connection(fetch))
    return module.with_db_connection(module.cache_query(fetch))


def warm(fetch: Any, query: str = ADA) -> None:
    """Make sure that the next identical call would be answered from memory."""
    hits = fetch.cache_info().hits
    assert fetch(query) == fetch(query)
    assert fetch.cache_info().hits > hits


def test_a_commit_by_another_connection_is_seen(fetch: Any, other: sqlite3.Connection) -> None:
    for age in range(50, 60):
        warm(fetch)
        other.execute("UPDATE users SET age = ? WHERE id = 1", (age,))
        assert fetch(ADA) == [(age,)]


def test_a_commit_by_the_same_connection_is_seen(module: Any, connection: sqlite3.Connection) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        return conn.execute(query).fetchall()

    for age in range(50, 60):
        assert fetch(connection, ADA) == fetch(connection, ADA)
        connection.execute("UPDATE users SET age = ? WHERE id = 1", (age,))
        assert fetch(connection, ADA) == [(age,)]
        connection.commit()
        assert fetch(connection, ADA) == fetch(connection, ADA) == [(age,)]
    assert fetch.cache_info().hits >= 20


def test_a_commit_by_another_process_is_seen(fetch: Any, database: Path) -> None:
    warm(fetch)
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM users'); c.commit()"
    )
    subprocess.run([sys.executable, "-c", program, str(database)], check=True)
    assert fetch(ADA) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE users ADD COLUMN dog TEXT DEFAULT 'Cleo'",
        "DROP TABLE users; CREATE TABLE users AS SELECT 7 AS only",
        "REPLACE INTO users VALUES (1, 'Pancakes', 'p@example.com', 3)",
        "CREATE TABLE dogs (name); DELETE FROM users",
    ],
)
def test_a_change_of_the_schema_or_by_replacement_is_seen(
    fetch: Any, other: sqlite3.Connection, database: Path, change: str
) -> None:
    warm(fetch, "SELECT * FROM users")
    other.executescript(change)
    with closing(sqlite3.connect(database)) as fresh:
        expected = fresh.execute("SELECT * FROM users").fetchall()
    assert fetch("SELECT * FROM users") == expected


def test_inside_an_open_transaction_nothing_is_cached_and_nothing_comes_from_the_cache(
    module: Any, connection: sqlite3.Connection
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        return conn.execute(query).fetchall()

    assert fetch(connection, ADA) == fetch(connection, ADA) == [(36,)]
    connection.execute("UPDATE users SET age = 99 WHERE id = 1")
    assert fetch(connection, ADA) == fetch(connection, ADA) == [(99,)]
    assert fetch(connection, "SELECT max(age) FROM users") == [(99,)]
    connection.rollback()
    assert fetch(connection, ADA) == [(36,)]
    assert fetch(connection, "SELECT max(age) FROM users") == [(74,)]
    assert fetch.cache_info().hits == 2


def test_a_body_that_leaves_a_transaction_open_is_not_cached(
    module: Any, connection: sqlite3.Connection
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        conn.execute("UPDATE users SET age = age + 1 WHERE id = 1")
        return conn.execute(query).fetchall()

    assert fetch(connection, ADA) == [(37,)]
    connection.rollback()
    assert fetch(connection, ADA) == [(37,)]
    assert fetch.cache_info() == (0, 2, 128, 0)


def test_a_commit_between_the_query_and_its_storing_is_not_missed(
    module: Any, other: sqlite3.Connection
) -> None:
    @module.with_db_connection
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        rows = conn.execute(query).fetchall()
        if changes:
            other.execute(changes.pop())
        return rows

    changes = ["UPDATE users SET age = 99 WHERE id = 1"]
    assert fetch(ADA) == [(36,)]
    assert fetch(ADA) == [(99,)]


@pytest.mark.parametrize("body", ["CREATE TEMP TABLE t (a)", "ATTACH ':memory:' AS other"])
def test_a_body_that_brings_in_another_database_is_not_cached(
    module: Any, connection: sqlite3.Connection, body: str
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        conn.execute(body)
        return conn.execute(query).fetchall()

    fetch(connection, ADA)
    assert fetch.cache_info().currsize == 0


def test_a_body_that_also_writes_is_run_each_time(module: Any, connection: sqlite3.Connection) -> None:
    @module.cache_query
    def have_a_birthday(conn: sqlite3.Connection, query: str) -> Any:
        with conn:
            conn.execute("UPDATE users SET age = age + 1 WHERE id = 1")
        return conn.execute(query).fetchall()

    assert [have_a_birthday(connection, ADA) for _ in range(3)] == [[(37,)], [(38,)], [(39,)]]


def test_a_connection_that_still_reads_older_rows_is_not_cached(
    module: Any, connection: sqlite3.Connection, other: sqlite3.Connection, database: Path
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        return conn.execute(query).fetchall()

    reading = connection.execute("SELECT * FROM users")
    reading.fetchone()
    try:
        other.execute("PRAGMA busy_timeout = 0")
        other.execute("UPDATE users SET age = 99 WHERE id = 1")
    except sqlite3.OperationalError:
        pass  # with a rollback journal, a reader keeps writers out
    fetch(connection, ADA)  # in WAL mode, this sees what was there when the reading began
    reading.close()
    with closing(sqlite3.connect(database)) as fresh:
        expected = fresh.execute(ADA).fetchall()
        assert fetch(fresh, ADA) == fetch(connection, ADA) == expected


@NOT_ON_WINDOWS
@pytest.mark.parametrize("how", ["deleted and seeded again", "replaced", "overwritten in place"])
def test_another_file_under_the_same_path_is_noticed(
    module: Any, load: Any, database: Path, tmp_path: Path, how: str
) -> None:
    fetch = module.cache_query(module.with_db_connection(lambda conn, query: conn.execute(query).fetchall()))
    inner = module.with_db_connection(module.cache_query(lambda conn, query: conn.execute(query).fetchall()))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA journal_mode = delete")
    twin = tmp_path / "twin.db"
    shutil.copy(database, twin)
    for path, age in ((database, 50), (twin, 60)):  # the same number of commits in both
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE users SET age = ? WHERE id = 1", (age,))
    for cached in (fetch, inner):
        assert cached(ADA) == cached(ADA) == [(50,)]
    if how == "replaced":
        os.replace(twin, database)
    elif how == "overwritten in place":
        shutil.copyfile(twin, database)
    else:
        os.remove(database)
        load("seed").seed_users()
    expected = 36 if "seeded" in how else 60
    assert fetch(ADA) == inner(ADA) == [(expected,)]
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        assert fetch(ADA) == fetch(ADA) == inner(ADA) == [(expected,)]
        connection.execute("UPDATE users SET age = 99 WHERE id = 1")
        assert fetch(ADA) == inner(ADA) == [(99,)]


@NOT_ON_WINDOWS
def test_a_commit_to_another_file_is_noticed_even_within_one_tick_of_the_clock(
    module: Any, database: Path, tmp_path: Path
) -> None:
    fetch = module.cache_query(module.with_db_connection(lambda conn, query: conn.execute(query).fetchall()))
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = delete")
    assert fetch(ADA) == [(36,)]
    os.replace(shutil.copy(database, tmp_path / "twin.db"), database)
    assert fetch(ADA) == [(36,)]
    before = os.stat(database)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("UPDATE users SET age = 99 WHERE id = 1")
    os.utime(database, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert fetch(ADA) == [(99,)]


@NOT_ON_WINDOWS
def test_a_deleted_file_is_not_answered_from_memory_nor_made_anew(module: Any, database: Path) -> None:
    @module.cache_query
    def fetch(query: str) -> Any:
        calls.append(query)

    calls: list[str] = []
    fetch(ADA)
    os.remove(database)
    fetch(ADA)
    assert len(calls) == 2
    assert not database.exists()


def test_what_is_no_database_is_left_to_the_function(module: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("USERS_DB", str(tmp_path))  # a folder
    fetch = module.cache_query(lambda query: query)
    assert fetch(ADA) == fetch(ADA) == ADA
    assert fetch.cache_info() == (0, 2, 128, 0)


def test_a_lock_held_by_somebody_makes_the_cache_step_aside(module: Any, other: Any, database: Path) -> None:
    fetch = module.cache_query(lambda query: query)
    fetch(ADA)
    other.execute("BEGIN EXCLUSIVE")
    assert fetch(ADA) == ADA
    (mode,) = other.execute("PRAGMA journal_mode").fetchone()
    assert fetch.cache_info().misses == (
        1 if mode == "wal" else 2
    )  # in WAL mode a writer locks no reader out
    other.execute("ROLLBACK")
    fetch(ADA)
    assert fetch.cache_info().hits == (2 if mode == "wal" else 1)


def test_nothing_is_left_beside_the_database_at_the_end(database: Path, run_script: Any) -> None:
    done = run_script("4-cache_query.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert [name for name in os.listdir(database.parent) if name.startswith("users.db-")] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_does_not_trust_what_its_parent_has_seen(
    module: Any, other: sqlite3.Connection
) -> None:
    fetch = module.cache_query(module.with_db_connection(lambda conn, query: conn.execute(query).fetchall()))
    assert fetch(ADA) == fetch(ADA) == [(36,)]
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        fetch(ADA)
        os.write(writable, str(fetch.cache_info().hits).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writable)
    with open(readable, "rb") as pipe:
        assert pipe.read() == b"1"  # the parent's one; the child itself has asked the database


WRITE = """if True:
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
    for age in range(1000, 1150):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE users SET age = ? WHERE id = 1", (age,))
        if age % 5 == 0:
            connection.execute("ROLLBACK")
        else:
            connection.execute("COMMIT")
            print(age, flush=True)
"""


def test_eight_threads_never_read_less_than_a_writing_process_has_reported(
    module: Any, database: Path
) -> None:
    def read(conn: sqlite3.Connection, query: str) -> Any:
        return conn.execute(query).fetchall()

    ways = [
        module.with_db_connection(module.cache_query(read)),
        module.cache_query(module.with_db_connection(read)),
    ]
    committed = [36]
    problems: list[object] = []
    done = threading.Event()

    def check(fetch: Any) -> None:
        try:
            while not done.is_set():
                known = committed[-1]
                ((age,),) = fetch(ADA)
                if age < known or age % 5 == 0:
                    problems.append((age, known))
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=check, args=[ways[number % 2]]) for number in range(8)]
    command = [sys.executable, "-c", WRITE, str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as writer:
        for thread in threads:
            thread.start()
        assert writer.stdout is not None
        committed.extend(int(line) for line in writer.stdout)
        done.set()
        for thread in threads:
            thread.join()
    assert problems == []
    assert committed[-1] == 1149
    assert [fetch(ADA) for fetch in ways] == [[(1149,)]] * 2
    assert sum(fetch.cache_info().hits for fetch in ways) > 0


@pytest.mark.parametrize(
    "sql",
    [
        "VACUUM",
        "PRAGMA user_version = 1",
        "DELETE FROM users WHERE id = (SELECT max(id) FROM users)",
        "UPDATE users SET age = age + 1",
        "REPLACE INTO users VALUES (1, 'Pancakes', 'p@example.com', 3)",
        "INSERT INTO users (name, email, age) SELECT name, count(*) + 1, 1 FROM users",
        "WITH last(id) AS (SELECT max(id) FROM users) DELETE FROM users WHERE id IN (SELECT id FROM last)",
        "/* SELECT */ CREATE TABLE IF NOT EXISTS dogs (name)",
    ],
)
@pytest.mark.parametrize("connection_given", [True, False])
def test_a_statement_that_changes_something_runs_each_time(
    module: Any, database: Path, sql: str, connection_given: bool
) -> None:
    def change(conn: sqlite3.Connection, query: str) -> str:
        calls.append(query)
        conn.execute(query)
        return "done"

    calls: list[str] = []
    if connection_given:
        cached = module.with_db_connection(module.cache_query(change))
    else:
        cached = module.cache_query(module.with_db_connection(change))
    for _ in range(3):
        assert cached(sql) == "done"
        if "dogs" in sql:
            with closing(sqlite3.connect(database, isolation_level=None)) as other:
                other.execute("DROP TABLE dogs")
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT name FROM users WHERE id = ?", (1,)),
        ("\n  select count(*), max(age), upper('a') from users", ()),
        ("SELECT name FROM users WHERE name LIKE :pattern", {"pattern": "%a%"}),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n", ()),
        ("VALUES (1), (2)", ()),
        ("SELECT * FROM adults; -- a view", ()),
    ],
)
def test_reading_statements_of_all_kinds_are_cached_again_after_a_change(
    fetch: Any, other: sqlite3.Connection, sql: str, values: Any
) -> None:
    other.execute("CREATE VIEW adults AS SELECT * FROM users WHERE age > 17")
    for hits in (1, 2):
        assert fetch(sql, values) == fetch(sql, values)
        assert fetch.cache_info().hits == hits
        other.execute("UPDATE users SET age = age + 1")


def test_attached_and_temp_tables_bypass_the_cache(module: Any, connection: sqlite3.Connection) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        return conn.execute(query).fetchall()

    assert fetch(connection, ADA) == fetch(connection, ADA) == [(36,)]
    connection.execute("CREATE TEMP TABLE users AS SELECT 1 AS id, 7 AS age")
    assert fetch(connection, ADA) == [(7,)]
    connection.execute("UPDATE users SET age = 8")
    connection.commit()
    assert fetch(connection, ADA) == [(8,)]
    connection.execute("DROP TABLE temp.users")
    connection.execute("ATTACH ':memory:' AS other")
    connection.execute("CREATE TABLE other.dogs AS SELECT 'Cleo' AS name")
    assert fetch(connection, "SELECT name FROM dogs") == [("Cleo",)]
    connection.execute("UPDATE dogs SET name = 'Pancakes'")
    connection.commit()
    assert fetch(connection, "SELECT name FROM dogs") == [("Pancakes",)]


@pytest.mark.parametrize("where", [":memory:", "", "file:shared?mode=memory&cache=shared"])
def test_databases_without_a_file_bypass_the_cache(module: Any, where: str) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        return conn.execute(query).fetchall()

    for name in ("Cleo", "Pancakes"):
        with closing(sqlite3.connect(where, uri=True)) as connection:
            connection.execute(f"CREATE TABLE dogs AS SELECT '{name}' AS name")
            connection.commit()
            assert fetch(connection, "SELECT name FROM dogs") == [(name,)]
            connection.execute("DELETE FROM dogs")
            connection.commit()
            assert fetch(connection, "SELECT name FROM dogs") == []
