"""Microseconds that a decorator adds to a call, beside what people use for the same."""

from __future__ import annotations

import functools
import importlib
import logging
import os
import sqlite3
import time
from typing import Any, Callable

from samples import Claim, Measured, Samples, Table

FOLDER = "python-decorators-0x01"
CALLS, REPEATS = 2000, 7
ALL_USERS = "SELECT * FROM users"


def microseconds(function: Callable[..., Any], *arguments: Any) -> float:
    """Return what a call takes: the fastest of several runs of two thousand calls."""
    fastest = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(CALLS):
            function(*arguments)
        fastest = min(fastest, time.perf_counter() - start)
    return 1e6 * fastest / CALLS


def nothing(*arguments: object) -> None:
    pass


def added(decorate: Callable[[Any], Any], *arguments: Any) -> dict[str, float]:
    """Return what the decorator adds to a function that does nothing."""
    return {"us": microseconds(decorate(nothing), *arguments) - microseconds(nothing, *arguments)}


def load(name: str) -> Any:
    return importlib.import_module(name)


def connection() -> sqlite3.Connection:
    return sqlite3.connect(load("common").database_path())


def log_queries() -> dict[str, float]:
    logging.basicConfig(level=logging.INFO, format="%(message)s", filename=os.devnull)
    return added(load("0-log_queries").log_queries, ALL_USERS)


def with_db_connection() -> dict[str, float]:
    return added(load("1-with_db_connection").with_db_connection)


def transactional() -> dict[str, float]:
    return added(load("2-transactional").transactional, connection())


def begin_and_commit() -> dict[str, float]:
    """Run the two statements of `transactional` by hand."""
    conn = connection()
    conn.isolation_level = None

    def by_hand() -> None:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("COMMIT")

    return {"us": microseconds(by_hand)}


def open_and_close() -> dict[str, float]:
    """Do by hand what `with_db_connection` does around a call."""
    return {"us": microseconds(lambda: connection().close())}


def retry_on_failure() -> dict[str, float]:
    return added(load("3-retry_on_failure").retry_on_failure(retries=3, delay=1))


def tenacity() -> dict[str, float]:
    import tenacity

    return added(
        tenacity.retry(
            stop=tenacity.stop_after_attempt(3),
            wait=tenacity.wait_random_exponential(max=30),
            retry=tenacity.retry_if_exception_type(sqlite3.OperationalError),
            reraise=True,
        )
    )


def backoff() -> dict[str, float]:
    import backoff

    return added(backoff.on_exception(backoff.expo, sqlite3.OperationalError, max_tries=3))


def fetch(conn: sqlite3.Connection, query: str) -> Any:
    return conn.execute(query).fetchall()


def no_cache() -> dict[str, float]:
    """Run the query for the twelve users."""
    return {"us": microseconds(fetch, connection(), ALL_USERS)}


def cache_query() -> dict[str, float]:
    cached = load("4-cache_query").cache_query(fetch)
    sample = {"us": microseconds(cached, connection(), ALL_USERS)}
    if cached.cache_info().misses != 1:
        raise AssertionError(f"these are not hits: {cached.cache_info()}")
    return sample


def lru_cache() -> dict[str, float]:
    return {"us": microseconds(functools.lru_cache(maxsize=128)(fetch), connection(), ALL_USERS)}


def cachetools() -> dict[str, float]:
    import threading

    import cachetools

    cached = cachetools.cached(cachetools.LRUCache(128), lock=threading.Lock())(fetch)
    return {"us": microseconds(cached, connection(), ALL_USERS)}


ADDED = {
    "log_queries": "**`log_queries`**, its two lines written to the null device",
    "open_and_close": "`sqlite3.connect` and `close`, by hand",
    "with_db_connection": "**`with_db_connection`**",
    "begin_and_commit": "`BEGIN IMMEDIATE` and `COMMIT`, by hand",
    "transactional": "**`transactional`**",
    "retry_on_failure": "**`retry_on_failure`**",
    "backoff": "backoff `on_exception`",
    "tenacity": "tenacity `retry`",
}
HITS = {
    "no_cache": "no cache: the query for twelve users",
    "cache_query": "**`cache_query`**: never stale",
    "cachetools": "cachetools `cached`: stale for ever",
    "lru_cache": "`functools.lru_cache`: stale for ever",
}
MEASURED = {name: globals()[name] for name in [*ADDED, *HITS]}


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    importlib.import_module("seed").seed_users()
    rivals: list[Measured] = list(MEASURED)
    samples.take_turns(rivals, rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    def rows(titles: dict[str, str]) -> list[list[str]]:
        return [
            [title, f"{samples.median(name, 'us'):.2f}", samples.spread(name, "us")]
            for name, title in titles.items()
            if samples.has(name)
        ]

    return [
        Table("decorators", ["added to a call that does nothing", "µs", "spread"], rows(ADDED)),
        Table("hits", ["a call that is answered from memory", "µs", "spread"], rows(HITS)),
    ]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    if not samples.has("tenacity"):
        return []
    ratio = samples.ratio("retry_on_failure", "tenacity", "us")
    return [Claim("what `retry_on_failure` adds, to what tenacity adds", ratio, 1, at_most=True)]
