"""The fixtures that more than one room of the tests uses."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import uuid
from contextlib import closing, redirect_stdout, suppress
from functools import partial
from getpass import getuser
from pathlib import Path
from tempfile import gettempdir
from types import FrameType
from typing import Iterator

from support import (
    GENERATORS,
    Load,
    Run,
    environment,
    forget_project_modules,
    load_module,
    run,
    throwaway_server,
    users_own_server,
)

import pytest

# Hundreds of processes import the same files: let the first one compile them for all.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let Ctrl-C, or the SIGTERM of a CI system, end the run after the test that runs now.

    In the middle of one a database of the tests could stay behind. A second Ctrl-C does not wait.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        session.shouldstop = f"{signal.Signals(number).name}: stopped after the test that ran"
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def pytest_configure() -> None:
    """Have pytest's own temporary folder removed after a green run: pytest only empties it."""

    def remove() -> None:
        with suppress(OSError):  # it isn't empty: something failed, or another run is under way
            Path(gettempdir(), f"pytest-of-{getuser()}").rmdir()

    atexit.register(remove)  # called after what pytest registers later, which empties it


@pytest.fixture
def load(project: Path) -> Iterator[Load]:
    """A function that imports a module of the room's project, fresh for each test."""
    forget_project_modules()
    yield partial(load_module, project)
    forget_project_modules()


@pytest.fixture
def run_script(project: Path) -> Run:
    """A function that runs a script of the room's project and returns its returncode, stdout and stderr."""
    return lambda script, *arguments, **options: run(project / script, *arguments, **options)


@pytest.fixture
def users_db(load: Load, tmp_path: Path) -> Iterator[Path]:
    """The path of a freshly seeded SQLite database, which USERS_DB names."""
    path = tmp_path / "users.db"
    with environment({"USERS_DB": str(path)}):
        load("seed").seed_users()
        yield path


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[dict[str, str]]:
    """The MYSQL_* settings of a server: the one that the environment names, or else a throwaway one."""
    if users_own_server():
        yield {}
    else:
        with throwaway_server() as settings:
            yield settings


@pytest.fixture
def own_server() -> Iterator[None]:
    """A server that the test may kill or reconfigure, which MYSQL_* names."""
    with throwaway_server() as settings, environment(settings):
        yield


@pytest.fixture
def prodev(mysql_server: dict[str, str]) -> Iterator[str]:
    """The name of a fresh MySQL database with an empty user_data, which MYSQL_DATABASE names."""
    name = f"test_{uuid.uuid4().hex}"
    with environment({**mysql_server, "MYSQL_DATABASE": name}):
        seed = load_module(GENERATORS, "seed")
        try:
            connection = seed.connect_db()
        except ConnectionError as error:  # the same for every test: say it once
            pytest.exit(str(error), 1)
        with closing(connection):
            seed.create_database(connection)
            try:
                with closing(seed.connect_to_prodev()) as prodev_connection, redirect_stdout(None):
                    seed.create_table(prodev_connection)
                yield name
            finally:
                with closing(connection.cursor()) as cursor:
                    cursor.execute(f"DROP DATABASE IF EXISTS {name}")
