#!/usr/bin/env python3
"""Make users.db, the small SQLite database that the scripts of this folder work on.

Run it again whenever you like: the table is put back as it was, in one transaction. A table `users` that
somebody else has made is left alone, unless you say --replace.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
from contextlib import closing

import common
from common import database_path

CREATE_TABLE = """
    CREATE TABLE users (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        email TEXT NOT NULL UNIQUE,
        age INTEGER NOT NULL
    )
"""
OURS = 0x75736572  # marks a database whose table `users` was made here
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
    """Put the table `users` of the database back to its original state.

    If somebody else has made it, ValueError, and nothing is changed, unless `replace` is true.
    """
    path = database_path()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # two that seed at once take turns
        exists = connection.execute("PRAGMA table_info(users)").fetchone()
        if exists and connection.execute("PRAGMA application_id").fetchone() != (OURS,) and not replace:
            raise ValueError(f"{path} has a table users of its own; to replace it: python3 seed.py --replace")
        connection.execute("DROP TABLE IF EXISTS users")
        connection.execute(CREATE_TABLE)
        connection.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", USERS)
        connection.execute(f"PRAGMA application_id = {OURS}")
        connection.execute("COMMIT")


def seeded_database() -> str:
    """Return the path of the database, seeded if the file is missing or empty; no users are a ValueError."""
    path = database_path()
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        seed_users()
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM users LIMIT 1").fetchone():
            raise ValueError(f"{path}: the table users is empty; fill it with: python3 seed.py")
    return path


def demo(arguments: argparse.Namespace) -> None:
    seed_users(arguments.replace)
    print(f"{len(USERS)} users in {database_path()}")


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--replace", action="store_true", help="replace somebody else's table, too")
    common.run(demo, command_line)
