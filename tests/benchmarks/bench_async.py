"""Rows a second of asynchronous reads, and how long the event loop was kept waiting meanwhile."""

from __future__ import annotations

import asyncio
import importlib
import os
import sqlite3
import time
from contextlib import closing
from typing import Any, Callable, Coroutine

from samples import Claim, Measured, Samples, Table, thousands

FOLDER = "python-context-async-operations-0x02"
ALL_USERS = "SELECT id, name, email, age FROM users ORDER BY id"
TICK = 0.01  # seconds


def path_of(rows: int) -> str:
    return os.path.join(os.environ["BENCH_FOLDER"], f"users_{rows}.db")


async def async_stream_users() -> int:
    count = 0
    async for _ in importlib.import_module("4-async_stream").async_stream_users():
        count += 1
    return count


async def plain_aiosqlite() -> int:
    import aiosqlite

    count = 0
    async with aiosqlite.connect(os.environ["USERS_DB"]) as connection:
        async for _ in await connection.execute(ALL_USERS):
            count += 1
    return count


async def aiosqlite_fetchall() -> int:
    import aiosqlite

    count = 0
    async with aiosqlite.connect(os.environ["USERS_DB"]) as connection:
        for _ in await connection.execute_fetchall(ALL_USERS):
            count += 1
    return count


def plain_sqlite3(rows: int) -> dict[str, float]:
    count = 0
    start = time.perf_counter()
    with closing(sqlite3.connect(path_of(rows))) as connection:
        for _ in connection.execute(ALL_USERS):
            count += 1
    return checked(rows, count, time.perf_counter() - start)


async def beside_a_ticker(read: Callable[[], Coroutine[Any, Any, int]]) -> tuple[int, float, float]:
    """Return the count, its seconds, and the worst time in seconds between two ticks of another task."""
    worst = 0.0

    async def tick() -> None:
        nonlocal worst
        last = time.perf_counter()
        while True:
            await asyncio.sleep(TICK)
            now = time.perf_counter()
            worst, last = max(worst, now - last), now

    ticker = asyncio.ensure_future(tick())
    start = time.perf_counter()
    count = await read()
    seconds = time.perf_counter() - start
    await asyncio.sleep(2 * TICK)  # for a tick that is overdue
    ticker.cancel()
    return count, seconds, worst


def asynchronously(read: Callable[[], Coroutine[Any, Any, int]]) -> Callable[[int], dict[str, float]]:
    def measured(rows: int) -> dict[str, float]:
        os.environ["USERS_DB"] = path_of(1)
        asyncio.run(read())  # pays for the imports
        os.environ["USERS_DB"] = path_of(rows)
        count, seconds, worst = asyncio.run(beside_a_ticker(read))
        return {**checked(rows, count, seconds), "gap": 1000 * worst}

    return measured


def checked(rows: int, count: int, seconds: float) -> dict[str, float]:
    if count != rows:
        raise AssertionError(f"read {count} rows of {rows}")
    return {"rate": rows / seconds}


TITLES = {
    "plain_sqlite3": "plain sqlite3, which blocks the loop: the limit",
    "async_stream_users": "**`async_stream_users()`**",
    "aiosqlite_fetchall": "aiosqlite `execute_fetchall`",
    "plain_aiosqlite": "`async for` on an aiosqlite cursor, as it comes",
}
MEASURED: dict[str, Any] = {
    "plain_sqlite3": plain_sqlite3,
    "async_stream_users": asynchronously(async_stream_users),
    "aiosqlite_fetchall": asynchronously(aiosqlite_fetchall),
    "plain_aiosqlite": asynchronously(plain_aiosqlite),
}


def make_users(rows: int) -> None:
    os.environ["USERS_DB"] = path_of(rows)
    importlib.import_module("common").make_users(rows)


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    for rows in [1, *sizes]:
        make_users(rows)
    small: list[Measured] = [(name, rows) for rows in sizes[:-1] for name in TITLES]
    samples.take_turns(small, 1)
    samples.take_turns([(name, sizes[-1]) for name in TITLES], rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    most = sizes[-1]
    rows = []
    for name, title in TITLES.items():
        measured = (name, most)
        gap = "all the time" if name == "plain_sqlite3" else f"{samples.median(measured, 'gap'):.0f}"
        ratio = samples.ratio(measured, ("plain_aiosqlite", most), "rate")
        peaks = [f"{samples.median((name, size), 'peak'):.0f}" for size in sizes]
        rate = thousands(samples.median(measured, "rate"))
        rows.append([title, rate, f"{ratio:.1f}", samples.spread(measured, "rate"), gap, *peaks])
    peaks = [f"MB at {size:,}" for size in sizes]
    header = ["how the rows are read", "1000 rows/s", "ratio", "spread", "worst gap, ms", *peaks]
    return [Table("async", header, rows)]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    ours, most = ("async_stream_users", sizes[-1]), sizes[-1]
    peaks = [samples.median(("async_stream_users", size), "peak") for size in sizes]
    return [
        Claim(
            "`async_stream_users` to aiosqlite as it comes",
            samples.ratio(ours, ("plain_aiosqlite", most), "rate"),
            1.8,
        ),
        Claim(
            "`async_stream_users` to plain sqlite3", samples.ratio(ours, ("plain_sqlite3", most), "rate"), 0.5
        ),
        Claim("growth of its peak memory, MB", max(peaks) - min(peaks), 2, at_most=True),
    ]
