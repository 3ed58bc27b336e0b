"""Where users come from before they are in the table: from a CSV file, checked row by row, or made up."""

from __future__ import annotations

import csv
import os
import re
import uuid
from typing import Iterator, Tuple

UserRow = Tuple[str, str, str, int]  # user_id, name, email, age

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIRED = ["age", "email", "name"]
LONGEST = 255  # characters in the columns name and email
OLDEST = 150
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIRST_NAMES = "Ada Bruno Chloé Dmitri Esi Fiona Goran Hana Ines Jamal Kirsten Leilani Mehmet Óscar".split()
LAST_NAMES = "Abara Brønsted Carvalho Dubois Eriksen Farouk Gómez Haddad Ito Jansen Kaya Lund O'Shea".split()


def read_users(path: str) -> Iterator[UserRow]:
    """Yield the users of a CSV file one by one; raise ValueError("file:line: what is wrong") at a bad row."""
    # surrogateescape: lets bytes pass that aren't UTF-8; checked_encoding reports them, with the line.
    # newline="": lines may end in any of the three ways, and csv sees the line breaks inside quotes.
    with open(find_file(path), encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, strict=True, skipinitialspace=True)  # the blank in: Ada, "ada@example.com"
        rows = map(checked_encoding, reader)
        line = 1  # where the row begins: one with quoted line breaks is several lines long
        try:
            header = checked_header(next(rows, []))
            line = reader.line_num + 1
            for row in rows:
                if row:  # blank lines are no rows
                    yield checked_user(header, row)
                line = reader.line_num + 1
        except csv.Error as error:
            raise ValueError(f"{path}:{line}: {error}; save the file as CSV, in UTF-8") from error
        except ValueError as error:
            raise ValueError(f"{path}:{line}: {error}") from error


def find_file(path: str) -> str:
    """Return the path of a file in the working directory, or else in this folder."""
    for candidate in (path, os.path.join(HERE, path)):
        if os.path.isdir(candidate):
            raise IsADirectoryError(f"{path!r} is a folder, not a CSV file")
        if os.path.exists(candidate):
            return candidate
    raise FileNotFoundError(f"there is no file {path!r}")


def checked_encoding(row: list[str]) -> list[str]:
    """Return the row, or raise ValueError if there are bytes in it that are not UTF-8."""
    try:
        ",".join(row).encode(errors="surrogateescape").decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{error}; save the file as UTF-8") from error
    return row


def checked_header(row: list[str]) -> list[str]:
    """Return the names of the columns, or raise ValueError if they are not those of a user."""
    if not row:
        raise ValueError("the file is empty")
    header = [name.strip().lower() for name in row]
    if sorted(header) not in (REQUIRED, sorted([*REQUIRED, "user_id"])):
        raise ValueError(
            f"the header must be name,email,age and may have user_id, but it is {','.join(row)!r}"
            f" (number of fields: {len(row)}); save the file as UTF-8, with commas between the fields"
        )
    return header


def checked_user(header: list[str], row: list[str]) -> UserRow:
    """Return the user of one row, or raise ValueError that says what is wrong with it."""
    if len(row) != len(header):
        raise ValueError(f"{len(header)} fields are needed ({','.join(header)}), but there are {len(row)}")
    # Blanks around a value don't count, a no-break space from a spreadsheet included.
    user = {column: value.strip() for column, value in zip(header, row)}
    for column in ("name", "email"):
        if not user[column]:
            raise ValueError(f"the {column} is empty")
        if len(user[column]) > LONGEST:
            raise ValueError(f"the {column} {user[column][:20]!r}... is longer than {LONGEST} characters")
    age = user["age"]
    if not (age.isascii() and age.isdigit() and int(age) <= OLDEST):
        raise ValueError(f"the age must be a whole number from 0 to {OLDEST}, not {age!r}")
    user_id = user["user_id"].lower() if "user_id" in user else id_of(user["email"])
    if not UUID.fullmatch(user_id):
        raise ValueError(f"the user_id must be a UUID, not {user['user_id']!r}")
    return user_id, user["name"], user["email"], int(age)


def id_of(email: str) -> str:
    """Return the id of the user with this address, a UUID made from the address (RFC 9562, 5.5)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "mailto:" + email.lower()))


def made_up_users(count: int) -> Iterator[UserRow]:
    """Yield `count` users, the same ones each time.

    Their ids ascend (RFC 9562, section 5.8: UUIDs of a custom layout), so that each row is added at the end
    of those before it: with ids in random order, an insert gets slower as the table grows.
    """
    for number in range(1, count + 1):
        first_name = FIRST_NAMES[number % len(FIRST_NAMES)]
        last_name = LAST_NAMES[number % len(LAST_NAMES)]
        user_id = f"{number:08x}-0000-8000-8000-{number:012x}"
        yield user_id, f"{first_name} {last_name}", f"user{number}@example.net", 1 + number % 120
