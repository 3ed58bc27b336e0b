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
from typing import Any, Callable, Iterable

from support import ENDING, GENERATORS, PROJECTS, ROOT, run

import pytest

Make = Callable[..., "subprocess.Popen[str]"]
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


@pytest.fixture
def make(copy: Path) -> Make:
    """A function that starts make in the copy, which has a virtual environment."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    program(copy / ".venv" / "bin" / "python3", f'exec "{sys.executable}" "$@"')
    (copy / ".venv" / "installed").touch()
    # The make that runs these tests would pass its own settings on, such as another interpreter.
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    pipes: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }

    def start(*arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(["make", *arguments], cwd=copy, env={**variables, **more}, text=True, **pipes)

    return start


def program(path: Path, text: str) -> None:
    """Write a program for the shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return the exit status of a process, and what it has printed on stdout and stderr."""
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def test_make_works_in_a_folder_of_any_name(make: Make, copy: Path, prodev: str, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    assert ended(make("help"))[::2] == (0, "")
    status, output, errors = ended(make("demo", TMPDIR=str(tmp_path / "temporary")))
    assert (status, errors) == (0, ""), output
    assert "Average age of users: 59.66" in output
    assert "users passed" in output
    assert output.endswith("\n\nNext: make start DIR=~/my-alx-backend-python\n")
    assert [
        *copy.glob("*/users.db"),
        *(tmp_path / "temporary").iterdir(),
    ] == []  # a learner's own is untouched


USED = "make sh bash env sed awk id mktemp rm cut sort head dirname".split()
TYPICAL = "tests/checker/solutions/typical"


def test_without_a_server_what_needs_none_still_runs(make: Make, copy: Path, tmp_path: Path) -> None:
    for name in USED:
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    (tmp_path / "bin" / "id").unlink()  # nobody here may install anything
    program(tmp_path / "bin" / "id", "echo 1000")
    program(tmp_path / "bin" / "apt-get", "exit 1")
    program(tmp_path / "bin" / "apt-cache", "exit 0")
    guardian = copy / GENERATORS.name / "throwaway_guardian.py"
    text = guardian.read_text(encoding="utf-8")
    guardian.write_text(re.sub('PLACES = ".*"', 'PLACES = "/nowhere"', text), encoding="utf-8")
    variables = {"PATH": str(tmp_path / "bin"), "MYSQL_HOST": "", "MYSQL_UNIX_SOCKET": ""}
    line = (
        "make: there is no MySQL server program, so what needs one (the generators) is left out;"
        " ask an administrator for: mariadb-server-core mariadb-client-core\n"
    )
    arguments = ["check", f"REPO={TYPICAL}", "ONLY=decorators/0", "YES=1"]
    status, output, errors = ended(make(*arguments, **variables))
    assert (status, errors) == (0, "")  # nothing of that needs a server
    assert "asked:  2 of 2" in output
    arguments[2] = "ONLY=generators/0"
    for verb, who in ((arguments, "make check"), (["shell"], "throwaway_mysql.py")):
        _, output, errors = ended(make(*verb, **variables))
        first, last = errors.splitlines()
        assert first.startswith(f"{who}: neither mariadbd nor mysqld is installed; get a server with")
        assert last.startswith("make: *** ")
    status, output, errors = ended(make("demo", **variables))
    assert (status, errors) == (0, line)
    assert "$ python3 python-decorators-0x01/4-cache_query.py" in output
    assert "$ python3 python-generators" not in output


@pytest.mark.parametrize("verb", ["check", "watch"])
def test_a_signal_for_make_ends_the_checker_too(
    make: Make, own_server: None, copy: Path, tmp_path: Path, verb: str
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    (copy / "mine" / "python-decorators-0x01").mkdir(parents=True)
    (copy / "mine" / "python-decorators-0x01" / "1-with_db_connection.py").write_text("while True: pass\n")
    process = make(verb, "REPO=mine", "YES=1", TMPDIR=str(place))
    while not list(place.glob("check-*/*/exercise/*/users.db")):
        assert process.poll() is None, ended(process)
    process.terminate()
    _, output, _ = ended(process)  # when the last one that can still print something has ended
    assert "asked:" not in output  # the report, at the end of which check ends anyway
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(("verb", "name"), [("start", "DIR"), ("check", "REPO"), ("watch", "REPO")])
def test_half_a_name_is_not_taken_for_the_whole(make: Make, tmp_path: Path, verb: str, name: str) -> None:
    status, output, errors = ended(make(verb, f"{name}={tmp_path / 'my'}", "folder"))
    assert (status, output) == (2, "")
    assert "there is no verb 'folder'; a name with blanks goes in quotes, as in REPO='my folder'" in errors
    assert not (tmp_path / "my").exists()


def test_a_verb_that_there_is_not_is_one_line(make: Make) -> None:
    status, output, errors = ended(make("nosuch"))
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert "there is no verb 'nosuch'; " in errors
    assert "; make alone lists the verbs." in errors


@pytest.mark.parametrize("setting", ["ONLY=decorators/0", "HINT=2"])
def test_watch_says_what_it_has_no_use_for(make: Make, setting: str) -> None:
    status, output, errors = ended(make("watch", f"REPO={TYPICAL}", "YES=1", setting))
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert "leave out ONLY and HINT, or say make check." in errors


def test_an_interpreter_that_is_not_there_is_one_line(make: Make) -> None:
    status, output, errors = ended(make("demo", "PYTHON=python3.99"))
    assert (status, output) == (2, "")
    first, last = errors.splitlines()
    assert first.startswith("make: there is no python3.99; install Python 3.8 or later")
    assert last.startswith("make: *** ")


def test_without_the_package_for_virtual_environments_its_name_is_said(copy: Path, tmp_path: Path) -> None:
    for name, text in (("python3.99", 'case "$2" in *ensurepip*) exit 1; esac'), ("apt-get", "exit 1")):
        program(tmp_path / "bin" / name, text)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["make/install-venv.sh", "python3.99", "venv"],
        cwd=copy,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "make: there is no virtual environment without the package python3.99-venv;"
        " ask an administrator for it\n"
    )


@pytest.mark.parametrize(
    "number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name
)
def test_a_signal_ends_all_parts_of_the_tests_and_leaves_nothing(
    copy: Path, tmp_path: Path, number: signal.Signals
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    part = tmp_path / "python3"
    program(part, 'trap "exit 2" TERM; touch "$TMPDIR/$$"; while :; do sleep 0.1; done')
    process = subprocess.Popen(
        ["make/test.sh", str(part)],
        cwd=copy,
        env={**os.environ, "TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        text=True,
    )
    while len(list(place.glob("*/[0-9]*"))) < 3:
        assert process.poll() is None
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert output.endswith("\nThe tests were stopped, and a failure above may come from that.\n")
    assert list(place.iterdir()) == []


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


def test_a_server_that_cannot_be_reached_ends_the_tests_with_one_line(tmp_path: Path) -> None:
    server = {"MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": "1", "MYSQL_UNIX_SOCKET": "", "TMPDIR": str(tmp_path)}
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/generators/test_4_stream_ages.py"]
    done = run(*tests, cwd=ROOT, env=server)
    assert done.returncode == 1
    said = [line for line in done.stdout.splitlines() if "no connection to MySQL at 127.0.0.1:1" in line]
    assert len(said) == 1
    assert "or unset MYSQL_HOST to use a throwaway server" in said[0]
    assert "Error" not in done.stdout.replace(said[0], "")


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
