#!/usr/bin/env python3
"""Make a function all or nothing: what it wrote is committed when it returns, and undone when it raises.

Without it, an error halfway leaves half of the work in the database. Most versions of this decorator also
commit the outer function's work when an inner one returns, and let two writers overwrite each other.
"""

from __future__ import annotations

import functools
import importlib
import sqlite3
from contextlib import contextmanager
from typing import Any, Callable, Iterator

import common
import seed

connections = importlib.import_module("1-with_db_connection")


def transactional(function: Callable[..., Any]) -> Any:
    """Commit when the function returns, roll back when it raises; inside a transaction, only its own part.

    `@transactional` above `def update` is short for `update = transactional(update)`.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with transaction(common.need_connection(function, args, kwargs)):
            return common.finished(function(*args, **kwargs), "transactional")

    return wrapper


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep what the `with` block writes, or undo it; RuntimeError if it ends the transaction itself."""
    outermost = not connection.in_transaction
    try:
        if outermost:
            # IMMEDIATE takes the write lock now: a second writer waits, before it has read.
            connection.execute("BEGIN IMMEDIATE")
        # A mark to go back to, also in a transaction of our own: when that ends early, the mark is gone.
        connection.execute("SAVEPOINT transactional")
        try:
            yield
        except BaseException as error:
            end(connection, outermost, error)
            raise
        end(connection, outermost, None)
    except BaseException:
        if outermost:
            common.roll_back(connection)  # what a failed statement or a Ctrl-C has left open
        raise


def end(connection: sqlite3.Connection, outermost: bool, error: BaseException | None) -> None:
    """Keep or undo the part since the savepoint, and with the outermost part the whole transaction."""
    try:
        if error is not None:
            connection.execute("ROLLBACK TO transactional")
        connection.execute("RELEASE transactional")
        if outermost:
            connection.execute("COMMIT" if error is None else "ROLLBACK")
    except BaseException as problem:
        if error is not None:
            common.roll_back(connection)
        if "no such savepoint" in str(problem):
            raise RuntimeError("the function ended the transaction itself: by commit or rollback") from error
        if error is None or not isinstance(problem, sqlite3.Error):
            raise


@connections.with_db_connection
@transactional
def update_user_email(conn: sqlite3.Connection, user_id: int, new_email: str) -> None:
    """Give a user a new email address."""
    conn.execute("UPDATE users SET email = ? WHERE id = ?", (new_email, user_id))


@connections.with_db_connection
@transactional
def set_ages(conn: sqlite3.Connection, ages: dict[int, int | None]) -> None:
    for user_id, age in ages.items():
        conn.execute("UPDATE users SET age = ? WHERE id = ?", (age, user_id))


def demo(arguments: object) -> None:
    seed.seeded_database()
    update_user_email(user_id=1, new_email="Crawford_Cartwright@hotmail.com")
    try:
        set_ages({1: 37, 2: None})
    except sqlite3.IntegrityError as error:
        print("rolled back:", error)
    print(connections.get_user_by_id(1))


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
