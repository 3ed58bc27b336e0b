"""Task 1: the rows of one query."""

from __future__ import annotations

import sqlite3
from collections import UserList, deque
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

from support import Load

import pytest

NAMES = "SELECT name FROM users WHERE age > {} ORDER BY id LIMIT 2"
ADD = "INSERT INTO users VALUES (13, 'Mona Reyes', ?, 33)"


@pytest.fixture
def execute_query(load: Load, users_db: Path) -> Any:
    """The class ExecuteQuery, over a freshly seeded users.db."""
    return load("1-execute").ExecuteQuery


def count(path: Path) -> int:
    with closing(sqlite3.connect(str(path))) as connection:
        return int(connection.execute("SELECT count(*) FROM users").fetchone()[0])


@pytest.mark.parametrize("params", [50, 50.0, (50,), [50], range(50, 51), deque([50]), UserList([50])])
def test_parameters_can_be_one_value_or_any_sequence_of_values(execute_query: Any, params: Any) -> None:
    with execute_query(NAMES.format("?"), params) as rows:
        assert rows == [("Bruno Keller",), ("Fiona O'Rourke",)]


def test_parameters_can_have_names(execute_query: Any) -> None:
    with execute_query(NAMES.format(":age"), {"age": 50}) as rows:
        assert rows == [("Bruno Keller",), ("Fiona O'Rourke",)]


def test_a_row_of_another_query_can_be_the_parameters(execute_query: Any, users_db: Path) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT 50 AS age").fetchone()
    with execute_query(NAMES.format("?"), row) as rows:
        assert rows == [("Bruno Keller",), ("Fiona O'Rourke",)]


@pytest.mark.parametrize("value", ["text", b"bytes", bytearray(b"bytes"), memoryview(b"bytes")])
def test_text_and_bytes_are_one_value(execute_query: Any, value: Any) -> None:
    with execute_query("SELECT ?", value) as rows:
        assert rows == [(value,)]


@pytest.mark.parametrize("none", [None, (), [], {}])
def test_none_and_what_is_empty_are_no_parameters(execute_query: Any, none: Any) -> None:
    with execute_query("SELECT count(*) FROM users", none) as rows:
        assert rows == [(12,)]


def test_a_query_without_parameters_needs_none(execute_query: Any) -> None:
    with execute_query("SELECT count(*) FROM users") as rows:
        assert rows == [(12,)]


def test_a_value_cannot_become_part_of_the_query(execute_query: Any, users_db: Path) -> None:
    with execute_query("SELECT id FROM users WHERE name = ?", "x'; DELETE FROM users; --") as rows:
        assert rows == []
    assert count(users_db) == 12


def test_a_write_is_kept(execute_query: Any, users_db: Path) -> None:
    with execute_query(ADD, "mona.reyes@example.com") as rows:
        assert rows == []
    assert count(users_db) == 13


def test_a_write_is_undone_when_the_block_fails(execute_query: Any, users_db: Path) -> None:
    with pytest.raises(ZeroDivisionError), execute_query(ADD, "mona.reyes@example.com"):
        _ = 1 / 0
    assert count(users_db) == 12


@pytest.mark.parametrize("query", ["SELECT nonsense FROM users", "SELECT ?, ?", "not SQL"])
def test_a_query_that_fails_leaves_nothing_open(
    execute_query: Any, open_files: Callable[[], int], query: str
) -> None:
    before = open_files()
    failing = execute_query(query, 1)
    with pytest.raises(sqlite3.Error) as caught, failing:
        pytest.fail("the block must not run")
    assert open_files() == before
    assert caught.value.__traceback__ is not None  # its frames, and what they refer to, are alive until here
    with pytest.raises(sqlite3.Error), failing:
        pytest.fail("the block must not run")  # once more, so it was not left in use


def test_the_connection_is_closed_after_the_block(execute_query: Any, open_files: Callable[[], int]) -> None:
    before = open_files()
    with execute_query("SELECT id FROM users") as rows:
        assert open_files() > before
    assert open_files() == before
    assert len(rows) == 12


def test_an_object_serves_one_block_after_another_but_not_two_at_once(execute_query: Any) -> None:
    query = execute_query("SELECT count(*) FROM users")
    for _ in range(2):
        with query as rows:
            assert rows == [(12,)]
            with pytest.raises(RuntimeError, match="in use"), query:
                pass
