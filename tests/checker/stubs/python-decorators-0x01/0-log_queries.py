#!/usr/bin/env python3
"""Log every query without touching the functions that run them.

Write a decorator. Before the function below it runs, its SQL is logged: printed, or passed to the module
`logging`. The wording is yours.

Example, from the twelve users in users.db:

    $ python3 0-log_queries.py
    ...SELECT * FROM users...
    [(1, 'Ada Abara', 'ada.abara@example.com', 36), (2, 'Bruno Keller', ...)]

Check:  make check REPO=... ONLY=decorators/0  (in the clone)
Lesson: python-decorators-0x01/README.md, section 0
"""

import functools
import sqlite3


def log_queries(func):
    """Log the SQL of each call of func.

    In:  a function that is given its SQL as the argument `query`.
    Out: a function that is called in the same way, logs the SQL, and returns what func returns.
    """
    raise NotImplementedError("Your turn: write log_queries in 0-log_queries.py")


if __name__ == "__main__":

    @log_queries
    def fetch_all_users(query):
        conn = sqlite3.connect("users.db")
        cursor = conn.cursor()
        cursor.execute(query)
        results = cursor.fetchall()
        conn.close()
        return results

    users = fetch_all_users(query="SELECT * FROM users")
    print(users)
