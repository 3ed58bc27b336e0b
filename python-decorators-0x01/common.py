"""What the scripts of this folder share besides their lessons: users.db, --help, clear errors, checks."""

from __future__ import annotations

import argparse
import inspect
import os
import signal
import sqlite3
import sys
from typing import Any, Callable, NoReturn

Decorator = Callable[[Any], Any]

HERE = os.path.dirname(os.path.abspath(__file__))
LAZY_KINDS = {
    "a coroutine function": inspect.iscoroutinefunction,
    "an async generator function": inspect.isasyncgenfunction,
    "a generator function": inspect.isgeneratorfunction,
}


def database_path() -> str:
    """Return the path of the database: USERS_DB where it is set, or else users.db beside this file."""
    return os.environ.get("USERS_DB") or os.path.join(HERE, "users.db")


def is_generator_function(function: object) -> bool:
    """Tell whether calling the function makes a generator; an object with such a __call__ counts as well."""
    return inspect.isgeneratorfunction(function) or inspect.isgeneratorfunction(type(function).__call__)


def check_function(decorator: str, function: object, allow_generators: bool = False) -> None:
    """Raise TypeError if `decorator` cannot keep its promise for this function.

    Calling a coroutine or generator function runs nothing yet: its body starts when the decorator has left.
    """
    if not callable(function):
        raise TypeError(f"{decorator} needs a function, not {function!r}")
    for kind, is_kind in LAZY_KINDS.items():
        if kind == "a generator function" and allow_generators:
            continue
        if is_kind(function) or is_kind(type(function).__call__):
            name = getattr(function, "__qualname__", function)
            raise TypeError(f"{decorator} cannot wrap {name}, {kind}: its body runs after the call")


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
