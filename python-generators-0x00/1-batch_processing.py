#!/usr/bin/env python3
"""Process users in batches: one web request, one commit or one insert for fifty of them, not for each.

Batches cut from a list need the whole list in memory. Batches cut from a stream need one batch at a time,
and the filter after them is a stream again, so you can use it without the printing.
"""

from __future__ import annotations

import importlib
from contextlib import closing
from itertools import chain, islice
from typing import Iterable, Iterator

import common
from common import User

stream_users = importlib.import_module("0-stream_users").stream_users


def stream_users_in_batches(batch_size: int) -> Iterator[list[User]]:
    """Yield lists of `batch_size` users; the last one may be shorter."""
    common.check_size("batch_size", batch_size)
    with closing(stream_users()) as users:
        while batch := list(islice(users, batch_size)):
            yield batch


def users_over_25(batches: Iterable[list[User]]) -> Iterator[User]:
    """Yield the users of these batches who are strictly over 25."""
    for user in chain.from_iterable(batches):
        if user["age"] > 25:
            yield user


def batch_processing(batch_size: int) -> None:
    """Print each user strictly over 25, one dict a line."""
    batches = stream_users_in_batches(batch_size)
    for user in users_over_25(batches):
        print(user)


def demo(batch_size: int) -> None:
    batch_processing(common.check_size("--batch-size", batch_size))


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--batch-size", type=int, default=50, metavar="N", help="default: 50 users")
    common.run(demo, command_line)
