"""The exercises of the README: its checks let a right answer pass, and no plausible wrong one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support import CONTEXT

import pytest

CHECKS = re.compile(
    r"<!-- not run: it checks (\S+\.py), which you write -->\n```sh\n(.*?)^```", re.DOTALL | re.MULTILINE
)
DATABASE_CONNECTION = """
import importlib, sqlite3
DatabaseConnection = importlib.import_module("0-databaseconnection").DatabaseConnection
"""
CONCURRENT = """
import asyncio, importlib
concurrent = importlib.import_module("3-concurrent")
both = concurrent.async_fetch_users, concurrent.async_fetch_older_users
"""
RIGHT = {
    "my_read_only.py": DATABASE_CONNECTION
    + """
class ReadOnlyConnection(DatabaseConnection):
    def __enter__(self):
        connection = super().__enter__()
        connection.execute("PRAGMA query_only = ON")
        return connection
""",
    "my_execute_query.py": DATABASE_CONNECTION
    + """
from contextlib import contextmanager
@contextmanager
def execute_query(query, params=()):
    with DatabaseConnection() as connection:
        yield connection.execute(query, params).fetchall()
""",
    "my_limited.py": CONCURRENT
    + """
async def limited(query, seconds):
    try:
        return await asyncio.wait_for(concurrent.fetch(query), seconds)
    except asyncio.TimeoutError:
        return None
async def fetch_three(query, seconds):
    return list(await asyncio.gather(*(one() for one in both), limited(query, seconds)))
""",
    "my_older_than.py": """
async def older_than(users, age):
    try:
        async for user in users:
            if user[3] > age:
                yield user
    finally:
        await users.aclose()
""",
}
WRONG = {
    "the write is lost and no error": (
        "my_read_only.py",
        DATABASE_CONNECTION
        + """
class ReadOnlyConnection(DatabaseConnection):
    def __exit__(self, exc_type, error, traceback):
        self.connection.rollback()
        super().__exit__(exc_type, error, traceback)
""",
    ),
    "a file opened read-only, and not closed": (
        "my_read_only.py",
        """
import sqlite3
class ReadOnlyConnection:
    def __enter__(self):
        self.connection = sqlite3.connect("file:users.db?mode=ro", uri=True)
        return self.connection
    def __exit__(self, *exc_info):
        pass
""",
    ),
    "no try around the yield": (
        "my_execute_query.py",
        """
import sqlite3
from contextlib import contextmanager
@contextmanager
def execute_query(query, params=()):
    connection = sqlite3.connect("users.db")
    yield connection.execute(query, params).fetchall()
    connection.commit()
    connection.close()
""",
    ),
    "a commit in the finally": (
        "my_execute_query.py",
        """
import sqlite3
from contextlib import contextmanager
@contextmanager
def execute_query(query, params=()):
    connection = sqlite3.connect("users.db")
    try:
        yield connection.execute(query, params).fetchall()
    finally:
        connection.commit()
        connection.close()
""",
    ),
    "no commit": (
        "my_execute_query.py",
        """
import sqlite3
from contextlib import closing, contextmanager
@contextmanager
def execute_query(query, params=()):
    with closing(sqlite3.connect("users.db")) as connection:
        yield connection.execute(query, params).fetchall()
""",
    ),
    "the limit around all three": (
        "my_limited.py",
        CONCURRENT
        + """
async def fetch_three(query, seconds):
    three = asyncio.gather(*(one() for one in both), concurrent.fetch(query))
    try:
        return list(await asyncio.wait_for(three, seconds))
    except asyncio.TimeoutError:
        return [await one() for one in both] + [[]]
""",
    ),
    "errors as results": (
        "my_limited.py",
        CONCURRENT
        + """
async def fetch_three(query, seconds):
    limited = asyncio.wait_for(concurrent.fetch(query), seconds)
    return list(await asyncio.gather(*(one() for one in both), limited, return_exceptions=True))
""",
    ),
    "the stream stays open": (
        "my_older_than.py",
        """
async def older_than(users, age):
    async for user in users:
        if user[3] > age:
            yield user
""",
    ),
    "at least instead of older": ("my_older_than.py", RIGHT["my_older_than.py"].replace(">", ">=")),
}


def check(name: str, answer: str, folder: Path) -> str:
    """Run the README's check of an exercise beside an answer, and return what it prints."""
    if not shutil.which("bash"):
        pytest.skip("the checks are commands for bash, which is not installed")
    checks = dict(CHECKS.findall((CONTEXT / "README.md").read_text(encoding="utf-8")))
    shutil.copytree(CONTEXT, folder / "copy", ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    (folder / "copy" / name).write_text(answer)
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", f"python3 seed.py >{os.devnull}; {checks[name]}"],
        cwd=folder / "copy",
        env={**os.environ, "PATH": path, "USERS_DB": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )
    return done.stdout


def test_every_check_has_an_answer() -> None:
    checks = dict(CHECKS.findall((CONTEXT / "README.md").read_text(encoding="utf-8")))
    assert set(checks) == set(RIGHT) == {name for name, _ in WRONG.values()}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_passes(name: str, tmp_path: Path) -> None:
    assert "right" in check(name, RIGHT[name], tmp_path).splitlines()


@pytest.mark.parametrize(("name", "answer"), WRONG.values(), ids=WRONG)
def test_a_plausible_wrong_answer_does_not(name: str, answer: str, tmp_path: Path) -> None:
    printed = check(name, answer, tmp_path)
    assert "right" not in printed.splitlines()
    assert "wrong" in printed
