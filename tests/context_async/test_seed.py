"""seed: the same dozen people each time, and nobody else's database is touched."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from support import Load, Run

import pytest

SAME_COLUMNS = """
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, age INTEGER);
    INSERT INTO users VALUES (1, 'Ada Abara', 'ada@firm.example', 61);
    INSERT INTO users VALUES (2, 'Zoe Quist', 'zoe@firm.example', 33)
"""
OTHER_COLUMNS = "CREATE TABLE users (id INTEGER, secret TEXT); INSERT INTO users VALUES (1, 'swordfish')"
OTHER_TABLE = "CREATE TABLE dogs (name TEXT); INSERT INTO dogs VALUES ('Cleo')"
ANOTHER_PROGRAM = "CREATE TABLE maps (name TEXT); PRAGMA application_id = 0x47504B47"  # a GeoPackage


def execute(path: Path, script: str) -> None:
    with closing(sqlite3.connect(str(path))) as connection:
        connection.executescript(script)


def dump(path: Path) -> list[str]:
    """Return everything that is in a database, and its mark."""
    with closing(sqlite3.connect(str(path))) as connection:
        return [*connection.iterdump(), *map(str, connection.execute("PRAGMA application_id"))]


def test_the_table_has_twelve_people_and_the_four_columns(users_db: Path) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection:
        cursor = connection.execute("SELECT * FROM users ORDER BY id")
        assert [column[0] for column in cursor.description] == ["id", "name", "email", "age"]
        users = cursor.fetchall()
    assert [user[0] for user in users] == list(range(1, 13))
    assert users[0] == (1, "Ada Abara", "ada.abara@example.com", 36)
    assert users[-1] == (12, "Leilani Kahale", "leilani.kahale@example.com", 25)


@pytest.mark.parametrize(
    "insert",
    [
        "INSERT INTO users (email, age) VALUES ('a@example.com', 1)",
        "INSERT INTO users (name, age) VALUES ('Cleo', 1)",
        "INSERT INTO users (name, email) VALUES ('Cleo', 'a@example.com')",
        "INSERT INTO users (name, email, age) VALUES ('Cleo', 'ada.abara@example.com', 1)",
    ],
)
def test_nothing_may_be_missing_and_no_email_twice(users_db: Path, insert: str) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(insert)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET age = 1; DELETE FROM users WHERE id > 3",
        "DELETE FROM users; INSERT INTO users VALUES (7, 'Cleo', 'cleo@example.com', 3)",
        "ALTER TABLE users ADD COLUMN dog TEXT",
        "DROP TABLE users",
    ],
)
def test_seeding_again_brings_back_the_original_state(users_db: Path, run_script: Run, change: str) -> None:
    before = dump(users_db)
    execute(users_db, change)
    assert dump(users_db) != before
    done = run_script("seed.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"12 users in {users_db}\n", "")
    assert dump(users_db) == before


@pytest.mark.parametrize("theirs", [SAME_COLUMNS, OTHER_COLUMNS, ANOTHER_PROGRAM])
def test_somebody_elses_database_is_left_alone_unless_told_otherwise(
    tmp_path: Path, project: Path, run_script: Run, theirs: str
) -> None:
    path = tmp_path / "app.db"
    execute(path, theirs)
    before = dump(path)
    done = run_script("seed.py", cwd=project, env={"USERS_DB": str(path)})
    problem = f"seed.py: {path} is somebody else's; to put our users into it: python3 seed.py --replace\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)
    assert dump(path) == before
    done = run_script("seed.py", "--replace", env={"USERS_DB": str(path)})
    assert (done.returncode, done.stdout, done.stderr) == (0, f"12 users in {path}\n", "")
    assert "Leilani Kahale" in "".join(dump(path))


def test_other_tables_stay(tmp_path: Path, run_script: Run) -> None:
    path = tmp_path / "app.db"
    execute(path, OTHER_TABLE)
    for _ in range(2):
        assert run_script("seed.py", env={"USERS_DB": str(path)}).returncode == 0
    assert "'Cleo'" in "".join(dump(path))


def test_a_seeding_that_fails_keeps_what_was_there(load: Load, users_db: Path, monkeypatch: Any) -> None:
    before = dump(users_db)
    seed = load("seed")
    monkeypatch.setattr(seed, "USERS", [*seed.USERS, (1, "the same id again", "x", 1)])
    with pytest.raises(sqlite3.IntegrityError):
        seed.seed_users()
    assert dump(users_db) == before


@pytest.mark.parametrize("state", ["missing", "empty"])
def test_a_missing_database_is_seeded_and_an_existing_one_left_as_it_is(
    load: Load, users_db: Path, state: str
) -> None:
    seed = load("seed")
    execute(users_db, "UPDATE users SET age = 99")
    assert seed.seeded_database() == str(users_db)
    assert "99" in "".join(dump(users_db))
    users_db.unlink()
    if state == "empty":
        users_db.touch()
    assert seed.seeded_database() == str(users_db)
    assert "'Ada Abara','ada.abara@example.com',36" in "".join(dump(users_db))


def test_several_that_seed_at_once_take_turns(users_db: Path, project: Path) -> None:
    command = [sys.executable, str(project / "seed.py")]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(6)]
    assert [process.wait(timeout=60) for process in running] == [0] * 6
    assert "Leilani Kahale" in "".join(dump(users_db))


def test_the_scripts_work_on_people_of_somebody_else_too(tmp_path: Path, run_script: Run) -> None:
    path = tmp_path / "app.db"
    execute(path, SAME_COLUMNS)
    done = run_script("3-concurrent.py", env={"USERS_DB": str(path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 users, the first of them:\n  (1, 'Ada Abara', 'ada@firm.example', 61)\n")
