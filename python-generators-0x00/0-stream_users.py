#!/usr/bin/env python3
"""Stream the users of a table one by one: a million of them need no more memory than ten.

With fetchall the whole table is in memory before you see the first user. A generator asks for rows, a
thousand at a time, while its consumer reads, and forgets those that have been read.
"""

from __future__ import annotations

from itertools import islice
from typing import Iterator

import common
from common import AGE, User
from streaming import id_reader, rows_of, run_unbuffered

QUERY = f"SELECT user_id, name, email, {AGE} FROM user_data"


def stream_users() -> Iterator[User]:
    """Yield each user as a dict with user_id, name, email and age, the age as an int."""
    with run_unbuffered(QUERY) as cursor:
        read_id = id_reader(cursor)
        for user_id, name, email, age in rows_of(cursor):
            try:
                user: User = {
                    "user_id": read_id(user_id),
                    "name": name.decode(),
                    "email": email.decode(),
                    "age": int(age),
                }
            except (AttributeError, TypeError):  # one of the four is None, which is NULL in the table
                shown_id = user_id and read_id(user_id)
                row = {"user_id": shown_id, "name": name, "email": email, "age": age}
                raise common.null_error(row) from None
            yield user


# The curriculum's driver calls the module: stream_users = __import__("0-stream_users"), then stream_users().
common.make_callable(__name__, stream_users)


def demo(limit: int | None) -> None:
    if limit is not None:
        common.check_size("--limit", limit)
    for user in islice(stream_users(), limit):
        print(user)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--limit", type=int, metavar="N", help="stop after N users")
    common.run(demo, command_line)
