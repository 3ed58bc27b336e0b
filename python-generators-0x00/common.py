"""What the scripts of this folder share besides their lessons: checked sizes, --help, and clear errors."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import Callable, Dict, Iterator, NoReturn, Union

try:
    from mysql.connector import Error, errorcode
except ModuleNotFoundError:
    sys.exit(
        "mysql-connector-python is missing; activate the virtual environment, or install what is needed with:"
        " python3 -m pip install 'mysql-connector-python>=9.0,<10' tqdm"
    )

User = Dict[str, Union[str, int]]  # user_id, name, email, age


def check_size(name: str, size: object, least: int = 1) -> int:
    """Return `size` if it is a whole number of at least `least`, or else raise ValueError."""
    if not isinstance(size, int) or isinstance(size, bool) or size < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {size!r}")
    if size > sys.maxsize:
        raise ValueError(f"{name} is too large: {size}")
    return size


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Let a Ctrl-C wait for the end of the with block.

    The C extension of mysql-connector-python 9 crashes if one arrives while it binds a number to a statement.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    waiting: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if waiting:
            signal.raise_signal(signal.SIGINT)


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
    except Error as error:
        problem = str(error)
        if error.errno == errorcode.ER_NO_SUCH_TABLE:
            problem += "; make it with: python3 seed.py"
    except (OSError, ValueError) as error:
        problem = str(error)
    try:
        print(end="", flush=True)
    except OSError:
        # What cannot be written now cannot be written when Python exits either: without this it complains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(problem and f"{command_line.prog}: {problem}")
