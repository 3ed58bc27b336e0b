#!/usr/bin/env python3
"""Make several statements one: everything in a `with` block is kept, or nothing is; and such blocks nest.

Without it, an error halfway leaves half of the change behind. DatabaseConnection rolls back too, but always
its whole block, and not a CREATE TABLE before the first row: Python begins a transaction only at that row.
"""

from __future__ import annotations

import importlib
import sqlite3
from contextlib import suppress

import common
import seed

DatabaseConnection = importlib.import_module("0-databaseconnection").DatabaseConnection

SET_AGE = "UPDATE users SET age = ? WHERE id = ?"
AGES = "SELECT name, age FROM users WHERE id <= 2 ORDER BY id"


class Transaction:
    """A transaction on `connection` for a `with` block; inside another transaction, a part of it.

    When a commit or a rollback inside the block ends the transaction early, the block ends in a RuntimeError.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.savepoint = f"transaction_{id(self)}"
        self.in_use = False

    def __enter__(self) -> sqlite3.Connection:
        if self.in_use:  # or the outer block would take itself for an inner one, and not commit
            raise RuntimeError("this Transaction is in use; a block inside it needs a Transaction of its own")
        self.nested = self.connection.in_transaction
        try:  # Ctrl-C can come at any point in here
            if not self.nested:
                # IMMEDIATE takes the write lock now, so a second writer waits here. After a plain BEGIN, two
                # that have both read and now want to write would wait for each other: SQLite fails one.
                self.connection.execute("BEGIN IMMEDIATE")
            # A mark to go back to. It's gone when its transaction is: that's how __exit__ notices, and why
            # the outermost block has one, too.
            self.connection.execute(f"SAVEPOINT {self.savepoint}")
        except BaseException:
            if not self.nested:
                self.roll_back()
            raise
        self.in_use = True
        return self.connection

    def __exit__(self, exc_type: object, error: BaseException | None, traceback: object) -> None:
        self.in_use = False
        try:
            if error is not None:
                self.connection.execute(f"ROLLBACK TO {self.savepoint}")
            self.connection.execute(f"RELEASE {self.savepoint}")  # fails if the transaction has ended
            if not self.nested:
                self.connection.execute("COMMIT" if error is None else "ROLLBACK")
        except BaseException as problem:
            self.roll_back()  # of the outer blocks as well
            if "no such savepoint" in str(problem):
                raise RuntimeError("a commit or a rollback in the block has ended its transaction") from error
            if error is None or not isinstance(problem, sqlite3.Error):
                raise
            # Otherwise Python goes on with the error of the block, which matters more.

    def roll_back(self) -> None:
        """Undo all that is not committed; if even that fails, close the connection, and SQLite does it."""
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        except sqlite3.Error:
            self.connection.close()


class DemoError(Exception):
    """Raised by the demo, to fail a block."""


def demo() -> None:
    with DatabaseConnection(seed.seeded_database()) as connection:
        with suppress(DemoError), Transaction(connection):
            connection.execute(SET_AGE, (37, 1))  # was 36
            with suppress(DemoError), Transaction(connection):
                connection.execute(SET_AGE, (53, 2))  # was 52
                print("both blocks ran:", connection.execute(AGES).fetchall())
                raise DemoError
            print("inner undone:   ", connection.execute(AGES).fetchall())
            raise DemoError
        print("outer undone:   ", connection.execute(AGES).fetchall())


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
