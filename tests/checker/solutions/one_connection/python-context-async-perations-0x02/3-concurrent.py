import asyncio

import aiosqlite


async def async_fetch_users(db):
    async with db.execute("SELECT name, age FROM users") as cursor:
        return [{"name": name, "age": age} for name, age in await cursor.fetchall()]


async def async_fetch_older_users(db):
    async with db.execute("SELECT name, age FROM users WHERE age > 40") as cursor:
        return [{"name": name, "age": age} for name, age in await cursor.fetchall()]


async def fetch_concurrently():
    async with aiosqlite.connect("users.db") as db:
        return await asyncio.gather(async_fetch_users(db), async_fetch_older_users(db))


if __name__ == "__main__":
    print(asyncio.run(fetch_concurrently()))
