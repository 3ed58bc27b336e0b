"""Open and close the connection."""

from __future__ import annotations

from typing import Any

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.tasks.decorators_0 import WRAPS, decorated, keeps_name
from checker.world import SQLiteWorld

TASK = Task("decorators/1", "open and close the connection", "1-with_db_connection.py", "1.")


def get_user_by_id(conn: Any, user_id: int) -> Any:
    """Return one user."""
    return conn.cursor().execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()


def failing(conn: Any) -> None:
    raise KeyError("raised by the function")


@TASK.probe(ASKED, "passes a connection, and returns what the function returns")
def passes_a_connection(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", get_user_by_id)
    with attempt("get_user_by_id(user_id=2)"):
        expect("the user with the id 2", world.users[1], tuple(function(user_id=2) or ()))


@TASK.probe(ASKED, "the connection is closed afterwards", "close it in a finally")
def closes(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", get_user_by_id)
    with attempt("get_user_by_id(user_id=2)"):
        function(user_id=2)
    if world.left_open():
        raise Fault("after the call the connection was still open")


@TASK.probe(RIGHT, "the connection is closed also when the function fails", "close it in a finally")
def closes_after_failure(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", failing)
    try:
        function()
    except Exception:
        pass
    if world.left_open():
        raise Fault("after a call that raised KeyError the connection was still open")


@TASK.probe(RIGHT, "the error of the function reaches the caller", "do not catch it, or raise it again")
def error_is_raised(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", failing)
    raises(KeyError, "a function that raises KeyError", function)


def raises(kind: type[BaseException], what: str, function: Any, *args: Any) -> None:
    """Expect this error from a call. Shared by the tasks."""
    try:
        result = function(*args)
    except kind:
        return
    except Exception as error:
        raise Fault(f"{what}: the caller got {type(error).__name__} instead: {error}") from error
    raise Fault(f"{what}: the caller got {result!r} instead of the error")


@TASK.probe(RIGHT, "arguments by position work as well", "pass *args and **kwargs on behind the connection")
def positional(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", get_user_by_id)
    with attempt("get_user_by_id(2)"):
        expect("the user with the id 2", world.users[1], tuple(function(2) or ()))


@TASK.probe(RIGHT, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(decorated(world, "with_db_connection", failing), failing, "with_db_connection")
