"""0-stream_users.py: each user once, as a dict, also when the module itself is called."""

from __future__ import annotations

import ast
from itertools import islice
from typing import Any, Callable

from support import GENERATORS, ROOT, Load, Run

import mysql.connector
import pytest


def test_the_curriculums_driver_calls_the_module(load: Load, many_users: int) -> None:
    stream_users = load("0-stream_users")
    first_six = list(islice(stream_users(), 6))  # type: ignore[operator]
    assert len(first_six) == 6
    assert first_six == list(islice(stream_users.stream_users(), 6))


def test_a_user_is_a_dict_with_an_int_for_an_age(load: Load, execute: Callable[..., Any]) -> None:
    execute("INSERT INTO user_data VALUES ('00000000', 'Zoë O''Shea', 'zoe@example.com', 36)")
    users = list(load("0-stream_users").stream_users())
    assert users == [{"user_id": "00000000", "name": "Zoë O'Shea", "email": "zoe@example.com", "age": 36}]
    assert type(users[0]["age"]) is int


def test_every_user_is_streamed_once(load: Load, many_users: int) -> None:
    ids = [user["user_id"] for user in load("0-stream_users").stream_users()]
    assert len(ids) == len(set(ids)) == many_users


def test_an_empty_table_streams_nothing(load: Load, prodev: str) -> None:
    assert list(load("0-stream_users").stream_users()) == []


def test_a_missing_table_is_an_error(load: Load, execute: Callable[..., Any], run_script: Run) -> None:
    execute("DROP TABLE user_data")
    with pytest.raises(mysql.connector.ProgrammingError, match="doesn't exist"):
        next(load("0-stream_users").stream_users())
    done = run_script("0-stream_users.py", cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(
        "user_data' doesn't exist; make it with: python3 python-generators-0x00/seed.py\n"
    )
    assert done.stderr.count("\n") == 1


def test_limit_stops_after_so_many_users(people: Callable[..., None], prodev: str, run_script: Run) -> None:
    people(20, 30, 40)
    assert run_script("0-stream_users.py", "--limit", "2").stdout.count("'user_id'") == 2
    done = run_script("0-stream_users.py", "--limit", "0")
    problem = "0-stream_users.py: --limit must be a whole number of at least 1, not 0\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)


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
