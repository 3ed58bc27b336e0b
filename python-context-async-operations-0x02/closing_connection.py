"""A SQLite connection whose close() really closes it: its cursors are closed with it.

From Python 3.11 on, a cursor that still has rows to give keeps the file open, and locked against every
writer, after `connection.close()`. A variable `cursor` that outlives its `with` block is enough for that.
"""

from __future__ import annotations

import sqlite3
import weakref
from typing import Any


class ClosingConnection(sqlite3.Connection):
    """A connection that closes its cursors too: `sqlite3.connect(path, factory=ClosingConnection)`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Weak: a cursor that nobody uses any more is not kept alive by this.
        self.cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *args: Any, **options: Any) -> Any:
        cursor = super().cursor(*args, **options)
        self.cursors.add(cursor)
        return cursor

    def execute(self, *args: Any) -> sqlite3.Cursor:
        # From Python 3.11 on, the inherited method makes its cursor without asking cursor().
        return self.cursor().execute(*args)

    def close(self) -> None:
        for cursor in list(self.cursors):
            cursor.close()
        self.cursors.clear()  # a second close() would fail on them
        super().close()
