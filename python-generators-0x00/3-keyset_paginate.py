#!/usr/bin/env python3
"""Fetch pages by key: page one million costs what page one does.

OFFSET 1000000 reads a million rows and throws them away. "After the last id that I have seen" goes straight
to its place in the index, needs no snapshot, and can be resumed tomorrow with nothing but that id. Use it
wherever people go from page to page; script 2 is for those who jump to page 17. Each page is fresh: you see
rows inserted ahead of you, and a row that stays is seen exactly once, whatever happens to the others.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Iterator

import common
from common import AGE, User, UserId
from pager import show_pages
from seed import connect_to_prodev

from mysql.connector import OperationalError
from mysql.connector.abstracts import MySQLConnectionAbstract

SELECT = f"SELECT user_id, name, email, {AGE} FROM user_data"
FIRST_PAGE = f"{SELECT} ORDER BY user_id LIMIT %s"
NEXT_PAGE = f"{SELECT} WHERE user_id > %s ORDER BY user_id LIMIT %s"


def keyset_paginate(page_size: int, after: UserId | None = None) -> Iterator[list[User]]:
    """Yield pages of users ordered by user_id, from the one after the id `after`, or from the first.

    Each page is fetched when it is asked for. If the server goes away, the error says where to go on.
    """
    common.check_size("page_size", page_size)
    with closing(connect_to_prodev()) as connection:
        connection.autocommit = True  # no transaction, and so no old snapshot, while you read
        try:
            while page := page_after(connection, after, page_size):
                after = page[-1]["user_id"]  # before the yield, since whoever gets the page may change it
                yield page
        except OperationalError as error:  # the server is gone
            if after is None:  # there was no page yet
                raise
            raise OperationalError(f"{error}; to go on: --after {common.id_to_text(after)}") from error


def page_after(connection: MySQLConnectionAbstract, after: UserId | None, page_size: int) -> list[User]:
    """Return the `page_size` users after the id `after`, ordered by user_id; None is before the first."""
    if after is None:
        return common.fetch_page(connection, FIRST_PAGE, (page_size,))
    return common.fetch_page(connection, NEXT_PAGE, (after, page_size))


def demo(page_size: int, after: str | None) -> None:
    common.check_size("--page-size", page_size)
    start = None if after is None else common.id_from_text(after)
    shown = show_pages(keyset_paginate(page_size, start), page_size)
    if after is not None and not shown:
        print(f"no users after {after!r}", file=sys.stderr)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--page-size", type=int, default=100, metavar="N", help="default: 100 users")
    command_line.add_argument("--after", metavar="USER_ID", help="start after this user")
    common.run(demo, command_line)
