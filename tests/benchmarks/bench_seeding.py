"""Rows a second from a CSV file into the table, and the round trips that they take."""

from __future__ import annotations

import csv
import importlib
import os
import time
from contextlib import closing
from typing import Any, Callable

from samples import Claim, Measured, Samples, Table, thousands

FOLDER = "python-generators-0x00"
INSERT = "INSERT INTO user_data (user_id, name, email, age) VALUES (%s, %s, %s, %s)"
LOAD = """
    LOAD DATA LOCAL INFILE '{}' INTO TABLE user_data CHARACTER SET utf8mb4
    FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' LINES TERMINATED BY '\\r\\n' IGNORE 1 LINES
    (user_id, name, email, age)
"""


def path_of(rows: int) -> str:
    return os.path.join(os.environ["BENCH_FOLDER"], f"users_{rows}.csv")


def write_csv(rows: int) -> None:
    """Write so many users, with the ids that seed.py would give them: in random order, as they come."""
    users: Any = importlib.import_module("users")
    with open(path_of(rows), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "name", "email", "age"])
        for _, name, email, age in users.made_up_users(rows):
            writer.writerow([users.id_of(email), name, email, age])


def insert_data(connection: Any, rows: int) -> None:
    importlib.import_module("seed").insert_data(connection, path_of(rows))


def statement_a_row(connection: Any, rows: int) -> None:
    cursor = connection.cursor()
    with open(path_of(rows), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cursor.execute(INSERT, (row["user_id"], row["name"], row["email"], row["age"]))
    connection.commit()


def to_sql(connection: Any, rows: int) -> None:
    import pandas

    frame = pandas.read_csv(path_of(rows))
    engine = importlib.import_module("bench_streaming").engine("mysqlconnector")
    frame.to_sql("user_data", engine, if_exists="append", index=False, method="multi", chunksize=1000)


def load_data(connection: Any, rows: int) -> None:
    connection.cursor().execute(LOAD.format(path_of(rows)))
    connection.commit()


def rate(fill: Callable[[Any, int], None]) -> Callable[[int], dict[str, float]]:
    def measured(rows: int) -> dict[str, float]:
        os.environ["MYSQL_DATABASE"] = "bench_seeding"
        seed: Any = importlib.import_module("seed")
        with closing(seed.connect_db()) as connection:
            seed.create_database(connection)
        with closing(seed.connect(database="bench_seeding", allow_local_infile=True)) as connection:
            cursor = connection.cursor()
            cursor.execute("DROP TABLE IF EXISTS user_data")
            cursor.execute("SET GLOBAL local_infile = 1")
            seed.create_table(connection)
            fill(connection, 1)  # pays for the imports
            cursor.execute("TRUNCATE TABLE user_data")
            before = statements(cursor)
            start = time.perf_counter()
            fill(connection, rows)
            seconds = time.perf_counter() - start
            trips = statements(cursor) - before - 1  # but for the question itself
            cursor.execute("SELECT count(*) FROM user_data")
            if cursor.fetchall() != [(rows,)]:
                raise AssertionError("not all rows are there")
        return {"rate": rows / seconds, "trips": trips}

    return measured


def statements(cursor: Any) -> int:
    """Return how many statements the server has been sent."""
    cursor.execute("SHOW GLOBAL STATUS LIKE 'Questions'")
    return int(cursor.fetchall()[0][1])


TITLES = {
    "load_data": "`LOAD DATA LOCAL INFILE`, nothing checked: the limit",
    "insert_data": "**`insert_data()`**",
    "to_sql": 'pandas `to_sql(method="multi", chunksize=1000)`',
    "statement_a_row": "a statement a row, in one transaction",
}
MEASURED = {name: rate(globals()[name]) for name in TITLES}


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    some, many = sizes[-2:]
    for rows in (1, some, many):
        write_csv(rows)
    grown: list[Measured] = [("insert_data", many)]
    samples.take_turns([(name, some) for name in TITLES], max(1, rounds - 2))
    samples.take_turns(grown, max(1, rounds - 3))


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    some = sizes[-2]
    rows = [
        [
            title,
            thousands(samples.median((name, some), "rate")),
            f"{samples.ratio((name, some), ('statement_a_row', some), 'rate'):.1f}",
            samples.spread((name, some), "rate"),
            f"{samples.median((name, some), 'trips'):,.0f}",
        ]
        for name, title in TITLES.items()
        if samples.has((name, some))
    ]
    header = [f"how {some:,} rows get in", "1000 rows/s", "ratio", "spread", "statements"]
    return [Table("seeding", header, rows)]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    some, many = sizes[-2:]
    ours, row, load = ("insert_data", some), ("statement_a_row", some), ("load_data", some)
    growth = samples.ratio(ours, ("insert_data", many), "rate")
    return [
        Claim("`insert_data` to a statement a row", samples.ratio(ours, row, "rate"), 2.5),
        Claim("fewer statements than a statement a row, times", samples.ratio(row, ours, "trips"), 100),
        Claim("`insert_data` to LOAD DATA", samples.ratio(ours, load, "rate"), 0.5),
        Claim(f"growth of its cost a row from {some:,} to {many:,} rows", growth, 1.2, at_most=True),
    ]
