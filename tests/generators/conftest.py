"""The fixtures of the room of python-generators-0x00: tables in several states, and who is connected."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

from support import GENERATORS, Load

import pytest

MANY = 20_000  # users; far more than the buffers between server and client hold


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the scripts under test."""
    return GENERATORS


@pytest.fixture
def seed(load: Load, prodev: str) -> ModuleType:
    """The module seed; the database of the test exists and its table is empty."""
    return load("seed")


@pytest.fixture
def connection(seed: ModuleType) -> Iterator[Any]:
    """A connection to the database of the test."""
    with closing(seed.connect_to_prodev()) as connection:
        yield connection


@pytest.fixture
def execute(load: Load, prodev: str) -> Iterator[Callable[..., list[Any]]]:
    """A function that runs a statement as somebody else would, committed at once, and returns its rows."""
    with closing(load("seed").connect_to_prodev()) as connection, closing(connection.cursor()) as cursor:
        connection.autocommit = True

        def run(statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

        yield run


@pytest.fixture
def people(load: Load) -> Callable[..., None]:
    """A function that adds a user for each age; their ids ascend from 00000000-... in steps of one."""

    def add(*ages: int) -> None:
        seed = load("seed")
        rows = [
            (f"{number:08d}-0000-4000-8000-000000000000", f"User {number}", f"user{number}@example.com", age)
            for number, age in enumerate(ages)
        ]
        with closing(seed.connect_to_prodev()) as connection, seed.transaction(connection) as cursor:
            seed.insert_users(cursor, rows)

    return add


@pytest.fixture
def add_many(load: Load) -> Callable[[], int]:
    """A function that adds many users to the table, and returns how many."""

    def add() -> int:
        seed = load("seed")
        with closing(seed.connect_to_prodev()) as connection, seed.transaction(connection) as cursor:
            seed.insert_users(cursor, load("users").made_up_users(MANY))
        return MANY

    return add


@pytest.fixture
def many_users(prodev: str, add_many: Callable[[], int]) -> int:
    """The number of users in a table with far more of them than the buffers on the way hold."""
    return add_many()


@pytest.fixture
def own_table(own_server: None, load: Load) -> None:
    """An empty table on a server that the test may kill or reconfigure."""
    seed = load("seed")
    with closing(seed.connect_db()) as connection:
        seed.create_database(connection)
    with closing(seed.connect_to_prodev()) as connection:
        seed.create_table(connection)


@pytest.fixture
def connections(load: Load, prodev: str) -> Callable[[], int]:
    """A function that counts the connections to the database of the test, once the server has cleared up."""

    def count() -> int:
        with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
            deadline = time.monotonic() + 10
            while True:
                cursor.execute("SHOW PROCESSLIST")
                left = sum(row[3] == prodev for row in cursor.fetchall())
                if not left or time.monotonic() > deadline:
                    return left

    return count


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs lines of Python in the project folder, as a script of a learner's own runs."""

    def run(script: str, prefix: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", prefix + textwrap.dedent(script)]
        return subprocess.run(command, cwd=GENERATORS, capture_output=True, encoding="utf-8", timeout=60)

    return run


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., str]:
    """A function that writes a CSV file and returns its path."""

    def write(content: str | bytes) -> str:
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write
