"""The rows of one query."""

from __future__ import annotations

import inspect
import sqlite3
from typing import Any

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.world import SQLiteWorld

TASK = Task("context/1", "the rows of one query", "1-execute.py", "1.")
OLDER = "SELECT name FROM users WHERE age > ? ORDER BY id"


def execute_query(world: SQLiteWorld, query: str, *params: Any) -> Any:
    """Adapter: `ExecuteQuery(query, params)`, or with the database as its first or last argument."""
    kind = world.get("ExecuteQuery")
    names = [name.lower() for name in inspect.signature(kind).parameters]
    arguments: list[Any] = [query, tuple(params)]
    databases = [name for name in names if "db" in name or "database" in name or "path" in name]
    if databases and names.index(databases[0]) == 0:
        arguments.insert(0, "users.db")
    elif databases and len(names) > 2:
        arguments.append("users.db")
    with attempt(f"ExecuteQuery({', '.join(map(repr, arguments))})"):
        return kind(*arguments)


def rows(given: Any) -> list[Any]:
    """Adapter: the rows, whether the block is given them, a cursor or the object itself."""
    if isinstance(given, (list, tuple)):
        return list(given)
    if hasattr(given, "fetchall"):
        return list(given.fetchall())
    for name in ("results", "result", "rows", "data", "cursor"):
        if getattr(given, name, None) is not None:
            return rows(getattr(given, name))
    if hasattr(given, "execute"):
        return rows(given.execute())
    if hasattr(given, "__iter__"):
        return list(given)
    raise Fault(f"the with block was given {given!r}, in which there are no rows")


@TASK.probe(ASKED, "gives the rows of a query with a parameter")
def gives_rows(world: SQLiteWorld) -> None:
    with attempt(f"a with block for {OLDER!r} and 25"), execute_query(world, OLDER, 25) as given:
        got = rows(given)
    wanted = [(name,) for _, name, _, age in world.users if age > 25]
    expect(f"rows of {OLDER!r} with 25", wanted, got)


@TASK.probe(ASKED, "the connection is closed after the block", "close it in __exit__")
def closes(world: SQLiteWorld) -> None:
    with attempt("a with block"), execute_query(world, OLDER, 25) as given:
        rows(given)
    if world.left_open():
        raise Fault("after the with block the connection was still open")


@TASK.probe(
    RIGHT, "the connection is closed when the query is wrong", "__exit__ is not called if __enter__ fails"
)
def closes_after_bad_query(world: SQLiteWorld) -> None:
    manager = execute_query(world, "SELECT nothing FROM nowhere WHERE age > ?", 25)
    try:
        with manager:
            pass
    except sqlite3.OperationalError:
        pass
    else:
        raise Fault("a query of a table that is not there raised no error")
    if world.left_open():
        raise Fault("after a query of a table that is not there the connection was still open")


@TASK.probe(RIGHT, "what a query wrote is kept", "commit before you close")
def write_is_kept(world: SQLiteWorld) -> None:
    query = "UPDATE users SET email = ? WHERE id = 1"
    with attempt(f"a with block for {query!r}"), execute_query(world, query, "new@mail.test"):
        pass
    expect("the email of user 1 afterwards", "new@mail.test", world.email())


@TASK.probe(RIGHT, "an error in the block reaches the caller", "__exit__ must not return True")
def error_is_raised(world: SQLiteWorld) -> None:
    manager = execute_query(world, OLDER, 25)
    try:
        with manager:
            raise KeyError("raised in the block")
    except KeyError:
        return
    raise Fault("a KeyError in the with block did not reach the caller")
