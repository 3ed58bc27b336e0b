"""0-log_queries: each call is two lines in the log, and nothing in them is secret or forged."""

from __future__ import annotations

import functools
import logging
import re
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any, Callable

from support import Load

import pytest


@pytest.fixture
def module(load: Load, caplog: pytest.LogCaptureFixture) -> Any:
    """The module 0-log_queries, whose records of all levels are captured."""
    caplog.set_level(logging.DEBUG)
    return load("0-log_queries")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """A function that returns the messages that were logged so far."""
    return lambda: [record.getMessage() for record in caplog.records]


def test_the_line_before_the_call_has_time_and_sql_and_the_one_after_it_the_duration(
    module: Any, lines: Any
) -> None:
    @module.log_queries
    def fetch(query: str) -> None:
        seen.extend(lines())

    seen: list[str] = []
    fetch(query="SELECT name FROM users")
    time, sql = re.fullmatch(r"(\S+) query (.*)", seen[0]).groups()  # type: ignore[union-attr]
    assert datetime.fromisoformat(time).tzinfo is not None
    assert sql == "'SELECT name FROM users'"
    assert lines()[:1] == seen
    assert re.fullmatch(r"query 'SELECT name FROM users' took \d+\.\d ms", lines()[1])
    assert len(lines()) == 2


def test_a_failure_is_logged_with_duration_and_type_but_not_its_text(module: Any, lines: Any) -> None:
    @module.log_queries
    def fetch(query: str) -> None:
        raise ValueError("the password is hunter2")

    with pytest.raises(ValueError, match="hunter2"):
        fetch("SELECT 1")
    assert re.fullmatch(r"query 'SELECT 1' failed with ValueError after \d+\.\d ms", lines()[1])
    assert len(lines()) == 2


def test_an_interrupted_call_is_logged_too(module: Any, lines: Any) -> None:
    @module.log_queries
    def fetch(query: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("SELECT 1")
    assert lines()[1].startswith("query 'SELECT 1' failed with KeyboardInterrupt after ")


def by_position(query: str, password: str) -> None: ...
def second(password: str, query: str) -> None: ...
def keyword_only(password: str, *, query: str) -> None: ...
def default(password: str = "", query: str = "SELECT 1") -> None: ...
def other_name(limit: int, sql: str) -> None: ...
def positional_only(password: str, query: str, /) -> None: ...
def anything(*args: object, **kwargs: object) -> None: ...
def with_options(query: str, /, **options: str) -> None: ...


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        (by_position, ["SELECT 1", "hunter2"], {}),
        (by_position, [], {"password": "hunter2", "query": "SELECT 1"}),
        (second, ["hunter2", "SELECT 1"], {}),
        (keyword_only, ["hunter2"], {"query": "SELECT 1"}),
        (default, ["hunter2"], {}),
        (default, ["hunter2"], {"query": "SELECT 1"}),
        (other_name, [3, "SELECT 1"], {}),
        (other_name, [3], {"sql": "SELECT 1"}),
        (other_name, [], {"limit": 3, "sql": "SELECT 1"}),
        (positional_only, ["hunter2", "SELECT 1"], {}),
        (anything, ["hunter2"], {"query": "SELECT 1"}),
        (with_options, ["SELECT 1"], {"query": "hunter2"}),
    ],
)
def test_the_sql_is_found_however_it_is_passed_and_values_stay_out(
    module: Any, lines: Any, function: Any, args: list[Any], kwargs: dict[str, Any]
) -> None:
    module.log_queries(function)(*args, **kwargs)
    assert lines()[0].endswith(" query 'SELECT 1'")
    assert "hunter2" not in "".join(lines())


def test_the_sql_is_found_above_with_db_connection(
    module: Any, load: Load, users_db: Path, lines: Any
) -> None:
    with_db_connection = load("1-with_db_connection").with_db_connection

    @module.log_queries
    @with_db_connection
    def fetch(conn: sqlite3.Connection, label: str, query: str, order: str = "name") -> str:
        return query

    assert fetch("a label", "SELECT 1", "age") == "SELECT 1"
    assert lines()[0].endswith(" query 'SELECT 1'")


def several(*query: str) -> None: ...
def set_phone(user_id: int, phone: str) -> None: ...


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        (anything, [], {}),
        (anything, ["SELECT hunter2"], {}),
        (anything, [], {"text": "SELECT hunter2"}),
        (by_position, [None, "SELECT hunter2"], {}),
        (several, ["hunter2", "SELECT hunter2"], {}),
        (set_phone, [1, "(555) hunter2"], {}),
        (set_phone, [1, "-- hunter2"], {}),
        (set_phone, [1, "update hunter2"], {}),
    ],
)
def test_a_call_without_sql_is_logged_by_the_name_of_the_function(
    module: Any, lines: Any, function: Any, args: list[Any], kwargs: dict[str, Any]
) -> None:
    module.log_queries(function)(*args, **kwargs)
    assert lines()[0].endswith(f" query '{function.__name__}'")
    assert "hunter2" not in "".join(lines())


def test_a_value_too_many_is_not_taken_for_the_sql(module: Any, lines: Any) -> None:
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        module.log_queries(keyword_only)("Ada", "hunter2")
    assert "hunter2" not in "".join(lines())


def test_what_has_no_name_is_logged_without_its_values(module: Any, lines: Any) -> None:
    module.log_queries(functools.partial(set_phone, 1, phone="hunter2"))()
    assert "hunter2" not in "".join(lines())
    assert len(lines()) == 2


def test_arguments_that_do_not_fit_are_logged_by_name_and_fail_as_usual(module: Any, lines: Any) -> None:
    with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
        module.log_queries(set_phone)(1, "hunter2", "SELECT hunter2")
    assert lines()[0].endswith(" query 'set_phone'")
    assert "failed with TypeError" in lines()[1]
    assert "hunter2" not in "".join(lines())


def test_durations_are_milliseconds(module: Any, lines: Any, monkeypatch: Any) -> None:
    clock = iter([10.0, 12.5, 20.0, 20.001])
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(clock))
    for _ in range(2):
        module.log_queries(by_position)("SELECT 1", "")
    assert [line[len("query 'SELECT 1' ") :] for line in lines()[1::2]] == ["took 2500.0 ms", "took 1.0 ms"]


def test_both_lines_of_a_call_say_which_query_it_was(module: Any, lines: Any) -> None:
    @module.log_queries
    def outer(query: str) -> None:
        module.log_queries(by_position)("SELECT 2", "")

    outer("SELECT 1")
    assert [re.findall(r"SELECT (\d)", line)[0] for line in lines()] == ["1", "2", "2", "1"]


@pytest.mark.parametrize("values", [False, True])
def test_nothing_in_sql_values_or_errors_makes_a_second_line(module: Any, lines: Any, values: bool) -> None:
    breaks = "\n\r\v\f\x00\x1b[2J\x1c\x85\u2028\u2029\u202e\ud800"

    @module.log_queries(values=values)
    def fetch(query: str, value: str) -> None:
        raise ValueError(breaks)

    with pytest.raises(ValueError):
        fetch(f"SELECT 'café'{breaks}query 9: took 0.0 ms", breaks)
    assert len(lines()) == 2
    assert all(line.isprintable() for line in lines())
    assert r"SELECT 'café'\n\r\x0b\x0c\x00\x1b[2J\x1c\x85\u2028\u2029\u202e\ud800query 9" in lines()[0]


def test_values_and_error_texts_are_logged_on_demand(module: Any, lines: Any) -> None:
    @module.log_queries(values=True)
    def fetch(query: str, *values: object, **named: object) -> None:
        raise ValueError("xxx")

    with pytest.raises(ValueError, match="xxx"):
        fetch("SELECT ?, ?", 42, "y" * 10_000, range(10**9), age=list(range(10_000)))
    assert "42" in lines()[0]
    assert "yyy" in lines()[0]
    assert "'age': [0, 1, 2" in lines()[0]
    assert "failed with ValueError('xxx')" in lines()[1]
    assert max(map(len, lines())) < 400


def test_records_go_to_a_logger_of_the_modules_name_that_has_no_handler(module: Any, caplog: Any) -> None:
    module.log_queries(anything)("SELECT 1")
    assert {record.name for record in caplog.records} == {"0-log_queries"}
    assert {record.levelname for record in caplog.records} == {"INFO"}
    assert logging.getLogger("0-log_queries").handlers == []
    assert logging.getLogger("0-log_queries").level == logging.NOTSET


def test_names_that_the_encoding_of_a_pipe_lacks_are_spelled_out(users_db: Path, run_script: Any) -> None:
    done = run_script("0-log_queries.py", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert r"'Goran Petrovi\u0107'" in done.stdout


def test_the_script_logs_to_stderr_and_prints_rows_to_stdout(
    users_db: Path, run_script: Callable[..., Any]
) -> None:
    done = run_script("0-log_queries.py")
    assert len(done.stdout.splitlines()) == 12
    assert done.stdout.splitlines()[4] == "(5, 'Esi Mensah', 'esi.mensah@example.com', 19)"
    before, after = done.stderr.splitlines()
    assert before.endswith(" query 'SELECT * FROM users'")
    assert after.startswith("query 'SELECT * FROM users' took ")
