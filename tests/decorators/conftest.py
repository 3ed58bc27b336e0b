"""What the tests of python-decorators-0x01 share."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Callable

from support import DECORATORS

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the scripts under test."""
    return DECORATORS


@pytest.fixture
def names(users_db: Path) -> Callable[[], list[str]]:
    """A function that returns the names of users added by the test, as a new connection sees them."""

    def read() -> list[str]:
        with closing(sqlite3.connect(users_db)) as connection:
            return [
                name for (name,) in connection.execute("SELECT name FROM users WHERE id > 12 ORDER BY name")
            ]

    return read
