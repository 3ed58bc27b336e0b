#!/usr/bin/env python3
"""Fetch pages by key: page one million costs what page one does.

OFFSET 1000000 reads a million rows and throws them away. "After the last id that I have seen" goes straight
to its place in the index, needs no snapshot, and can be resumed tomorrow with nothing but that id. Prefer it
wherever readers go from page to page; task 2 remains for those who jump to page 17. Neither shows rows that
are inserted behind the reader. Here each page is fresh: rows inserted ahead of the reader are seen, and a
row that stays is seen exactly once, whatever happens to the others.
"""

from __future__ import annotations

import argparse
import importlib
from contextlib import closing
from typing import TYPE_CHECKING, Iterator

import common
from common import User
from seed import connect_to_prodev

if TYPE_CHECKING:
    from mysql.connector.abstracts import MySQLConnectionAbstract

show_pages = importlib.import_module("2-lazy_paginate").show_pages

QUERY = """
    SELECT user_id, name, email, CAST(age AS SIGNED) AS age
    FROM user_data WHERE user_id > %s ORDER BY user_id LIMIT %s
"""


def keyset_paginate(page_size: int, after: str | None = None) -> Iterator[list[User]]:
    """Yield pages of users ordered by user_id that follow the id `after`, each fetched when asked for."""
    common.check_size("page_size", page_size)
    if not isinstance(after, (str, type(None))):
        raise ValueError(f"after must be a user_id or None, not {after!r}")

    def pages() -> Iterator[list[User]]:
        with closing(connect_to_prodev()) as connection:
            connection.autocommit = True  # nothing is held on the server while the reader reads
            last_id = after or ""
            while page := page_after(connection, last_id, page_size):
                last_id = str(page[-1]["user_id"])  # before the yield: the reader may change the page
                yield page

    return pages()


def page_after(connection: MySQLConnectionAbstract, last_id: str, page_size: int) -> list[User]:
    """Return the `page_size` users that follow the id `last_id`, ordered by user_id."""
    cursor = connection.cursor(dictionary=True)  # not closed: after Ctrl-C that raises another error
    with common.ctrl_c_waits():
        cursor.execute(QUERY, (last_id, page_size))
    return cursor.fetchall()


def demo(arguments: argparse.Namespace) -> None:
    show_pages(keyset_paginate(arguments.page_size, arguments.after), arguments.page_size)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--page-size", type=int, default=100, metavar="N", help="default: 100 users")
    command_line.add_argument("--after", metavar="USER_ID", help="start behind this user")
    common.run(demo, command_line)
