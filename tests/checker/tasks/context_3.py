"""Two queries at once."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.sandbox import real_sleep
from checker.world import SQLiteWorld, left_threads

TASK = Task("context/3", "two queries at once", "3-concurrent.py", "3.")
ALL, OLDER, BOTH = "async_fetch_users", "async_fetch_older_users", "fetch_concurrently"


def call(world: SQLiteWorld, name: str) -> Any:
    """Adapter: what the coroutine function of this name returns, with the database or without, awaited."""
    function = world.get(name)
    required = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    arguments = [40 if "age" in parameter.name else "users.db" for parameter in required]
    with attempt(f"{name}()"):
        result = function(*arguments)
        return asyncio.run(result) if inspect.iscoroutine(result) else result


@TASK.probe(ASKED, "async_fetch_users gives all users")
def all_users(world: SQLiteWorld) -> None:
    expect("rows of async_fetch_users()", world.users, as_tuples(call(world, ALL)))


@TASK.probe(ASKED, "async_fetch_older_users gives those over 40, and nobody of 40")
def older_users(world: SQLiteWorld) -> None:
    wanted = [user for user in world.users if user[3] > 40]
    expect("rows of async_fetch_older_users()", wanted, as_tuples(call(world, OLDER)))


def as_tuples(result: Any) -> list[Any]:
    if not isinstance(result, (list, tuple)):
        raise Fault(f"it should return the rows, and returned {result!r}")
    return [tuple(row) for row in result]


@TASK.probe(ASKED, "fetch_concurrently runs both at the same time", "await asyncio.gather(one(), other())")
def both_run(world: SQLiteWorld) -> None:
    module = world.load(BOTH)
    running: list[str] = []
    together: list[bool] = []

    def watched(name: str) -> Any:
        async def query(*_: Any, **__: Any) -> list[Any]:
            running.append(name)
            for _turn in range(20):
                await asyncio.sleep(0.005)
                together.append(len(set(running)) == 2)
            running.remove(name)
            return []

        return query

    for name in (ALL, OLDER):
        if not hasattr(module, name):
            raise Fault(f"{world.file.name} defines no {name}")
        setattr(module, name, watched(name))
    with attempt("fetch_concurrently()"):
        result = module.fetch_concurrently()
        if inspect.isawaitable(result):
            asyncio.run(result)  # type: ignore[arg-type]
    if not together:
        raise Fault("fetch_concurrently() called neither async_fetch_users nor async_fetch_older_users")
    if not any(together):
        raise Fault("fetch_concurrently() ran one query after the other")


@TASK.probe(
    RIGHT, "every connection is closed, so that the program can end", "use `async with aiosqlite.connect`"
)
def closes(world: SQLiteWorld) -> None:
    call(world, BOTH)
    for _ in range(100):
        if not left_threads() and not world.left_open():
            return
        real_sleep(0.01)
    raise Fault(f"after fetch_concurrently() {max(1, world.left_open())} connection(s) were still open")


@TASK.probe(RIGHT, "when one query fails, the other is stopped", "cancel what is left, and wait for it")
def sibling_is_stopped(world: SQLiteWorld) -> None:
    module = world.load(BOTH)
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
            await module.fetch_concurrently()
        except KeyError:
            return list(running)
        raise Fault("the error of a query that failed did not reach the caller of fetch_concurrently()")

    for query, other in ((failing, slow), (slow, failing)):
        setattr(module, ALL, query)
        setattr(module, OLDER, other)
        if asyncio.run(main()):
            raise Fault("one query had failed, and the other one was still running")
