#!/usr/bin/env python3
"""Try again when an error can pass by itself, a locked database for example, and only then.

Without it, a lock that lasts a moment too long is an error for the user. With a careless version, a misspelt
table name is tried again and again, and everybody who was locked out comes back at the same moment.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import logging
import math
import random
import re
import sqlite3
import time
from contextlib import closing
from typing import Any, Callable, Iterator

import common
import seed

with_db_connection = importlib.import_module("1-with_db_connection").with_db_connection

logger = logging.getLogger(__name__)
# Not "SQL statements in progress", which SQLite calls busy, too: those are your own unread rows.
LOCKED = re.compile("database( table| schema)? is locked")


def retry_on_failure(retries: int = 3, delay: float = 2, *, retry_on: Any = (), max_delay: float = 30) -> Any:
    """Call the function up to `retries` times in all, as long as the database is locked.

    `retry_on` is an exception type, or a tuple of them, that can pass as well. The pause before the first
    retry is random, from 0 to `delay` seconds; the upper end doubles each time, up to `max_delay`.
    """
    if type(retries) is not int or retries < 1:  # type(), because True is an int, too
        raise ValueError(f"retries must be a whole number of at least 1, not {retries!r}")
    for name, seconds in (("delay", delay), ("max_delay", max_delay)):
        if type(seconds) not in (int, float) or not 0 <= seconds < math.inf:
            raise ValueError(f"{name} must be a number of seconds, 0 or more, not {seconds!r}")
    types = retry_on if isinstance(retry_on, tuple) else (retry_on,)
    if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in types):
        raise ValueError(f"retry_on must be exception types, not {retry_on!r}")

    def decorate(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            longest = min(delay, max_delay)
            for call in range(1, retries):
                try:
                    return common.finished(function(*args, **kwargs), "retry_on_failure")
                except Exception as error:
                    locked = isinstance(error, sqlite3.Error) and LOCKED.match(str(error))
                    can_pass = locked or isinstance(error, types)
                    if not can_pass:
                        raise
                    # Random, because those who failed together would collide again after a fixed pause.
                    pause = random.uniform(0, longest)
                    logger.warning("call %d of %d failed, next in %.1f s: %r", call, retries, pause, error)
                time.sleep(pause)  # after `except`: until then the error keeps the function's cursors alive
                longest = min(longest * 2, max_delay)
            return common.finished(function(*args, **kwargs), "retry_on_failure")  # the last call

        return wrapper

    return decorate


@with_db_connection
@retry_on_failure(retries=3, delay=1)
def fetch_users_with_retry(conn: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Return all users."""
    return conn.execute("SELECT * FROM users").fetchall()


@retry_on_failure(retries=3, delay=0.2)  # in this order, each call gets a new connection
@with_db_connection
def count_users(conn: sqlite3.Connection, somebody: sqlite3.Connection, calls: Iterator[int]) -> int:
    """Return the number of users; `somebody`, who has locked the database, lets go at the third call."""
    if next(calls) == 3:
        somebody.execute("ROLLBACK")
    conn.execute("PRAGMA busy_timeout = 0")  # only here: 5 seconds of waiting make a slow demo
    return int(conn.execute("SELECT count(*) FROM users").fetchone()[0])


def demo() -> None:
    logging.basicConfig(format="%(message)s")
    path = seed.seeded_database()
    print(fetch_users_with_retry()[0], flush=True)  # before the log lines below, also in a file
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        print(count_users(somebody, itertools.count(1)), "users, at the third call")


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
