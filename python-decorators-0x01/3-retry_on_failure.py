#!/usr/bin/env python3
"""Try again when an error can pass by itself, a locked database for example, and only then.

Without it, a lock that lasts a moment too long is an error for the user. With a careless one, a misspelt
table name is tried again and again, and all who were locked out come back together, to lock each other out.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import logging
import math
import random
import sqlite3
import time
from contextlib import closing
from typing import Any, Callable, TypeVar, cast

import common
import seed

one_line = importlib.import_module("0-log_queries").one_line
with_db_connection: common.Decorator = importlib.import_module("1-with_db_connection").with_db_connection

logger = logging.getLogger(__name__)
sleep = time.sleep  # a name of its own, so that a test can replace it

BUSY, LOCKED = 5, 6  # primary result codes of SQLite: the lowest byte of an error code
MESSAGES = ("database is locked", "database table is locked", "database schema is locked")

Function = TypeVar("Function", bound=Callable[..., Any])


def is_transient(error: BaseException) -> bool:
    """Tell whether an error says that SQLite's database is busy or locked."""
    if not isinstance(error, sqlite3.Error):
        return False
    code = getattr(error, "sqlite_errorcode", None)  # Python 3.11 and later
    if code is None:
        return str(error).startswith(MESSAGES)
    return code & 0xFF in (BUSY, LOCKED)


def retry_on_failure(
    retries: int = 3, delay: float = 2, *, retry_on: Any = is_transient, max_delay: float = 30
) -> Callable[[Function], Function]:
    """Call the function up to `retries` times, as long as it raises what can pass by itself.

    `retry_on` is an exception type, a tuple of them, or a function that is asked about each error. The pause
    before the first retry is random, from 0 to `delay` seconds; the upper end doubles, up to `max_delay`.
    """
    if type(retries) is not int or retries < 1:
        raise ValueError(f"retries must be a whole number of at least 1, not {retries!r}")
    for name, seconds in (("delay", delay), ("max_delay", max_delay)):
        if type(seconds) not in (int, float) or not 0 <= seconds < math.inf:
            raise ValueError(f"{name} must be a number of seconds, 0 or more, not {seconds!r}")
    is_worth_it = as_predicate(retry_on)

    def decorate(function: Function) -> Function:
        common.check_function("retry_on_failure", function)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            longest = min(delay, max_delay)
            for call in range(1, retries):
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if not is_worth_it(error):
                        raise
                    reason = one_line(f"{type(error).__name__}: {error}")
                # A random pause spreads out those who failed together; a fixed one lets them collide again.
                pause = random.uniform(0, longest)
                logger.warning("call %d of %d failed, next in %.1f s: %s", call, retries, pause, reason)
                sleep(pause)
                longest = min(longest * 2, max_delay)
            return function(*args, **kwargs)  # the last call: its error is the caller's

        return cast(Function, wrapper)

    return decorate


def as_predicate(retry_on: Any) -> Callable[[Exception], bool]:
    """Return a function that tells whether an error is to be retried."""
    types = retry_on if isinstance(retry_on, tuple) else (retry_on,)
    if types and all(isinstance(kind, type) and issubclass(kind, Exception) for kind in types):
        return lambda error: isinstance(error, types)
    if callable(retry_on) and not isinstance(retry_on, type):
        return cast("Callable[[Exception], bool]", retry_on)
    raise ValueError(f"retry_on must be exception types or a function, not {retry_on!r}")


@with_db_connection
@retry_on_failure(retries=3, delay=1)
def fetch_users_with_retry(conn: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Return all users."""
    cursor = conn.cursor()
    cursor.execute("SELECT * FROM users")
    return cursor.fetchall()


@retry_on_failure(retries=3, delay=0.2)
@with_db_connection
def count_users(conn: sqlite3.Connection, somebody: sqlite3.Connection, calls: list[int]) -> int:
    """Return the number of users; `somebody`, who has locked the database, lets go at the third call."""
    calls.append(len(calls) + 1)
    if len(calls) == 3:
        somebody.execute("ROLLBACK")
    conn.execute("PRAGMA busy_timeout = 0")  # only here: 5 seconds of waiting make a slow demo
    return int(conn.execute("SELECT count(*) FROM users").fetchone()[0])


def demo(arguments: argparse.Namespace) -> None:
    logging.basicConfig(format="%(message)s")
    seed.seeded_database()
    users = fetch_users_with_retry()
    print(users[0], flush=True)  # before the log lines below, also in a file
    with closing(sqlite3.connect(common.database_path(), isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        print(count_users(somebody, calls=[]), "users, at the third call")


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
