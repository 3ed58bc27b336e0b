"""streaming.py, through tasks 0, 1 and 4: what a consumer sees, and what it leaves behind."""

from __future__ import annotations

import gc
import os
import signal
import threading
import tracemalloc
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Iterator

from support import Load

import mysql.connector
import pytest


def test_a_stream_needs_the_memory_of_one_batch(load: Load, many_users: int) -> None:
    stream_users = load("0-stream_users").stream_users
    next(stream_users())  # what the first use imports is not counted
    tracemalloc.start()
    try:
        assert sum(1 for _ in stream_users()) == many_users
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000  # bytes; all users at once are more than ten times this


def leave_by_break(users: Iterator[Any]) -> None:
    for _ in users:
        break


def leave_by_islice(users: Iterator[Any]) -> None:
    assert len(list(islice(users, 6))) == 6


def leave_by_close(users: Any) -> None:
    next(users)
    users.close()
    assert list(users) == []


def leave_by_exception(users: Iterator[Any]) -> None:
    with pytest.raises(LookupError, match="seen enough"):
        for _ in users:
            raise LookupError("seen enough")


def leave_by_garbage_collection(users: Iterator[Any]) -> None:
    next(users)
    cycle: list[Any] = [users]
    cycle.append(cycle)
    del users, cycle
    gc.collect()


@pytest.mark.parametrize("name", ["stream_users", "batches", "ages"])
@pytest.mark.parametrize(
    "leave",
    [leave_by_break, leave_by_islice, leave_by_close, leave_by_exception, leave_by_garbage_collection],
)
def test_leaving_early_raises_nothing_and_leaves_no_connection(
    load: Load,
    many_users: int,
    connections: Callable[[], int],
    capfd: pytest.CaptureFixture[str],
    name: str,
    leave: Callable[[Any], None],
) -> None:
    streams: dict[str, Callable[[], Any]] = {
        "stream_users": load("0-stream_users").stream_users,
        "batches": lambda: load("1-batch_processing").stream_users_in_batches(50),
        "ages": load("4-stream_ages").stream_user_ages,
    }
    leave(streams[name]())
    assert connections() == 0
    assert capfd.readouterr().err == ""


def test_leaving_does_not_read_the_rest(many_users: int, run_python: Any) -> None:
    # The rest here is 400,000,000 rows; to read them would take longer than the script may run.
    script = """
        from streaming import rows_of, run_unbuffered
        with run_unbuffered("SELECT a.name FROM user_data a, user_data b") as cursor:
            print(len(next(rows_of(cursor))))
    """
    done = run_python(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("keep", ["pass", "cycle = [users]; cycle.append(cycle)"])
def test_a_stream_that_is_open_when_python_exits_is_left_cleanly(
    many_users: int, connections: Callable[[], int], run_python: Any, keep: str
) -> None:
    done = run_python(f"users = __import__('0-stream_users')(); print(len(next(users))); {keep}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "4\n", "")
    assert connections() == 0


def test_only_the_connection_that_runs_the_stream_is_killed(load: Load, prodev: str) -> None:
    with closing(load("seed").connect_to_prodev()) as bystander, closing(bystander.cursor()) as cursor:
        load("streaming").kill_statement(bystander.connection_id, "/* stream of somebody else */")
        cursor.execute("SELECT 'alive'")
        assert cursor.fetchall() == [("alive",)]


@pytest.mark.parametrize("error", [ConnectionError("refused"), mysql.connector.Error("access denied")])
def test_where_the_server_cannot_be_told_to_stop_leaving_is_still_clean(
    load: Load,
    many_users: int,
    connections: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def refuse() -> None:
        raise error

    users = load("0-stream_users").stream_users()
    next(users)
    monkeypatch.setattr(load("streaming"), "connect_to_prodev", refuse)
    users.close()
    assert connections() == 0


def test_two_streams_at_once_do_not_disturb_each_other(load: Load, many_users: int) -> None:
    stream_users = load("0-stream_users").stream_users
    first, second = stream_users(), stream_users()
    next(first)
    next(second)
    first.close()
    assert sum(1 for _ in second) == many_users - 1


def test_a_consumer_slower_than_the_servers_write_timeout_gets_every_row(
    own_table: None, load: Load, add_many: Callable[[], int]
) -> None:
    with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SET GLOBAL net_write_timeout = 1")
    count = add_many()
    users = load("0-stream_users").stream_users()
    next(users)
    threading.Event().wait(2)  # seconds: well over the timeout of one
    assert sum(1 for _ in users) == count - 1


def test_a_server_that_dies_is_an_error_and_not_a_short_result(
    own_table: None, load: Load, add_many: Callable[[], int]
) -> None:
    with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SELECT @@pid_file")
        (pid_file,) = cursor.fetchone()
    add_many()
    users = load("0-stream_users").stream_users()
    next(users)
    os.kill(int(Path(pid_file).read_text()), signal.SIGKILL)
    with pytest.raises(mysql.connector.Error, match="Lost connection"):
        list(users)
    assert list(users) == []


def test_a_stream_that_somebody_else_kills_is_an_error_and_not_a_short_result(
    load: Load, many_users: int, prodev: str, connections: Callable[[], int]
) -> None:
    users = load("0-stream_users").stream_users()
    next(users)
    with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SHOW PROCESSLIST")
        (stream,) = [row[0] for row in cursor.fetchall() if row[3] == prodev]
        cursor.execute(f"KILL {stream}")
    with pytest.raises(mysql.connector.Error):
        list(users)
    assert connections() == 0


def test_without_the_c_extension_it_streams_and_leaves_as_well_and_says_once_what_to_do(
    many_users: int, connections: Callable[[], int], run_python: Any
) -> None:
    script = """
        from itertools import islice
        users = __import__("0-stream_users")
        print(len(list(islice(users(), 6))), len(list(users())))
    """
    done = run_python(script, prefix="import sys; sys.modules['_mysql_connector'] = None")
    assert done.stdout == f"6 {many_users}\n"
    assert done.stderr.count("\n") == 1
    assert "without its C extension" in done.stderr
    assert "pip install 'mysql-connector-python>=9.0,<10'" in done.stderr
    assert connections() == 0
