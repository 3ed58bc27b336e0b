"""Microseconds that a decorator adds to a call, beside what people use for the same."""

from __future__ import annotations

import functools
import importlib
import itertools
import logging
import os
import sqlite3
import statistics
import threading
import time
from contextlib import suppress
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
    path = load("common").database_path()
    return {"us": microseconds(lambda: sqlite3.connect(path).close())}


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


def answers(mode: str) -> dict[str, float]:
    """Return what a call takes by each of HITS: the median of slices of a hundred calls, taken in turns."""
    conn, values = connection(mode), itertools.count()
    given = load("4-cache_query").cache_query(fetch)
    missing = load("4-cache_query").cache_query(fetch)
    connecting = load("1-with_db_connection").with_db_connection(fetch)
    outside = load("4-cache_query").cache_query(connecting)
    calls: dict[str, Callable[[], Any]] = {
        "no_cache": lambda: fetch(conn, ALL_USERS),
        "connect_and_fetch": lambda: connecting(ALL_USERS),
        "cache_query": lambda: given(conn, ALL_USERS),
        "cache_outside": lambda: outside(ALL_USERS),
        "miss": lambda: missing(conn, ALL_USERS, next(values)),
        "lru_cache": functools.partial(functools.lru_cache(maxsize=128)(fetch), conn, ALL_USERS),
    }
    with suppress(ModuleNotFoundError):
        import cachetools

        kept = cachetools.cached(cachetools.LRUCache(128), lock=threading.Lock())(fetch)
        calls["cachetools"] = lambda: kept(conn, ALL_USERS)
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(100):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(100):
                call()
            taken[name].append(time.perf_counter() - start)
    found = [given.cache_info().misses, outside.cache_info().misses, missing.cache_info().hits]
    if found != [1, 1, 0]:
        raise AssertionError(f"hits that are misses, or misses that are hits: {found}")
    return {name: 1e4 * statistics.median(times) for name, times in taken.items()}


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
    **{f"answers_{mode}": functools.partial(answers, mode) for mode in MODES},
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
        [title, *[text for mode in MODES for text in figures(samples, f"answers_{mode}", name)]]
        for name, title in HITS.items()
        if all(name in sample for mode in MODES for sample in samples.taken[f"answers_{mode}"])
    ]
    columns = [column for mode in MODES.values() for column in (f"{mode}, µs", "of the query", "spread")]
    return [
        Table("decorators", ["added to a call that does nothing", "µs", "spread"], added),
        Table("hits", ["a call", *columns], answered),
    ]


def figures(samples: Samples, measured: str, name: str) -> list[str]:
    share = share_of_the_query(samples, measured, name)
    return [f"{samples.median(measured, name):.2f}", f"{share:.2f}", samples.spread(measured, name)]


def share_of_the_query(samples: Samples, measured: str, name: str) -> float:
    """Return the median of the shares, each of figures that were measured in turns."""
    return statistics.median(sample[name] / sample["no_cache"] for sample in samples.taken[measured])


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
        shares = [share_of_the_query(samples, f"answers_{mode}", name) for mode in MODES]
        found.append(Claim(f"{text}, in the slower journal mode", max(shares), reach, at_most=True))
    return found
