#!/usr/bin/env python3
"""Use a database for one `with` block, and close it when the block ends.

Write a class with the methods `__enter__` and `__exit__`: a context manager.

Example, from the twelve users in users.db:

    $ python3 0-databaseconnection.py
    [(1, 'Ada Abara', 'ada.abara@example.com', 36), (2, 'Bruno Keller', ...)]

Check:  make check REPO=... ONLY=context/0  (in the clone)
Lesson: python-context-async-operations-0x02/README.md, section 0
"""

import sqlite3


class DatabaseConnection:
    """A connection to a SQLite database that is open as long as its `with` block runs."""

    def __init__(self, database="users.db"):
        """In: the path of the database."""
        raise NotImplementedError("Your turn: write DatabaseConnection.__init__ in 0-databaseconnection.py")

    def __enter__(self):
        """Out: an open connection, which `as` gives a name in the `with` line."""
        raise NotImplementedError("Your turn: write DatabaseConnection.__enter__ in 0-databaseconnection.py")

    def __exit__(self, exc_type, exc_value, traceback):
        """Close the connection.

        In:  the type, the value and the traceback of the error that ended the block, or None three times.
        Out: nothing, so that an error reaches the caller.
        """
        raise NotImplementedError("Your turn: write DatabaseConnection.__exit__ in 0-databaseconnection.py")


if __name__ == "__main__":
    with DatabaseConnection("users.db") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT * FROM users")
        print(cursor.fetchall())
