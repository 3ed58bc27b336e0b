"""The manners that every script keeps: help, quiet imports, any folder, one line for whatever goes wrong."""

from __future__ import annotations

import ast
import functools
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Iterator

from support import CONTEXT, DECORATORS, ENDING, GENERATORS, PROJECTS, SCRIPTS, load_module, run

import pytest

ON_MYSQL = [script for script in ENDING if script.parent == GENERATORS]
ON_SQLITE = [script for script in SCRIPTS if script.parent != GENERATORS]
NUMBERED = [script for script in ON_SQLITE if script.stem != "seed"]

WINDOWS_LACKS = ["_curses", "curses", "fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"]
OS_LACKS = ["fork", "forkpty", "geteuid", "getpgrp", "getuid", "killpg", "mkfifo", "setsid", "tcgetpgrp"]
SIGNAL_LACKS = ["SIGHUP", "SIGKILL", "SIGUSR1", "pause", "pthread_sigmask", "setitimer"]
LIKE_WINDOWS = f"""
import os, signal, sys
for name in {WINDOWS_LACKS}: sys.modules[name] = None
for name in {OS_LACKS}: vars(os).pop(name, None)
for name in {SIGNAL_LACKS}: vars(signal).pop(name, None)
"""


def script_id(script: Path) -> str:
    return f"{script.parent.name.split('-')[1]}-{script.stem}"


def each(scripts: list[Path]) -> Any:
    """Run a test for each of these scripts."""
    return pytest.mark.parametrize("script", scripts, ids=script_id)


@pytest.fixture
def database(script: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of the test's own for users.db; on MySQL, a seeded table."""
    if script.parent == GENERATORS:
        request.getfixturevalue("prodev")
        if script.stem != "seed":
            seed = load_module(GENERATORS, "seed")
            with closing(seed.connect_to_prodev()) as connection:
                seed.insert_data(connection, str(GENERATORS / "user_data.csv"))
    folder = tmp_path / "database"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USERS_DB", str(folder / "users.db"))
        yield folder


@each(SCRIPTS)
def test_help_begins_with_the_docstring(script: Path) -> None:
    done = run(script, "--help")
    docstring = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
    assert (done.returncode, done.stderr) == (0, "")
    assert docstring is not None
    assert docstring.splitlines()[0] in done.stdout


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_importing_prints_nothing_opens_nothing_and_writes_nothing(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    before = sorted(folder.iterdir())
    names = [script.stem for script in SCRIPTS if script.parent == project]
    program = f"""import importlib, sqlite3, socket
def refuse(*args, **kwargs): raise AssertionError("something was opened")
sqlite3.connect = socket.socket.connect = refuse
for name in {names}: importlib.import_module(name)"""
    done = run("-B", "-c", program, cwd=folder, env={"MYSQL_PORT": "nobody reads this yet"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(folder.iterdir()) == before


@each(ENDING)
def test_it_prints_the_same_from_every_folder_and_leaves_only_its_database(
    script: Path, database: Path, tmp_path: Path
) -> None:
    there = run(script.name, cwd=script.parent)
    elsewhere = run(script, cwd=tmp_path)
    assert (there.returncode, elsewhere.returncode) == (0, 0), (there, elsewhere)
    assert "Warning" not in there.stderr + elsewhere.stderr
    if script.parent != GENERATORS or script.stem != "seed":  # which adds nobody the second time
        assert there.stdout == elsewhere.stdout != ""
    assert os.listdir(database) == ([] if script.parent == GENERATORS else ["users.db"])


@each(ENDING)
def test_it_ends_quietly_when_nobody_reads_its_output(script: Path, database: Path) -> None:
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read().decode()
    assert process.returncode == 0
    assert "BrokenPipe" not in errors
    assert "Traceback" not in errors


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@each(ENDING)
def test_output_onto_a_full_disk_is_one_line(script: Path, database: Path) -> None:
    with open("/dev/full", "w") as full:
        environment = {**os.environ, "PYTHONUNBUFFERED": ""}  # so that the last lines are written at the end
        command = [sys.executable, str(script)]
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"{script.name}: [Errno 28] No space left on device"
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
@pytest.mark.parametrize("project", [GENERATORS, DECORATORS, CONTEXT], ids=lambda project: project.name)
def test_ctrl_c_ends_a_script_with_status_130_and_no_traceback(project: Path) -> None:
    program = """import common, time
def demo():
    print("waiting", flush=True)
    time.sleep(60)
common.run(demo, common.parser(None))"""
    command = [sys.executable, "-c", program]
    # A shell that starts the tests in the background has them ignore Ctrl-C, and that is inherited.
    listen = functools.partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=project, preexec_fn=listen
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"waiting\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert (process.returncode, output, errors) == (130, b"", b"")


@each(NUMBERED)
def test_a_file_that_is_no_database_is_one_line(script: Path, database: Path) -> None:
    path = database / "users.db"
    path.write_text("Dear reader, this is not a database. " * 100)
    done = run(script)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{script.name}: {path}: file is not a database\n"


@each(NUMBERED)
def test_a_database_without_the_table_says_how_to_make_it(script: Path, database: Path) -> None:
    path = database / "users.db"
    with closing(sqlite3.connect(str(path))) as connection:
        connection.execute("CREATE TABLE dogs (name TEXT)")
    done = run(script, cwd=script.parent)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{script.name}: {path}: no such table: users; make it with: python3 seed.py\n"


@each(NUMBERED)
def test_a_table_without_users_says_how_to_fill_it(script: Path, database: Path) -> None:
    path = database / "users.db"
    assert run(script.parent / "seed.py").returncode == 0
    with closing(sqlite3.connect(str(path))) as connection, connection:
        connection.execute("DELETE FROM users")
    done = run(script, cwd=script.parent)
    problem = f"{script.name}: {path}: the table users is empty; fill it with: python3 seed.py\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)


@pytest.mark.parametrize("project", [DECORATORS, CONTEXT], ids=lambda project: project.name)
def test_the_command_in_a_message_works_wherever_one_stands(project: Path, tmp_path: Path) -> None:
    copy, elsewhere = tmp_path / "my project [ü]", tmp_path / "elsewhere"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("*.db*"))
    elsewhere.mkdir()
    script = next(script.name for script in NUMBERED if script.parent == project)
    variables = {"USERS_DB": str(tmp_path / "users.db")}
    with closing(sqlite3.connect(variables["USERS_DB"])) as connection:
        connection.execute("CREATE TABLE dogs (name TEXT)")
    done = run(copy / script, cwd=elsewhere, env=variables)
    command = shlex.split(done.stderr.split("make it with: ")[1])
    assert command == ["python3", f"../{copy.name}/seed.py"]
    assert run(*command[1:], cwd=elsewhere, env=variables).returncode == 0
    assert run(copy / script, cwd=elsewhere, env=variables).returncode == 0


@each(ON_SQLITE)
def test_a_database_in_memory_is_refused_in_one_line(script: Path) -> None:
    done = run(script, env={"USERS_DB": ":memory:"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{script.name}: ")
    assert ":memory:" in done.stderr
    assert "seed.py" not in done.stderr.partition(": ")[2]
    assert done.stderr.count("\n") == 1


@each(ON_MYSQL)
@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"MYSQL_PORT": "33o6"}, "MYSQL_PORT must be the number of a port, not '33o6'"),
        (
            {"MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": "1"},
            "no connection to MySQL at 127.0.0.1:1 as user 'root'",
        ),
    ],
    ids=["bad port", "no server"],
)
def test_a_server_that_cannot_be_reached_is_one_line(
    script: Path, settings: dict[str, str], part: str
) -> None:
    done = run(script, env={"MYSQL_UNIX_SOCKET": "", "MYSQL_HOST": "", "MYSQL_USER": "", **settings})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{script.name}: {part}")
    assert done.stderr.count("\n") == 1
    if "no connection" in part:
        throwaway = os.path.relpath(GENERATORS / "throwaway_mysql.py")
        assert done.stderr.endswith(
            f" or unset MYSQL_HOST to use a throwaway server with: python3 {shlex.quote(throwaway)}\n"
        )


@pytest.mark.parametrize(
    ("module", "package", "scripts"),
    [
        ("mysql", "mysql-connector-python", [*ON_MYSQL, GENERATORS / "5-infinite_scroll.py"]),
        ("flask", "flask", [GENERATORS / "5-infinite_scroll.py"]),
        ("aiosqlite", "aiosqlite", [CONTEXT / "3-concurrent.py", CONTEXT / "4-async_stream.py"]),
    ],
)
def test_a_missing_package_is_one_line_that_says_what_to_install(
    module: str, package: str, scripts: list[Path], tmp_path: Path
) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError('gone', name={module!r})")
    for script in scripts:
        done = run(script, env={"PYTHONPATH": str(tmp_path)})
        assert (done.returncode, done.stdout) == (1, "")
        assert f"{package} is missing; activate the virtual environment, or install" in done.stderr
        assert done.stderr.count("\n") == 1


@each(ON_SQLITE)
def test_it_runs_without_what_windows_lacks(script: Path, database: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(LIKE_WINDOWS)
    done = run(script, env={"PYTHONPATH": str(tmp_path)})
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stdout


def test_the_generators_can_be_imported_without_what_windows_lacks() -> None:
    names = [script.stem for script in SCRIPTS if script.parent == GENERATORS]
    program = f"{LIKE_WINDOWS}\nimport importlib\nfor name in {names}: importlib.import_module(name)"
    done = run("-c", program, cwd=GENERATORS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("project", [DECORATORS, CONTEXT], ids=lambda project: project.name)
def test_a_project_folder_needs_nothing_from_outside(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "somewhere else [ü]"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    for script in [script for script in ON_SQLITE if script.parent == project]:
        done = run("-X", "dev", "-W", "error", copy / script.name, cwd=tmp_path, env={"USERS_DB": ""})
        assert done.returncode == 0, done.stderr
    assert (copy / "users.db").exists()


@pytest.mark.parametrize("project", [GENERATORS, DECORATORS, CONTEXT], ids=lambda project: project.name)
def test_no_numbered_script_is_longer_than_a_hundred_lines(project: Path) -> None:
    numbered = [script for script in SCRIPTS if script.parent == project and script.stem[0].isdigit()]
    lengths = sorted(len(script.read_text(encoding="utf-8").splitlines()) for script in numbered)
    assert lengths[-1] <= 100
