"""Tell whether a database has changed, and whether a statement only reads it: what 4-cache_query stands on.

`PRAGMA data_version` is a number that changes when another connection, in any process, has committed. It
stays the same for commits of the connection that asks: hence a connection that does nothing but ask.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
import weakref
from collections import OrderedDict
from contextlib import closing
from pathlib import Path
from typing import Tuple

MAX_WATCHERS = 16  # each keeps a file open

# Functions that return the same for the same rows and values. Not random(), changes(), last_insert_rowid();
# not datetime() and its like either, because 'now' can be their argument.
NUMBERS = "abs avg count max min round sign sum total"
STRINGS = "char format glob group_concat hex instr length like lower ltrim printf quote replace rtrim"
MORE_STRINGS = "string_agg substr substring trim typeof unicode upper coalesce ifnull iif nullif"
WINDOWS = "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number"
JSON = "json json_array json_array_length json_extract json_group_array json_object json_type -> ->>"
FUNCTIONS = frozenset(" ".join([NUMBERS, STRINGS, MORE_STRINGS, WINDOWS, JSON]).split())

Version = Tuple[Tuple[int, ...], int, int]  # state of the file, serial of the watcher, its data_version
serials = itertools.count()  # what two watchers say cannot be compared, so each has a number


def connect(path: str) -> sqlite3.Connection:
    """Return a connection that never waits for a lock and never creates the file."""
    # Waiting is left to the function that the caller wants to run; until then it goes without the cache. The
    # mode rw is for a file that somebody has just deleted.
    uri = Path(path).as_uri() + "?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)


class Watcher:
    """A connection that is kept to ask whether the database has changed."""

    def __init__(self, path: str) -> None:
        self._connection = connect(path)
        weakref.finalize(self, self._connection.close)
        self._lock = threading.Lock()
        self._serial = next(serials)

    def version(self) -> tuple[int, int]:
        """Return what differs after a commit by anybody."""
        with self._lock:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return self._serial, version


def only_reads(path: str, sql: str) -> bool:
    """Tell whether this is one statement that does nothing but read tables of the database in this file.

    SQLite itself says what the statement would do while it compiles it; no search for keywords can.
    """
    selects = []

    def authorize(action: int, name: str | None, detail: str | None, *place: object) -> int:
        if action == sqlite3.SQLITE_SELECT:
            selects.append(action)
            allowed = True
        elif action == sqlite3.SQLITE_FUNCTION:
            allowed = str(detail).lower() in FUNCTIONS
        elif action == sqlite3.SQLITE_READ:
            # Tables such as pragma_table_info and sqlite_stmt are not in the file.
            allowed = not str(name).lower().startswith(("pragma_", "sqlite_"))
        else:
            allowed = action == sqlite3.SQLITE_RECURSIVE
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    try:
        # A new connection, because an old one would compile it for the tables and views that it once knew.
        with closing(connect(path)) as connection:
            connection.set_authorizer(authorize)
            connection.execute(f"EXPLAIN {sql}")
    except sqlite3.ProgrammingError as error:
        # "Incorrect number of bindings": it is compiled, only its values are not here. From Python 3.11 on,
        # two statements in one raise a ProgrammingError as well.
        return bool(selects) and "bindings" in str(error)
    except (sqlite3.Error, sqlite3.Warning, ValueError):
        return False
    return bool(selects)  # VACUUM, for one, asks for no permission at all


class Watchers:
    """The watchers of this process, one a file; the least recently used goes when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: OrderedDict[tuple[int, str], tuple[tuple[int, int], Watcher]] = OrderedDict()

    def version(self, path: str) -> Version:
        """Return the version of the database in a file; OSError or sqlite3.Error if it cannot be told now."""
        status = os.stat(path)
        # Size and time are for those who copy a file over the database, without SQLite.
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        return (state, *self._watcher(path, (status.st_dev, status.st_ino)).version())

    def clear(self) -> None:
        """Close them all."""
        with self._lock:
            self._watchers.clear()

    def _watcher(self, path: str, inode: tuple[int, int]) -> Watcher:
        key = (os.getpid(), path)  # a connection must not be used by a forked child
        with self._lock:
            # No new file can have the inode of one that is open: a file put in the place of another shows.
            if key not in self._watchers or self._watchers[key][0] != inode:
                self._watchers[key] = (inode, Watcher(path))
            self._watchers.move_to_end(key)
            if len(self._watchers) > MAX_WATCHERS:
                self._watchers.popitem(last=False)
            return self._watchers[key][1]


watchers = Watchers()
