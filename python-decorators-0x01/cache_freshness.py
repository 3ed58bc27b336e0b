"""What 4-cache_query asks about a database: which file it is, and whether anybody has changed it.

`PRAGMA data_version` is a number that changes when another connection, in any process, has committed. It
stays the same for commits of the connection that asks: hence a watcher, which does nothing but ask.
"""

from __future__ import annotations

import functools
import itertools
import os
import sqlite3
import threading
import weakref
from typing import Any

import common

serials = itertools.count()  # what two watchers say cannot be compared, so each has a number


@functools.lru_cache(maxsize=16)
class Watcher:
    """A connection that is kept open to ask, and never waits for a lock.

    There is one for each set of arguments: a forked process gets its own, and so does a new file in the place
    of an old one.
    """

    def __init__(self, process: int, path: str, device: int, inode: int) -> None:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        weakref.finalize(self, connection.close)
        self.serial, self.lock, self.cursor = next(serials), threading.Lock(), connection.cursor()


def database_file(connection: sqlite3.Connection | None) -> str | None:
    """Return the path of the only database that a connection reads; None if its answers must not be kept."""
    if connection is None:
        return common.database_path()
    try:
        if connection.in_transaction or connection.text_factory is not str:
            return None  # in a transaction there are rows that a rollback takes away
        hash(connection.row_factory)  # it will be part of the key
        databases = sqlite3.Cursor(connection).execute("PRAGMA database_list").fetchall()
    except (TypeError, sqlite3.Error):
        return None
    # Further ones are attached or hold TEMP tables. The path comes third, and is "" for a database in memory.
    return databases[0][2] if len(databases) == 1 else None


def look(path: str) -> tuple[int, Any] | None:
    """Return which watcher the file has, and what differs after every commit; None if that can't be told."""
    try:
        file = os.stat(path)
        watcher = Watcher(os.getpid(), path, file.st_dev, file.st_ino)
        with watcher.lock:
            (version,) = watcher.cursor.execute("PRAGMA data_version").fetchone()
    except (OSError, sqlite3.Error):
        return None  # it's missing or locked, and the function will say so itself, or wait
    # Size and time are for those who copy another database over the file, behind the back of SQLite.
    return watcher.serial, (version, file.st_size, file.st_mtime_ns)


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
