#!/usr/bin/env python3
"""Fill a MySQL table with the users of a CSV file, and with a million made-up ones if you like.

A table is only as good as what gets into it. Here a file goes in as a whole or not at all, a bad row is
named with its line, and seeding twice adds nothing, because a user's id follows from the email address.
"""

from __future__ import annotations

import argparse
import os
from contextlib import closing, contextmanager, suppress
from itertools import chain, islice
from typing import Any, Iterable, Iterator

import common
from users import UserRow, find_file, made_up_users, read_users

import mysql.connector
from mysql.connector.abstracts import MySQLConnectionAbstract, MySQLCursorAbstract
from tqdm import tqdm

BATCH_SIZE = 1000  # users in one INSERT: one round trip for all of them
CREATE_DATABASE = "CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
CREATE_TABLE = """
    CREATE TABLE IF NOT EXISTS user_data (
        user_id CHAR(36) PRIMARY KEY,
        name VARCHAR(255) NOT NULL,
        email VARCHAR(255) NOT NULL,
        age DECIMAL(3,0) NOT NULL
    ) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci
"""
# INSERT IGNORE skips users who are there as well, but it lets bad values pass with a mere warning.
INSERT = """
    INSERT INTO user_data (user_id, name, email, age) VALUES (%s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE user_id = user_id
"""


def database_name() -> str:
    """Return the name of the database, which MYSQL_DATABASE can change."""
    return os.environ.get("MYSQL_DATABASE") or "ALX_prodev"


def connect(**options: Any) -> MySQLConnectionAbstract:
    """Return a connection with the settings of the environment, or raise ConnectionError."""
    setting = os.environ.get
    user = setting("MYSQL_USER") or "root"
    if setting("MYSQL_UNIX_SOCKET"):
        place = options["unix_socket"] = os.environ["MYSQL_UNIX_SOCKET"]
    else:
        host, port = setting("MYSQL_HOST") or "localhost", setting("MYSQL_PORT") or "3306"
        place = f"{host}:{port}"
        if not (port.isdigit() and 0 < int(port) < 65536):
            raise ValueError(f"MYSQL_PORT must be the number of a port, not {port!r}")
        options.update(host=host, port=int(port))
    try:
        return mysql.connector.connect(
            user=user,
            password=setting("MYSQL_PASSWORD") or "",
            collation="utf8mb4_general_ci",  # the default of MySQL 8 is unknown to MariaDB
            **options,
        )
    except mysql.connector.Error as error:
        if error.errno == mysql.connector.errorcode.ER_BAD_DB_ERROR:
            remedy = "make it with: python3 seed.py"
        else:
            remedy = "set MYSQL_HOST, MYSQL_PORT, MYSQL_USER and MYSQL_PASSWORD, or start a throwaway server"
            remedy += " with: python3 throwaway_mysql.py"
        raise ConnectionError(
            f"no connection to MySQL at {place} as user {user!r}: {error}; {remedy}"
        ) from error


def connect_db() -> MySQLConnectionAbstract:
    """Return a connection to the server, without a database."""
    return connect()


def connect_to_prodev() -> MySQLConnectionAbstract:
    """Return a connection to the database."""
    return connect(database=database_name())


def create_database(connection: MySQLConnectionAbstract) -> None:
    """Create the database if it is missing."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(CREATE_DATABASE.format("`" + database_name().replace("`", "``") + "`"))


def create_table(connection: MySQLConnectionAbstract) -> None:
    """Create the table user_data if it is missing."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(CREATE_TABLE)
    print("Table user_data created successfully")


def insert_data(connection: MySQLConnectionAbstract, data: str) -> int:
    """Add the users of the CSV file `data` in one transaction and return how many were not there yet.

    Raises ValueError("file:line: what is wrong") for a bad row; then nothing of the file is kept.
    """
    with transaction(connection) as cursor:
        return insert_users(cursor, read_users(data))


@contextmanager
def transaction(connection: MySQLConnectionAbstract) -> Iterator[MySQLCursorAbstract]:
    """Give a cursor whose work is committed at the end of the with block, or undone if it fails."""
    if not connection.in_transaction:
        connection.start_transaction()
    try:
        yield connection.cursor()
        connection.commit()
    except BaseException:
        with suppress(mysql.connector.Error):  # a server that is gone has rolled back by itself
            connection.rollback()
        raise


def insert_users(cursor: MySQLCursorAbstract, users: Iterable[UserRow]) -> int:
    """Insert users batch by batch and return how many of them were new."""
    users = iter(users)
    added = 0
    while batch := list(islice(users, BATCH_SIZE)):
        with common.ctrl_c_waits():
            cursor.executemany(INSERT, batch)
        added += cursor.rowcount  # MySQL does not count a row that is there already
    return added


def with_progress(users: Iterable[UserRow], total: int | None = None) -> Iterator[UserRow]:
    """Yield the users, and count them in a progress bar if a terminal is watching."""
    yield from tqdm(users, total=total, unit=" users", disable=None)


def demo(arguments: argparse.Namespace) -> None:
    sources = [with_progress(read_users(find_file(arguments.csv)))]
    if arguments.rows is not None:
        rows = common.check_size("--rows", arguments.rows)
        sources.append(with_progress(made_up_users(rows), total=rows))
    with closing(connect_db()) as connection:
        create_database(connection)
    with closing(connect_to_prodev()) as connection:
        create_table(connection)
        with transaction(connection) as cursor:
            if arguments.reset:
                cursor.execute("DELETE FROM user_data")  # TRUNCATE could not be undone after a bad row
            added = insert_users(cursor, chain.from_iterable(sources))
    print(f"{added} users added to {database_name()}.user_data")


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("csv", nargs="?", default="user_data.csv", help="default: user_data.csv")
    command_line.add_argument("--rows", type=int, metavar="N", help="add N made-up users as well")
    command_line.add_argument("--reset", action="store_true", help="empty the table first")
    common.run(demo, command_line)
