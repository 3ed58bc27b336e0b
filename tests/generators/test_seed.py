"""python-generators-0x00, seed.py: what gets into the table, what does not, and what is said about it."""

from __future__ import annotations

import csv
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import textwrap
import uuid
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

from support import GENERATORS, Load, Run

import pytest


@pytest.fixture
def seed(load: Load, prodev: str) -> ModuleType:
    """The module seed; the database of the test exists and its table is empty."""
    return load("seed")


@pytest.fixture
def connection(seed: ModuleType) -> Iterator[Any]:
    """A connection to the database of the test."""
    with closing(seed.connect_to_prodev()) as connection:
        yield connection


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., str]:
    """A function that writes a CSV file and returns its path."""

    def write(content: str | bytes) -> str:
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def rows(connection: Any, columns: str = "name, email, age") -> list[tuple[Any, ...]]:
    """Return the rows of the table as another connection would see them now."""
    connection.rollback()
    with closing(connection.cursor()) as cursor:
        cursor.execute(f"SELECT {columns} FROM user_data ORDER BY email")
        return list(cursor.fetchall())


def test_the_curriculums_driver_prints_its_lines(
    load: Load, prodev: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = load("seed")
    connection = seed.connect_db()
    assert connection
    seed.create_database(connection)
    connection.close()
    print("connection successful")

    connection = seed.connect_to_prodev()
    assert connection
    seed.create_table(connection)
    seed.insert_data(connection, "user_data.csv")
    cursor = connection.cursor()
    cursor.execute(f"SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = '{prodev}';")
    if cursor.fetchone():
        print("the database is present")
    cursor.execute("SELECT * FROM user_data LIMIT 5;")
    print(len(cursor.fetchall()), "rows")
    cursor.close()
    connection.close()

    assert capsys.readouterr().out.splitlines() == [
        "connection successful",
        "Table user_data created successfully",
        "the database is present",
        "5 rows",
    ]


def test_the_table_has_the_promised_columns(connection: Any) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute("SHOW COLUMNS FROM user_data")
        columns = [(name, str(kind), null, key) for name, kind, null, key, *_ in cursor.fetchall()]
    assert columns == [
        ("user_id", "char(36)", "NO", "PRI"),
        ("name", "varchar(255)", "NO", ""),
        ("email", "varchar(255)", "NO", ""),
        ("age", "decimal(3,0)", "NO", ""),
    ]


def test_connections_use_the_c_extension_where_it_loads(connection: Any) -> None:
    import mysql.connector

    assert mysql.connector.HAVE_CEXT
    assert type(connection).__name__ == "CMySQLConnection"


def test_seeding_twice_adds_nothing(seed: ModuleType, connection: Any) -> None:
    assert seed.insert_data(connection, "user_data.csv") == 1000
    before = rows(connection, "user_id, name, email, age")
    assert seed.insert_data(connection, "user_data.csv") == 0
    assert rows(connection, "user_id, name, email, age") == before


def test_the_id_follows_from_the_email_in_lower_case(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str]
) -> None:
    assert seed.insert_data(connection, csv_file("name,email,age\nAda,Ada@Example.com,36\n")) == 1
    assert seed.insert_data(connection, csv_file("name,email,age\nNot Ada,ADA@example.COM,99\n")) == 0
    expected = str(uuid.uuid5(uuid.NAMESPACE_URL, "mailto:ada@example.com"))
    assert rows(connection, "user_id, name, email, age") == [(expected, "Ada", "Ada@Example.com", 36)]


def test_an_email_twice_in_one_file_is_one_user(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str]
) -> None:
    path = csv_file("name,email,age\nAda,ada@example.com,36\nAda,ada@example.com,36\n")
    assert seed.insert_data(connection, path) == 1


def test_a_user_id_in_the_file_is_kept(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str]
) -> None:
    path = csv_file("user_id,name,email,age\n0F000000-0000-4000-8000-00000000000A,Ada,ada@example.com,36\n")
    assert seed.insert_data(connection, path) == 1
    assert rows(connection, "user_id") == [("0f000000-0000-4000-8000-00000000000a",)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'\xef\xbb\xbf"name","email","age"\n"Ada","ada@example.com","36"\n', id="BOM"),
        pytest.param(b"name,email,age\r\nAda,ada@example.com,36\r\n", id="CRLF"),
        pytest.param(b"name,email,age\n\nAda,ada@example.com,36\n\n\n", id="blank lines"),
        pytest.param(
            b"age, email, name\n36, ada@example.com, Ada", id="other order, spaces, no last newline"
        ),
    ],
)
def test_the_usual_kinds_of_csv_are_accepted(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str], content: bytes
) -> None:
    assert seed.insert_data(connection, csv_file(content)) == 1
    assert rows(connection) == [("Ada", "ada@example.com", 36)]


@pytest.mark.parametrize(
    "name",
    [
        "D'Artagnan",
        'Jo "the CSV" Doe',
        "Robert'); DROP TABLE user_data;--",
        "%s {} \\ \\' `",
        "王小明 🐍",
        "a\nb",
    ],
)
def test_names_are_stored_literally(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str], name: str
) -> None:
    quoted = name.replace('"', '""')
    seed.insert_data(connection, csv_file(f'name,email,age\n"{quoted}",someone@example.com,150\n'))
    assert rows(connection) == [(name, "someone@example.com", 150)]


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("", 1, "the file is empty"),
        ("Ada,ada@example.com,36\n", 1, "the header must be name,email,age"),
        ("name,age\n", 1, "the header must be name,email,age and may have user_id, but it is 'name,age'"),
        ("name,email,age,phone\n", 1, "the header must be"),
        ("name,email,age\nAda,ada@example.com\n", 2, "3 fields are needed (name,email,age), but there are 2"),
        ("name,email,age\nAda,ada@example.com,36,x\n", 2, "but there are 4"),
        ("name,email,age\n,ada@example.com,36\n", 2, "the name is empty"),
        ("name,email,age\nAda,  ,36\n", 2, "the email is empty"),
        (f"name,email,age\n{'x' * 256},ada@example.com,36\n", 2, "is longer than 255 characters"),
        (f"name,email,age\nAda,{'x' * 256},36\n", 2, "the email 'xxxxxxxxxxxxxxxxxxxx'... is longer than"),
        ("name,email,age\nAda,ada@example.com,36.5\n", 2, "whole number from 0 to 150, not '36.5'"),
        ("name,email,age\nAda,ada@example.com,\n", 2, "whole number from 0 to 150, not ''"),
        ("name,email,age\nAda,ada@example.com,-1\n", 2, "whole number from 0 to 150, not '-1'"),
        ("name,email,age\nAda,ada@example.com,151\n", 2, "whole number from 0 to 150, not '151'"),
        ("name,email,age\nAda,ada@example.com,1_0\n", 2, "whole number from 0 to 150, not '1_0'"),
        ("name,email,age\nAda,ada@example.com,²\n", 2, "whole number from 0 to 150, not '²'"),
        ("name,email,age,user_id\nAda,ada@example.com,36,7\n", 2, "the user_id must be a UUID, not '7'"),
        ("name,email,age,user_id\nAda,ada@example.com,36,\n", 2, "the user_id must be a UUID, not ''"),
        (
            b"name,email,age\nAda,a@example.com,1\nRen\xe9,r@example.com,2\n",
            3,
            "codec can't decode byte 0xe9",
        ),
        ('name,email,age\n"A\nda",a@example.com,1\n"B\nen",b@example.com,x\n', 4, "not 'x'"),
        ('name,email,age\nAda,a@example.com,1\n"Ben,b@example.com,2\n', 3, "unexpected end of data"),
    ],
)
def test_a_bad_row_is_named_with_its_line(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str], content: str, line: int, problem: str
) -> None:
    path = csv_file(content)
    with pytest.raises(ValueError) as error:
        seed.insert_data(connection, path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert problem in str(error.value)
    assert rows(connection) == []


def test_a_bad_last_row_keeps_nothing_of_the_file(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str]
) -> None:
    good = "".join(f"User,user{number}@example.com,30\n" for number in range(2500))
    with pytest.raises(ValueError, match=r":2502: the age must be a whole number"):
        seed.insert_data(connection, csv_file("name,email,age\n" + good + "Last,last@example.com,old\n"))
    assert rows(connection) == []


@pytest.mark.parametrize(("path", "error"), [("no such.csv", FileNotFoundError), (".", IsADirectoryError)])
def test_a_path_that_is_no_file_is_an_error_that_names_it(
    seed: ModuleType, connection: Any, path: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=path):
        seed.insert_data(connection, path)


def test_a_path_is_looked_up_in_the_working_directory_first(
    seed: ModuleType, connection: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user_data.csv").write_text("name,email,age\nAda,ada@example.com,36\n")
    assert seed.insert_data(connection, "user_data.csv") == 1


def test_users_are_inserted_while_they_are_read(seed: ModuleType) -> None:
    batches = []

    class Cursor:
        rowcount = 1000

        def executemany(self, statement: str, batch: list[Any]) -> None:
            batches.append(len(batch))

    def users() -> Iterator[Any]:
        yield from [("id", "name", "email", 1)] * 3500
        raise ValueError("bad row")

    with pytest.raises(ValueError, match="bad row"):
        seed.insert_users(Cursor(), users())
    assert batches == [1000, 1000, 1000]


def test_an_unreachable_server_is_named_with_a_way_out(
    load: Load, run_script: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("MYSQL_UNIX_SOCKET", "MYSQL_PASSWORD"):
        monkeypatch.delenv(setting, raising=False)
    for setting, value in {"HOST": "127.0.0.1", "PORT": "1", "USER": "mallory"}.items():
        monkeypatch.setenv(f"MYSQL_{setting}", value)
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:1 as user 'mallory': .*throwaway_mysql\.py"):
        load("seed").connect_db()
    done = run_script("seed.py")
    assert done.returncode == 1
    assert done.stderr.startswith("seed.py: no connection to MySQL at 127.0.0.1:1 as user 'mallory'")
    assert done.stderr.count("\n") == 1


def test_a_wrong_password_is_an_error_that_does_not_show_it(
    seed: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYSQL_PASSWORD", "wrong-secret")
    monkeypatch.setenv("MYSQL_USER", "nobody_here")
    with pytest.raises(ConnectionError, match="Access denied for user 'nobody_here'") as error:
        seed.connect_db()
    assert "wrong-secret" not in str(error.value)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_a_port_that_is_none_is_named(seed: ModuleType, monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.delenv("MYSQL_UNIX_SOCKET", raising=False)
    monkeypatch.setenv("MYSQL_PORT", port)
    with pytest.raises(ValueError, match=f"MYSQL_PORT must be the number of a port, not '{port}'"):
        seed.connect_db()


def test_a_missing_database_is_an_error_that_says_to_seed(
    seed: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYSQL_DATABASE", "test_of_a_missing_database")
    with pytest.raises(
        ConnectionError, match=r"Unknown database 'test_of_a_missing_database'.*python3 seed\.py"
    ):
        seed.connect_to_prodev()


def test_a_database_with_a_strange_name_is_created(seed: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"test `{uuid.uuid4().hex}`; x"
    monkeypatch.setenv("MYSQL_DATABASE", name)
    with closing(seed.connect_db()) as connection, closing(connection.cursor()) as cursor:
        seed.create_database(connection)
        seed.create_database(connection)
        cursor.execute("SHOW DATABASES")
        assert name in [row[0] for row in cursor.fetchall()]
        cursor.execute(f"DROP DATABASE `{name.replace('`', '``')}`")


def test_the_script_seeds_in_one_go_from_any_folder(
    prodev: str, run_script: Run, connection: Any, tmp_path: Path
) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(f"DROP DATABASE {prodev}")
    done = run_script("seed.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Table user_data created successfully\n1000 users added to {prodev}.user_data\n"


def test_rows_adds_exactly_that_many_made_up_users_the_same_each_time(
    run_script: Run, connection: Any, csv_file: Callable[..., str]
) -> None:
    path = csv_file("name,email,age\nAda,ada@example.com,36\n")
    done = run_script("seed.py", path, "--rows", "2345")
    assert done.stdout.endswith("2346 users added to " + os.environ["MYSQL_DATABASE"] + ".user_data\n")
    assert done.stderr == ""
    before = rows(connection, "user_id, name, email, age")
    assert len(before) == len({user_id for user_id, *_ in before}) == 2346
    assert "0 users added" in run_script("seed.py", path, "--rows", "2345").stdout
    assert rows(connection, "user_id, name, email, age") == before


def test_made_up_users_come_in_the_order_of_their_ids(load: Load) -> None:
    users = list(load("users").made_up_users(70_000))
    assert users == sorted(users)
    assert all(uuid.UUID(user_id).version == 8 and 1 <= age <= 120 for user_id, _, _, age in users)


def test_reset_empties_the_table_first(
    run_script: Run, connection: Any, csv_file: Callable[..., str]
) -> None:
    run_script("seed.py", "--rows", "10")
    done = run_script("seed.py", csv_file("name,email,age\nAda,ada@example.com,36\n"), "--reset")
    assert "1 users added" in done.stdout
    assert rows(connection) == [("Ada", "ada@example.com", 36)]


def test_reset_with_a_bad_file_keeps_what_was_there(
    run_script: Run, connection: Any, csv_file: Callable[..., str]
) -> None:
    run_script("seed.py", csv_file("name,email,age\nAda,ada@example.com,36\n"))
    done = run_script("seed.py", csv_file("name,email,age\nBen,ben@example.com,old\n"), "--reset")
    assert done.returncode == 1
    assert "people.csv:2: the age must be a whole number" in done.stderr
    assert done.stderr.count("\n") == 1
    assert rows(connection) == [("Ada", "ada@example.com", 36)]


def test_rows_that_are_no_positive_number_are_refused_before_anything_is_done(
    run_script: Run, connection: Any
) -> None:
    done = run_script("seed.py", "--rows", "0")
    assert (done.returncode, done.stderr) == (
        1,
        "seed.py: --rows must be a whole number of at least 1, not 0\n",
    )
    assert rows(connection) == []


def test_a_terminal_sees_a_progress_bar(seed: ModuleType) -> None:
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, str(GENERATORS / "seed.py"), "--rows", "3000"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(terminal, 1000):
                shown += chunk
        except OSError:  # Linux reports the end of a terminal in this way
            pass
        os.close(terminal)
    assert child.returncode == 0
    assert b"3000/3000" in shown


def test_the_committed_csv_has_the_shape_of_the_curriculums() -> None:
    text = (GENERATORS / "user_data.csv").read_text(encoding="utf-8")
    people = list(csv.DictReader(text.splitlines()))
    assert text.splitlines()[0] == '"name","email","age"'
    assert all(line.count('"') == 6 for line in text.splitlines())
    assert len(people) == len({person["email"] for person in people}) == 1000
    assert sum("'" in person["name"] for person in people) > 5
    assert sum(not person["name"].isascii() for person in people) > 5
    ages = [int(person["age"]) for person in people]
    assert (min(ages), max(ages)) == (1, 120)


def test_ctrl_c_in_the_middle_ends_with_status_130_and_adds_nothing(
    seed: ModuleType, connection: Any
) -> None:
    # Two hundred times, since the driver crashed at one in fifty.
    script = """
        import common, seed, signal

        def demo(arguments):
            signal.signal(signal.SIGALRM, lambda number, frame: signal.raise_signal(signal.SIGINT))
            signal.signal(signal.SIGINT, signal.default_int_handler)
            connection = seed.connect_to_prodev()
            for number in range(200):
                try:
                    with seed.transaction(connection) as cursor:
                        signal.setitimer(signal.ITIMER_REAL, 0.001 + number / 20_000)
                        seed.insert_users(cursor, seed.made_up_users(1_000_000))
                except KeyboardInterrupt:
                    pass
            raise KeyboardInterrupt

        common.run(demo, common.parser(""))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, cwd=GENERATORS, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert rows(connection) == []
