#!/usr/bin/env python3
"""Stream the users of a table one by one: a million of them need no more memory than ten.

With fetchall the whole table is in memory before the first user is seen. A generator asks for rows while
its consumer reads, and forgets each row when the next one is wanted.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from types import ModuleType
from typing import Iterator

import common
from common import User
from streaming import WholeNumbers, stream_rows

QUERY = "SELECT user_id, name, email, age FROM user_data"


def stream_users() -> Iterator[User]:
    """Yield each user as a dict with user_id, name, email and age, the age as an int."""
    numbers = WholeNumbers()
    with stream_rows(QUERY) as rows:
        for user_id, name, email, age in rows:
            yield {
                "user_id": user_id.decode(),
                "name": name.decode(),
                "email": email.decode(),
                "age": numbers[age],
            }


class CallableModule(ModuleType):
    """A module that can be called.

    No import statement can name a file that begins with a digit. So the curriculum writes
    `stream_users = __import__("0-stream_users")`, and then calls what it got: `stream_users()`.
    """

    def __call__(self) -> Iterator[User]:
        return stream_users()


sys.modules[__name__].__class__ = CallableModule


def demo(arguments: argparse.Namespace) -> None:
    if arguments.limit is not None:
        common.check_size("--limit", arguments.limit)
    for user in islice(stream_users(), arguments.limit):
        print(user)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--limit", type=int, metavar="N", help="stop after N users")
    common.run(demo, command_line)
