"""What the scripts of this folder share besides their lessons: users.db, --help, clear errors, one check."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sqlite3
import sys
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Generator
from contextlib import suppress
from typing import Any, Callable, NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))


def database_path() -> str:
    """Return the path of the database: USERS_DB where it is set, or else users.db beside this file."""
    return os.environ.get("USERS_DB") or os.path.join(HERE, "users.db")


def command(script: str) -> str:
    """Return the command that runs a script of this folder from where you are now."""
    path = os.path.join(HERE, script)
    with suppress(OSError, ValueError):  # on another drive of Windows
        path = os.path.relpath(path)
    return f"python3 {shlex.quote(path)}"


def find_connection(args: tuple[Any, ...], kwargs: dict[str, Any]) -> sqlite3.Connection | None:
    """Return the first connection among the arguments of a call, or None."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, sqlite3.Connection):
            return value
    return None


def need_connection(function: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> sqlite3.Connection:
    """Return the first connection among the arguments of a call; TypeError if there is none."""
    connection = find_connection(args, kwargs)
    if connection is None:
        raise TypeError(f"{function!r} has no connection to work on; put @with_db_connection above this")
    return connection


def finished(result: Any, decorator: str) -> Any:
    """Return the result of a call; TypeError if the body of the function has not run yet.

    Calling a coroutine or generator function only makes an object, and its body runs later.
    """
    lazy = getattr(result, "gen", result)  # where contextlib's context managers keep their generator
    if not isinstance(lazy, (Awaitable, Generator, AsyncGenerator)):
        return result
    if isinstance(lazy, Coroutine):
        lazy.close()  # or Python warns that nobody has awaited it
    kind = type(result).__name__.strip("_")
    raise TypeError(f"@{decorator} is no use here: the call returned a {kind}, whose body has not run yet")


def parser(docstring: str | None) -> argparse.ArgumentParser:
    """Return a command line whose --help shows the docstring of the script."""
    return argparse.ArgumentParser(description=docstring, formatter_class=argparse.RawTextHelpFormatter)


def run(demo: Callable[[argparse.Namespace], object], command_line: argparse.ArgumentParser) -> NoReturn:
    """Run the demo of a script and exit; what goes wrong is one line on stderr and exit status 1."""
    arguments = command_line.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # Windows may have no ć in a pipe
    problem = None
    try:
        demo(arguments)
        sys.stdout.flush()
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
        # What cannot be written now cannot be written when Python exits either: without this it complains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(problem and f"{command_line.prog}: {problem}")
