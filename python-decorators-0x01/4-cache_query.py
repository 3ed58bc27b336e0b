#!/usr/bin/env python3
"""Answer a query that was asked before from memory, and never with an answer that is out of date.

A dictionary from SQL to rows, the usual solution, never notices a change, gives user 1 to those who ask for
user 2, hands the same list to everybody, and grows until the memory is full.
"""

from __future__ import annotations

import functools
import importlib
import sqlite3
from collections import Counter, namedtuple
from typing import Any, Callable

import common
import seed
from cache_freshness import file_of, has_unread_rows, snapshot
from cache_memory import BoundedCache, describe

with_db_connection = importlib.import_module("1-with_db_connection").with_db_connection
update_user_email = importlib.import_module("2-transactional").update_user_email

query_cache = BoundedCache(max_results=128, max_rows=100_000)
CacheInfo = namedtuple("CacheInfo", "hits misses maxsize currsize")  # as functools.lru_cache has it


def cache_query(function: Callable[..., Any]) -> Any:
    """Answer a call like an earlier one from memory, as long as nobody has committed to the database since.

    A function that is given no connection is assumed to read the database that USERS_DB names, and no other,
    and not to write.
    """
    counts: Counter[str] = Counter()

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        connection = common.find_connection(args, kwargs)
        arguments = describe(args, kwargs, connection)
        form = (connection.row_factory, connection.text_factory) if connection else ()
        version = snapshot(connection)  # a commit changes it: then nobody finds the old answer any more
        key = (function, arguments, form, version)  # with a None in it, it is never kept, so never found
        make_copy = query_cache.get(key)
        with query_cache.lock:
            counts["hits" if make_copy else "misses"] += 1
        if make_copy:
            return make_copy()
        cacheable = arguments and version and not has_unread_rows(connection)
        result = common.finished(function(*args, **kwargs), "cache_query")
        if cacheable and file_of(connection):  # again: it may have begun a transaction, or attached a file
            query_cache.put(key, result)
        return result

    def cache_info() -> CacheInfo:
        with query_cache.lock:
            size = sum(key[0] is function for key in query_cache.entries)
            return CacheInfo(counts["hits"], counts["misses"], query_cache.max_results, size)

    def cache_clear() -> None:
        with query_cache.lock:
            counts.clear()
            for key in [key for key in query_cache.entries if key[0] is function]:
                query_cache.remove(key)

    # The same as wrapper.cache_info = cache_info, which type checkers refuse.
    vars(wrapper).update(cache_info=cache_info, cache_clear=cache_clear)
    return wrapper


@with_db_connection
@cache_query
def fetch_users_with_cache(conn: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    cursor = conn.cursor()
    cursor.execute(query)
    return cursor.fetchall()


def demo() -> None:
    seed.seeded_database()
    users = fetch_users_with_cache(query="SELECT * FROM users")
    users_again = fetch_users_with_cache(query="SELECT * FROM users")
    print(users_again == users, fetch_users_with_cache.cache_info())
    update_user_email(user_id=1, new_email="Crawford_Cartwright@hotmail.com")
    print(fetch_users_with_cache(query="SELECT * FROM users")[0], fetch_users_with_cache.cache_info())


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
