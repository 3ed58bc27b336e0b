"""What the learner's code does while a probe runs: connections it opens, pauses it makes, words it prints."""

from __future__ import annotations

import io
import re
import sqlite3
import sys
import threading
import time
import traceback
import weakref
from collections import deque
from dataclasses import dataclass, field
from typing import Any

real_sleep = time.sleep
MOST_STATEMENTS = 1000
# A last line that explains why a solution came to a wrong result.
COMPLAINT = re.compile(
    r"(?i)error|fail|exception|cannot|could not|unable|denied|missing|\bno\b|\bnot\b|n't\b"
)
MOST_WORDS = 1 << 20  # characters that are kept of what is printed: an endless loop prints more


def running() -> set[str]:
    """Return the names of the learner's functions that are running."""
    stack = traceback.walk_stack(sys._getframe())
    return {f.f_code.co_name for f, _ in stack if "/exercise/" in f.f_code.co_filename}


def classes() -> set[str]:
    """Return the names of the learner's classes whose __init__ or __enter__ is running."""
    frames = [f for f, _ in traceback.walk_stack(sys._getframe()) if "/exercise/" in f.f_code.co_filename]
    makers = [f.f_locals.get("self") for f in frames if f.f_code.co_name in ("__init__", "__enter__")]
    return {kind.__name__ for maker in makers for kind in type(maker).__mro__}


class TrackedConnection(sqlite3.Connection):
    """A connection that remembers which class opened it, in which thread, and whether it was closed."""

    is_closed = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.thread = threading.get_ident()
        self.opened_by = classes()

    def close(self) -> None:
        super().close()
        self.is_closed = True


@dataclass
class Recorder:
    """The memory of one probe; begin() forgets all of it but `elsewhere`, `at_home` and `impatient`."""

    naps: list[float] = field(default_factory=list)
    mysql: list[weakref.ref[Any]] = field(default_factory=list)
    sqlite: list[TrackedConnection] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)  # "MySQL", "SQLite", "CSV": where data was looked for
    unset: list[str] = field(default_factory=list)  # settings that the code asked for and nobody set
    absent: list[str] = field(default_factory=list)  # packages that the code used and that are not installed
    printed: list[str] = field(default_factory=list)
    volume: int = 0  # characters that were printed, also those that are not kept
    # The last ones: number of the SQLite connection, SQL.
    statements: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=MOST_STATEMENTS))
    committed_in: set[str] = field(default_factory=set)  # the learner's functions that were running then
    elsewhere: list[str] = field(default_factory=list)  # other databases than users.db: of all probes
    at_home: bool = False  # users.db was opened as well: in all probes
    written: list[str] = field(default_factory=list)  # files that were opened to write since the last import
    impatient: list[tuple[str, float]] = field(default_factory=list)  # file, timeout below 0.5 s: likewise

    def begin(self) -> None:
        for memory in (self.naps, self.mysql, self.sqlite, self.sources, self.unset, self.printed):
            memory.clear()
        self.committed_in.clear()
        self.statements.clear()
        self.absent.clear()

    def follow(self, connection: TrackedConnection) -> None:
        """Remember a connection of the learner's code, and from now on what it executes."""
        number = len(self.sqlite)
        self.sqlite.append(connection)

        def remember(statement: str) -> None:
            self.statements.append((number, statement))
            if statement.upper().startswith(("COMMIT", "END")):
                self.committed_in |= running()

        connection.set_trace_callback(remember)

    def last_words(self) -> str:
        """Return the last line that the code printed."""
        lines = [line.strip() for line in "".join(self.printed).splitlines()]
        return next((line for line in reversed(lines) if any(c.isalnum() for c in line)), "")


class Printed(io.StringIO):
    """A stream for what the code prints, which the recorder keeps as well."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def write(self, text: str) -> int:
        self.recorder.volume += len(text)
        if self.tell() < MOST_WORDS:
            self.recorder.printed.append(text)
            super().write(text)
        return len(text)

    def reconfigure(self, **options: Any) -> None:
        """Do nothing: there is no encoding here, and code may ask for one, as it can of the real stream."""
