"""The rows of one query."""

from __future__ import annotations

import inspect
import sqlite3
from typing import Any

from checker.model import ASKED, BEYOND, Advice, Broken, Fault, Task
from checker.shared import as_tuples, attempt, expect, in_block, raises, runs_by_itself
from checker.sqlite_world import SQLiteWorld, SQLiteWorldWithAges

TASK = Task(
    "context/1", "the rows of one query", "1-execute.py", "1.", SQLiteWorldWithAges, {"ExecuteQuery": ()}
)
OLDER = "SELECT name FROM users WHERE age > ? ORDER BY id"


class Query:
    """Adapter: `ExecuteQuery` with a query and one parameter, in the shape in which this class takes it.

    The parameter goes in as (25,), as 25, or as further arguments; the database first, last or not at all.
    """

    def __init__(self, world: SQLiteWorld, query: str, param: Any) -> None:
        self.kind = world.get("ExecuteQuery")
        self.query = query
        self.param = param
        self.shape = self.find_shape(world)

    def arguments(self, params: list[Any]) -> list[Any]:
        parameters = inspect.signature(self.kind).parameters
        names = [name.lower() for name in parameters]
        databases = [name for name in names if "db" in name or "database" in name or "path" in name]
        if databases and names.index(databases[0]) == 0:
            return ["users.db", self.query, *params]
        if databases and len(names) > 2:
            return [self.query, *params, "users.db"]
        return [self.query, *params]

    def find_shape(self, world: SQLiteWorld) -> list[Any]:
        """Return the arguments with which a harmless query runs, or else those that the curriculum suggests."""
        query, param = self.query, self.param
        self.query = OLDER
        usual = [((25,), (param,)), (25, param)]
        if any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(self.kind).parameters.values()):
            usual.reverse()
        real = usual[0][1]
        for trial, shape in usual:
            try:
                in_block(self.kind(*self.arguments([trial])), rows)
            except NotImplementedError:
                raise
            except Exception:  # the real trial says what is wrong
                continue
            real = shape
            break
        world.prepare()  # which also forgets the connections of the trials
        self.query = query
        return [real]

    def open(self) -> Any:
        """Return the context manager."""
        arguments = self.arguments(self.shape)
        with attempt(f"ExecuteQuery({', '.join(map(repr, arguments))})"):
            return self.kind(*arguments)


def rows(given: Any) -> list[Any]:
    """Adapter: the rows, whether the block is given them, a cursor or the object itself."""
    if isinstance(given, (list, tuple)):
        return list(given)
    if hasattr(given, "fetchall"):
        return list(given.fetchall())
    if inspect.ismethod(getattr(given, "execute", None)):
        result = given.execute()
        if result is not None:
            return rows(result)
    for name in ("results", "result", "rows", "data", "cursor"):
        if getattr(given, name, None) is not None:
            return rows(getattr(given, name))
    if hasattr(given, "__iter__"):
        return list(given)
    raise Broken(f"the with block was given an object ({type(given).__name__}) in which there are no rows")


@TASK.probe(ASKED, "gives the rows of a query with a parameter", decides=True)
def gives_rows(world: SQLiteWorld) -> None:
    with attempt(f"a with block for {OLDER!r} and 25"):
        got = in_block(Query(world, OLDER, 25).open(), rows)
    wanted = [(name,) for _, name, _, age in world.users if age > 25]
    expect(f"rows of {OLDER!r} with 25", wanted, as_tuples(got))


@TASK.probe(
    ASKED,
    "the connection is closed after the block",
    Advice("Which method runs when the block ends?", "close it in __exit__"),
)
def closes(world: SQLiteWorld) -> None:
    with attempt("a with block"):
        in_block(Query(world, OLDER, 25).open(), rows)
    if world.left_open():
        raise Fault("after the with block the connection was still open")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "the connection is closed when the query is wrong",
    Advice(
        "Which method runs when __enter__ raises?",
        "__exit__ is not called then: close in an except of __enter__",
    ),
)
def closes_after_bad_query(world: SQLiteWorld) -> None:
    manager = Query(world, "SELECT nothing FROM nowhere WHERE age > ?", 25).open()
    try:
        with manager as given:
            rows(given)
    except sqlite3.OperationalError:
        pass
    else:
        raise Fault("a query of a table that is not there raised no error")
    if world.left_open():
        raise Fault("after a query of a table that is not there the connection was still open")


@TASK.probe(
    BEYOND,
    "what a query wrote is kept",
    Advice("What does closing do to a transaction that nobody committed?", "commit before you close"),
)
def write_is_kept(world: SQLiteWorld) -> None:
    query = "UPDATE users SET email = ? WHERE id = 1"
    with attempt(f"a with block for {query!r}"), Query(world, query, "new@mail.test").open() as given:
        if inspect.ismethod(getattr(given, "execute", None)) and not hasattr(given, "fetchall"):
            given.execute()
    expect("the email of user 1 afterwards", "new@mail.test", world.email())


@TASK.probe(
    BEYOND,
    "an error in the block reaches the caller",
    Advice("What does a true value of __exit__ mean?", "__exit__ must not return True"),
)
def error_is_raised(world: SQLiteWorld) -> None:
    manager = Query(world, OLDER, 25).open()

    def fail_in_the_block() -> None:
        with manager:
            raise KeyError("raised in the block")

    raises(KeyError, "a with block that raises KeyError", fail_in_the_block)
