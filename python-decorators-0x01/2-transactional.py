#!/usr/bin/env python3
"""Make a function all or nothing: what it wrote is committed when it returns, and undone when it raises.

Without it, an error halfway leaves half of the work in the database. Most versions of this decorator also
commit the outer function's work when an inner one returns, and let two writers overwrite each other.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import itertools
import logging
import sqlite3
from contextlib import suppress
from typing import Any, Callable, TypeVar, cast

import common
import seed

with_db_connection: common.Decorator = importlib.import_module("1-with_db_connection").with_db_connection

logger = logging.getLogger(__name__)
numbers = itertools.count(1)

Function = TypeVar("Function", bound=Callable[..., Any])


def find_connection(args: tuple[Any, ...], kwargs: dict[str, Any]) -> sqlite3.Connection | None:
    """Return the first connection among the arguments of a call, or None."""
    arguments = (*args, *kwargs.values())
    return next((argument for argument in arguments if isinstance(argument, sqlite3.Connection)), None)


def transactional(function: Function) -> Function:
    """Commit when the function returns, roll back when it raises anything, KeyboardInterrupt included.

    Inside an open transaction the call is a savepoint: if it fails, only its own work is undone, and whoever
    opened the transaction decides about the rest. A body that commits or rolls back itself is a RuntimeError.
    """
    common.check_function("transactional", function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        connection = find_connection(args, kwargs)
        if connection is None:
            raise TypeError(f"{function!r} has no connection to work on; put @with_db_connection above this")
        nested = connection.in_transaction
        savepoint = f"transactional_{next(numbers)}"
        try:
            if not nested:
                # A plain BEGIN takes the write lock only at the first write. Of two that have read by then,
                # one fails at once. With IMMEDIATE the second waits, before it reads.
                connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"SAVEPOINT {savepoint}")
            result = function(*args, **kwargs)
            release(connection, savepoint, function)
            if not nested:
                connection.execute("COMMIT")
        except BaseException:
            undo(connection, savepoint if nested else None)
            raise
        return result

    return cast(Function, wrapper)


def release(connection: sqlite3.Connection, savepoint: str, function: object) -> None:
    """Give up the savepoint; it is only missing if the transaction it was set in is over."""
    try:
        connection.execute(f"RELEASE {savepoint}")
    except sqlite3.OperationalError as error:
        if "no such savepoint" not in str(error):
            raise
        raise RuntimeError(f"{function!r} ended the transaction itself, by a commit or a rollback") from error


def undo(connection: sqlite3.Connection, savepoint: str | None) -> None:
    """Roll back, to the savepoint if there is one; no error of its own may hide the one that led here."""
    try:
        if not connection.in_transaction:
            return  # BEGIN failed, or SQLite itself has rolled back: on a full disk, for example
        if savepoint:
            connection.execute(f"ROLLBACK TO {savepoint}")
            connection.execute(f"RELEASE {savepoint}")
        else:
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        logger.warning("closing the connection, because the rollback failed: %s", error)
        # Nobody can commit the remains now.
        with suppress(sqlite3.Error):
            connection.close()


@with_db_connection
@transactional
def update_user_email(conn: sqlite3.Connection, user_id: int, new_email: str) -> None:
    """Give a user a new email address."""
    cursor = conn.cursor()
    cursor.execute("UPDATE users SET email = ? WHERE id = ?", (new_email, user_id))


@with_db_connection
@transactional
def swap_ages(conn: sqlite3.Connection, one: int, other: int, fail: bool = False) -> None:
    """Exchange the ages of two users, or fail halfway."""
    (age,) = conn.execute("SELECT age FROM users WHERE id = ?", (one,)).fetchone()
    conn.execute("UPDATE users SET age = (SELECT age FROM users WHERE id = ?) WHERE id = ?", (other, one))
    if fail:
        raise ArithmeticError("something went wrong in the middle")
    conn.execute("UPDATE users SET age = ? WHERE id = ?", (age, other))


@with_db_connection
def print_users(conn: sqlite3.Connection, *user_ids: int) -> None:
    for user_id in user_ids:
        print(*conn.execute("SELECT * FROM users WHERE id = ?", (user_id,)))


def demo(arguments: argparse.Namespace) -> None:
    seed.seeded_database()
    update_user_email(user_id=1, new_email="Crawford_Cartwright@hotmail.com")
    try:
        swap_ages(1, 2, fail=True)
    except ArithmeticError as error:
        print("rolled back:", error)
    print_users(1, 2)


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
