"""What 4-cache_query asks about a database: which state it is in, and whether a connection sees that state.

`PRAGMA data_version` is a number that changes when another connection, in any process, has committed. It
stays the same for commits of the connection that asks: hence a watcher, which does nothing but ask.
"""

from __future__ import annotations

import functools
import itertools
import os
import sqlite3
import threading
from typing import Any

import common

asking = threading.Lock()  # a watcher can answer only one thread at a time
serials = itertools.count()  # a number for each watcher, since what two of them say cannot be compared


class Watcher(sqlite3.Connection):
    """A connection that is closed when nobody needs it any more (Python 3.13 warns of one that isn't)."""

    def __del__(self) -> None:
        self.close()


@functools.lru_cache(maxsize=16)
def watch(process: int, path: str, device: int, inode: int) -> tuple[int, sqlite3.Connection]:
    """Return the number and the watcher of a file.

    There is one for each set of arguments: a forked process gets its own, and so does a new file in the place
    of an old one.
    """
    return next(serials), sqlite3.connect(path, timeout=0, check_same_thread=False, factory=Watcher)


def source_of(connection: sqlite3.Connection | None) -> tuple[str, Any, Any] | None:
    """Return the file that a connection reads, and how it makes rows; None if its answers can't be kept."""
    if connection is None:
        return common.database_path(), None, None
    if connection.in_transaction:
        return None  # it sees rows that a rollback takes away
    # A cursor made this way gives plain tuples, whatever the row_factory.
    databases = sqlite3.Cursor(connection).execute("PRAGMA database_list").fetchall()
    if len(databases) > 1:
        return None  # the others are attached files, or TEMP tables
    return databases[0][2], connection.row_factory, connection.text_factory


def state_of(source: tuple[str, Any, Any] | None) -> tuple[Any, ...] | None:
    """Return what differs after every commit to the file of a source; None if that can't be told."""
    if source is None:
        return None
    path = source[0]
    try:
        file = os.stat(path)  # an error for a database in memory, whose path is ""
        serial, watcher = watch(os.getpid(), path, file.st_dev, file.st_ino)
        with asking:
            (version,) = watcher.execute("PRAGMA data_version").fetchone()
    except (OSError, sqlite3.Error):
        return None  # the file is missing or locked: the function will say so, or wait
    # Size and time are for those who copy another database over the file, behind the back of SQLite.
    return serial, version, file.st_size, file.st_mtime_ns


def has_unread_rows(connection: sqlite3.Connection | None) -> bool:
    """Tell whether the connection has a cursor with rows left: in WAL mode it then reads an old snapshot.

    SQLite refuses VACUUM as long as there is such a cursor. Otherwise it gets as far as the file name, NULL,
    and fails there: so this never changes anything.
    """
    if connection is None:
        return False
    try:
        sqlite3.Cursor(connection).execute("VACUUM INTO NULL")
    except sqlite3.Error as error:
        return "non-text filename" not in str(error)
    return False
