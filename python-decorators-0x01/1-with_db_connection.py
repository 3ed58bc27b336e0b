#!/usr/bin/env python3
"""Lend each call of a function a connection of its own, which is closed whatever happens.

Without it, every function opens a connection and must remember to close it, on each way out: the return, the
error, the generator that nobody read to its end. A forgotten one keeps the file open, and perhaps locked.
"""

from __future__ import annotations

import argparse
import functools
import sqlite3
from contextlib import closing
from typing import Any, Callable, Generator, Iterator, Tuple

import common
import seed

BUSY_TIMEOUT = 5  # seconds that a statement waits for somebody else's lock

User = Tuple[int, str, str, int]  # id, name, email, age


def open_connection() -> sqlite3.Connection:
    """Return a new connection to the database, with foreign keys enforced.

    `isolation_level=None` keeps the sqlite3 module from starting transactions behind our back: each
    statement stands for itself until somebody says BEGIN.
    """
    connection = sqlite3.connect(common.database_path(), timeout=BUSY_TIMEOUT, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def with_db_connection(function: Callable[..., Any]) -> Callable[..., Any]:
    """Call the function with a new connection as its first argument, and close it afterwards.

    A generator function keeps its connection until it is exhausted or closed.
    """
    common.check_function("with_db_connection", function, allow_generators=True)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with closing(open_connection()) as connection:
            return function(connection, *args, **kwargs)

    @functools.wraps(function)
    def generator_wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with closing(open_connection()) as connection:
            # A plain `return function(...)` would close the connection before the first row is read.
            result = yield from function(connection, *args, **kwargs)
            return result

    chosen: Callable[..., Any] = generator_wrapper if common.is_generator_function(function) else wrapper
    vars(chosen)["opens_connection"] = True  # its callers pass one argument less than its signature shows
    return chosen


@with_db_connection
def get_user_by_id(conn: sqlite3.Connection, user_id: int) -> User | None:
    """Return the user with this id, or None."""
    cursor = conn.cursor()
    cursor.execute("SELECT * FROM users WHERE id = ?", (user_id,))
    return cursor.fetchone()


@with_db_connection
def stream_names(conn: sqlite3.Connection) -> Iterator[str]:
    """Yield the names of all users, in id order."""
    for (name,) in conn.execute("SELECT name FROM users ORDER BY id"):
        yield name


def demo(arguments: argparse.Namespace) -> None:
    seed.seeded_database()
    user = get_user_by_id(user_id=1)
    print(user)
    with closing(stream_names()) as names:
        print("the first of them:", next(names))


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
