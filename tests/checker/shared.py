"""What the tasks share: how a call is tried, and what is expected of it."""

from __future__ import annotations

import inspect
import re
import sqlite3
import threading
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, Callable, Iterator

from checker.model import Advice, Crash, Fault, NotTried, Stop
from checker.mysql_world import MySQLWorld
from checker.sqlite_world import SQLiteWorld
from checker.world import ScriptRun, World, describe, shortened

WRAPS = Advice(
    "What does your decorator return, and what is that function called?",
    "put @functools.wraps(func) above it",
)
LEAVE = Advice(
    "Who closes the connection when nobody asks for the next row?",
    "close the connection, not the cursor, in a finally: closing a cursor with unread rows is an error",
)
UNBUFFERED = Advice("Where are the rows while you yield the first one?", "iterate over an unbuffered cursor")
LET_THROUGH = Advice(
    "How can the caller tell an error from the end of the table?",
    "let the exception go through; do not print it",
)
PARENTHESES = Advice(
    "Is that the class or the function itself, or a call of it?", "write a pair of parentheses after its name"
)
# What Python says of a class in a with statement, and of a coroutine function in asyncio.run.
NOT_CALLED = re.compile(
    r"AttributeError: __enter__|'type' object does not support the|coroutine was expected, got <function"
)
REFUSE_SIZE = Advice("What should a size of 0 mean?", "raise ValueError when the size is less than 1")

# What is no business of a probe that waits for an error of the learner's code.
PASSED_ON = (Fault, NotTried, Stop, KeyboardInterrupt, MemoryError, NotImplementedError)


# Any task


@contextmanager
def attempt(what: str, *found: type[BaseException]) -> Iterator[None]:
    """Turn an exception of the learner's code into a crash: what was tried raised this, there.

    An exception of the types `found` is what the probe is about, and so a fault with the probe's advice.
    """
    try:
        yield
    except PASSED_ON:
        raise
    except found as error:
        raise Fault(f"{what} raised {describe(error)}") from error
    except BaseException as error:
        raise Crash(f"{what} raised {describe(error)}") from error


def expect(what: str, wanted: object, got: object) -> None:
    """Raise a fault unless both are equal."""
    if wanted != got:
        raise Fault(f"{what}: expected {shortened(wanted)}, got {shortened(got)}")


def refuses(kind: type[BaseException], what: str, call: Callable[[], Any]) -> None:
    """Expect this kind of error, and no other, from a call."""
    try:
        got = call()
    except kind:
        return
    except PASSED_ON:
        raise
    except BaseException as error:
        raise Fault(f"{what} should raise {kind.__name__}, and raised {describe(error)}") from error
    raise Fault(f"{what} should raise {kind.__name__}, and gave {shortened(got, 60)}")


def raises(kind: type[BaseException], what: str, function: Any, *arguments: Any) -> None:
    """Expect that this error of the learner's caller, raised inside, comes out of a call."""
    try:
        result = function(*arguments)
    except kind:
        return
    except Exception as error:
        raise Fault(f"{what}: the caller got {type(error).__name__} instead: {error}") from error
    raise Fault(f"{what}: the caller got {shortened(result)} instead of the error")


def runs_by_itself(world: World) -> None:
    """A whole probe: the file ends without an error when it is run as `python3 FILE`."""
    run_without_error(world)


def run_without_error(world: World) -> ScriptRun:
    """Run the file as `python3 FILE` does, and return what happened: no error.

    A script that makes its own tables has a second try without ours.
    """
    run = world.run_script()
    if run.error and world.without_tables():
        again = world.run_script()
        run = run if again.error else again
    if run.error:
        sentence = f"python3 {world.file.name} ended with {run.error}"
        raise Fault(sentence, PARENTHESES) if NOT_CALLED.search(run.error) else Crash(sentence)
    return run


def required_parameters(function: Any) -> int:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.default is p.empty and p.kind not in kinds for p in parameters)


def left_threads() -> list[str]:
    """Return the names of threads that would keep the program from ending."""
    return [t.name for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]


# Rows


def as_user(row: Any) -> dict[str, Any]:
    """Return a row, a dict or a tuple, as a dict with the age as an int."""
    if isinstance(row, dict):
        user = dict(row)
    elif isinstance(row, (tuple, list)) and len(row) == 4:
        user = dict(zip(("user_id", "name", "email", "age"), row))
    else:
        raise Fault(f"a user should be a dict or a tuple of user_id, name, email and age, not {row!r}")
    try:
        return {**user, "age": int(user["age"])}
    except (KeyError, TypeError, ValueError):
        raise Fault(f"a user should have an age that is a number: {row!r}") from None


def as_tuple(row: Any) -> tuple[Any, ...]:
    """Return a row, whether it is a tuple, a list, a dict or a sqlite3.Row, as a tuple of its values."""
    if isinstance(row, dict):
        return tuple(row.values())
    if isinstance(row, (tuple, list, sqlite3.Row)):
        return tuple(row)
    raise Fault(f"a row should be a tuple, a dict or a sqlite3.Row, not {shortened(row)}")


def as_tuples(rows: Any) -> list[tuple[Any, ...]]:
    if not isinstance(rows, (list, tuple)):
        raise Fault(f"it should give the rows, and gave {shortened(rows)}")
    return [as_tuple(row) for row in rows]


# Generators


def close(items: Iterator[Any]) -> None:
    if hasattr(items, "close"):
        items.close()


def leave_early(world: MySQLWorld, items: Iterator[Any], count: int, what: str) -> None:
    """Take `count` items, leave, and expect neither an error nor an open connection."""
    with attempt(f"taking {count} {what}"):
        taken = len(list(islice(items, count)))
    if taken < count:
        raise NotTried(f"only {taken} came, so there was nothing to leave early")
    with attempt(f"leaving after {count} {what}", Exception):
        close(items)
    del items
    if world.left_open():
        raise Fault(f"leaving after {count} {what} left the connection to MySQL open")


def reads_as_wanted(world: MySQLWorld, start: Callable[[], Iterator[Any]], one: str, many: str) -> None:
    """Expect that the table has not been read as a whole when the first item comes; `start` imports the file."""
    world.prepare(3000)
    items = start()
    with attempt(f"taking the first {one}"):
        if next(items, None) is None:
            raise NotTried(f"no {one} came")
    limited = any(" limit " in statement.lower() for statement in world.statements())
    if not limited and not world.holds_unread_rows():
        raise Fault(f"all 3000 {many} had been read when the first {one} was handed out")


def fails_without_the_table(world: MySQLWorld, read: Callable[[], Any], many: str) -> None:
    """Expect that a database error comes out, and does not look like the end of the table.

    `read` returns what came, and the file was imported before: while there was a table.
    """
    import mysql.connector

    world.execute(f"DROP TABLE {world.NAME}.user_data")
    try:
        got = list(read())
    except mysql.connector.Error:
        return
    except PASSED_ON:
        raise
    except Exception as error:
        if isinstance(error.__cause__ or error.__context__, mysql.connector.Error):
            return
        raise Fault(f"without the table user_data it raised {describe(error)}, no database error") from error
    raise Fault(f"without the table user_data it ended as if complete, after {len(got)} {many}")


# With blocks


class Swallowed(Crash):
    """An error in the block did not come out of it."""


def in_block(manager: Any, use: Callable[[Any], Any]) -> Any:
    """Return what `use` makes of what the with block is given.

    Its error comes out even if the learner's __exit__ swallows it: as Swallowed, or as the fault that it is.
    """
    errors: list[BaseException] = []
    results: list[Any] = []
    with manager as given:
        try:
            results.append(use(given))
        except BaseException as error:
            errors.append(error)
            raise
    for swallowed in errors:
        if isinstance(swallowed, PASSED_ON):
            raise swallowed
        raise Swallowed(f"the with block swallowed {describe(swallowed)}") from swallowed
    return results[0]


# Decorators


def decorate(decorator: Any, name: str, function: Callable[..., Any], **options: Any) -> Any:
    """Decorate with what the learner wrote, with or without parentheses.

    functools.wraps hands the name of the function on, and Python's own messages have it: it is a plain one.
    """
    if hasattr(function, "__name__"):
        function.__qualname__ = function.__name__
    with attempt(f"@{name}"):
        if options:
            return decorator(**options)(function)
        try:
            return decorator(function)
        except TypeError:
            return decorator()(function)


def decorated(world: SQLiteWorld, name: str, function: Callable[..., Any], **options: Any) -> Any:
    """Import the file afresh, and decorate with its decorator."""
    return decorate(world.get(name), name, function, **options)


def own_connection() -> Any:
    """A connection as the learner's own decorator would open it, for a with block."""
    return closing(sqlite3.connect("users.db"))


def keeps_name(decorated_function: Any, original: Any, name: str) -> None:
    """Expect functools.wraps."""
    wanted, got = original.__name__, getattr(decorated_function, "__name__", None)
    expect(f"__name__ of a function below @{name}", wanted, got)
