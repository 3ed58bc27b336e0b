"""Microseconds that a decorator adds to a call, beside what people use for the same."""

from __future__ import annotations

import functools
import importlib
import itertools
import logging
import os
import sqlite3
import time
from contextlib import closing
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


def connection(mode: str = "delete") -> sqlite3.Connection:
    opened = sqlite3.connect(load("common").database_path())
    if opened.execute(f"PRAGMA journal_mode = {mode}").fetchone() != (mode,):
        raise AssertionError(f"the journal mode is not {mode}")
    return opened


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


def fetch(conn: sqlite3.Connection, query: str, *values: int) -> Any:
    return conn.execute(query).fetchall()


def no_cache(mode: str) -> dict[str, float]:
    """Run the query for the twelve users."""
    return {"us": microseconds(fetch, connection(mode), ALL_USERS)}


def connect_and_fetch(mode: str) -> dict[str, float]:
    """Run the same query on a connection of its own."""
    with closing(connection(mode)):
        return {"us": microseconds(load("1-with_db_connection").with_db_connection(fetch), ALL_USERS)}


def cache_query(mode: str) -> dict[str, float]:
    return hits(load("4-cache_query").cache_query(fetch), connection(mode), ALL_USERS)


def cache_outside(mode: str) -> dict[str, float]:
    with closing(connection(mode)):
        decorated = load("1-with_db_connection").with_db_connection(fetch)
        return hits(load("4-cache_query").cache_query(decorated), ALL_USERS)


def hits(cached: Any, *arguments: Any) -> dict[str, float]:
    sample = {"us": microseconds(cached, *arguments)}
    if cached.cache_info().misses != 1:
        raise AssertionError(f"these are not hits: {cached.cache_info()}")
    return sample


def miss(mode: str) -> dict[str, float]:
    """Ask with another value each time."""
    cached = load("4-cache_query").cache_query(fetch)
    conn, values = connection(mode), itertools.count()
    sample = {"us": microseconds(lambda: cached(conn, ALL_USERS, next(values)))}
    if cached.cache_info().hits or cached.cache_info().currsize < 128:
        raise AssertionError(f"these are not misses that are kept: {cached.cache_info()}")
    return sample


def lru_cache(mode: str) -> dict[str, float]:
    return {"us": microseconds(functools.lru_cache(maxsize=128)(fetch), connection(mode), ALL_USERS)}


def cachetools(mode: str) -> dict[str, float]:
    import threading

    import cachetools

    cached = cachetools.cached(cachetools.LRUCache(128), lock=threading.Lock())(fetch)
    return {"us": microseconds(cached, connection(mode), ALL_USERS)}


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
    "connect_and_fetch": "no cache, on a new connection each time",
    "cache_query": "**a hit**, connection given",
    "cache_outside": "**a hit**, cache outside `@with_db_connection`",
    "miss": "**a miss**, connection given",
    "cachetools": "a hit of cachetools `cached`: stale for ever",
    "lru_cache": "a hit of `functools.lru_cache`: stale for ever",
}
MODES = {"delete": "rollback journal", "wal": "WAL"}
MEASURED = {
    **{name: globals()[name] for name in ADDED},
    **{f"{name}_{mode}": functools.partial(globals()[name], mode) for name in HITS for mode in MODES},
}


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    importlib.import_module("seed").seed_users()
    rivals: list[Measured] = list(MEASURED)
    samples.take_turns(rivals, rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    added = [
        [title, f"{samples.median(name, 'us'):.2f}", samples.spread(name, "us")]
        for name, title in ADDED.items()
        if samples.has(name)
    ]
    answered = [
        [title, *[text for mode in MODES for text in figures(samples, name, mode)]]
        for name, title in HITS.items()
        if samples.has(f"{name}_delete")
    ]
    columns = [column for mode in MODES.values() for column in (f"{mode}, µs", "of the query", "spread")]
    return [
        Table("decorators", ["added to a call that does nothing", "µs", "spread"], added),
        Table("hits", ["a call", *columns], answered),
    ]


def figures(samples: Samples, name: str, mode: str) -> list[str]:
    measured = f"{name}_{mode}"
    share = samples.ratio(measured, f"no_cache_{mode}", "us")
    return [f"{samples.median(measured, 'us'):.2f}", f"{share:.2f}", samples.spread(measured, "us")]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    found = []
    if samples.has("tenacity"):
        ratio = samples.ratio("retry_on_failure", "tenacity", "us")
        found.append(Claim("what `retry_on_failure` adds, to what tenacity adds", ratio, 1, at_most=True))
    reaches = {
        "cache_query": ("a hit of `cache_query`, connection given, to the query for twelve users", 1.3),
        "cache_outside": ("the same with the cache outside", 1.0),
        "miss": ("a miss, to that query", 4.0),
    }
    for name, (text, reach) in reaches.items():
        ratios = [samples.ratio(f"{name}_{mode}", f"no_cache_{mode}", "us") for mode in MODES]
        found.append(Claim(f"{text}, in the slower journal mode", max(ratios), reach, at_most=True))
    return found
