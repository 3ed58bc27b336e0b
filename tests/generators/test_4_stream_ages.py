"""4-stream_ages.py: the mean of all ages, and what is said when there are none."""

from __future__ import annotations

from typing import Callable

from support import Load, Run

import pytest


def test_the_average_is_that_of_all_ages(
    load: Load, people: Callable[..., None], prodev: str, run_script: Run
) -> None:
    people(20, 30, 41)
    ages = load("4-stream_ages")
    assert sorted(ages.stream_user_ages()) == [20, 30, 41]
    assert {type(age) for age in ages.stream_user_ages()} == {int}
    assert ages.calculate_average_age() == pytest.approx(91 / 3)
    assert run_script("4-stream_ages.py").stdout == "Average age of users: 30.33\n"


def test_the_average_of_nobody_is_a_value_error(load: Load, prodev: str, run_script: Run) -> None:
    with pytest.raises(ValueError, match="there are no users"):
        load("4-stream_ages").calculate_average_age()
    done = run_script("4-stream_ages.py")
    nobody = "There are no users, so they have no average age\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, nobody, "")


def test_only_an_empty_table_has_no_users(run_script: Run) -> None:
    done = run_script("4-stream_ages.py", env={"MYSQL_PORT": "33o6", "MYSQL_UNIX_SOCKET": ""})
    problem = "4-stream_ages.py: MYSQL_PORT must be the number of a port, not '33o6'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)
