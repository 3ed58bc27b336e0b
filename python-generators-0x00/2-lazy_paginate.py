#!/usr/bin/env python3
"""Fetch a table page by page, and each page only when you ask for it.

If you look at two pages, you pay for two queries, however long the table is. Without ORDER BY a server may
answer each query in another order, and if the table changes between two pages, an OFFSET counts from
somewhere else: either way users are shown twice, or never. So these pages are ordered, and all of them come
from one snapshot, the table as it was when you began.
"""

from __future__ import annotations

from contextlib import closing
from typing import Iterator

import common
from common import AGE, User
from pager import show_pages
from seed import connect_to_prodev

from mysql.connector.abstracts import MySQLConnectionAbstract

QUERY = f"SELECT user_id, name, email, {AGE} FROM user_data ORDER BY user_id LIMIT %s OFFSET %s"


def paginate_users(
    page_size: int, offset: int, connection: MySQLConnectionAbstract | None = None
) -> list[User]:
    """Return `page_size` users after the first `offset`, ordered by user_id.

    Without a connection the page is fetched on one of its own.
    """
    common.check_size("page_size", page_size)
    common.check_size("offset", offset, least=0)
    if connection is not None:
        return common.fetch_page(connection, QUERY, (page_size, offset))
    with closing(connect_to_prodev()) as own_connection:
        return paginate_users(page_size, offset, own_connection)


def lazy_paginate(page_size: int) -> Iterator[list[User]]:
    """Yield the pages of the table in turn, each fetched when it is asked for."""
    common.check_size("page_size", page_size)
    with closing(connect_to_prodev()) as connection:
        # Every query of this transaction sees the table as it is now.
        connection.start_transaction(consistent_snapshot=True, isolation_level="REPEATABLE READ")
        offset = 0
        while page := paginate_users(page_size, offset, connection):
            yield page
            offset += page_size


lazy_pagination = lazy_paginate  # the curriculum uses both names


def demo(page_size: int) -> None:
    common.check_size("--page-size", page_size)
    show_pages(lazy_paginate(page_size), page_size)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--page-size", type=int, default=100, metavar="N", help="default: 100 users")
    common.run(demo, command_line)
