"""The exercises that `make start` writes, and how it writes them."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from checker.model import FIRST
from support import CONTEXT, DECORATORS, GENERATORS, ROOT, run

import pytest

STUBS = ROOT / "tests" / "checker" / "stubs"
OURS = {
    "python-generators-0x00": GENERATORS,
    "python-decorators-0x01": DECORATORS,
    "python-context-async-perations-0x02": CONTEXT,
}
EXERCISES = [f"{folder}/{path.name}" for folder in OURS for path in sorted((STUBS / folder).glob("*.py"))]
OTHERS = [
    "README.md",
    "python-generators-0x00/user_data.csv",
    "python-decorators-0x01/users.db",
    "python-context-async-perations-0x02/users.db",
]
ALL = sorted([*EXERCISES, *OTHERS])
USAGE = "make start DIR=~/my-alx-backend-python"


def start(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run what `make start` runs, from where it runs it."""
    options["env"] = {"PYTHONPATH": str(ROOT / "tests"), **options.get("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "checker.start", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        **{"cwd": ROOT, **options, "env": {**os.environ, **options["env"]}},
    )


def exercises(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file but the README, which names the folder."""
    return {name: text for name, text in contents(folder).items() if name != "README.md"}


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def name_of(exercise: str) -> str:
    """Return what the checker calls an exercise: generators/0."""
    folder, file = exercise.split("/")
    return f"{folder.split('-')[1]}/{re.split('[-.]', file)[0]}"


@pytest.fixture(scope="module")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `make start` wrote, which no test changes."""
    folder = tmp_path_factory.mktemp("started") / "mine"
    assert start(folder).returncode == 0
    return folder


@pytest.fixture
def started(started_once: Path, tmp_path: Path) -> Path:
    """A folder that `make start` wrote, in which a test may do what it likes."""
    return Path(shutil.copytree(started_once, tmp_path / "mine"))


def test_start_writes_every_exercise_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    done = start(folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    in_order = ["README.md", *EXERCISES, *OTHERS[1:]]
    assert lines[: len(ALL)] == [f"wrote  {folder / name}" for name in in_order]
    assert f"  make check REPO={folder} ONLY={FIRST}" in lines[len(ALL) :]
    assert f"  make watch REPO={folder}" in lines[len(ALL) :]
    assert lines[-1] == f"{folder / 'README.md'} says more."
    assert sorted(contents(folder)) == ALL
    assert sorted(path.name for path in folder.iterdir()) == sorted([*OURS, "README.md"])


def test_what_is_written_is_what_lies_here(started_once: Path) -> None:
    written = contents(started_once)
    for name in EXERCISES:
        assert written[name] == (STUBS / name).read_bytes(), name
        assert os.access(started_once / name, os.X_OK) == name.endswith(".py"), name
    assert written["python-generators-0x00/user_data.csv"] == (GENERATORS / "user_data.csv").read_bytes()


@pytest.mark.parametrize("name", ["mine", "a b"])
def test_the_commands_of_the_readme_name_the_folder(tmp_path: Path, name: str) -> None:
    start(name, cwd=tmp_path)
    readme = (tmp_path / name / "README.md").read_text(encoding="utf-8")
    ours = (STUBS / "README.md").read_text(encoding="utf-8")
    assert readme.count(str(tmp_path / name)) == ours.count("~/my-alx-backend-python") > 0
    assert f"\nmake watch REPO={shlex.quote(str(tmp_path / name))}\n" in readme
    assert f"\ncd {shlex.quote(str(tmp_path / name / 'python-generators-0x00'))}\n" in readme
    assert "~/my-alx-backend-python" not in readme


def test_the_exercises_are_those_that_the_checker_knows() -> None:
    tasks = (path.stem.split("_", 1) for path in (ROOT / "tests/checker/tasks").glob("*_*.py"))
    tasks = (task for task in tasks if task[0])  # __init__.py
    assert sorted(map(name_of, EXERCISES)) == sorted("/".join(task) for task in tasks)
    assert len(EXERCISES) == 13


@pytest.mark.parametrize("project", ["python-decorators-0x01", "python-context-async-perations-0x02"])
def test_each_sqlite_folder_has_the_twelve_users(started_once: Path, project: str) -> None:
    with closing(sqlite3.connect(str(started_once / project / "users.db"))) as connection:
        users = connection.execute("SELECT id, name, email, age FROM users ORDER BY id").fetchall()
    assert len(users) == 12
    assert users[0] == (1, "Ada Abara", "ada.abara@example.com", 36)


def test_a_second_start_writes_nothing(started: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in started.rglob("*")}
    before = contents(started)
    done = start(started)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert sorted(lines[: len(ALL)]) == [f"kept   {started / name} (it was there already)" for name in ALL]
    assert contents(started) == before
    assert {path: path.stat().st_mtime_ns for path in started.rglob("*")} == times


@pytest.mark.parametrize("own", [ALL[::2], ALL[1::2]], ids=["one half", "the other half"])
def test_files_of_ones_own_are_kept_and_the_others_are_written(tmp_path: Path, own: list[str]) -> None:
    for name in own:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"my {name}")
    done = start(tmp_path)
    assert done.returncode == 0
    kept = [f"kept   {tmp_path / name} (it was there already)" for name in own]
    wrote = [f"wrote  {tmp_path / name}" for name in ALL if name not in own]
    assert sorted(done.stdout.splitlines()[: len(ALL)]) == sorted(kept + wrote)
    assert {name: (tmp_path / name).read_text() for name in own} == {name: f"my {name}" for name in own}
    assert sorted(contents(tmp_path)) == ALL


def test_a_second_start_names_what_is_useful_by_then(started: Path) -> None:
    last = f"{started / 'README.md'} says more."
    assert start(started).stdout.splitlines()[-1] == last
    assert f"ONLY={FIRST}" in start(started).stdout
    with (started / "python-generators-0x00" / "seed.py").open("a") as file:
        file.write("# mine\n")
    lines = start(started).stdout.splitlines()
    assert lines[-5:] == [
        "Next: see how far you are:",
        f"  make check REPO={started}",
        "or go on with what you saved last:",
        f"  make watch REPO={started}",
        last,
    ]


def test_who_has_a_readme_is_told_where_ours_is(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    assert start(tmp_path).stdout.splitlines()[-1] == f"{STUBS / 'README.md'} says more."


def test_what_was_deleted_is_written_again(started: Path) -> None:
    before = contents(started)
    (started / "python-decorators-0x01" / "users.db").unlink()
    done = start(started)
    assert done.stdout.count("wrote  ") == 1
    assert contents(started) == before


def test_a_link_that_leads_nowhere_is_kept(tmp_path: Path) -> None:
    (tmp_path / "README.md").symlink_to(tmp_path / "nowhere")
    assert start(tmp_path).returncode == 0
    assert (tmp_path / "README.md").is_symlink()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["a b", "[x]*", "Übung", "new/and/deeper", "it's"])
def test_any_name_of_a_folder_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    assert start(folder).returncode == 0
    assert sorted(contents(folder)) == ALL


def test_a_command_to_copy_quotes_the_name(tmp_path: Path) -> None:
    done = start(tmp_path / "a b")
    assert f"make check REPO='{tmp_path / 'a b'}' ONLY=decorators/0" in done.stdout


def test_a_tilde_is_the_home_folder(tmp_path: Path) -> None:
    assert start("~/mine", env={"HOME": str(tmp_path)}).returncode == 0
    assert sorted(contents(tmp_path / "mine")) == ALL


@pytest.mark.parametrize("arguments", [[], [""]])
def test_a_missing_folder_is_one_line_with_the_form_of_the_command(arguments: list[str]) -> None:
    done = start(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"name a folder for your solutions: {USAGE}\n"


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_file_is_no_folder(tmp_path: Path, below: str) -> None:
    (tmp_path / "mine").write_text("mine")
    done = start(tmp_path / "mine" / below)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"make start: {tmp_path / 'mine'} is a file, not a folder\n"
    assert contents(tmp_path) == {"mine": b"mine"}


@pytest.mark.parametrize("project", list(OURS))
@pytest.mark.parametrize("is_there", [False, True])
def test_the_folder_of_one_project_is_refused(tmp_path: Path, project: str, is_there: bool) -> None:
    if is_there:
        (tmp_path / project).mkdir()
    done = start(tmp_path / project)
    assert (done.returncode, done.stdout) == (2, "")
    expected = f"make start: that's one project; name the folder above it: DIR={tmp_path}\n"
    assert done.stderr == expected
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("project", list(OURS))
def test_a_file_where_an_exercise_folder_belongs_stops_everything(tmp_path: Path, project: str) -> None:
    (tmp_path / project).write_text("mine")
    done = start(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"make start: {tmp_path / project} is a file, not a folder\n"
    assert contents(tmp_path) == {project: b"mine"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what `make start` needs of this repository, into which nothing may be written."""
    without = shutil.ignore_patterns("__pycache__", "*.db", "*.db-*")
    for part in ("tests/checker", "python-generators-0x00", "python-decorators-0x01"):
        shutil.copytree(ROOT / part, tmp_path / "clone" / part, ignore=without)
    return tmp_path / "clone"


@pytest.mark.parametrize("place", [".", "mine", "mine/and/deeper", "../clone/mine", "{clone}/mine"])
def test_a_folder_inside_this_repository_is_refused(clone: Path, place: str) -> None:
    before = contents(clone)
    place = place.format(clone=clone)
    done = start(place, cwd=clone, env={"PYTHONPATH": "tests", "PYTHONDONTWRITEBYTECODE": "1"})
    assert (done.returncode, done.stdout) == (2, "")
    expected = f"make start: {Path(place)} is inside this repository; choose a folder outside of it\n"
    assert done.stderr == expected
    assert contents(clone) == before


def test_a_link_into_this_repository_is_refused(clone: Path, tmp_path: Path) -> None:
    before = contents(clone)
    (tmp_path / "link").symlink_to(clone)
    variables = {"PYTHONPATH": "tests", "PYTHONDONTWRITEBYTECODE": "1"}
    done = start(tmp_path / "link" / "mine", cwd=clone, env=variables)
    assert done.returncode == 2
    assert "is inside this repository" in done.stderr
    assert contents(clone) == before


def test_a_folder_that_only_begins_like_this_repository_will_do(clone: Path, tmp_path: Path) -> None:
    assert start("../clone-of-mine", cwd=clone, env={"PYTHONPATH": "tests"}).returncode == 0
    assert sorted(contents(tmp_path / "clone-of-mine")) == ALL


def test_a_full_disk_leaves_whole_files_only(tmp_path: Path, started_once: Path) -> None:
    resource = pytest.importorskip("resource")

    def small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (32 << 10, 32 << 10))  # the CSV file is larger

    done = start(tmp_path / "mine", preexec_fn=small_files_only)
    assert done.returncode == 1
    assert re.fullmatch(rf"make start: {tmp_path}/mine/.*user_data\.csv: File too large\n", done.stderr)
    written = exercises(tmp_path / "mine")
    assert "python-generators-0x00/user_data.csv" not in written
    assert written
    assert written.items() <= exercises(started_once).items()
    assert start(tmp_path / "mine").returncode == 0
    assert exercises(tmp_path / "mine") == exercises(started_once)


def test_a_database_that_cannot_be_made_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")

    def tiny_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 10, 2 << 10))

    done = start(tmp_path / "mine", preexec_fn=tiny_files_only, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"seed\.py: .+\n", done.stderr)
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    circle = tmp_path / "python-generators-0x00"  # a link to itself, which not even root can go into
    circle.symlink_to(circle)
    done = start(tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(rf"make start: {circle}: .+\n", done.stderr)


def test_help_says_that_files_are_kept() -> None:
    done = start("--help")
    assert done.returncode == 0
    assert USAGE in done.stdout
    assert "is kept as it is" in " ".join(done.stdout.split())


IMPORT = """\
import importlib, sys

def refuse(event, arguments):
    if event in ("sqlite3.connect", "socket.connect", "subprocess.Popen"):
        raise PermissionError(event)

sys.addaudithook(refuse)
importlib.import_module(sys.argv[1])
"""


@pytest.mark.parametrize("exercise", EXERCISES)
def test_importing_an_exercise_has_no_effect(started: Path, exercise: str) -> None:
    before = contents(started)
    file = started / exercise
    command = [sys.executable, "-B", "-W", "error", "-c", IMPORT, file.stem]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(started) == before


@pytest.mark.parametrize("exercise", EXERCISES)
def test_running_an_untouched_exercise_says_whose_turn_it_is(started: Path, exercise: str) -> None:
    before = contents(started)
    file = started / exercise
    done = run(file, cwd=file.parent, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.splitlines()[-1]
    message = re.fullmatch(r"NotImplementedError: Your turn: write ([\w.]+) in (\S+\.py)", last)
    assert message, last
    assert (file.parent / message[2]).is_file()
    assert done.stderr.count("NotImplementedError: ") == 1
    assert contents(started) == before


def unwritten(file: Path) -> list[tuple[str, str]]:
    """Return the name of each function that raises NotImplementedError, and the message."""
    found = []
    tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        for function in inside:
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                assert ast.get_docstring(function), f"{file.name}: {function.name} has no docstring"
                (body,) = function.body[1:]
                assert isinstance(body, ast.Raise)
                assert isinstance(body.exc, ast.Call)
                found.append((prefix + function.name, ast.literal_eval(body.exc.args[0])))
    return found


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_function_begins_with_a_message_that_names_it(exercise: str) -> None:
    functions = unwritten(STUBS / exercise)
    assert functions
    for name, message in functions:
        assert message == f"Your turn: write {name} in {Path(exercise).name}"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_exercise_says_how_it_is_checked_and_where_its_lesson_is(exercise: str) -> None:
    text = ast.get_docstring(ast.parse((STUBS / exercise).read_text(encoding="utf-8"))) or ""
    assert f"\nCheck:  make check REPO=... ONLY={name_of(exercise)}  (in the clone)\n" in text
    lesson = re.search(r'Lesson: (\S+/README\.md), (?:section (\d)|"(The seed)")$', text)
    assert lesson
    heading = f"## {lesson[2] or lesson[3]}."
    readme = (ROOT / lesson[1]).read_text(encoding="utf-8")
    assert any(line.startswith(heading) for line in readme.splitlines())


def test_the_readme_names_every_exercise_and_both_commands() -> None:
    readme = (STUBS / "README.md").read_text(encoding="utf-8")
    for exercise in EXERCISES:
        folder, file = exercise.split("/")
        assert f"| **{folder}** |" in readme
        assert f"| `{file}` |" in readme
    assert "make check REPO=~/my-alx-backend-python" in readme
    assert "make watch REPO=~/my-alx-backend-python" in readme


def test_the_lines_that_the_readme_shows_connect(own_server: None) -> None:
    readme = (STUBS / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    done = run("-c", f"{block}print(connection.is_connected())\nconnection.close()\n")
    assert (done.returncode, done.stdout) == (0, "True\n"), done


SOLVED = """\
import importlib, sys
sys.path.insert(0, {ours!r})
solution = importlib.import_module({name!r})
globals().update({{name: value for name, value in vars(solution).items() if name[0] != "_"}})
if "decorators" in {ours!r}:
    with_db_connection = importlib.import_module("1-with_db_connection").with_db_connection
sys.path.remove({ours!r})
import asyncio, functools, logging, sqlite3
from itertools import islice
if {name!r} == "0-log_queries":
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
"""


def solve(started: Path, exercise: str) -> str:
    """Put our own solution above the lines that an exercise runs, and return its docstring."""
    file = started / exercise
    text = file.read_text(encoding="utf-8")
    top = SOLVED.format(ours=str(OURS[exercise.split("/")[0]]), name=file.stem)
    guard = 'if __name__ == "__main__":\n'
    assert text.count(guard) == 1
    file.write_text(top + guard + text.split(guard)[1], encoding="utf-8")
    return ast.get_docstring(ast.parse(text)) or ""


def try_example(started: Path, exercise: str) -> None:
    """Run each command of an exercise's docstring, and compare what it prints; ... stands for anything."""
    example = solve(started, exercise)
    blocks = re.findall(r"^    \$ (.+)\n((?:    (?!\$ ).+\n)+)", example, re.MULTILINE)
    assert blocks
    folder = (started / exercise).parent
    variables = {**os.environ, "USERS_DB": str(folder / "users.db")}
    for command, expected in blocks:
        done = subprocess.run(
            command.replace("python3", f"'{sys.executable}'"),
            shell=True,
            cwd=folder,
            env=variables,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            timeout=60,
        )
        lines = [line.strip() for line in expected.splitlines()]
        pattern = ".*".join(map(re.escape, "\n".join(lines).split("...")))
        assert re.fullmatch(pattern, done.stdout.strip(), re.DOTALL), (command, done.stdout)


@pytest.mark.parametrize("exercise", [e for e in EXERCISES if "generators" not in e])
def test_the_example_is_what_a_solution_prints(started: Path, exercise: str) -> None:
    try_example(started, exercise)


@pytest.mark.parametrize("exercise", [e for e in EXERCISES if "generators" in e])
def test_the_example_is_what_a_solution_prints_on_mysql(prodev: str, started: Path, exercise: str) -> None:
    if not exercise.endswith("/seed.py"):
        run(GENERATORS / "seed.py")
    try_example(started, exercise)
