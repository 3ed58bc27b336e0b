"""The repository as a whole: every README tells the truth, and every script keeps the same manners."""

from __future__ import annotations

import ast
import functools
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Iterable

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = sorted(path.name for path in ROOT.glob("python-*-0x*"))
MODULES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("python-*-0x*/*.py"))
SERVERS = ["python-generators-0x00/5-infinite_scroll.py", "python-generators-0x00/throwaway_mysql.py"]
SCRIPTS = [script for script in MODULES if re.search(r"/(\d-.*|seed|throwaway_mysql)\.py$", script)]

ENDING = [script for script in SCRIPTS if script not in SERVERS]  # by themselves


def run(script: str, *arguments: str, cwd: Path = ROOT, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a script with arguments, and return its returncode, stdout and stderr."""
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60, **options)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_help_that_begins_with_its_docstring(script: str) -> None:
    done = run(script, "--help")
    docstring = ast.get_docstring(ast.parse((ROOT / script).read_text(encoding="utf-8")))
    assert (done.returncode, done.stderr) == (0, "")
    assert docstring is not None
    assert docstring.splitlines()[0] in done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_importing_prints_nothing_and_writes_nothing(module: str, tmp_path: Path) -> None:
    folder, name = tmp_path / "project", Path(module).stem
    shutil.copytree((ROOT / module).parent, folder, ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    before = sorted(folder.iterdir())
    program = f"import importlib; importlib.import_module({name!r})"
    done = run("-B", "-c", program, cwd=folder, env={**os.environ, "MYSQL_PORT": "nothing is opened"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("script", ENDING)
def test_every_script_runs_from_the_root_and_from_its_folder(
    script: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if "generators" in script:
        request.getfixturevalue("prodev")
    environment = {**os.environ, "USERS_DB": str(tmp_path / "users.db")}
    folder, name = (ROOT / script).parent, Path(script).name
    for done in (run(script, env=environment), run(name, cwd=folder, env=environment)):
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("readme", ["README.md", *(f"{project}/README.md" for project in PROJECTS)])
def test_every_link_leads_somewhere(readme: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)", (ROOT / readme).read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not ((ROOT / readme).parent / target).exists()] == []


@pytest.mark.parametrize("script", [script for script in SCRIPTS if "throwaway" not in script])
def test_every_script_has_a_row_in_both_readmes(script: str) -> None:
    folder, name = script.split("/")
    assert f"]({script})" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"| [{name}]({name}) |" in (ROOT / folder / "README.md").read_text(encoding="utf-8")


def test_everything_that_is_imported_is_in_the_requirements() -> None:
    own = {"checker"} | {path.stem for path in [*map(Path, MODULES), *ROOT.glob("tests/*.py")]}
    provided = {"mysql": "mysql-connector-python"}
    files = [ROOT / "requirements.txt", ROOT / "tests" / "browser-requirements.txt"]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    required = {re.split("[<>=]", line)[0] for line in lines}
    standard = set(stdlib_names())
    for path in [*(ROOT / module for module in MODULES), *ROOT.glob("tests/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in {name.split(".")[0] for name in names} - own - standard:
                assert provided.get(name, name) in required, f"{path} imports {name}"


def stdlib_names() -> Iterable[str]:
    """Return the names of the modules of the standard library, which Python tells since 3.10."""
    if sys.version_info >= (3, 10):
        return sys.stdlib_module_names
    folder = Path(os.__file__).parent
    files = {path.stem for path in [*folder.iterdir(), *(folder / "lib-dynload").iterdir()]}
    return {*sys.builtin_module_names, *(name.split(".")[0] for name in files)}


def console_commands(readme: Path) -> list[tuple[str, str]]:
    """Return the commands in the console blocks of a README, each with the output that it shows."""
    blocks = re.findall(
        r"^```console\n(.*?)^```", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    commands = [command for block in blocks for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [
        (first_line, output) for first_line, _, output in (command.partition("\n") for command in commands)
    ]


def matches(shown: str, printed: str) -> bool:
    """Tell whether what was printed is what is shown, apart from durations; `...` stands for anything."""
    duration = re.compile(r"(?<![\w.])[\d.]+ (?:sec|msec|usec|nsec|s|ms|µs)\b")
    pattern = re.escape(duration.sub("DURATION", shown.strip())).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, duration.sub("DURATION", printed.strip()), re.DOTALL) is not None


@pytest.mark.parametrize("project", PROJECTS)
def test_every_command_in_a_project_readme_prints_what_the_readme_shows(
    project: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if project == "python-generators-0x00":
        request.getfixturevalue("prodev")
    # A copy of the folder alone: it needs nothing from outside, and nothing stays behind in the original.
    folder = tmp_path / project
    shutil.copytree(ROOT / project, folder, ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"}  # timeit warns on a busy machine
    environment.pop("USERS_DB", None)
    commands = console_commands(folder / "README.md")
    assert commands
    for command, shown in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
        )
        printed = done.stdout.replace(os.environ.get("MYSQL_DATABASE", "ALX_prodev"), "ALX_prodev")
        assert matches(shown, printed), f"$ {command}\n{printed}\nis not what the README shows:\n{shown}"


@pytest.mark.parametrize("script", [script for script in SCRIPTS if "generators" in script])
def test_without_the_connector_a_script_says_in_one_line_what_to_install(script: str, tmp_path: Path) -> None:
    (tmp_path / "mysql.py").write_text("raise ModuleNotFoundError(\"No module named 'mysql'\", name='mysql')")
    done = run(script, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mysql-connector-python is missing; activate the virtual environment, or")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("script", ENDING)
def test_output_onto_a_full_disk_is_one_line(
    script: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if "generators" in script:
        request.getfixturevalue("prodev")
        run(str(Path(script).parent / "seed.py"))
    environment = {**os.environ, "USERS_DB": str(tmp_path / "users.db")}
    command = ["sh", "-c", f"{sys.executable} {script} >/dev/full"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"{Path(script).name}: [Errno 28] No space left on device"


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
        tests = "tests/generators/test_2_lazy_paginate.py"
        suite = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", tests]
        # A shell that starts the tests in the background has them ignore Ctrl-C, and that is inherited.
        listen = functools.partial(signal.signal, signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(suite, cwd=ROOT, stdout=subprocess.PIPE, preexec_fn=listen) as child:
            while databases() == before:
                assert child.poll() is None
            child.send_signal(number)
            output, _ = child.communicate(timeout=60)
        assert child.returncode == 2, output.decode()
        assert databases() == before


def test_nothing_that_a_run_creates_is_tracked_or_shows_up_in_git_status(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone, but a copy without .git")
    clone = tmp_path / "clone"
    git = functools.partial(subprocess.check_output, text=True)
    git(["git", "clone", "--quiet", str(ROOT), str(clone)])
    environment = {name: value for name, value in os.environ.items() if name != "USERS_DB"}
    for script in [script for script in SCRIPTS if "generators" not in script]:
        run(script, cwd=clone, env=environment)
    assert list(clone.glob("*/users.db"))
    assert git(["git", "status", "--porcelain"], cwd=clone) == ""
    tracked = git(["git", "ls-files"], cwd=clone).split()
    assert [name for name in tracked if name.endswith((".db", ".pyc"))] == []


@pytest.mark.parametrize("folder", [project for project in PROJECTS if "generators" not in project])
def test_the_seed_does_not_replace_a_users_table_of_somebody_else(folder: str, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(str(path))) as connection, connection:
        connection.execute("CREATE TABLE users (id INTEGER, secret TEXT)")
    done = run(f"{folder}/seed.py", env={**os.environ, "USERS_DB": str(path)})
    problem = f"seed.py: {path}: the table users has other columns: id, secret\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)
    with closing(sqlite3.connect(str(path))) as connection:
        assert connection.execute("SELECT * FROM users").description[1][0] == "secret"
