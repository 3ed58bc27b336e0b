#!/usr/bin/env python3
"""Run two queries at once, on a connection each: while one waits, the other goes on.

On a shared connection, gathered queries run one after the other. And when one of them fails, asyncio.gather
raises at once but lets the others run on, with nobody left to wait for them.
"""

from __future__ import annotations

import asyncio
from typing import Any

import common
import seed
from async_connection import AsyncDatabaseConnection

ALL_USERS = "SELECT id, name, email, age FROM users ORDER BY id"
OLDER_USERS = "SELECT id, name, email, age FROM users WHERE age > ? ORDER BY id"


async def fetch(query: str, *params: object) -> list[Any]:
    """Return the rows of a query as tuples, read on a connection of its own."""
    async with AsyncDatabaseConnection() as connection:
        return list(await connection.execute_fetchall(query, params))


async def async_fetch_users() -> list[Any]:
    """Return all users."""
    return await fetch(ALL_USERS)


async def async_fetch_older_users() -> list[Any]:
    """Return the users older than 40."""
    return await fetch(OLDER_USERS, 40)


async def fetch_concurrently() -> list[list[Any]]:
    """Return [all users, users older than 40]; when one query fails, the other is stopped."""
    tasks = [asyncio.create_task(async_fetch_users()), asyncio.create_task(async_fetch_older_users())]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()  # nothing happens to one that has ended
        await asyncio.gather(*tasks, return_exceptions=True)  # until both connections are closed


def demo() -> None:
    seed.seeded_database()
    users, older_users = asyncio.run(fetch_concurrently())
    for title, rows in (("users", users), ("users older than 40", older_users)):
        print(f"{len(rows)} {title}, the first of them:")
        for row in rows[:3]:
            print(" ", row)


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
