"""Stream the rows of a query of any size in constant memory, and leave whenever you like.

    with stream_rows("SELECT user_id, age FROM user_data") as rows:
        for user_id, age in rows:
            ...

What most programs that stream from MySQL get wrong, and what is done here:

- `fetchall` and `buffered=True` hold every row in memory. An ordinary cursor of this driver is unbuffered:
  the server sends rows while they are read.
- `for row in cursor` fetches rows one by one and makes a Decimal of each age. This cursor is raw, a row is
  a tuple of bytes, and `fetchmany` brings a thousand at a time. That is several times as fast.
- After an early exit the connection has unread rows. To close the cursor then raises "Unread result found",
  and to close the connection reads all the rest first, the longer the larger the table is. So a second
  connection tells the server to stop (KILL), and there is no rest.
- The id in a KILL is only unique on its own server. Behind a proxy the second connection may reach another
  server, where somebody else has that id. So each stream marks its statement with a comment, and only the
  connection that runs this very statement is killed.
- The server waits 60 seconds for a slow reader (`net_write_timeout`), then cuts it off. Here it is a year.
- A program that prints the error of a dying server and goes on takes a short result for a complete one.
  Here the rows end only where the server says so; anything else raises.
- A generator that is still open when Python exits is closed too late to connect to anything, so `atexit`
  closes it.
"""

from __future__ import annotations

import atexit
import sys
import uuid
from contextlib import closing, contextmanager, suppress
from functools import lru_cache, partial
from itertools import chain
from typing import Dict, Iterator, Tuple

from seed import connect_to_prodev

import mysql.connector
from mysql.connector.abstracts import MySQLConnectionAbstract

FETCH_SIZE = 1000  # rows; more is no faster
WRITE_TIMEOUT = 31_536_000  # seconds, a year: the most that MySQL and MariaDB accept

Row = Tuple[bytes, ...]


class WholeNumbers(Dict[bytes, int]):
    """int() of digits, computed once for each: ages repeat, and a look-up costs half of int()."""

    def __missing__(self, digits: bytes) -> int:
        number = self[digits] = int(digits)
        return number


@contextmanager
def stream_rows(query: str) -> Iterator[Iterator[Row]]:
    """Run a query and give an iterator over its rows, each a tuple of bytes, one for each column."""
    warn_if_slow()
    connection = connect_to_prodev()
    marker = f"/* stream {uuid.uuid4().hex} */"
    leave = partial(leave_stream, connection, marker)
    atexit.register(leave)
    try:
        cursor = connection.cursor(raw=True)
        cursor.execute(f"SET SESSION net_write_timeout = {WRITE_TIMEOUT}")
        cursor.execute(f"{marker} {query}")
        batches = iter(partial(cursor.fetchmany, FETCH_SIZE), [])
        yield chain.from_iterable(batches)
    finally:
        atexit.unregister(leave)
        leave()


def leave_stream(connection: MySQLConnectionAbstract, marker: str) -> None:
    """Close a connection, at once and without an error even if it has unread rows."""
    try:
        if connection.unread_result:
            # Where this fails, close() reads the rest: slower, but as clean.
            with suppress(ConnectionError, mysql.connector.Error):
                kill_statement(connection.connection_id, marker)
    finally:
        with suppress(mysql.connector.Error):  # the server is gone: so is the connection
            connection.close()


def kill_statement(thread_id: int | None, marker: str) -> None:
    """End the connection `thread_id` on the server if it still runs the statement with this marker."""
    with closing(connect_to_prodev()) as other, closing(other.cursor()) as cursor:
        cursor.execute("SHOW PROCESSLIST")
        running = {
            row[0]: row[7] for row in cursor.fetchall()
        }  # id: the first 100 characters of the statement
        if str(running.get(thread_id)).startswith(marker):
            cursor.execute(f"KILL CONNECTION {thread_id}")


@lru_cache(maxsize=None)
def warn_if_slow() -> None:
    """Say once, on stderr, that the driver runs without its C extension."""
    if not mysql.connector.HAVE_CEXT:
        print(
            "mysql-connector-python runs without its C extension, so streaming is 3 to 10 times slower;"
            " try: python3 -m pip install 'mysql-connector-python>=9.0,<10'",
            file=sys.stderr,
        )
