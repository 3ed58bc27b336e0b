"""2-transactional: whatever ends the transaction early is an error that says so."""

from __future__ import annotations

import sqlite3
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
    """What the tests raise."""


def commit(conn: sqlite3.Connection) -> None:
    conn.commit()


def roll_back(conn: sqlite3.Connection) -> None:
    conn.rollback()


def commit_and_begin(conn: sqlite3.Connection) -> None:
    conn.execute("COMMIT")
    conn.execute("BEGIN")
    add(conn, "late")


def leave_a_with_block(conn: sqlite3.Connection) -> None:
    with conn:
        add(conn, "in the block")


def run_a_script(conn: sqlite3.Connection) -> None:
    conn.executescript("SELECT 1")  # sqlite3 commits before it runs a script


ENDINGS = [commit, roll_back, commit_and_begin, leave_a_with_block, run_a_script]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_body_that_ends_the_transaction_itself_is_an_error(
    module: Any, connection: Any, names: Any, ending: Any
) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "early")
        ending(conn)

    with pytest.raises(RuntimeError, match="the function ended the transaction"):
        work(connection)
    assert "late" not in names()
    assert not connection.in_transaction


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_inner_body_that_ends_the_transaction_cannot_hide_it_from_the_outer_function(
    module: Any, connection: Any, names: Any, ending: Any
) -> None:
    @module.transactional
    def inner(conn: sqlite3.Connection) -> None:
        ending(conn)

    @module.transactional
    def outer(conn: sqlite3.Connection) -> None:
        add(conn, "outer")
        with pytest.raises(RuntimeError, match="the function ended the transaction"):
            inner(conn)

    with pytest.raises((RuntimeError, sqlite3.ProgrammingError)):
        outer(connection)
    assert "late" not in names()


def test_a_rollback_by_sqlite_itself_that_the_body_ignores_is_an_error(module: Any, connection: Any) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "Cleo")
        with pytest.raises(sqlite3.IntegrityError):
            conn.execute("INSERT OR ROLLBACK INTO users VALUES (1, 'x', 'x', 1)")

    with pytest.raises(RuntimeError, match="ended the transaction"):
        work(connection)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_body_that_ends_the_transaction_and_then_raises_is_told_so_too(
    module: Any, connection: Any, names: Any, ending: Any
) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "early")
        ending(conn)
        add(conn, "later")
        raise error

    error = PlannedError()
    connection.isolation_level = "DEFERRED"  # sqlite3 begins another transaction by itself
    with pytest.raises(RuntimeError, match="the function ended the transaction") as caught:
        work(connection)
    assert caught.value.__cause__ is error
    assert "later" not in names()
    assert not connection.in_transaction


def test_an_error_after_which_sqlite_has_rolled_back_is_the_cause(module: Any, connection: Any) -> None:
    @module.transactional
    def work(conn: sqlite3.Connection) -> None:
        add(conn, "Cleo")
        conn.execute("INSERT OR ROLLBACK INTO users VALUES (1, 'x', 'x', 1)")

    with pytest.raises(RuntimeError, match="ended the transaction") as caught:
        work(connection)
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
