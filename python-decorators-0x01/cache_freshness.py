"""What 4-cache_query asks about a database: has anybody committed, and does this connection see it?

`PRAGMA data_version` is a number that changes when another connection, in any process, has committed. It
stays the same for commits of the connection that asks: hence a watcher, which does nothing but ask.
"""

from __future__ import annotations

import functools
import os
import sqlite3
import threading
import weakref
from typing import Any

import common


class Watcher:
    """A connection that is kept open to ask: one for each process, because of forks, and for each file."""

    def __init__(self, path: str, *process_and_file: int) -> None:  # those are only for the key of `watch`
        self.connection = sqlite3.connect(path, timeout=0, check_same_thread=False)
        self.lock = threading.Lock()  # a connection can answer only one thread at a time
        self.mark = object()  # equal to nothing else: versions that different watchers saw can't be compared
        weakref.finalize(self, self.connection.close)  # when lru_cache drops this watcher


watch = functools.lru_cache(maxsize=16)(Watcher)


def file_of(connection: sqlite3.Connection | None) -> str | None:
    """Return the path of the one file that a connection reads; None if its answers can't be kept."""
    if connection is None:
        return common.database_path()
    try:
        if connection.in_transaction:
            return None  # it sees rows that a rollback takes away
        # A cursor made this way gives plain tuples, whatever the row_factory.
        databases = sqlite3.Cursor(connection).execute("PRAGMA database_list").fetchall()
    except sqlite3.Error:
        return None  # it is closed
    return databases[0][2] if len(databases) == 1 else None  # the others are attached files, or TEMP tables


def snapshot(connection: sqlite3.Connection | None) -> tuple[Any, ...] | None:
    """Return what is different after every commit to the file that a connection reads; None if unknown."""
    path = file_of(connection)
    if not path:  # "" is a database in memory
        return None
    try:
        file = os.stat(path)
        watcher = watch(path, os.getpid(), file.st_dev, file.st_ino)
        with watcher.lock:
            (version,) = watcher.connection.execute("PRAGMA data_version").fetchone()
    except (OSError, sqlite3.Error):
        return None  # missing or locked: the decorated function will say so, or wait
    # Size and time are for those who copy another database over the file, behind the back of SQLite.
    return watcher.mark, version, file.st_size, file.st_mtime_ns


def has_unread_rows(connection: sqlite3.Connection | None) -> bool:
    """Tell whether the connection has a cursor with rows left: in WAL mode it then reads an old snapshot."""
    if connection is None:
        return False
    try:
        # A trick, since nothing says it outright. This is always an error, and which one is the answer: as
        # long as there is such a cursor, SQLite refuses VACUUM; if there is none, it refuses NULL as a name.
        sqlite3.Cursor(connection).execute("VACUUM INTO NULL")
    except sqlite3.Error as error:
        return "non-text filename" not in str(
            error
        )  # any other error counts as yes: that costs a hit at most
    return False
