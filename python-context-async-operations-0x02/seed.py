#!/usr/bin/env python3
"""Make users.db, the small SQLite database that the scripts of this folder work on.

Run it again whenever you like: the table is put back as it was, in one transaction.
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
COLUMNS = ["id", "name", "email", "age"]
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


def seed_users() -> None:
    """Put the table `users` of the database back to its original state."""
    with closing(sqlite3.connect(database_path(), isolation_level=None)) as connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(users)")]
        if columns not in ([], COLUMNS):
            raise ValueError(f"{database_path()}: the table users has other columns: {', '.join(columns)}")
        connection.execute("BEGIN IMMEDIATE")  # two that seed at once take turns
        connection.execute("DROP TABLE IF EXISTS users")
        connection.execute(CREATE_TABLE)
        connection.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", USERS)
        connection.execute("COMMIT")


def seeded_database() -> str:
    """Return the path of the database, which is seeded first if the file is missing or empty."""
    path = database_path()
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        seed_users()
    return path


def demo(arguments: argparse.Namespace) -> None:
    seed_users()
    print(f"{len(USERS)} users in {database_path()}")


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
