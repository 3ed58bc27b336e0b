"""What 4-cache_query asks about a database: which state it is in, and whether a connection sees that state.

`PRAGMA data_version` is a number that changes when another connection, in any process, has committed. It
stays the same for commits of the connection that asks: hence a watcher, which does nothing but ask.
"""

from __future__ import annotations

import functools
import os
import sqlite3
import threading
from typing import Any

import common

asking = threading.Lock()  # a watcher can answer only one thread at a time


class Watcher(sqlite3.Connection):
    """A connection that is closed when nobody needs it any more."""

    def __del__(self) -> None:
        self.close()


@functools.lru_cache(maxsize=16)
def watch(process: int, path: str, device: int, inode: int) -> tuple[sqlite3.Connection, object]:
    """Return the watcher of a file, and a mark, since what two watchers say cannot be compared.

    A forked process gets a watcher of its own, and so does a new file under the old name.
    """
    return sqlite3.connect(path, timeout=0, check_same_thread=False, factory=Watcher), object()


def source_of(connection: sqlite3.Connection | None) -> tuple[str, Any, Any] | None:
    """Return the file that a connection reads, and how it makes rows of it; None if they must not be kept."""
    if connection is None:
        return common.database_path(), None, None
    # A cursor made this way gives plain tuples, whatever the row_factory.
    databases = sqlite3.Cursor(connection).execute("PRAGMA database_list").fetchall()
    if connection.in_transaction or len(databases) > 1:
        return None  # there are rows that a rollback takes away, or others from attached files or TEMP tables
    return databases[0][2], connection.row_factory, connection.text_factory


def state_of(path: str) -> tuple[Any, ...] | None:
    """Return what no later state of this database file shares; None if it can't be told."""
    try:
        file = os.stat(path)  # an error for a database in memory, whose path is ""
        watcher, mark = watch(os.getpid(), path, file.st_dev, file.st_ino)
        with asking:
            (version,) = watcher.execute("PRAGMA data_version").fetchone()
    except (OSError, sqlite3.Error):
        return None  # it's missing or locked, and the function will say so itself, or wait
    # Size and time are for those who copy another database over the file, behind the back of SQLite.
    return mark, version, file.st_size, file.st_mtime_ns


def is_reading(connection: sqlite3.Connection | None) -> bool:
    """Tell whether the connection has a cursor with rows left: in WAL mode it then reads an old snapshot.

    SQLite refuses VACUUM as long as there is such a cursor. Otherwise it gets as far as the file name, NULL,
    and fails there: so this never changes anything.
    """
    try:
        if connection:
            sqlite3.Cursor(connection).execute("VACUUM INTO NULL")
    except sqlite3.Error as error:
        return "non-text filename" not in str(error)
    return False
