#!/usr/bin/env python3
"""Work out the average age of all users without holding their ages in memory.

Write a generator of ages, and a function that uses it. Use at most two loops in all, and let Python work out
the average, not SQL's AVG.

Example, with the thousand users of user_data.csv:

    $ python3 4-stream_ages.py
    Average age of users: 59.66

Check:  make check REPO=... ONLY=generators/4  (in the clone)
Lesson: python-generators-0x00/README.md, section 4
"""

import seed  # your first exercise: seed.connect_to_prodev() gives you a connection


def stream_user_ages():
    """Yield the ages in user_data, one at a time.

    In:  nothing.
    Out: a generator of numbers.
    """
    raise NotImplementedError("Your turn: write stream_user_ages in 4-stream_ages.py")


def calculate_average_age():
    """Return the average age of all users.

    In:  nothing.
    Out: a number. You decide what happens when there are no users, as long as it is no ZeroDivisionError.
    """
    raise NotImplementedError("Your turn: write calculate_average_age in 4-stream_ages.py")


if __name__ == "__main__":
    print(f"Average age of users: {calculate_average_age():.2f}")
