"""4-cache_query: what is cached at all. Statements that only read the file, and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

import pytest

FOLDER = "python-decorators-0x01"
ADA = "SELECT age FROM users WHERE id = 1"


@pytest.fixture(params=["delete", "wal"])
def database(request: pytest.FixtureRequest, users_db: Path) -> Path:
    """The path of users.db, in both journal modes."""
    with closing(sqlite3.connect(users_db)) as connection:
        assert connection.execute(f"PRAGMA journal_mode = {request.param}").fetchone() == (request.param,)
    return users_db


@pytest.fixture
def module(load: Callable[[str], ModuleType], database: Path) -> Any:
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


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT random()",
        "SELECT hex(randomblob(8)) FROM users",
        "SELECT datetime('now')",
        "SELECT CURRENT_TIMESTAMP",
        "SELECT strftime('%s', 'now')",
        "SELECT last_insert_rowid()",
        "SELECT changes()",
        "SELECT total_changes()",
        "SELECT * FROM (SELECT name FROM users ORDER BY random())",
        "WITH r AS (SELECT random()) SELECT * FROM r",
        "SELECT * FROM dice",
        "SELECT * FROM pragma_user_version",
        "SELECT * FROM sqlite_master",
        "PRAGMA user_version",
        "PRAGMA data_version",
        "EXPLAIN SELECT 1",
        "BEGIN",
        "VACUUM",
        "REINDEX",
        "ANALYZE",
        "DELETE FROM users WHERE id = 99",
        "DELETE FROM users",
        "UPDATE users SET age = 1",
        "WITH ids AS (SELECT 1) DELETE FROM users WHERE id IN ids",
        "REPLACE INTO users VALUES (1, 'Pancakes', 'p@example.com', 3)",
        "CREATE TABLE dogs (name)",
        "/* SELECT */ DROP TABLE users",
        "-- SELECT\nDELETE FROM users",
        "ATTACH ':memory:' AS other",
        pytest.param(
            "INSERT INTO users (name, email, age) VALUES ('a', 'b', 1) RETURNING id",
            marks=pytest.mark.skipif(
                sqlite3.sqlite_version_info < (3, 35), reason="RETURNING came with 3.35"
            ),
        ),
    ],
)
def test_only_statements_that_read_the_file_and_nothing_else_are_cached(
    module: Any, other: Any, sql: str
) -> None:
    @module.with_db_connection
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        calls.append(query)
        return "an answer"  # even if the body changes nothing: the statement alone decides

    calls: list[str] = []
    other.execute("CREATE VIEW dice AS SELECT abs(random()) % 6 AS eyes")
    for _ in range(3):
        assert fetch(sql) == "an answer"
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT name FROM users WHERE id = ?", (1,)),
        ("select count(*), max(age), upper('a') from users", ()),
        ("SELECT name FROM users WHERE name LIKE :pattern", {"pattern": "%a%"}),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n", ()),
        ("VALUES (1), (2)", ()),
        ("-- a comment\n  SELECT * FROM adults; -- another", ()),
        ("SELECT name, rank() OVER (ORDER BY age) FROM users", ()),
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


def test_a_table_that_becomes_a_view_with_random_rows_is_not_cached_any_more(fetch: Any, other: Any) -> None:
    warm(fetch)
    other.executescript(
        "ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT 1 AS id, random() AS age"
    )
    assert fetch(ADA) != fetch(ADA)


def test_two_statements_in_one_are_run_each_time(module: Any, connection: sqlite3.Connection) -> None:
    @module.cache_query
    def run(conn: sqlite3.Connection, query: str) -> None:
        calls.append(query)

    calls: list[str] = []
    for query in ("SELECT 1; DELETE FROM users", "SELECT ?; DELETE FROM users") * 2:
        run(connection, query)
    assert len(calls) == 4


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
