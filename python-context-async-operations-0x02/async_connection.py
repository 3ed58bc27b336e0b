"""An aiosqlite connection to read from, which ends with its `async with` block, however the block ends.

An aiosqlite connection works in a thread of its own. A cancelled task only stops waiting for that thread:

1. open: the event loop starts the thread and waits; the thread opens the database
2. run: the event loop sends a statement and goes on with other tasks; the thread runs the statement
3. stop: the block has ended; the event loop sends a last message, "stop", behind whatever the thread does now
4. interrupt: the event loop breaks off the running statement; the thread reads "stop" and ends
5. close: the thread has ended; the event loop closes the database, unless aiosqlite has done so in the thread
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from contextlib import suppress
from typing import Any, Callable

import common
from closing_connection import ClosingConnection

try:
    import aiosqlite
except ModuleNotFoundError:
    sys.exit(
        "aiosqlite is missing; activate the virtual environment, or install it:"
        " python3 -m pip install aiosqlite"
    )


def thread_and_stop(connection: Any) -> tuple[threading.Thread, Callable[[], object]]:
    """Return the thread of an aiosqlite connection, and the function that tells it to stop."""
    if isinstance(connection, threading.Thread):  # aiosqlite 0.20 and 0.21: the connection is the thread
        return connection, connection._stop_running  # type: ignore[attr-defined]
    return connection._thread, connection.stop  # since 0.22.1


class AsyncDatabaseConnection:
    """A connection to `database`, by default users.db, for one `async with` block; a write is an error."""

    def __init__(self, database: str | None = None) -> None:
        self.database = common.database_path() if database is None else database
        self.opened: sqlite3.Connection | None = None
        self.connection: Any = aiosqlite.Connection(
            self.open, iter_chunk_size=64
        )  # required, but unused here
        self.thread, self.stop = thread_and_stop(self.connection)
        # A daemon, or Python couldn't exit if somebody threw the event loop away in the middle of the block.
        self.thread.daemon = True

    def open(self) -> sqlite3.Connection:
        # This runs in the thread. The connection is kept, since the task that waits for it may be cancelled.
        self.opened = sqlite3.connect(self.database, check_same_thread=False, factory=ClosingConnection)
        self.opened.execute("PRAGMA query_only = ON")  # nobody commits here, so a write would be lost
        return self.opened

    async def __aenter__(self) -> aiosqlite.Connection:
        try:
            return await self.connection
        except BaseException:
            await self.__aexit__()
            raise

    async def __aexit__(self, *exc_info: object) -> None:
        self.stop()  # first, so that the thread finds "stop" as soon as it is interrupted
        try:
            # Nearly always the thread ends in the first call. There's no await before it: a stream that was
            # left by a mere break is closed by asyncio, at the end, in a task that it may not wait for.
            while not self.has_ended():
                await asyncio.sleep(0.05)  # the thread waits for a lock or the disk; other tasks needn't
        finally:
            while not self.has_ended():  # this task was cancelled in that sleep: now all tasks wait
                pass
            if self.opened:
                self.opened.close()

    def has_ended(self) -> bool:
        """Break off the running statement, and tell whether the thread has ended a moment later.

        Called again and again, because SQLite forgets an interrupt that comes just before a statement starts.
        """
        with suppress(sqlite3.ProgrammingError):  # the thread has closed the database already
            if self.opened:
                self.opened.interrupt()
        if self.thread.is_alive():  # or never started, which join() takes for an error
            self.thread.join(0.02)
        return not self.thread.is_alive()
