#!/usr/bin/env python3
"""Run one query, and hand its rows to a `with` block.

Write another context manager. This one opens users.db, runs the query and closes the connection, so all that
is left to do in the block is to read the rows. A query may also write, and then the change has to stay.

Example, which asks for the users over 25:

    $ python3 1-execute.py | head -n 3
    (1, 'Ada Abara', 'ada.abara@example.com', 36)
    (2, 'Bruno Keller', 'bruno.keller@example.com', 52)
    (4, 'Dmitri Volkov', 'dmitri.volkov@example.com', 41)
    $ python3 1-execute.py | wc -l
    9

Check:  make check REPO=... ONLY=context/1  (in the clone)
Lesson: python-context-async-operations-0x02/README.md, section 1
"""

import sqlite3


class ExecuteQuery:
    """The rows of one query, for the length of a `with` block."""

    def __init__(self, query, params=()):
        """In: the SQL, with a `?` for each value, and the values in a tuple."""
        raise NotImplementedError("Your turn: write ExecuteQuery.__init__ in 1-execute.py")

    def __enter__(self):
        """Out: the rows of the query, in a list."""
        raise NotImplementedError("Your turn: write ExecuteQuery.__enter__ in 1-execute.py")

    def __exit__(self, exc_type, exc_value, traceback):
        """Close the connection.

        In:  the type, the value and the traceback of the error that ended the block, or None three times.
        Out: nothing, so that an error reaches the caller.
        """
        raise NotImplementedError("Your turn: write ExecuteQuery.__exit__ in 1-execute.py")


if __name__ == "__main__":
    with ExecuteQuery("SELECT * FROM users WHERE age > ?", (25,)) as rows:
        for row in rows:
            print(row)
