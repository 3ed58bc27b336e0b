"""The exercises of the README: its checks let a right answer pass, and no plausible wrong one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from support import DECORATORS, run

import pytest

CHECKS = re.compile(
    r"<!-- not run: it checks (\S+\.py), which you write -->\n```sh\npython3 -c '\n(.*?)^'$",
    re.DOTALL | re.MULTILINE,
)
SLOW_LOG = """
import functools, time
def log_slow(seconds, log=print, clock=time.perf_counter):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            start = clock()
            try:
                return function(*args, **kwargs)
            finally:
                duration = clock() - start
                if duration >= seconds:
                    log(f"{function.__name__} took {duration:.1f} s")
        return wrapper
    return decorate
"""
AGES = """
import importlib
with_db_connection = importlib.import_module("1-with_db_connection").with_db_connection
@with_db_connection
def stream_ages(conn):
    for (age,) in conn.execute("SELECT age FROM users ORDER BY id"):
        yield age
"""
YEARS = """
import importlib
with_db_connection = importlib.import_module("1-with_db_connection").with_db_connection
transactional = importlib.import_module("2-transactional").transactional
@with_db_connection
@transactional
def give_years(conn, giver, taker, years):
    conn.execute("UPDATE users SET age = age + ? WHERE id = ?", (years, taker))
    conn.execute("UPDATE users SET age = age - ? WHERE id = ?", (years, giver))
    if conn.execute("SELECT age FROM users WHERE id = ?", (giver,)).fetchone()[0] < 0:
        raise ValueError("nobody is younger than 0")
"""
PATIENT = """
import functools, random, sqlite3, time
def retry_within(seconds, delay=0.1):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            total, longest = 0, delay
            while True:
                try:
                    return function(*args, **kwargs)
                except sqlite3.OperationalError as error:
                    pause = random.uniform(0, longest)
                    if "locked" not in str(error) or total + pause > seconds:
                        raise
                total, longest = total + pause, longest * 2
                time.sleep(pause)
        return wrapper
    return decorate
"""
SIMPLE_CACHE = """
import functools, sqlite3
watcher = sqlite3.connect("users.db")
memory = {}
def cached(function):
    @functools.wraps(function)
    def wrapper(*args):
        key = repr(args)
        version = watcher.execute("PRAGMA data_version").fetchone()
        if key not in memory or memory[key][0] != version:
            memory.pop(key, None)
            if len(memory) == 100:
                del memory[next(iter(memory))]
            memory[key] = version, function(*args)
        return list(memory[key][1])
    return wrapper
"""
RIGHT = {
    "my_slow_log.py": SLOW_LOG,
    "my_ages.py": AGES,
    "my_years.py": YEARS,
    "my_patient.py": PATIENT,
    "my_simple_cache.py": SIMPLE_CACHE,
}
# A plausible mistake: the file, what is replaced in the right answer, and by what.
WRONG = {
    "every call is logged": ("my_slow_log.py", "duration >= seconds", "True"),
    "nothing is logged": ("my_slow_log.py", "duration >= seconds", "False"),
    "errors are swallowed": ("my_slow_log.py", "finally:", "except ZeroDivisionError:"),
    "a slow failure is not logged": (
        "my_slow_log.py",
        "            finally:",
        "            except KeyError: raise\n            else:",
    ),
    "the name is lost": ("my_slow_log.py", "        @functools.wraps(function)\n", ""),
    "a list": (
        "my_ages.py",
        "        yield age\n",
        "        pass\n    return [a for (a,) in conn.execute('SELECT age FROM users')]\n",
    ),
    "a connection of its own": (
        "my_ages.py",
        "@with_db_connection\ndef stream_ages(conn):\n",
        "import sqlite3\ndef stream_ages():\n    conn = sqlite3.connect('users.db')\n",
    ),
    "another column": ("my_ages.py", "SELECT age", "SELECT id"),
    "some of them": ("my_ages.py", "ORDER BY id", "ORDER BY id LIMIT 5"),
    "whole rows": ("my_ages.py", "for (age,) in", "for age in"),
    "ages that are printed": ("my_ages.py", "yield age", "print(age)"),
    "no decorator": ("my_ages.py", "@with_db_connection\n", ""),
    "no transaction": ("my_years.py", "@transactional\n", ""),
    "an error that is printed": ("my_years.py", "raise ValueError(", "print("),
    "the wrong way round": ("my_years.py", "age + ?", "age - ?"),
    "the sum of all calls": (
        "my_patient.py",
        "            total, longest = 0, delay\n",
        "            nonlocal total\n            longest = delay\n",
    ),
    "the limit is a little late": ("my_patient.py", "total + pause > seconds", "total > seconds"),
    "a fixed pause": ("my_patient.py", "random.uniform(0, longest)", "delay"),
    "mistakes are retried": ("my_patient.py", '"locked" not in str(error) or ', ""),
    "the error is swallowed": (
        "my_patient.py",
        "                        raise\n",
        "                        return None\n",
    ),
    "1 is True": ("my_simple_cache.py", "repr(args)", "args"),
    "one list for all": ("my_simple_cache.py", "list(memory[key][1])", "memory[key][1]"),
    "it grows": ("my_simple_cache.py", "len(memory) == 100", "False"),
    "nothing is kept": ("my_simple_cache.py", "key not in memory or ", "True or "),
    "never notices a change": ("my_simple_cache.py", " or memory[key][0] != version", ""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's folder, with a seeded database, where a learner writes their answers."""
    copy = tmp_path / "copy"
    shutil.copytree(DECORATORS, copy, ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    assert run(copy / "seed.py", env={"USERS_DB": ""}).returncode == 0
    return copy


def check(folder: Path, name: str, answer: str) -> tuple[str, str]:
    """Write an answer, run the check of the README, and return what it prints."""
    (folder / name).write_text(answer, encoding="utf-8")
    readme = (DECORATORS / "README.md").read_text(encoding="utf-8")
    done = run(
        "-c", dict(CHECKS.findall(readme))[name], cwd=folder, env={"USERS_DB": "", "PYTHONWARNINGS": ""}
    )
    return done.stdout, done.stderr


def test_every_exercise_has_an_answer_here() -> None:
    readme = (DECORATORS / "README.md").read_text(encoding="utf-8")
    assert [name for name, _ in CHECKS.findall(readme)] == list(RIGHT)
    assert readme.count("**Try it.**") == len(RIGHT)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_right(folder: Path, name: str) -> None:
    assert check(folder, name, RIGHT[name]) == ("right\n", "")


@pytest.mark.parametrize("mistake", WRONG)
def test_a_plausible_wrong_answer_is_not(folder: Path, mistake: str) -> None:
    name, old, new = WRONG[mistake]
    assert old in RIGHT[name]
    answer = RIGHT[name].replace(old, new)
    if "nonlocal total" in answer:
        answer = answer.replace(
            "    def decorate(function):\n", "    total = 0\n    def decorate(function):\n"
        )
    output, errors = check(folder, name, answer)
    assert "right" not in output.split()
    assert errors.splitlines()[-1].startswith(("wrong: ", "AssertionError: wrong: "))
