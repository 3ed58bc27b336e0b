#!/usr/bin/env python3
"""Log each query, and how long it took, without touching the function that runs it.

A print of the SQL says nothing about time or failure, gets mixed up with the program's output, and often
shows every password that was passed along. Here values stay out of the log unless you ask for them.
"""

from __future__ import annotations

import functools
import inspect
import itertools
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
numbers = itertools.count(1)  # pairs the two lines of a call when several threads log


def find_query(signature: inspect.Signature, args: Any, kwargs: Any) -> Any:
    """Return what a call passes for the parameter `query` or `sql`; None if there is no such parameter."""
    for place, parameter in enumerate(signature.parameters.values()):
        if parameter.name in ("query", "sql"):
            positional = parameter.kind <= parameter.POSITIONAL_OR_KEYWORD and place < len(args)
            return args[place] if positional else kwargs.get(parameter.name, parameter.default)
    return kwargs.get("query", kwargs.get("sql"))  # there may be a **kwargs


def one_line(text: str) -> str:
    """Return the text with line breaks and the like spelled out: they could forge a second entry."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def log_queries(function: Any = None, *, values: bool = False) -> Any:
    """Log a line before each call, with the time and the SQL, and one after it, with the duration.

    `@log_queries` above `def fetch` is short for `fetch = log_queries(fetch)`. Of an error, only the type is
    logged; with `@log_queries(values=True)` its text is logged, too, and so are all arguments, shortened.
    """
    if function is None:  # there were parentheses, and the function comes next
        return functools.partial(log_queries, values=values)
    signature = inspect.signature(function)
    name = getattr(function, "__qualname__", type(function).__name__)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        number, query = next(numbers), find_query(signature, args, kwargs)
        shown = one_line(query) if isinstance(query, str) else name
        if values:
            shown += one_line(f" with {reprlib.repr(args)} {reprlib.repr(kwargs)}")
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        logger.info("%s query %d: %s", now, number, shown)
        outcome, reason, start = "took", "", time.perf_counter()
        try:
            return common.finished(function(*args, **kwargs), "log_queries")
        except BaseException as error:
            outcome, reason = "failed after", f", {type(error).__name__}"
            if values:  # the text of an error often quotes some
                reason += f": {reprlib.repr(str(error))}"
            raise
        finally:
            milliseconds = (time.perf_counter() - start) * 1000
            logger.info("query %d: %s %.1f ms%s", number, outcome, milliseconds, reason)

    return wrapper


@log_queries
def fetch_all_users(query: str) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with closing(sqlite3.connect(common.database_path())) as connection:
        return connection.execute(query).fetchall()


def demo(arguments: object) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    seed.seeded_database()
    users = fetch_all_users(query="SELECT * FROM users")
    for user in users:
        print(user)


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
