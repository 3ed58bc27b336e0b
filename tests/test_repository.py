"""The repository as a whole: make works in any folder, and a run of the tests leaves nothing behind."""

from __future__ import annotations

import ast
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Iterable

from support import ENDING, GENERATORS, PROJECTS, ROOT, run

import pytest

NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "*.db*", "pictures")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository, in a folder whose name has a space, brackets and an umlaut."""
    folder = tmp_path / "my project [ü]"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    return folder


def test_files_of_a_learners_own_turn_nothing_red(copy: Path) -> None:
    for project in PROJECTS:
        for name in ("count_over.py", "6-mine.py", "test_mine.py"):
            (copy / project.name / name).write_text("import no_such_module; print('a file of my own'; 1/0")
    chosen = "(help or importing or row or imported) and not learners"
    tests = [f"tests/test_{name}.py" for name in ("every_script", "readmes", "repository")]
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, *tests, cwd=copy, timeout=300)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_works_in_a_folder_of_any_name(copy: Path, prodev: str) -> None:
    program = copy / ".venv" / "bin" / "python3"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    (copy / ".venv" / "installed").touch()
    # The make that runs these tests would pass its own settings on, such as another interpreter.
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    for verb in ("help", "demo"):
        done = subprocess.run(
            ["make", verb], cwd=copy, env=variables, capture_output=True, text=True, timeout=120
        )
        assert (done.returncode, done.stderr) == (0, ""), done
    assert "Average age of users: 59.66" in done.stdout
    assert "users passed" in done.stdout


def test_everything_that_is_imported_is_in_the_requirements() -> None:
    own = {"checker", "support"} | {
        path.stem for folder in (*PROJECTS, ROOT / "tests") for path in folder.glob("*.py")
    }
    provided = {"mysql": "mysql-connector-python", "werkzeug": "flask"}  # Flask brings Werkzeug
    files = [ROOT / "requirements.txt", ROOT / "tests" / "browser-requirements.txt"]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    required = {re.split("[<>=!]", line)[0].lower() for line in lines}
    standard = set(stdlib_names())
    scripts = {file for script in ENDING for file in imported_files(script)}
    for path in [*scripts, *(ROOT / "tests").glob("test_*.py"), *(ROOT / "tests").glob("[cdg]*/test_*.py")]:
        for name in imports(path) - own - standard:
            assert provided.get(name, name) in required, f"{path} imports {name}"


def imports(path: Path) -> set[str]:
    """Return the names of the modules, packages without what is in them, that a file imports."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return {name.split(".")[0] for name in names}


def imported_files(script: Path) -> set[Path]:
    """Return a script and the files of its folder that it imports, directly or not."""
    files = {script}
    for name in imports(script):
        path = script.parent / f"{name}.py"
        if path.exists() and path not in files:
            files |= imported_files(path)
    return files


def stdlib_names() -> Iterable[str]:
    """Return the names of the modules of the standard library, which Python tells since 3.10."""
    if sys.version_info >= (3, 10):
        return sys.stdlib_module_names
    folder = Path(os.__file__).parent
    files = {path.stem for path in [*folder.iterdir(), *(folder / "lib-dynload").iterdir()]}
    return {*sys.builtin_module_names, *(name.split(".")[0] for name in files)}


@pytest.mark.skipif(sys.platform == "win32", reason="the throwaway server needs fork")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_on_a_server_of_its_user_the_suite_drops_its_databases_even_when_interrupted(
    own_server: None, number: signal.Signals
) -> None:
    import mysql.connector

    socket = os.environ["MYSQL_UNIX_SOCKET"]
    connection = mysql.connector.connect(unix_socket=socket, user="root", autocommit=True)
    with closing(connection), closing(connection.cursor()) as cursor:

        def databases() -> list[str]:
            cursor.execute("SHOW DATABASES LIKE 'test%'")
            return [name for (name,) in cursor.fetchall()]

        before = databases()
        suite = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "tests/generators/test_2_lazy_paginate.py",
        ]
        # A shell that starts the tests in the background has them ignore Ctrl-C, and that is inherited.
        listen = functools.partial(signal.signal, signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(suite, cwd=ROOT, stdout=subprocess.PIPE, preexec_fn=listen) as child:
            while databases() == before:
                assert child.poll() is None
            child.send_signal(number)
            output, _ = child.communicate(timeout=60)
        assert child.returncode == 2, output.decode()
        assert databases() == before


def test_a_green_run_leaves_nothing_in_the_temporary_folder(tmp_path: Path) -> None:
    tests = ["tests/context_async/test_1_execute.py", "tests/generators/test_4_stream_ages.py"]
    done = run(
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *tests,
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path)},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    assert os.listdir(tmp_path) == []


def test_nothing_that_a_run_creates_is_tracked_or_shows_up_in_git_status(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone, but a copy without .git")
    clone = tmp_path / "clone"
    git = functools.partial(subprocess.check_output, text=True)
    git(["git", "clone", "--quiet", str(ROOT), str(clone)])
    for script in [script for script in ENDING if script.parent != GENERATORS]:
        run(clone / script.relative_to(ROOT), env={"USERS_DB": ""})
    assert list(clone.glob("*/users.db"))
    assert git(["git", "status", "--porcelain"], cwd=clone) == ""
    tracked = git(["git", "ls-files"], cwd=clone).split()
    assert [name for name in tracked if name.endswith((".db", ".pyc"))] == []
