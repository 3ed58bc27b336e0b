"""Milliseconds for one page of 100 users, at the start of a table and far behind it."""

from __future__ import annotations

import importlib
import os
import statistics
import time
from typing import Any, Callable

from samples import Claim, Samples, Table

FOLDER = "python-generators-0x00"
PAGE = 100  # users


def milliseconds(fetch: Callable[[], list[Any]]) -> dict[str, float]:
    """Return the median of seven fetches, after one that warms the caches of the server."""
    times = []
    for _ in range(8):
        start = time.perf_counter()
        if len(fetch()) != PAGE:
            raise AssertionError("this page is not full")
        times.append(1000 * (time.perf_counter() - start))
    return {"ms": statistics.median(times[1:])}


def connect() -> Any:
    os.environ["MYSQL_DATABASE"] = os.environ["BENCH_LARGEST"]
    return importlib.import_module("seed").connect_to_prodev()


def offset(number: int) -> dict[str, float]:
    """Fetch this page, the first is 1, by OFFSET."""
    connection, pages = connect(), importlib.import_module("2-lazy_paginate")
    return milliseconds(lambda: pages.paginate_users(PAGE, (number - 1) * PAGE, connection))


def by_key(number: int) -> dict[str, float]:
    """Fetch this page, the first is 1, by the key of the last user before it."""
    connection, pages = connect(), importlib.import_module("3-keyset_paginate")
    last_id = None  # before the first page
    if number > 1:
        before = importlib.import_module("2-lazy_paginate").paginate_users(1, (number - 1) * PAGE - 1)
        last_id = before[0]["user_id"]
    connection.autocommit = True
    return milliseconds(lambda: pages.page_after(connection, last_id, PAGE))


MEASURED = {"offset": offset, "by_key": by_key}
TITLES = {"offset": "`LIMIT 100 OFFSET ...`", "by_key": "**`WHERE user_id > ... LIMIT 100`**"}


def numbers(sizes: list[int]) -> list[int]:
    """Return the pages to measure: the first, the hundredth, the last, and some between for the picture."""
    return [number for number in (1, 10, 100, 1000, 10000) if number * PAGE <= sizes[-1]]


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    samples.take_turns([(name, number) for number in numbers(sizes) for name in MEASURED], rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    header = ["ms for page", *(f"{number:,}" for number in numbers(sizes))]
    rows = [
        [title, *(f"{samples.median((name, number), 'ms'):.2f}" for number in numbers(sizes))]
        for name, title in TITLES.items()
    ]
    return [Table("pages", header, rows)]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    first, last = numbers(sizes)[0], numbers(sizes)[-1]
    return [
        Claim(
            "the last page by OFFSET to by key", samples.ratio(("offset", last), ("by_key", last), "ms"), 50
        ),
        Claim(
            "the last page by key to the first",
            samples.ratio(("by_key", last), ("by_key", first), "ms"),
            1.5,
            at_most=True,
        ),
    ]
