"""Try again."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.tasks.decorators_0 import WRAPS, decorated, keeps_name
from checker.world import SQLiteWorld

TASK = Task("decorators/3", "try again", "3-retry_on_failure.py", "3.")


class Flaky:
    """A function that raises an error so many times, and then returns "rows"."""

    __name__ = "flaky"

    def __init__(self, failures: int, error: type[Exception] = sqlite3.OperationalError) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def __call__(self, conn: Any = None) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error("database is locked" if self.error is sqlite3.OperationalError else "no hope")
        return "rows"


def retrying(world: SQLiteWorld, flaky: Flaky) -> Any:
    """Adapter: `retry_on_failure(retries=3, delay=1)`; 3 calls in all or 3 more than the first are both right."""

    def fetch(conn: Any) -> str:
        return flaky(conn)

    return decorated(world, "retry_on_failure", fetch, retries=3, delay=1)


@TASK.probe(ASKED, "a function that fails twice and then works is called three times")
def fails_twice(world: SQLiteWorld) -> None:
    flaky = Flaky(2)
    function = retrying(world, flaky)
    with attempt("with retries=3, a function that finds the database locked twice"):
        expect("its result", "rows", function(None))
    expect("calls", 3, flaky.calls)


@TASK.probe(ASKED, "it gives up in the end, and raises the error", "raise the last error after the loop")
def gives_up(world: SQLiteWorld) -> None:
    flaky = Flaky(1000)
    function = retrying(world, flaky)
    try:
        result = function(None)
    except sqlite3.OperationalError:
        pass
    except Exception as error:
        raise Fault(f"after the last call the caller got {type(error).__name__}: {error}") from error
    else:
        raise Fault(f"a function that always fails: the caller got {result!r} instead of the error")
    if flaky.calls not in (3, 4):
        raise Fault(f"with retries=3 a function that always fails was called {flaky.calls} times, not 3 or 4")


@TASK.probe(ASKED, "it waits before each new call")
def waits(world: SQLiteWorld) -> None:
    flaky = Flaky(2)
    function = retrying(world, flaky)
    with attempt("with retries=3, a function that finds the database locked twice"):
        function(None)
    expect("pauses between 3 calls", 2, len(world.sandbox.naps))


@TASK.probe(RIGHT, "it does not wait after the last failure", "sleep only if another call follows")
def no_pause_at_the_end(world: SQLiteWorld) -> None:
    flaky = Flaky(1000)
    function = retrying(world, flaky)
    with suppress(Exception):
        function(None)
    if len(world.sandbox.naps) >= flaky.calls:
        raise Fault(
            f"{flaky.calls} calls that failed had {len(world.sandbox.naps)} pauses, one after the last"
        )


@TASK.probe(RIGHT, "only what can pass by itself is tried again", "retry a locked database, not a mistake")
def only_transient(world: SQLiteWorld) -> None:
    for error in (TypeError, sqlite3.IntegrityError):
        flaky = Flaky(1000, error)
        function = retrying(world, flaky)
        with suppress(Exception):
            function(None)
        if flaky.calls != 1:
            raise Fault(f"a function that raises {error.__name__} was called {flaky.calls} times, not once")


@TASK.probe(
    RIGHT, "the pauses differ", "let them grow and be random: those who failed together would collide again"
)
def pauses_differ(world: SQLiteWorld) -> None:
    pauses: list[float] = []
    for _ in range(3):
        flaky = Flaky(2)
        function = retrying(world, flaky)
        with suppress(Exception):
            function(None)
        pauses += world.sandbox.naps
    if len(set(pauses)) < 2:
        raise Fault(f"all pauses took the same time: {pauses[:3]} seconds")


@TASK.probe(RIGHT, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    def fetch(conn: Any) -> None: ...

    keeps_name(decorated(world, "retry_on_failure", fetch, retries=3, delay=1), fetch, "retry_on_failure")
