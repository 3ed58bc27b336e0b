#!/usr/bin/env python3
"""Make users.db, the small SQLite database that the scripts of this folder work on.

Run it again whenever you like: the table is put back as it was, in one transaction.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import common

APPLICATION_ID = 0x75736572  # "user", a mark that SQLite keeps in the file to tell whose it is
COLUMNS = "id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, age INTEGER NOT NULL"
USERS = [
    (1, "Ada Abara", "ada.abara@example.com", 36),
    (2, "Bruno Keller", "bruno.keller@example.com", 52),
    (3, "Chloé Marchand", "chloe.marchand@example.com", 23),
    (4, "Dmitri Volkov", "dmitri.volkov@example.com", 41),
    (5, "Esi Mensah", "esi.mensah@example.com", 19),
    (6, "Fiona O'Rourke", "fiona.orourke@example.com", 67),
    (7, "Goran Petrović", "goran.petrovic@example.com", 40),
    (8, "Hana Suzuki", "hana.suzuki@example.com", 28),
    (9, "Ines Carvalho", "ines.carvalho@example.com", 45),
    (10, "Jamal Haddad", "jamal.haddad@example.com", 31),
    (11, "Kirsten Lund", "kirsten.lund@example.com", 74),
    (12, "Leilani Kahale", "leilani.kahale@example.com", 25),
]


def seed_users(replace: bool = False) -> None:
    """Put the table `users` back to its original state; in somebody else's database, only if `replace`."""
    path = common.database_path()
    if path == ":memory:":
        raise ValueError("USERS_DB must name a file: what is in :memory: is gone when its connection closes")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # two that seed at once take turns
        (mark,) = connection.execute("PRAGMA application_id").fetchone()
        columns = connection.execute("PRAGMA table_info(users)").fetchall()
        somebody_elses = mark != APPLICATION_ID and (mark or columns)  # another mark, or users without ours
        if somebody_elses and not replace:
            remedy = f"{common.command('seed.py')} --replace"
            raise ValueError(f"{path} is somebody else's; to put our users into it: {remedy}")
        connection.execute("DROP TABLE IF EXISTS users")
        connection.execute(f"CREATE TABLE users ({COLUMNS})")
        connection.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", USERS)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")


def seeded_database() -> str:
    """Return the path of the database, seeded first if it is missing; ValueError if the table is empty."""
    path = common.database_path()
    if not os.path.exists(path) or os.path.getsize(path) == 0:  # sqlite3.connect makes empty files
        seed_users()
    with closing(sqlite3.connect(path)) as connection:
        if connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None:
            remedy = common.command("seed.py")
            raise ValueError(f"{path}: the table users is empty; fill it with: {remedy}")
    return path


def demo(replace: bool) -> None:
    seed_users(replace)
    print(f"{len(USERS)} users in {common.database_path()}")


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--replace", action="store_true", help="drop the table users, whoever is in it")
    common.run(demo, command_line)
