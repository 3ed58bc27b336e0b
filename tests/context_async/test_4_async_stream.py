"""Task 4: a stream of rows that is bounded in memory, fair to other tasks, and gone when it is left."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

from support import Load, Run

import pytest


@pytest.fixture
def stream(load: Load, users_db: Path, nothing_left: Callable[[], None]) -> Any:
    """The module of the task, over a freshly seeded users.db; the test leaves no thread and no file."""
    return load("4-async_stream")


async def collect(users: Any) -> list[Any]:
    return [user async for user in users]


@pytest.mark.parametrize("chunk_size", [1, 5, 6, 12, 13, 1000])
def test_every_user_passes_once_in_order_whatever_the_chunks(stream: Any, chunk_size: int) -> None:
    users = asyncio.run(collect(stream.async_stream_users(chunk_size=chunk_size)))
    assert [user[0] for user in users] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert users[4] == (5, "Esi Mensah", "esi.mensah@example.com", 19)


def test_it_is_an_async_generator_and_the_chunk_size_has_a_default(stream: Any) -> None:
    assert inspect.isasyncgen(stream.async_stream_users())
    assert len(asyncio.run(collect(stream.async_stream_users()))) == 12


def test_an_empty_table_is_an_empty_stream(stream: Any, users_db: Path) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection, connection:
        connection.execute("DELETE FROM users")
    assert asyncio.run(collect(stream.async_stream_users())) == []


@pytest.mark.parametrize("chunk_size", [0, -1, 1.5, "10", None, True])
def test_a_chunk_size_that_is_no_positive_whole_number_is_refused(stream: Any, chunk_size: Any) -> None:
    with pytest.raises(ValueError, match=f"chunk_size must be a whole number .*, not {chunk_size!r}"):
        asyncio.run(collect(stream.async_stream_users(chunk_size)))


def test_a_missing_table_is_an_error_and_not_an_empty_stream(stream: Any, users_db: Path) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection, connection:
        connection.execute("DROP TABLE users")
    with pytest.raises(sqlite3.OperationalError, match="no such table: users"):
        asyncio.run(collect(stream.async_stream_users()))


@pytest.mark.parametrize("times", range(5))
def test_a_database_that_cannot_be_opened_is_an_error_and_leaves_no_thread(
    stream: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, times: int
) -> None:
    monkeypatch.setenv("USERS_DB", str(tmp_path / "missing" / "users.db"))
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        asyncio.run(collect(stream.async_stream_users()))


def test_there_is_one_trip_to_the_thread_for_each_chunk(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import aiosqlite

    sizes = []
    fetchmany = aiosqlite.Cursor.fetchmany

    async def counting_fetchmany(cursor: Any, size: int) -> Any:
        chunk = list(await fetchmany(cursor, size))
        sizes.append(len(chunk))
        return chunk

    monkeypatch.setattr(aiosqlite.Cursor, "fetchmany", counting_fetchmany)
    asyncio.run(collect(stream.async_stream_users(5)))
    assert sizes == [5, 5, 2, 0]


def test_other_tasks_have_their_turn_while_a_statement_runs(stream: Any, users_db: Path) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection, connection:
        connection.execute("ALTER TABLE users RENAME TO people")
        tables = ", ".join(f"people p{number}" for number in range(6))
        connection.execute(
            f"CREATE VIEW users AS SELECT count(*) AS id, 0 AS name, 0 AS email, 0 AS age FROM {tables}"
        )

    async def main() -> int:
        turns = 0
        reading = asyncio.ensure_future(collect(stream.async_stream_users()))
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        assert await reading == [(12**6, 0, 0, 0)]
        return turns

    # The stream itself needs a dozen turns; the others are time in which it is in nobody's way.
    assert asyncio.run(main()) > 100


def test_leaving_early_with_aclose_has_closed_the_connection(
    stream: Any, nothing_left: Callable[[], None]
) -> None:
    async def main() -> None:
        users = stream.async_stream_users(1)
        async for user in users:
            assert user[0] == 1
            assert threading.active_count() == 2
            break
        await users.aclose()
        nothing_left()

    asyncio.run(main())


@pytest.mark.parametrize("count", [1, 3, 12])
def test_the_first_users_are_read_and_the_stream_is_closed(
    stream: Any, nothing_left: Callable[[], None], count: int
) -> None:
    async def main() -> None:
        assert [user[0] for user in await stream.first_users(count)] == list(range(1, count + 1))
        nothing_left()

    asyncio.run(main())


def test_an_error_of_the_consumer_goes_on_and_the_stream_is_closed(stream: Any) -> None:
    async def main() -> None:
        async for _ in stream.async_stream_users(1):
            raise ValueError("of the consumer")

    with pytest.raises(ValueError, match="of the consumer") as caught:
        asyncio.run(main())
    assert caught.value.__traceback__ is not None  # with all that its frames refer to


@pytest.mark.parametrize("times", [1, 2])
def test_cancelled_once_or_twice_while_it_opens_the_file_is_closed_again(
    stream: Any, monkeypatch: pytest.MonkeyPatch, nothing_left: Callable[[], None], times: int
) -> None:
    opening, go_on = threading.Event(), threading.Event()
    connect = sqlite3.connect

    def slow_connect(*args: Any, **options: Any) -> sqlite3.Connection:
        opening.set()
        assert go_on.wait(timeout=10)
        return connect(*args, **options)

    monkeypatch.setattr(sqlite3, "connect", slow_connect)

    async def main() -> None:
        task = asyncio.ensure_future(collect(stream.async_stream_users()))
        while not opening.is_set():
            await asyncio.sleep(0)
        later = threading.Timer(0.1, go_on.set)  # so the file is opened after the cancellation
        for _ in range(times):
            task.cancel()
            if not later.is_alive():
                later.start()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        later.join()
        nothing_left()

    asyncio.run(main())


@pytest.mark.parametrize("turns", range(0, 60, 3))
def test_cancelled_at_any_time_even_twice_it_leaves_nothing_behind(
    stream: Any, nothing_left: Callable[[], None], turns: int
) -> None:
    async def main() -> None:
        task = asyncio.ensure_future(collect(stream.async_stream_users(1)))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() == cancelled  # False: it was faster
        nothing_left()

    asyncio.run(main())


def test_two_streams_at_once_do_not_disturb_each_other(stream: Any) -> None:
    async def main() -> list[list[Any]]:
        return await asyncio.gather(*(collect(stream.async_stream_users(size)) for size in (1, 5)))

    first, second = asyncio.run(main())
    assert first == second
    assert len(first) == 12


def test_cancelled_while_it_waits_for_a_lock_the_other_tasks_go_on(
    stream: Any, load: Load, users_db: Path
) -> None:
    async def main() -> int:
        turns = 0
        with closing(sqlite3.connect(str(users_db), isolation_level=None)) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            task = asyncio.ensure_future(collect(stream.async_stream_users()))
            while threading.active_count() == 1:
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            task.cancel()
            while turns < 10 and not task.done():
                await asyncio.sleep(0)
                turns += 1
            writer.execute("ROLLBACK")
            with pytest.raises(asyncio.CancelledError):
                await task
        return turns

    assert asyncio.run(main()) == 10


def test_a_million_rows_take_no_more_memory_than_ten_thousand(run_script: Run, tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="Windows doesn't tell how much memory was used")
    peaks = []
    for rows in (10_000, 1_000_000):
        done = run_script("4-async_stream.py", "--rows", str(rows), env={"TMPDIR": str(tmp_path)})
        assert (done.returncode, done.stderr) == (0, "")
        ((count, peak),) = re.findall(r"\n(\d+) users passed\npeak memory: (\d+) MB\n$", done.stdout)
        assert int(count) == rows
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] <= 8
    assert os.listdir(str(tmp_path)) == []  # the table was a temporary one


@pytest.mark.parametrize("rows", ["0", "-5"])
def test_a_number_of_rows_below_one_is_refused(run_script: Run, rows: str) -> None:
    done = run_script("4-async_stream.py", "--rows", rows)
    assert done.returncode == 1
    assert done.stderr == f"4-async_stream.py: --rows must be a whole number of at least 1, not {rows}\n"


def test_without_the_module_resource_everything_but_the_memory_is_shown(
    run_script: Run, tmp_path: Path
) -> None:
    (tmp_path / "resource.py").write_text("raise ModuleNotFoundError")  # as on Windows
    done = run_script("4-async_stream.py", "--rows", "20", env={"PYTHONPATH": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n20 users passed\npeak memory: unknown on Windows\n")
