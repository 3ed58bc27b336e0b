#!/usr/bin/env python3
"""Read a table larger than memory, row by row, while the other tasks of the program go on.

Rows come in chunks, because each trip to the thread that reads them costs as much as dozens of rows. Who
leaves early does it with `aclosing`: after a mere `break` the stream stays open until some later time.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import resource
import sys
import tempfile
from typing import Any, AsyncGenerator, Tuple

import common
import seed
from async_connection import AsyncDatabaseConnection

from tqdm import tqdm

if sys.version_info >= (3, 10):
    from contextlib import aclosing
else:

    class aclosing:  # noqa: N801
        """`async with` for an object that has only aclose()."""

        def __init__(self, thing: Any) -> None:
            self.thing = thing

        async def __aenter__(self) -> Any:
            return self.thing

        async def __aexit__(self, *exc_info: object) -> None:
            await self.thing.aclose()


DatabaseConnection = importlib.import_module("0-databaseconnection").DatabaseConnection

CHUNK_SIZE = 2000  # rows; with aiosqlite's own 64 a row costs up to three times as much, with more no less
ALL_USERS = "SELECT id, name, email, age FROM users ORDER BY id"
INSERT_USER = "INSERT INTO users (id, name, email, age) VALUES (?, ?, ?, ?)"

User = Tuple[int, str, str, int]


def async_stream_users(chunk_size: int = CHUNK_SIZE) -> AsyncGenerator[User, None]:
    """Yield each user as a tuple, in id order; no more than `chunk_size` of them are in memory."""
    common.check_size("chunk_size", chunk_size)  # here, since a generator would check only when it is read
    return stream_in_chunks(chunk_size)


async def stream_in_chunks(chunk_size: int) -> AsyncGenerator[User, None]:
    async with AsyncDatabaseConnection() as connection:
        cursor = await connection.execute(ALL_USERS)
        while True:
            chunk: Any = await cursor.fetchmany(chunk_size)
            if not chunk:
                return
            for user in chunk:
                yield user


def make_users(rows: int) -> None:
    """Fill a new database with made-up users."""
    common.check_size("--rows", rows)
    numbers = tqdm(range(1, rows + 1), "making users", disable=None, leave=False)
    users = ((n, f"User {n}", f"user{n}@example.com", 15 + n % 80) for n in numbers)
    with DatabaseConnection() as connection:
        connection.execute(seed.CREATE_TABLE)
        connection.executemany(INSERT_USER, users)


async def first_users(count: int) -> list[User]:
    """Return the first users and leave; `aclosing` has closed the stream when this returns."""
    first: list[User] = []
    async with aclosing(async_stream_users()) as users:
        async for user in users:
            first.append(user)
            if len(first) == count:
                break
    return first


async def count_users(bar: Any) -> int:
    """Return how many users there are, while another task draws the progress bar."""

    count = 0

    async def draw() -> None:
        while True:
            await asyncio.sleep(0.1)
            bar.update(count - bar.n)

    drawing = asyncio.ensure_future(draw())
    async with aclosing(async_stream_users()) as users:
        async for _ in users:
            count += 1
    drawing.cancel()
    return count


def demo(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if arguments.rows is None:
            seed.seeded_database()
        else:
            os.environ["USERS_DB"] = os.path.join(folder, "users.db")
            make_users(arguments.rows)
        for user in asyncio.run(first_users(3)):
            print(user)
        with tqdm(desc="streaming", total=arguments.rows, disable=None, leave=False) as bar:
            count = asyncio.run(count_users(bar))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1 / 1024)
    print(f"{count} users passed; peak memory {peak / 2**20:.0f} MB")


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument(
        "--rows", type=int, metavar="N", help="stream N made-up users, from a temporary database"
    )
    common.run(demo, command_line)
