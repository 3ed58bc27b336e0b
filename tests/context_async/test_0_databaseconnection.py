"""Task 0: a database for one with block, committed or rolled back, and always closed."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Callable

from support import Load, Run

import pytest

ADD = "INSERT INTO users VALUES (13, 'Mona Reyes', 'mona.reyes@example.com', 33)"


@pytest.fixture
def connecting(load: Load, users_db: Path) -> Any:
    """The class DatabaseConnection, over a freshly seeded users.db."""
    return load("0-databaseconnection").DatabaseConnection


def count(path: Path) -> int:
    with closing(sqlite3.connect(str(path))) as connection:
        return int(connection.execute("SELECT count(*) FROM users").fetchone()[0])


def test_what_a_block_writes_is_there_after_it(connecting: Any, users_db: Path) -> None:
    with connecting() as connection:
        assert isinstance(connection, sqlite3.Connection)
        connection.execute(ADD)
        assert count(users_db) == 12
    assert count(users_db) == 13


@pytest.mark.parametrize(
    "error", [ValueError, sqlite3.IntegrityError, KeyboardInterrupt, SystemExit, GeneratorExit]
)
def test_an_error_in_the_block_undoes_its_writes_and_goes_on(
    connecting: Any, users_db: Path, error: type[BaseException]
) -> None:
    raised = error("made up")
    with pytest.raises(error) as caught, connecting() as connection:
        connection.execute(ADD)
        raise raised
    assert caught.value is raised
    assert count(users_db) == 12


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_the_connection_is_closed_whatever_happens(
    connecting: Any, open_files: Callable[[], int], error: type[BaseException] | None
) -> None:
    before = open_files()
    with suppress(ValueError, KeyboardInterrupt), connecting() as connection:
        connection.execute(ADD)
        if error:
            raise error
    assert open_files() == before
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


@pytest.mark.parametrize("make_cursor", ["connection.execute(query)", "connection.cursor().execute(query)"])
def test_a_cursor_that_is_read_half_does_not_keep_the_file_open_or_locked(
    connecting: Any, users_db: Path, open_files: Callable[[], int], make_cursor: str
) -> None:
    before = open_files()
    with connecting() as connection:
        cursor = eval(make_cursor, {"connection": connection, "query": "SELECT id FROM users"})
        assert cursor.fetchone() == (1,)
    assert open_files() == before
    with closing(sqlite3.connect(str(users_db), timeout=0)) as writer, writer:
        writer.execute(ADD)
    assert count(users_db) == 13
    assert cursor is not None  # it was alive until here


def test_a_failing_commit_is_an_error_and_closes_all_the_same(
    connecting: Any, users_db: Path, open_files: Callable[[], int]
) -> None:
    before = open_files()
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), connecting() as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("CREATE TABLE pets (owner REFERENCES users DEFERRABLE INITIALLY DEFERRED)")
        connection.execute("INSERT INTO pets VALUES (99)")
    assert open_files() == before
    with closing(sqlite3.connect(str(users_db))) as connection:
        assert connection.execute("SELECT * FROM pets").fetchall() == []


def test_an_object_serves_one_block_after_another(connecting: Any, users_db: Path) -> None:
    database = connecting()
    for number in (13, 14):
        with database as connection:
            connection.execute(
                "INSERT INTO users VALUES (?, 'Mona', ?, 33)", (number, f"mona{number}@example.com")
            )
    assert count(users_db) == 14


def test_an_object_can_be_used_again_after_each_kind_of_failure(connecting: Any, tmp_path: Path) -> None:
    database = connecting(str(tmp_path / "missing" / "users.db"))
    with pytest.raises(sqlite3.OperationalError, match="unable to open"), database:
        pass
    (tmp_path / "missing").mkdir()
    with pytest.raises(ValueError, match="made up"), database:
        raise ValueError("made up")
    with database as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_object_in_use_refuses_a_second_block_and_the_first_goes_on(
    connecting: Any, users_db: Path
) -> None:
    database = connecting()
    with database as connection:
        with pytest.raises(RuntimeError, match=f"{users_db}.* in use"), database:
            pass
        connection.execute(ADD)
    assert count(users_db) == 13


def test_an_object_in_use_refuses_another_thread(connecting: Any) -> None:
    database, refused = connecting(), []

    def enter() -> None:
        try:
            database.__enter__()
        except RuntimeError as error:
            refused.append(error)

    with database:
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_path_can_be_given_and_users_db_is_read_when_the_block_begins(
    connecting: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    default, given = connecting(), connecting(str(tmp_path / "given.db"))
    monkeypatch.setenv("USERS_DB", str(tmp_path / "later.db"))
    for database, name in ((default, "later.db"), (given, "given.db")):
        with database as connection:
            assert connection.execute("PRAGMA database_list").fetchone()[2].endswith(name)


def test_a_name_that_the_output_cannot_hold_is_escaped_and_no_error(run_script: Run, users_db: Path) -> None:
    done = run_script("0-databaseconnection.py", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "'Goran Petrovi\\u0107'" in done.stdout


def test_closing_twice_is_allowed_as_for_any_connection(load: Load) -> None:
    connection = sqlite3.connect(":memory:", factory=load("closing_connection").ClosingConnection)
    cursor = connection.execute("SELECT 1 UNION SELECT 2")
    connection.close()
    connection.close()
    assert cursor is not None
