#!/usr/bin/env python3
"""Answer a query that was asked before from memory, and never with an answer that is out of date.

A dictionary from SQL to rows, the usual solution, answers for ever what was true once, gives the rows of
user 1 to whoever asks for user 2, hands the same list to everybody, and grows until the memory is full.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import pickle
import sqlite3
import threading
from typing import Any, Callable, NamedTuple, Protocol, cast

import cache_keys
import common
import freshness
import seed
from bounded_cache import BoundedCache, pickled

query_finder = importlib.import_module("0-log_queries").query_finder
with_db_connection: common.Decorator = importlib.import_module("1-with_db_connection").with_db_connection
transactional = importlib.import_module("2-transactional")

query_cache = BoundedCache(max_results=128, max_rows=100_000)

ROW_BYTES = 1024  # a row with a photo in it counts as many rows


class CacheInfo(NamedTuple):
    """What functools.lru_cache calls by these names; maxsize is shared by all cached functions."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


class CachedFunction(Protocol):
    """A function with the two methods that functools.lru_cache adds."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def cache_info(self) -> CacheInfo: ...
    def cache_clear(self) -> None: ...


def cache_query(function: Callable[..., Any]) -> CachedFunction:
    """Answer a call like an earlier one from memory, as long as nobody has committed to the database since.

    Without a connection among its arguments, the function is taken to read the database that USERS_DB names.
    What is not known to be safe is not cached: the call goes to the function as if nothing stood in between.
    """
    common.check_function("cache_query", function)
    find_query = query_finder(function)
    lock = threading.Lock()
    hits = misses = 0

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        nonlocal hits, misses
        connection = transactional.find_connection(args, kwargs)
        query = find_query(args, kwargs)
        values = cache_keys.describe(args, kwargs, connection) or ""
        before = cache_keys.look(connection) if query and values else None
        key = (function, before and (before.path, before.settings, values))
        copy = query_cache.get(key, before.version) if before else None
        with lock:
            hits, misses = (hits + 1, misses) if copy is not None else (hits, misses + 1)
        if copy is not None:
            return pickle.loads(copy)
        result = function(*args, **kwargs)
        # The version was read before the query: had it been read after, a commit in between would be missed.
        if before and before == cache_keys.look(connection) and freshness.only_reads(before.path, query):
            copy = pickled(result)
            if copy is not None:
                rows = len(result) if isinstance(result, (dict, list, set, tuple)) else 1
                query_cache.put(key, before.version, copy, max(rows, (len(copy) + len(values)) // ROW_BYTES))
        return result

    def cache_info() -> CacheInfo:
        """Return how many calls were answered from memory, how many were not, how many results are kept."""
        with lock:
            return CacheInfo(hits, misses, query_cache.max_results, query_cache.count(function))

    def cache_clear() -> None:
        """Forget the results of this function, and count from zero."""
        nonlocal hits, misses
        query_cache.discard(function)
        with lock:
            hits = misses = 0

    decorated: Any = wrapper
    decorated.cache_info, decorated.cache_clear = cache_info, cache_clear
    return cast(CachedFunction, decorated)


@with_db_connection
@cache_query
def fetch_users_with_cache(conn: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    cursor = conn.cursor()
    cursor.execute(query)
    return cursor.fetchall()


def demo(arguments: argparse.Namespace) -> None:
    seed.seeded_database()
    users = fetch_users_with_cache(query="SELECT * FROM users")
    users_again = fetch_users_with_cache(query="SELECT * FROM users")
    print(users_again == users, fetch_users_with_cache.cache_info())
    transactional.update_user_email(user_id=1, new_email="Crawford_Cartwright@hotmail.com")
    print(fetch_users_with_cache(query="SELECT * FROM users")[0], fetch_users_with_cache.cache_info())


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
