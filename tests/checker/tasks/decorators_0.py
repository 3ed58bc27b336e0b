"""Log each query."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

from checker.masking import steady
from checker.model import ASKED, BEYOND, Advice, Fault, NotTried, Task
from checker.shared import WRAPS, attempt, decorated, expect, keeps_name, runs_by_itself
from checker.sqlite_world import SQLiteWorld

TASK = Task("decorators/0", "log each query", "0-log_queries.py", "0.", SQLiteWorld, {"log_queries": ()})
QUERY = "SELECT name FROM users ORDER BY id"


def fetch_all_users(query: str) -> list[Any]:
    """Run the query."""
    with closing(sqlite3.connect("users.db")) as connection:
        return connection.execute(query).fetchall()


def logged(world: SQLiteWorld, *arguments: Any, **named: Any) -> str:
    """Return what a call through the decorator logs."""
    function = decorated(world, "log_queries", fetch_all_users)
    with attempt("a call"), world.output() as text:
        function(*arguments, **named)
    return text.getvalue()


def shown(text: str) -> str:
    return repr(steady(text.strip())) if text.strip() else "nothing"


@TASK.probe(ASKED, "logs the SQL and returns what the function returns", decides=True)
def logs_the_query(world: SQLiteWorld) -> None:
    function = decorated(world, "log_queries", fetch_all_users)
    with attempt(f"a call with query={QUERY!r}"), world.output() as text:
        rows = function(query=QUERY)
    expect("rows returned through @log_queries", [(user[1],) for user in world.users], rows)
    if QUERY not in text.getvalue():
        raise Fault(f"a call with query={QUERY!r} logged {shown(text.getvalue())}")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "finds the SQL also when it is passed by position",
    Advice("Where is the SQL in a call fetch_all_users('SELECT ...')?", "look in args as well as in kwargs"),
)
def positional(world: SQLiteWorld) -> None:
    text = logged(world, QUERY)
    if QUERY not in text:
        raise Fault(f"a call with {QUERY!r} by position logged {shown(text)}")


@TASK.probe(
    BEYOND,
    "logs how long it took",
    Advice(
        "How will you find the slow query in this log?", "take time.perf_counter() before and after the call"
    ),
)
def duration(world: SQLiteWorld) -> None:
    text = logged(world, query=QUERY)
    if not re.search(r"\d\s*(ms|msec|milli|s\b|sec|µs|us\b)|(?i:took|duration|elapsed|in)\W*\d", text):
        raise Fault(f"no duration in what was logged: {shown(text)}")


@TASK.probe(
    BEYOND,
    "logs a failure, and lets it through",
    Advice("What does the log say about a query that failed?", "log in an except block, and then raise"),
)
def failure(world: SQLiteWorld) -> None:
    if not logged(world, query=QUERY).strip():
        raise NotTried("nothing is logged at all")
    function = decorated(world, "log_queries", fetch_all_users)
    with world.output() as text:
        try:
            function(query="SELECT nothing FROM nowhere")
        except sqlite3.OperationalError:
            pass
        else:
            raise Fault("the error of a query that failed did not reach the caller")
    words = "(?i)fail|error|exception|OperationalError|no such"
    if not re.search(words, text.getvalue().replace("nowhere", "")):
        raise Fault(
            f"a query that failed was logged as {shown(text.getvalue())}, with no word of the failure"
        )


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(decorated(world, "log_queries", fetch_all_users), fetch_all_users, "log_queries")
