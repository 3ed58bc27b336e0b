"""Two queries at once."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Callable

from checker.model import ASKED, BEYOND, Advice, Fault, Task
from checker.recorder import real_sleep
from checker.shared import as_tuples, attempt, expect, left_threads, runs_by_itself
from checker.sqlite_world import SQLiteWorld, SQLiteWorldWithAges

ALL, OLDER, BOTH = "async_fetch_users", "async_fetch_older_users", "fetch_concurrently"
TASK = Task(
    "context/3",
    "two queries at once",
    "3-concurrent.py",
    "3.",
    SQLiteWorldWithAges,
    dict.fromkeys((ALL, OLDER, BOTH), ()),
)


def call(world: SQLiteWorld, name: str) -> tuple[Any, str]:
    """Adapter: what the coroutine function of this name returns, awaited, and what it prints."""
    return call_function(world, name, world.get(name))


def call_function(world: SQLiteWorld, name: str, function: Callable[..., Any]) -> tuple[Any, str]:
    required = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    arguments = [40 if "age" in parameter.name else "users.db" for parameter in required]
    with attempt(f"{name}()"), world.output() as printed:
        result = function(*arguments)
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
    return result, printed.getvalue()


def expect_users(what: str, wanted: list[Any], result: Any, printed: str, world: SQLiteWorld) -> None:
    """Expect these users, returned as rows, alone or in a tuple with a title, or else printed."""
    if isinstance(result, tuple) and any(isinstance(part, list) for part in result):
        result = next(part for part in result if isinstance(part, list))
    if result is None and printed:
        shown = [user for user in world.users if user[1] in printed]
        return expect(f"users that {what} prints", wanted, shown)
    if result is None:
        raise Fault(f"{what} should return the rows, and returned None")
    return expect(f"rows of {what}", wanted, as_tuples(result))


@TASK.probe(ASKED, "async_fetch_users gives all users", decides=True)
def all_users(world: SQLiteWorld) -> None:
    expect_users("async_fetch_users()", world.users, *call(world, ALL), world)


@TASK.probe(ASKED, "async_fetch_older_users gives those over 40, and nobody of 40")
def older_users(world: SQLiteWorld) -> None:
    wanted = [user for user in world.users if user[3] > 40]
    expect_users("async_fetch_older_users()", wanted, *call(world, OLDER), world)


@TASK.probe(
    ASKED,
    "fetch_concurrently runs both at the same time",
    Advice("When does the second query start?", "await asyncio.gather(one(), other())"),
)
def both_run(world: SQLiteWorld) -> None:
    module = world.load()
    both = world.find(module, BOTH)
    running: list[str] = []
    together: list[bool] = []

    def watched(name: str) -> Any:
        real = world.find(module, name)

        async def query(*arguments: Any, **named: Any) -> Any:
            running.append(name)
            for _turn in range(20):
                await asyncio.sleep(0.005)
                together.append(len(set(running)) == 2)
            running.remove(name)
            result = real(*arguments, **named)
            return await result if inspect.isawaitable(result) else result

        return query

    for name in (ALL, OLDER):
        setattr(module, name, watched(name))
    call_function(world, BOTH, both)
    if not together:
        raise Fault("fetch_concurrently() called neither async_fetch_users nor async_fetch_older_users")
    if not any(together):
        raise Fault("fetch_concurrently() ran one query after the other")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "every connection is closed, so that the program can end",
    Advice("Who ends the thread behind a connection?", "use `async with aiosqlite.connect`"),
)
def closes(world: SQLiteWorld) -> None:
    call(world, BOTH)
    for _ in range(100):
        if not left_threads() and not world.left_open():
            return
        real_sleep(0.01)
    raise Fault(f"after fetch_concurrently() {max(1, world.left_open())} connection(s) were still open")


@TASK.probe(
    BEYOND,
    "when one query fails, the other is stopped",
    Advice("What does gather do with the others when one fails?", "cancel what is left, and wait for it"),
)
def sibling_is_stopped(world: SQLiteWorld) -> None:
    module = world.load()
    both = world.find(module, BOTH)
    running: list[str] = []

    async def failing(*_: Any, **__: Any) -> None:
        await asyncio.sleep(0.01)
        raise KeyError("raised by one query")

    async def slow(*_: Any, **__: Any) -> None:
        running.append("slow")
        try:
            await asyncio.sleep(2)
        finally:
            running.remove("slow")

    async def main() -> list[str]:
        try:
            result = both()
            if inspect.isawaitable(result):
                await result
        except KeyError:
            return list(running)
        raise Fault("the error of a query that failed did not reach the caller of fetch_concurrently()")

    for query, other in ((failing, slow), (slow, failing)):
        setattr(module, ALL, query)
        setattr(module, OLDER, other)
        with attempt("fetch_concurrently() where one query fails"):
            if asyncio.run(main()):
                raise Fault("one query had failed, and the other one was still running")
