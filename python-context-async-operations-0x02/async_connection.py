"""An aiosqlite connection that ends with its `async with` block, however the block ends.

aiosqlite has a thread for each connection, and a task only waits for what the thread does. So cancelling the
task ends the waiting and nothing else:

- a statement runs on to its end, and close() waits in line behind it;
- a database that was being opened is opened all the same, and nobody closes it;
- Python does not exit before the thread does, and a forgotten thread never does.

Here, leaving the block interrupts the statement, ends the thread, and closes the connection.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import suppress
from typing import Any

import common
from closing_connection import ClosingConnection

try:
    import aiosqlite
except ModuleNotFoundError:
    sys.exit(
        "aiosqlite is missing; activate the virtual environment, or install what is needed with:"
        " python3 -m pip install aiosqlite tqdm"
    )


class AsyncDatabaseConnection:
    """A connection to `database`, by default users.db, to read from in one `async with` block."""

    def __init__(self, database: str | None = None) -> None:
        self.database = common.database_path() if database is None else database
        self.opened: sqlite3.Connection | None = None
        self.connection: Any = aiosqlite.Connection(self.open, iter_chunk_size=64)
        # Since aiosqlite 0.22 a connection has a thread; before, it is one.
        self.thread: Any = getattr(self.connection, "_thread", self.connection)
        # The last resort: Python exits even if the event loop is thrown away in the middle of the block.
        self.thread.daemon = True

    def open(self) -> sqlite3.Connection:
        """Open the database, in the thread, and remember it even if nobody waits for it any more."""
        self.opened = sqlite3.connect(self.database, check_same_thread=False, factory=ClosingConnection)
        return self.opened

    async def __aenter__(self) -> aiosqlite.Connection:
        try:
            return await self.connection
        except BaseException:
            await self.__aexit__()
            raise

    async def __aexit__(self, *exc_info: object) -> None:
        # Only a message for the thread, which reads it after the statement that runs now. No waiting, so
        # nothing can come in between. The second name is that of aiosqlite before 0.22.1.
        stop = getattr(self.connection, "stop", None) or self.connection._stop_running
        stop()
        try:
            while not self.has_ended():
                await asyncio.sleep(0.05)  # it waits for a lock, or for the disk; other tasks need not
        finally:
            while not self.has_ended():
                pass  # cancelled while waiting: now everybody waits, but nothing is left behind
            if self.opened:
                self.opened.close()

    def has_ended(self) -> bool:
        """Interrupt the statement, give the thread a moment, and tell whether it has ended."""
        # Once is not enough: SQLite forgets an interrupt that comes just before its statement starts.
        with suppress(sqlite3.ProgrammingError):  # the thread may have closed it by now
            if self.opened:
                self.opened.interrupt()
        if self.thread.is_alive():
            self.thread.join(0.02)
        return not self.thread.is_alive()
