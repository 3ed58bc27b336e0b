"""Try again."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

from checker.model import ASKED, BEYOND, Advice, Fault, NotTried, Task
from checker.shared import WRAPS, attempt, decorated, expect, keeps_name, own_connection, runs_by_itself
from checker.sqlite_world import SQLiteWorld

TASK = Task("decorators/3", "try again", "3-retry_on_failure.py", "3.", SQLiteWorld, {"retry_on_failure": ()})


class Retried:
    """Adapter: a function below `retry_on_failure(retries=3, delay=1)` that fails so many times, and then works.

    Calling it counts the calls, and passes a real connection: some wrappers commit.
    """

    def __init__(
        self, world: SQLiteWorld, failures: int, error: type[Exception] = sqlite3.OperationalError
    ) -> None:
        self.calls = 0

        def fetch_users_with_retry(conn: Any) -> str:
            self.calls += 1
            if self.calls <= failures:
                raise error("database is locked" if error is sqlite3.OperationalError else "no hope")
            return "rows"

        self.plain = fetch_users_with_retry
        self.function = decorated(world, "retry_on_failure", fetch_users_with_retry, retries=3, delay=1)

    def __call__(self) -> Any:
        with own_connection() as conn:
            return self.function(conn)


@TASK.probe(ASKED, "a function that fails twice and then works is called three times", decides=True)
def fails_twice(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=2)
    with attempt("with retries=3, a function that finds the database locked twice", sqlite3.OperationalError):
        expect("its result", "rows", fetch())
    expect("calls", 3, fetch.calls)


@TASK.probe(
    ASKED,
    "it gives up in the end",
    Advice("What happens after the last try?", "raise the last error after the loop"),
)
def gives_up(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=1000)
    try:
        result = fetch()
    except Exception:  # which error it is, is a matter of the other level
        pass
    else:
        raise Fault(f"a function that always fails: the caller got {result!r} instead of the error")
    # 3 calls in all and 3 more than the first are both right.
    if fetch.calls not in (3, 4):
        raise Fault(f"with retries=3 a function that always fails was called {fetch.calls} times, not 3 or 4")


@TASK.probe(
    ASKED,
    "it waits before each new call",
    Advice("Why should the second call find another world?", "time.sleep(delay)"),
)
def waits(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=2)
    with attempt("with retries=3, a function that finds the database locked twice"):
        fetch()
    expect("pauses between 3 calls", 2, len(world.recorder.naps))


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "the error that is raised in the end is the last one itself",
    Advice(
        "Can the caller still tell a locked database from a typing error?",
        "raise the last error after the loop",
    ),
)
def raises_the_last_error(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=1000)
    try:
        fetch()
    except sqlite3.OperationalError:
        return
    except Exception as error:
        raise Fault(f"after the last call the caller got {type(error).__name__}: {error}") from error
    raise NotTried("no error came out")


@TASK.probe(
    BEYOND,
    "it does not wait after the last failure",
    Advice("What is the last pause for?", "sleep only if another call follows"),
)
def no_pause_at_the_end(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=1000)
    with suppress(Exception):
        fetch()
    if not world.recorder.naps:
        raise NotTried("there were no pauses at all")
    if len(world.recorder.naps) >= fetch.calls:
        raise Fault(
            f"{fetch.calls} calls that failed had {len(world.recorder.naps)} pauses, one after the last"
        )


@TASK.probe(
    BEYOND,
    "only what can pass by itself is tried again",
    Advice("Which errors are gone a second later?", "retry a locked database, not a mistake"),
)
def only_transient(world: SQLiteWorld) -> None:
    for error in (TypeError, sqlite3.IntegrityError):
        fetch = Retried(world, failures=1000, error=error)
        with suppress(Exception):
            fetch()
        if fetch.calls != 1:
            raise Fault(f"a function that raises {error.__name__} was called {fetch.calls} times, not once")


@TASK.probe(
    BEYOND,
    "the pauses differ",
    Advice("When do two programs that failed together try again?", "let the pauses grow, and be random"),
)
def pauses_differ(world: SQLiteWorld) -> None:
    pauses: list[float] = []
    for _ in range(3):
        fetch = Retried(world, failures=2)  # which forgets the pauses so far
        with suppress(Exception):
            fetch()
        pauses += world.recorder.naps
    if len(pauses) < 2:
        raise NotTried("there were no pauses to compare")
    if len(set(pauses)) < 2:
        raise Fault(f"all pauses took the same time: {pauses[0]} seconds")


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=0)
    keeps_name(fetch.function, fetch.plain, "retry_on_failure")
