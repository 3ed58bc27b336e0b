"""4-cache_query: what is cached at all. Statements that only read the file, and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

# The fixtures are those of the tests of freshness.
from test_decorators_4_freshness import ADA, FOLDER, connection, database, fetch, module, other, warm  # noqa: F401

import pytest


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
