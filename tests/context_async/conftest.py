"""Where the tests of python-context-async-operations-0x02 find their project, and what they count."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from pathlib import Path
from typing import Callable, Iterator

from support import CONTEXT

import pytest

OPEN_FILES = "/dev/fd"


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the scripts under test."""
    return CONTEXT


@pytest.fixture
def open_files() -> Callable[[], int]:
    """A function that tells how many files this process has open."""
    if not os.path.exists(OPEN_FILES):
        pytest.skip(f"open files are counted in {OPEN_FILES}, which this system doesn't have")
    gc.collect()  # what an earlier test has left for the garbage collector isn't part of this one
    return lambda: len(os.listdir(OPEN_FILES))


@pytest.fixture
def nothing_left() -> Iterator[Callable[[], None]]:
    """A function that fails if a thread or a file is left over; it's also called when the test has ended."""

    def files() -> int:
        return len(os.listdir(OPEN_FILES)) if os.path.exists(OPEN_FILES) else 0

    async def files_in_a_loop() -> int:  # an event loop has some open itself
        return files()

    def in_a_loop() -> bool:
        try:
            return bool(asyncio.get_running_loop())
        except RuntimeError:
            return False

    asyncio.run(files_in_a_loop())  # and the first one opens some for good
    allowed = {False: files(), True: asyncio.run(files_in_a_loop())}

    def check() -> None:
        assert threading.enumerate() == [threading.main_thread()]
        assert files() == allowed[in_a_loop()]

    yield check
    check()
