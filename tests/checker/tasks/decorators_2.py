"""Commit or roll back."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import Any, Callable

from checker.probing import ASKED, RIGHT, Task, attempt, expect
from checker.tasks.decorators_0 import WRAPS, decorated, keeps_name
from checker.tasks.decorators_1 import raises
from checker.world import SQLiteWorld

TASK = Task("decorators/2", "commit or roll back", "2-transactional.py", "2.")


def set_email(conn: Any, user_id: int, email: str) -> str:
    """Write, and return something."""
    conn.execute("UPDATE users SET email = ? WHERE id = ?", (email, user_id))
    return "returned"


def fail_halfway(conn: Any, user_id: int, email: str) -> None:
    set_email(conn, user_id, email)
    raise KeyError("raised halfway")


def transactional(world: SQLiteWorld, function: Callable[..., Any]) -> Callable[..., Any]:
    """Adapter: the decorated function, which is given a connection of ours by its first argument."""
    return decorated(world, "transactional", function)


def connection() -> Any:
    """A connection as the learner's own decorator would open it."""
    return closing(sqlite3.connect("users.db"))


@TASK.probe(ASKED, "what the function wrote is committed when it returns")
def commits(world: SQLiteWorld) -> None:
    function = transactional(world, set_email)
    with connection() as conn, attempt("a function that updates the email of user 1"):
        function(conn, 1, "new@mail.test")
    expect("the email of user 1 in the database afterwards", "new@mail.test", world.email())


@TASK.probe(ASKED, "what the function wrote is undone when it raises", "roll back in except, and raise again")
def rolls_back(world: SQLiteWorld) -> None:
    function = transactional(world, fail_halfway)
    with connection() as conn:
        with suppress(Exception):
            function(conn, 1, "new@mail.test")
        conn.commit()  # what was not rolled back would be kept now
    expect("the email of user 1 after the function raised halfway", "user1@mail.test", world.email())


@TASK.probe(RIGHT, "the error reaches the caller", "raise again after the rollback")
def error_is_raised(world: SQLiteWorld) -> None:
    function = transactional(world, fail_halfway)
    with connection() as conn:
        raises(KeyError, "a function that raises KeyError halfway", function, conn, 1, "new@mail.test")


@TASK.probe(RIGHT, "the caller gets what the function returns", "return the result after the commit")
def result_is_returned(world: SQLiteWorld) -> None:
    function = transactional(world, set_email)
    with connection() as conn, attempt("a function that returns 'returned'"):
        expect("the result through @transactional", "returned", function(conn, 1, "new@mail.test"))


@TASK.probe(RIGHT, "a failure inside undoes only the inner work", "an inner transaction is a savepoint")
def inner_failure(world: SQLiteWorld) -> None:
    inner = transactional(world, fail_halfway)

    def outer(conn: Any) -> None:
        set_email(conn, 1, "outer@mail.test")
        with suppress(KeyError):
            inner(conn, 2, "inner@mail.test")

    with connection() as conn, attempt("a transactional function in another, where the inner one raises"):
        transactional_again(world, inner, outer)(conn)
    expect("the email that the outer function wrote", "outer@mail.test", world.email(1))
    expect("the email that the inner function wrote before it raised", "user2@mail.test", world.email(2))


def transactional_again(world: SQLiteWorld, inner: Any, outer: Any) -> Any:
    """Decorate with the decorator of the module that is loaded already."""
    import sys

    return sys.modules[world.file.stem].transactional(outer)


@TASK.probe(RIGHT, "a failure outside undoes the inner work too", "commit only where the transaction began")
def outer_failure(world: SQLiteWorld) -> None:
    inner = transactional(world, set_email)

    def outer(conn: Any) -> None:
        conn.execute("UPDATE users SET email = 'outer@mail.test' WHERE id = 2")
        inner(conn, 1, "inner@mail.test")
        raise KeyError("raised after the inner function returned")

    with connection() as conn, suppress(KeyError):
        transactional_again(world, inner, outer)(conn)
    expect("the inner function's email after the outer one raised", "user1@mail.test", world.email(1))


@TASK.probe(RIGHT, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(transactional(world, set_email), set_email, "transactional")
