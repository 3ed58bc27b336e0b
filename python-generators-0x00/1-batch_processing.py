#!/usr/bin/env python3
"""Process users in batches: one web request, one commit or one insert for fifty of them, not for each.

Batches that are cut from a list need all of it in memory. Batches that are cut from a stream need one batch,
and the filter after them is a stream again, so that it can be used without the printing.
"""

from __future__ import annotations

import argparse
import importlib
from contextlib import closing
from itertools import islice
from typing import Iterable, Iterator

import common
from common import User

stream_users = importlib.import_module("0-stream_users").stream_users


def stream_users_in_batches(batch_size: int) -> Iterator[list[User]]:
    """Yield lists of `batch_size` users; the last one may be shorter."""
    common.check_size("batch_size", batch_size)  # here, since a generator would check only when it is read

    def batches() -> Iterator[list[User]]:
        with closing(stream_users()) as users:
            while batch := list(islice(users, batch_size)):
                yield batch

    return batches()


def users_over_25(batches: Iterable[list[User]]) -> Iterator[User]:
    """Yield the users of these batches who are strictly over 25."""
    for batch in batches:
        yield from filter(is_over_25, batch)


def is_over_25(user: User) -> bool:
    return int(user["age"]) > 25


def batch_processing(batch_size: int) -> None:
    """Print each user strictly over 25, one dict a line."""
    for user in users_over_25(stream_users_in_batches(batch_size)):
        print(user)


def demo(arguments: argparse.Namespace) -> None:
    batch_processing(arguments.batch_size)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--batch-size", type=int, default=50, metavar="N", help="default: 50 users")
    common.run(demo, command_line)
