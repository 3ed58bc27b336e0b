"""A connection for one with block."""

from __future__ import annotations

from typing import Any, Callable

from checker.model import ASKED, BEYOND, Advice, Broken, Fault, NotTried, Task
from checker.shared import (
    Swallowed,
    as_tuples,
    attempt,
    expect,
    in_block,
    required_parameters,
    runs_by_itself,
)
from checker.sqlite_world import SQLiteWorld

TASK = Task(
    "context/0",
    "a connection for one with block",
    "0-databaseconnection.py",
    "0.",
    SQLiteWorld,
    {"DatabaseConnection": ("Databaseconnection",)},
)
UPDATE = "UPDATE users SET email = 'new@mail.test' WHERE id = 1"


def in_connection(world: SQLiteWorld, use: Callable[[Any], Any]) -> Any:
    """Adapter: use, in a with block, what has `execute`: a connection, a cursor or the object itself."""
    kind = world.get("DatabaseConnection")
    return in_block(kind(*["users.db"] * required_parameters(kind)), lambda given: use(with_execute(given)))


def with_execute(given: Any) -> Any:
    if hasattr(given, "execute"):
        return given
    for name in ("connection", "conn", "cursor", "db"):
        if hasattr(getattr(given, name, None), "execute"):
            return getattr(given, name)
    raise Broken(
        f"the with block was given an object ({type(given).__name__}) with which no query can be run"
    )


def rows(given: Any, query: str) -> list[Any]:
    return list((given.execute(query) or given).fetchall())


def fail_in_the_block(world: SQLiteWorld) -> None:
    """Write in the block, and raise KeyError there."""

    def fail(given: Any) -> None:
        given.execute(UPDATE)
        raise KeyError("raised in the block")

    in_connection(world, fail)


@TASK.probe(ASKED, "queries can be run in the block", decides=True)
def queries_run(world: SQLiteWorld) -> None:
    with attempt("SELECT * FROM users in a with block"):
        got = in_connection(world, lambda given: rows(given, "SELECT * FROM users"))
    expect("rows of SELECT * FROM users", world.users, as_tuples(got))


@TASK.probe(
    ASKED,
    "the connection is closed after the block",
    Advice("Which method runs when the block ends?", "close it in __exit__"),
)
def closes(world: SQLiteWorld) -> None:
    with attempt("a with block"):
        in_connection(world, lambda given: rows(given, "SELECT * FROM users"))
    if world.left_open():
        raise Fault("after the with block the connection was still open")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "an error in the block reaches the caller",
    Advice("What does a true value of __exit__ mean?", "__exit__ must not return True"),
)
def error_is_raised(world: SQLiteWorld) -> None:
    try:
        fail_in_the_block(world)
    except Swallowed:
        raise Fault("a KeyError in the with block did not reach the caller") from None
    except KeyError:
        pass


@TASK.probe(
    BEYOND,
    "the connection is closed after an error in the block",
    Advice("Which lines of __exit__ run after an error?", "close it in a finally"),
)
def closes_after_error(world: SQLiteWorld) -> None:
    try:
        fail_in_the_block(world)
    except Exception:
        pass
    if not world.recorder.sqlite:
        raise NotTried("no connection was opened")
    if world.left_open():
        raise Fault("after a with block that raised KeyError the connection was still open")


@TASK.probe(
    BEYOND,
    "what was written is kept when the block succeeds",
    Advice(
        "What does closing do to a transaction that nobody committed?",
        "commit in __exit__ if exc_type is None",
    ),
)
def commits(world: SQLiteWorld) -> None:
    with attempt("an UPDATE in a with block"):
        in_connection(world, lambda given: given.execute(UPDATE))
    expect("the email of user 1 after an UPDATE in the block", "new@mail.test", world.email())


@TASK.probe(
    BEYOND,
    "what was written is undone when the block fails",
    Advice("How does __exit__ know that the block failed?", "commit only if exc_type is None"),
)
def rolls_back(world: SQLiteWorld) -> None:
    try:
        fail_in_the_block(world)
    except Exception:
        pass
    if not world.recorder.sqlite:
        raise NotTried("no connection was opened")
    expect("the email of user 1 after a block that failed", "user1@mail.test", world.email())
