"""Open and close the connection."""

from __future__ import annotations

from typing import Any

from checker.model import ASKED, BEYOND, Advice, Fault, NotTried, Task
from checker.shared import WRAPS, as_tuple, attempt, decorated, expect, keeps_name, raises, runs_by_itself
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


def get_user_by_id(conn: Any, user_id: int) -> Any:
    """Return one user."""
    return conn.cursor().execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()


def failing(conn: Any, user_id: int) -> Any:
    conn.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
    raise KeyError("raised by the function")


failing.__name__ = "get_user_by_id"


@TASK.probe(ASKED, "passes a connection, and returns what the function returns", decides=True)
def passes_a_connection(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", get_user_by_id)
    with attempt("get_user_by_id(user_id=2)"):
        user = function(user_id=2)
    expect("the user with the id 2", world.users[1], as_tuple(user or ()))


@TASK.probe(ASKED, "the connection is closed afterwards", CLOSE)
def closes(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", get_user_by_id)
    with attempt("get_user_by_id(user_id=2)"):
        function(user_id=2)
    if world.left_open():
        raise Fault("after the call the connection was still open")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(BEYOND, "the connection is closed also when the function fails", CLOSE)
def closes_after_failure(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", failing)
    error = ""
    try:
        function(user_id=2)
    except Exception as raised:
        error = type(raised).__name__
    if not world.recorder.sqlite:
        raise NotTried(f"no connection was opened; the call raised {error or 'nothing'}")
    if world.left_open():
        raise Fault("after a call that raised KeyError the connection was still open")


@TASK.probe(
    BEYOND,
    "the error of the function reaches the caller",
    Advice("What does the caller get instead?", "do not catch it, or raise it again"),
)
def error_is_raised(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", failing)
    raises(KeyError, "a function that raises KeyError", lambda: function(user_id=2))


@TASK.probe(
    BEYOND,
    "arguments by position work as well",
    Advice(
        "Which arguments can your inner function take?", "pass *args and **kwargs on behind the connection"
    ),
)
def positional(world: SQLiteWorld) -> None:
    function = decorated(world, "with_db_connection", get_user_by_id)
    with attempt("get_user_by_id(2)", TypeError):
        expect("the user with the id 2", world.users[1], as_tuple(function(2) or ()))


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(decorated(world, "with_db_connection", failing), failing, "with_db_connection")
