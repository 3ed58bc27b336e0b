"""seed.py and users.py: which CSV files are accepted, and what is said about the others."""

from __future__ import annotations

import csv
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

from support import GENERATORS

import pytest


def rows(connection: Any, columns: str = "name, email, age") -> list[tuple[Any, ...]]:
    """Return the rows of the table as another connection would see them now."""
    connection.rollback()
    with closing(connection.cursor()) as cursor:
        cursor.execute(f"SELECT {columns} FROM user_data ORDER BY email")
        return list(cursor.fetchall())


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
        pytest.param(b"name,email,age\rAda,ada@example.com,36\r", id="CR"),
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


@pytest.mark.parametrize(
    ("path", "problem"),
    [("no such.csv", "there is no file 'no such.csv'"), ("/", "'/' is a folder, not a CSV file")],
)
def test_a_path_that_is_no_file_is_an_error_that_names_it(
    seed: ModuleType, connection: Any, path: str, problem: str
) -> None:
    with pytest.raises(OSError, match=f"^{problem}$"):
        seed.insert_data(connection, path)


def test_a_path_is_looked_up_in_the_working_directory_first(
    seed: ModuleType, connection: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user_data.csv").write_text("name,email,age\nAda,ada@example.com,36\n")
    assert seed.insert_data(connection, "user_data.csv") == 1


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


HEADER = "name,email,age\n"


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", " \u00a0"])
def test_blanks_around_a_value_do_not_count(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str], blank: str
) -> None:
    assert seed.insert_data(connection, csv_file(f"{HEADER}Ada,ada@example.com,36\n")) == 1
    again = f"{HEADER}Ada,ada@example.com{blank},36\n{blank}Ben{blank},ben@example.com,{blank}37\n"
    assert seed.insert_data(connection, csv_file(again)) == 1
    assert rows(connection) == [("Ada", "ada@example.com", 36), ("Ben", "ben@example.com", 37)]


@pytest.mark.parametrize(
    ("content", "line", "remedy"),
    [
        ("name;email;age\nAda;ada@example.com;36\n", 1, "save the file as UTF-8, with commas"),
        ("name\temail\tage\nAda\tada@example.com\t36\n", 1, "save the file as UTF-8, with commas"),
        ('"name,email,age"\n"Ada,ada@example.com,36"\n', 1, "(number of fields: 1); save the file"),
        ((HEADER + "Ada,ada@example.com,36\n").encode("utf-16"), 1, "save the file as"),
        ((HEADER + "Ada,ada@example.com,36\n").encode("utf-16-le"), 1, "save the file as"),
        ((HEADER + "René,rene@example.com,36\n").encode("latin-1"), 2, "save the file as UTF-8"),
        (
            (HEADER.replace("\n", "\r") + "A,a@x,1\rRené,r@x,2\r").encode("latin-1"),
            3,
            "save the file as UTF-8",
        ),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_remedy(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str], content: Any, line: int, remedy: str
) -> None:
    path = csv_file(content)
    with pytest.raises(ValueError) as error:
        seed.insert_data(connection, path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert remedy in str(error.value)
    assert rows(connection) == []
