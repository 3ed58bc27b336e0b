"""`make check` on solutions with generators: each fault gets its name, and nothing sound is called wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

from checker.masking import files_with_passwords
from checker.model import ASKED, BEYOND, OK, WRONG, Result
from checker.report import report
from checker.run import check, wanted_tasks
from support import ROOT, throwaway_server

import pytest

SOLUTIONS = ROOT / "tests" / "checker" / "solutions"
FOLDER = "python-generators-0x00"
SEED, STREAM, BATCHES = "seed.py", "0-stream_users.py", "1-batch_processing.py"
PAGES, AGES = "2-lazy_paginate.py", "4-stream_ages.py"

CheckAll = Callable[..., "dict[str, Result]"]


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    """A throwaway server for this file: the checker drops every database that it finds."""
    with throwaway_server() as settings:
        yield settings


@pytest.fixture
def check_files(server: dict[str, str], tmp_path: Path) -> CheckAll:
    """A function that writes files into the exercise folder, and checks the tasks that they solve."""

    def check_files(**files: str) -> dict[str, Result]:
        folder = tmp_path / FOLDER
        folder.mkdir(exist_ok=True)
        names = {"seed": SEED, "stream": STREAM, "batches": BATCHES, "pages": PAGES, "ages": AGES}
        for name, text in files.items():
            (folder / names.get(name, name)).write_text(text, encoding="utf-8")
        tasks = [t for t in wanted_tasks(["generators"]) if (folder / t.file).exists()]
        return {result.task.file: result for result in check(tmp_path, server, tasks)}

    return check_files


@pytest.fixture(scope="module")
def careless(server: dict[str, str]) -> dict[str, Result]:
    return on_checkout("careless", server)


@pytest.fixture(scope="module")
def confused(server: dict[str, str]) -> dict[str, Result]:
    return on_checkout("confused", server)


def on_checkout(name: str, server: dict[str, str]) -> dict[str, Result]:
    found = check(SOLUTIONS / name, server, wanted_tasks(["generators"]))
    return {result.task.file: result for result in found}


def text_of(result: Result) -> str:
    """Return the report on a task as one line of text."""
    return " ".join(" ".join(report([result])).split())


def wrong(result: Result, level: str, sentence: str) -> None:
    """Expect that a promise of this level is WRONG with this sentence."""
    found = [v.sentence for v in result.verdicts if (v.level, v.outcome) == (level, WRONG)]
    assert any(sentence in " ".join(text.split()) for text in found), text_of(result)


@pytest.mark.parametrize(
    ("file", "level", "sentence"),
    [
        (SEED, ASKED, "the table has no column user_id; it has id, name, email, age"),
        (SEED, ASKED, "the database is called shop, and the curriculum asks for ALX_prodev"),
        (SEED, BEYOND, "of a file with the columns user_id,name,email,age, 0 of 3 users were stored"),
        (SEED, BEYOND, "insert_data(), connect_db() and connect_to_prodev() hid an error of MySQL"),
        (SEED, BEYOND, 'the values are part of the SQL: INSERT INTO user_data VALUES ("...", "Ann Lee"'),
        (SEED, BEYOND, "after seeding once the table had 3 rows, and after the second time 6"),
        (SEED, BEYOND, "of a file whose last row has the age 'old', 3 rows were kept"),
        (STREAM, BEYOND, "the connection is opened when the file is imported, and nothing closes it"),
        (SEED, BEYOND, "the password of the database is written in seed.py"),
        (BATCHES, ASKED, "batch_processing(12) shows the users of the last batch only"),
        (BATCHES, BEYOND, "after 1 of 3 batches the caller left, and nothing closed the connection"),
        (BATCHES, BEYOND, "without the table user_data it ended as if complete, after 0 batches"),
        (BATCHES, BEYOND, "there is no ORDER BY in: SELECT * FROM user_data LIMIT 17 OFFSET 0"),
        (BATCHES, BEYOND, "the values are part of the SQL: SELECT * FROM user_data LIMIT 17 OFFSET 0"),
        (BATCHES, BEYOND, "stream_users_in_batches(0) should raise ValueError, and gave nothing"),
        (PAGES, BEYOND, "lazy_paginate(0) should raise ValueError, and gave nothing"),
        (PAGES, BEYOND, "3 pages cost 4 connections"),
        (PAGES, BEYOND, "a user was added between pages 1 and 2, and then user9@mail.test was shown on both"),
        (PAGES, BEYOND, "without the table user_data, paginate_users(10, 0) gave []"),
        (PAGES, BEYOND, "after a query that failed, nothing closed the connection to MySQL"),
        (PAGES, BEYOND, "the values are part of the SQL: SELECT * FROM user_data LIMIT 17 OFFSET 13"),
        (AGES, ASKED, "python3 4-stream_ages.py printed The mean age is 33.7"),
        (AGES, BEYOND, "with an empty table the script raised ZeroDivisionError"),
        (AGES, BEYOND, "reading the ages of 30 users, the fourth aged 0, raised InternalError"),
        (AGES, BEYOND, "when MySQL cannot be reached it ends as if complete, after 0 ages"),
    ],
)
def test_what_a_careless_solution_does_wrong_is_named(
    file: str, level: str, sentence: str, careless: dict[str, Result]
) -> None:
    wrong(careless[file], level, sentence)


@pytest.mark.parametrize(
    ("file", "level", "sentence"),
    [
        (
            SEED,
            ASKED,
            "insert_data() takes rows, not a path: insert_data(connection, 'user_data.csv') raised",
        ),
        (STREAM, BEYOND, "it gave the ProgrammingError to the caller instead of raising the error"),
        (BATCHES, ASKED, "stream_users_in_batches yields users one by one, not batches of them"),
        (BATCHES, ASKED, "batch_processing(12) shows User 1, aged 25; it shows 1 of the 30 users"),
        (PAGES, ASKED, "for a page of 10 the whole table is read: SELECT * FROM user_data"),
        (AGES, ASKED, "an age should be a number, not {'age': Decimal('24')}"),
        (AGES, ASKED, "python3 4-stream_ages.py printed nothing"),
        (AGES, BEYOND, "all 3000 rows had been read when the first age was handed out"),
    ],
)
def test_what_a_confused_solution_does_wrong_is_named(
    file: str, level: str, sentence: str, confused: dict[str, Result]
) -> None:
    wrong(confused[file], level, sentence)


def test_what_works_by_another_way_is_tried_all_the_same(confused: dict[str, Result]) -> None:
    """A seed whose insert_data takes rows is filled with rows."""
    outcomes = {verdict.probe.promise: verdict.outcome for verdict in confused[SEED].verdicts}
    assert outcomes["makes database and table, and fills it from user_data.csv"] == OK
    assert outcomes["seeding twice adds nothing"] == OK


def test_a_placeholder_is_no_password(confused: dict[str, Result]) -> None:
    assert "password" not in "".join(v.sentence for v in confused[SEED].verdicts)


def test_no_password_is_printed(careless: dict[str, Result], confused: dict[str, Result]) -> None:
    assert "c0rrect-h0rse" not in "".join(map(text_of, [*careless.values(), *confused.values()]))


def test_careful_solutions_of_other_shapes_get_full_marks(server: dict[str, str]) -> None:
    """Another case of the database's name, USE, a pool, names without emails, tuples, settings, rounding."""
    for result in on_checkout("careful", server).values():
        assert {verdict.outcome for verdict in result.verdicts} == {OK}, text_of(result)


def test_what_is_not_committed_is_not_in_the_table(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text().replace("    connection.commit()\n", "")
    result = check_files(seed=text)[SEED]
    assert result.state == "broken"
    assert "insert_data() does not commit: its rows are lost when the connection is closed" in result.sentence


OWN_CSV = "name,email,age\n\n"
ERRORS_PRINTED = """
import mysql.connector
def connect_db():
    try:
        return mysql.connector.connect(user="ada", database="ALX_prodev")
    except mysql.connector.Error as error:
        print("no connection:", error)
def create_database(connection): ...
def connect_to_prodev(): ...
def create_table(connection): ...
def insert_data(connection, data): ...
"""
PREPARED = """
import seed
def stream_users():
    db = seed.connect_to_prodev()
    cursor = db.cursor(prepared=True)
    cursor.execute("SELECT * FROM alx_prodev.user_data")
    yield from cursor
    db.close()
"""
NOTHING_SHOWN = """
import seed
def stream_users_in_batches(batch_size):
    db = seed.connect_to_prodev()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data")
    rows = cursor.fetchall()
    for start in range(0, len(rows), batch_size):
        yield iter(rows[start:start + batch_size])
    yield []
def batch_processing(batch_size):
    for batch in stream_users_in_batches(batch_size):
        over_25 = [user for user in batch if user[3] > 25]
"""
ONE_BY_ONE = """
import seed
def paginate_users(page_size, offset):
    db = seed.connect_to_prodev()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data LIMIT %s OFFSET %s", (page_size, offset))
    return cursor.fetchall()
def lazy_paginate(page_size):
    offset = 0
    while page := paginate_users(page_size, offset):
        yield from page
        offset += page_size
"""
ZERO_IN_THE_AVERAGE = """
import seed
def stream_user_ages():
    db = seed.connect_to_prodev()
    cursor = db.cursor()
    cursor.execute("SELECT age FROM user_data")
    for (age,) in cursor:
        yield age
def main():
    ages = []
    for age in stream_user_ages():
        if not age:
            break
        ages.append(age)
    print("Average age of users is", round(sum(ages) / len(ages)) if ages else 0)
main()
"""


def test_each_other_fault_is_named_and_each_other_shape_is_not(check_files: CheckAll) -> None:
    typical = (SOLUTIONS / "typical" / FOLDER / SEED).read_text()
    found = check_files(
        seed=typical,
        stream=PREPARED,
        batches=NOTHING_SHOWN,
        pages=ONE_BY_ONE,
        ages=ZERO_IN_THE_AVERAGE,
        **{"user_data.csv": OWN_CSV},
    )
    assert found[SEED].score(ASKED) == (4, 4), text_of(
        found[SEED]
    )  # with a file of ours: its own one is empty
    assert found[STREAM].score(ASKED) == (3, 3)
    wrong(found[STREAM], BEYOND, "after 6 of 30 users the caller left, and nothing closed the connection")
    assert "had been read" not in text_of(found[STREAM])
    outcomes = [verdict.outcome for verdict in found[BATCHES].verdicts[:3]]
    assert outcomes == [OK, WRONG, OK], text_of(found[BATCHES])  # iterators, and an empty one at the end
    wrong(
        found[BATCHES],
        ASKED,
        "of the 16 users over 25 batch_processing(12) prints, yields or returns nothing",
    )
    assert found[PAGES].state == "broken"
    assert "lazy_paginate yields users one by one, not pages of them" in found[PAGES].sentence
    assert found[AGES].score(ASKED) == (4, 4), text_of(found[AGES])
    wrong(found[AGES], BEYOND, "with one user aged 0 the average is 32.43, and what is shown is 25")


HELPER = """
import mysql.connector
def rows(query):
    db = mysql.connector.connect(database="ALX_prodev")
    cursor = db.cursor()
    cursor.execute(query)
    found = cursor.fetchall()
    db.close()
    return found
"""
FIRST_ONE_LOST = """
from helper import rows
def stream_users():
    yield from rows("SELECT * FROM user_data")[1:]
"""
SAME_BATCH = """
from helper import rows
def stream_users_in_batches(size):
    for size in (12, 12, 6):
        yield rows("SELECT * FROM user_data")[:size]
"""
NEXT_YEAR = """
from helper import rows
def stream_user_ages():
    for (age,) in rows("SELECT age FROM user_data"):
        yield age + 1
print("Average age of users:", sum(stream_user_ages()) / 30)
"""


def test_wrong_users_and_ages_are_noticed(check_files: CheckAll) -> None:
    found = check_files(stream=FIRST_ONE_LOST, batches=SAME_BATCH, ages=NEXT_YEAR, **{"helper.py": HELPER})
    wrong(found[STREAM], ASKED, "number of users from a table of 30: expected 30, got 29")
    wrong(found[BATCHES], ASKED, "different users in all batches: expected 30, got 12")
    wrong(found[BATCHES], ASKED, "1-batch_processing.py defines no batch_processing")
    wrong(found[AGES], ASKED, "the ages: expected [18, 18, 18, 18, 24")
    wrong(found[AGES], ASKED, "the average of the 30 ages is 33.77, and what is shown is 34.7")


def test_batches_without_end_are_told_so(check_files: CheckAll) -> None:
    text = "def stream_users_in_batches(batch_size):\n    seed.connect_to_prodev()\n    while True:\n"
    text = f"import seed\n{text}        yield [('1', 'Ann Lee', 'ann@mail.test', 30)]\n"
    helper = "import mysql.connector\ndef connect_to_prodev():\n    return mysql.connector.connect()\n"
    result = check_files(batches=text.replace("seed", "helper"), **{"helper.py": helper})[BATCHES]
    assert "there is no end: 20 batches of 12 came from a table of 30 users" in result.sentence


def test_a_seed_that_needs_an_id_is_told_so_and_tried_with_one(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text().replace("str(uuid.uuid4())", 'row["user_id"]')
    result = check_files(seed=text)[SEED]
    what = "with a user_data.csv that has the columns name, email and age, insert_data("
    wrong(result, ASKED, f"{what}connection, 'user_data.csv') raised KeyError: 'user_id'")
    assert "Where does the user_id of a new user come from?" in text_of(result)
    wrong(result, BEYOND, "of a file with the columns name,email,age, 0 of 3 users were stored")
    outcomes = {verdict.probe.promise: verdict.outcome for verdict in result.verdicts}
    assert outcomes["a file with a bad row is refused as a whole"] == OK


def test_of_a_seed_that_fails_at_a_long_name_the_error_is_shown_and_no_advice(check_files: CheckAll) -> None:
    text = (
        (SOLUTIONS / "typical" / FOLDER / SEED).read_text().replace("name VARCHAR(255)", "name VARCHAR(10)")
    )
    verdict = check_files(seed=text)[SEED].verdicts[0]
    assert "that has the columns name, email and age, insert_data(" in verdict.sentence
    assert "raised DataError: 1406 (22001): Data too long for column 'name'" in verdict.sentence
    assert verdict.advice is None


def test_of_a_seed_that_prints_such_an_error_the_printed_line_is_shown(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text()
    text = text.replace("name VARCHAR(255)", "name VARCHAR(10)").replace("insert_data", "insert")
    text += """
def insert_data(connection, data):
    try:
        insert(connection, data)
    except mysql.connector.Error as error:
        print("Error:", error)
"""
    verdict = check_files(seed=text)[SEED].verdicts[0]
    assert verdict.sentence.endswith("that has the columns name, email and age, no user is stored")
    assert verdict.words.startswith("Error: 1406 (22001): Data too long for column 'name'")
    assert verdict.advice is None


def test_a_table_that_is_not_as_asked_is_described(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text()
    text = text.replace("CHAR(36) PRIMARY KEY", "CHAR(36)").replace("age DECIMAL", "age VARCHAR(10)")
    text = text.replace("name VARCHAR(255) NOT NULL", "name VARCHAR(255)")
    result = check_files(seed=text)[SEED]
    what = "user_id is not its primary key; age is VARCHAR, not DECIMAL; name may be NULL"
    wrong(result, BEYOND, f"in the table user_data, {what}")
    wrong(result, BEYOND, "of a file whose last row has the age 'old', that row was stored too")
    assert "make age a DECIMAL" in text_of(result)


def test_a_table_that_create_table_says_nothing_about_is_named(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text().replace("created successfully", "is there")
    result = check_files(seed=text)[SEED]
    wrong(result, BEYOND, "create_table() did not print: Table user_data created successfully")


def test_insert_ignore_is_named_where_it_lets_a_bad_row_in(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text().replace("INSERT INTO", "INSERT IGNORE INTO")
    result = check_files(seed=text)[SEED]
    wrong(result, BEYOND, "of a file whose last row has the age 'old', that row was stored too")
    assert "? What does INSERT IGNORE do with an error? -> use ON DUPLICATE KEY UPDATE" in text_of(result)


def test_an_error_of_the_second_run_is_said_to_be_one(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text().replace("TABLE IF NOT EXISTS", "TABLE")
    text += '\nif __name__ == "__main__":\n    create_database(connect_db())\n'
    text += "    create_table(connect_to_prodev())\n"
    result = check_files(seed=text)[SEED]
    wrong(result, ASKED, "the second time, when the table is there already, python3 seed.py ended with")


def test_a_query_that_the_try_does_not_cover_has_its_own_hint(check_files: CheckAll) -> None:
    result = check_files(stream=QUERY_BEFORE_TRY, **{"helper.py": CONNECT})[STREAM]
    wrong(result, BEYOND, "after a query that failed, nothing closed the connection to MySQL")
    assert "-> begin the try right after connecting" in text_of(result)


QUERY_BEFORE_TRY = """
import helper
def stream_users():
    db = helper.connect()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data")
    try:
        yield from cursor
    finally:
        db.close()
"""
CONNECT = """
import mysql.connector
def connect():
    return mysql.connector.connect(database="ALX_prodev")
"""


def test_a_seed_without_a_connection_is_told_so_once_with_its_own_words(check_files: CheckAll) -> None:
    result = check_files(seed=ERRORS_PRINTED)[SEED]
    assert result.state == "broken"
    assert "connect_db() returned None instead of a connection" in result.sentence
    assert "it printed last: no connection: 1049 (42000): Unknown database 'ALX_prodev'" in text_of(result)


def test_an_open_transaction_of_a_solution_that_failed_stops_nothing(check_files: CheckAll) -> None:
    """A lock that the first way of filling the table left behind would keep the second one waiting."""
    text = (SOLUTIONS / "confused" / FOLDER / SEED).read_text()
    text = text.replace(
        "    rows = [(str",
        "    kept.append(connection)\n    connection.start_transaction()\n"
        '    connection.cursor(buffered=True).execute("SELECT * FROM user_data")\n    rows = [(str',
    )
    result = check_files(seed="kept = []\n" + text)[SEED]
    assert result.state == "tried", text_of(result)
    assert result.verdicts[0].outcome == OK


@pytest.mark.parametrize(
    ("name", "text", "is_found"),
    [
        ("a.py", 'connect(password="hunter22")', True),
        ("a.py", 'DB_PASS = "hunter22"', True),
        ("a.py", 'os.getenv("DB_PASSWORD", "hunter22")', True),
        ("a.py", 'connect(password="root")', True),
        ("a.py", 'connect(password="")', False),
        ("a.py", 'connect(password="your_mysql_password")', False),
        ("a.py", 'connect(password="password")  # replace it', False),
        ("a.py", 'connect(password=os.environ["DB_PASSWORD"])', False),
        ("a.py", 'passed = "yes"', False),
        (".env", "DB_PASSWORD=hunter22", True),
        (".env", "DB_PASSWORD=", False),
        (".env.example", "DB_PASSWORD=hunter22", False),
    ],
)
def test_a_password_is_told_from_what_only_stands_for_one(
    name: str, text: str, is_found: bool, tmp_path: Path
) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / name).write_text(text + "\n")
    assert files_with_passwords(folder) == ([name] if is_found else [])
    (tmp_path / ".gitignore").write_text("*.log\n.env\n")
    assert files_with_passwords(folder) == ([name] if is_found and name != ".env" else [])
