#!/usr/bin/env python3
"""Fill a MySQL table with the users of a CSV file, and with a million made-up ones if you like.

A table is only as good as what gets into it. Here a file goes in as a whole or not at all, a bad row is
named with its line, and seeding twice adds nothing, because a user's id follows from the email address.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing, contextmanager, suppress
from itertools import chain, islice
from typing import Any, Iterable, Iterator

import common
from users import UserRow, made_up_users, read_users

import mysql.connector
from mysql.connector.abstracts import MySQLConnectionAbstract, MySQLCursorAbstract

# Users in one INSERT: one round trip for all of them. Even if each name and address is 255 emoji, they make a
# statement of half a megabyte, and servers accept at least one (max_allowed_packet).
BATCH_SIZE = 250
CREATE_DATABASE = "CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
# InnoDB, whatever the server's default: only there does a bad row undo the rows before it.
CREATE_TABLE = """
    CREATE TABLE IF NOT EXISTS user_data (
        user_id CHAR(36) PRIMARY KEY,
        name VARCHAR(255) NOT NULL,
        email VARCHAR(255) NOT NULL,
        age DECIMAL(3,0) NOT NULL
    ) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci
"""
# INSERT IGNORE would skip known users too, but it lets bad values pass with a mere warning.
INSERT = """
    INSERT INTO user_data (user_id, name, email, age) VALUES (%s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE user_id = user_id
"""


def database_name() -> str:
    """Return the name of the database, which MYSQL_DATABASE can change."""
    return os.environ.get("MYSQL_DATABASE") or "ALX_prodev"


def settings() -> dict[str, Any]:
    """Return how to reach the server, from MYSQL_* in the environment."""
    env = os.environ.get
    found = {"user": env("MYSQL_USER") or "root", "password": env("MYSQL_PASSWORD") or ""}
    if env("MYSQL_UNIX_SOCKET"):
        return {**found, "unix_socket": env("MYSQL_UNIX_SOCKET")}
    port = env("MYSQL_PORT") or "3306"
    if not (port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"MYSQL_PORT must be the number of a port, not {port!r}")
    return {**found, "host": env("MYSQL_HOST") or "localhost", "port": int(port)}


def connect(**options: Any) -> MySQLConnectionAbstract:
    """Return a connection to the server of the environment, or raise ConnectionError."""
    server = settings()
    try:
        return mysql.connector.connect(
            **server,
            collation="utf8mb4_general_ci",  # the default of MySQL 8 is unknown to MariaDB
            sql_mode="TRADITIONAL",  # strict: a value that doesn't fit is an error, and isn't cut
            **options,
        )
    except mysql.connector.Error as error:
        if error.errno == mysql.connector.errorcode.ER_BAD_DB_ERROR:
            raise ConnectionError(f"{error.msg}; make it with: {common.command('seed.py')}") from error
        remedy = "set MYSQL_HOST, MYSQL_PORT, MYSQL_USER and MYSQL_PASSWORD, or start a throwaway server"
        for name in filter(os.environ.get, ("MYSQL_HOST", "MYSQL_UNIX_SOCKET")):  # the last one counts
            remedy = f"check MYSQL_*, or unset {name} to use a throwaway server"
        remedy += f" with: {common.command('throwaway_mysql.py')}"
        place = server.get("unix_socket") or "{host}:{port}".format(**server)
        raise ConnectionError(
            f"no connection to MySQL at {place} as user {server['user']!r}: {error}; {remedy}"
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
        added, _ = insert_users(cursor, read_users(data))
    return added


@contextmanager
def transaction(connection: MySQLConnectionAbstract) -> Iterator[MySQLCursorAbstract]:
    """Give a cursor whose work is committed at the end of the with block, or undone if it fails."""
    # Not connection.commit() and rollback(): on a lost connection, they raise errors that aren't MySQL's.
    cursor = connection.cursor()
    cursor.execute("START TRANSACTION")
    try:
        yield cursor
        cursor.execute("COMMIT")
    except BaseException:
        with suppress(mysql.connector.Error):  # a server that is gone has rolled back by itself
            cursor.execute("ROLLBACK")
        raise


def insert_users(cursor: MySQLCursorAbstract, users: Iterable[UserRow]) -> tuple[int, int]:
    """Insert users batch by batch; return how many were added, and how many were there already."""
    users = iter(users)
    added = known = 0
    while batch := list(islice(users, BATCH_SIZE)):
        with common.ctrl_c_waits():  # or the driver crashes
            cursor.executemany(INSERT, batch)
        added += cursor.rowcount  # MySQL doesn't count a row that is there already
        known += len(batch) - cursor.rowcount
    return added, known


def with_progress(users: Iterable[UserRow], total: int | None = None) -> Iterator[UserRow]:
    """Yield the users; a terminal sees a progress bar, if they take more than a second."""
    if sys.stderr.isatty():
        with common.needed("tqdm"):
            from tqdm import tqdm
        tqdm.monitor_interval = 0  # no thread of tqdm's: it would get the Ctrl-C that ctrl_c_waits holds back
        users = tqdm(users, total=total, unit=" users", delay=1)
    yield from users


def demo(csv: str, rows: int | None, reset: bool) -> None:
    sources = [with_progress(read_users(csv))]
    if rows is not None:
        common.check_size("--rows", rows)
        sources.append(with_progress(made_up_users(rows), total=rows))
    with closing(connect_db()) as connection:
        create_database(connection)
    with closing(connect_to_prodev()) as connection:
        create_table(connection)
        with transaction(connection) as cursor:
            if reset:
                cursor.execute("DELETE FROM user_data")  # TRUNCATE could not be undone after a bad row
            added, known = insert_users(cursor, chain.from_iterable(sources))
            cursor.execute("SELECT COUNT(*) FROM user_data")
            ((count,),) = cursor.fetchall()
    users = "user" if added == 1 else "users"
    were = "was" if known == 1 else "were"
    place = f"{database_name()}.user_data"
    print(f"{added} {users} added to {place}, {known} {were} already there; it has {count} now")


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("csv", nargs="?", default="user_data.csv", help="default: user_data.csv")
    command_line.add_argument("--rows", type=int, metavar="N", help="add N made-up users as well")
    command_line.add_argument("--reset", action="store_true", help="empty the table first")
    common.run(demo, command_line)
