"""What an answer depends on, for 4-cache_query: the values of a call, and the state of its database.

Both are None where that cannot be told for certain. Then the call is not cached.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any, Hashable, NamedTuple, cast

import common
import freshness

PLAIN_TYPES = (type(None), bool, int, float, str, bytes)
# What decides on an answer besides the rows. The last one finds out about PRAGMA case_sensitive_like.
SETTINGS = ["reverse_unordered_selects", "short_column_names", "full_column_names"]
QUESTIONS = [*(f"PRAGMA {name}" for name in SETTINGS), "SELECT 'a' LIKE 'A'"]


class Sight(NamedTuple):
    """What we know about a database at one moment; nothing has happened between two that are equal."""

    path: str
    settings: Hashable
    version: freshness.Version


def look(connection: sqlite3.Connection | None) -> Sight | None:
    """Return the present state of a connection's database, or None where an answer must not be cached."""
    try:
        if connection is None:
            path = os.path.realpath(common.database_path())
            return Sight(path, None, freshness.watchers.version(path))
        if connection.in_transaction or connection.text_factory is not str:
            return None  # inside a transaction are rows that nobody else sees, and that a rollback takes away
        cursor = connection.cursor()
        cursor.row_factory = None
        (_, _, path), *others = cursor.execute("PRAGMA database_list").fetchall()
        if others or cursor.execute("PRAGMA read_uncommitted").fetchone() != (0,):
            return None  # TEMP tables, attached databases, rows of others that are not committed yet
        settings = (connection.row_factory, *(cursor.execute(question).fetchone() for question in QUESTIONS))
        hash(settings)
        return Sight(path, settings, freshness.watchers.version(path))
    except (OSError, sqlite3.Error, TypeError, ValueError):
        return None  # no file, a lock, a closed connection: if something is wrong, the function will say so


def is_plain(value: object) -> bool:
    """Tell whether the repr of a value says all about it: those of 1, 1.0, True and "1" differ."""
    if type(value) is dict:
        return all(is_plain(part) for item in value.items() for part in item)
    if type(value) in (list, tuple):
        return all(is_plain(part) for part in cast("list[object]", value))
    return type(value) in PLAIN_TYPES


def describe(args: Any, kwargs: dict[str, Any], connection: sqlite3.Connection | None) -> str | None:
    """Return a text that only calls with the same values have in common, or None where there is none."""
    try:
        if not all(value is connection or is_plain(value) for value in (*args, *kwargs.values())):
            return None
        positional = [... if value is connection else value for value in args]
        named = [(name, ... if value is connection else value) for name, value in sorted(kwargs.items())]
        return repr((positional, named))
    except (RecursionError, ValueError):
        return None
