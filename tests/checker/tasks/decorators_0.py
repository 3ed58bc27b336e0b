"""Log each query."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any, Callable

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.world import SQLiteWorld

TASK = Task("decorators/0", "log each query", "0-log_queries.py", "0.")
QUERY = "SELECT name FROM users ORDER BY id"
WRAPS = "put @functools.wraps(func) above the inner function"


def decorated(
    world: SQLiteWorld, name: str, function: Callable[..., Any], *options: Any, **named: Any
) -> Any:
    """Decorate with the learner's decorator, with or without parentheses. Shared by the tasks."""
    decorator = world.get(name)
    with attempt(f"@{name}"):
        if options or named:
            return decorator(*options, **named)(function)
        try:
            result = decorator(function)
        except TypeError:
            result = decorator()(function)
    return result


def fetch_names(query: str) -> list[Any]:
    """Run the query."""
    with closing(sqlite3.connect("users.db")) as connection:
        return connection.execute(query).fetchall()


def keeps_name(decorated_function: Any, original: Any, name: str) -> None:
    """Expect functools.wraps. Shared by the tasks."""
    expect(
        f"__name__ of a function below @{name}",
        original.__name__,
        getattr(decorated_function, "__name__", None),
    )


@TASK.probe(ASKED, "logs the SQL and returns what the function returns")
def logs_the_query(world: SQLiteWorld) -> None:
    function = decorated(world, "log_queries", fetch_names)
    with attempt(f"a call with query={QUERY!r}"), world.output() as text:
        rows = function(query=QUERY)
    expect("rows returned through @log_queries", [(user[1],) for user in world.users], rows)
    if QUERY not in text.getvalue():
        raise Fault(f"a call with query={QUERY!r} logged {text.getvalue().strip() or 'nothing'!r}")


@TASK.probe(RIGHT, "finds the SQL also when it is passed by position", "look in args as well as in kwargs")
def positional(world: SQLiteWorld) -> None:
    function = decorated(world, "log_queries", fetch_names)
    with attempt(f"a call with {QUERY!r} by position"), world.output() as text:
        function(QUERY)
    if QUERY not in text.getvalue():
        raise Fault(f"a call with {QUERY!r} by position logged {text.getvalue().strip() or 'nothing'!r}")


@TASK.probe(RIGHT, "logs how long it took", "take time.perf_counter() before and after the call")
def duration(world: SQLiteWorld) -> None:
    function = decorated(world, "log_queries", fetch_names)
    with attempt("a call"), world.output() as text:
        function(query=QUERY)
    if not re.search(
        r"\d\s*(ms|msec|milli|s\b|sec|µs|us\b)|(?i:took|duration|elapsed|in)\W*\d", text.getvalue()
    ):
        raise Fault(f"no duration in what was logged: {text.getvalue().strip()!r}")


@TASK.probe(RIGHT, "logs a failure, and lets it through", "log in an except block, and then raise")
def failure(world: SQLiteWorld) -> None:
    function = decorated(world, "log_queries", fetch_names)
    with world.output() as good:
        function(query=QUERY)
    with world.output() as text:
        try:
            function(query="SELECT nothing FROM nowhere")
        except sqlite3.OperationalError:
            pass
        else:
            raise Fault("the error of a query that failed did not reach the caller")
    if not re.search(
        "(?i)fail|error|exception|OperationalError|no such", text.getvalue().replace("nowhere", "")
    ):
        raise Fault(
            f"a query that failed was logged as {text.getvalue().strip()!r}, with no word of the failure"
        )
    del good


@TASK.probe(RIGHT, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(decorated(world, "log_queries", fetch_names), fetch_names, "log_queries")
