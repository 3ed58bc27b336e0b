"""What the tests stand on: scripts as modules, scripts run as a learner runs them, throwaway databases."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import uuid
from contextlib import closing, contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Callable, Iterator

import pytest

ROOT = Path(__file__).resolve().parent.parent
GENERATORS = "python-generators-0x00"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let Ctrl-C, or the SIGTERM of a CI system, end the run after the test that runs now.

    In the middle of one a database of the tests could stay behind. A second Ctrl-C does not wait.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        session.shouldstop = f"{signal.Signals(number).name}: stopped after the test that ran"
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def forget_project_modules() -> None:
    """Drop every imported module of the project folders: each has a seed and a common of its own."""
    for name, module in list(sys.modules.items()):
        folder = Path(getattr(module, "__file__", None) or "").parent
        if folder.parent == ROOT and folder.name.startswith("python-"):
            del sys.modules[name]


def load_module(folder: str, name: str) -> ModuleType:
    """Import a module, `0-stream_users` for example, from one of the project folders."""
    sys.path.insert(0, str(ROOT / folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT / folder))


@pytest.fixture
def load(request: pytest.FixtureRequest) -> Iterator[Callable[[str], ModuleType]]:
    """A function that imports a module of the folder that the test file calls FOLDER, fresh for each test."""
    forget_project_modules()
    yield lambda name: load_module(request.module.FOLDER, name)
    forget_project_modules()


@pytest.fixture
def run_script(request: pytest.FixtureRequest) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs a script of FOLDER and returns its returncode, stdout and stderr."""

    def run(script: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / request.module.FOLDER / script), *arguments]
        environment = {**os.environ, "PYTHONWARNINGS": "always::ResourceWarning", **options.pop("env", {})}
        defaults = {"stdin": subprocess.DEVNULL} if "input" not in options else {}
        return subprocess.run(
            command,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            **{**defaults, **options},
        )

    return run


@pytest.fixture
def users_db(load: Callable[[str], ModuleType], tmp_path: Path) -> Iterator[Path]:
    """The path of a freshly seeded SQLite database, which USERS_DB names."""
    path = tmp_path / "users.db"
    with environment({"USERS_DB": str(path)}):
        load("seed").seed_users()
        yield path


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a with block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


@contextmanager
def throwaway_server() -> Iterator[dict[str, str]]:
    """Start a throwaway server, or skip the test where there is no program for it."""
    skip_without_server_program()
    with load_module(GENERATORS, "throwaway_mysql").ThrowawayServer() as settings:
        yield settings


def skip_without_server_program() -> None:
    """Skip the test where no server program is installed; under CI without any server that is an error."""
    try:
        load_module(GENERATORS, "throwaway_mysql").find_program("mariadbd", "mysqld")
    except FileNotFoundError as error:
        if os.environ.get("CI") and not users_own_server():
            raise
        pytest.skip(str(error))


def users_own_server() -> bool:
    """Tell whether the environment names a server to test on."""
    return bool(os.environ.get("MYSQL_HOST") or os.environ.get("MYSQL_UNIX_SOCKET"))


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
        with closing(seed.connect_db()) as connection:
            seed.create_database(connection)
            try:
                with closing(seed.connect_to_prodev()) as prodev_connection, redirect_stdout(None):
                    seed.create_table(prodev_connection)
                yield name
            finally:
                with closing(connection.cursor()) as cursor:
                    cursor.execute(f"DROP DATABASE IF EXISTS {name}")
