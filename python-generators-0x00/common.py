"""Shared code that isn't part of a lesson: what a user is, one page of them, checked sizes, clear errors."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import sys
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, Callable, Iterator, Mapping, NoReturn, TypedDict, Union

HERE = os.path.dirname(os.path.abspath(__file__))


@contextmanager
def needed(package: str) -> Iterator[None]:
    """Turn an import that fails in the with block into one line that says what to install."""
    try:
        yield
    except ModuleNotFoundError:
        sys.exit(
            f"{package} is missing; activate the virtual environment, or install what's needed with:"
            " python3 -m pip install 'mysql-connector-python>=9.0,<10' flask tqdm"
        )


with needed("mysql-connector-python"):
    from mysql.connector import Error, errorcode

UserId = Union[str, int, bytes]  # whatever the table has: CHAR(36) or UUID, INT, BINARY(16)


class User(TypedDict):
    user_id: UserId
    name: str
    email: str
    age: int


# The age as a whole number: 30 where somebody's table has 30.00 or the text '30'; NULL for the text 'abc'.
AGE = "CASE WHEN age REGEXP '^ *-?[0-9]+([.][0-9]*)? *$' THEN CAST(age AS SIGNED) END AS age"


def null_error(user: Mapping[str, object]) -> ValueError:
    """Return the error for a user of whom a value is missing; it names the column."""
    column = next(name for name, value in user.items() if value is None)
    problem = "NULL or not a number" if column == "age" else "NULL"
    return ValueError(f"the column {column} is {problem} for the user with the id {user['user_id']!r}")


def id_to_text(user_id: UserId) -> str:
    """Return an id as text, for an address or a command line; the bytes of a BINARY(16) as hex:0f3a..."""
    return f"hex:{user_id.hex()}" if isinstance(user_id, bytes) else str(user_id)


def id_from_text(text: str) -> UserId:
    """Return the id behind a text of `id_to_text`; a number stays text, which MySQL compares just as well."""
    return bytes.fromhex(text[4:]) if re.fullmatch("hex:([0-9a-f]{2})+", text) else text


def fetch_page(connection: Any, query: str, parameters: tuple[object, ...]) -> list[User]:
    """Return all rows of a query as dicts, or raise ValueError if a column of one has no value."""
    cursor = connection.cursor(dictionary=True)  # not closed: after Ctrl-C, closing it raises another error
    with ctrl_c_waits():
        cursor.execute(query, parameters)
    users: list[User] = cursor.fetchall()
    for user in users:
        if None in user.values():
            raise null_error(user)
    return users


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Hold back a Ctrl-C until the end of the with block.

    The C extension of mysql-connector-python 9 crashes if one comes while it binds a number to a statement.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def check_size(name: str, size: object, least: int = 1, most: int = sys.maxsize) -> int:
    """Return `size` if it is a whole number in these bounds, or else raise ValueError."""
    if not isinstance(size, int) or isinstance(size, bool) or size < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {size!r}")
    if size > most:
        raise ValueError(f"{name} must be at most {most}, not {size}")
    return size


def make_callable(module_name: str, function: Callable[[], object]) -> None:
    """Let a call of this module be a call of the function."""

    class CallableModule(ModuleType):  # Python looks for __call__ in the class of a module, not in the module
        def __call__(self) -> object:
            return function()

    sys.modules[module_name].__class__ = CallableModule


def command(script: str) -> str:
    """Return the command that runs a script of this folder from where you are now."""
    path = os.path.join(HERE, script)
    with suppress(OSError, ValueError):  # on another drive of Windows
        path = os.path.relpath(path)
    return f"python3 {shlex.quote(path)}"


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
    except Error as error:
        problem = str(error)
        if error.errno == errorcode.ER_NO_SUCH_TABLE:
            problem += f"; make it with: {command('seed.py')}"
    except (OSError, ValueError) as error:
        problem = str(error)
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = sys.stderr  # or else Python tries to write the rest when it exits, and complains
    sys.exit(None if problem is None else f"{command_line.prog}: {problem}")
