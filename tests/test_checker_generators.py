"""`make check` on solutions with generators: each fault gets its name, and nothing sound is called wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

from checker.masking import (
    files_with_passwords,
    find_secrets,
    mask,
    other_case,
    unlike_passwords,
    unlike_placeholders,
)
from checker.model import ASKED, BEYOND, NOT_TRIED, OK, WRONG, Result
from checker.report import report
from checker.run import check, wanted_tasks
from checker.tasks.generators_seed import loads_no_env_file, sets_the_login
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
    """A function that writes files into the exercise folder, and checks the tasks that they solve.

    What earlier calls wrote stays there, and is not checked again. `beside` is a seed.py that is not checked.
    """

    def check_files(**files: str) -> dict[str, Result]:
        folder = tmp_path / FOLDER
        folder.mkdir(exist_ok=True)
        names = {"seed": SEED, "stream": STREAM, "batches": BATCHES, "pages": PAGES, "ages": AGES}
        for name, text in files.items():
            path = SEED if name == "beside" else names.get(name, name)
            (folder / path).write_text(text, encoding="utf-8")
        tried = [names[name] for name in files if name in names]
        tasks = [task for task in wanted_tasks(["generators"]) if task.file in tried]
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
    assert outcomes["seeding again adds nobody twice, and everybody new"] == OK


def test_a_placeholder_is_no_password(confused: dict[str, Result]) -> None:
    assert "password" not in "".join(v.sentence for v in confused[SEED].verdicts)


def test_no_password_is_printed(careless: dict[str, Result], confused: dict[str, Result]) -> None:
    assert "c0rrect-h0rse" not in "".join(map(text_of, [*careless.values(), *confused.values()]))


def test_careful_solutions_of_other_shapes_get_full_marks(server: dict[str, str]) -> None:
    """Another case of the database's name, USE, a pool, names without emails, tuples, settings, rounding."""
    for result in on_checkout("careful", server).values():
        assert {verdict.outcome for verdict in result.verdicts} == {OK}, text_of(result)


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
        for user in batch:
            if user[3] > 25:
                yield user
            return user
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
import logging
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
    logging.info("Average age of users is %s", round(sum(ages) / len(ages)) if ages else 0)
logging.basicConfig(level=logging.INFO)
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
        "of the 16 users over 25 batch_processing(12) prints, yields or returns nothing, because it ends in "
        "the loop, with `return user` in line 16",
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


def test_batches_without_end_and_a_misspelt_driver_are_told_so(check_files: CheckAll) -> None:
    text = "def stream_users_in_batches(batch_size):\n    seed.connect_to_prodev()\n    while True:\n"
    text = f"import seed\n{text}        yield [('1', 'Ann Lee', 'ann@mail.test', 30)]\n"
    helper = "import mysql.connector\ndef connect_to_prodev():\n    return mysql.connector.connect()\n"
    misspelt = "import my.mysql_connector\ndef stream_users():\n    yield 0\n"
    found = check_files(batches=text.replace("seed", "helper"), stream=misspelt, **{"helper.py": helper})
    assert "there is no end: 20 batches of 12 came from a table of 30 users" in found[BATCHES].sentence
    assert found[STREAM].state == "broken"
    assert found[STREAM].hint == "the driver is called so: import mysql.connector"


def test_a_seed_that_needs_an_id_is_told_so_and_tried_with_one(check_files: CheckAll) -> None:
    passes = (INTO, INTO + " ON DUPLICATE KEY UPDATE name = name")
    result = check_files(seed=typical_seed(("str(uuid.uuid4())", 'row["user_id"]'), passes))[SEED]
    what = "with a user_data.csv that has the columns name, email and age, insert_data("
    wrong(result, ASKED, f"{what}connection, 'user_data.csv') raised KeyError: 'user_id'")
    assert "Where does the user_id of a new user come from?" in text_of(result)
    wrong(result, BEYOND, "of a file with the columns name,email,age, 0 of 3 users were stored")
    outcomes = {verdict.probe.promise: verdict.outcome for verdict in result.verdicts}
    assert outcomes["a file with a bad row is refused as a whole"] == OK
    assert outcome_of(result, SEED_AGAIN) == NOT_TRIED


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
    wrong(
        result,
        BEYOND,
        "of a file whose last row has the age 'old', 4 rows were kept, the last one with the age old",
    )
    assert "make age a DECIMAL" in text_of(result)


def test_a_table_that_create_table_says_nothing_about_is_named(check_files: CheckAll) -> None:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text().replace("created successfully", "is there")
    result = check_files(seed=text)[SEED]
    wrong(result, BEYOND, "create_table() did not print: Table user_data created successfully")


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
        ("a.py", 'def connect(password: str = "hunter22"): ...', True),
        ("a.py", 'def connect(password: str | None = None, user: str = "ada"): ...', False),
        ("a.py", 'passed = "yes"', False),
        ("a.py", 'connect(password="*1$kr8%nb")', True),
        ("a.py", 'connect(password=f"{word}")', False),
        ("a.py", 'connect(password="$DB_PASSWORD")', False),
        ("a.py", 'SECRET_KEY = "hunter22"', False),  # a key, but of no database
        ("config.json", '{"user": "ada", "password": "hunter22"}', True),
        ("config.json", '{"user": "ada", "password": null}', False),
        ("settings.ini", "[mysql]\npassword = hunter22", True),
        ("settings.ini", "[mysql]\npassword =\nhost = localhost", False),
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
    (tmp_path / ".gitignore").write_text("*.log\n# *.py\n*/migrations/*.py\n.env\nconfig/*.json\n*.ini\n")
    ignored = name in (".env", "settings.ini")
    assert files_with_passwords(folder) == ([name] if is_found and not ignored else [])


def test_a_password_in_a_file_with_settings_is_masked(tmp_path: Path) -> None:
    for name, text in {"config.json": '{"password": "hunter22"}', "my.ini": "password = tr0ub4dor"}.items():
        (tmp_path / name).write_text(text)
    assert {"hunter22", "tr0ub4dor"} <= find_secrets(tmp_path)


def test_a_password_with_a_type_is_masked_and_a_blank_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def connect(password: str = 'hunter22'): ...\nPASSWORD = ' '\n")
    assert mask("hunter22, and more", find_secrets(tmp_path)) == "***, and more"


def test_two_passwords_of_one_user_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("connect(user='ada', password='hunter22')\n")
    (tmp_path / "b.py").write_text(
        "connect(user='bob', password='other')\nconnect(user='ada', passwd=WORD)\n"
    )
    assert unlike_passwords(tmp_path) == ""
    (tmp_path / "c.py").write_text("connect(user='ada', passwd='Hunter22')\n")
    (tmp_path / "d.py").write_text("connect(user=\n")
    said = "the user ada has two different passwords in a.py and c.py: only one can be right"
    assert unlike_passwords(tmp_path) == said


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("user='root', password=''", "user='root', password='your_password'", "one connection"),
        ("user='ada', password=''", "user='your_user', password=''", "one connection"),
        ("user='root', password=os.getenv('PASS')", "user='root', password='your_password'", "one conn"),
        ("user=os.environ['U'], password=os.environ['P']", "user='root', passwd='yourpassword'", "one"),
        ("user='root', password='your_password'", "user='root', password='yourpassword'", ""),
        ("user='root', password=os.getenv('PASS')", "user='root', password=''", ""),
        ("user='root', password=PASSWORD", "user='root', password='your_password'", ""),
        ("user='exchange', password=''", "user='center', password=''", ""),
        ("user='root', password='*********'", "user='root', password='*******'", ""),
        ("user='root', password='*****'", "user='root', password=''", "one connection"),
        ("user='root', password=' '", "user='root', password=''", "the user root has two different"),
        (
            "user='ada', password='hunter22'",
            "user='eve', passwd='hunter22'",
            "with the same password, the users",
        ),
        ("user='user', password='password'", "user='username', password='password'", "with the same pass"),
        ("user='ada', password='hunter22'", "user=os.environ['U'], password='hunter22'", ""),
        ("user='ada', password='hunter22', host='a'", "user='eve', password='hunter22', host='b'", ""),
        (
            "user='ada', password='hunter22'",
            "user=os.getenv('U', 'ada'), password=os.getenv('P', '')",
            "unless a setting says otherwise, the user ada has two different passwords in seed.py: only one",
        ),
        (
            "user='ada', password=os.environ['P']",
            "user='eve', password=os.getenv('P')",
            "with the same password, the users ada and eve connect in seed.py: only one",
        ),
        ("user='ada', password=os.environ['P']", "user='eve', password=os.environ['Q']", ""),
        ("user='ada', password=os.getenv('P', 'x')", "user=os.getenv('U'), password=os.getenv('P')", ""),
    ],
)
def test_a_placeholder_beside_a_real_login_is_told(
    first: str, second: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "seed.py").write_text(f"connect({first})\nSETTINGS = dict({second})\n")
    assert unlike_passwords(tmp_path).startswith(said) if said else not unlike_passwords(tmp_path)


def test_placeholders_that_differ_and_a_name_in_another_case_are_worth_a_note(tmp_path: Path) -> None:
    """The name counts in a statement, and not in a comment."""
    file = tmp_path / "seed.py"
    file.write_text("connect(user='root', password='***')\nconnect(user='root', password='your_password')\n")
    assert unlike_placeholders(tmp_path).startswith("different words stand for the password in seed.py")
    file.write_text("connect(user='root', password='***')\nconnect(user='root', password='***')\n")
    assert unlike_placeholders(tmp_path) == ""
    text = "connect(database='ALX_prodev')\ncursor.execute('CREATE DATABASE IF NOT EXISTS alx_prodev')\n"
    file.write_text(text)
    assert other_case(tmp_path).startswith("seed.py connects to ALX_prodev, and seed.py makes alx_prodev")
    file.write_text(text.replace("cursor.execute", "# "))
    assert other_case(tmp_path) == ""


def test_a_setting_is_followed_to_the_variable_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("word = os.getenv('P')\nconnect(user='ada', password=word)\n")
    (tmp_path / "b.py").write_text("connect(user='eve', password=os.getenv('P'))\n")
    assert "the users ada and eve connect in a.py and b.py: only one can" in unlike_passwords(tmp_path)


def test_two_files_that_connect_unlike_are_both_named(tmp_path: Path) -> None:
    (tmp_path / "seed.py").write_text("connect(user='ada', password=os.getenv('PASS', 'your_password'))\n")
    other = "SETTINGS = {'user': 'ada', 'host': HOST, 'password': 'your_password'}\n"
    (tmp_path / "stream.py").write_text(other)
    said = "the connection in stream.py still has a placeholder for the user or the password, and the one in"
    assert unlike_passwords(tmp_path) == f"{said} seed.py has none: only one can be right"
    (tmp_path / "pages.py").write_text(other)
    said = "the connections in pages.py and stream.py still have a placeholder for the user or the password,"
    assert unlike_passwords(tmp_path) == f"{said} and the one in seed.py has none: only one can be right"
    (tmp_path / "ages.py").write_text("connect(user='eve', password='hunter22')\n" + other)
    assert "another in ages.py has none: only one can be right" in unlike_passwords(tmp_path)
    (tmp_path / "seed.py").write_text("connect(user='eve', password='hunter23')\n")
    said = "the user eve has two different passwords in ages.py and seed.py: only one can be right; the conn"
    assert unlike_passwords(tmp_path).startswith(said)
    for name in ("pages.py", "ages.py"):
        (tmp_path / name).unlink()
    (tmp_path / "stream.py").write_text(other.replace("'your_password'", "None"))
    assert unlike_passwords(tmp_path) == ""


def test_logins_that_differ_are_told_where_no_password_is_written(check_files: CheckAll) -> None:
    text = typical_seed(('user="ada", password="tr0ub4dor&3")', 'user="ada", password="")'))
    text = text.replace('"tr0ub4dor&3"', '"your_password"')
    result = check_files(seed=text)[SEED]
    wrong(result, BEYOND, "one connection in seed.py still has a placeholder for the user or the password")
    assert "import it everywhere" in advice_of(result, "no password is written")


def test_a_password_is_told_where_nothing_else_can_be_tried(check_files: CheckAll) -> None:
    """Neither a seed that lacks a function nor one whose package is missing hides it."""
    cut = typical_seed().split("def insert_data")[0]
    broken = check_files(seed=cut)[SEED]
    assert broken.state == "broken"
    wrong(broken, BEYOND, "the password of the database is written in seed.py")
    text = text_of(broken)
    assert text.index("seed.py defines no insert_data") < text.index("not tried 11 more, because of this")
    assert text.index("because of this") < text.index("the password of the database")
    uses = typical_seed(("    with open", "    Faker()\n    with open"))
    unavailable = check_files(seed=WITH_FAKER + uses)[SEED]
    assert unavailable.state == "unavailable"
    assert "the password of the database is written in seed.py" in text_of(unavailable)
    assert "tr0ub4dor" not in text_of(broken) + text_of(unavailable)


def test_a_seed_that_cannot_be_loaded_is_told_why(check_files: CheckAll) -> None:
    """Here a CSV file is no other database, although it is read."""
    result = check_files(seed="def connect_db(:\n    pass\n")[SEED]
    assert result.state == "broken"
    assert "seed.py has a syntax error in line 1" in result.sentence
    typical = (SOLUTIONS / "typical" / FOLDER / SEED).read_text()
    result = check_files(seed=typical.replace("def connect_db()", "def connect_db(settings)"))[SEED]
    assert "connect_db() missing 1 required positional argument: 'settings'" in result.sentence


def advice_of(result: Result, promise: str) -> str:
    return next(v.advice.hint for v in result.verdicts if v.advice and promise in v.probe.promise)


def outcome_of(result: Result, promise: str) -> str:
    return next(v.outcome for v in result.verdicts if promise in v.probe.promise)


SEED_AGAIN = "seeding again"
BAD_ROW = "a file with a bad row"


def typical_seed(*changes: tuple[str, str]) -> str:
    text = (SOLUTIONS / "typical" / FOLDER / SEED).read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def test_a_collation_that_only_mysql_has_works_on_mariadb_too(check_files: CheckAll) -> None:
    name = "NOT EXISTS ALX_prodev"
    collated = typical_seed((name, f"{name} CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"))
    result = check_files(seed=collated)[SEED]
    assert {v.outcome for v in result.verdicts if v.level == ASKED} == {OK}, text_of(result)


SKIPS = """            if not row["age"].isdigit():
                continue
"""
SKIPS_NAMELESS = """            if not row["name"]:
                continue
"""


def test_a_bad_row_that_nobody_hears_of_gets_the_advice_that_helps(check_files: CheckAll) -> None:
    loop = "        for row in csv.DictReader(file):\n"
    ignores = check_files(seed=typical_seed(("INSERT INTO", "INSERT IGNORE INTO")))[SEED]
    wrong(ignores, BEYOND, "4 rows were kept, the last one with the age 0")
    assert "use ON DUPLICATE KEY UPDATE: IGNORE turns every error into a warning" in advice_of(
        ignores, BAD_ROW
    )
    skips = check_files(seed=typical_seed((loop, loop + SKIPS)))[SEED]
    wrong(
        skips,
        BEYOND,
        "'old', 3 rows were kept, and no error told the caller that one was left out",
    )
    assert "no skipping" in advice_of(skips, BAD_ROW)
    skips = check_files(seed=typical_seed((loop, loop + SKIPS_NAMELESS)))[SEED]
    wrong(skips, BEYOND, "of a file whose last row has no name, 3 rows were kept, and no error told")
    commits = ("    with open", "    connection.autocommit = True\n    with open")
    halves = check_files(seed=typical_seed(commits))[SEED]
    assert advice_of(halves, BAD_ROW) == "insert all rows in one transaction"


UNLESS_FILLED = """    cursor.execute("SELECT COUNT(*) FROM user_data")
    if cursor.fetchone()[0]:
        return
    with open"""
UNLESS_THERE = """            cursor.execute("SELECT 1 FROM user_data WHERE email = %s", (row["email"],))
            if cursor.fetchone():
                continue
"""


def test_a_seed_that_stops_when_the_table_has_rows_misses_who_is_new(check_files: CheckAll) -> None:
    result = check_files(seed=typical_seed(("    with open", UNLESS_FILLED)))[SEED]
    wrong(result, BEYOND, "a user who was added to the file since then is not stored")
    assert outcome_of(result, "an error reaches the caller") == OK, text_of(result)  # no lock in the way
    assert "look for each user by email" in advice_of(result, SEED_AGAIN)
    loop = "        for row in csv.DictReader(file):\n"
    result = check_files(seed=typical_seed((loop, loop + UNLESS_THERE)))[SEED]
    assert outcome_of(result, SEED_AGAIN) == OK
    leaves = UNLESS_THERE.replace("continue", "return")
    result = check_files(seed=typical_seed((loop, loop + leaves)))[SEED]
    wrong(result, BEYOND, "is not stored: `return` in line 34 leaves the loop over the rows")
    assert advice_of(result, SEED_AGAIN) == "continue with the next row"


ERRORS_SWALLOWED = """
import csv, uuid
import mysql.connector
def connect_db():
    return mysql.connector.connect(user="root")
def create_database(connection):
    cursor = connection.cursor()
    try:
        cursor.execute("CREATE DATABASE IF NOT EXISTS ALX_prodev")
    except mysql.connector.Error as error:
        print(error)
    finally:
        cursor.close()
def connect_to_prodev():
    return mysql.connector.connect(user="root", database="ALX_prodev")
def create_table(connection):
    cursor = connection.cursor()
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS user_data"
        " (user_id CHAR(36) PRIMARY KEY, name VARCHAR(255), email VARCHAR(255), age INT)"
    )
def insert_data(connection, data):
    try:
        with open(data) as file:
            for row in csv.DictReader(file):
                values = (str(uuid.uuid4()), row["name"], row["email"], row["age"])
                connection.cursor().execute("INSERT INTO user_data VALUES (%s, %s, %s, %s)", values)
        connection.commit()
    except FileNotFoundError:
        print("there is no", data)
"""


def test_errors_that_only_the_query_or_the_file_raises_are_missed_too(check_files: CheckAll) -> None:
    result = check_files(seed=ERRORS_SWALLOWED)[SEED]
    wrong(result, BEYOND, "create_database() hides an error of MySQL from the caller; insert_data() also")
    only_the_file = ERRORS_SWALLOWED.replace("        print(error)", "        raise")
    wrong(check_files(seed=only_the_file)[SEED], BEYOND, "'no_such_file.csv') ended as if all were well")


SAME_PAGE = """
import seed
def paginate_users(page_size, offset):
    db = seed.connect_to_prodev()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data ORDER BY user_id LIMIT %s OFFSET %s", (page_size, offset))
    rows = cursor.fetchall()
    db.close()
    return rows
def lazy_paginate(page_size):
    while page := paginate_users(page_size, 0):
        yield page
"""


def test_pages_without_end_are_not_taken_for_another_fault(check_files: CheckAll) -> None:
    counts = SAME_PAGE.replace("    while", "    offset = 0\n    while") + "        offset += page_size\n"
    result = check_files(beside=typical_seed(), pages=counts)[PAGES]
    said = "there is no end: 20 pages of 10 came from a table of 35 users, each with the users of the first"
    wrong(result, ASKED, said)
    assert (
        advice_of(result, "the pages hold") == "give paginate_users the offset that you count up, and not 0"
    )
    assert text_of(result).count("there is no end") == 1
    assert outcome_of(result, "a page is fetched when it is asked for") == OK
    assert outcome_of(result, "the pages have an order") == OK
    assert outcome_of(result, "nobody is shown twice") == NOT_TRIED


READS_SHOP = """
import mysql.connector
def stream_users():
    db = mysql.connector.connect(user="root", database=DATABASE)
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data")
    yield from cursor
"""


@pytest.mark.parametrize(
    ("database", "made", "is_wrong"),
    [
        ('"shop"', "ALX_prodev", True),
        ('__import__("os").getenv("MYSQL_DATABASE", "shop")', "ALX_prodev", True),
        ('__import__("os").getenv("MYSQL_DATABASE")', "ALX_prodev", False),
        ('"alx_PRODEV"', "ALX_prodev", False),
        ('" ALX_prodev "', "ALX_prodev", False),  # the driver takes the blanks away
        ('"shop"', "shop", False),  # the seed is where that is said
    ],
)
def test_a_file_reads_the_database_that_the_seed_makes(
    database: str, made: str, is_wrong: bool, check_files: CheckAll
) -> None:
    seed = typical_seed().replace("ALX_prodev", made)
    result = check_files(beside=seed, stream=READS_SHOP.replace("DATABASE", database))[STREAM]
    unless = " unless a setting says otherwise" if "getenv" in database else ""
    sentence = f"it reads the database shop{unless}, and seed.py makes ALX_prodev"
    assert (sentence in text_of(result)) is is_wrong, text_of(result)
    assert ("it reads the database" in text_of(result)) is is_wrong


COLLECTED = """
import seed
def stream_user_ages():
    db = seed.connect_to_prodev()
    cursor = db.cursor()
    cursor.execute("SELECT age FROM user_data")
    for (age,) in cursor:
        yield age
    db.close()
def average_age():
    COLLECT
    return sum(ages) / len(ages) if ages else 0
if __name__ == "__main__":
    print(f"Average: {average_age():.2f}")
"""
IN_THE_LOOP = """total = count = 0
    for age in stream_user_ages():
        total, count = total + age, count + 1
    ages = [total / count] if count else []"""


BESIDE = """
    return ages[0] if ages else 0
def ages_in_a_list():
    ages = list(stream_user_ages())"""
ONLY_FEW = "if len('') < 9: [].append(age)\n"


@pytest.mark.parametrize(
    ("collect", "shown"),
    [
        ("ages = list(stream_user_ages())", "ages = list(stream_user_ages())"),
        ("found = stream_user_ages()\n    ages = [age for age in found]", "ages = [age for age in found]"),
        (
            "ages = []\n    for a in stream_user_ages():\n        ages.append(a)",
            "for a in stream_user_ages():",
        ),
        (IN_THE_LOOP.replace("count + 1\n", "count + 1\n        " + ONLY_FEW) + BESIDE, ""),
    ],
)
def test_ages_that_are_all_held_for_their_average_are_named(
    collect: str, shown: str, check_files: CheckAll
) -> None:
    result = check_files(beside=typical_seed(), ages=COLLECTED.replace("COLLECT", collect))[AGES]
    if shown:
        wrong(result, BEYOND, f"all ages are collected before they are used: {shown} (line 1")
    else:
        assert outcome_of(result, "not all at once") == OK, text_of(result)
    assert "print `Average age of users:` before the number" in advice_of(result, "prints `Average age")


def test_a_file_that_reads_the_table_when_it_is_imported_is_told_so(check_files: CheckAll) -> None:
    ages = COLLECTED.replace("COLLECT", IN_THE_LOOP).replace('if __name__ == "__main__":', "if True:")
    found = check_files(beside=typical_seed(), ages=ages, pages=SAME_PAGE + "print(next(lazy_paginate(5)))\n")
    wrong(found[AGES], BEYOND, "the table is read when the file is imported: SELECT age FROM user_data")
    wrong(found[PAGES], BEYOND, "the table is read when the file is imported: SELECT * FROM user_data")
    assert outcome_of(found[PAGES], "a page is fetched when it is asked for") == OK


WITH_FAKER = "from faker import Faker\n"
PLAN_B = "try:\n    from faker import Faker\nexcept ImportError:\n    Faker = None\n"


def test_a_package_that_is_not_installed_matters_only_where_it_is_used(check_files: CheckAll) -> None:
    stream = READS_SHOP.replace("DATABASE", "'ALX_prodev'")
    found = check_files(seed=WITH_FAKER + typical_seed(), stream="import seed\n" + stream)
    assert (found[SEED].state, found[STREAM].state) == ("tried", "tried")
    uses = typical_seed(("    with open", "    Faker()\n    with open"))
    found = check_files(seed=WITH_FAKER + uses, stream="import seed\n" + stream)
    assert found[SEED].state == "unavailable"
    assert "imports 'faker', which is neither in its folder nor installed here" in found[SEED].sentence
    assert found[STREAM].state == "tried"
    uses = uses.replace("Faker()", "Faker and Faker()")
    assert check_files(seed=PLAN_B + uses)[SEED].state == "tried"


FOR_SQLITE = """
import os, sqlite3
def stream_users():
    if not os.path.exists("shop.db"):
        raise FileNotFoundError("shop.db is missing: run seed.py first")
    yield from sqlite3.connect("shop.db").execute("SELECT * FROM user_data")
"""
NO_SETTINGS = """
import mysql.connector
def stream_user_ages():
    try:
        db = mysql.connector.connect()
        cursor = db.cursor()
        cursor.execute("SELECT age FROM user_data")
        for (age,) in cursor:
            yield age
    except mysql.connector.Error as error:
        print(error)
"""


def test_a_file_that_comes_to_no_server_is_told_why(check_files: CheckAll) -> None:
    found = check_files(stream=FOR_SQLITE, ages=NO_SETTINGS)
    assert "0-stream_users.py reads SQLite; the table of the" in found[STREAM].sentence, text_of(
        found[STREAM]
    )
    assert "mysql.connector.connect() has nothing in its parentheses" in found[AGES].sentence


def test_a_seed_that_asks_for_user_and_password_gets_an_answer(check_files: CheckAll) -> None:
    asks = 'user=input("MySQL user: "), password=getpass("Enter your password: ")'
    text = typical_seed(("import csv\n", "import csv\nfrom getpass import getpass\n"))
    text = text.replace('host="db.example.com", user="ada", password="tr0ub4dor&3"', asks)
    assert check_files(seed=text)[SEED].score(ASKED) == (4, 4)
    other = check_files(seed=text.replace("MySQL user: ", "How many users? "))[SEED]
    assert "raised EOFError" in other.sentence


def test_a_default_is_a_name_of_the_database(check_files: CheckAll) -> None:
    setting = 'NAME = os.getenv("DB_NAME", "shop")\n\n\ndef connect_db'
    text = typical_seed(("def connect_db", setting), ("import csv", "import csv\nimport os"))
    text = text.replace(
        '"CREATE DATABASE IF NOT EXISTS ALX_prodev"', 'f"CREATE DATABASE IF NOT EXISTS {NAME}"'
    )
    text = text.replace('"ALX_prodev"', "NAME")
    said = "the database is called shop, unless a setting says otherwise, and the curriculum asks for"
    wrong(check_files(seed=text)[SEED], ASKED, said)
    text = "import dotenv\ndotenv.load_dotenv()\n" + text.replace(', "shop"', "")
    without = check_files(seed=text, **{"../.env": "DB_NAME=shop"})[SEED]
    assert outcome_of(without, "the database is ALX_prodev") == NOT_TRIED


def test_rows_that_a_seed_takes_away_or_leaves_out_are_missed(check_files: CheckAll) -> None:
    create = '    cursor.execute(\n        "CREATE TABLE'
    drops = typical_seed((create, '    cursor.execute("DROP TABLE IF EXISTS user_data")\n' + create))
    result = check_files(seed=drops)[SEED]
    wrong(result, BEYOND, "a user who was in the table, and is not in the file, is gone after seeding again")
    loop = "        for row in csv.DictReader(file):\n"
    skips = '            if row["age"] is None:\n                continue\n'
    result = check_files(seed=typical_seed((loop, loop + skips)))[SEED]
    wrong(result, BEYOND, "of a file whose last row has no age, 3 rows were kept, and no error told")


def test_a_number_is_no_uuid(check_files: CheckAll) -> None:
    text = typical_seed(
        ("CHAR(36) PRIMARY KEY", "INT AUTO_INCREMENT PRIMARY KEY"),
        ("(str(uuid.uuid4()), ", "("),
        ("(user_id, name, email, age) VALUES (%s, ", "(name, email, age) VALUES ("),
    )
    result = check_files(seed=text)[SEED]
    wrong(result, BEYOND, "in the table user_data, user_id is INT, not a UUID")
    wrong(result, BEYOND, "after seeding once the table had 3 rows, and after the second time 6")


def test_an_error_that_a_connection_closed_by_create_database_does_not_hide(check_files: CheckAll) -> None:
    text = ERRORS_SWALLOWED.replace("        cursor.close()", "        connection.close()")
    text = text.replace("    cursor.execute(\n", "    try_it(cursor,\n")
    text += """
def try_it(cursor, query):
    try:
        cursor.execute(query)
    except mysql.connector.Error as error:
        print(error)
"""
    wrong(check_files(seed=text)[SEED], BEYOND, "create_database() and create_table() hid an error of MySQL")


FINALLY = """
import helper
def stream_users():
    db = cursor = None
    try:
        db = helper.connect()
        cursor = db.cursor()
        cursor.execute("SELECT * FROM user_data")
        yield from cursor
    finally:
        FINALLY
        db.close()
"""


@pytest.mark.parametrize(
    ("names", "line", "error", "closes"),
    [
        (
            "db = cursor = None",
            "db.is_connected()",
            "AttributeError: 'NoneType' object has no attribute 'is_connected'",
            "close the connection without asking is_connected() first",
        ),
        ("pass", "if cursor: cursor.reset()", "UnboundLocalError", ""),
    ],
)
def test_an_error_in_the_finally_that_hides_the_one_of_mysql_is_named(
    names: str, line: str, error: str, closes: str, check_files: CheckAll
) -> None:
    """So is is_connected(), which asks the server while rows are unread."""
    text = FINALLY.replace("db = cursor = None", names).replace("FINALLY", line)
    result = check_files(stream=text, **{"helper.py": CONNECT})[STREAM]
    wrong(result, BEYOND, f"when MySQL cannot be reached it raised {error}")
    assert advice_of(result, "a database error reaches the caller").startswith("connect right before the try")
    assert not closes or advice_of(result, "the connection is closed").startswith(closes)


def test_rows_that_are_read_only_because_the_caller_left_are_named(check_files: CheckAll) -> None:
    text = FINALLY.replace("FINALLY", "cursor.fetchall()")
    result = check_files(stream=text, **{"helper.py": CONNECT})[STREAM]
    wrong(result, BEYOND, "after 6 of 30 users the caller left, and then the other rows were read")
    assert outcome_of(result, "rows are read as they are wanted") == OK


LAST_ONE = """
import helper
def stream_users_in_batches(batch_size):
    db = helper.connect()
    cursor = db.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    while batch := cursor.fetchmany(batch_size):
        yield batch
    db.close()
def batch_processing(batch_size):
    for batch in stream_users_in_batches(batch_size):
        for user in batch:
            if user["age"] > 25:
                found = user
                print(found)
    return found
"""


def test_a_name_that_only_a_user_over_25_binds_is_missed(check_files: CheckAll) -> None:
    result = check_files(batches=LAST_ONE, **{"helper.py": CONNECT})[BATCHES]
    wrong(result, BEYOND, "when all users are 20, batch_processing(12) raised UnboundLocalError")
    result = check_files(batches=LAST_ONE.replace("    return found\n", ""))[BATCHES]
    assert outcome_of(result, "nobody over 25") == OK
    assert not result.notes


READ_BY_NOBODY = LAST_ONE.replace("print(found)", "yield found").replace("    return found\n", "    return\n")


def test_a_generator_that_nobody_reads_is_named(check_files: CheckAll) -> None:
    main = 'if __name__ == "__main__":\n    '
    text = READ_BY_NOBODY + main + "batch_processing(50)\n"
    result = check_files(batches=text, **{"helper.py": CONNECT})[BATCHES]
    wrong(
        result, ASKED, "nothing runs in this line, because nobody reads the generator: batch_processing(50)"
    )
    main += "print(*batch_processing(50))\n    users = batch_processing(50)\n"
    assert outcome_of(check_files(batches=READ_BY_NOBODY + main)[BATCHES], "runs by itself") == OK


def test_more_loops_than_the_exercise_allows_are_worth_a_note(check_files: CheckAll) -> None:
    text = LAST_ONE.replace("        yield batch", "        for user in batch:\n            yield [user]")
    found = check_files(batches=text, **{"helper.py": CONNECT})[BATCHES]
    assert found.notes == ["1-batch_processing.py has 4 loops in its functions, and the exercise allows 3"]
    text = LAST_ONE.replace("in batch:", "in [user for user in batch if user]:")
    of_columns = text.replace("user for user in batch if user", "d for d in batch.description")
    assert check_files(batches=of_columns)[BATCHES].notes == []
    found = check_files(batches=text)[BATCHES]
    said = "1-batch_processing.py has 4 loops in its functions, counting a comprehension, and the exercise"
    assert found.notes == [f"{said} allows 3"]


RETURNS_NOTHING = """
import helper
def paginate_users(page_size, offset):
    rows = page(page_size, offset)
def page(page_size, offset):
    db = helper.connect()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data LIMIT %s OFFSET %s", (page_size, offset))
    return cursor.fetchall()
def lazy_paginate(page_size):
    offset = 0
    while rows := page(page_size, offset):
        yield rows
        offset += page_size
"""


NO_NAME = """
import helper
def stream_users():
    cursor = helper.connect().cursor()
    cursor.execute("SELECT * FROM user_data")
    yield from cursor
"""
NO_YIELD = """
import helper
def stream_users_in_batches(batch_size):
    db = helper.connect()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data")
    print(cursor.fetchmany(batch_size))
"""
CLOSED_EACH_TIME = """
import helper
def stream_user_ages():
    db = helper.connect()
    cursor = db.cursor()
    cursor.execute("SELECT age FROM user_data")
    for (age,) in cursor:
        yield age
        cursor.close()
"""


def test_first_attempts_are_told_how_to_go_on(check_files: CheckAll) -> None:
    files = {"pages": RETURNS_NOTHING, "ages": CLOSED_EACH_TIME, "helper.py": CONNECT}
    seed = typical_seed(("connection.commit()", "connection.commit"))
    found = check_files(seed=seed, stream=NO_NAME, batches=NO_YIELD, **files)
    said = (
        "insert_data() does not commit: its rows are lost when the connection is closed; `connection.commit`"
    )
    assert found[SEED].state == "broken" and said in found[SEED].sentence
    assert found[SEED].hint == "call connection.commit() after the last row"
    assert found[STREAM].hint.startswith("a cursor is of use while its connection is open and has a name")
    assert "should give batches, and gave None" in found[BATCHES].sentence
    assert found[BATCHES].hint.startswith("a function with yield in it returns a generator; print()")
    wrong(found[PAGES], ASKED, "paginate_users(10, 25) returned None instead of the users")
    assert found[AGES].hint.startswith("`cursor.close()` in line 9 is in the loop that reads with it")


ENDS_THE_PROGRAM = """
def connect_db(connect=connect_db):
    try:
        return connect()
    except mysql.connector.errorcode.ER_ACCESS_DENIED_ERROR:
        return None
def connect_to_prodev(connect=connect_to_prodev):
    print("Connecting")
    try:
        return connect()
    except mysql.connector.Error:
        raise SystemExit(1)
def insert_data(connection, data, insert=insert_data):
    insert(connection, data)
    print("Inserted 1 record")
"""
ALL_AT_ONCE = """
import seed
def stream_users():
    db = seed.connect_to_prodev()
    cursor = db.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    yield cursor.fetchall()
if __name__ == "__main__":
    stream_users()
"""
CURSOR_CLOSED = """
import sys, seed, mysql.connector
def stream_users_in_batches(batch_size):
    db = seed.connect_to_prodev()
    cursor, offset = db.cursor(dictionary=True), 0
    try:
        while True:
            cursor.execute("SELECT * FROM user_data LIMIT %s OFFSET %s", (batch_size, offset))
            batch, offset = cursor.fetchall(), offset + batch_size
            if not batch:
                break
            yield batch
            cursor.close()
    except mysql.connector.Error as error:
        print("Stopped:", error)
def batch_processing(batch_size):
    for batch in stream_users_in_batches(batch_size):
        print(*[user for user in batch if user["age"] > 25])
if __name__ == "__main__":
    print("Check: it has a return", file=sys.stderr)
    sys.exit(1)
"""
ONE_FURTHER = """
import seed
def paginate_users(page_size, offset):
    db = seed.connect_to_prodev()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data ORDER BY user_id LIMIT %s OFFSET %s", (page_size, offset))
    return cursor.fetchall()
def lazy_paginate(page_size):
    offset = 0
    while page := paginate_users(page_size, offset):
        yield page
        offset += 1
"""
AGES_AS_TEXT = """
import mysql
import seed
def stream_user_ages():
    db = seed.connect_to_prodev()
    cursor = db.cursor()
    cursor.execute("SELECT age FROM user_data")
    for row in cursor:
        yield str(row[0])
def average_age():
    count = total = 0
    for age in stream_user_ages():
        count, total = count + 1, total + int(age)
    return total / count if count else mysql.connector.__file__[:0] or None
if __name__ == "__main__":
    print(f"Average age of users: {average_age():.2f}")
"""
ZERO_FOR_NO_AGE = ('row["age"])', 'row["age"] or 0)')


def test_what_beginners_write_is_told_with_its_first_cause(check_files: CheckAll) -> None:
    found = check_files(
        seed=typical_seed(ZERO_FOR_NO_AGE) + ENDS_THE_PROGRAM,
        stream=ALL_AT_ONCE,
        batches=CURSOR_CLOSED,
        pages=ONE_FURTHER,
        ages=AGES_AS_TEXT,
    )
    said = (
        "when MySQL cannot be reached, connect_to_prodev() ends the program of the caller with exit(); after "
    )
    wrong(
        found[SEED], BEYOND, f"{said}an error of MySQL, connect_db() raises TypeError: catching classes that"
    )
    said = "of a file with 3 users, all new, insert_data() stores 3, and prints: Inserted 1 record"
    assert said in found[SEED].notes
    wrong(found[SEED], BEYOND, "has no age, 4 rows were kept, the last one with the age 0")

    users = found[STREAM]
    wrong(users, ASKED, "stream_users() yields 30 users at once, in a list: [{'user_id': '")
    assert max(len(verdict.sentence) for verdict in users.verdicts) < 200
    assert users.notes == [
        "nothing runs in this line of 0-stream_users.py, because nobody reads the generator: stream_users()",
        "before the first user comes, seed.py prints: Connecting",
    ]

    batches = found[BATCHES]
    printed = "printed last: Stopped: 2055: Cursor is not connected"
    wrong(batches, ASKED, f"batch_processing(12) shows the users of the first batch only; it {printed}")
    for promise in ("batches have the wanted size", "only users over 25"):
        assert advice_of(batches, promise) == "take `cursor.close()` in line 13 out of the loop"
    wrong(batches, ASKED, "ended with exit status 1, and printed last: Check: it has a return")
    assert outcome_of(batches, "prints nothing among the batches") == NOT_TRIED

    wrong(found[PAGES], ASKED, "of 35 users: 9 of the 10 on the second were on the first")
    assert "there is no end" not in text_of(found[PAGES])
    wrong(found[AGES], ASKED, "an age should be a number, not the text '24'")
    wrong(found[AGES], BEYOND, "with an empty table the script raised TypeError: unsupported format")
    assert any("imports mysql, which does not load" in note for note in found[AGES].notes)


def test_a_byte_order_mark_and_other_lines_do_not_matter(check_files: CheckAll) -> None:
    ages = COLLECTED.replace("COLLECT", IN_THE_LOOP).replace(
        'print(f"Average', 'print(list(range(99)), f"\\nAverage'
    )
    result = check_files(beside=typical_seed(), ages="\ufeff" + ages)[AGES]
    assert outcome_of(result, "not all at once") == OK, text_of(result)
    wrong(result, ASKED, "python3 4-stream_ages.py printed Average: 33.77")


INTO = "INSERT INTO user_data (user_id, name, email, age) VALUES (%s, %s, %s, %s)"
UNIQUE = ("email VARCHAR(255) NOT NULL", "email VARCHAR(255) NOT NULL UNIQUE")


HIDES_ERRORS = """
insert_rows = insert_data
def insert_data(connection, data):
    try:
        insert_rows(connection, data)
    except mysql.connector.Error as error:
        print("Error:", error)
"""


def test_a_second_seeding_that_ends_with_an_error_is_named(check_files: CheckAll) -> None:
    result = check_files(seed=typical_seed(UNIQUE))[SEED]
    said = (
        "when the users are in the table already, insert_data(connection, 'user_data.csv') raised Integrity"
    )
    wrong(result, BEYOND, said)
    hides = typical_seed(UNIQUE) + HIDES_ERRORS
    result = check_files(seed=hides)[SEED]
    wrong(result, BEYOND, "since then is not stored; it printed: Error: 1062 (23000): Duplicate entry")
    assert "ask for the email first" in advice_of(result, SEED_AGAIN)
    passes = typical_seed(UNIQUE, (INTO, INTO + " ON DUPLICATE KEY UPDATE name = name"))
    assert outcome_of(check_files(seed=passes)[SEED], SEED_AGAIN) == OK


BY_POSITION = """    with open(data) as file:
        for row in list(csv.reader(file))[1:]:
            user_id = row[0] if len(row) > 3 else str(uuid.uuid4())
            values = (user_id, row[1], row[2], row[-1])
            cursor.execute("INSERT IGNORE INTO user_data VALUES (%s, %s, %s, %s)", values)
    connection.commit()
"""


def test_columns_that_got_mixed_up_are_shown_and_the_rest_is_tried(check_files: CheckAll) -> None:
    result = check_files(seed=typical_seed().split("    with open")[0] + BY_POSITION)[SEED]
    said = "with a user_data.csv that has the columns name, email and age, a user has the name '"
    wrong(result, ASKED, said)
    assert "number of users" not in text_of(result)
    assert outcome_of(result, SEED_AGAIN) == NOT_TRIED, text_of(result)  # but with a user_id in the file


def test_a_second_statement_behind_the_semicolon_is_told(check_files: CheckAll) -> None:
    """Only the driver's C extension minds."""
    pytest.importorskip("_mysql_connector")
    text = typical_seed((f'"{INTO}"', f'"{INTO};  -- new users"'))
    result = check_files(seed=text)[SEED]
    assert result.state == "broken"
    assert "remove ; -- new users" in text_of(result), text_of(result)
    assert check_files(seed=typical_seed((INTO, INTO + ";")))[SEED].score(ASKED) == (4, 4)


TAKES_ROWS = """def insert_data(connection, rows):
    cursor = connection.cursor()
    for name, email, age in rows:
        try:
            cursor.execute("INSERT INTO user_data VALUES (UUID(), %s, %s, %s)", (name, email, age))
        except mysql.connector.Error as error:
            print(error)
    connection.commit()
def rows_of(path):
    try:
        with open(path) as file:
            return list(csv.reader(file))[1:]
    except OSError:
        print("there is no", path)
        return []
if __name__ == "__main__":
    create_database(connect_db())
    connection = connect_to_prodev()
    create_table(connection)
    insert_data(connection, rows_of("user_data.csv"))
"""


def test_errors_are_missed_where_rows_are_given_or_the_script_reads_the_file(check_files: CheckAll) -> None:
    start = typical_seed().split("def insert_data")[0]
    result = check_files(seed=start + TAKES_ROWS)[SEED]
    said = (
        "insert_data() hides an error of MySQL from the caller; without user_data.csv, python3 seed.py ends"
    )
    wrong(result, BEYOND, f"{said} as after a success, and prints: there is no user_data.csv")
    raises = TAKES_ROWS.replace("            print(error)", "            raise")
    wrong(check_files(seed=start + raises)[SEED], BEYOND, "without user_data.csv, python3 seed.py ends as")
    raises = raises.replace("        return []", "        raise SystemExit(1)")
    assert outcome_of(check_files(seed=start + raises)[SEED], "an error reaches the caller") == OK


def test_a_finally_that_trips_over_a_lost_connection_is_named(check_files: CheckAll) -> None:
    create = """def create_table(connection):
    try:
        cursor = connection.cursor()
        create(cursor)
    finally:
        cursor.close()
def create(cursor):
"""
    text = typical_seed(("def create_table(connection):\n    cursor = connection.cursor()\n", create))
    result = check_files(seed=text)[SEED]
    wrong(result, BEYOND, "when the connection is lost, create_table() raises UnboundLocalError, and not the")
    assert advice_of(result, "an error reaches the caller").startswith("make the cursor right before the try")


SEEDS_FIRST = """
import seed
def stream_users():
    db = seed.connect_to_prodev()
    seed.create_table(db)
    seed.insert_data(db, "user_data.csv")
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data")
    yield from cursor
"""
SEEDS_BATCHES = SEEDS_FIRST.replace("stream_users()", "stream_users_in_batches(size)").replace(
    "yield from cursor", "while batch := cursor.fetchmany(size):\n        yield batch"
)
SEEDS_AGES = (
    SEEDS_FIRST.replace("stream_users", "stream_user_ages")
    .replace("SELECT *", "SELECT age")
    .replace("yield from cursor", "yield from (age for (age,) in cursor)")
)
SEEDS_AGES += """def average():
    ages = list(stream_user_ages())
    print("Average age of users:", sum(ages) / len(ages))
average()
"""


def test_a_file_that_fills_the_table_before_it_reads_is_told_so(check_files: CheckAll) -> None:
    batches = SEEDS_BATCHES + "def batch_processing(size): ...\n"
    people = {"user_data.csv": "name,email,age\nAnn Lee,ann@mail.test,34\n"}
    found = check_files(beside=typical_seed(), stream=SEEDS_FIRST, batches=batches, ages=SEEDS_AGES, **people)
    for file in (STREAM, BATCHES, AGES):
        wrong(found[file], ASKED, "it fills the table which it should only read: INSERT INTO user_data")
        assert outcome_of(found[file], "a database error reaches the caller") == OK  # from a server down
        assert found[file].state == "tried"
    assert outcome_of(found[AGES], "the average is right") == NOT_TRIED
    assert outcome_of(found[AGES], "an empty table") == NOT_TRIED


def test_a_file_that_makes_its_table_can_swallow_an_error_too(check_files: CheckAll) -> None:
    text = SEEDS_FIRST.replace('    seed.insert_data(db, "user_data.csv")\n', "").replace(
        "db = seed.connect_to_prodev()",
        "try:\n        db = seed.connect_to_prodev()\n    except Exception:\n        return",
    )
    result = check_files(beside=typical_seed(), stream=text)[STREAM]
    assert result.score(ASKED) == (3, 3)
    wrong(result, BEYOND, "when MySQL cannot be reached it ends as if complete, after 0 users")


GENERATOR_PAGES = """
import helper
def paginate_users(page_size, offset):
    db = helper.connect()
    cursor = db.cursor()
    cursor.execute("SELECT * FROM user_data ORDER BY user_id LIMIT %s OFFSET %s", (page_size, offset))
    yield from cursor
    cursor.close()
    db.close()
def lazy_paginate(page_size):
    offset = 0
    while page := PAGE:
        yield page
        offset += page_size
if __name__ == "__main__":
    for page in lazy_paginate(100):
        print(*page)
"""


def test_pages_that_are_generators_have_no_end(check_files: CheckAll) -> None:
    text = GENERATOR_PAGES.replace("PAGE:", "paginate_users(page_size, offset):")
    result = check_files(pages=text, **{"helper.py": CONNECT})[PAGES]
    wrong(result, ASKED, "there is no end: after the 4 pages with users empty ones come for ever")
    assert "a generator counts as true" in text_of(result)
    assert outcome_of(result, "runs by itself") == NOT_TRIED
    wrong(result, BEYOND, "after 1 of 3 pages the caller left, and nothing closed the connection")
    assert outcome_of(result, "a database error reaches the caller") == OK
    wrong(result, BEYOND, "lazy_paginate(0) should raise ValueError, and gave []")
    text = GENERATOR_PAGES.replace("PAGE:", "list(paginate_users(page_size, offset)):")
    result = check_files(pages=text, **{"helper.py": CONNECT})[PAGES]
    assert result.score(ASKED) == (4, 4), text_of(result)


ONE_USER_AT_A_TIME = FINALLY.replace("stream_users()", "stream_users_in_batches(size)").replace(
    "FINALLY", "cursor.close()"
)


def test_what_the_checker_itself_leaves_half_read_is_not_what_the_code_said(check_files: CheckAll) -> None:
    text = ONE_USER_AT_A_TIME + "def batch_processing(size): ...\n"
    result = check_files(batches=text, **{"helper.py": CONNECT})[BATCHES]
    wrong(result, ASKED, "stream_users_in_batches yields users one by one")
    assert "it printed last" not in text_of(result)


BOUND_IN_THE_LOOP = """
def average_age():
    count = 0
    START
    for age in stream_user_ages():
        count, total = count + 1, total + age
        average = total / count
    END
if __name__ == "__main__":
    print("Average age of users:", average_age())
"""


@pytest.mark.parametrize(
    ("start", "end", "error"),
    [
        ("total = 0", "return average", "UnboundLocalError"),
        (
            "from decimal import Decimal; total = Decimal(0)",
            "return total / Decimal(count)",
            "InvalidOperation",
        ),
        ("total = 0", 'if count: print("Average age of users:", average)', ""),
        ("total = 0", 'if not count: raise ValueError("nobody")\n    return average', ""),
    ],
)
def test_an_average_that_an_empty_table_trips_up_is_named(
    start: str, end: str, error: str, check_files: CheckAll
) -> None:
    ages = COLLECTED.split("def average_age")[0] + BOUND_IN_THE_LOOP.replace("START", start).replace(
        "END", end
    )
    is_silent = "return" not in end
    if is_silent:
        ages = ages.replace('print("Average age of users:", average_age())', "average_age()")
    result = check_files(beside=typical_seed(), ages=ages)[AGES]
    if error:
        wrong(result, BEYOND, f"with an empty table the script raised {error}")
    else:
        assert outcome_of(result, "an empty table") == OK, text_of(result)
    said = "of an empty table 4-stream_ages.py says nothing at all; say that there is nobody"
    assert (said in result.notes) is is_silent


def test_an_average_that_never_works_is_not_tried_with_an_empty_table(check_files: CheckAll) -> None:
    """The error of the full table is named once, where the average is asked for."""
    text = BOUND_IN_THE_LOOP.replace("START", "total = []").replace("END", "return average if count else 0")
    ages = COLLECTED.split("def average_age")[0] + text
    result = check_files(beside=typical_seed(), ages=ages)[AGES]
    wrong(result, ASKED, "average_age() raised TypeError")
    assert outcome_of(result, "an age of 0") == NOT_TRIED
    assert text_of(result).count("average_age() raised") == 1
    always = text.replace("total = []", "total = nothing")
    result = check_files(ages=COLLECTED.split("def average_age")[0] + always)[AGES]
    assert outcome_of(result, "an empty table") == NOT_TRIED, text_of(result)  # NameError in both


MAIN = """

def main():
    create_database(connect_db())
    connection = connect_to_prodev()
    create_table(connection)
    insert_data(connection, "user_data.csv")


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\n    main()\n", "\n    pass\n", "python3 seed.py does nothing: main() is never called"),
        ("\n    main()\n", "\n    main\n", "python3 seed.py does nothing: main() is never called"),
        ('"__main__"', '"main"', "python3 seed.py does nothing: __name__ is never 'main'"),
        ("main()", "start()", ""),
        ("    main()\n", "    print('use insert_data')\n", ""),
    ],
)
def test_a_main_that_never_begins_is_named(old: str, new: str, said: str, check_files: CheckAll) -> None:
    result = check_files(seed=typical_seed() + MAIN.replace(old, new))[SEED]
    if said:
        wrong(result, ASKED, said)
    else:
        assert outcome_of(result, "runs by itself") == OK, text_of(result)


def test_a_script_is_run_on_the_table_that_it_makes(check_files: CheckAll) -> None:
    """One without a user_id that has no default: rows for it fit no other table."""
    text = typical_seed(
        ("user_id CHAR(36) PRIMARY KEY, ", ""),
        ("(str(uuid.uuid4()), ", "("),
        ("(user_id, name, email, age) VALUES (%s, ", "(name, email, age) VALUES ("),
    )
    result = check_files(seed=text + MAIN)[SEED]
    assert outcome_of(result, "runs by itself") == OK, text_of(result)
    wrong(result, ASKED, "the table has no column user_id")


LOOP = "        for row in csv.DictReader(file):\n"
WITH_IDS = "user_id,name,email,age\n" + "".join(
    f"8c6b1f0e-3a51-4f0b-9d0a-2b1c5f6a7d0{number},User {number},user{number}@mail.test,3{number}\n"
    for number in range(5)
)


@pytest.mark.parametrize(
    ("make", "is_wrong"), [("uuid4()", True), ('uuid5(uuid.NAMESPACE_DNS, row["email"])', False)]
)
def test_the_form_of_the_file_without_ids_is_seeded_twice_too(
    make: str, is_wrong: bool, check_files: CheckAll
) -> None:
    text = typical_seed(
        ("str(uuid.uuid4())", f'row.get("user_id") or str(uuid.{make})'),
        (INTO, INTO + " ON DUPLICATE KEY UPDATE name = name"),
    )
    result = check_files(seed=text, **{"user_data.csv": WITH_IDS})[SEED]
    said = "with a user_data.csv that has the columns name, email and age, after seeding once the table had"
    assert (said in text_of(result)) is is_wrong, text_of(result)
    assert (outcome_of(result, SEED_AGAIN) == OK) is not is_wrong


IN_BATCHES = """
def insert_data(connection, data):
    with open(data) as file:
        rows = [(str(uuid.uuid4()), row["name"], row["email"], row["age"]) for row in csv.DictReader(file)]
    CHECK
    for start in range(0, len(rows), 500):
        values = rows[start:start + 500]
        connection.cursor().executemany("INSERT INTO user_data VALUES (%s, %s, %s, %s)", values)
        connection.commit()
"""


@pytest.mark.parametrize(
    ("check", "into", "said"),
    [
        ("pass", "INTO", "of a file with 1201 rows, the last one with the age 'old', 1000 were kept"),
        ("pass", "IGNORE INTO", "the last one with the age 0; and it commits before all rows are in"),
        ("assert all(row[3].isdigit() for row in rows)", "INTO", ""),
    ],
)
def test_a_long_file_that_is_committed_in_parts_is_kept_in_part(
    check: str, into: str, said: str, check_files: CheckAll
) -> None:
    text = typical_seed().split("def insert_data")[0] + IN_BATCHES.replace("CHECK", check).replace(
        "INTO", into
    )
    result = check_files(seed=text)[SEED]
    if said:
        wrong(result, BEYOND, said)
    else:
        assert outcome_of(result, BAD_ROW) == OK, text_of(result)


SELECTS_IT = """    connection = connect_db()
    try:
        connection.cursor().execute("USE ALX_prodev")
    except mysql.connector.Error as error:
        CLOSE
        raise
    return connection
"""
TWICE = "    cursor = connection.cursor()\n    with open"


@pytest.mark.parametrize(
    ("close", "again", "said"),
    [
        ("pass", "", "without the database, connect_to_prodev() failed and left a connection to MySQL open"),
        (
            "connection.close()",
            "connection = connect_to_prodev()",
            "another one was left open by the functions",
        ),
        ("connection.close()", "", ""),
    ],
)
def test_a_connection_that_nobody_gets_is_named(
    close: str, again: str, said: str, check_files: CheckAll
) -> None:
    before, after = typical_seed().split("def connect_to_prodev():\n")
    text = before + "def connect_to_prodev():\n" + SELECTS_IT.replace("CLOSE", close)
    text += "\n\ndef create_table" + after.split("def create_table")[1].replace(
        TWICE, f"    {again}\n{TWICE}"
    )
    result = check_files(seed=text)[SEED]
    if said:
        wrong(result, BEYOND, said)
    else:
        assert outcome_of(result, "no connection stays open") == OK, text_of(result)


def test_what_is_printed_among_the_users_is_named(check_files: CheckAll) -> None:
    """What seed.py prints when it connects, and what goes to logging, is no fault of this file."""
    seed = typical_seed(
        (
            '    return mysql.connector.connect(host="db.example.com", user="ada"',
            '    print("connecting")\n    return mysql.connector.connect(host="db.example.com", user="ada"',
        )
    )
    text = FINALLY.replace("helper.connect()", "helper.connect_to_prodev()").replace("helper", "seed")
    found = check_files(beside=seed, stream=text.replace("FINALLY", "print('the connection is closed')"))
    wrong(
        found[STREAM],
        BEYOND,
        "it prints lines of its own among the users, and the last one is: the connection is",
    )
    assert "give what you want to say to logging" in text_of(found[STREAM])
    found = check_files(stream=text.replace("FINALLY", "__import__('logging').warning('closed')"))
    assert outcome_of(found[STREAM], "prints nothing") == OK, text_of(found[STREAM])
    found = check_files(
        stream=text.replace("SELECT *", "SELECT nothing").replace("FINALLY", "print('Error')")
    )
    assert "of its own" not in text_of(found[STREAM])


GIVES_NONE = """
import mysql.connector
def connect():
    try:
        return mysql.connector.connect(database="ALX_prodev")
    except mysql.connector.Error as error:
        print(error)
"""


def test_a_connect_function_that_hides_the_error_is_named_in_its_own_file(check_files: CheckAll) -> None:
    text = GENERATOR_PAGES.replace("PAGE:", "list(paginate_users(page_size, offset)):")
    own = check_files(pages=GIVES_NONE + text.replace("helper.", "").replace("import helper", ""))[PAGES]
    wrong(own, BEYOND, "when MySQL cannot be reached it raised AttributeError: 'NoneType' object has no")
    assert advice_of(own, "a database error reaches the caller").startswith("let its exception go through")
    other = check_files(pages=text, **{"helper.py": GIVES_NONE})[PAGES]
    assert outcome_of(other, "a database error reaches the caller") == OK


def test_a_setting_that_only_half_of_the_file_reads_is_named(check_files: CheckAll) -> None:
    text = typical_seed(("import csv", "import csv\nimport os"), ('"ALX_prodev"', 'os.getenv("DB_NAME")'))
    said = "with a setting that calls the database shop, it makes none, and connects to shop"
    wrong(check_files(seed=text)[SEED], ASKED, said.replace("none", "ALX_prodev"))
    text = text.replace(
        '"CREATE DATABASE IF NOT EXISTS ALX_prodev"',
        '"CREATE DATABASE IF NOT EXISTS " + os.getenv("DB_NAME")',
    )
    others = {"3-fixed.py": "connect(database='ALX_prodev')", "5-free.py": "# ALX_prodev\n"}
    result = check_files(seed=text, **others)[SEED]
    assert outcome_of(result, "the database is ALX_prodev") == OK
    said = "seed.py makes the database that a setting names, and 3-fixed.py always reads ALX_prodev"
    assert said in result.notes


def test_a_file_that_other_settings_reach_than_the_seed_is_named(tmp_path: Path) -> None:
    (tmp_path / "seed.py").write_text("from dotenv import load_dotenv\nload_dotenv()\n")
    (tmp_path / "0-a.py").write_text("import seed\nos.environ['DB_USER'] += os.getenv('DB_PASSWORD')\n")
    (tmp_path / "1-b.py").write_text("if True:\n    os.environ['DB_USER'] = 'ada'\nos.getenv('TABLE')\n")
    assert sets_the_login(tmp_path) == loads_no_env_file(tmp_path) == ""
    (tmp_path / "2-c.py").write_text("os.environ['DB_USER'] = 'ada'\nconnect(os.getenv('DB_PASSWORD'))\n")
    assert sets_the_login(tmp_path) == "2-c.py sets DB_USER for all that it imports, whatever it was"
    assert loads_no_env_file(tmp_path) == "2-c.py reads settings and does not load .env, as seed.py does"
    (tmp_path / "seed.py").write_text("import mysql.connector\n")
    assert loads_no_env_file(tmp_path) == ""


def test_where_no_file_connects_no_password_is_looked_for(check_files: CheckAll) -> None:
    result = check_files(seed="", stream="# to do\n")[SEED]
    assert outcome_of(result, "no password is written") == NOT_TRIED
    result = check_files(seed="", stream="import mysql.connector\n")[SEED]
    assert outcome_of(result, "no password is written") == OK


def test_rows_that_come_from_no_file_are_named(check_files: CheckAll) -> None:
    start = typical_seed().split("def insert_data")[0]
    elsewhere = TAKES_ROWS.replace("with open(path) as file:", "for file in [download(path)]:")
    elsewhere = (
        elsewhere.split("if __name__")[0] + "def download(path):\n    return urlopen(path).readlines()\n"
    )
    result = check_files(seed=start + elsewhere)[SEED]
    wrong(result, ASKED, "nothing in the folder opens user_data.csv: insert_data() was given its rows by the")
    outcome = outcome_of(check_files(seed=start + TAKES_ROWS)[SEED], "fills it from user_data.csv")
    assert outcome == OK


def test_a_first_user_who_is_taken_for_the_titles_is_missed(check_files: CheckAll) -> None:
    text = typical_seed(
        (LOOP, "        rows = csv.DictReader(file)\n        next(rows)\n        for row in rows:\n")
    )
    result = check_files(seed=text)[SEED]
    wrong(result, ASKED, "the first one of the file is missing")
    assert "csv.DictReader does, so take no next()" in text_of(result)


def test_other_parameters_than_those_asked_for_are_shown_without_other_words(check_files: CheckAll) -> None:
    text = LAST_ONE.replace(
        "in_batches(batch_size):\n    db = ", "in_batches(db, batch_size):\n    db = db or "
    )
    result = check_files(batches="print('Error: no file')\n" + text, **{"helper.py": CONNECT})[BATCHES]
    said = (
        "missing 1 required positional argument: 'batch_size'; it is defined with (db, batch_size), and the"
    )
    assert said in result.sentence
    assert "it printed last" not in text_of(result)
    text = LAST_ONE.replace("in_batches(batch_size):", "in_batches(batch_size, table='user_data'):")
    assert check_files(batches=text)[BATCHES].score(ASKED) == (3, 3)


def test_a_close_that_is_not_called_is_shown(check_files: CheckAll) -> None:
    text = FINALLY.replace("db.close()", "db.close").replace("FINALLY", "pass")
    result = check_files(stream=text, **{"helper.py": CONNECT})[STREAM]
    wrong(result, BEYOND, "nothing closed the connection to MySQL: `db.close` in line 12 has no parentheses")
    assert advice_of(result, "the connection is closed") == "write a pair of parentheses after its name"


def test_ages_that_are_left_out_as_decimals_are_said_to_be_some(check_files: CheckAll) -> None:
    only_ints = LAST_ONE.replace(
        'if user["age"] > 25', 'if isinstance(user["age"], int) and user["age"] > 25'
    )
    ages = COLLECTED.replace("COLLECT", IN_THE_LOOP).replace(
        "        yield age", "        if type(age) is int:\n            yield age"
    )
    found = check_files(
        beside=typical_seed(),
        batches=only_ints.replace("    return found\n", ""),
        ages=ages,
        **{"helper.py": CONNECT},
    )
    said = "of the 16 users over 25 batch_processing(12) shows nobody, as the age of each is a Decimal"
    wrong(found[BATCHES], ASKED, said)
    wrong(found[AGES], ASKED, "0 of 30 ages came, as each is a Decimal: were they ints, all would come")
    assert "a Decimal is a number" in advice_of(found[AGES], "yields the age")


def test_what_returns_nothing_is_not_said_to_raise_an_error(check_files: CheckAll) -> None:
    result = check_files(ages="import helper\ndef stream_user_ages():\n    pass\n", **{"helper.py": CONNECT})[
        AGES
    ]
    assert result.sentence == "stream_user_ages() should return a generator, and returned None"
    text = LAST_ONE.split("    while")[0] + "    return cursor.fetchall()\n"
    result = check_files(batches=text)[BATCHES]
    wrong(result, ASKED, "stream_users_in_batches returns a list of users, and yields no batches")


def test_a_return_that_ends_the_loop_is_shown(check_files: CheckAll) -> None:
    text = LAST_ONE.replace(
        "                found = user\n                print(found)\n    return found\n", "RETURN"
    )
    first = text.replace("RETURN", "                return user\n")
    result = check_files(batches=first, **{"helper.py": CONNECT})[BATCHES]
    wrong(result, ASKED, "16 are over 25, because it ends in the loop, with `return user` in line 14")
    assert advice_of(result, "only users over 25") == "print each of them, or yield it"
    last = text.replace("RETURN", "                found = user\n    return found\n")
    result = check_files(batches=last)[BATCHES]
    assert "it shows 1 of the 30 users, and 16 are over 25" in text_of(result)
    assert "ends in the loop" not in text_of(result)


def test_what_is_called_otherwise_is_shown_where_a_name_is_missing(check_files: CheckAll) -> None:
    seed = typical_seed(("def connect_to_prodev(", "def connect_to_prodev_db("))
    text = FINALLY.replace("FINALLY", "pass").replace("def stream_users(", "def stream_user(")
    found = check_files(seed=seed, stream=text, **{"helper.py": CONNECT})
    assert found[SEED].sentence == "seed.py defines no connect_to_prodev; it has connect_to_prodev_db"
    assert found[STREAM].sentence == "0-stream_users.py defines no stream_users; it has stream_user"
    seed = typical_seed(("def create_database(", "def create_tables("), ("def create_table(", "def x("))
    said = "seed.py defines no create_database and no create_table; it has create_tables"
    assert check_files(seed=seed)[SEED].sentence == said
    seed = typical_seed(("def create_database(", "def make("))
    assert (
        check_files(seed=seed)[SEED].sentence == "seed.py defines no create_database"
    )  # and create_table is asked


def test_a_table_that_only_mariadb_makes_is_named(check_files: CheckAll) -> None:
    result = check_files(seed=typical_seed(("user_id CHAR(36)", "user_id UUID")))[SEED]
    assert "user_id has the type UUID, which only MariaDB has" in text_of(result) or result.state == "broken"


def test_the_line_about_the_table_has_no_more_words_than_asked(check_files: CheckAll) -> None:
    line = "Table user_data created successfully"
    result = check_files(seed=typical_seed((line, f"{line} or already exists.")))[SEED]
    wrong(result, BEYOND, f"create_table() did not print: {line}; it printed: {line} or already exists.")
    result = check_files(seed=typical_seed((line, f"ok: {line}!")))[SEED]
    assert outcome_of(result, "the table is as the exercise says") == OK
    assert f"create_table() prints 'ok: {line}!', and the exercise only '{line}'" in result.notes


READS_IDS = """def insert_data(connection, rows):
    cursor = connection.cursor()
    query = "INSERT INTO user_data VALUES (%s, %s, %s, %s) ON DUPLICATE KEY UPDATE age = age"
    cursor.executemany(query, rows)
    connection.commit()
if __name__ == "__main__":
    create_database(connect_db())
    connection = connect_to_prodev()
    create_table(connection)
    with open("user_data.csv") as file:
        rows = csv.DictReader(file)
        insert_data(connection, [(row["user_id"], row["name"], row["email"], row["age"]) for row in rows])
"""


def test_the_ids_of_rows_are_those_of_the_code_and_not_of_the_checker(check_files: CheckAll) -> None:
    start = typical_seed().split("def insert_data")[0]
    result = check_files(seed=start + READS_IDS)[SEED]
    wrong(result, ASKED, "python3 seed.py ended with KeyError: 'user_id'")  # the file has none
    assert advice_of(result, "fills it from user_data.csv").startswith("make one, with uuid")
    assert outcome_of(result, SEED_AGAIN) == OK, text_of(result)
    makes_ids = READS_IDS.replace('row["user_id"]', "str(uuid.uuid4())")
    makes_ids = makes_ids.replace("in rows]", 'in rows if row["age"].isdigit()]')
    result = check_files(seed=start + makes_ids)[SEED]
    assert outcome_of(result, "fills it from user_data.csv") == OK
    wrong(result, BEYOND, "after seeding once the table had 3 rows, and after the second time 6")
    wrong(result, BEYOND, "by python3 seed.py, of a file whose last row has the age 'old', 3 rows were kept")


PRINTS_ERRORS = """
if __name__ == "__main__":
    try:
        create_database(connect_db())
        connection = connect_to_prodev()
        create_table(connection)
        insert_data(connection, "user_data.csv")
    except mysql.connector.Error as error:
        print("no luck:", error)
"""


def test_a_main_part_that_hides_an_error_from_the_shell_is_named(check_files: CheckAll) -> None:
    result = check_files(seed=typical_seed() + PRINTS_ERRORS)[SEED]
    said = "when MySQL cannot be reached, python3 seed.py ends with exit status 0, as after a success, and"
    wrong(result, BEYOND, f"{said} prints: no luck: 2003")
    assert advice_of(result, "an error reaches the caller").endswith("end with raise SystemExit(1)")
    result = check_files(seed=typical_seed() + PRINTS_ERRORS + "        raise SystemExit(1)\n")[SEED]
    assert outcome_of(result, "an error reaches the caller") == OK


def test_a_path_that_is_not_the_one_opened_is_named(check_files: CheckAll) -> None:
    result = check_files(seed=typical_seed(("open(data)", 'open("user_data.csv")')))[SEED]
    said = "insert_data(connection, 'no_such_file.csv') stored the users of user_data.csv: it does not open"
    wrong(result, BEYOND, said)
    assert advice_of(result, "an error reaches the caller") == "open that, and no fixed name"


def test_a_name_that_is_cut_without_an_error_is_missed(check_files: CheckAll) -> None:
    by_number = typical_seed(('row["age"])', 'int(row["age"]))'))
    assert outcome_of(check_files(seed=by_number)[SEED], BAD_ROW) == OK
    result = check_files(seed=by_number.replace("INSERT INTO", "INSERT IGNORE INTO"))[SEED]
    wrong(
        result,
        BEYOND,
        "has a name of 323 characters, 4 rows were kept, with that name cut to 255 and no error",
    )
    assert advice_of(result, BAD_ROW).startswith("use ON DUPLICATE KEY UPDATE")
    result = check_files(seed=by_number.replace("name VARCHAR(255)", "name TEXT"))[SEED]
    assert outcome_of(result, BAD_ROW) == OK


def test_what_seed_prints_at_each_page_is_printed_among_the_pages(check_files: CheckAll) -> None:
    pages = SAME_PAGE.replace("offset), (page", "offset), (page").replace(
        "    while page := paginate_users(page_size, 0):\n        yield page\n",
        "    for offset in (0, 10, 20):\n        yield paginate_users(page_size, offset)\n",
    )
    noisy = typical_seed(("def connect_to_prodev():\n", "def connect_to_prodev():\n    print('connected')\n"))
    result = check_files(beside=noisy, pages=pages)[PAGES]
    wrong(result, BEYOND, "seed.py prints lines of its own among the pages, and the last one is: connected")
    assert outcome_of(check_files(beside=typical_seed(), pages=pages)[PAGES], "prints nothing") == OK


IN_THE_MAIN_PART = """
if __name__ == "__main__":
    ages = total = 0
    for age in stream_user_ages():
        ages, total = ages + 1, total + age
    print("Average age of users:", total / ages if ages else 0)
"""


def test_what_is_no_fault_but_worth_saying_is_in_a_note(check_files: CheckAll) -> None:
    start = COLLECTED.split("def average_age")[0]
    pages = "try:\n    import seed\nexcept ImportError:\n    exit(1)\n" + SAME_PAGE
    stream = READS_SHOP.replace("DATABASE", '"alx_prodev"')
    found = check_files(seed=typical_seed(), stream=stream, pages=pages, ages=start + IN_THE_MAIN_PART)
    assert found[AGES].notes == [
        "4-stream_ages.py averages in its main part; the exercise asks for a function",
        "of an empty table 4-stream_ages.py gives the average 0; 0 is an age, so say that there is nobody",
    ]
    said = "an import of 2-lazy_paginate.py can end the program that imports it: line 4 calls exit()"
    assert found[PAGES].notes == [said]
    said = "0-stream_users.py connects to alx_prodev, and seed.py makes ALX_prodev: one database on Windows"
    assert [note for note in found[SEED].notes if note.startswith(said)]
    in_a_function = start + COLLECTED[len(start) :].replace("COLLECT", IN_THE_LOOP).replace(
        "else 0", 'else print("No users") or 0'
    )
    exits = "if __name__ == '__main__':\n    exit(0)\n"
    ages = in_a_function.replace(":.2f", "")
    found = check_files(seed=typical_seed(), ages=ages, pages=SAME_PAGE + exits, stream=FINALLY)
    assert found[AGES].notes == found[PAGES].notes == []
    assert [note for note in found[SEED].notes if not note.startswith(LEFT_OPEN)] == []


def test_where_there_is_no_average_its_words_are_not_missed(check_files: CheckAll) -> None:
    ages = COLLECTED.split("def average_age")[0] + "for age in stream_user_ages():\n    print(age)\n"
    result = check_files(beside=typical_seed(), ages=ages)[AGES]
    wrong(result, ASKED, "no average is printed when the file is run, and no function of it gives one")
    assert outcome_of(result, "prints `Average age of users:`") == NOT_TRIED


SHARED = """
import logging
import mysql.connector
logger = logging.getLogger(__name__)
logger.handlers or logger.addHandler(logging.StreamHandler())
try:
    db = mysql.connector.connect(database="ALX_prodev")
except mysql.connector.Error as error:
    logger.error(error)
    db = None
def stream_user_ages():
    if not db:
        return
    cursor = db.cursor()
    cursor.execute("SELECT age FROM user_data")
    for (age,) in cursor:
        yield age
    db.close()
def average_age():
    total = count = 0
    for age in stream_user_ages():
        total, count = total + age, count + 1
    logger.info(f"Average age of users: {total / count}")
if __name__ == "__main__":
    average_age()
"""


def test_an_average_that_nobody_sees_is_missed(check_files: CheckAll) -> None:
    """So is the end of a connection that all readers share, and the lack of one."""
    result = check_files(ages=SHARED)[AGES]
    wrong(result, ASKED, "python3 4-stream_ages.py printed nothing")
    assert advice_of(result, "prints `Average age").startswith("print the average: of a log only warnings")
    said = (
        "the connection is opened when the file is imported, and closed by the first that reads it to its end"
    )
    wrong(result, BEYOND, f"{said}: the second one gets OperationalError")
    wrong(
        result,
        BEYOND,
        "when MySQL cannot be reached from its import on, it ends as if complete, after 0 ages",
    )


LEFT_OPEN = "after a row that fails, insert_data() leaves those before it in the open transaction"
ROLLS_BACK = """
insert_rows = insert_data
def insert_data(connection, data):
    try:
        insert_rows(connection, data)
    except Exception:
        connection.rollback()
        raise
"""


def test_rows_that_the_next_commit_would_keep_are_worth_a_note(check_files: CheckAll) -> None:
    assert [note for note in check_files(seed=typical_seed())[SEED].notes if note.startswith(LEFT_OPEN)]
    assert check_files(seed=typical_seed() + ROLLS_BACK)[SEED].notes == []


RUNS_ALL = """
if __name__ == "__main__":
    connection = connect_db()
    create_database(connection)
    connection = connect_to_prodev()
    create_table(connection)
    insert_data(connection, "user_data.csv")
"""


def test_a_main_part_that_loses_its_first_connection_is_named(check_files: CheckAll) -> None:
    said = "python3 seed.py makes 2 connections, and leaves 1 of those before the last one open"
    result = check_files(seed=typical_seed() + RUNS_ALL)[SEED]
    wrong(result, BEYOND, said)
    assert advice_of(result, "no connection stays") == "close it before you connect again"
    closes = RUNS_ALL.replace("connection = connect_to", "connection.close()\n    connection = connect_to")
    assert outcome_of(check_files(seed=typical_seed() + closes)[SEED], "no connection stays open") == OK


def test_a_main_part_that_makes_nothing_is_worth_a_note(check_files: CheckAll) -> None:
    """So is a file of the learner's that has none of the columns, and is not used."""
    connects = "if __name__ == '__main__':\n    connect_db().close()\n"
    found = check_files(seed=typical_seed() + connects, **{"user_data.csv": '"""name"",""email"""\n"a"\n'})
    notes = "; ".join(found[SEED].notes)
    assert "on an empty server, python3 seed.py connects to MySQL, and makes no table user_data" in notes
    said = """user_data.csv has no columns name and email, only '"name","email"': another file was used"""
    assert said in notes
    found = check_files(seed=typical_seed() + RUNS_ALL, **{"user_data.csv": OWN_CSV})
    assert "on an empty server" not in text_of(found[SEED])


def test_a_function_that_ends_the_program_of_its_caller_is_named(check_files: CheckAll) -> None:
    exits = """
connects = connect_db
def connect_db():
    try:
        return connects()
    except mysql.connector.Error as error:
        print(error)
        exit(1)
creates = create_database
def create_database(connection):
    try:
        creates(connection)
    except mysql.connector.Error as error:
        print(error)
        exit(1)
"""
    text = typical_seed(('user="ada"', 'raise_on_warnings=True, user="ada"'))
    result = check_files(seed=text + exits)[SEED]
    said = "after an error of MySQL, create_database() and connect_db() end the program of the caller"
    wrong(result, BEYOND, said)
    said = (
        "when the database and the table are there already, create_database(connection) raised SystemExit: 1"
    )
    wrong(result, BEYOND, said)
    assert "; it printed: 1007" in text_of(result)
    assert "which raise_on_warnings makes an error of" in advice_of(result, SEED_AGAIN)
    assert advice_of(result, "an error reaches the caller").startswith("leave exit() to the main part")


def test_ids_that_are_bytes_are_worth_a_note(check_files: CheckAll) -> None:
    seed = typical_seed(
        ("user_id CHAR(36)", "user_id BINARY(16)"), ("str(uuid.uuid4())", "uuid.uuid4().bytes")
    )
    stream = FINALLY.replace("FINALLY", "pass")
    said = "user_id is BINARY, and 0-stream_users.py gives its bytes to the caller, not the text"
    assert said in check_files(seed=seed, stream=stream, **{"helper.py": CONNECT})[SEED].notes
    assert said not in check_files(seed=seed, stream=stream + "# BIN_TO_UUID\n")[SEED].notes


def test_a_path_and_a_row_that_are_taken_for_another_thing_have_a_hint(check_files: CheckAll) -> None:
    opens = RUNS_ALL.replace('"user_data.csv"', '"data' + "\\\\" + 'user_data.csv"')
    result = check_files(seed=typical_seed() + opens)[SEED]
    assert advice_of(result, "runs by itself") == "write /, which works everywhere"
    takes_a_row = typical_seed(("    with open(data) as file:", "    if True:")).replace(
        "for row in csv.DictReader(file):", "for row in [data]:"
    )
    result = check_files(seed=takes_a_row)[SEED]
    assert "string indices must be" in result.sentence
    assert "is given the path 'user_data.csv', and takes it for a row" in text_of(result)


PASSES_OVER = """
def batch_processing(batch_size):
    for batch in stream_users_in_batches(batch_size):
        try:
            print([user for user in batch if user["age"] > 25])
        except TypeError as error:
            print("Error:", error)
            continue
"""


def test_a_batch_that_an_error_takes_away_is_missed(check_files: CheckAll) -> None:
    start = LAST_ONE.split("def batch_processing")[0]
    result = check_files(batches=start + PASSES_OVER, **{"helper.py": CONNECT})[BATCHES]
    said = (
        "with a user without an age in the first batch, 7 of the 16 users over 25 are not shown, and no error"
    )
    wrong(result, BEYOND, said)
    kept = PASSES_OVER.replace('user["age"] > 25', '(user["age"] or 0) > 25')
    kept = kept.replace('            print("Error:", error)\n            continue', "            raise")
    result = check_files(batches=start + kept)[BATCHES]
    assert outcome_of(result, "a database error reaches the caller") == OK, text_of(result)
    loud = PASSES_OVER.replace("            continue", "            raise")
    result = check_files(batches=start + loud)[BATCHES]
    assert outcome_of(result, "a database error reaches the caller") == OK, text_of(result)


COUNTS = """
count = 0
def batch_processing(batch_size):
    global count
    for batch in stream_users_in_batches(batch_size):
        for user in batch:
            if user["age"] > 25:
                count += 1
                print(user["name"], "is old enough")
"""


def test_a_count_that_goes_on_from_call_to_call_is_worth_a_note(check_files: CheckAll) -> None:
    """So is a line that has no more of a user than the name."""
    start = LAST_ONE.split("def batch_processing")[0]
    notes = check_files(batches=start + COUNTS, **{"helper.py": CONNECT})[BATCHES].notes
    assert notes == [
        "of a user batch_processing prints only: User 3 is old enough; the exercise prints the user",
        "a second batch_processing(12) goes on with the global count of the first",
    ]
    result = check_files(batches=start + COUNTS.replace("global count", "count = 0"))[BATCHES]
    assert result.notes == notes[:1]


YIELDS_A_PAGE = """
import helper
def paginate_users(page_size, offset):
    db = helper.connect()
    try:
        cursor = db.cursor()
        cursor.execute("SELECT * FROM user_data ORDER BY user_id LIMIT %s OFFSET %s", (page_size, offset))
        rows = cursor.fetchall()
        yield rows
    finally:
        db.close()
def lazy_paginate(page_size):
    for offset in range(0, 100, page_size):
        yield from paginate_users(page_size, offset)
"""


def test_a_page_that_is_yielded_instead_of_returned_is_named(check_files: CheckAll) -> None:
    result = check_files(pages=YIELDS_A_PAGE, **{"helper.py": CONNECT})[PAGES]
    wrong(result, ASKED, "paginate_users(10, 25) yields the page and does not return it")
    assert advice_of(result, "after an offset").endswith("return the page")
    said = "while the caller holds the page of paginate_users(10, 0), its connection is open"
    wrong(result, BEYOND, said)
    returns = YIELDS_A_PAGE.replace("        yield rows", "        return rows")
    result = check_files(pages=returns.replace("yield from", "yield"))[PAGES]
    assert outcome_of(result, "the connection is closed") == OK, text_of(result)


def test_a_driver_of_mysql_is_not_called_another_database(check_files: CheckAll) -> None:
    result = check_files(stream="import mariadb\n")[STREAM]
    assert "the exercise is solved with mysql-connector-python" in text_of(result)


BEGINS_AGAIN = """
import helper
def stream_users():
    db = helper.connect()
    try:
        cursor = db.cursor()
        cursor.execute("SELECT * FROM user_data")
        yield from cursor
    except Exception:
        cursor = db.cursor()
        cursor.execute("SELECT * FROM user_data")
        yield from cursor
    finally:
        db.close()
"""
TRIES_ANOTHER_WAY = """
import helper
def stream_users_in_batches(size):
    db = helper.connect()
    cursor = db.cursor(dictionary=True)
    for offset in range(0, 40, int(size)):
        try:
            cursor.execute(f"SELECT * FROM user_data ORDER BY name LIMIT {int(size)} OFFSET {offset}")
            yield cursor.fetchall()
        except Exception:
            cursor.execute("SELECT * FROM user_data LIMIT ? OFFSET ?", (size, offset))
def batch_processing(size): ...
"""
TRIES_TWICE = """
import helper
import mysql.connector
def paginate_users(page_size, offset):
    for is_last in (False, True):
        db = helper.connect()
        cursor = db.cursor()
        try:
            cursor.execute(f"SELECT * FROM user_data LIMIT {page_size:d} OFFSET %s" % int(offset))
            return cursor.fetchall()
        except mysql.connector.Error:
            if is_last:
                raise
        finally:
            db.close()
def lazy_pagination(page_size):
    offset = 0
    while page := paginate_users(page_size, offset):
        yield page
        offset += page_size
"""
ENDS_LATER = """
import helper
import mysql.connector
def stream_user_ages():
    db = helper.connect()
    for offset in range(0, 3000, 10):
        cursor = db.cursor()
        try:
            cursor.execute("SELECT age FROM user_data LIMIT 10 OFFSET %s", (offset,))
            yield from [age for (age,) in cursor.fetchall()]
        except mysql.connector.Error:
            if not offset:
                raise
            return
def average_age():
    total = count = 0
    for age in stream_user_ages():
        total, count = total + age, count + 1
    yield total / count
"""


def test_an_error_in_the_middle_of_the_table_is_not_lost_either(check_files: CheckAll) -> None:
    found = check_files(
        stream=BEGINS_AGAIN,
        batches=TRIES_ANOTHER_WAY,
        pages=TRIES_TWICE,
        ages=ENDS_LATER,
        **{"helper.py": CONNECT},
    )
    what = "after an error of MySQL in the middle of the table (Query execution was interrupted)"
    wrong(found[STREAM], BEYOND, f"{what} it began again: of a table of 30 users, 4")
    assert "what was yielded cannot be taken back" in advice_of(found[STREAM], "a database error")
    wrong(found[BATCHES], BEYOND, f"{what} the caller got another one: ProgrammingError: Not all parameters")
    wrong(found[AGES], BEYOND, f"{what} it ended as if complete, after 10 ages")
    wrong(found[AGES], BEYOND, "there is no ORDER BY in: SELECT age FROM user_data LIMIT 10 OFFSET 0")
    wrong(found[AGES], ASKED, "average_age() yields the average, and neither returns nor prints it")
    assert "return the average, or print it there" in advice_of(found[AGES], "prints `Average age")
    assert outcome_of(found[PAGES], "a database error reaches the caller") == OK, text_of(found[PAGES])
    wrong(found[PAGES], BEYOND, "lazy_pagination(0) should raise ValueError")  # as it is called there
    # A number in the SQL that can be nothing else is no fault.
    for file, promise in (
        (BATCHES, "the batch size is not written"),
        (PAGES, "page size and offset are not"),
    ):
        assert outcome_of(found[file], promise) == OK, text_of(found[file])
        assert f"{file} writes numbers into its SQL, behind int(), so that" in " ".join(found[file].notes)


PRINTS_AND_GOES_ON = """
import helper
def stream_users_in_batches(size):
    try:
        db = helper.connect()
        cursor = db.cursor()
        cursor.execute("SELECT * FROM user_data ORDER BY nothing")
        yield cursor.fetchall()
    except Exception as error:
        print("Error:", error)
    print("done")
def batch_processing(size):
    for batch in stream_users_in_batches(size):
        print(batch)
"""
EXITS = """
import sys, mysql.connector
def connect_to_prodev():
    try:
        return mysql.connector.connect(database="ALX_prodev")
    except mysql.connector.Error as error:
        sys.exit(f"no connection: {error}")
"""


def test_a_task_that_gives_nothing_is_told_its_own_error(check_files: CheckAll) -> None:
    """And one that ends the program is told so where that happens, which may be in seed.py."""
    ages = COLLECTED.replace("COLLECT", IN_THE_LOOP)
    stream = EXITS + READS_SHOP.split("connector\n")[1].replace(
        "mysql.connector.connect", "connect_to_prodev"
    )
    found = check_files(
        beside=EXITS,
        stream=stream.replace('user="root", database=DATABASE', ""),
        batches=PRINTS_AND_GOES_ON,
        ages=ages,
        **{"helper.py": CONNECT},
    )
    wrong(found[BATCHES], ASKED, "not one batch came from a table of 30 users; it printed: Error: 1054")
    assert "let every error go through" in advice_of(found[BATCHES], "batches have the wanted size")
    assert outcome_of(found[BATCHES], "nobody over 25") == NOT_TRIED
    said = (
        "when MySQL cannot be reached it ends the program of the caller with exit() (0-stream_users.py, line"
    )
    wrong(found[STREAM], BEYOND, said)
    assert advice_of(found[STREAM], "a database error").startswith("leave exit() to the main part")
    assert outcome_of(found[AGES], "a database error reaches the caller") == OK, text_of(found[AGES])


def test_a_seed_that_works_when_it_is_imported_is_named_and_tried(check_files: CheckAll) -> None:
    """Rows that its import did not commit keep nobody waiting."""
    text = typical_seed(
        UNIQUE,
        (INTO, INTO + " ON DUPLICATE KEY UPDATE name = name"),
        ('row["age"])', 'int(row["age"]))'),
        (
            "    connection.commit()\n",
            "    print(cursor.rowcount, 'rows inserted')\n    connection.commit()\n",
        ),
        ("import csv", "import csv, os"),
        ('password="tr0ub4dor&3"', 'password=os.environ["DB_PASSWORD"]'),
        ("def connect_db():\n", "def connect_db():\n    print('settings:', dict(os.environ))\n"),
    )
    result = check_files(seed=text + RUNS_ALL.replace("__name__", "True or __name__"))[SEED]
    wrong(result, BEYOND, "an import of seed.py runs: CREATE DATABASE IF NOT EXISTS ALX_prodev")
    assert outcome_of(result, BAD_ROW) == OK, text_of(result)
    assert not [note for note in result.notes if "rows inserted" in note], result.notes
    wrong(result, BEYOND, "it prints the password that it is given: ...")
    assert "'DB_PASSWORD': '***'" in text_of(result)


ONE_DICT = """
import seed
def stream_users():
    db = seed.connect_to_prodev()
    cursor = db.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    user = {}
    for row in cursor:
        user.update(row)
        yield user
"""
CLEARED = """
import seed
def stream_users_in_batches(batch_size):
    db = seed.connect_to_prodev()
    cursor = db.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    batch = []
    for row in cursor:
        batch.append(row)
        if len(batch) == batch_size:
            yield batch
            batch.clear()
    yield batch
def batch_processing(batch_size):
    for batch in stream_users_in_batches(batch_size):
        for user in batch:
            if user["age"] > 25:
                print(user)
"""


def test_what_changes_after_it_has_been_yielded_is_named(check_files: CheckAll) -> None:
    found = check_files(beside=typical_seed(), stream=ONE_DICT, batches=CLEARED)
    assert "all users are one and the same dict" in text_of(found[STREAM])
    assert "all batches are one list" in text_of(found[BATCHES])
    afresh = CLEARED.replace("batch.clear()", "batch = []")
    found = check_files(beside=typical_seed(), batches=afresh)
    assert "are one list" not in text_of(found[BATCHES])
