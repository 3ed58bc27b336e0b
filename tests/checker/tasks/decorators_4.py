"""Answer from memory."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from checker.model import ASKED, BEYOND, Advice, Fault, Task
from checker.shared import (
    WRAPS,
    as_tuples,
    attempt,
    decorated,
    expect,
    keeps_name,
    own_connection,
    runs_by_itself,
)
from checker.sqlite_world import SQLiteWorld

TASK = Task("decorators/4", "answer from memory", "4-cache_query.py", "4.", SQLiteWorld, {"cache_query": ()})
QUERY = "SELECT name FROM users WHERE id < 3 ORDER BY id"
OTHER = "SELECT name FROM users WHERE name = 'User3'"
THE_KEY = Advice(
    "When are two calls the same question?", "make SQL and parameters the key, exactly as they are"
)


class Rows(list):  # type: ignore[type-arg]
    """A list that can be watched."""


class Cached:
    """Adapter: a function below `cache_query`; calling it counts the queries that reach the database."""

    def __init__(self, world: SQLiteWorld) -> None:
        self.calls = 0
        self.results: list[weakref.ref[Rows]] = []

        def fetch_users_with_cache(conn: Any, query: str, params: Any = ()) -> Rows:
            self.calls += 1
            rows = Rows(conn.execute(query, params).fetchall())
            self.results.append(weakref.ref(rows))
            return rows

        self.plain = fetch_users_with_cache
        self.function = decorated(world, "cache_query", fetch_users_with_cache)

    def __call__(self, *position: Any, **named: Any) -> Any:
        """Return the rows as the caller gets them."""
        shown = ", ".join([*map(repr, position), *(f"{name}={value!r}" for name, value in named.items())])
        with own_connection() as connection, attempt(f"a call with {shown}"):
            return self.function(connection, *position, **named)


def rows(result: Any) -> list[Any]:
    return as_tuples(result or [])


@TASK.probe(ASKED, "the same query is answered from memory the second time", decides=True)
def second_time(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    wanted = [("User1",), ("User2",)]
    expect("rows the first time", wanted, rows(fetch(query=QUERY)))
    expect("rows the second time", wanted, rows(fetch(query=QUERY)))
    expect("queries for two equal calls", 1, fetch.calls)


@TASK.probe(ASKED, "another query is not answered with the first one's rows")
def another_query(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch(query=QUERY)
    expect("rows of another query", [("User3",)], rows(fetch(query=OTHER)))


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "a query that is passed by position is answered with its own rows",
    Advice("What is the key of a call without `query=`?", "look in args as well as in kwargs"),
)
def positional(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch(QUERY)
    expect("rows of another query by position", [("User3",)], rows(fetch(OTHER)))


@TASK.probe(
    BEYOND,
    "an answer is never out of date",
    Advice(
        "Who tells the cache that the table has changed?",
        "forget it, or compare versions, when the database changes",
    ),
)
def never_stale(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch(query=QUERY)
    with world.own_connection() as connection, connection:
        connection.execute("UPDATE users SET name = 'Renamed' WHERE id = 1")
    wanted = [("Renamed",), ("User2",)]
    expect("rows after another program renamed user 1", wanted, rows(fetch(query=QUERY)))


@TASK.probe(BEYOND, "the parameters belong to the question", THE_KEY)
def parameters(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    query = "SELECT name FROM users WHERE id = ?"
    try:
        with own_connection() as connection:
            fetch.function(connection, query=query, params=(1,))
    except TypeError as error:
        raise Fault(
            "a function with parameters cannot be cached: the wrapper takes only the connection and the query",
            Advice(THE_KEY.question, "take *args and **kwargs, and make all of them the key"),
        ) from error
    expect(
        "rows with the parameter 2, after those for 1", [("User2",)], rows(fetch(query=query, params=(2,)))
    )


@TASK.probe(
    BEYOND,
    "SQL is compared exactly",
    Advice(
        "Is a blank inside quotes the same as two?",
        "do not change the case or the spaces: values can be in it",
    ),
)
def exact_sql(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch(query="SELECT 'a  b'")
    expect("SELECT 'a b' after SELECT 'a  b'", [("a b",)], rows(fetch(query="SELECT 'a b'")))
    expect("SELECT 'A B' after SELECT 'a b'", [("A B",)], rows(fetch(query="SELECT 'A B'")))


@TASK.probe(
    BEYOND,
    "nobody can change somebody else's rows",
    Advice("How many lists are there when two callers have one each?", "hand out a copy, or a tuple"),
)
def not_shared(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    fetch(query=QUERY)
    result = fetch(query=QUERY)
    if isinstance(result, list):
        result.clear()
    expect("rows after a caller emptied the list it got", 2, len(fetch(query=QUERY) or []))


@TASK.probe(
    BEYOND,
    "an empty answer is an answer",
    Advice("Is an empty list true?", "ask `if key in cache`, not whether the rows are true"),
)
def empty_answer(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    for _ in range(2):
        expect("rows of nobody", [], rows(fetch(query="SELECT * FROM users WHERE id < 0")))
    expect("queries for two equal calls without rows", 1, fetch.calls)


@TASK.probe(
    BEYOND,
    "the cache does not grow without end",
    Advice("How much is in memory after a week?", "drop the oldest answer beyond a limit"),
)
def bounded(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    with own_connection() as connection, attempt("2000 different queries"):
        for number in range(2000):
            fetch.function(connection, query=f"SELECT {number}")
    gc.collect()
    kept = sum(reference() is not None for reference in fetch.results)
    if kept > 1900:
        raise Fault(f"after 2000 different queries {kept} results were in memory")


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    keeps_name(fetch.function, fetch.plain, "cache_query")
