import asyncio

import aiosqlite


async def async_fetch_users():
    db = await aiosqlite.connect("users.db")
    cursor = await db.execute("SELECT * FROM users")
    return await cursor.fetchall()


async def async_fetch_older_users():
    db = await aiosqlite.connect("users.db")
    cursor = await db.execute("SELECT * FROM users WHERE age > 40")
    return await cursor.fetchall()


async def fetch_concurrently():
    return await asyncio.gather(async_fetch_users(), async_fetch_older_users())


asyncio.run(fetch_concurrently)
