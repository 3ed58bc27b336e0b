#!/usr/bin/env python3
"""Use a database for one `with` block: commit when the block succeeds, roll back when it fails, always close.

`with sqlite3.connect(...)` does only half of this. It commits or rolls back, but leaves the connection open:
the file stays open, and if rows are still unread, the next writer finds the database locked.
"""

from __future__ import annotations

import sqlite3

import common
import seed
from closing_connection import ClosingConnection

ALL_USERS = "SELECT id, name, email, age FROM users ORDER BY id"


class DatabaseConnection:
    """A connection to `database`, by default users.db, for `with` blocks one after another, not nested."""

    def __init__(self, database: str | None = None) -> None:
        self.database = database
        self.in_use = False

    def __enter__(self) -> sqlite3.Connection:
        database = common.database_path() if self.database is None else self.database
        if self.in_use:
            raise RuntimeError(f"{database!r}: this object is in use; a second block needs one of its own")
        self.connection = sqlite3.connect(database, factory=ClosingConnection)
        self.in_use = True
        return self.connection

    def __exit__(self, exc_type: type[BaseException] | None, *_: object) -> None:
        self.in_use = False
        try:
            if exc_type is None:
                self.connection.commit()
        finally:
            self.connection.close()  # SQLite rolls back whatever is not committed


def demo() -> None:
    with DatabaseConnection(seed.seeded_database()) as connection:
        for user in connection.execute(ALL_USERS):
            print(user)


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
