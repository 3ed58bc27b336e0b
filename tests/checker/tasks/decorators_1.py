"""Open and close the connection."""

from __future__ import annotations

import functools
import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any, Iterator

from checker.decorators import (
    ANY_CALL,
    BEFORE_TRY,
    LEFT_OPEN,
    PARAMETERS,
    SIGNATURE,
    Way,
    advising,
    blame_open,
    call,
    calling,
    error_reaches_the_caller,
    expect_a_result,
    expect_arguments,
    expect_run,
    expect_run_always,
    find_function,
    gives,
    left_by,
    passes_values,
    put_on,
    runs_by_itself,
    stop_at_mysql,
    telling_of_stars,
    tells_of_parentheses,
    works_bare,
)
from checker.model import ASKED, BEYOND, Advice, Fault, NotTried, Task
from checker.shared import WRAPS, as_tuple, attempt, expect, keeps_name, raises
from checker.sqlite_world import SQLiteWorld

TASK = Task(
    "decorators/1",
    "open and close the connection",
    "1-with_db_connection.py",
    "1.",
    SQLiteWorld,
    {"with_db_connection": ()},
)
CLOSE = Advice("Which lines run when the function raises?", "close it in a finally")
CLOSE_AT_ALL = Advice("Which line of your wrapper closes the connection?", "close it in a finally")


def get_user_by_id(conn: Any, user_id: int) -> Any:
    """Return one user."""
    return conn.cursor().execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()


def failing(conn: Any, user_id: int) -> Any:
    conn.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
    raise KeyError("raised by the function")


def misspelt(conn: Any, user_id: int) -> Any:
    return conn.execute("SELECT * FROM no_such_table WHERE id = ?", (user_id,)).fetchone()


for function in (failing, misspelt):
    function.__name__ = "get_user_by_id"


def row(result: Any) -> Any:
    """Return a row as a tuple, so that it can be compared; None stays."""
    return None if result is None else as_tuple(result)


@TASK.probe(
    ASKED,
    "passes a connection, and returns what the function returns",
    Advice("What does your inner function return?", "return what func(conn, ...) returned"),
    decides=True,
)
def passes_a_connection(world: SQLiteWorld) -> None:
    stop_at_mysql(world, "get_user_by_id", user_id=2)
    with tells_of_parentheses(world, "with_db_connection"):
        function = put_on(world, "with_db_connection", get_user_by_id)
        with calling("get_user_by_id(user_id=2)", "with_db_connection"):
            user = function(user_id=2)
    if user is None:
        make = partial(put_on, world, "with_db_connection")
        expect_run(world, make, "get_user_by_id(user_id=2)", ((), {"user_id": 2}), ((2,), {}))
        raise Fault("the function returned a user, and the caller got None")
    expect_a_result("get_user_by_id(user_id=2)", user)
    expect("the user with the id 2", world.users[1], row(user))


@TASK.probe(ASKED, "the connection is closed afterwards", CLOSE)
def closes(world: SQLiteWorld) -> None:
    function = put_on(world, "with_db_connection", get_user_by_id)
    with calling("get_user_by_id(user_id=2)", "with_db_connection"):
        function(user_id=2)
    if world.left_open():
        blame_open(world, "after the call the connection was still open", CLOSE_AT_ALL)


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "get_user_by_id returns the user, and leaves nothing open",
    Advice("What does your own get_user_by_id do?", "decorate it, and return the row of this id"),
)
def own_function(world: SQLiteWorld) -> None:
    function = find_function(world, "get_user_by_id")
    use = partial(call, world, function, "get_user_by_id", user_id=2)
    with world.output() as text:
        result = use()
    gives(world, "get_user_by_id(user_id=2)", result, text.getvalue(), world.users[1:2])
    left, plain = left_by(world, use), put_on(world, "with_db_connection", get_user_by_id)
    if left > left_by(world, partial(plain, user_id=2)):  # what the decorator leaves open is named elsewhere
        raise Fault("get_user_by_id left a connection open, besides the one that it is given", LEFT_OPEN)


@TASK.probe(BEYOND, "the connection is closed also when the function fails", CLOSE)
def closes_after_failure(world: SQLiteWorld) -> None:
    function = put_on(world, "with_db_connection", failing)
    with suppress(Exception):
        function(user_id=2)
    if not world.recorder.sqlite:
        raise NotTried("no connection was opened")
    if world.left_open():
        blame_open(world, "after a call that raised KeyError the connection was still open", CLOSE)


@TASK.probe(
    BEYOND,
    "the error of the function reaches the caller",
    Advice("What does the caller get instead?", "do not catch it, or raise it again"),
)
def error_is_raised(world: SQLiteWorld) -> None:
    for kind, broken in ((KeyError, failing), (sqlite3.OperationalError, misspelt)):
        function = put_on(world, "with_db_connection", broken)
        raises(kind, f"a function that raises {kind.__name__}", partial(function, user_id=2))
    function = put_on(world, "with_db_connection", get_user_by_id)
    with world.unreachable():
        try:
            raises(sqlite3.Error, "a database that cannot be opened", partial(function, user_id=2))
        except Fault as fault:
            raise Fault(str(fault), BEFORE_TRY) from fault
    error_reaches_the_caller(world, "get_user_by_id", user_id=2)


@TASK.probe(BEYOND, "the arguments of the function reach it", SIGNATURE)
def arguments_reach_it(world: SQLiteWorld) -> None:
    got: list[int] = []

    @functools.wraps(get_user_by_id)
    def keeping(conn: Any, user_id: int) -> Any:
        got.append(user_id)
        return get_user_by_id(conn, user_id)

    function = put_on(world, "with_db_connection", keeping)
    with advising(), attempt("get_user_by_id(2)", TypeError, LookupError):
        function(2)
    if not got:
        raise Fault("get_user_by_id(2) did not run the function at all", ANY_CALL)
    expect("the user_id that the function gets from get_user_by_id(2)", 2, got[0])
    ways: dict[str, Way] = {"a call of a function that takes the connection only": ((), {})}
    expect_run_always(partial(put_on, world, "with_db_connection"), ways)

    def get_users(conn: Any, limit: int = 10, *, order: str = "id") -> Any:
        return limit, order

    with telling_of_stars(world):
        expect_arguments(partial(put_on, world, "with_db_connection"), get_users)


@TASK.probe(
    BEYOND,
    "a generator function has its connection until its last row",
    Advice(
        "When does the body of a generator function run, and what is closed by then?",
        "look at what func(...) returned: for a generator, return one of your own, which does `yield from` it in a"
        " try, and closes the connection in a finally",
    ),
)
def generator_function(world: SQLiteWorld) -> None:
    def get_names(conn: Any, user_id: int) -> Iterator[str]:
        for (name,) in conn.execute("SELECT name FROM users WHERE id >= ? ORDER BY id", (user_id,)):
            yield name

    user = put_on(world, "with_db_connection", get_user_by_id)(user_id=2)
    if user is None:
        raise NotTried("it does not return what the function returns")
    if world.left_open():
        raise NotTried("it does not close the connection yet")
    names = put_on(world, "with_db_connection", get_names)
    what = "a generator function below @with_db_connection"
    try:
        stream = names(user_id=1)
    except (TypeError, ValueError):  # it takes none
        return
    with attempt(what):
        try:
            got = list(stream)
        except sqlite3.ProgrammingError as error:
            raise Fault(f"{what}: the connection was closed before its first row was read") from error
    expect(f"what {what} yields", [user[1] for user in world.users], got)
    if world.left_open():
        raise Fault(f"{what}: the connection was open after its last row")
    stream = names(user_id=1)
    if hasattr(stream, "close"):
        next(stream)
        stream.close()
        if world.left_open():
            raise Fault(f"{what}: the connection was open after close() had ended it early")


TASK.probe(BEYOND, "values reach the SQL as parameters", PARAMETERS)(passes_values)


@TASK.probe(BEYOND, "it works without parentheses, as in the exercise")
def bare(world: SQLiteWorld) -> None:
    works_bare(world, "with_db_connection", get_user_by_id, ((), {"user_id": 2}))


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(put_on(world, "with_db_connection", failing), failing, "with_db_connection")
