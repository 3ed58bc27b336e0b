"""Task 3: two queries at once, and nothing left behind when one of them fails."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any, Callable

from support import Load

import pytest


@pytest.fixture
def concurrent(load: Load, users_db: Path, nothing_left: Callable[[], None]) -> Any:
    """The module of the task, over a freshly seeded users.db; the test leaves no thread and no file."""
    return load("3-concurrent")


def test_each_function_returns_its_users(concurrent: Any) -> None:
    users = asyncio.run(concurrent.async_fetch_users())
    older_users = asyncio.run(concurrent.async_fetch_older_users())
    assert [user[0] for user in users] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert older_users == [user for user in users if user[3] > 40]
    assert (7, "Goran Petrović", "goran.petrovic@example.com", 40) not in older_users


def test_both_results_come_in_the_order_of_the_questions(concurrent: Any) -> None:
    users, older_users = asyncio.run(concurrent.fetch_concurrently())
    assert (len(users), len(older_users)) == (12, 5)


def test_both_queries_run_at_the_same_time(concurrent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(2)
    connect = sqlite3.connect

    def connect_together(*args: Any, **options: Any) -> sqlite3.Connection:
        meeting.wait(timeout=10)  # neither passes before the other has come
        return connect(*args, **options)

    monkeypatch.setattr(sqlite3, "connect", connect_together)
    users, older_users = asyncio.run(concurrent.fetch_concurrently())
    assert (len(users), len(older_users)) == (12, 5)


@pytest.mark.parametrize(
    "write",
    [
        "UPDATE users SET age = 99 RETURNING id",
        "INSERT INTO users VALUES (13, 'Mona Reyes', 'mona.reyes@example.com', 33)",
        "DROP TABLE users",
    ],
)
def test_a_write_is_an_error_and_not_lost(concurrent: Any, users_db: Path, write: str) -> None:
    if "RETURNING" in write and sqlite3.sqlite_version_info < (3, 35):
        write = write.replace("RETURNING id", "")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        asyncio.run(concurrent.fetch(write))
    assert asyncio.run(concurrent.fetch("SELECT max(age) FROM users")) == [(74,)]


@pytest.mark.parametrize("failing", ["async_fetch_users", "async_fetch_older_users"])
def test_when_one_fails_the_other_is_cancelled_and_waited_for_before_the_error_is_raised(
    concurrent: Any, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    events = []
    (other,) = {"async_fetch_users", "async_fetch_older_users"} - {failing}

    async def fail() -> None:
        await asyncio.sleep(0)
        raise sqlite3.OperationalError("made up")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            events.append("cancelled")
            await asyncio.sleep(0.01)  # cleaning up takes its time
            events.append("cleaned up")
            raise

    monkeypatch.setattr(concurrent, failing, fail)
    monkeypatch.setattr(concurrent, other, wait)

    async def main() -> None:
        with pytest.raises(sqlite3.OperationalError, match="made up"):
            await concurrent.fetch_concurrently()
        assert events == ["cancelled", "cleaned up"]

    asyncio.run(main())


def test_when_one_real_query_fails_both_connections_are_closed_when_the_error_is_raised(
    concurrent: Any, monkeypatch: pytest.MonkeyPatch, nothing_left: Callable[[], None]
) -> None:
    monkeypatch.setattr(concurrent, "OLDER_USERS", "SELECT nonsense FROM users WHERE age > ?")

    async def main() -> None:
        with pytest.raises(sqlite3.OperationalError, match="nonsense"):
            await concurrent.fetch_concurrently()
        nothing_left()

    asyncio.run(main())


def test_when_both_fail_the_first_error_is_raised_and_the_second_is_not_lost_in_a_log(
    concurrent: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail_first() -> None:
        raise ValueError("first")

    async def fail_second() -> None:
        raise ValueError("second")

    monkeypatch.setattr(concurrent, "async_fetch_users", fail_first)
    monkeypatch.setattr(concurrent, "async_fetch_older_users", fail_second)
    with pytest.raises(ValueError, match="first"):
        asyncio.run(concurrent.fetch_concurrently())
    assert caplog.records == []


@pytest.mark.parametrize("turns", range(0, 40, 3))
def test_cancelled_at_any_time_even_twice_it_leaves_nothing_behind(
    concurrent: Any, nothing_left: Callable[[], None], turns: int
) -> None:
    async def main() -> None:
        task = asyncio.ensure_future(concurrent.fetch_concurrently())
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() == cancelled  # False: it was faster
        nothing_left()

    asyncio.run(main())
