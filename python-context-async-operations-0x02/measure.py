#!/usr/bin/env python3
"""Measure on this machine what the README says about speed: gathered queries, and streams of a large table.

Each figure is the best of three runs; the first run also warms the cache of the file system.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sqlite3
import tempfile
import time
from contextlib import closing
from typing import Callable

import common

import aiosqlite

concurrent = importlib.import_module("3-concurrent")
stream = importlib.import_module("4-async_stream")

# Nearly all of the work is inside SQLite: it builds one row.
COUNT = "SELECT count(*) FROM users a JOIN users b ON b.id BETWEEN a.id AND a.id + 9 WHERE a.age + b.age > 60"


def seconds(run: Callable[..., object], *arguments: str) -> float:
    """Return how long the fastest of three runs takes."""

    def once() -> float:
        start = time.perf_counter()
        run(*arguments)
        return time.perf_counter() - start

    return min(once() for _ in range(3))


def one_after_the_other(query: str) -> None:
    async def main() -> None:
        await concurrent.fetch(query)
        await concurrent.fetch(query)

    asyncio.run(main())


def gathered(query: str) -> None:
    async def main() -> None:
        await asyncio.gather(concurrent.fetch(query), concurrent.fetch(query))

    asyncio.run(main())


def plain_sqlite3() -> None:
    with closing(sqlite3.connect(common.database_path())) as connection:
        for _ in connection.execute(stream.ALL_USERS):
            pass


def plain_aiosqlite() -> None:
    async def main() -> None:
        async with aiosqlite.connect(common.database_path()) as connection:
            async for _ in await connection.execute(stream.ALL_USERS):
                pass

    asyncio.run(main())


def async_stream_users() -> None:
    async def main() -> None:
        async for _ in stream.async_stream_users():
            pass

    asyncio.run(main())


def demo(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["USERS_DB"] = os.path.join(folder, "users.db")
        stream.make_users(arguments.rows)
        for title, query in (("count inside SQLite", COUNT), ("fetch every row", stream.ALL_USERS)):
            apart, together = seconds(one_after_the_other, query), seconds(gathered, query)
            print(f"{title}, twice: {apart:.2f} s one after the other, {together:.2f} s gathered")
        for read in (plain_sqlite3, plain_aiosqlite, async_stream_users):
            print(f"{read.__name__:20}{arguments.rows / seconds(read):12,.0f} rows/s")


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument(
        "--rows", type=int, default=1_000_000, metavar="N", help="users in the table (a million)"
    )
    common.run(demo, command_line)
