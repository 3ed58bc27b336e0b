"""Milliseconds from the sixth row to a closed connection, with the rest of the table unread."""

from __future__ import annotations

import importlib
import os
import time
from itertools import islice
from typing import Any

from samples import Claim, Samples, Table

FOLDER = "python-generators-0x00"


def stream_users(rows: int) -> dict[str, float]:
    os.environ["MYSQL_DATABASE"] = f"bench_{rows}"
    users: Any = importlib.import_module("0-stream_users").stream_users()
    list(islice(users, 6))
    return milliseconds_to(users.close)


def plain_close(rows: int) -> dict[str, float]:
    os.environ["MYSQL_DATABASE"] = f"bench_{rows}"
    connection = importlib.import_module("seed").connect_to_prodev()
    cursor = connection.cursor(dictionary=True)
    cursor.execute("SELECT user_id, name, email, age FROM user_data")
    list(islice(cursor, 6))
    return milliseconds_to(connection.close)


def milliseconds_to(close: Any) -> dict[str, float]:
    start = time.perf_counter()
    close()
    return {"ms": 1000 * (time.perf_counter() - start)}


MEASURED = {"stream_users": stream_users, "plain_close": plain_close}
TITLES = {"stream_users": "**`stream_users()`**", "plain_close": "plain `connection.close()`"}


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    samples.take_turns([(name, rows) for rows in sizes for name in MEASURED], 2 * rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    header = ["ms to leave after six rows of", *(f"{rows:,}" for rows in sizes)]
    rows = [
        [title, *(f"{samples.median((name, rows), 'ms'):.1f}" for rows in sizes)]
        for name, title in TITLES.items()
    ]
    return [Table("leaving", header, rows)]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    growth = samples.ratio(("stream_users", sizes[-1]), ("stream_users", sizes[0]), "ms")
    return [Claim("growth of the time to leave, from the smallest table to the largest", growth, 2, True)]
