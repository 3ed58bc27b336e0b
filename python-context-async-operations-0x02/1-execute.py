#!/usr/bin/env python3
"""Run one query for a `with` block and get its rows: opened, executed, committed and closed in a single line.

Python doesn't call `__exit__` when `__enter__` fails. So a query with a mistake in it leaves the connection
open, unless `__enter__` closes it.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, Mapping, Sequence

import common
import seed

DatabaseConnection = importlib.import_module("0-databaseconnection").DatabaseConnection

USERS_OLDER_THAN = "SELECT id, name, email, age FROM users WHERE age > ? ORDER BY id"
ONE_VALUE = (str, bytes, bytearray, memoryview)  # for Python these are sequences, for SQLite one value each


class ExecuteQuery:
    """The rows of `query` as a list; `params` is one value, several in a sequence or a dict, or None."""

    def __init__(self, query: str, params: Any = None) -> None:
        self.query = query
        if params is None:
            params = ()
        elif isinstance(params, ONE_VALUE) or not isinstance(params, (Sequence, Mapping)):
            params = (params,)
        self.params = params
        self.database = DatabaseConnection()

    def __enter__(self) -> list[tuple[Any, ...]]:
        connection = self.database.__enter__()
        try:
            return connection.execute(self.query, self.params).fetchall()
        except BaseException:
            self.database.__exit__(*sys.exc_info())
            raise

    def __exit__(self, *exc_info: object) -> None:
        self.database.__exit__(*exc_info)


def demo() -> None:
    seed.seeded_database()
    with ExecuteQuery(USERS_OLDER_THAN, 25) as users:
        for user in users:
            print(user)


if __name__ == "__main__":
    common.run(demo, common.parser(__doc__))
