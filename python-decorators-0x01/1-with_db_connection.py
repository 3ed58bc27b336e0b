#!/usr/bin/env python3
"""Lend each call of a function a connection of its own, which is closed whatever happens.

Without it, every function opens a connection and has to remember to close it on each way out: the return, the
error, the generator that nobody reads to the end. A forgotten one keeps the file open, and perhaps locked.
"""

from __future__ import annotations

import functools
import inspect
import sqlite3
from collections.abc import Generator
from contextlib import closing
from typing import Any, Callable, Iterator

import common
import seed
from closing_connection import ClosingConnection


def open_connection() -> sqlite3.Connection:
    """Return a new connection to the database, on which a statement waits 5 seconds for somebody else's lock.

    With `isolation_level=None` each statement is committed at once, until somebody says BEGIN.
    """
    return sqlite3.connect(common.database_path(), isolation_level=None, factory=ClosingConnection)


def with_db_connection(function: Callable[..., Any]) -> Any:
    """Call the function with a new connection as its first argument, and close it afterwards.

    A generator keeps its connection until it is exhausted or closed.
    """
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        raise TypeError(f"{function.__qualname__} is a method, whose first argument can't be the connection")

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        connection = open_connection()
        result = None
        try:
            result = function(connection, *args, **kwargs)
        finally:
            if not isinstance(result, Generator):  # after an error, too: then it is still None
                connection.close()
        if not isinstance(result, Generator):
            return common.finished(result, "with_db_connection")
        rows = keep_open(connection, result)
        next(rows)  # as far as the empty yield
        return rows

    # What inspect.signature() reads: help() and decorators above this one see what callers pass, and no more.
    wrapper.__signature__ = signature.replace(parameters=parameters[1:])  # type: ignore[attr-defined]
    return wrapper


def keep_open(connection: sqlite3.Connection, generator: Any) -> Iterator[Any]:
    """Yield None, then what the generator yields, and close the connection at the end."""
    with closing(connection):
        yield  # to be inside the `with` block from the beginning: nobody may ever ask for a row
        return (yield from generator)


@with_db_connection
def get_user_by_id(conn: sqlite3.Connection, user_id: int) -> tuple[Any, ...] | None:
    """Return the user with this id, or None."""
    cursor = conn.cursor()
    cursor.execute("SELECT * FROM users WHERE id = ?", (user_id,))
    return cursor.fetchone()


@with_db_connection
def stream_names(conn: sqlite3.Connection) -> Iterator[str]:
    """Yield the names of all users, in id order."""
    for (name,) in conn.execute("SELECT name FROM users ORDER BY id"):
        yield name


def demo() -> None:
    seed.seeded_database()
    user = get_user_by_id(user_id=1)
    print(user)
    with closing(stream_names()) as names:
        print("the first of them:", next(names))


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
