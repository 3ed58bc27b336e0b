"""Rows a second and peak memory of reading a whole table, in the ways that people use."""

from __future__ import annotations

import importlib
import os
import time
from typing import Any, Callable, Iterable, Iterator

from samples import Claim, Measured, Samples, Table, thousands

FOLDER = "python-generators-0x00"
QUERY = "SELECT user_id, name, email, age FROM user_data"
CHUNK = 1000  # rows


def connector() -> Any:
    """Return a connection of mysql-connector-python, made as the scripts make theirs."""
    return importlib.import_module("seed").connect_to_prodev()


def driver_settings() -> dict[str, Any]:
    """Return what PyMySQL and mysqlclient call the settings."""
    name = os.environ["MYSQL_DATABASE"]
    return {"unix_socket": os.environ["MYSQL_UNIX_SOCKET"], "user": "root", "database": name}


def engine(driver: str) -> Any:
    import sqlalchemy

    socket, name = os.environ["MYSQL_UNIX_SOCKET"], os.environ["MYSQL_DATABASE"]
    # The default collation of the connector's newest versions is unknown to MariaDB.
    collation = "&collation=utf8mb4_general_ci" if driver == "mysqlconnector" else ""
    return sqlalchemy.create_engine(
        f"mysql+{driver}://root@localhost/{name}?unix_socket={socket}&charset=utf8mb4{collation}"
    )


def stream_users() -> Iterable[Any]:
    return importlib.import_module("0-stream_users").stream_users()


def plain_cursor() -> Iterator[Any]:
    connection = connector()
    cursor = connection.cursor(dictionary=True)
    cursor.execute(QUERY)
    yield from cursor


def fetchall() -> Iterable[Any]:
    connection = connector()
    cursor = connection.cursor(dictionary=True)
    cursor.execute(QUERY)
    return cursor.fetchall()


def raw_cursor() -> Iterator[Any]:
    connection = connector()
    cursor = connection.cursor(raw=True)
    cursor.execute(QUERY)
    while True:
        rows = cursor.fetchmany(CHUNK)
        if not rows:
            return
        yield from rows


def pymysql() -> Iterator[Any]:
    import pymysql.cursors

    connection = pymysql.connect(cursorclass=pymysql.cursors.SSDictCursor, **driver_settings())
    cursor = connection.cursor()
    cursor.execute(QUERY)
    yield from cursor


def mysqlclient_cursor() -> Any:
    import MySQLdb.cursors

    connection = MySQLdb.connect(
        cursorclass=MySQLdb.cursors.SSDictCursor, charset="utf8mb4", **driver_settings()
    )
    cursor = connection.cursor()
    cursor.execute(QUERY)
    return cursor


def mysqlclient() -> Iterator[Any]:
    yield from mysqlclient_cursor()


def mysqlclient_fetchmany() -> Iterator[Any]:
    cursor = mysqlclient_cursor()
    while True:
        rows = cursor.fetchmany(CHUNK)
        if not rows:
            return
        yield from rows


def sqlalchemy_rows(driver: str) -> Iterator[Any]:
    import sqlalchemy

    with engine(driver).connect().execution_options(stream_results=True, yield_per=CHUNK) as connection:
        yield from connection.execute(sqlalchemy.text(QUERY)).mappings()


def sqlalchemy_mysqlclient() -> Iterator[Any]:
    return sqlalchemy_rows("mysqldb")


def sqlalchemy_connector() -> Iterator[Any]:
    return sqlalchemy_rows("mysqlconnector")


def pandas_chunks() -> Iterator[Any]:
    """Yield the number of each row of the DataFrames: their rows are not made into anything."""
    import pandas
    import sqlalchemy

    with engine("mysqldb").connect().execution_options(stream_results=True) as connection:
        for frame in pandas.read_sql(sqlalchemy.text(QUERY), connection, chunksize=10 * CHUNK):
            yield from frame.index


RIVALS = {
    "raw_cursor": "raw cursor, `fetchmany(1000)`, bytes left as they are: the limit",
    "mysqlclient_fetchmany": "mysqlclient `SSDictCursor`, `fetchmany(1000)`",
    "stream_users": "**`stream_users()`**",
    "mysqlclient": "mysqlclient `SSDictCursor`, iterated",
    "pandas_chunks": "pandas `read_sql(chunksize=10000)` on mysqlclient, rows not made into dicts",
    "sqlalchemy_mysqlclient": "SQLAlchemy `stream_results` on mysqlclient",
    "fetchall": "`cursor(dictionary=True)`, `fetchall()`",
    "plain_cursor": "`for row in cursor(dictionary=True)`",
    "pymysql": "PyMySQL `SSDictCursor`, iterated",
    "sqlalchemy_connector": "SQLAlchemy `stream_results` on mysql-connector-python",
}
READ_BY: dict[str, Callable[[], Iterable[Any]]] = {name: globals()[name] for name in RIVALS}


def consume(name: str, rows: int) -> dict[str, float]:
    """Read the table of so many rows to its end, after one of a single row, which pays for the imports."""
    os.environ["MYSQL_DATABASE"] = "bench_1"
    list(READ_BY[name]())
    os.environ["MYSQL_DATABASE"] = f"bench_{rows}"
    count = 0
    start = time.perf_counter()
    for _ in READ_BY[name]():
        count += 1
    seconds = time.perf_counter() - start
    if count != rows:
        raise AssertionError(f"{name} read {count} rows of {rows}")
    return {"rate": rows / seconds}


def measured(name: str) -> Callable[[int], dict[str, float]]:
    return lambda rows: consume(name, rows)


MEASURED = {name: measured(name) for name in RIVALS}


def measure(samples: Samples, sizes: list[int], rounds: int) -> None:
    small: list[Measured] = [(name, rows) for rows in sizes[:-1] for name in RIVALS]
    samples.take_turns(small, 1)
    samples.take_turns([(name, sizes[-1]) for name in RIVALS], rounds)


def tables(samples: Samples, sizes: list[int]) -> list[Table]:
    most = sizes[-1]
    rows = []
    for name in sorted(
        (name for name in RIVALS if samples.has((name, most))),
        key=lambda name: -samples.median((name, most), "rate"),
    ):
        ratio = samples.ratio((name, most), ("plain_cursor", most), "rate")
        peaks = [f"{samples.median((name, size), 'peak'):.0f}" for size in sizes]
        rate = thousands(samples.median((name, most), "rate"))
        rows.append([RIVALS[name], rate, f"{ratio:.1f}", samples.spread((name, most), "rate"), *peaks])
    peaks = [f"MB at {size:,}" for size in sizes]
    return [Table("streaming", ["how the rows are read", "1000 rows/s", "ratio", "spread", *peaks], rows)]


def claims(samples: Samples, sizes: list[int]) -> list[Claim]:
    ours, most = ("stream_users", sizes[-1]), sizes[-1]
    peaks = [samples.median(("stream_users", size), "peak") for size in sizes]
    found = [
        Claim("`stream_users` to a plain cursor", samples.ratio(ours, ("plain_cursor", most), "rate"), 4.3),
        Claim(
            "`stream_users` to the raw cursor alone", samples.ratio(ours, ("raw_cursor", most), "rate"), 0.6
        ),
        Claim("growth of its peak memory, MB", max(peaks) - min(peaks), 2, at_most=True),
    ]
    if samples.has(("mysqlclient", most)):
        ratio = samples.ratio(ours, ("mysqlclient", most), "rate")
        found.insert(1, Claim("`stream_users` to mysqlclient iterated", ratio, 1))
    return found
