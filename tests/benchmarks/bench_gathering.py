"""Seconds for two and four queries, one after the other and gathered, by what the queries spend time on."""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from typing import Any, Awaitable, Callable

from bench_async import make_users, path_of
from samples import Claim, Samples, Table

FOLDER = "python-context-async-operations-0x02"
# Nearly all of the work is inside SQLite: it builds one row.
COUNT = "SELECT count(*) FROM users a JOIN users b ON b.id BETWEEN a.id AND a.id + 9 WHERE a.age + b.age > 60"


async def wait() -> None:
    """Wait in the thread of the connection, as for a lock or for a slow disk."""
    connect = importlib.import_module("async_connection").AsyncDatabaseConnection
    async with connect() as connection:
        await connection.create_function("wait", 1, time.sleep)
        await connection.execute_fetchall("SELECT wait(0.2)")


async def compute() -> None:
    """Join inside SQLite; only one row comes back."""
    await importlib.import_module("3-concurrent").fetch(COUNT)


async def rows() -> None:
    """Bring all rows back."""
    concurrent = importlib.import_module("3-concurrent")
    await concurrent.fetch(concurrent.ALL_USERS)


KINDS = {
    "wait": "wait, for 0.2 s",
    "compute": "compute inside SQLite, and return one row",
    "rows": "return every row",
}


async def apart(query: Callable[[], Awaitable[None]], times: int) -> None:
    for _ in range(times):
        await query()


async def gathered(query: Callable[[], Awaitable[None]], times: int) -> None:
    await asyncio.gather(*(query() for _ in range(times)))


def seconds(
    run: Callable[..., Any], query: Callable[[], Awaitable[None]]
) -> Callable[[int], dict[str, float]]:
    def measured(times: int) -> dict[str, float]:
        os.environ["USERS_DB"] = os.environ["BENCH_USERS_DB"]
        importlib.import_module("3-concurrent")  # not timed
        start = time.perf_counter()
        asyncio.run(run(query, times))
        return {"seconds": time.perf_counter() - start}

    return measured


MEASURED = {
    f"{kind}_{run.__name__}": seconds(run, globals()[kind]) for kind in KINDS for run in (apart, gathered)
}


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    users = sizes[-1] // 4
    make_users(users)
    os.environ["BENCH_USERS_DB"] = path_of(users)
    samples.take_turns([(name, times) for times in (2, 4) for name in MEASURED], rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    table = []
    for kind, title in KINDS.items():
        cells = [title]
        for times in (2, 4):
            one, other = (f"{kind}_apart", times), (f"{kind}_gathered", times)
            cells += [f"{samples.median(measured, 'seconds'):.2f}" for measured in (one, other)]
            cells.append(f"{samples.ratio(one, other, 'seconds'):.1f}")
        cells.append(samples.spread((f"{kind}_gathered", 4), "seconds"))
        table.append(cells)
    header = ["queries that ...", "two, s", "gathered, s", "gain", "four, s", "gathered, s", "gain", "spread"]
    return [Table("gathering", header, table)]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    return []
