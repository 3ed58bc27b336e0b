"""`make watch`, as a learner goes through it: at a terminal, with an editor that saves."""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator

from checker.cards import card
from checker.model import ASKED, FIRST, Result
from checker.report import next_step, report
from checker.run import TASKS, check, wanted_tasks
from support import CONTEXT, DECORATORS, GENERATORS, ROOT, pseudo_terminals, skip_without_server_program

import pytest

OURS = {"generators": GENERATORS, "decorators": DECORATORS, "context": CONTEXT}
PATIENCE = 30  # seconds; nothing takes so long unless it never comes
FOOTER = re.compile(r"^  \[.*\]\n", re.MULTILINE)  # a card ends with it
CTRL_C, CTRL_D = "\x03", "\x04"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "checker.watch", *map(str, arguments)]


def variables_with(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "tests"), **more}


def run_start(*arguments: object, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "checker.start", *map(str, arguments)],
        env=variables_with(**variables),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


class Terminal:
    """A terminal in which one command runs, and what it has shown since the last look."""

    def __init__(self, *arguments: object, **variables: str) -> None:
        self.ours, theirs = pseudo_terminals().openpty()
        # The first terminal that a new session opens is the one whose Ctrl-C it gets.
        opened = ["sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(theirs)]
        self.process = subprocess.Popen(
            [*opened, *command(*arguments)], env=variables_with(**variables), start_new_session=True
        )
        self.theirs = theirs  # kept open: a terminal that nobody has open reads as ended
        self.shown = self.all_shown = ""

    def type(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def read(self, seconds: float) -> bool:
        """Take in what is shown within this time; tell whether there was something."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return False
        received = os.read(self.ours, 65536).decode().replace("\r", "")
        self.shown += received
        self.all_shown += received
        return True

    def wait_for(self, text: str | re.Pattern[str]) -> str:
        """Return what is shown up to this text, and forget it."""
        pattern = re.compile(re.escape(text)) if isinstance(text, str) else text
        deadline = time.monotonic() + PATIENCE
        while True:
            found = pattern.search(self.shown)
            if found:
                shown, self.shown = self.shown[: found.end()], self.shown[found.end() :]
                return shown
            ended = self.process.poll() is not None
            if not self.read(1) and (ended or time.monotonic() > deadline):
                raise AssertionError(f"{pattern.pattern!r} was not shown, but\n{self.shown}")

    def card(self) -> str:
        """Return the next card with its footer."""
        return self.wait_for(FOOTER)

    def end(self) -> tuple[int, str]:
        """Return the exit status, and all that was shown until the end."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        while self.read(0):
            pass
        return self.process.wait(timeout=0), self.shown

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `make start` wrote, which no test changes."""
    folder = tmp_path_factory.mktemp("started") / "mine"
    run_start(folder)
    return folder


@pytest.fixture
def repo(started: Path, tmp_path: Path) -> Path:
    """A folder that `make start` wrote, for a learner to work in."""
    return Path(shutil.copytree(started, tmp_path / "mine"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder for temporary files, which has to be empty in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def watch(repo: Path, place: Path) -> Iterator[Callable[..., Terminal]]:
    """A function that starts watch at a terminal, and agrees to it."""
    terminals = []

    def start(answer: str = "y", **variables: str) -> Terminal:
        terminal = Terminal(repo, TMPDIR=str(place), **variables)
        terminals.append(terminal)
        terminal.wait_for("Run it? [y/N] ")
        terminal.type(f"{answer}\n")
        return terminal

    yield start
    for terminal in terminals:
        terminal.close()
    wait_until(lambda: not list(place.iterdir()))


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def file_of(repo: Path, name: str) -> Path:
    """Return where the learner has the exercise `decorators/0`."""
    (task,) = (task for task in TASKS if task.name == name)
    return repo / task.stub.parent.name / task.file


def solve(file: Path, *bodies: str) -> None:
    """Save the exercise, with a body for each NotImplementedError, as an editor does that renames."""
    stub = next(task.stub for task in TASKS if task.file == file.name)
    text = stub.read_text(encoding="utf-8")
    for body in bodies:
        (line, *_) = re.findall(r"^ +raise NotImplementedError.*\n", text, re.MULTILINE)
        text = text.replace(line, body, 1)
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, file)


EXECUTE_INIT = "        self.query, self.params = query, params\n"
EXECUTE_ENTER = """\
        self.connection = sqlite3.connect("users.db")
        return self.connection.execute(self.query, self.params).fetchall()
"""
EXECUTE_EXIT = "        self.connection.close()\n"
LOG = """\
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        print(kwargs.get("query"))
        return func(*args, **kwargs)

    return wrapper
"""
ENDLESS = "    while True:\n        pass\n"
WELL_DONE = "ok         all that is asked, and all that good code promises beyond it"


def advice_about(card: str, name: str, label: str) -> tuple[str, str]:
    """Return the question and the hint for the promise of a task that a card shows as broken."""
    (promise,) = re.findall(rf"^  {label} +(.*)$", card, re.MULTILINE)
    (task,) = wanted_tasks([name])
    (advice,) = (probe.advice for probe in task.probes if probe.promise == promise)
    assert advice is not None
    return advice.question, advice.hint


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_an_exercise_is_solved_in_steps(repo: Path, watch: Callable[..., Terminal]) -> None:
    file = file_of(repo, "context/1")
    terminal = watch()
    card = terminal.card()
    assert "\n\ndecorators/0  log each query\n  not begun  Log every query without touching" in card
    assert f"\n  open       {file_of(repo, 'decorators/0')}\n" in card
    assert re.search(r"\n  read       python-decorators-0x01/README\.md#0-\S+ \(in this repository\)\n", card)
    assert "[0 of 13 exercises as asked, 0 complete; Enter: the exercise]" in card
    terminal.type("\n")
    exercise = terminal.card()
    assert "\nExample, from the twelve users in users.db:\n\n    $ python3 0-log_queries.py\n" in exercise
    assert "\nlog_queries\n    Log the SQL" in exercise
    assert "\n    Out: " in exercise
    assert exercise.endswith("\n  [Enter: the lesson]\n")
    terminal.type("\n")
    assert "\n## 0. Which queries run" in terminal.wait_for("\nIn production. ")
    terminal.type("\n")
    terminal.wait_for("  [nothing more to show; save the file to check it again]\n")

    solve(file, EXECUTE_INIT)
    card = terminal.card()
    assert card.startswith("\ncontext/1  the rows of one query\n  your turn  write ExecuteQuery.__enter__ in")

    solve(file, EXECUTE_INIT, EXECUTE_ENTER.replace("self.query, self.params", "self.query"), EXECUTE_EXIT)
    card = terminal.card()
    assert "WRONG      gives the rows of a query with a parameter" in card
    assert "1-execute.py, line" in card

    solve(file, EXECUTE_INIT, EXECUTE_ENTER, "        pass\n")
    card = terminal.card()
    assert "ok         gives the rows of a query with a parameter" in card
    assert "WRONG      the connection is closed after the block" in card
    question, hint = advice_about(card, "context/1", "WRONG")
    assert f"? {question}" in in_one_line(card)
    assert hint not in in_one_line(card)
    assert "0 of 13 exercises as asked, 0 complete; Enter: a hint]" in card

    terminal.type("\n")
    assert f"-> {hint} [Enter: the lesson]" in in_one_line(terminal.card())
    terminal.type("\n")
    (task,) = wanted_tasks(["context/1"])
    shown = terminal.wait_for("\nIn production. ")
    assert task.lesson[0] in shown
    assert "\n$ python3 1-execute.py\n" in shown
    for mark_up in ("<!--", "```", "**Notice.**"):
        assert mark_up in "".join(task.lesson)
        assert mark_up not in shown
    what = "(The commands in this lesson run this repository's scripts, in its folder python-context-async-"
    assert in_one_line(shown).startswith(what)
    terminal.type("\n")
    terminal.wait_for("  [nothing more to show; save the file to check it again]\n")

    solve(file, EXECUTE_INIT, EXECUTE_ENTER, EXECUTE_EXIT + "    def\n")
    card = terminal.card()
    assert re.search(r"1-execute\.py has a syntax error in line \d+", card)
    assert card.endswith("\n  [0 of 13 exercises as asked, 0 complete]\n")  # no lesson helps with that
    assert "README.md" not in card

    solve(file, EXECUTE_INIT, EXECUTE_ENTER, EXECUTE_EXIT)
    card = terminal.card()
    assert re.search(r"  ok         all that is asked, and \d+ of \d+ beyond it\n  beyond     ", card), card
    question, hint = advice_about(card, "context/1", "beyond")
    assert f"? {question}" in in_one_line(card)
    assert f"\n  next       context/3: {file_of(repo, 'context/3')}\n" in card
    assert card.endswith("\n  [1 of 13 exercises as asked, 0 complete; Enter: a hint]\n")

    terminal.type(CTRL_C)
    assert terminal.end() == (130, "^C")


@pytest.mark.parametrize("name", [task.name for task in TASKS])
def test_a_lesson_fits_the_terminal_and_its_code_can_be_pasted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    (task,) = wanted_tasks([name])
    *_, lesson = card(Result(task, state="not begun"), "a path").steps
    shown = "\n".join(lesson.lines)
    blocks = re.findall(r"^```\w+\n(.*?)^```$", "\n".join(task.lesson), re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        assert f"\n{block}" in shown
        shown = shown.replace(f"\n{block}", "\n", 1)
    assert [line for line in shown.splitlines() if len(line) > 70 and not line.startswith("#")] == []
    assert max(len(line) for line in shown.splitlines()) > 60  # and it is not left as it was


NEVER_COMMITS = """\
import sqlite3

class DatabaseConnection:
    def __init__(self, path="users.db"):
        self.path = path
    def __enter__(self):
        self.connection = sqlite3.connect(self.path)
        return self.connection
    def __exit__(self, *error):
        self.connection.close()
"""


def copy_helpers(repo: Path) -> None:
    """Copy all that our solutions import, and no exercise."""
    exercises = {task.file for task in TASKS}
    for project, folder in OURS.items():
        (target,) = {task.stub.parent.name for task in TASKS if task.project == project}
        for path in folder.glob("*.py"):
            if not (repo / target / path.name).exists():
                assert path.name not in exercises or path.name == "seed.py"
                shutil.copy(path, repo / target)


def test_our_own_solutions_come_to_the_end_of_all_thirteen(
    repo: Path, watch: Callable[..., Terminal]
) -> None:
    skip_without_server_program()
    copy_helpers(repo)
    terminal = watch()
    terminal.card()

    shutil.copy(GENERATORS / "0-stream_users.py", file_of(repo, "generators/0"))
    card = terminal.card()
    assert "(starting a MySQL server, just this once)" in card
    assert "your turn  first write connect_to_prodev in seed.py" in card

    helper = file_of(repo, "context/0").with_name("my_helper.py")
    helper.touch()
    for done, task in enumerate(TASKS, 1):
        if done > 2:
            assert f"\n{task.name}  {task.title}\n  not begun  " in terminal.card()
        file = file_of(repo, task.name)
        if task.name != "generators/0":  # that is checked as soon as the seed is right
            shutil.copy(OURS[task.project] / task.file, file)
        if task.name == "context/0":
            file.write_text(file.read_text() + "\nfrom my_helper import *\n")
        if task.name == "context/3":
            helper.write_text(NEVER_COMMITS)  # nothing at hand uses it
        card = terminal.card()
        footer = f"  [{done} of 13 exercises as asked, {done} complete]"
        assert f"\n{task.name}  {task.title}\n  {WELL_DONE}\n{footer}" in card

    card = terminal.card()
    assert "Checking once more what may have changed since ...\n\ncontext/0  " in card
    assert "\n  beyond     " in card
    helper.write_text("")
    terminal.wait_for("[13 of 13 exercises as asked, 13 complete]\n")
    assert terminal.end() == (0, "\nAll 13 exercises are right, as asked and beyond.\n")
    assert terminal.all_shown.count("starting a MySQL server") == 1


def test_ctrl_c_ends_a_check_that_runs(repo: Path, place: Path, watch: Callable[..., Terminal]) -> None:
    terminal = watch()
    terminal.card()
    solve(file_of(repo, "decorators/0"), ENDLESS)
    wait_until(lambda: list(place.glob("check-*/*/exercise/*/0-log_queries.py")))
    terminal.wait_for("decorators/0  log each query\n")
    terminal.type(CTRL_C)
    assert terminal.end() == (130, "^C")


def test_the_end_of_the_input_is_the_end(repo: Path, watch: Callable[..., Terminal]) -> None:
    terminal = watch()
    terminal.card()
    terminal.type(CTRL_D)
    assert terminal.end()[0] == 0


def test_a_save_while_a_check_runs_starts_it_again(
    repo: Path, place: Path, watch: Callable[..., Terminal]
) -> None:
    terminal = watch()
    terminal.card()
    solve(file_of(repo, "decorators/0"), ENDLESS)
    wait_until(lambda: list(place.glob("check-*/*/exercise/*/0-log_queries.py")))
    terminal.type("\n")  # there is nothing to show yet, so it shows nothing later
    solve(file_of(repo, "decorators/0"), LOG)
    card = terminal.card()
    assert card.count("decorators/0  log each query") == 1
    assert "ok         all that is asked" in card
    assert card.endswith("Enter: a hint]\n")
    file_of(repo, "decorators/1").touch()
    assert terminal.card().startswith("\ndecorators/1  ")
    terminal.type(CTRL_C)
    assert terminal.end() == (130, "^C")


def test_a_save_of_another_exercise_takes_the_place_of_a_check_that_runs(
    repo: Path, place: Path, watch: Callable[..., Terminal]
) -> None:
    terminal = watch()
    terminal.card()
    solve(file_of(repo, "decorators/0"), ENDLESS)
    wait_until(lambda: list(place.glob("check-*/*/exercise/*/0-log_queries.py")))
    solve(file_of(repo, "decorators/1"), "    return func\n")
    card = terminal.card()
    assert card.startswith(
        "\ndecorators/0  log each query\n\ndecorators/1  open and close the connection\n  "
    )


def test_a_file_that_vanishes_and_one_that_is_no_solution_are_no_save(
    repo: Path, watch: Callable[..., Terminal]
) -> None:
    first, second = file_of(repo, "decorators/0"), file_of(repo, "decorators/1")
    heading = "\ndecorators/1  open and close the connection\n  not begun  Give a function"
    terminal = watch()
    terminal.card()
    first.rename(first.with_suffix(".bak"))
    first.with_suffix(".txt").write_text("notes")
    second.touch()
    assert terminal.card().startswith(heading)
    first.with_suffix(".bak").rename(first)  # it comes back as it was
    os.utime(second, (1, 1))  # what was saved, though the other file is newer
    assert terminal.card().startswith(heading)
    first.unlink()
    solve(first, LOG)
    assert "\ndecorators/0  log each query\n  ok         all that is asked" in terminal.card()


def test_of_two_files_saved_at_once_the_later_one_counts(repo: Path, watch: Callable[..., Terminal]) -> None:
    terminal = watch()
    terminal.card()
    for seconds, name in ((2, "decorators/2"), (3, "decorators/3"), (1, "decorators/1")):
        os.utime(file_of(repo, name), (seconds, seconds))
    assert terminal.card().startswith("\ndecorators/3  ")


def test_a_helper_counts_for_the_exercise_at_hand(repo: Path, watch: Callable[..., Terminal]) -> None:
    file = file_of(repo, "decorators/0")
    terminal = watch()
    terminal.card()
    solve(file, "    from helper import say\n" + LOG.replace("print", "say"))
    assert "No module named 'helper'" in terminal.card()
    file_of(repo, "context/0").with_name("helper.py").write_text("say = print\n")
    file.with_name("helper.py").write_text("say = print\n")
    card = terminal.card()
    assert card.count("decorators/0  log each query") == 1
    assert "ok         all that is asked" in card


def test_what_is_not_installed_is_said_and_waited_for(repo: Path, watch: Callable[..., Terminal]) -> None:
    terminal = watch()
    terminal.card()
    file = file_of(repo, "decorators/0")
    file.write_text("import no_such_package\n")
    card = terminal.card()
    assert "not tried  0-log_queries.py imports 'no_such_package'" in card
    assert " -> " in card
    assert "pip install no_such_package" in in_one_line(card)
    solve(file, LOG)
    assert terminal.card().startswith("\ndecorators/0  ")


def test_a_path_to_open_can_be_pasted_whatever_the_folder_s_name(started: Path, tmp_path: Path) -> None:
    repo = Path(shutil.copytree(started, tmp_path / "my exercises [ü]"))
    terminal = Terminal(repo, "--yes")
    try:
        assert f"\n  open       '{file_of(repo, 'decorators/0')}'\n" in terminal.card()
    finally:
        terminal.close()


def test_it_begins_with_the_file_that_was_saved_last(repo: Path, watch: Callable[..., Terminal]) -> None:
    solve(file_of(repo, "decorators/0"), LOG)
    solve(file_of(repo, "decorators/2"), "    return func\n")
    file_of(repo, "context/0").touch()  # saved, and not begun
    card = watch().card()
    assert "Checking what you have so far ..." in card
    assert "\ndecorators/2  commit or roll back\n" in card
    assert "[1 of 13 exercises as asked, 0 complete; " in card


def test_after_the_last_exercise_of_a_project_come_those_that_were_passed_over(
    repo: Path, watch: Callable[..., Terminal]
) -> None:
    copy_helpers(repo)
    solve(file_of(repo, "context/1"), EXECUTE_INIT, EXECUTE_ENTER, EXECUTE_EXIT)
    terminal = watch()
    assert "next       context/3: " in terminal.card()
    shutil.copy(CONTEXT / "3-concurrent.py", file_of(repo, "context/3"))
    assert "\ncontext/3  " in terminal.card()
    assert "\ncontext/0  a connection for one with block" in terminal.card()


def test_a_missing_exercise_is_said_to_be_missing(repo: Path, watch: Callable[..., Terminal]) -> None:
    file_of(repo, "decorators/0").unlink()
    card = watch().card()
    assert "not found  there is no 0-log_queries.py in python-decorators-0x01; make start writes what" in card


def test_without_a_terminal_there_are_lines_only_and_hints_at_once(
    repo: Path, place: Path, tmp_path: Path
) -> None:
    file, output = file_of(repo, "context/1"), tmp_path / "output"
    solve(file, EXECUTE_INIT, EXECUTE_ENTER, "        pass\n")
    with output.open("w") as stream:
        process = subprocess.Popen(
            command("--yes", repo),
            env=variables_with(TMPDIR=str(place)),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    try:
        wait_until(lambda: output.read_text().count("\n  read ") == 1)
        file.touch()
        wait_until(lambda: output.read_text().count("\n  read ") == 2)
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 143
    cards = output.read_text().split("\ncontext/1  the rows of one query\n")[1:]
    assert len(cards) == 2
    question, hint = advice_about(cards[0], "context/1", "WRONG")
    assert f"? {question} -> {hint} read " in in_one_line(cards[0])
    assert cards[0].splitlines()[-1].startswith("  read ")  # no progress, and no key to press
    assert not list(place.iterdir())


@pytest.mark.parametrize("answer", ["", "n"])
def test_without_a_yes_nothing_runs(answer: str, watch: Callable[..., Terminal]) -> None:
    assert watch(answer).end() == (2, f"{answer}\nNothing was run.\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            [""],
            "make watch: error: name the folder with your solutions: make watch REPO=~/my-alx-backend-python",
        ),
        (["nowhere"], "make watch: error: REPO is not a folder: 'nowhere'"),
        (["make"], "make watch: error: no exercise folder in 'make'; looked for python-generators-0x00,"),
        (
            ["python-decorators-0x01"],
            f"that's one project; name the folder above it: REPO={shlex.quote(str(ROOT))}\n",
        ),
        (["."], "make watch: nobody can be asked here; add YES=1 to run it"),
    ],
)
def test_what_cannot_be_watched_is_a_clear_error(arguments: list[str], problem: str) -> None:
    done = subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=variables_with(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert problem in done.stderr


# make check


def test_code_may_change_the_encoding_of_what_it_prints(repo: Path) -> None:
    text = 'import sys\nsys.stdout.reconfigure(errors="replace")\n'
    solve(file_of(repo, "decorators/0"), LOG)
    with file_of(repo, "decorators/0").open("a") as file:
        file.write(text)
    (result,) = check(repo, None, wanted_tasks(["decorators/0"]))
    assert result.score(ASKED) == (2, 2)


def test_an_exercise_that_nobody_began_is_said_to_be_not_begun(repo: Path) -> None:
    together = list(check(repo, None))
    alone = [result for task in TASKS for result in check(repo, None, [task])]
    for results in (together, alone):
        assert [result.task for result in results] == TASKS
        assert {(result.state, result.sentence) for result in results} == {("not begun", "")}
        assert " ".join(report(results)).count("  not begun") == len(TASKS)
    assert next_step(together).startswith(f"begin {FIRST} (")  # as `make start` says


def test_the_next_step_stays_in_the_project_that_was_begun(repo: Path) -> None:
    solve(file_of(repo, "context/1"), EXECUTE_INIT, EXECUTE_ENTER, EXECUTE_EXIT)
    assert next_step(check(repo, None)).startswith("begin context/0 (")


def test_what_another_exercise_has_to_bring_is_named(repo: Path) -> None:
    solve(file_of(repo, "decorators/2"), "    return func\n")
    (result,) = check(repo, None, wanted_tasks(["decorators/2"]))
    (wrong,) = (verdict for verdict in result.verdicts if verdict.probe.promise.startswith("runs by itself"))
    assert wrong.sentence == "first write with_db_connection in 1-with_db_connection.py"


# The session that the README shows

ACTION = re.compile(r"^(?:\$ .*|(?:#.*\n)*#.*)$", re.MULTILINE)
ENTER = "# You press Enter"


def test_the_readme_shows_a_true_session(tmp_path: Path) -> None:
    """In the block, a line with `$` is a command, and lines with `#` say what the learner does in between.

    Code there, four spaces in, takes the place of the line with NotImplementedError in the first exercise.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (session,) = re.findall(r"^```console\n(\$ make start DIR=.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    actions, outputs = ACTION.findall(session), ACTION.split(session)[1:]
    place = tmp_path / "temporary"
    place.mkdir()
    start, watch, *rest = zip(actions, outputs)
    variables = {"HOME": str(tmp_path), "TMPDIR": str(place)}
    assert_shown(start[1], run_start(start[0].split("DIR=")[1], **variables), tmp_path)

    folder = watch[0].split("REPO=")[1]
    terminal = Terminal(folder, **variables)
    try:
        shown = terminal.wait_for("[y/N] ")
        terminal.type("y\n")
        assert_shown(watch[1], shown + terminal.card(), tmp_path)
        for action, output in rest:
            if action == ENTER:
                terminal.type("\n")
            else:
                code = "".join(f"{line}\n" for line in re.findall(r"^# (    .*)$", action, re.MULTILINE))
                solve(file_of(tmp_path / folder[2:], "decorators/0"), code)
            assert_shown(output, terminal.card(), tmp_path)
    finally:
        terminal.close()
    wait_until(lambda: not list(place.iterdir()))


def assert_shown(expected: str, shown: str, home: Path) -> None:
    """Compare what is shown with the page, where `...` stands for anything, and whose home is /home/ada."""
    shown = shown.replace(str(home), "/home/ada")
    pattern = re.escape(expected.strip()).replace(r"\.\.\.", ".*")
    assert re.fullmatch(pattern, shown.strip(), re.DOTALL), (
        f"{shown}\nis not what the README shows:\n{expected}"
    )
