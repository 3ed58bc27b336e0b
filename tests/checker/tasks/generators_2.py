"""Fetch a table page by page."""

from __future__ import annotations

from itertools import chain
from typing import Any, Iterator

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.tasks.generators_0 import leave_early
from checker.world import MySQLWorld, as_user, made_up

TASK = Task("generators/2", "fetch a table page by page", "2-lazy_paginate.py", "2.")
MOST = 20  # pages that are read at most: some solutions never end


def pages(world: MySQLWorld, size: int) -> Iterator[Any]:
    """Adapter: `lazy_paginate` or `lazy_pagination`; the curriculum uses both names."""
    function = world.get("lazy_paginate", "lazy_pagination")
    world.watch()
    with attempt(f"lazy_paginate({size})"):
        found = function(size)
    if not hasattr(found, "__next__"):
        raise Fault(f"lazy_paginate({size}) should give a generator, and gave {type(found).__name__}")
    return iter(found)


def read(found: Iterator[Any]) -> list[list[dict[str, Any]]]:
    """Return the pages as lists of dicts, without an empty one at the end."""
    with attempt("reading all pages"):
        got = []
        for page in found:
            got.append([as_user(user) for user in page])
            if len(got) > MOST:
                raise Fault(f"there is no end: {MOST} pages of 10 came from a table of 35 users")
    return [page for page in got if page]


@TASK.probe(ASKED, "the pages hold every user once, and have the wanted size")
def pages_hold_every_user(world: MySQLWorld) -> None:
    world.prepare(35)
    got = read(pages(world, 10))
    expect("sizes of the pages of 10 from 35 users", [10, 10, 10, 5], [len(page) for page in got])
    expect("different users", 35, len({user["email"] for user in chain.from_iterable(got)}))


@TASK.probe(ASKED, "paginate_users returns the page after an offset")
def one_page(world: MySQLWorld) -> None:
    function = world.get("paginate_users")
    with attempt("paginate_users(10, 25)"):
        expect("users in paginate_users(10, 25) of 30", 5, len(list(function(10, 25))))


@TASK.probe(ASKED, "a page is fetched when it is asked for", "yield each page before fetching the next")
def pages_are_lazy(world: MySQLWorld) -> None:
    found = pages(world, 10)
    with attempt("taking the first page"):
        next(found)
    first = len(selects(world))
    unread = world.holds_unread_rows()
    read(found)
    if len(selects(world)) - first < 2 and not unread:
        raise Fault(f"{first} queries had been run for the first of 3 pages, and hardly any after it")


def selects(world: MySQLWorld) -> list[str]:
    return [text for text in world.statements() if text.lower().startswith("select")]


@TASK.probe(
    RIGHT, "the pages have an order", "without ORDER BY a server may answer each query in another order"
)
def pages_are_ordered(world: MySQLWorld) -> None:
    read(pages(world, 10))
    unordered = [
        text for text in selects(world) if " limit " in text.lower() and "order by" not in text.lower()
    ]
    if unordered:
        raise Fault(f"there is no ORDER BY in: {unordered[0]}")


@TASK.probe(RIGHT, "all pages come through one connection", "open it in lazy_paginate and pass it on")
def one_connection(world: MySQLWorld) -> None:
    got = read(pages(world, 10))
    if len(world.sandbox.mysql) > 2:
        raise Fault(f"{len(got)} pages cost {len(world.sandbox.mysql)} connections")


@TASK.probe(
    RIGHT, "nobody is shown twice when a user is added meanwhile", "read from a snapshot, or page by key"
)
def stable_pages(world: MySQLWorld) -> None:
    found = pages(world, 10)
    with attempt("taking the first page"):
        emails = [as_user(user)["email"] for user in next(found)]
    with world.cursor() as cursor:
        user = {**made_up(999), "user_id": "00000000-0000-0000-0000-000000000000"}
        cursor.execute(f"INSERT INTO {world.NAME}.user_data VALUES (%s, %s, %s, %s)", tuple(user.values()))
    emails += [user["email"] for user in chain.from_iterable(read(found))]
    twice = sorted({email for email in emails if emails.count(email) > 1})
    if twice:
        raise Fault(f"a user was added between pages 1 and 2, and then {twice[0]} was shown on both")


@TASK.probe(
    RIGHT, "leaving early is clean", "close the connection in a finally, which also runs when you leave"
)
def leaves_early(world: MySQLWorld) -> None:
    leave_early(world, pages(world, 10), 1, "of 3 pages")


@TASK.probe(RIGHT, "a page size of 0 is refused", "raise ValueError when the size is less than 1")
def zero_is_refused(world: MySQLWorld) -> None:
    function = world.get("lazy_paginate", "lazy_pagination")
    try:
        got = next(iter(function(0)), "nothing")
    except Exception:
        return
    raise Fault(f"lazy_paginate(0) should raise ValueError, and gave {str(got)[:60]}")
