"""What the scripts of this folder share besides their lessons: where users.db is, --help, clear errors."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sqlite3
import sys
from contextlib import closing, suppress
from typing import Callable, NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))
CREATE_TABLE = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, age INTEGER)"
PART = 100_000  # rows
FILL_TABLE = """
    WITH RECURSIVE numbers (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers LIMIT ?)
    INSERT INTO users SELECT n, 'User ' || n, 'user' || n || '@example.com', 15 + n % 80 FROM numbers
"""


def database_path() -> str:
    """Return the path of the database: USERS_DB where it is set, or else users.db beside this file."""
    return os.environ.get("USERS_DB") or os.path.join(HERE, "users.db")


def command(script: str) -> str:
    """Return the command that runs a script of this folder from where you are now."""
    path = os.path.join(HERE, script)
    with suppress(OSError, ValueError):  # on another drive of Windows
        path = os.path.relpath(path)
    return f"python3 {shlex.quote(path)}"


def check_size(name: str, size: object) -> None:
    """Raise ValueError if `size` is not a whole number of at least 1."""
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, not {size!r}")


def make_users(rows: int) -> None:
    """Fill a new database with made-up users."""
    check_size("--rows", rows)
    with closing(sqlite3.connect(database_path())) as connection, connection:
        connection.execute(CREATE_TABLE)
        for first in range(1, rows + 1, PART):  # in parts, because Ctrl-C has to wait for a statement
            connection.execute(FILL_TABLE, (first, min(PART, rows - first + 1)))


def peak_memory() -> str:
    """Return how much memory this process has used at most, in MB."""
    try:
        import resource
    except ModuleNotFoundError:
        return "unknown on Windows"
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, the others KB
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:.0f} MB"


def parser(docstring: str | None) -> argparse.ArgumentParser:
    """Return a command line whose --help shows the docstring of the script."""
    return argparse.ArgumentParser(description=docstring, formatter_class=argparse.RawTextHelpFormatter)


def run(demo: Callable[..., object], command_line: argparse.ArgumentParser) -> NoReturn:
    """Run the demo of a script and exit; what goes wrong is one line on stderr and exit status 1."""
    options = vars(command_line.parse_args())
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name may have a ć, which Windows may lack
    problem = None
    try:
        demo(**options)
        sys.stdout.flush()  # here, so that a full disk is reported, too
    except BrokenPipeError:
        pass  # the reader, for example head, has seen enough
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except sqlite3.Error as error:
        problem = f"{database_path()}: {error}"
        if "no such table: users" in problem:
            problem += f"; make it with: {command('seed.py')}"
    except (OSError, ValueError) as error:
        problem = str(error)
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = sys.stderr  # or else Python tries to write the rest when it exits, and complains
    sys.exit(None if problem is None else f"{command_line.prog}: {problem}")
