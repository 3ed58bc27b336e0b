#!/usr/bin/env python3
"""Make several statements one: all of a `with` block is kept, or nothing is; and such blocks nest.

Without it an error in the middle leaves half a change behind. DatabaseConnection rolls back too, but only
everything at once, and not a CREATE TABLE that came before the first row was written.
"""

from __future__ import annotations

import argparse
import importlib
import sqlite3
from contextlib import suppress

import common
import seed

DatabaseConnection = importlib.import_module("0-databaseconnection").DatabaseConnection

SET_AGE = "UPDATE users SET age = ? WHERE id = ?"
AGES = "SELECT name, age FROM users WHERE id <= 2 ORDER BY id"


class Transaction:
    """A transaction on `connection` for a `with` block; inside another transaction, a savepoint in it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.savepoint = f"transaction_{id(self)}"
        self.in_use = False

    def __enter__(self) -> sqlite3.Connection:
        if self.in_use:
            raise RuntimeError(
                f"{self.savepoint} is in use; a block inside it needs a Transaction of its own"
            )
        self.nested = self.connection.in_transaction
        try:
            # IMMEDIATE takes the write lock now: a second writer waits here. Two that both read first and
            # then want to write would wait for each other, so SQLite fails one of them at once.
            self.connection.execute(f"SAVEPOINT {self.savepoint}" if self.nested else "BEGIN IMMEDIATE")
        except sqlite3.Error:
            raise  # nothing has begun
        except BaseException:  # Ctrl-C in the moment after it has
            self.undo()
            raise
        self.in_use = True
        return self.connection

    def __exit__(self, exc_type: type[BaseException] | None, *_: object) -> None:
        self.in_use = False
        if exc_type is not None:
            return self.undo()
        try:
            self.connection.execute(f"RELEASE {self.savepoint}" if self.nested else "COMMIT")
        except BaseException:
            self.undo()  # after a COMMIT that fails, everything is still open
            raise

    def undo(self) -> None:
        """Roll back; if even that fails, close the connection, and SQLite does it: no half is kept."""
        try:
            if not self.connection.in_transaction:
                return  # SQLite has rolled back by itself, as it does when the disk is full
            if self.nested:
                self.connection.execute(f"ROLLBACK TO {self.savepoint}")
                self.connection.execute(f"RELEASE {self.savepoint}")
            else:
                self.connection.execute("ROLLBACK")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                self.connection.close()


def demo(arguments: argparse.Namespace) -> None:
    with DatabaseConnection(seed.seeded_database()) as connection:
        with suppress(ZeroDivisionError), Transaction(connection):
            connection.execute(SET_AGE, (37, 1))
            with suppress(ZeroDivisionError), Transaction(connection):
                connection.execute(SET_AGE, (53, 2))
                print("both blocks ran:", connection.execute(AGES).fetchall())
                1 / 0  # noqa: B018
            print("inner undone:   ", connection.execute(AGES).fetchall())
            1 / 0  # noqa: B018
        print("outer undone:   ", connection.execute(AGES).fetchall())


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
