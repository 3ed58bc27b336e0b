#!/usr/bin/env python3
"""Read the users of a table one by one.

Write a generator, with `yield` and at most one loop. It should need no more memory for a million users than
for ten.

Example, which takes the first six users (which six depends on your ids):

    $ python3 0-stream_users.py | head -n 1
    {'user_id': '...', 'name': '...', 'email': '...', 'age': ...}
    $ python3 0-stream_users.py | wc -l
    6

Check:  make check REPO=... ONLY=generators/0  (in the clone)
Lesson: python-generators-0x00/README.md, section 0
"""

from itertools import islice

import seed  # your first exercise: seed.connect_to_prodev() gives you a connection


def stream_users():
    """Yield the users in user_data, one at a time.

    In:  nothing.
    Out: a generator of dicts with the keys user_id, name, email and age.
    """
    raise NotImplementedError("Your turn: write stream_users in 0-stream_users.py")


if __name__ == "__main__":
    for user in islice(stream_users(), 6):
        print(user)
