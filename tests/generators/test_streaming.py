"""python-generators-0x00, streaming and tasks 0, 1 and 4: what a consumer sees, and what it leaves behind."""

from __future__ import annotations

import ast
import functools
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Iterator

from support import GENERATORS, Load, Run

import mysql.connector
import pytest

MANY = 20_000  # users; far more than the buffers between server and client hold


def add_users(load: Load, users: Any) -> None:
    """Insert (user_id, name, email, age) rows into the table of the test."""
    seed = load("seed")
    with closing(seed.connect_to_prodev()) as connection, seed.transaction(connection) as cursor:
        seed.insert_users(cursor, users)


def people(*ages: int) -> Iterator[tuple[str, str, str, int]]:
    """Yield a user for each age; their ids ascend."""
    for number, age in enumerate(ages):
        yield f"{number:08d}-0000-4000-8000-000000000000", f"User {number}", f"user{number}@example.com", age


@pytest.fixture
def many_users(load: Load, prodev: str) -> None:
    """A table with MANY users."""
    add_users(load, load("users").made_up_users(MANY))


@pytest.fixture
def connections(load: Load, prodev: str) -> Callable[[], int]:
    """A function that counts the connections to the database of the test, once the server has cleared up."""

    def count() -> int:
        with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
            deadline = time.monotonic() + 10
            while True:
                cursor.execute("SHOW PROCESSLIST")
                left = sum(row[3] == prodev for row in cursor.fetchall())
                if not left or time.monotonic() > deadline:
                    return left

    return count


def test_the_curriculums_driver_calls_the_module(load: Load, many_users: None) -> None:
    stream_users = load("0-stream_users")
    first_six = list(islice(stream_users(), 6))  # type: ignore[operator]
    assert len(first_six) == 6
    assert first_six == list(islice(stream_users.stream_users(), 6))


def test_a_user_is_a_dict_with_an_int_for_an_age(load: Load, prodev: str) -> None:
    add_users(load, [("00000000-0000-4000-8000-000000000000", "Zoë O'Shea", "zoe@example.com", 36)])
    assert list(load("0-stream_users").stream_users()) == [
        {
            "user_id": "00000000-0000-4000-8000-000000000000",
            "name": "Zoë O'Shea",
            "email": "zoe@example.com",
            "age": 36,
        }
    ]
    (user,) = load("0-stream_users").stream_users()
    assert type(user["age"]) is int


def test_every_user_is_streamed_once(load: Load, many_users: None) -> None:
    ids = [user["user_id"] for user in load("0-stream_users").stream_users()]
    assert len(ids) == len(set(ids)) == MANY


def test_an_empty_table_streams_nothing(load: Load, prodev: str) -> None:
    assert list(load("0-stream_users").stream_users()) == []


def test_a_missing_table_is_an_error(load: Load, prodev: str, run_script: Run) -> None:
    seed = load("seed")
    with closing(seed.connect_to_prodev()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("DROP TABLE user_data")
    with pytest.raises(mysql.connector.ProgrammingError, match="doesn't exist"):
        next(load("0-stream_users").stream_users())
    done = run_script("0-stream_users.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("user_data' doesn't exist; make it with: python3 seed.py\n")
    assert done.stderr.count("\n") == 1


def test_a_stream_needs_the_memory_of_one_batch(load: Load, many_users: None) -> None:
    stream_users = load("0-stream_users").stream_users
    next(stream_users())  # what the first use imports is not counted
    tracemalloc.start()
    try:
        assert sum(1 for _ in stream_users()) == MANY
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
    many_users: None,
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


def test_leaving_does_not_read_the_rest(load: Load, many_users: None, run_script: Run) -> None:
    # The rest here is 8,000,000,000,000 rows; to read them would take longer than the script may run.
    script = """
        from streaming import stream_rows
        with stream_rows("SELECT a.name FROM user_data a, user_data b, user_data c") as rows:
            print(len(next(rows)))
    """
    done = run_python(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def run_python(script: str, prefix: str = "") -> subprocess.CompletedProcess[str]:
    """Run lines of Python in the project folder, as a learner's own script would run there."""
    return subprocess.run(
        [sys.executable, "-c", prefix + textwrap.dedent(script)],
        cwd=GENERATORS,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize("keep", ["pass", "cycle = [users]; cycle.append(cycle)"])
def test_a_stream_that_is_open_when_python_exits_is_left_cleanly(
    load: Load, many_users: None, connections: Callable[[], int], keep: str
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
    many_users: None,
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


def test_two_streams_at_once_do_not_disturb_each_other(load: Load, many_users: None) -> None:
    stream_users = load("0-stream_users").stream_users
    first, second = stream_users(), stream_users()
    next(first)
    next(second)
    first.close()
    assert sum(1 for _ in second) == MANY - 1


def test_a_consumer_slower_than_the_servers_write_timeout_gets_every_row(
    own_server: None, load: Load
) -> None:
    seed = load("seed")
    with closing(seed.connect_db()) as connection, closing(connection.cursor()) as cursor:
        seed.create_database(connection)
        cursor.execute("SET GLOBAL net_write_timeout = 1")
    with closing(seed.connect_to_prodev()) as connection:
        seed.create_table(connection)
    add_users(load, load("users").made_up_users(MANY))
    users = load("0-stream_users").stream_users()
    next(users)
    threading.Event().wait(3)  # seconds: well over the timeout of one
    assert sum(1 for _ in users) == MANY - 1


def test_a_server_that_dies_is_an_error_and_not_a_short_result(own_server: None, load: Load) -> None:
    seed = load("seed")
    with closing(seed.connect_db()) as connection, closing(connection.cursor()) as cursor:
        seed.create_database(connection)
        cursor.execute("SELECT @@pid_file")
        (pid_file,) = cursor.fetchone()
    with closing(seed.connect_to_prodev()) as connection:
        seed.create_table(connection)
    add_users(load, load("users").made_up_users(MANY))
    users = load("0-stream_users").stream_users()
    next(users)
    os.kill(int(Path(pid_file).read_text()), signal.SIGKILL)
    with pytest.raises(mysql.connector.Error, match="Lost connection"):
        list(users)
    assert list(users) == []


def test_a_stream_that_somebody_else_kills_is_an_error_and_not_a_short_result(
    load: Load, many_users: None, prodev: str, connections: Callable[[], int]
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
    load: Load, many_users: None, connections: Callable[[], int]
) -> None:
    script = """
        from itertools import islice
        users = __import__("0-stream_users")
        print(len(list(islice(users(), 6))), len(list(users())))
    """
    done = run_python(script, prefix="import sys; sys.modules['_mysql_connector'] = None")
    assert done.stdout == f"6 {MANY}\n"
    assert done.stderr.count("\n") == 1
    assert "without its C extension" in done.stderr
    assert "pip install 'mysql-connector-python>=9.0,<10'" in done.stderr
    assert connections() == 0


def test_head_ends_the_script_quietly(many_users: None, connections: Callable[[], int]) -> None:
    script = f"{sys.executable} 0-stream_users.py | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=GENERATORS, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert connections() == 0


def test_batches_have_the_size_asked_for_and_the_last_is_shorter(load: Load, prodev: str) -> None:
    add_users(load, people(*range(20)))
    batches = list(load("1-batch_processing").stream_users_in_batches(7))
    assert [len(batch) for batch in batches] == [7, 7, 6]
    assert all(isinstance(batch, list) for batch in batches)
    assert sorted(user["age"] for batch in batches for user in batch) == list(range(20))


def test_the_next_batch_is_not_read_before_it_is_asked_for(
    load: Load, prodev: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_users(load, people(*range(20)))
    processing = load("1-batch_processing")
    stream_users, read = processing.stream_users, []

    def watched() -> Iterator[Any]:
        for user in stream_users():
            read.append(user)
            yield user

    monkeypatch.setattr(processing, "stream_users", watched)
    next(processing.stream_users_in_batches(7))
    assert len(read) == 7


def test_batch_processing_prints_those_strictly_over_25_one_dict_a_line(
    load: Load, prodev: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add_users(load, people(24, 25, 26, 99))
    assert load("1-batch_processing").batch_processing(3) is None
    printed = [ast.literal_eval(line) for line in capsys.readouterr().out.splitlines()]
    assert [(user["name"], user["age"]) for user in printed] == [("User 2", 26), ("User 3", 99)]


def test_the_filter_can_be_used_without_printing(load: Load) -> None:
    over_25 = load("1-batch_processing").users_over_25(iter([[{"age": 25}, {"age": 26}], [{"age": 27}]]))
    assert iter(over_25) is over_25
    assert list(over_25) == [{"age": 26}, {"age": 27}]


def test_the_average_is_that_of_all_ages(load: Load, prodev: str, run_script: Run) -> None:
    add_users(load, people(20, 30, 41))
    ages = load("4-stream_ages")
    assert sorted(ages.stream_user_ages()) == [20, 30, 41]
    assert {type(age) for age in ages.stream_user_ages()} == {int}
    assert ages.calculate_average_age() == pytest.approx(91 / 3)
    assert run_script("4-stream_ages.py").stdout == "Average age of users: 30.33\n"


def test_the_average_of_nobody_is_a_value_error(load: Load, prodev: str, run_script: Run) -> None:
    with pytest.raises(ValueError, match="there are no users"):
        load("4-stream_ages").calculate_average_age()
    done = run_script("4-stream_ages.py")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "There are no users, so they have no average age\n",
        "",
    )


@pytest.mark.parametrize("size", [0, -1, "10", 2.5, True, None])
@pytest.mark.parametrize(
    ("module", "function", "arguments"),
    [
        ("1-batch_processing", "stream_users_in_batches", ()),
        ("1-batch_processing", "batch_processing", ()),
        ("2-lazy_paginate", "paginate_users", (0,)),
        ("2-lazy_paginate", "lazy_paginate", ()),
        ("3-keyset_paginate", "keyset_paginate", ()),
    ],
)
def test_a_size_that_is_no_positive_whole_number_is_refused_at_the_call(
    load: Load, module: str, function: str, arguments: tuple[int, ...], size: Any
) -> None:
    with pytest.raises(ValueError, match=f"_size must be a whole number of at least 1, not {size!r}"):
        getattr(load(module), function)(size, *arguments)


@pytest.mark.parametrize(
    ("script", "functions", "most"),
    [
        ("0-stream_users.py", {"stream_users"}, 1),
        ("1-batch_processing.py", None, 3),
        ("2-lazy_paginate.py", {"paginate_users", "lazy_paginate"}, 1),
        ("4-stream_ages.py", {"stream_user_ages", "calculate_average_age"}, 2),
    ],
)
def test_there_are_no_more_loops_than_the_curriculum_allows(
    script: str, functions: set[str] | None, most: int
) -> None:
    tree = ast.parse((GENERATORS / script).read_text(encoding="utf-8"))
    loops = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    counted = [
        node
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and (functions is None or function.name in functions)
        for node in ast.walk(function)
        if isinstance(node, loops)
    ]
    assert 1 <= len(counted) <= most


def test_ctrl_c_ends_the_script_with_status_130_and_no_traceback(
    many_users: None, connections: Callable[[], int]
) -> None:
    with subprocess.Popen(
        [sys.executable, "0-stream_users.py"],
        cwd=GENERATORS,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell that starts the tests in the background has them ignore Ctrl-C, and that is inherited.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, stderr = child.communicate(timeout=60)
    assert (child.returncode, stderr) == (130, b"")
    assert connections() == 0
