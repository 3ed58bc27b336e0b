"""The table of a dozen users: put back as it was, and never in the place of somebody else's people."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from support import CONTEXT, Load, Run

import pytest

# The same columns as ours, but other people: one real database in four looks like this.
SOMEBODY_ELSES = """
    CREATE TABLE users (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, age INTEGER NOT NULL
    );
    INSERT INTO users VALUES (1, 'Mona Reyes', 'mona.reyes@example.com', 33);
"""


@pytest.fixture
def seed(load: Load, users_db: Path) -> Any:
    """The module, over a freshly seeded users.db."""
    return load("seed")


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(str(path))) as connection:
        connection.executescript(sql)


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(str(path))) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM users ORDER BY id")]


def test_there_are_a_dozen_users_with_every_column_filled(seed: Any, users_db: Path) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection:
        users = connection.execute("SELECT id, name, email, age FROM users ORDER BY id").fetchall()
    assert users == seed.USERS
    assert len(users) == 12


@pytest.mark.parametrize("column", ["name", "email", "age"])
def test_no_column_can_be_empty(seed: Any, users_db: Path, column: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=f"NOT NULL constraint failed: users.{column}"):
        change(users_db, f"UPDATE users SET {column} = NULL")


def test_no_two_users_have_one_address(seed: Any, users_db: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE constraint failed: users\.email"):
        change(users_db, "UPDATE users SET email = 'ada.abara@example.com' WHERE id = 2")


@pytest.mark.parametrize(
    "accident",
    [
        "DELETE FROM users WHERE id > 3",
        "INSERT INTO users VALUES (13, 'Mona Reyes', 'mona.reyes@example.com', 33)",
        "DROP TABLE users",
        "ALTER TABLE users RENAME COLUMN name TO nickname",
    ],
)
def test_it_puts_back_a_table_of_its_own_whatever_has_become_of_it(
    run_script: Run, seed: Any, users_db: Path, accident: str
) -> None:
    change(users_db, accident)
    done = run_script("seed.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"12 users in {users_db}\n", "")
    assert names(users_db) == [name for _, name, _, _ in seed.USERS]


def test_people_of_somebody_else_are_left_alone_until_it_is_told_to_replace_them(
    run_script: Run, tmp_path: Path
) -> None:
    path = tmp_path / "own.db"
    change(path, SOMEBODY_ELSES)
    environment = {"USERS_DB": str(path)}
    done = run_script("seed.py", env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"seed.py: {path} has a table users of its own; ")
    assert done.stderr.endswith("python3 seed.py --replace\n")
    assert names(path) == ["Mona Reyes"]
    for arguments in (["--replace"], []):  # and then it's one of its own
        done = run_script("seed.py", *arguments, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(names(path)) == 12


def test_other_tables_stay(run_script: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    change(path, "CREATE TABLE dogs (name); INSERT INTO dogs VALUES ('Cleo')")
    assert run_script("seed.py", env={"USERS_DB": str(path)}).returncode == 0
    with closing(sqlite3.connect(str(path))) as connection:
        assert connection.execute("SELECT name FROM dogs").fetchall() == [("Cleo",)]
    assert len(names(path)) == 12


def test_a_seeding_that_fails_changes_nothing(
    seed: Any, users_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(users_db, "UPDATE users SET name = 'Pancakes'")
    monkeypatch.setattr(seed, "USERS", [seed.USERS[0], seed.USERS[0]])
    with pytest.raises(sqlite3.IntegrityError):
        seed.seed_users()
    assert names(users_db) == ["Pancakes"] * 12


def test_several_that_seed_at_once_take_turns(users_db: Path) -> None:
    command = [sys.executable, str(CONTEXT / "seed.py")]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(6)]
    assert [process.wait(timeout=60) for process in running] == [0] * 6
    assert len(names(users_db)) == 12


def test_a_missing_or_empty_file_is_seeded_and_a_seeded_one_is_left_as_it_is(
    seed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.db").touch()
    for name in ("missing.db", "empty.db"):
        monkeypatch.setenv("USERS_DB", str(tmp_path / name))
        assert seed.seeded_database() == str(tmp_path / name)
        assert len(names(tmp_path / name)) == 12
        change(tmp_path / name, "UPDATE users SET name = 'Pancakes'")
        seed.seeded_database()
        assert names(tmp_path / name) == ["Pancakes"] * 12


def test_people_of_somebody_else_can_be_worked_on(run_script: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    change(path, SOMEBODY_ELSES)
    done = run_script("0-databaseconnection.py", env={"USERS_DB": str(path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "(1, 'Mona Reyes', 'mona.reyes@example.com', 33)\n"
