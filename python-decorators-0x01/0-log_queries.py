#!/usr/bin/env python3
"""Log each query, and how long it took, without touching the function that runs it.

A print of the SQL says nothing about time or failure, gets mixed up with the program's output, and often
shows every password that was passed along. Here values stay out of the log unless you ask for them.
"""

from __future__ import annotations

import functools
import inspect
import logging
import reprlib
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timezone
from typing import Any

import common
import seed

logger = logging.getLogger(__name__)


def find_query(signature: inspect.Signature, args: Any, kwargs: Any) -> Any:
    """Return what a call passes for the parameter `query` or `sql`; None if there is none."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return None  # the arguments don't fit: the function itself will say so
    bound.apply_defaults()
    passed = {**kwargs, **bound.arguments}  # bind puts extra keywords inside "options"
    return passed.get("query", passed.get("sql"))


def log_queries(function: Any = None, *, values: bool = False) -> Any:
    """Log a line before each call, with the time and the SQL, and one after it, with the duration.

    `@log_queries` above `def fetch` is short for `fetch = log_queries(fetch)`. For an error it logs only the
    type; `@log_queries(values=True)` adds its text and, shortened, all arguments.
    """
    if function is None:  # there were parentheses, and the function comes next
        return functools.partial(log_queries, values=values)
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        query = find_query(signature, args, kwargs)
        # repr() writes a line break as \n: a real one in the SQL could look like a second entry.
        what = repr(query if isinstance(query, str) else wrapper.__qualname__)
        details = f" with {reprlib.repr(args)} {reprlib.repr(kwargs)}" if values else ""
        logger.info("%s query %s%s", datetime.now(timezone.utc).isoformat(), what, details)
        outcome = "took"
        start = time.perf_counter()
        try:
            return common.finished(function(*args, **kwargs), "log_queries")
        except BaseException as error:
            outcome = f"failed with {repr(error) if values else type(error).__name__} after"
            raise
        finally:
            logger.info("query %s %s %.1f ms", what, outcome, (time.perf_counter() - start) * 1000)

    return wrapper


@log_queries
def fetch_all_users(query: str) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with closing(sqlite3.connect(common.database_path())) as connection:
        return connection.execute(query).fetchall()


def demo() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    seed.seeded_database()
    users = fetch_all_users(query="SELECT * FROM users")
    for user in users:
        print(user)


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
