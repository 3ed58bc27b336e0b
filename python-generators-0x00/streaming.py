"""Stream the rows of a query of any size in constant memory, and leave whenever you like.

    with run_unbuffered("SELECT user_id, age FROM user_data") as cursor:
        for user_id, age in rows_of(cursor):
            ...

A cursor of this driver is unbuffered: the server sends rows while you read them. To be fast, ours is also raw
(a row is a tuple of bytes, nothing is converted) and read with fetchmany. The hard part is leaving early.
"""

from __future__ import annotations

import atexit
import sys
import uuid
from contextlib import closing, contextmanager, suppress
from functools import lru_cache, partial
from typing import Any, Callable, Iterator, Tuple

from common import UserId
from seed import connect_to_prodev

import mysql.connector
from mysql.connector.abstracts import MySQLConnectionAbstract, MySQLCursorAbstract

FETCH_SIZE = 1000  # rows; more is no faster
WRITE_TIMEOUT = 31_536_000  # seconds, a year: the most that MySQL and MariaDB accept
BINARY = 63  # the number of the character set "binary", which columns have that hold no text

Row = Tuple[Any, ...]  # bytes, or None where a column is NULL


def rows_of(cursor: MySQLCursorAbstract) -> Iterator[Row]:
    """Yield rows until the server says that there are no more; if it dies before that, that's an error."""
    while batch := cursor.fetchmany(FETCH_SIZE):
        yield from batch


def id_reader(cursor: MySQLCursorAbstract) -> Callable[[bytes], UserId]:
    """Return the function that turns the bytes of the first column into an id: text, a number or bytes."""
    column = cursor.description[0]
    kind, charset = column[1], column[-1]  # the driver has added the character set at the end
    if charset != BINARY:
        return bytes.decode
    return int if kind == mysql.connector.NUMBER else bytes


@contextmanager
def run_unbuffered(query: str) -> Iterator[MySQLCursorAbstract]:
    """Run a query and give its cursor, raw and unbuffered; leaving early is immediate and raises nothing."""
    warn_if_slow()
    connection = connect_to_prodev()
    marker = f"/* stream {uuid.uuid4().hex} */"
    leave = partial(leave_stream, connection, marker)
    # A generator that is still open when Python exits is closed too late to connect. So we leave before that.
    atexit.register(leave)
    try:
        cursor = connection.cursor(raw=True)
        # By default the server waits 60 seconds for a slow reader, then cuts it off.
        cursor.execute(f"SET SESSION net_write_timeout = {WRITE_TIMEOUT}")
        cursor.execute(f"{marker} {query}")
        yield cursor
    finally:
        atexit.unregister(leave)
        leave()


def leave_stream(connection: MySQLConnectionAbstract, marker: str) -> None:
    """Close a connection, at once and without an error even if it has unread rows."""
    try:
        # With rows unread, closing the cursor raises "Unread result found", and closing the connection reads
        # all of them first. So a second connection tells the server to stop sending.
        if connection.unread_result:
            # If this fails, close() reads the rest: slower, but just as clean.
            with suppress(ConnectionError, mysql.connector.Error):
                kill_statement(connection.connection_id, marker)
    finally:
        with suppress(mysql.connector.Error):  # the server is gone: so is the connection
            connection.close()


def kill_statement(thread_id: int | None, marker: str) -> None:
    """End the connection `thread_id` on the server if it still runs the statement with this marker.

    Behind a proxy or in a cluster the second connection may reach another server, where somebody else has
    that id. The marker tells.
    """
    with closing(connect_to_prodev()) as other, closing(other.cursor()) as cursor:
        cursor.execute("SHOW PROCESSLIST")
        for row in cursor.fetchall():
            # Column 0 is the id, and column 7 the first 100 characters of the statement.
            if row[0] == thread_id and str(row[7]).startswith(marker):
                cursor.execute(f"KILL CONNECTION {thread_id}")


@lru_cache(maxsize=None)  # so that the body runs only once
def warn_if_slow() -> None:
    """Say once, on stderr, that the driver runs without its C extension."""
    if not mysql.connector.HAVE_CEXT:
        print(
            "mysql-connector-python runs without its C extension, so streaming is 3 to 10 times slower;"
            " try: python3 -m pip install 'mysql-connector-python>=9.0,<10'",
            file=sys.stderr,
        )
