"""What all five decorators promise, and how the scripts of the folder behave when they are run."""

from __future__ import annotations

import inspect
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

from support import DECORATORS, ROOT, Load, Run

import pytest

SCRIPTS = sorted(path.name for path in (DECORATORS).glob("[0-9]-*.py"))

# How each decorator is written above a function; log_queries has two ways.
WAYS: dict[str, Callable[[Load], Any]] = {
    "@log_queries": lambda load: load("0-log_queries").log_queries,
    "@log_queries()": lambda load: load("0-log_queries").log_queries(),
    "@with_db_connection": lambda load: load("1-with_db_connection").with_db_connection,
    "@transactional": lambda load: load("2-transactional").transactional,
    "@retry_on_failure()": lambda load: load("3-retry_on_failure").retry_on_failure(),
    "@cache_query": lambda load: load("4-cache_query").cache_query,
}


@pytest.fixture(params=WAYS)
def decorator(request: pytest.FixtureRequest, load: Load, users_db: Path) -> Any:
    """Each of the decorators, by each of the ways to write it."""
    return WAYS[request.param](load)


@pytest.fixture
def call(decorator: Any, request: pytest.FixtureRequest, users_db: Path) -> Any:
    """A function that calls a decorated function, with a connection as the first argument if need be."""
    with closing(sqlite3.connect(users_db)) as connection:
        opens = "with_db_connection" in request.node.name
        yield lambda function, *args, **kwargs: function(*([] if opens else [connection]), *args, **kwargs)


def test_a_decorated_function_keeps_name_docstring_and_signature(decorator: Any) -> None:
    def function(
        conn: sqlite3.Connection, query: str, *rest: int, limit: int = 3, **options: str
    ) -> list[str]:
        """Say what it does."""
        return []

    decorated = decorator(function)
    assert decorated.__name__ == "function"
    assert decorated.__qualname__ == function.__qualname__
    assert decorated.__module__ == __name__
    assert decorated.__doc__ == "Say what it does."
    assert inspect.signature(decorated) == inspect.signature(function)
    assert decorated.__wrapped__ is function


def test_arguments_and_result_pass_through_untouched(decorator: Any, call: Any) -> None:
    @decorator
    def function(conn: sqlite3.Connection, *args: object, **kwargs: object) -> object:
        received.append((args, kwargs))
        return result

    received: list[Any] = []
    result, first, second = object(), object(), ["mutable"]
    assert call(function, "SELECT 1", first, second=second) is result
    ((args, kwargs),) = received
    assert args[0] == "SELECT 1"
    assert args[1] is first
    assert kwargs == {"second": ["mutable"]}
    assert kwargs["second"] is second


@pytest.mark.parametrize(
    "kind", [ValueError, sqlite3.IntegrityError, KeyboardInterrupt, SystemExit, GeneratorExit]
)
def test_the_very_same_exception_comes_out(decorator: Any, call: Any, kind: type[BaseException]) -> None:
    @decorator
    def function(conn: sqlite3.Connection, query: str) -> None:
        raise error

    error = kind("this one")
    with pytest.raises(kind) as caught:
        call(function, "SELECT 1")
    assert caught.value is error
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_missing_argument_is_the_usual_type_error(decorator: Any, call: Any) -> None:
    @decorator
    def function(conn: sqlite3.Connection, query: str) -> None: ...

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'query'"):
        call(function)


async def coroutine_function(conn: sqlite3.Connection, query: str) -> None: ...


async def async_generator_function(conn: sqlite3.Connection, query: str) -> Any:
    yield


def generator_function(conn: sqlite3.Connection, query: str) -> Any:
    yield


class GeneratorObject:
    def __call__(self, conn: sqlite3.Connection, query: str) -> Any:
        yield


@pytest.mark.parametrize("function", [coroutine_function, async_generator_function])
def test_an_async_function_is_refused_when_decorating(decorator: Any, function: Any) -> None:
    with pytest.raises(
        TypeError, match=f"cannot wrap {function.__name__}, an? (coroutine|async generator) function"
    ):
        decorator(function)


@pytest.mark.parametrize("function", [generator_function, GeneratorObject()])
def test_a_generator_function_is_refused_unless_the_promise_can_be_kept(
    decorator: Any, function: Any, request: pytest.FixtureRequest
) -> None:
    if "with_db_connection" in request.node.name:
        assert list(decorator(function)("SELECT 1")) == [None]
    else:
        with pytest.raises(TypeError, match=r"cannot wrap .*, a generator function"):
            decorator(function)


def test_what_is_no_function_is_refused_when_decorating(decorator: Any) -> None:
    with pytest.raises(TypeError, match="needs a function, not 'SELECT 1'"):
        decorator("SELECT 1")


def test_seeding_again_brings_back_the_original_state(users_db: Path, run_script: Run) -> None:
    with closing(sqlite3.connect(users_db)) as connection, connection:
        users = connection.execute("SELECT * FROM users").fetchall()
        connection.execute("DELETE FROM users WHERE id > 3")
        connection.execute("UPDATE users SET age = 1")
    assert len(users) == 12
    done = run_script("seed.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"12 users in {users_db}\n", "")
    with closing(sqlite3.connect(users_db)) as connection:
        assert connection.execute("SELECT * FROM users").fetchall() == users


@pytest.mark.parametrize("script", SCRIPTS)
def test_importing_a_script_prints_opens_and_writes_nothing(
    script: str, load: Load, tmp_path: Path, monkeypatch: Any, capfd: Any
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setenv("USERS_DB", str(tmp_path / "users.db"))
    monkeypatch.setattr(sqlite3, "connect", refuse)
    load(script[: -len(".py")])
    assert capfd.readouterr() == ("", "")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_seeds_first_and_prints_the_same_from_everywhere_each_time(
    script: str, tmp_path: Path, run_script: Run
) -> None:
    database = tmp_path / "elsewhere" / "users.db"
    database.parent.mkdir()
    runs = [
        run_script(script, cwd=folder, env={"USERS_DB": str(database)})
        for folder in (ROOT, DECORATORS, tmp_path)
    ]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert "ada.abara@example.com" in runs[0].stdout or "Ada Abara" in runs[0].stdout
    assert runs[0].stdout == runs[1].stdout == runs[2].stdout
    assert "ResourceWarning" not in "".join(run.stderr for run in runs)
    assert os.listdir(database.parent) == ["users.db"]


@pytest.mark.parametrize("script", [*SCRIPTS, "seed.py"])
def test_help_shows_the_docstring(script: str, run_script: Run) -> None:
    done = run_script(script, "--help")
    assert done.returncode == 0
    docstring = (DECORATORS / script).read_text(encoding="utf-8").split('"""')[1]
    assert docstring.splitlines()[0] in done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_file_that_is_no_database_is_one_line_on_stderr(
    script: str, tmp_path: Path, run_script: Run
) -> None:
    database = tmp_path / "users.db"
    database.write_bytes(b"this is no database at all, but a text\n" * 100)
    done = run_script(script, env={"USERS_DB": str(database)})
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == f"{script}: {database}: file is not a database"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_database_without_the_table_says_how_to_make_it(
    script: str, tmp_path: Path, run_script: Run
) -> None:
    database = tmp_path / "users.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE dogs (name TEXT)")
    done = run_script(script, env={"USERS_DB": str(database)})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"{script}: {database}: no such table: users; make it with: python3 seed.py"
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_ends_quietly_when_nobody_reads_its_output(script: str, users_db: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(DECORATORS / script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 0
    assert b"BrokenPipe" not in errors
    assert b"Traceback" not in errors


def test_ctrl_c_ends_a_script_without_a_traceback() -> None:
    program = """import common, signal
def demo(arguments):
    print("waiting", flush=True)
    signal.pause()
common.run(demo, common.parser(None))"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=DECORATORS
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"waiting\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert process.returncode == 130
    assert (output, errors) == (b"", b"")


def test_the_folder_needs_nothing_from_outside(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(DECORATORS, copy, ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    environment = {name: value for name, value in os.environ.items() if name != "USERS_DB"}
    command = [sys.executable, "-X", "dev", "-W", "error", str(copy / "4-cache_query.py")]
    done = subprocess.run(command, env=environment, capture_output=True, cwd="/")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (copy / "users.db").exists()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_table_without_users_is_one_line(users_db: Path, run_script: Any, script: str) -> None:
    with closing(sqlite3.connect(str(users_db))) as connection, connection:
        connection.execute("DELETE FROM users")
    done = run_script(script)
    problem = f"{script}: {users_db}: the table users is empty; fill it with: python3 seed.py\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)
