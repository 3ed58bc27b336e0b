"""`make check`: our own solutions get full marks, typical ones what they deserve, and each fault its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Iterator

from checker.checkout import locate
from checker.model import ASKED, BEYOND, NOT_TRIED, OK, WRONG, Result
from checker.report import next_step, report, total
from checker.run import TASKS, check, wanted_tasks
from support import ROOT, throwaway_server

import pytest

SOLUTIONS = ROOT / "tests" / "checker" / "solutions"
GENERATORS, DECORATORS = "python-generators-0x00", "python-decorators-0x01"
CONTEXT = "python-context-async-perations-0x02"

CheckOne = Callable[..., Result]


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    """A throwaway server for this file: the checker drops every database that it finds."""
    with throwaway_server() as settings:
        yield settings


@pytest.fixture
def check_one(request: pytest.FixtureRequest) -> CheckOne:
    """A function that checks one task of a checkout, and returns its result."""

    def check_one(repo: Path, task: str, limit: float = 20) -> Result:
        settings = request.getfixturevalue("server") if task.startswith("generators") else None
        (result,) = check(repo, settings, wanted_tasks([task]), limit)
        return result

    return check_one


def text_of(*results: Result) -> str:
    """Return the report as one line of text."""
    return " ".join(" ".join(report(results)).split())


def solution(folder: Path, text: str, name: str = f"{DECORATORS}/1-with_db_connection.py") -> Path:
    """Write a solution of one file, and return its checkout."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_our_own_solutions_get_full_marks_in_both_levels(server: dict[str, str]) -> None:
    results = list(check(ROOT, server))
    assert [result.task.name for result in results] == [task.name for task in TASKS]
    assert {verdict.outcome for result in results for verdict in result.verdicts} == {OK}, text_of(*results)
    assert next_step(results) == "nothing, everything is right"
    assert next_step(results[:1], only=True) == "the other exercises; everything here is right"


def test_without_a_server_the_next_step_says_so(tmp_path: Path) -> None:
    ask = "without a MySQL server; ask an administrator for mariadb-server-core mariadb-client-core"
    only = wanted_tasks(["generators"])
    assert next_step(check(ROOT, None, only), only=True) == f"nothing could be tried {ask}"
    right = "all that could be tried is right; the generators can't be tried"
    assert next_step(check(ROOT, None)) == f"{right} {ask}"
    solved = tmp_path / "solved"
    for project in ("decorators-0x01", "context-async-operations-0x02"):
        (solved / f"python-{project}").parent.mkdir(exist_ok=True)
        (solved / f"python-{project}").symlink_to(ROOT / f"python-{project}")
    step = next_step(check(solved, None))
    assert step.startswith("begin generators/seed (")
    assert step.endswith(f"; it can't be tried {ask}")
    (solved / "python-context-async-operations-0x02").unlink()
    solution(solved, "x = 1\n", f"{GENERATORS}/0-stream_users.py")  # begun, and still the others come first
    assert next_step(check(solved, None)).startswith("begin context/0 (")


def test_the_readme_shows_a_true_report(check_one: CheckOne) -> None:
    result = check_one(SOLUTIONS / "unread_result", "generators/0")
    assert "\n".join(report([result])) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_most_learners_write_works_as_asked_and_not_beyond(server: dict[str, str]) -> None:
    results = list(check(SOLUTIONS / "typical", server))
    kept, promised = total(results, ASKED)
    assert kept == promised, text_of(*results)
    kept, promised = total(results, BEYOND)
    assert kept < promised
    assert NOT_TRIED not in {verdict.outcome for result in results for verdict in result.verdicts}
    assert next_step(results).startswith(
        "mend generators/seed until this is ok: seeding again adds nobody twice"
    )


@pytest.mark.parametrize(
    "task", ["generators/0", "generators/1", "generators/2", "decorators/3", "context/0", "context/1"]
)
def test_other_shapes_that_the_curriculum_allows_work_as_asked(task: str, check_one: CheckOne) -> None:
    result = check_one(SOLUTIONS / "varied", task)
    kept, promised = result.score(ASKED)
    assert kept == promised, text_of(result)


@pytest.mark.parametrize(
    ("name", "task", "sentence"),
    [
        ("unread_result", "generators/0", "leaving after 6 of 30 users raised InternalError: Unread result"),
        ("error_printed", "generators/0", "without the table user_data it ended as if complete"),
        ("everything_at_once", "generators/0", "all 3000 rows had been read when the first user was"),
        ("seeded_twice", "generators/seed", "had 3 rows, and after the second time 6"),
        ("lost_batch", "generators/1", "batches of 12 from 30 users: expected [12, 12, 6], got [12, 12]"),
        ("endless_pages", "generators/2", "there is no end: 20 pages of 10 came from a table of 35 users"),
        ("no_order", "generators/2", "there is no ORDER BY in: SELECT * FROM user_data LIMIT 10 OFFSET 0"),
        ("average_of_nothing", "generators/4", "with an empty table the script raised ZeroDivisionError"),
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
def test_a_typical_fault_is_found_and_named(name: str, task: str, sentence: str, check_one: CheckOne) -> None:
    assert sentence in text_of(check_one(SOLUTIONS / name, task))


# Shapes of sound solutions that were once misjudged

CONNECTION = """
import sqlite3
class DatabaseConnection:
    def __init__(self, path):
        self.path = path
    def __enter__(self):
        self.db = sqlite3.connect(self.path)
        self.db.row_factory = sqlite3.Row
        return self.db
    def __exit__(self, kind, error, trace):
        if kind is None:
            self.db.commit()
        self.db.close()
"""
SCALAR = """
import sqlite3
class ExecuteQuery:
    def __init__(self, query, value):
        self.query, self.value = query, value
    def __enter__(self):
        self.db = sqlite3.connect("users.db")
        return self.db.execute(self.query, (self.value,)).fetchall()
    def __exit__(self, *error):
        self.db.commit()
        self.db.close()
"""
RUN_IN_THE_BLOCK = """
import sqlite3
class ExecuteQuery:
    def __init__(self, query, *params):
        self.query, self.params, self.result = query, params, None
    def __enter__(self):
        self.db = sqlite3.connect("users.db")
        return self
    def execute(self):
        self.result = self.db.execute(self.query, self.params).fetchall()
        return self.result
    def __exit__(self, *error):
        self.db.commit()
        self.db.close()
"""
PRINTING = """
import asyncio, aiosqlite
async def ask(query):
    async with aiosqlite.connect("example.db") as db:
        return await db.execute_fetchall(query)
async def async_fetch_users():
    print(await ask("SELECT * FROM users"))
async def async_fetch_older_users():
    return "older", await ask("SELECT * FROM users WHERE age > 40")
async def fetch_concurrently():
    async with aiosqlite.connect("example.db") as db:
        await db.execute("INSERT INTO users (name, age) VALUES ('Ann', 50)")
        await db.commit()
    nothing, (title, rows) = await asyncio.gather(async_fetch_users(), async_fetch_older_users())
    print(title, len(rows))
if __name__ == "__main__":
    asyncio.run(fetch_concurrently())
"""
AVERAGE_IN_MAIN = """
import mysql.connector
def stream_user_ages():
    db = mysql.connector.connect(host="localhost", user="root", password="x", database="ALX_prodev")
    cursor = db.cursor()
    cursor.execute("SELECT age FROM user_data")
    for (age,) in cursor:
        yield age
def main():
    ages = list(stream_user_ages())
    print("Average age of users:", sum(ages) / len(ages))
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    ("task", "name", "text"),
    [
        ("context/0", f"{CONTEXT}/0-databaseconnection.py", CONNECTION),
        ("context/1", f"{CONTEXT}/1-execute.py", SCALAR),
        ("context/1", f"{CONTEXT}/1-execute.py", RUN_IN_THE_BLOCK),
        ("context/3", f"{CONTEXT}/3-concurrent.py", PRINTING),
        ("generators/4", f"{GENERATORS}/4-stream_ages.py", AVERAGE_IN_MAIN),
    ],
)
def test_sound_shapes_work_as_asked(
    task: str, name: str, text: str, tmp_path: Path, check_one: CheckOne
) -> None:
    result = check_one(solution(tmp_path, text, name), task)
    kept, promised = result.score(ASKED)
    assert kept == promised, text_of(result)


def test_an_exit_that_swallows_everything_hides_no_fault(tmp_path: Path, check_one: CheckOne) -> None:
    text = CONNECTION.replace("return self.db", "return 5") + "        return True\n"
    result = check_one(solution(tmp_path, text, f"{CONTEXT}/0-databaseconnection.py"), "context/0")
    told_once(result, "the with block was given an object (int) with which no query can be run")
    text = CONNECTION + "        return True\n"
    result = check_one(solution(tmp_path, text, f"{CONTEXT}/0-databaseconnection.py"), "context/0")
    assert "a KeyError in the with block did not reach the caller" in text_of(result)


def test_what_libraries_log_is_not_taken_for_the_learner_s_words(tmp_path: Path, check_one: CheckOne) -> None:
    text = PRINTING.replace("SELECT * FROM users", "SELECT * FROM nobody")
    result = check_one(solution(tmp_path, text, f"{CONTEXT}/3-concurrent.py"), "context/3")
    told_once(result, "no such table: nobody")
    assert "it printed last" not in text_of(result)


# What a solution that cannot do its work at all is told


def told_once(result: Result, sentence: str) -> None:
    """Expect this state: one WRONG with the sentence, and the rest not tried."""
    assert result.state == "broken", text_of(result)
    first, *rest = result.verdicts
    assert first.outcome == WRONG
    assert sentence in first.sentence
    assert {verdict.outcome for verdict in rest} == {NOT_TRIED}
    assert len(result.verdicts) == len(result.task.probes)
    assert text_of(result).count(sentence) == 1


PRINTS_AND_RETURNS = """
import mysql.connector
def stream_users():
    try:
        db = mysql.connector.connect(host="localhost", user="root", database="ALX_prodev")
        db.cursor().execute("SELEKT")
    except mysql.connector.Error as error:
        print("Error while connecting:", "really")
        return None
"""


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (f"{DECORATORS}/1-with_db_connection.py", "x = 1\n", "defines no with_db_connection"),
        (f"{DECORATORS}/1-with_db_connection.py", "import psycopg2\n", "another database: PostgreSQL"),
        (
            f"{DECORATORS}/1-with_db_connection.py",
            "<<<<<<< HEAD\nx = 1\n=======\n",
            "a merge conflict in line 1",
        ),
        (
            f"{DECORATORS}/1-with_db_connection.py",
            "from seed import x\n",
            "there is no seed.py in its folder",
        ),
        (f"{CONTEXT}/0-databaseconnection.py", "class Connection: ...\n", "defines no DatabaseConnection"),
        (
            f"{GENERATORS}/0-stream_users.py",
            PRINTS_AND_RETURNS,
            "should return a generator, and returned None",
        ),
    ],
)
def test_a_solution_that_cannot_do_its_work_is_told_so_once(
    name: str, text: str, sentence: str, tmp_path: Path, check_one: CheckOne
) -> None:
    (task,) = [task for task in TASKS if locate(solution(tmp_path, text, name), task)]
    told_once(check_one(tmp_path, task.name), sentence)


def test_its_own_last_words_are_quoted(tmp_path: Path, check_one: CheckOne) -> None:
    solution(tmp_path, PRINTS_AND_RETURNS, f"{GENERATORS}/0-stream_users.py")
    assert "it printed last: Error while connecting: really" in text_of(check_one(tmp_path, "generators/0"))


MYSQL_IN_CONTEXT = """
import mysql.connector
class DatabaseConnection:
    def __enter__(self):
        self.db = mysql.connector.connect(host="localhost", user="root", password="users.db")
        return self.db
    def __exit__(self, *error):
        self.db.close()
"""
SQLITE_IN_GENERATORS = """
import sqlite3
def stream_users():
    db = sqlite3.connect("my_users.db")
    for row in db.execute("SELECT * FROM user_data"):
        yield row
"""
CSV_IN_GENERATORS = """
import csv
def stream_users():
    with open("user_data.csv") as file:
        for row in csv.DictReader(file):
            yield {"user_id": "1", **row}
"""


@pytest.mark.parametrize(
    ("task", "name", "text", "sentence"),
    [
        (
            "context/0",
            f"{CONTEXT}/0-databaseconnection.py",
            MYSQL_IN_CONTEXT,
            "uses MySQL; the exercise is about users.db",
        ),
        (
            "generators/0",
            f"{GENERATORS}/0-stream_users.py",
            SQLITE_IN_GENERATORS,
            "reads SQLite; the table of the",
        ),
        (
            "generators/0",
            f"{GENERATORS}/0-stream_users.py",
            CSV_IN_GENERATORS,
            "reads a CSV file; the table of the",
        ),
    ],
)
def test_the_wrong_kind_of_database_is_said_in_one_line(
    task: str, name: str, text: str, sentence: str, tmp_path: Path, check_one: CheckOne
) -> None:
    solution(tmp_path, "name,email,age\nAnn,ann@mail.test,30\n", f"{GENERATORS}/user_data.csv")
    told_once(check_one(solution(tmp_path, text, name), task), sentence)


def test_a_stub_is_not_begun_and_has_no_fault(tmp_path: Path, check_one: CheckOne) -> None:
    text = "def with_db_connection(func):\n    raise NotImplementedError\n"
    result = check_one(solution(tmp_path, text), "decorators/1")
    assert result.state == "not begun"
    assert {verdict.outcome for verdict in result.verdicts} == {NOT_TRIED}
    assert next_step([result]).startswith("begin decorators/1 (open and close the connection); read ")


def test_a_stub_whose_wrapper_is_not_begun_counts_as_well(tmp_path: Path, check_one: CheckOne) -> None:
    text = "async def async_fetch_users():\n    raise NotImplementedError\n"
    result = check_one(solution(tmp_path, text, f"{CONTEXT}/3-concurrent.py"), "context/3")
    assert result.state == "not begun"


def test_what_is_not_installed_here_is_nobody_s_fault(tmp_path: Path, check_one: CheckOne) -> None:
    solution(tmp_path, "import no_such_package\n", f"{DECORATORS}/helper.py")
    result = check_one(solution(tmp_path, "import helper\n"), "decorators/1")
    assert result.state == "unavailable"
    assert "helper.py imports 'no_such_package', which is neither in its folder nor" in result.sentence
    assert {verdict.outcome for verdict in result.verdicts} == {NOT_TRIED}


@pytest.mark.parametrize(
    "read",
    [
        "os.environ['DB_USER'], os.getenv('DB_PASS'), os.environ.get('DATABASE_NAME')",
        "config('DB_USER'), config('MYSQL_PASSWORD'), config('DB_NAME', default='shop')",
        "*[dotenv_values('.env')[name] for name in ('MYSQL_USER', 'DB_PASSWORD', 'MYSQL_DB')]",
    ],
)
def test_settings_that_nobody_set_get_what_their_names_tell(
    read: str, tmp_path: Path, check_one: CheckOne
) -> None:
    text = f"""
import os
import mysql.connector
from decouple import config
from dotenv import dotenv_values, load_dotenv
load_dotenv()

def stream_users():
    settings = [{read}]
    if not all(settings):
        raise ValueError("set all of it first")
    user, password, database = settings
    db = mysql.connector.connect(user=user, password=password, database=database)
    cursor = db.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    yield from cursor.fetchall()
    db.close()
"""
    result = check_one(solution(tmp_path, text, f"{GENERATORS}/0-stream_users.py"), "generators/0")
    assert result.score(ASKED) == (3, 3), text_of(result)


def test_a_setting_that_no_name_tells_is_named(tmp_path: Path, check_one: CheckOne) -> None:
    text = "import os\nif not os.getenv('FLAVOUR'):\n    raise SystemExit('choose a flavour')\n"
    result = check_one(solution(tmp_path, text), "decorators/1")
    assert result.state == "unavailable"
    assert (
        "SystemExit: choose a flavour (1-with_db_connection.py, line 3) (not set here: FLAVOUR)"
        in result.sentence
    )


def test_a_solution_that_gives_nothing_without_a_setting_is_not_wrong(
    tmp_path: Path, check_one: CheckOne
) -> None:
    text = "import os\ndef stream_users():\n    if os.getenv('FLAVOUR'):\n        yield 1\n"
    text = text.replace("        yield 1\n", "        return iter([])\n    print('set FLAVOUR first')\n")
    text = "import mysql.connector\n" + text.replace(
        "    if os", "    mysql.connector.connect(user='root')\n    if os"
    )
    result = check_one(solution(tmp_path, text, f"{GENERATORS}/0-stream_users.py"), "generators/0")
    assert result.state == "unavailable"
    assert "it printed last: set FLAVOUR first" in text_of(result)


def test_a_typing_error_is_not_put_down_to_a_setting(tmp_path: Path, check_one: CheckOne) -> None:
    text = "import os\nos.getenv('FLAVOUR')\nos.environ.get('MYSQL_HOST')\nstray\n"
    told_once(check_one(solution(tmp_path, text), "decorators/1"), "NameError: name 'stray' is not defined")


def test_a_script_that_crashes_when_it_is_run_is_told_where(tmp_path: Path, check_one: CheckOne) -> None:
    text = (SOLUTIONS / "typical" / DECORATORS / "1-with_db_connection.py").read_text() + "\n\nstray\n"
    result = check_one(solution(tmp_path, text), "decorators/1")
    assert result.score(ASKED) == (2, 3), text_of(result)
    assert "python3 1-with_db_connection.py ended with NameError: name 'stray' is not defined" in text_of(
        result
    )


def test_advice_stands_only_under_a_fault_that_the_probe_found(tmp_path: Path, check_one: CheckOne) -> None:
    text = "class ExecuteQuery:\n    def __init__(self, query, params):\n        raise OSError('no')\n"
    result = check_one(solution(tmp_path, text, f"{CONTEXT}/1-execute.py"), "context/1")
    assert all(verdict.advice is None for verdict in result.verdicts)
    result = check_one(SOLUTIONS / "lost_write", "context/0")
    wrong = result.first_wrong(BEYOND)
    assert wrong is not None
    assert wrong.advice is not None
    assert wrong.advice.question in text_of(result)
    assert wrong.advice.hint in text_of(result)


def test_no_message_has_a_name_of_the_checker_s_own(tmp_path: Path, check_one: CheckOne) -> None:
    text = """
import functools
def with_db_connection(func):
    @functools.wraps(func)
    def wrapper(user):
        return func(None, user)
    return wrapper
"""
    result = check_one(solution(tmp_path, text), "decorators/1")
    told_once(result, " got an unexpected keyword argument 'user_id'")
    assert "locals" not in text_of(result)


def test_two_reports_on_the_same_code_are_equal(tmp_path: Path, check_one: CheckOne) -> None:
    text = "import time\nprint(object(), time.time(), time.strftime('%F %T'))\nraise ValueError(object())\n"
    solution(tmp_path, text)
    first, second = (text_of(check_one(tmp_path, "decorators/1")) for _ in range(2))
    assert first == second


def test_a_loop_without_end_is_the_result_of_its_task_alone(tmp_path: Path, check_one: CheckOne) -> None:
    solution(tmp_path, "while True:\n    pass\n")
    told_once(check_one(tmp_path, "decorators/1", limit=0.5), "the code did not end within 0.5 seconds")
    sound = SOLUTIONS / "typical" / DECORATORS / "0-log_queries.py"
    solution(tmp_path, sound.read_text(), f"{DECORATORS}/0-log_queries.py")
    assert check_one(tmp_path, "decorators/0").state == "tried"


def test_a_fault_with_the_same_sentence_is_as_above_only_on_the_next_line(check_one: CheckOne) -> None:
    result = check_one(SOLUTIONS / "error_swallowed", "decorators/2")
    lines = list(report([result]))
    for before, line in zip(lines, lines[1:]):
        if line.strip() == "as above":
            assert re.match("  WRONG", before)


def test_what_is_missing_is_said(tmp_path: Path, check_one: CheckOne) -> None:
    repo = solution(tmp_path, "")
    assert f"not found: there is no 2-transactional.py in {DECORATORS}" in text_of(
        check_one(repo, "decorators/2")
    )
    assert "not found: there is no folder like python-generators-0x00" in text_of(
        check_one(repo, "generators/0")
    )


def test_both_spellings_of_the_folder_are_found(tmp_path: Path) -> None:
    task = next(task for task in TASKS if task.name == "context/0")
    assert [path.split("/")[0] for path in task.paths] == ["python-context-async-operations-0x02", CONTEXT]
    for number, path in enumerate(task.paths):
        repo = solution(tmp_path / str(number), "", path)
        assert locate(repo, task) == repo / path


def test_every_task_links_to_a_heading_of_a_readme() -> None:
    for task in TASKS:
        readme, anchor = task.link.split("#")
        text = (ROOT / readme).read_text(encoding="utf-8")
        headings = [line[3:].lower() for line in text.splitlines() if line.startswith("## ")]
        assert anchor in [re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings]
        assert len(task.lesson) > 3


def test_results_come_one_by_one_and_a_closed_check_leaves_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    results = check(SOLUTIONS / "typical", None, wanted_tasks(["decorators"]))
    assert next(results).task.name == "decorators/0"
    assert list(tmp_path.iterdir())
    results.close()
    assert not list(tmp_path.iterdir())
