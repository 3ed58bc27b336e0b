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


def finished(result: Any, decorator: str) -> Any:
    """Return the result of a call; TypeError if the body of the function has not run yet.

    Calling a coroutine or generator function only makes an object, and its body runs later.
    """
    inner = getattr(result, "gen", result)  # a context manager made by contextlib keeps its generator in .gen
    if not isinstance(inner, (Awaitable, Generator, AsyncGenerator)):
        return result
    if isinstance(inner, Coroutine):
        inner.close()  # or Python warns: "coroutine was never awaited"
    kind = type(result).__name__.strip("_")
    raise TypeError(f"@{decorator} is no use here: the call returned a {kind}, whose body has not run yet")


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
