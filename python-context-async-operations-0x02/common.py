"""What the scripts of this folder share besides their lessons: where users.db is, --help, clear errors."""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
from typing import Callable, NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))


def database_path() -> str:
    """Return the path of the database: USERS_DB where it is set, or else users.db beside this file."""
    return os.environ.get("USERS_DB") or os.path.join(HERE, "users.db")


def check_size(name: str, size: object) -> None:
    """Raise ValueError if `size` is not a whole number of at least 1."""
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, not {size!r}")
    if size > sys.maxsize:
        raise ValueError(f"{name} is too large: {size}")


def parser(docstring: str | None) -> argparse.ArgumentParser:
    """Return a command line whose --help shows the docstring of the script."""
    return argparse.ArgumentParser(description=docstring, formatter_class=argparse.RawTextHelpFormatter)


def run(demo: Callable[[argparse.Namespace], object], command_line: argparse.ArgumentParser) -> NoReturn:
    """Run the demo of a script and exit; what goes wrong is one line on stderr and exit status 1."""
    arguments = command_line.parse_args()
    problem = None
    try:
        demo(arguments)
        print(end="", flush=True)
    except BrokenPipeError:
        pass  # the reader, for example head, has seen enough
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except sqlite3.Error as error:
        problem = f"{database_path()}: {error}"
        if "no such table: users" in problem:
            problem += "; make it with: python3 seed.py"
    except (OSError, ValueError) as error:
        problem = str(error)
    try:
        print(end="", flush=True)
    except OSError:
        # What cannot be written now cannot be written when Python exits either: without this it complains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(problem and f"{command_line.prog}: {problem}")
