"""However a program with an unfinished query ends, it ends at once and leaves no thread and no file behind.

Each case is a program of its own: a forgotten connection is an error in it, a thread that hangs a timeout.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

from support import CONTEXT

import pytest

PROGRAM = """
import asyncio, importlib, os, signal, sqlite3, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored when the tests run in the background
sys.dont_write_bytecode = True
sys.path.insert(0, {folder!r})
concurrent = importlib.import_module("3-concurrent")
stream = importlib.import_module("4-async_stream")

async def read():
    async for user in stream.async_stream_users(1):
        pass

async def until_it_runs():
    "Wait until the statement runs: from then on nobody else can have the database for himself."
    while True:
        other = sqlite3.connect(os.environ["USERS_DB"], timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return
        finally:
            other.close()
        await asyncio.sleep(0.001)

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

def left():
    links = [os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    files = [os.readlink(link) for link in links if os.path.islink(link)]
    return threading.enumerate()[1:] + [name for name in files if name.startswith(os.environ["USERS_DB"])]

{body}
print(left())
"""
# Before the body: a connection whose first interrupt has no effect.
FORGETFUL = """
ClosingConnection = importlib.import_module("closing_connection").ClosingConnection
class Forgetful(ClosingConnection):
    forgets = True
    def interrupt(self):
        if not self.forgets:
            super().interrupt()
        self.forgets = False
importlib.import_module("async_connection").ClosingConnection = Forgetful
"""
# The body of the program, while a statement runs for ages, and while a stream waits for its consumer.
RUNNING = {
    "cancelled": """
async def main():
    task = asyncio.ensure_future(read())
    await until_it_runs()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        assert left() == [], left()
asyncio.run(main())
""",
    "timed out": """
async def main():
    try:
        await asyncio.wait_for(read(), 0.1)
    except asyncio.TimeoutError:
        assert left() == [], left()
asyncio.run(main())
""",
    "cancelled with an interrupt that SQLite forgets, because it comes before its statement": FORGETFUL
    + """
async def main():
    task = asyncio.ensure_future(read())
    await until_it_runs()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        assert left() == [], left()
asyncio.run(main())
""",
    "cancelled again while it waits after such an interrupt": FORGETFUL
    + """
async def main():
    task = asyncio.ensure_future(read())
    await until_it_runs()
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
    try:
        await task
    except asyncio.CancelledError:
        assert left() == [], left()
asyncio.run(main())
""",
    "forgotten at the end of the loop": """
async def main():
    global task
    task = asyncio.ensure_future(read())
    await until_it_runs()
asyncio.run(main())
""",
    "Ctrl-C": """
async def main():
    task = asyncio.ensure_future(read())
    await until_it_runs()
    interrupt()
    await task
try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
""",
    "Ctrl-C during gathered queries": """
async def main():
    task = asyncio.ensure_future(concurrent.fetch_concurrently())
    await until_it_runs()
    interrupt()
    await task
try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
""",
    "gathered with one that fails": """
concurrent.OLDER_USERS = "SELECT nonsense FROM people WHERE age > ?"
async def main():
    try:
        await concurrent.fetch_concurrently()
    except sqlite3.OperationalError as error:
        assert "nonsense" in str(error), error
        assert left() == [], left()
asyncio.run(main())
""",
}
WAITING = {
    "break without aclosing": """
async def main():
    async for user in stream.async_stream_users(1):
        break
asyncio.run(main())
""",
    "a generator that outlives the loop": """
async def main():
    global users
    users = stream.async_stream_users(1)
    async for user in users:
        break
asyncio.run(main())
""",
    "an error of the consumer": """
async def main():
    async for user in stream.async_stream_users(1):
        raise ValueError
try:
    asyncio.run(main())
except ValueError:
    pass
""",
    "a consumer that is busy elsewhere at the end of the loop": """
async def consume(started):
    async for user in stream.async_stream_users(1):
        started.set()
        await asyncio.Event().wait()
async def main():
    started = asyncio.Event()
    asyncio.ensure_future(consume(started))
    await started.wait()
asyncio.run(main())
""",
    "Ctrl-C in the consumer": """
async def main():
    async for user in stream.async_stream_users(1):
        interrupt()
        await asyncio.Event().wait()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
""",
    "the loop ends at any time": """
async def main(turns):
    asyncio.ensure_future(read())
    for _ in range(turns):
        await asyncio.sleep(0)
for turns in range(100):
    asyncio.run(main(turns))
    assert left() == [], (turns, left())
""",
}


def run(path: Path, body: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(folder=str(CONTEXT), body=body)
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program]
    environment = {**os.environ, "USERS_DB": str(path)}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=20)


@pytest.fixture
def slow_db(users_db: Path) -> Path:
    """A users.db with a view `users` that takes days to sort."""
    with closing(sqlite3.connect(str(users_db))) as connection, connection:
        connection.execute("ALTER TABLE users RENAME TO people")
        tables = ", ".join(f"people p{number}" for number in range(12))
        connection.execute(
            "CREATE VIEW users AS SELECT id, name, email, age FROM people"
            f" UNION ALL SELECT count(*), '', '', 0 FROM {tables}"
        )
    return users_db


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="open files are counted in /proc")
class TestOnLinux:
    @pytest.mark.parametrize("body", RUNNING.values(), ids=RUNNING)
    def test_a_statement_that_runs_is_stopped(self, slow_db: Path, body: str) -> None:
        done = run(slow_db, body)
        assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")

    @pytest.mark.parametrize("body", WAITING.values(), ids=WAITING)
    def test_a_stream_that_waits_for_its_consumer_is_closed(self, users_db: Path, body: str) -> None:
        done = run(users_db, body)
        assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")

    @pytest.mark.parametrize("database", ["users_db", "slow_db"])
    def test_python_exits_even_when_the_loop_is_thrown_away(
        self, database: str, request: pytest.FixtureRequest
    ) -> None:
        body = """
async def main():
    global task
    task = asyncio.ensure_future(anext_user())
    await until_it_runs()
async def anext_user():
    async for user in stream.async_stream_users(1):
        await asyncio.Event().wait()
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
assert left() != []
"""
        done = run(request.getfixturevalue(database), body)
        assert done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
@pytest.mark.parametrize("script", ["3-concurrent.py", "4-async_stream.py"])
def test_ctrl_c_ends_a_script_at_once_with_status_130(slow_db: Path, script: str) -> None:
    environment = {**os.environ, "USERS_DB": str(slow_db)}
    process = subprocess.Popen(
        [sys.executable, str(CONTEXT / script)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Otherwise it is ignored when the tests run in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        with closing(sqlite3.connect(str(slow_db), timeout=0, isolation_level=None)) as other:
            refused = 0
            while refused < 5000:  # the script looks into the table first, and starts two queries then
                try:
                    other.execute("BEGIN EXCLUSIVE")
                    other.execute("ROLLBACK")
                    refused = 0
                except sqlite3.OperationalError:
                    refused += 1
        for _ in range(20):
            process.send_signal(signal.SIGINT)
            # One that comes in the very moment when the event loop falls asleep wakes nobody.
            with suppress(subprocess.TimeoutExpired):
                stdout, stderr = process.communicate(timeout=2)
                break
    finally:
        process.kill()
    assert (process.returncode, stdout, stderr) == (130, b"", b"")
