#!/usr/bin/env python3
"""Read a table larger than memory, row by row, while the other tasks of the program go on.

Rows come in chunks, because a trip to the thread that reads them costs as much as dozens of rows. And if you
leave early, close the stream: after a mere `break` it stays open until asyncio gets round to closing it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from typing import Any, AsyncGenerator

import common
import seed
from async_connection import AsyncDatabaseConnection

CHUNK_SIZE = 2000  # rows; aiosqlite's own 64 takes up to three times as long, and more gains nothing
ALL_USERS = "SELECT id, name, email, age FROM users ORDER BY id"


async def async_stream_users(chunk_size: int = CHUNK_SIZE) -> AsyncGenerator[Any, None]:
    """Yield each user as a tuple, in id order; at most two chunks of them are in memory."""
    common.check_size("chunk_size", chunk_size)
    async with AsyncDatabaseConnection() as connection:
        cursor = await connection.execute(ALL_USERS)
        while chunk := await cursor.fetchmany(chunk_size):
            for user in chunk:
                yield user


async def first_users(count: int) -> list[Any]:
    """Return the first users, and leave the others unread."""
    common.check_size("count", count)
    first: list[Any] = []
    users = async_stream_users()
    try:
        async for user in users:
            first.append(user)
            if len(first) == count:
                break
    finally:
        await users.aclose()
    return first


async def count_users() -> int:
    """Return how many users there are."""
    count = 0
    async for _ in async_stream_users():
        count += 1
    return count


def show_users() -> None:
    for user in asyncio.run(first_users(3)):
        print(user)
    print(f"{asyncio.run(count_users())} users passed")


def demo(rows: int | None) -> None:
    if rows is None:
        seed.seeded_database()
        show_users()
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["USERS_DB"] = os.path.join(folder, "users.db")
        common.make_users(rows)
        show_users()
    print("peak memory:", common.peak_memory())


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--rows", type=int, metavar="N", help="stream N made-up users instead")
    common.run(demo, command_line)
