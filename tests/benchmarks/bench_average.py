"""Ages a second of an average in constant memory; and the database's own, which is the right tool."""

from __future__ import annotations

import importlib
import os
import time
from contextlib import closing
from typing import Any, Callable

from samples import Claim, Samples, Table, thousands

FOLDER = "python-generators-0x00"


def calculate_average_age() -> float:
    return importlib.import_module("4-stream_ages").calculate_average_age()


def plain_cursor() -> float:
    """Average the Decimals that an ordinary cursor yields."""
    with closing(importlib.import_module("seed").connect_to_prodev()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT age FROM user_data")
        total: Any = 0
        count = 0
        for (age,) in cursor:
            total += age
            count += 1
        return float(total / count)


def sql_avg() -> float:
    with closing(importlib.import_module("seed").connect_to_prodev()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT AVG(age) FROM user_data")
        return float(cursor.fetchall()[0][0])


def rate(average: Callable[[], float]) -> Callable[[int], dict[str, float]]:
    def measured(rows: int) -> dict[str, float]:
        os.environ["MYSQL_DATABASE"] = "bench_1"
        average()  # pays for the imports
        os.environ["MYSQL_DATABASE"] = f"bench_{rows}"
        start = time.perf_counter()
        average()
        return {"rate": rows / (time.perf_counter() - start)}

    return measured


TITLES = {
    "sql_avg": "`SELECT AVG(age)`, in the database",
    "calculate_average_age": "**`calculate_average_age()`**",
    "plain_cursor": "`for (age,) in cursor`, as Decimals",
}
MEASURED = {name: rate(globals()[name]) for name in TITLES}


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    samples.take_turns([(name, sizes[-1]) for name in TITLES], rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    most = sizes[-1]
    rows = [
        [
            title,
            thousands(samples.median((name, most), "rate")),
            f"{samples.ratio((name, most), ('plain_cursor', most), 'rate'):.1f}",
            samples.spread((name, most), "rate"),
        ]
        for name, title in TITLES.items()
    ]
    return [Table("average", ["how the ages are averaged", "1000 ages/s", "ratio", "spread"], rows)]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    ours, plain = ("calculate_average_age", sizes[-1]), ("plain_cursor", sizes[-1])
    return [Claim("`calculate_average_age` to a plain cursor", samples.ratio(ours, plain, "rate"), 4)]
