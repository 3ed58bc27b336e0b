"""3-retry_on_failure: what can pass by itself is tried again, with growing pauses, and nothing else is."""

from __future__ import annotations

import math
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from support import Load

import pytest

LOCKED = sqlite3.OperationalError("database is locked")


@pytest.fixture
def module(load: Load) -> Any:
    """The module 3-retry_on_failure."""
    return load("3-retry_on_failure")


@pytest.fixture
def naps(module: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none is really slept."""
    naps: list[float] = []
    monkeypatch.setattr("time.sleep", naps.append)
    return naps


@pytest.fixture
def ranges(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """What random.uniform was asked for; it always returns the upper end."""
    ranges: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        ranges.append((low, high))
        return high

    monkeypatch.setattr(random, "uniform", uniform)
    return ranges


class Flaky:
    """A function that raises these errors, one a call, and then returns "rows"."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "rows"


def test_a_function_that_works_is_called_once(module: Any, naps: list[float]) -> None:
    function = Flaky()
    assert module.retry_on_failure()(function)() == "rows"
    assert (function.calls, naps) == (1, [])


def test_by_default_there_are_three_calls_at_most_and_no_pause_after_the_last(
    module: Any, naps: list[float], ranges: list[tuple[float, float]]
) -> None:
    errors = [sqlite3.OperationalError("database is locked") for _ in range(5)]
    function = Flaky(*errors)
    with pytest.raises(sqlite3.OperationalError) as caught:
        module.retry_on_failure()(function)()
    assert caught.value is errors[2]
    assert caught.value.__context__ is None
    assert function.calls == 3
    assert naps == [2, 4]


def test_one_that_fails_twice_works_at_the_third_call(module: Any, naps: list[float]) -> None:
    function = Flaky(LOCKED, LOCKED)
    assert module.retry_on_failure()(function)() == "rows"
    assert function.calls == 3
    assert len(naps) == 2


def test_retries_of_one_means_one_call(module: Any, naps: list[float]) -> None:
    function = Flaky(LOCKED)
    with pytest.raises(sqlite3.OperationalError):
        module.retry_on_failure(retries=1)(function)()
    assert (function.calls, naps) == (1, [])


@pytest.mark.parametrize(
    ("arguments", "upper_ends"),
    [
        ({"delay": 1}, [1, 2, 4, 8, 16, 30, 30]),
        ({"delay": 0.5, "max_delay": 3}, [0.5, 1, 2, 3, 3, 3, 3]),
        ({"delay": 100}, [30] * 7),
        ({"delay": 0}, [0] * 7),
    ],
)
def test_pauses_are_random_from_zero_to_an_upper_end_that_doubles_up_to_a_limit(
    module: Any, naps: list[float], ranges: Any, arguments: dict[str, Any], upper_ends: list[float]
) -> None:
    function = module.retry_on_failure(retries=8, **arguments)(Flaky(*[LOCKED] * 7))
    assert function() == "rows"
    assert ranges == [(0, end) for end in upper_ends]
    assert naps == upper_ends
    naps.clear()
    function.__wrapped__.errors = [LOCKED]
    assert function() == "rows"
    assert naps == upper_ends[:1]  # each call starts anew


def test_thousands_of_retries_do_not_overflow(module: Any, naps: list[float]) -> None:
    assert module.retry_on_failure(retries=3000, delay=1)(Flaky(*[LOCKED] * 2999))() == "rows"
    assert len(naps) == 2999
    assert all(0 <= nap <= 30 for nap in naps)


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database is locked"),
        sqlite3.OperationalError("database table is locked"),
        sqlite3.OperationalError("database table is locked: users"),
        sqlite3.OperationalError("database schema is locked: main"),
    ],
)
def test_busy_and_locked_pass_by_themselves(module: Any, naps: list[float], error: Exception) -> None:
    assert module.retry_on_failure()(Flaky(error))() == "rows"


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("no such table: database is locked"),
        sqlite3.OperationalError("cannot commit transaction - SQL statements in progress"),
        sqlite3.OperationalError("unable to open database file"),
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.IntegrityError("UNIQUE constraint failed: users.email"),
        sqlite3.ProgrammingError("Cannot operate on a closed database."),
        RuntimeError("database is locked"),
        KeyboardInterrupt(),
        SystemExit(),
    ],
)
def test_anything_else_is_raised_at_once(module: Any, naps: list[float], error: BaseException) -> None:
    function = Flaky(error)
    with pytest.raises(type(error)) as caught:
        module.retry_on_failure()(function)()
    assert caught.value is error
    assert (function.calls, naps) == (1, [])


@pytest.mark.parametrize("retry_on", [ConnectionError, (KeyError, ConnectionError)])
def test_retry_on_says_what_can_pass_besides_a_lock(module: Any, naps: list[float], retry_on: Any) -> None:
    retry = module.retry_on_failure(retry_on=retry_on)
    assert retry(Flaky(ConnectionResetError(), LOCKED))() == "rows"
    assert len(naps) == 2
    with pytest.raises(LookupError):
        retry(Flaky(IndexError()))()
    assert len(naps) == 2


def test_unread_rows_of_ones_own_are_a_mistake_that_no_pause_mends(
    module: Any, naps: list[float], users_db: Path
) -> None:
    @module.retry_on_failure()
    def rename(conn: sqlite3.Connection) -> None:
        calls.append(1)
        conn.execute("BEGIN")
        cursor = conn.execute("UPDATE users SET name = upper(name) RETURNING id")
        cursor.fetchone()
        conn.execute("COMMIT")

    if sqlite3.sqlite_version_info < (3, 35):
        pytest.skip("RETURNING came with SQLite 3.35")
    calls: list[int] = []
    with closing(sqlite3.connect(str(users_db), isolation_level=None)) as connection:
        if sys.version_info >= (3, 10):  # before that, sqlite3 reads all rows of an UPDATE itself
            with pytest.raises(sqlite3.OperationalError, match="SQL statements in progress"):
                rename(connection)
    assert len(calls) < 2
    assert naps == []


@pytest.mark.parametrize(
    "arguments",
    [
        *({"retries": value} for value in (0, -1, 1.5, True, "3", None, len)),
        *({"delay": value} for value in (-1, math.inf, math.nan, True, "2", None)),
        *({"max_delay": value} for value in (-0.1, math.inf, math.nan, "30")),
        *({"retry_on": value} for value in (None, "busy", (ValueError, 5), KeyboardInterrupt, int, len)),
    ],
    ids=str,
)
def test_impossible_arguments_are_a_value_error_that_names_them(
    module: Any, arguments: dict[str, Any]
) -> None:
    ((name, value),) = arguments.items()
    with pytest.raises(ValueError, match=f"^{name} must be") as caught:
        module.retry_on_failure(**arguments)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), GeneratorExit()])
def test_whatever_retry_on_says_an_interruption_is_never_retried(module: Any, naps: Any, error: Any) -> None:
    function = Flaky(error)
    with pytest.raises(type(error)):
        module.retry_on_failure(retry_on=Exception)(function)()
    assert (function.calls, naps) == (1, [])


def test_each_retry_is_one_line_in_the_log_with_the_reason(
    module: Any, naps: list[float], ranges: Any, caplog: pytest.LogCaptureFixture
) -> None:
    function = module.retry_on_failure(delay=1, retry_on=OSError)(
        Flaky(OSError("gone\nforged line"), OSError())
    )
    assert function() == "rows"
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("3-retry_on_failure", r"call 1 of 3 failed, next in 1.0 s: OSError('gone\nforged line')"),
        ("3-retry_on_failure", "call 2 of 3 failed, next in 2.0 s: OSError()"),
    ]


def test_outside_the_connection_decorator_each_call_gets_a_new_connection(
    module: Any, naps: list[float], users_db: Path
) -> None:
    @module.retry_on_failure()
    @module.with_db_connection
    def fetch(conn: sqlite3.Connection) -> None:
        connections.append(conn)
        raise LOCKED

    connections: list[sqlite3.Connection] = []
    with pytest.raises(sqlite3.OperationalError):
        fetch()
    assert len(set(map(id, connections))) == 3


HOLD_THE_LOCK = """if True:
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("UPDATE users SET age = 99 WHERE id = 1")
    print("locked", flush=True)
    sys.stdin.readline()
    connection.execute("COMMIT")
    connection.close()
    print("released", flush=True)
"""


def test_a_lock_held_by_another_process_is_ridden_out(module: Any, users_db: Path, monkeypatch: Any) -> None:
    @module.retry_on_failure(retries=5)
    @module.with_db_connection
    def fetch_age(conn: sqlite3.Connection) -> int:
        conn.execute("PRAGMA busy_timeout = 0")
        calls.append("call")
        return int(conn.execute("SELECT age FROM users WHERE id = 1").fetchone()[0])

    def sleep(seconds: float) -> None:
        calls.append("sleep")
        if calls.count("sleep") == 3:
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "released\n"

    calls: list[str] = []
    monkeypatch.setattr("time.sleep", sleep)
    process: Any = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(users_db)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        assert process.stdout.readline() == "locked\n"
        assert fetch_age() == 99
    assert calls == ["call", "sleep"] * 3 + ["call"]


def test_the_fixed_call_returns_all_users(module: Any, users_db: Path) -> None:
    users = module.fetch_users_with_retry()
    assert len(users) == 12
    with closing(sqlite3.connect(users_db)) as connection:
        assert users == connection.execute("SELECT * FROM users").fetchall()
