#!/usr/bin/env python3
"""Compute an average over a stream: it keeps two numbers, whatever the size of the table.

A list of all ages, to call sum() and len() on, grows with the table. A running total and a count don't.
(In production the database does this: SELECT AVG(age) sends one row, not a million.)
"""

from __future__ import annotations

from typing import Iterator

import common
from common import AGE
from streaming import rows_of, run_unbuffered

QUERY = f"SELECT {AGE} FROM user_data"


class NoUsersError(ValueError):
    """There are no users to average."""


def stream_user_ages() -> Iterator[int]:
    """Yield the ages of all users, one by one."""
    with run_unbuffered(QUERY) as cursor:
        for (age,) in rows_of(cursor):
            if age is None:
                raise ValueError("the column age is NULL or not a number for one of the users")
            yield int(age)


def calculate_average_age() -> float:
    """Return the mean age of all users in years; raise NoUsersError, a ValueError, if there are none."""
    total = count = 0
    for age in stream_user_ages():
        total += age
        count += 1
    if count == 0:
        raise NoUsersError("there are no users")
    return total / count


def demo() -> None:
    try:
        print(f"Average age of users: {calculate_average_age():.2f}")
    except NoUsersError:
        print("There are no users, so they have no average age")


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
