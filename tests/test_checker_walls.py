"""`make check`: what surrounds a learner's code, and the command line."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from checker.report import report
from checker.run import check, wanted_tasks
from support import ROOT, environment, pseudo_terminals, skip_without_server_program

import pytest

DECORATORS = "python-decorators-0x01"
ENDLESS = "import time, pathlib\nwhile True:\n    pass\n"


def solution(folder: Path, text: str) -> Path:
    """Write a solution of one file, and return its checkout."""
    (folder / DECORATORS).mkdir(parents=True, exist_ok=True)
    (folder / DECORATORS / "1-with_db_connection.py").write_text(text, encoding="utf-8")
    return folder


def report_on(repo: Path) -> str:
    """Return the report on the one file as one line of text."""
    return " ".join(" ".join(report(check(repo, None, wanted_tasks(["decorators/1"])))).split())


def test_a_password_of_the_code_is_not_printed_even_if_an_error_has_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DB_PASSWORD=hunter22\n")
    text = 'import os\nfrom dotenv import load_dotenv\nload_dotenv()\npassword = "tr0ub4dor"\n'
    text += 'key = os.getenv("SOME_PASSWORD", "c0rrect")\nprint("with", key)\n'
    text += 'raise ValueError("no access with " + password + os.environ["DB_PASSWORD"])\n'
    found = report_on(solution(tmp_path, text))
    assert "ValueError: no access with ******" in found
    assert "it printed last: with ***" in found
    assert all(secret not in found for secret in ("hunter22", "tr0ub4dor", "c0rrect"))


def test_a_common_word_is_not_masked_because_it_is_somebody_s_password(tmp_path: Path) -> None:
    text = 'password = "root"\nnames = ["user", "password", "table"]\nraise ValueError("no root, no table")\n'
    assert "ValueError: no root, no table" in report_on(solution(tmp_path, text))


def test_the_checkout_is_not_changed_and_nothing_outside_the_copy_is_written(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.txt"
    text = f"open('notes.txt', 'w').write('inside')\nopen({str(target)!r}, 'w')\n"
    repo = solution(tmp_path / "repo", text)
    before = fingerprint(repo)
    found = report_on(repo)
    assert f"PermissionError: changing '{target}' is not allowed while it is checked" in found
    assert fingerprint(repo) == before
    assert not target.exists()


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="this system has no files in memory")
def test_a_file_in_memory_is_outside_too(tmp_path: Path) -> None:
    target = Path("/dev/shm", f"{os.getpid()}-{tmp_path.name}")
    found = report_on(solution(tmp_path, f"open({str(target)!r}, 'w')\n"))
    assert f"PermissionError: changing '{target}' is not allowed while it is checked" in found
    assert not target.exists()


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_code_does_not_see_the_environment_of_the_checker(tmp_path: Path) -> None:
    with environment({"MY_TOKEN_OF_SOMETHING": "x"}):
        repo = solution(tmp_path, "import os\nraise ValueError(sorted(os.environ))\n")
        assert "MY_TOKEN_OF_SOMETHING" not in report_on(repo)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("import subprocess\nsubprocess.run(['true'])\n", "starting another program is not allowed"),
        ("import os\nos.system('true')\n", "starting another program is not allowed"),
        (
            "import socket\nsocket.create_connection(('192.0.2.1', 80))\n",
            "is not allowed while it is checked",
        ),
    ],
)
def test_the_code_stays_inside_its_walls(text: str, refusal: str, tmp_path: Path) -> None:
    assert f"PermissionError: {refusal}" in report_on(solution(tmp_path, text)) or refusal in report_on(
        tmp_path
    )


@pytest.mark.parametrize(
    ("text", "how"),
    [("os._exit(3)", "exit status 3"), ("os.kill(os.getpid(), 15)", "signal SIGTERM")],
)
def test_how_the_code_ended_the_process_is_told(text: str, how: str, tmp_path: Path) -> None:
    found = report_on(solution(tmp_path, f"import os\n{text}\n"))
    assert f"the code ended the whole process ({how})" in found


# The command line


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "checker", *arguments]


def run_checker(*arguments: str) -> subprocess.CompletedProcess[str]:
    with environment({"PYTHONPATH": str(ROOT / "tests")}):
        return subprocess.run(
            command(*arguments),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )


def test_the_exit_status_tells_whether_all_that_is_asked_works() -> None:
    done = run_checker("tests/checker/solutions/syntax_error", "--only", "decorators/0", "--yes")
    assert done.returncode == 1
    assert done.stdout.startswith("This runs the Python code in tests/checker/solutions/syntax_error")
    skip_without_server_program()
    done = run_checker("tests/checker/solutions/unread_result", "--only", "generators/0", "--yes")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([""], "name the folder with your solutions: make check REPO=~/my-alx-backend-python"),
        (["nowhere"], "REPO is not a folder: 'nowhere' (a name with blanks goes in quotes:"),
        (["make"], "no exercise folder in 'make'; looked for python-generators-0x00,"),
        (["make"], "python-context-async-perations-0x02; to begin, write them with: make start DIR=make"),
        (["--repos", "it's"], 'REPOS="it\'s": No closing quotation'),
        (
            [".", "--only", "decorators/9"],
            "there is no 'decorators/9'; ONLY is one of generators, decorators, context, generators/seed,",
        ),
        ([".", "--hints", "3"], "HINT must be 0, 1 or 2, not '3'"),
        ([".", "--csv", "/nowhere/x.csv"], "cannot write the CSV file '/nowhere/x.csv'"),
        (["python-decorators-0x01"], "error: that's one project; name the folder above it: REPO="),
        ([".", "--limit", "0"], "--limit must be more than 0 seconds, not 0"),
    ],
)
def test_what_cannot_be_checked_is_a_clear_error(arguments: list[str], problem: str) -> None:
    done = run_checker(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr
    assert "usage: make check REPO=FOLDER [ONLY=generators/0] [HINT=2] [YES=1]" in done.stderr


def test_names_of_many_checkouts_may_be_quoted_as_in_a_shell(tmp_path: Path) -> None:
    names = ["with blanks", "it's"]
    for name in names:
        solution(tmp_path / name, "x = 1\n")
    text = f"'{tmp_path / names[0]}'  \"{tmp_path / names[1]}\""
    done = run_checker("--repos", text, "--only", "decorators/1", "--yes")
    lines = done.stdout.splitlines()[-2:]
    assert [line.split("  ")[0] for line in lines] == [str(tmp_path / name) for name in names], done


def test_a_checkout_that_is_only_named_like_a_project_is_checked(tmp_path: Path) -> None:
    repo = solution(tmp_path / "python-decorators-and-more", "x = 1\n")
    assert "asked:  0 of 3" in run_checker(str(repo), "--only", "decorators/1", "--yes").stdout


def test_of_many_checkouts_a_bad_one_has_its_line_and_the_others_are_checked(tmp_path: Path) -> None:
    good, one = solution(tmp_path / "good", "x = 1\n"), tmp_path / "good" / DECORATORS
    table = tmp_path / "all.csv"
    options = ["--only", "decorators/1", "--yes", "--csv", str(table)]
    done = run_checker(str(tmp_path / "nowhere"), str(one), str(good), *options)
    first, second, third = (line.split(maxsplit=1)[1] for line in done.stdout.splitlines()[-3:])
    assert first.startswith("REPO is not a folder: '")
    assert second == f"that's one project; name the folder above it: REPO={good}"
    assert third.startswith("asked 0 of 3")
    assert done.returncode == 1
    states = [line.split(",")[2] for line in table.read_text(encoding="utf-8").splitlines()[1:]]
    assert states == ["not checked", "not checked", "broken"]


def test_without_a_terminal_nothing_runs_unless_it_is_told_to(tmp_path: Path) -> None:
    done = run_checker(str(solution(tmp_path, "")))
    assert done.returncode == 2
    assert done.stderr == "make check: nobody can be asked here; add YES=1 to run it\n"


@pytest.mark.parametrize(("answer", "runs"), [("y", True), ("", False), ("n", False), ("quit", False)])
def test_only_yes_runs_it(answer: str, runs: bool, tmp_path: Path) -> None:
    ours, theirs = pseudo_terminals().openpty()
    with environment({"PYTHONPATH": str(ROOT / "tests")}):
        process = subprocess.Popen(
            command(str(solution(tmp_path, "")), "--only", "decorators/1"),
            stdin=theirs,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    output = process.communicate(timeout=60)[0]
    os.close(ours)
    assert "Run it? [y/N]" in output
    assert ("asked:" in output) == runs
    assert ("Nothing was run." in output) != runs
    assert process.returncode == (1 if runs else 2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_it_quietly_and_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    repo = solution(tmp_path / "repo", ENDLESS)
    with environment({"PYTHONPATH": str(ROOT / "tests"), "TMPDIR": str(place)}):
        process = subprocess.Popen(
            command(str(repo), "--only", "decorators/1", "--limit", "60", "--yes"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    wait_until(lambda: bool(list(place.glob("check-*/*/exercise/*/users.db"))))
    process.send_signal(number)
    errors = process.communicate(timeout=30)[1]
    assert errors == ""
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number)
    wait_until(lambda: not list(place.iterdir()))


def wait_until(condition: object) -> None:
    assert callable(condition)
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 30 seconds")
