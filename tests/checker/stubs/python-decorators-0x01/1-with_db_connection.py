#!/usr/bin/env python3
"""Give a function its database connection, and close it afterwards.

Write a decorator. A function below it takes a connection as its first argument, and whoever calls it
no longer has to think of one.

Example:

    $ python3 1-with_db_connection.py
    (1, 'Ada Abara', 'ada.abara@example.com', 36)

Check:  make check REPO=... ONLY=decorators/1  (in the clone)
Lesson: python-decorators-0x01/README.md, section 1
"""

import functools
import sqlite3


def with_db_connection(func):
    """Open a connection for each call of func.

    In:  a function whose first argument is a connection.
    Out: a function that is called without it. It opens users.db, passes the connection and all arguments on
         to func, and returns what func returns. After the call the connection is closed, whatever happened.
    """
    raise NotImplementedError("Your turn: write with_db_connection in 1-with_db_connection.py")


if __name__ == "__main__":

    @with_db_connection
    def get_user_by_id(conn, user_id):
        cursor = conn.cursor()
        cursor.execute("SELECT * FROM users WHERE id = ?", (user_id,))
        return cursor.fetchone()

    user = get_user_by_id(user_id=1)
    print(user)
