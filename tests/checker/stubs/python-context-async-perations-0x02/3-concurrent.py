#!/usr/bin/env python3
"""Ask a database two questions at the same time.

Write three coroutine functions: one for each question, and one that asks both at once, with `asyncio.gather`.
Use aiosqlite (the README says how to get it): with plain `sqlite3`, the second question would have to wait for
the first answer.

Example, from the twelve users in users.db:

    $ python3 3-concurrent.py
    12 users, 5 of them older than 40

Check:  make check REPO=... ONLY=context/3  (in the clone)
Lesson: python-context-async-operations-0x02/README.md, section 3
"""

import asyncio


async def async_fetch_users():
    """Fetch all users.

    In:  nothing.
    Out: a list of rows from users.db.
    """
    raise NotImplementedError("Your turn: write async_fetch_users in 3-concurrent.py")


async def async_fetch_older_users():
    """Fetch the users who are older than 40. Somebody who is 40 is not among them.

    In:  nothing.
    Out: a list of rows from users.db.
    """
    raise NotImplementedError("Your turn: write async_fetch_older_users in 3-concurrent.py")


async def fetch_concurrently():
    """Run both queries at the same time.

    In:  nothing.
    Out: both lists: first all users, then the older ones.
    """
    raise NotImplementedError("Your turn: write fetch_concurrently in 3-concurrent.py")


if __name__ == "__main__":
    users, older_users = asyncio.run(fetch_concurrently())
    print(len(users), "users,", len(older_users), "of them older than 40")
