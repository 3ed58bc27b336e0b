#!/usr/bin/env python3
"""Call a function again when the database could not answer just now.

Write a decorator that takes settings. It calls the function below it until one call succeeds, but not forever,
and it waits before each new call.

Example, in which the database is busy at the first two calls:

    $ python3 3-retry_on_failure.py
    call 1
    call 2
    call 3
    [(1, 'Ada Abara', ...)]

Check:  make check REPO=... ONLY=decorators/3  (in the clone)
Lesson: python-decorators-0x01/README.md, section 3
"""

import functools
import importlib
import sqlite3
import time

# The curriculum has you paste your with_db_connection here. Importing it from exercise 1 does the same, and
# there is only one copy to look after. Replace the next line with a copy if you prefer.
with_db_connection = importlib.import_module("1-with_db_connection").with_db_connection


def retry_on_failure(retries=3, delay=2):
    """Make a decorator that calls a function several times.

    In:  how many calls to make at most, and roughly how many seconds to wait between two of them.
    Out: a decorator. The function that it returns gives its caller the result of the first call that
         succeeds, or the error of the last one if all fail.
    """
    raise NotImplementedError("Your turn: write retry_on_failure in 3-retry_on_failure.py")


if __name__ == "__main__":
    calls = []

    @with_db_connection
    @retry_on_failure(retries=3, delay=1)
    def fetch_users_with_retry(conn):
        calls.append("call")
        print("call", len(calls))
        if len(calls) < 3:
            raise sqlite3.OperationalError("database is locked")  # as when another program writes for long
        cursor = conn.cursor()
        cursor.execute("SELECT * FROM users")
        return cursor.fetchall()

    users = fetch_users_with_retry()
    print(users)
