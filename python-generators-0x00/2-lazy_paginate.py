#!/usr/bin/env python3
"""Fetch a table page by page, and each page only when its reader asks for it.

A reader who looks at two pages costs two queries, however long the table is. Without ORDER BY a server may
answer each query in another order, and with changes between two pages an OFFSET counts from another start;
either way users are shown twice or never. So the pages are ordered, and all come from one snapshot.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Iterable, Iterator

import common
from common import User
from seed import connect_to_prodev

if TYPE_CHECKING:
    from mysql.connector.abstracts import MySQLConnectionAbstract

# The ages are DECIMAL in the table; CAST makes them int in Python.
QUERY = """
    SELECT user_id, name, email, CAST(age AS SIGNED) AS age
    FROM user_data ORDER BY user_id LIMIT %s OFFSET %s
"""


def paginate_users(
    page_size: int, offset: int, connection: MySQLConnectionAbstract | None = None
) -> list[User]:
    """Return one page as a list of dicts, ordered by user_id: `page_size` users after the first `offset`.

    Without a connection the page is fetched on one of its own.
    """
    common.check_size("page_size", page_size)
    common.check_size("offset", offset, least=0)
    if connection is None:
        with closing(connect_to_prodev()) as connection:
            return paginate_users(page_size, offset, connection)
    cursor = connection.cursor(dictionary=True)  # not closed: after Ctrl-C that raises another error
    with common.ctrl_c_waits():
        cursor.execute(QUERY, (page_size, offset))
    return cursor.fetchall()


def lazy_paginate(page_size: int) -> Iterator[list[User]]:
    """Yield the pages of the table in turn, each fetched when it is asked for."""
    common.check_size("page_size", page_size)

    def pages() -> Iterator[list[User]]:
        with closing(connect_to_prodev()) as connection:
            # Later queries of this transaction see the table as it is now.
            connection.start_transaction(consistent_snapshot=True, isolation_level="REPEATABLE READ")
            offset = 0
            while page := paginate_users(page_size, offset, connection):
                yield page
                offset += page_size

    return pages()


lazy_pagination = lazy_paginate  # the curriculum uses both names


def show_pages(pages: Iterable[list[User]], page_size: int) -> None:
    """Print page after page; on a terminal Enter fetches the next one and q leaves."""
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    for page in pages:
        for user in page:
            print(user)
        if on_terminal and len(page) == page_size and reader_leaves():
            break


def reader_leaves() -> bool:
    """Ask the reader at the terminal; Ctrl-D leaves as well."""
    try:
        return input("Enter: next page, q: leave ").strip().lower() == "q"
    except EOFError:
        return True
    except KeyboardInterrupt:
        print()  # what the terminal shows next begins on a new line
        raise


def demo(arguments: argparse.Namespace) -> None:
    show_pages(lazy_paginate(arguments.page_size), arguments.page_size)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--page-size", type=int, default=100, metavar="N", help="default: 100 users")
    common.run(demo, command_line)
