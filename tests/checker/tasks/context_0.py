"""A connection for one with block."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.world import SQLiteWorld, required_parameters

TASK = Task("context/0", "a connection for one with block", "0-databaseconnection.py", "0.")
UPDATE = "UPDATE users SET email = 'new@mail.test' WHERE id = 1"


@contextmanager
def database_connection(world: SQLiteWorld) -> Iterator[Any]:
    """Adapter: what has `execute`, whether the block is given a connection, a cursor or the object itself."""
    kind = world.get("DatabaseConnection")
    manager = kind(*["users.db"] * required_parameters(kind))
    with manager as given:
        if hasattr(given, "execute"):
            yield given
        else:
            names = ("connection", "conn", "cursor", "db")
            inside = (getattr(given, name, None) for name in names)
            found = next((value for value in inside if hasattr(value, "execute")), None)
            if found is None:
                raise Fault(f"the with block was given {given!r}, with which no query can be run")
            yield found


def rows(given: Any, query: str) -> list[Any]:
    return list((given.execute(query) or given).fetchall())


@TASK.probe(ASKED, "queries can be run in the block")
def queries_run(world: SQLiteWorld) -> None:
    with attempt("SELECT * FROM users in a with block"), database_connection(world) as given:
        expect("rows of SELECT * FROM users", world.users, rows(given, "SELECT * FROM users"))


@TASK.probe(ASKED, "the connection is closed after the block", "close it in __exit__")
def closes(world: SQLiteWorld) -> None:
    with attempt("a with block"), database_connection(world) as given:
        rows(given, "SELECT * FROM users")
    if world.left_open():
        raise Fault("after the with block the connection was still open")


@TASK.probe(RIGHT, "an error in the block reaches the caller", "__exit__ must not return True")
def error_is_raised(world: SQLiteWorld) -> None:
    try:
        with database_connection(world):
            raise KeyError("raised in the block")
    except KeyError:
        return
    raise Fault("a KeyError in the with block did not reach the caller")


@TASK.probe(RIGHT, "the connection is closed after an error in the block", "close it in a finally")
def closes_after_error(world: SQLiteWorld) -> None:
    try:
        with database_connection(world):
            raise KeyError("raised in the block")
    except Exception:
        pass
    if world.left_open():
        raise Fault("after a with block that raised KeyError the connection was still open")


@TASK.probe(
    RIGHT, "what was written is kept when the block succeeds", "commit in __exit__ if exc_type is None"
)
def commits(world: SQLiteWorld) -> None:
    with attempt("an UPDATE in a with block"), database_connection(world) as given:
        given.execute(UPDATE)
    expect("the email of user 1 after an UPDATE in the block", "new@mail.test", world.email())


@TASK.probe(RIGHT, "what was written is undone when the block fails", "commit only if exc_type is None")
def rolls_back(world: SQLiteWorld) -> None:
    try:
        with database_connection(world) as given:
            given.execute(UPDATE)
            raise KeyError("raised in the block")
    except Exception:
        pass
    expect("the email of user 1 after a block that failed", "user1@mail.test", world.email())
