#!/usr/bin/env python3
"""Log each query, and how long it took, without touching the function that runs it.

A print of the SQL says nothing about time and nothing about failure, mixes with the program's output, and
puts every password that was bound to it on the screen. Here values stay out of the log unless asked for.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import itertools
import logging
import re
import reprlib
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timezone
from typing import Any, Callable, TypeVar, overload

import common
import seed

logger = logging.getLogger(__name__)
numbers = itertools.count(1)  # pairs the two lines of a call when threads mix theirs

BEGINS_LIKE_SQL = re.compile(
    r"\s*(--|/\*|\(|(alter|analyze|attach|begin|commit|create|delete|detach|drop|end|explain|insert|pragma|reindex"
    r"|release|replace|rollback|savepoint|select|update|vacuum|values|with)\b)",
    re.IGNORECASE,
)

Function = TypeVar("Function", bound=Callable[..., Any])


def query_finder(function: Callable[..., Any]) -> Callable[[Any, Any], str | None]:
    """Return a function that finds the SQL of a call: `query`, or the first string that begins like SQL."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # some built-in functions have no signature
        parameters = []
    if getattr(function, "opens_connection", False):
        parameters = parameters[1:]  # with_db_connection, further down, supplies the first argument
    names = [parameter.name for parameter in parameters if parameter.kind != parameter.KEYWORD_ONLY]
    position = names.index("query") if "query" in names else len(names)
    defaults = [parameter.default for parameter in parameters if parameter.name == "query"]

    def find_query(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
        named = [kwargs["query"]] if "query" in kwargs else [*args[position : position + 1], *defaults]
        strings = [value for value in (*args, *kwargs.values()) if isinstance(value, str)]
        sql = [string for string in strings if BEGINS_LIKE_SQL.match(string)]  # the others are values
        return next((candidate for candidate in [*named, *sql] if isinstance(candidate, str)), None)

    return find_query


def one_line(text: str) -> str:
    """Return the text with line breaks and control characters spelled out: they could forge an entry."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def since(start: float) -> float:
    """Return the milliseconds that have passed since `start`."""
    return (time.perf_counter() - start) * 1000


@overload
def log_queries(function: Function) -> Function: ...
@overload
def log_queries(*, values: bool = ...) -> Callable[[Function], Function]: ...
def log_queries(function: Any = None, *, values: bool = False) -> Any:
    """Log a line before each call, with the time and the SQL, and one after it, with the duration.

    A failure is logged with the error's type. With `values`, so are its text and the arguments, shortened.
    """
    if function is None:
        return functools.partial(log_queries, values=values)
    common.check_function("log_queries", function)
    find_query = query_finder(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        number = next(numbers)
        query = find_query(args, kwargs)
        shown = "(no SQL among the arguments)" if query is None else one_line(query)
        if values:
            shown += one_line(f" with {reprlib.repr(args)} {reprlib.repr(kwargs)}")
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        logger.info("%s query %d: %s", now, number, shown)
        start = time.perf_counter()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            # The text of an error can hold values: only its type is safe to log.
            reason = type(error).__name__ + (f": {reprlib.repr(str(error))}" if values else "")
            logger.info("query %d: failed after %.1f ms, %s", number, since(start), reason)
            raise
        logger.info("query %d: took %.1f ms", number, since(start))
        return result

    return wrapper


@log_queries
def fetch_all_users(query: str) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with closing(sqlite3.connect(common.database_path())) as connection:
        return connection.execute(query).fetchall()


def demo(arguments: argparse.Namespace) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    seed.seeded_database()
    users = fetch_all_users(query="SELECT * FROM users")
    for user in users:
        print(user)


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
