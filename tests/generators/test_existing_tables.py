"""Tables that were made elsewhere: all five scripts read them alike, or say which column they can't read."""

from __future__ import annotations

import json
import uuid
from itertools import chain
from typing import Any, Callable
from urllib.parse import quote

from support import Load, Run

import mysql.connector
import pytest

Execute = Callable[..., Any]
COLUMNS = {"user_id": "CHAR(36) PRIMARY KEY", "name": "VARCHAR(255)", "email": "VARCHAR(255)", "age": "INT"}


@pytest.fixture
def table(execute: Execute) -> Callable[..., None]:
    """A function that makes user_data anew with other columns, and fills it with rows."""

    def make(rows: list[tuple[Any, ...]], **columns: str) -> None:
        definition = ", ".join(f"{name} {kind}" for name, kind in {**COLUMNS, **columns}.items())
        execute("DROP TABLE user_data")
        try:
            execute(f"CREATE TABLE user_data ({definition})")
        except mysql.connector.Error as error:
            pytest.skip(f"this server has no such column: {error}")
        for row in rows:
            execute("INSERT INTO user_data VALUES (%s, %s, %s, %s)", row)

    return make


def everybody(load: Load) -> list[list[Any]]:
    """Return the users as tasks 0, 1, 2, 3 and 5 show them, each in the order of the database."""
    streamed = list(load("0-stream_users").stream_users())
    batches = chain.from_iterable(load("1-batch_processing").stream_users_in_batches(2))
    pages = list(chain.from_iterable(load("2-lazy_paginate").lazy_paginate(2)))
    keys = list(chain.from_iterable(load("3-keyset_paginate").keyset_paginate(2)))
    order = [user["user_id"] for user in pages]
    return [
        sorted(streamed, key=lambda user: order.index(user["user_id"])),
        sorted(batches, key=lambda user: order.index(user["user_id"])),
        pages,
        keys,
    ]


def scrolled(load: Load) -> list[Any]:
    """Return the users that a browser gets which follows every `next`, one user a page."""
    client = load("5-infinite_scroll").app.test_client()
    users: list[Any] = []
    address = "/users?size=1"
    while len(users) < 10:
        answer = json.loads(client.get(address).data)
        users += answer["users"]
        if answer["next"] is None:
            break
        address = f"/users?size=1&after={quote(answer['next'], safe='')}"
    return users


IDS: dict[str, list[Any]] = {
    "INT PRIMARY KEY": [0, 9, 10, 100],
    "BIGINT PRIMARY KEY": [2**53, 2**53 + 1, 2**53 + 2],
    "BINARY(16) PRIMARY KEY": [bytes([number]) * 16 for number in (0, 39, 128, 255)],
    "VARCHAR(40) PRIMARY KEY": ["", "a slug/with?odd&signs", "hex:no", "ünï"],
    "CHAR(32) PRIMARY KEY": [uuid.UUID(int=number).hex for number in (1, 2**64, 2**127)],
    "VARCHAR(36)": ["", "b", "c"],
    "UUID PRIMARY KEY": [str(uuid.UUID(int=number)) for number in (1, 2**64, 2**100)],
}


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_any_type_are_handed_back_as_they_came(
    kind: str, table: Callable[..., None], load: Load
) -> None:
    table([(user_id, f"N{user_id!r}", "x@example.com", 30) for user_id in IDS[kind]], user_id=kind)
    ways = everybody(load)
    assert [user["user_id"] for user in ways[0]] == IDS[kind]
    assert ways == [ways[0]] * 4
    assert [user["name"] for user in scrolled(load)] == [user["name"] for user in ways[0]]


@pytest.mark.parametrize(
    ("kind", "stored", "shown"),
    [
        ("DECIMAL(5,2)", ["36.00", "36.60", "0"], [36, 37, 0]),
        ("FLOAT", [36.0, 36.6, 0], [36, 37, 0]),
        ("DOUBLE", [36.0, 120.0, 7], [36, 120, 7]),
        ("TINYINT", [36, 127, -1], [36, 127, -1]),
        ("VARCHAR(20)", ["36", " 40 ", "007"], [36, 40, 7]),
    ],
)
def test_ages_of_any_type_are_whole_numbers_everywhere(
    kind: str, stored: list[Any], shown: list[int], table: Callable[..., None], load: Load
) -> None:
    table([(f"id{n}", "Ada", "a@example.com", age) for n, age in enumerate(stored)], age=kind)
    for users in everybody(load):
        assert [user["age"] for user in users] == shown
        assert {type(user["age"]) for user in users} == {int}
    assert sorted(load("4-stream_ages").stream_user_ages()) == sorted(shown)
    assert [user["age"] for user in scrolled(load)] == shown


@pytest.mark.parametrize(
    ("column", "row"),
    [
        ("name", ("b", None, "b@example.com", "30")),
        ("email", ("b", "Ben", None, "30")),
        ("age", ("b", "Ben", "b@example.com", None)),
        ("age", ("b", "Ben", "b@example.com", "unknown")),
        ("age", ("b", "Ben", "b@example.com", "36 years")),
        ("age", ("b", "Ben", "b@example.com", "")),
    ],
)
def test_a_value_that_is_missing_or_no_number_is_an_error_that_names_the_column(
    column: str, row: tuple[Any, ...], table: Callable[..., None], load: Load
) -> None:
    table([("a", "Ada", "a@example.com", "36"), row], age="VARCHAR(20)")
    problem = "NULL or not a number" if column == "age" else "NULL"
    for name, arguments in {
        "0-stream_users.stream_users": (),
        "1-batch_processing.stream_users_in_batches": (2,),
        "2-lazy_paginate.lazy_paginate": (2,),
        "3-keyset_paginate.keyset_paginate": (2,),
    }.items():
        module, function = name.split(".")
        with pytest.raises(
            ValueError, match=f"^the column {column} is {problem} for the user with the id 'b'"
        ):
            list(getattr(load(module), function)(*arguments))
    average = load("4-stream_ages").calculate_average_age
    if column == "age":
        with pytest.raises(
            ValueError, match=r"^the column age is NULL or not a number for one of the users$"
        ):
            average()
    else:
        assert average() == 33


def test_of_each_script_that_error_is_one_line(table: Callable[..., None], run_script: Run) -> None:
    table([("a", "Ada", "a@example.com", "36"), ("b", "Ben", "b@example.com", None)], age="VARCHAR(20)")
    whose = dict.fromkeys(["4-stream_ages"], "one of the users")
    for script in ("0-stream_users", "1-batch_processing", "2-lazy_paginate", "3-keyset_paginate", *whose):
        user = whose.get(script, "the user with the id 'b'")
        done = run_script(f"{script}.py")
        expected = f"{script}.py: the column age is NULL or not a number for {user}\n"
        assert (done.returncode, done.stderr) == (1, expected)


def test_an_id_that_is_null_is_named_as_well(table: Callable[..., None], run_script: Run) -> None:
    table([(None, "Ada", "a@example.com", 36)], user_id="CHAR(36)")
    for script in ("0-stream_users", "2-lazy_paginate", "3-keyset_paginate"):
        done = run_script(f"{script}.py")
        problem = f"{script}.py: the column user_id is NULL for the user with the id None\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)


def test_binary_ids_can_be_typed_on_the_command_line(table: Callable[..., None], run_script: Run) -> None:
    ids = [bytes([number]) * 16 for number in (1, 2, 3)]
    table([(user_id, "Ada", "a@example.com", 30) for user_id in ids], user_id="BINARY(16) PRIMARY KEY")
    done = run_script("3-keyset_paginate.py", "--after", f"hex:{ids[1].hex()}")
    assert done.stdout.count("\n") == 1, done.stderr
