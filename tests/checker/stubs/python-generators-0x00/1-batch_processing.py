#!/usr/bin/env python3
"""Read the users of a table in batches, and pick those over 25.

Write a generator of batches, and a function that goes through them. Use at most three loops in all.

Example, with the thousand users of user_data.csv:

    $ python3 1-batch_processing.py | head -n 1
    {'user_id': '...', 'name': '...', 'email': '...', 'age': ...}
    $ python3 1-batch_processing.py | wc -l
    786

Check:  make check REPO=... ONLY=generators/1  (in the clone)
Lesson: python-generators-0x00/README.md, section 1
"""

import sys

import seed  # your first exercise: seed.connect_to_prodev() gives you a connection


def stream_users_in_batches(batch_size):
    """Yield the users in user_data, several at a time.

    In:  the number of users in a batch, for example 50.
    Out: a generator of lists of batch_size users, each a dict as in exercise 0. The last list holds what is
         left, so it may be shorter.
    """
    raise NotImplementedError("Your turn: write stream_users_in_batches in 1-batch_processing.py")


def batch_processing(batch_size):
    """Print every user who is over 25, one dict a line. Somebody who is 25 is not over 25.

    In:  the number of users in a batch.
    Out: nothing.
    """
    raise NotImplementedError("Your turn: write batch_processing in 1-batch_processing.py")


if __name__ == "__main__":
    try:
        batch_processing(50)
    except BrokenPipeError:  # head has seen enough
        sys.stderr.close()
