"""What every test file stands on: where things are, and how a script is loaded or run."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

import pytest

ROOT = Path(__file__).resolve().parent.parent
GENERATORS = ROOT / "python-generators-0x00"
DECORATORS = ROOT / "python-decorators-0x01"
CONTEXT = ROOT / "python-context-async-operations-0x02"
PROJECTS = [GENERATORS, DECORATORS, CONTEXT]

# The scripts of the repository, and no others: a learner may keep files of their own beside them.
NAMES = {
    GENERATORS: "seed 0-stream_users 1-batch_processing 2-lazy_paginate 3-keyset_paginate 4-stream_ages"
    " 5-infinite_scroll throwaway_mysql",
    DECORATORS: "seed 0-log_queries 1-with_db_connection 2-transactional 3-retry_on_failure 4-cache_query",
    CONTEXT: "seed 0-databaseconnection 1-execute 2-transaction 3-concurrent 4-async_stream",
}
SCRIPTS = [project / f"{name}.py" for project, names in NAMES.items() for name in names.split()]
SERVERS = [script for script in SCRIPTS if script.stem in ("5-infinite_scroll", "throwaway_mysql")]
ENDING = [script for script in SCRIPTS if script not in SERVERS]  # by themselves

Load = Callable[[str], ModuleType]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def load_module(project: Path, name: str) -> ModuleType:
    """Import a module, `0-stream_users` for example, from one of the project folders."""
    sys.path.insert(0, str(project))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(project))


def forget_project_modules() -> None:
    """Drop every imported module of the project folders: each has a seed and a common of its own."""
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "").parent in PROJECTS:
            del sys.modules[name]


def run(script: Path | str, *arguments: Path | str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a script as a learner does, without a terminal, and return its returncode, stdout and stderr.

    `env` adds to the environment; the other options are those of subprocess.run.
    """
    # As it is for a learner: Python itself decides when it writes what it has printed.
    settings = {"PYTHONWARNINGS": "always::ResourceWarning", "PYTHONUNBUFFERED": ""}
    options["env"] = {**os.environ, **settings, **options.get("env", {})}
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("timeout", 60)
    command = [sys.executable, str(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", **options)


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a with block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def users_own_server() -> bool:
    """Tell whether the environment names a server to test on."""
    return bool(os.environ.get("MYSQL_HOST") or os.environ.get("MYSQL_UNIX_SOCKET"))


def skip_without_server_program() -> None:
    """Skip the test where no server program is installed; under CI without any server that is an error."""
    try:
        load_module(GENERATORS, "throwaway_mysql").find_program("mariadbd", "mysqld")
    except FileNotFoundError as error:
        if os.environ.get("CI") and not users_own_server():
            raise
        pytest.skip(str(error))


@contextmanager
def throwaway_server() -> Iterator[dict[str, str]]:
    """Start a throwaway server, or skip the test where there is no program for it."""
    skip_without_server_program()
    with load_module(GENERATORS, "throwaway_mysql").ThrowawayServer() as settings:
        yield settings


def pseudo_terminals() -> Any:
    """Return the module pty; skip the test where there are none, as on Windows or in a bare container."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError:
        pytest.skip("this system has no pseudo-terminals")
    return pty
