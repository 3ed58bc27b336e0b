#!/usr/bin/env python3
"""Make a function all or nothing: what it wrote is committed when it returns, and undone when it raises.

Without it, an error halfway leaves half of the work in the database. Most versions of this decorator have
two faults: an inner function commits the work of the outer one, and two writers overwrite each other.
"""

from __future__ import annotations

import functools
import importlib
import sqlite3
from contextlib import contextmanager, suppress
from typing import Any, Callable, Iterator

import common
import seed

connections = importlib.import_module("1-with_db_connection")  # `import 1-...` would be a syntax error


def transactional(function: Callable[..., Any]) -> Any:
    """Commit when the function returns, roll back when it raises.

    Inside a transaction, undo only what this function did, and leave the commit to the outer one.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        connection = common.find_connection(args, kwargs)
        if connection is None:
            raise TypeError(f"{function!r} has no connection; put @with_db_connection above @transactional")
        scope = savepoint if connection.in_transaction else transaction
        with scope(connection):
            return common.finished(function(*args, **kwargs), "transactional")

    return wrapper


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the `with` block writes, or roll it back."""
    try:
        # The write lock, now: whoever reads, calculates and writes has to wait here for the one before.
        connection.execute("BEGIN IMMEDIATE")
        with savepoint(connection):  # a commit() in the block takes it away: that's how we notice
            yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # BEGIN may have failed; and the first error is the one to report
            connection.execute("ROLLBACK")
        raise


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep what the `with` block writes, or undo it; RuntimeError if the block has ended the transaction."""
    connection.execute("SAVEPOINT transactional")  # a mark to go back to; it vanishes with its transaction
    try:
        yield
        connection.execute("RELEASE transactional")
    except BaseException as error:  # of the block, or of RELEASE
        try:
            connection.execute("ROLLBACK TO transactional")
            connection.execute("RELEASE transactional")  # the mark itself, which ROLLBACK TO leaves in place
        except sqlite3.Error as problem:
            if "no such savepoint" in str(problem):
                raise RuntimeError("the function ended the transaction: commit or rollback") from error
        raise  # the first error again


@connections.with_db_connection
@transactional
def update_user_email(conn: sqlite3.Connection, user_id: int, new_email: str) -> None:
    """Give a user a new email address."""
    conn.execute("UPDATE users SET email = ? WHERE id = ?", (new_email, user_id))


@connections.with_db_connection
@transactional
def set_ages(conn: sqlite3.Connection, users: list[dict[str, int | None]]) -> None:
    """Give each of these users a new age."""
    conn.executemany("UPDATE users SET age = :age WHERE id = :id", users)


def demo() -> None:
    seed.seeded_database()
    update_user_email(user_id=1, new_email="Crawford_Cartwright@hotmail.com")
    try:
        set_ages([{"id": 1, "age": 37}, {"id": 2, "age": None}])  # None isn't allowed: 37 has to go, too
    except sqlite3.IntegrityError as error:
        print("rolled back:", error)
    print(connections.get_user_by_id(1))


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
