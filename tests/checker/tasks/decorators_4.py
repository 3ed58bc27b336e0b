"""Answer from memory."""

from __future__ import annotations

import gc
import sqlite3
import weakref
from contextlib import closing
from typing import Any

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.tasks.decorators_0 import WRAPS, decorated, keeps_name
from checker.world import SQLiteWorld

TASK = Task("decorators/4", "answer from memory", "4-cache_query.py", "4.")
QUERY = "SELECT name FROM users WHERE id < 3 ORDER BY id"


class Rows(list):  # type: ignore[type-arg]
    """A list that can be watched."""


class Cached:
    """Adapter: a function below `cache_query`, called with a connection and `query=`; it counts its calls."""

    def __init__(self, world: SQLiteWorld) -> None:
        self.calls = 0
        self.results: list[weakref.ref[Rows]] = []

        def fetch(conn: Any, query: str, params: Any = ()) -> Rows:
            self.calls += 1
            rows = Rows(conn.execute(query, params).fetchall())
            self.results.append(weakref.ref(rows))
            return rows

        self.plain = fetch
        self.function = decorated(world, "cache_query", fetch)

    def __call__(self, query: str = QUERY, **params: Any) -> Any:
        with closing(sqlite3.connect("users.db")) as connection, attempt(f"a call with query={query!r}"):
            return self.function(connection, query=query, **params)


@TASK.probe(ASKED, "the same query is answered from memory the second time")
def second_time(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    wanted = [("User1",), ("User2",)]
    expect("rows the first time", wanted, list(fetch() or []))
    expect("rows the second time", wanted, list(fetch() or []))
    expect("queries for two equal calls", 1, fetch.calls)


@TASK.probe(ASKED, "another query is not answered with the first one's rows")
def another_query(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch()
    rows = fetch("SELECT name FROM users WHERE name = 'User3'")
    expect("rows of another query", [("User3",)], list(rows or []))


@TASK.probe(
    RIGHT, "an answer is never out of date", "forget it, or compare versions, when the database changes"
)
def never_stale(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch()
    with world.own_connection() as connection, connection:
        connection.execute("UPDATE users SET name = 'Renamed' WHERE id = 1")
    expect("rows after another program renamed user 1", [("Renamed",), ("User2",)], list(fetch() or []))


@TASK.probe(
    RIGHT, "the parameters belong to the question", "make SQL and parameters the key, exactly as they are"
)
def parameters(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    query = "SELECT name FROM users WHERE id = ?"
    fetch(query, params=(1,))
    expect(
        "rows with the parameter 2, after those for 1", [("User2",)], list(fetch(query, params=(2,)) or [])
    )


@TASK.probe(RIGHT, "SQL is compared exactly", "do not change the case or the spaces: values can be in it")
def exact_sql(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch("SELECT 'a  b'")
    expect("SELECT 'a b' after SELECT 'a  b'", [("a b",)], list(fetch("SELECT 'a b'") or []))
    expect("SELECT 'A B' after SELECT 'a b'", [("A B",)], list(fetch("SELECT 'A B'") or []))


@TASK.probe(RIGHT, "nobody can change somebody else's rows", "hand out a copy, or a tuple")
def not_shared(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch()
    rows = fetch()
    if isinstance(rows, list):
        rows.clear()
    expect("rows after a caller emptied the list it got", 2, len(fetch() or []))


@TASK.probe(RIGHT, "an empty answer is an answer", "ask `if key in cache`, not whether the rows are true")
def empty_answer(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    for _ in range(2):
        expect("rows of nobody", [], list(fetch("SELECT * FROM users WHERE id < 0") or []))
    expect("queries for two equal calls without rows", 1, fetch.calls)


@TASK.probe(RIGHT, "the cache does not grow without end", "drop the oldest answer beyond a limit")
def bounded(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    with closing(sqlite3.connect("users.db")) as connection, attempt("2000 different queries"):
        for number in range(2000):
            fetch.function(connection, query=f"SELECT {number}")
    gc.collect()
    kept = sum(reference() is not None for reference in fetch.results)
    if kept > 1900:
        raise Fault(f"after 2000 different queries {kept} results were in memory")


@TASK.probe(RIGHT, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    keeps_name(fetch.function, fetch.plain, "cache_query")
