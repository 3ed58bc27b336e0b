"""`make check`: our own solutions get full marks, typical ones what they deserve, and each fault its name."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

from checker.probing import ASKED, RIGHT
from checker.report import report, total
from checker.run import TASKS, check
from support import ROOT, environment, throwaway_server

import pytest

SOLUTIONS = ROOT / "tests" / "checker" / "solutions"
DECORATORS = "python-decorators-0x01"

Report = Callable[..., str]


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    """A throwaway server for this file: the checker drops every database that it finds."""
    with throwaway_server() as settings:
        yield settings


@pytest.fixture
def report_on(request: pytest.FixtureRequest) -> Report:
    """A function that checks one task of a solution, and returns the report as one line of text."""

    def check_one(repo: Path, task: str, limit: float = 20) -> str:
        settings = request.getfixturevalue("server") if task.startswith("generators") else None
        return " ".join(" ".join(report(check(repo, settings, [task], limit))).split())

    return check_one


def solution(folder: Path, text: str, name: str = f"{DECORATORS}/1-with_db_connection.py") -> Path:
    """Write a solution of one file, and return its checkout."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_our_own_solutions_get_full_marks_in_both_levels(server: dict[str, str]) -> None:
    results = check(ROOT, server)
    assert [result.task.name for result in results] == [task.name for task in TASKS.values()]
    for level in (ASKED, RIGHT):
        kept, promised = total(results, level)
        assert kept == promised > 0, "\n".join(report(results))


def test_what_most_learners_write_works_as_asked_and_is_not_right(server: dict[str, str]) -> None:
    results = check(SOLUTIONS / "typical", server)
    kept, promised = total(results, ASKED)
    assert kept == promised, "\n".join(report(results))
    kept, promised = total(results, RIGHT)
    assert kept < promised


@pytest.mark.parametrize(
    "task", ["generators/0", "generators/1", "generators/2", "decorators/3", "context/0", "context/1"]
)
def test_other_shapes_that_the_curriculum_allows_work_as_asked(task: str, report_on: Report) -> None:
    asked = re.search(r"asked: (\d) of (\d) ", report_on(SOLUTIONS / "varied", task))
    assert asked is not None
    assert asked[1] == asked[2]


@pytest.mark.parametrize(
    ("name", "task", "sentence"),
    [
        ("unread_result", "generators/0", "leaving after 6 of 30 users raised InternalError: Unread result"),
        ("error_printed", "generators/0", "without the table user_data the stream ended as if complete"),
        ("everything_at_once", "generators/0", "all 3000 rows had been read when the first user was"),
        ("seeded_twice", "generators/seed", "had 1000 rows, and after the second time 2000"),
        ("lost_batch", "generators/1", "batches of 12 from 30 users: expected [12, 12, 6], got [12, 12]"),
        ("endless_pages", "generators/2", "there is no end: 20 pages of 10 came from a table of 35 users"),
        ("no_order", "generators/2", "there is no ORDER BY in: SELECT * FROM user_data LIMIT 10 OFFSET 0"),
        ("average_of_nothing", "generators/4", "raised ZeroDivisionError: division by zero"),
        ("syntax_error", "decorators/0", "0-log_queries.py has a syntax error in line 4:"),
        ("ends_the_process", "decorators/1", "the code ended the whole process (exit status 3)"),
        ("calls_home", "decorators/1", "is not allowed while it is checked"),
        ("error_swallowed", "decorators/2", "KeyError halfway: the caller got None instead of the error"),
        ("retries_everything", "decorators/3", "function that raises TypeError was called 3 times, not once"),
        ("sleeps_after_the_last", "decorators/3", "3 calls that failed had 3 pauses, one after the last"),
        ("stale_cache", "decorators/4", "rows after another program renamed user 1: expected [('Renamed',)"),
        ("lost_write", "context/0", "in the block: expected new@mail.test, got user1@mail.test"),
        ("open_after_a_failure", "context/1", "a table that is not there the connection was still open"),
    ],
)
def test_a_typical_fault_is_found_and_named(name: str, task: str, sentence: str, report_on: Report) -> None:
    assert sentence in report_on(SOLUTIONS / name, task)


def test_a_loop_without_end_is_the_result_of_its_task_alone(tmp_path: Path, report_on: Report) -> None:
    solution(tmp_path, "while True:\n    pass\n")
    assert "the code did not end within 0.5 seconds" in report_on(tmp_path, "decorators/1", limit=0.5)
    solution(tmp_path, (ROOT / DECORATORS / "0-log_queries.py").read_text(), f"{DECORATORS}/0-log_queries.py")
    assert "the code did not end" not in report_on(tmp_path, "decorators/0")


def test_a_password_of_the_code_is_not_printed_even_if_an_error_has_it(
    tmp_path: Path, report_on: Report
) -> None:
    (tmp_path / ".env").write_text("DB_PASSWORD=hunter22\n")
    text = 'import os\nfrom dotenv import load_dotenv\nload_dotenv()\npassword = "tr0ub4dor"\n'
    text += 'raise ValueError("no access with " + password + os.environ["DB_PASSWORD"])\n'
    found = report_on(solution(tmp_path, text), "decorators/1")
    assert "ValueError: no access with ******" in found
    assert "hunter22" not in found
    assert "tr0ub4dor" not in found


def test_the_checkout_is_not_changed_and_nothing_outside_the_copy_is_written(
    tmp_path: Path, report_on: Report
) -> None:
    target = tmp_path / "elsewhere.txt"
    text = f"open('notes.txt', 'w').write('inside')\nopen({str(target)!r}, 'w')\n"
    repo = solution(tmp_path / "repo", text)
    before = fingerprint(repo)
    found = report_on(repo, "decorators/1")
    assert f"PermissionError: changing '{target}' is not allowed while it is checked" in found
    assert fingerprint(repo) == before
    assert not target.exists()


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_code_does_not_see_the_environment_of_the_checker(tmp_path: Path, report_on: Report) -> None:
    with environment({"MY_TOKEN_OF_SOMETHING": "x"}):
        repo = solution(tmp_path, "import os\nraise ValueError(sorted(os.environ))\n")
        assert "MY_TOKEN_OF_SOMETHING" not in report_on(repo, "decorators/1")


def test_the_code_cannot_start_another_program(tmp_path: Path, report_on: Report) -> None:
    repo = solution(tmp_path, "import subprocess\nsubprocess.run(['true'])\n")
    assert "PermissionError: starting another program is not allowed" in report_on(repo, "decorators/1")


def test_what_is_missing_is_said(tmp_path: Path, report_on: Report) -> None:
    repo = solution(tmp_path, "")
    assert f"not found: there is no 2-transactional.py in {DECORATORS}" in report_on(repo, "decorators/2")
    assert "not found: there is no folder like python-generators-0x00" in report_on(repo, "generators/0")


def test_every_task_links_to_a_heading_of_a_readme() -> None:
    for task in TASKS.values():
        readme, anchor = task.link.split("#")
        text = (ROOT / readme).read_text(encoding="utf-8")
        headings = [line[3:].lower() for line in text.splitlines() if line.startswith("## ")]
        assert anchor in [re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings]


def run_checker(*arguments: str) -> subprocess.CompletedProcess[str]:
    with environment({"PYTHONPATH": str(ROOT / "tests")}):
        return subprocess.run(
            [sys.executable, "-m", "checker", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )


def test_the_report_in_the_readme_is_what_is_printed(server: dict[str, str]) -> None:
    done = run_checker("tests/checker/solutions/unread_result", "--only", "generators/0")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"ONLY=generators/0\n{done.stdout}```\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_exit_status_tells_whether_all_that_is_asked_works() -> None:
    done = run_checker("tests/checker/solutions/syntax_error", "--only", "decorators/0")
    assert done.returncode == 1
    assert done.stdout.startswith("This runs the Python code in tests/checker/solutions/syntax_error")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([""], "name the checkout: make check REPO=~/my-alx-backend-python"),
        (["nowhere"], "REPO is not a folder: 'nowhere'"),
        (["make"], "no exercise folder in 'make'; looked for python-generators-0x00,"),
        ([".", "--only", "decorators/9"], "there is no task 'decorators/9'; there are generators/seed,"),
        ([".", "--limit", "0"], "--limit must be more than 0 seconds, not 0"),
    ],
)
def test_what_cannot_be_checked_is_a_clear_error(arguments: list[str], problem: str) -> None:
    done: Any = run_checker(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr
