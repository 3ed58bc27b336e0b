"""Fill the table from a CSV file."""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
import uuid
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Tuple

from checker.connector import NAME, number_of
from checker.masking import (
    connects,
    files_with_passwords,
    other_case,
    steady,
    unlike_passwords,
    unlike_placeholders,
)
from checker.model import (
    ASKED,
    BEYOND,
    FOLDERS,
    ROOT,
    Advice,
    Broken,
    Crash,
    Fault,
    Missing,
    NotTried,
    Stop,
    Task,
)
from checker.mysql_world import MySQLWorld, csv_rows, made_up, syntax_tree
from checker.recorder import COMPLAINT
from checker.settings import database_called
from checker.shared import (
    BIND,
    CONNECT_FIRST,
    NAME_SETTING,
    NO_EXIT,
    UNDER_MAIN,
    attempt,
    binds,
    expect,
    hidden_error,
    hides_another,
    returns_in_a_loop,
    runs_by_itself,
    uncalled,
)
from checker.world import Surroundings, defined_instead, describe, shortened

STEPS = ("connect_db", "create_database", "connect_to_prodev", "create_table", "insert_data")
COLUMNS = ["user_id", "name", "email", "age"]
DATA = "user_data.csv"
CREATED = "Table user_data created successfully"
NUMBER = re.compile("(?i)decimal|int|float|double")  # an INT does the work of a DECIMAL
TEXT = re.compile("(?i)char|text|binary|uuid")  # what a UUID fits in
DECODES = re.compile(r"(?i)bin_to_uuid|\bhex\(|UUID\(bytes")
PEOPLE = [
    ("8c6b1f0e-3a51-4f0b-9d0a-2b1c5f6a7d01", "Ann Lee", "ann@mail.test", "34"),
    ("8c6b1f0e-3a51-4f0b-9d0a-2b1c5f6a7d02", "Bo Diaz", "bo@mail.test", "25"),
    ("8c6b1f0e-3a51-4f0b-9d0a-2b1c5f6a7d03", "Cy Fox", "cy@mail.test", "61"),
    ("8c6b1f0e-3a51-4f0b-9d0a-2b1c5f6a7d04", "Di Roy", "di@mail.test", "18"),
]
Person = Tuple[str, ...]


class SeedWorld(MySQLWorld):
    """A server without databases, and the user_data.csv that the learner has or else is given."""

    way: Way | None = None  # how this solution fills the table
    is_filled = False  # from the file as it is, without a fault

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.csv = self.file.parent / DATA
        rows = read_csv(self.csv) if self.csv.is_file() else []
        self.needs_id = False  # whether a file without a user_id is not stored as it is
        if not any(row.get("email") and row.get("name") for row in rows):  # some keep an empty one
            if rows and not {"email", "name"} & set(rows[0]):
                titles = ",".join(rows[0])
                self.say(f"{DATA} has no columns name and email, only {titles!r}: another file was used")
            shutil.copy(ROOT / FOLDERS["generators"] / DATA, self.csv)
            rows = read_csv(self.csv)
        self.has_id = "user_id" in rows[0]
        self.columns = listed(rows[0])
        self.people: list[Person] = list(PEOPLE)
        if self.has_id and len(rows) >= len(PEOPLE):  # ids as the learner's table takes them
            self.people = [tuple(row.get(name, "") for name in COLUMNS) for row in rows[: len(PEOPLE)]]

    def wrong_database(self, fault: Fault) -> str:
        self.recorder.sources.discard("CSV")  # here it is what the exercise asks for
        return super().wrong_database(fault)

    def notes(self) -> list[str]:
        folder = self.file.parent
        found = [other_case(folder), loads_no_env_file(folder), unlike_placeholders(folder)]
        return [*super().notes(), *filter(None, found)]

    def hint(self, said: str) -> str:
        if "string indices must be" in said:
            return f"insert_data() is given the path {DATA!r}, and takes it for a row: open it there"
        if re.search(r"KeyError: \d", said):
            return 'a row of csv.DictReader has names and no numbers: row["name"], row["email"], row["age"]'
        if "KeyError: '" in said:
            return f"the columns of {DATA} are {self.columns}"
        if "I/O operation on closed file" in said:
            return "the loop over the rows belongs into the with block that opens the file"
        return super().hint(said)

    def load(self) -> Any:
        module = super().load()
        for connection in self.alive() if self.demo_failed else ():
            with suppress(Exception):  # what it did not commit would keep the table from the functions
                if connection.in_transaction:
                    connection.rollback()
        return module

    def empty(self) -> None:
        self.end_connections()  # an open transaction would keep its table
        self.drop_databases()
        self.redirection.mysql_name = ""

    def write_csv(self, people: Iterable[Person] | None = None, has_id: bool | None = None) -> None:
        """Write a small user_data.csv, with a user_id if the learner's own one has it."""
        people = self.people[:3] if people is None else people
        start = 0 if (self.has_id if has_id is None else has_id) else 1
        with open(self.csv, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(row[start:] for row in [COLUMNS, *people])

    def table(self) -> tuple[str, list[str]]:
        """Return the database that has the table user_data, and the columns of it; two blanks without one."""
        query = "SELECT table_schema, column_name FROM information_schema.columns"
        query += " WHERE table_name = 'user_data' ORDER BY table_schema, ordinal_position"
        found = self.rows(query)
        return (found[0][0], [name for place, name in found if place == found[0][0]]) if found else ("", [])

    def stored(self) -> list[dict[str, Any]]:
        """Return the rows of user_data, wherever it was made."""
        place, columns = self.table()
        if not place:
            return []
        names = [name.lower() for name in columns]
        return [dict(zip(names, row)) for row in self.rows(f"SELECT * FROM `{place}`.user_data")]


Way = Callable[[SeedWorld], None]

TASK = Task(
    "generators/seed",
    "fill the table from a CSV file",
    "seed.py",
    "The seed.",
    SeedWorld,
    dict.fromkeys(STEPS, ()),
    files=(DATA,),
)


def listed(words: Iterable[str], last: str = " and ") -> str:
    *words, end = words
    return f"{', '.join(words)}{last}{end}" if words else end


def read_csv(path: Path) -> list[dict[str, str]]:
    try:
        return [{name: (value or "").strip() for name, value in row.items()} for row in csv_rows(path)]
    except (ValueError, AttributeError, csv.Error):  # not UTF-8, or more fields than columns
        return []


READS_SETTING = re.compile(
    r"""(?:getenv\(|environ(?:\.get\(|\[))\s*["']\w*(?:DB|SQL|PASS|PWD|USER)\w*["'](?!\]\s*=[^=])"""
)


def loads_no_env_file(folder: Path) -> str:
    """Return which file reads settings without the .env that another one loads, in a sentence; or ""."""
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.py"))}
    loading = [path.name for path, text in texts.items() if "load_dotenv(" in text]
    for path, text in texts.items():
        has_help = any(re.search(rf"\b(?:dotenv|{re.escape(other.stem)})\b", text) for other in texts)
        if loading and not has_help and READS_SETTING.search(text):
            return f"{path.name} reads settings and does not load .env, as {loading[-1]} does"
    return ""


# Adapters: the ways in which solutions fill the table from user_data.csv


def driver(world: SeedWorld, data: Any) -> Any:
    """Do what the curriculum's driver does, and return its connection to the database."""
    module = world.load()
    missing = [name for name in STEPS if not hasattr(module, name)]
    if missing:
        instead = defined_instead(module, missing, STEPS)
        raise Missing(f"seed.py defines no {' and no '.join(missing)}{instead}")
    connection = connect(module.connect_db, "connect_db()")
    with attempt("create_database(connection)"):
        module.create_database(connection)
        connection.close()
    connection = connect(module.connect_to_prodev, "connect_to_prodev()")
    with attempt("create_table(connection)"):
        module.create_table(connection)
    with attempt(f"insert_data(connection, {data!r})" if data == DATA else "insert_data(connection, rows)"):
        module.insert_data(connection, data)
    return connection


def connect(function: Callable[[], Any], what: str) -> Any:
    with attempt(what):
        connection = function()
    if connection is None:
        raise Crash(f"{what} returned None instead of a connection", RETURN_IT)
    return connection


RETURN_IT = Advice(
    "What does a function give to its caller that ends without return?",
    "return the connection; and where there is none, let the error of MySQL through",
)


def by_path(world: SeedWorld) -> None:
    connection = driver(world, DATA)
    if not world.stored() and rows_seen_by(connection):
        line = uncalled(world.file, "commit")
        why = f"; {line} has no parentheses, so it does not call it" if line else ""
        raise Fault(
            f"insert_data() does not commit: its rows are lost when the connection is closed{why}",
            Advice("Who can see rows that are not committed?", "call connection.commit() after the last row"),
        )


def rows_seen_by(connection: Any) -> int:
    """Return how many users a connection of the learner's code sees, also those that are not committed."""
    with suppress(Exception):
        cursor = connection.cursor(buffered=True)
        cursor.execute("SELECT COUNT(*) FROM user_data")
        return int(cursor.fetchone()[0])
    return 0


def by_dicts(world: SeedWorld) -> None:
    driver(world, as_dicts(world))


def as_dicts(world: SeedWorld) -> list[Any]:
    return [{"user_id": made_id(row), **row} for row in read_csv(world.csv)]


def by_lists(world: SeedWorld) -> None:
    driver(world, as_lists(world))


def as_lists(world: SeedWorld) -> list[Any]:
    return [list(row.values()) for row in read_csv(world.csv)]


def by_lists_with_ids(world: SeedWorld) -> None:
    driver(world, as_lists_with_ids(world))


def as_lists_with_ids(world: SeedWorld) -> list[Any]:
    return [[made_id(row), *list(row.values())[-3:]] for row in read_csv(world.csv)]


def made_id(row: dict[str, str]) -> str:
    """Return the id of a user in rows that the checker gives: the one of the file, or always the same."""
    return row.get("user_id") or str(uuid.uuid5(uuid.NAMESPACE_URL, row.get("email") or ""))


def by_script(world: SeedWorld) -> None:
    error = world.run_script().error
    if error:
        raise Crash(f"python3 seed.py ended with {error}")


# What insert_data() is given, where it takes the rows.
BY_ROWS: dict[Way, Callable[[SeedWorld], list[Any]]] = {
    by_dicts: as_dicts,
    by_lists: as_lists,
    by_lists_with_ids: as_lists_with_ids,
}
WITH_IDS = (by_dicts, by_lists_with_ids)
WAYS: list[Way] = [by_path, *BY_ROWS, by_script]


def find_way(world: SeedWorld) -> Way:
    """Return the first way that fills the table; if there is none, raise what came of the first."""
    emails = {row["email"] for row in read_csv(world.csv)}
    first: Fault | None = None
    words: list[str] = []
    for way in WAYS:
        world.empty()
        fault = Fault(f"number of users in the table: expected {len(emails)}, got 0")
        try:
            way(world)
            rows = world.stored()
            # Rows of the wrong shape may end up in wrong columns.
            if rows and (way not in BY_ROWS or any(str(row.get("email")).strip() in emails for row in rows)):
                return way
        except Fault as error:
            fault = error
        if first is None:
            first, words = fault, world.recorder.printed[:]
    world.recorder.printed[:] = words
    assert first is not None
    raise first


def fill(world: SeedWorld) -> list[dict[str, Any]]:
    """Fill the table from the file as it is, in the way of this solution; return the rows."""
    if world.way is None:
        raise NotTried("the table was not filled before")
    world.way(world)
    return world.stored()


def fill_small(world: SeedWorld, has_id: bool | None = None) -> int:
    """Fill an empty server from a small file without any trouble; return how many of its three users came."""
    world.empty()
    world.write_csv(has_id=has_id)
    emails = {str(row.get("email")).strip() for row in fill(world)}
    return len(emails & {email for _, _, email, _ in world.people[:3]})


def small_file_loads(world: SeedWorld) -> None:
    """Fill the table from such a file, or find out that nothing can be tried with one."""
    with suppress(Fault):
        if fill_small(world) == 3:
            return
    raise NotTried("a small file without a bad row was not loaded")


def loads_with_an_id(world: SeedWorld) -> bool:
    """Tell whether a solution that loads nothing loads a small file with a user_id; then go on with such files."""
    if world.has_id:
        return False
    before = world.csv.read_bytes()
    world.empty()
    world.write_csv(has_id=True)
    with suppress(Fault):
        by_path(world)
    world.csv.write_bytes(before)
    if not world.stored():
        return False
    world.way, world.has_id, world.needs_id = by_path, True, True
    return True


# Probes

BY_NAME = Advice(
    "How does your code find the email in a row?",
    'read by name, row["email"] with csv.DictReader, and make a user_id where the file has none',
)
FIRST_ROW = Advice(
    "Who reads the line with the titles?",
    "csv.DictReader does, so take no next() before the loop; csv.reader needs exactly one",
)
OPEN_IT = Advice(
    "Where do the rows come from when you run your own file?",
    f"let insert_data open {DATA}, whose path it gets",
)
MAKE_IDS = Advice(
    "Where does the user_id of a new user come from?", "make one, with uuid, where the file has none"
)


@TASK.probe(ASKED, "makes database and table, and fills it from user_data.csv", decides=True)
def fills_the_table(world: SeedWorld) -> None:
    wanted = {row["email"] for row in read_csv(world.csv) if row.get("email")}
    try:
        world.way = find_way(world)
    except Fault as fault:
        words = world.recorder.printed[:]
        said = world.recorder.last_words()
        if loads_with_an_id(world):
            world.recorder.printed[:] = words
            error = str(fault) if isinstance(fault, Crash) else said if COMPLAINT.search(said) else ""
            what = str(fault) if isinstance(fault, Crash) else "no user is stored"
            raise Fault(
                f"with a {DATA} that has the columns name, email and age, {what}",
                MAKE_IDS if not error or "user_id" in error else None,  # else the error says it all
            ) from fault
        if isinstance(fault, Crash):
            raise
        advice = fault.advice or hidden_error(world)
        raise Broken(str(fault), advice.hint if advice else "") from fault
    rows = world.stored()
    if "email" not in rows[0]:
        raise Fault(f"the table user_data has no column email; it has {', '.join(rows[0])}")
    for row in sorted(rows, key=lambda row: str(row.get("name"))):  # the order of random ids differs
        if "@" in str(row.get("name")):
            sentence = f"a user has the name {row['name']!r} and the email {row['email']!r} in the table"
            loads_with_an_id(world)
            raise Fault(f"with a {DATA} that has the columns {world.columns}, {sentence}", BY_NAME)
    got = {str(row["email"]).strip() for row in rows}
    files = [{row.get("email") for row in read_csv(path)} for path in world.file.parent.glob("*.csv")]
    if got not in [emails - {None, ""} for emails in files]:  # some name the file otherwise
        first = read_csv(world.csv)[0].get("email")
        if got == wanted - {first}:
            said = f"number of users in the table: expected {len(wanted)}, got {len(got)}"
            raise Fault(f"{said}; the first one of the file is missing", FIRST_ROW)
        expect("number of users in the table", len(wanted), len(got))
    if any(not row.get("user_id", "another column") for row in rows):
        raise Fault("there are users without a user_id")
    if world.way in BY_ROWS and not opens_a_file(world.file.parent):
        raise Fault(
            f"nothing in the folder opens {DATA}: insert_data() was given its rows by the checker", OPEN_IT
        )
    if world.way in BY_ROWS:  # then something else has to read the file
        world.empty()
        error = world.run_script().error
        if error and not world.stored():
            advice = MAKE_IDS if "user_id" in error else None
            raise Fault(f"python3 {world.file.name} ended with {error}", advice)
    world.is_filled = True


OPENS = re.compile(
    r"(?<![\w.])open\(|\b(?:io|os|codecs|\w*path\w*|Path\([^()\n]*\))\.open\(|\.read_(?:csv|table|text|bytes)\("
    r"|(?i:load\s+data)|\bfileinput\b|\b(?:genfromtxt|loadtxt)\b"
)


def opens_a_file(folder: Path) -> bool:
    sources = (path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.py"))
    return any(OPENS.search(text) for text in sources)


@TASK.probe(ASKED, "runs by itself without an error")
def runs(world: SeedWorld) -> None:
    world.empty()
    runs_by_itself(world)
    place, _ = world.table()
    if "MySQL" in world.recorder.sources and not (world.stored() if world.is_filled else place):
        what = "stores no user" if place else "makes no table user_data"
        world.say(f"on an empty server, python3 {world.file.name} connects to MySQL, and {what}")
    if not place:
        return
    world.end_connections()
    # Users who are there already have a promise of their own.
    world.execute(f"DELETE FROM `{place}`.user_data")
    try:
        runs_by_itself(world)
    except Crash as crash:
        raise Crash(f"the second time, when the table is there already, {crash}") from crash


@TASK.probe(
    ASKED,
    "the curriculum's driver can fill the table with its five functions",
    Advice(
        f"What does the driver give to insert_data? insert_data(connection, '{DATA}')",
        "let insert_data open the file whose path it gets, and commit",
    ),
)
def driver_works(world: SeedWorld) -> None:
    world.empty()
    world.write_csv()
    try:
        by_path(world)
    except Missing:
        raise
    except Crash as crash:
        if world.way in BY_ROWS:
            raise Fault(f"insert_data() takes rows, not a path: {crash}") from crash
        if str(crash).startswith("insert_data"):
            raise Fault(str(crash)) from crash
        raise
    counted_wrongly(world, 3)
    if not world.stored():
        what = "insert_data() takes rows, not a path: " if world.way in BY_ROWS else ""
        raise Fault(f"{what}insert_data(connection, '{DATA}') stored none of 3 users")


HOW_MANY = re.compile(
    r"(?i)\binsert\w*\D{0,20}?(\d+) (?:new )?(?:record|row|user)|(\d+) (?:new )?(?:record|row|user)s?\b\D{0,20}?\binsert"
)


def counted_wrongly(world: SeedWorld, count: int) -> None:
    """Note a number of rows that were inserted, as printed last, which is wrong, also as the sum of those before.

    A 0 is right where the import of the file has stored them.
    """
    lines = [line for line in "".join(world.recorder.printed).splitlines() if HOW_MANY.search(line)]
    numbers = [int(found[1] or found[2]) for found in map(HOW_MANY.search, lines) if found]
    if len(world.stored()) == count and numbers and all(numbers) and count not in (numbers[-1], sum(numbers)):
        said = f"of a file with {count} users, all new, insert_data() stores {count}, and prints"
        world.say(f"{said}: {steady(shortened(lines[-1].strip(), 80))}")


@TASK.probe(
    ASKED,
    "the database is ALX_prodev, and user_data has user_id, name, email and age",
    Advice("Which names do the other exercises ask for?", "use the names of the curriculum"),
)
def names_are_those_asked_for(world: SeedWorld) -> None:
    with suppress(NotTried):
        small_file_loads(world)
    place, columns = world.table()
    if not place:
        raise NotTried("there was no table user_data")
    missing = [name for name in COLUMNS if name not in map(str.lower, columns)]
    faults = (
        [f"the table has no column {' and no '.join(missing)}; it has {', '.join(columns)}"]
        if missing
        else []
    )
    if place != world.NAME:
        source = world.file.read_text(encoding="utf-8", errors="replace")
        is_written = re.search(rf"""["'`]{re.escape(place)}["'`]""", source) is not None
        is_setting = NAME_SETTING.search(source) is not None
        if is_setting and not is_written and not faults:
            raise NotTried(f"the name of the database is a setting, here {place}")
        if is_written or not is_setting:
            unless = ", unless a setting says otherwise" if is_setting else ""
            faults.append(f"the database is called {place}{unless}, and the curriculum asks for {world.NAME}")
    if faults:
        raise Fault(", and ".join(faults))
    if place == world.NAME:
        makes_what_it_connects_to(world)


def makes_what_it_connects_to(world: SeedWorld) -> None:
    """Expect that a name of the database which is a setting is the one that is made, too."""
    world.empty()
    world.write_csv()
    with database_called("shop"), suppress(Fault, NotTried):
        fill(world)
    if "shop" in world.connector.other_names and "shop" not in world.databases():
        raise Fault(
            f"with a setting that calls the database shop, it makes {listed(world.databases()) or 'none'}, "
            "and connects to shop",
            ONE_NAME,
        )
    if "shop" in world.databases():
        other = [path.name for path in sorted(world.file.parent.glob("[0-9]-*.py")) if names_it(path)]
        if other:
            said = f"seed.py makes the database that a setting names, and {listed(other)}"
            world.say(f"{said} always read{'' if other[1:] else 's'} {world.NAME}")


def names_it(path: Path) -> bool:
    """Tell whether the code of a file has the name of the database, and reads no setting for it."""
    if NAME_SETTING.search(path.read_text(encoding="utf-8", errors="replace")):
        return False
    texts = [node.value for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.Constant)]
    return any(re.search(rf"(?i)^(?:use )?`?{NAME}`?;?$|\b{NAME}\.", str(text)) for text in texts)


ONE_NAME = Advice(
    "Where does your file say what the database is called?",
    "read the name once, and use it where you make the database and where you connect",
)


KEEP = Advice(
    "What becomes of the rows in a table that is dropped, or emptied?",
    "CREATE TABLE IF NOT EXISTS, without DROP TABLE, TRUNCATE or DELETE before it",
)
PASS_OVER = Advice(
    "What should a second run do with those who are in the table already?",
    "ON DUPLICATE KEY UPDATE, or ask for the email first, so that only new users are added",
)
THERE_ALREADY = Advice(
    "What does MySQL say of CREATE ... IF NOT EXISTS when it does exist?",
    "a warning, which raise_on_warnings makes an error of: leave that setting out, and write IF NOT EXISTS",
)
EACH_USER = Advice(
    "What becomes of the rest of the file when somebody is in the table already?",
    "look for each user by email, and not whether the table has rows",
)


GO_ON = Advice(
    "What becomes of the rows after one whose user is in the table already?", "continue with the next row"
)
AS_TEXT = Advice("Which type of MySQL holds a UUID?", "CHAR(36): its text has 36 characters")


@TASK.probe(
    BEYOND,
    "the table is as the exercise says",
    Advice("What does the exercise say of each column?", "compare your CREATE TABLE with it, word for word"),
)
def table_is_as_the_exercise_says(world: SeedWorld) -> None:
    small_file_loads(world)
    query = "SELECT LOWER(column_name), data_type, is_nullable, column_key FROM information_schema.columns"
    query += f" WHERE table_name = 'user_data' AND table_schema = '{world.table()[0]}'"
    columns = {name: (str(kind), is_nullable, key) for name, kind, is_nullable, key in world.rows(query)}
    if not set(COLUMNS) <= set(columns):
        raise NotTried("the table has other columns")
    faults = []
    if columns["user_id"][0].lower() == "uuid":
        raise Fault("user_id has the type UUID, which only MariaDB has: MySQL refuses this table", AS_TEXT)
    if [name for name, (_, _, key) in columns.items() if key == "PRI"] != ["user_id"]:
        faults.append("user_id is not its primary key")
    if not TEXT.search(columns["user_id"][0]):
        faults.append(f"user_id is {columns['user_id'][0].upper()}, not a UUID")
    if not NUMBER.search(columns["age"][0]):
        faults.append(f"age is {columns['age'][0].upper()}, not DECIMAL")
    nullable = [name for name in COLUMNS[1:] if columns[name][1] == "YES"]
    if nullable:
        faults.append(f"{' and '.join(nullable)} may be NULL")
    if faults:
        raise Fault(f"in the table user_data, {'; '.join(faults)}")
    words = "".join(world.recorder.printed)
    close = re.search(rf"(?m)^(.*(?<!\w){CREATED}\W*)$", words)
    if close and not re.search(rf"(?m)^\s*{CREATED}\s*$", words):
        printed = steady(shortened(close[1].strip(), 80))
        world.say(f"create_table() prints {printed!r}, and the exercise only {CREATED!r}")
    if columns["user_id"][0].lower().endswith("binary"):
        for path in sorted(world.file.parent.glob("[0-2]-*.py")):
            if not DECODES.search(path.read_text(encoding="utf-8", errors="replace")):
                world.say(f"user_id is BINARY, and {path.name} gives its bytes to the caller, not the text")
    if not close:
        longer = [line.strip() for line in words.splitlines() if CREATED in line]
        printed = f"; it printed: {longer[-1]}" if longer else ""
        raise Fault(
            f"create_table() did not print: {CREATED}{printed}",
            Advice("Which words does the exercise ask for?", f'print("{CREATED}")'),
        )


@TASK.probe(
    BEYOND,
    "seeding again adds nobody twice, and everybody new",
    Advice(
        "How does the table know that it has somebody already?",
        "derive the id from the email, or make the email unique",
    ),
)
def seeding_twice(world: SeedWorld) -> None:
    with by_its_own_ids(world):
        seeds_twice(world)


@contextmanager
def by_its_own_ids(world: SeedWorld) -> Iterator[None]:
    """Where insert_data() is given rows with ids, let the script make or read these in the with block."""
    way, has_id = world.way, world.has_id
    if way in WITH_IDS:
        world.way = by_script
        for world.has_id in (has_id, True):
            with suppress(Fault):
                if fill_small(world) == 3:
                    break
        else:  # whoever calls insert_data() knows them
            world.way, world.has_id = way, has_id
    try:
        yield
    finally:
        world.way, world.has_id = way, has_id


def seeds_twice(world: SeedWorld) -> None:
    small_file_loads(world)
    first = len(world.stored())
    stranger = add_stranger(world)
    try:
        fill(world)
    except Crash as crash:
        said = world.recorder.last_words()
        reason = (
            f"; it printed: {steady(shortened(said, 120))}" if "SystemExit" in str(crash) and said else ""
        )
        if str(crash).startswith("create_"):
            what = "when the database and the table are there already"
            raise Fault(f"{what}, {crash}{reason}", THERE_ALREADY) from crash
        raise Fault(f"when the users are in the table already, {crash}{reason}", PASS_OVER) from crash
    emails = [row.get("email") for row in world.stored()]
    if stranger and stranger not in emails:
        raise Fault("a user who was in the table, and is not in the file, is gone after seeding again", KEEP)
    second = len(emails) - (1 if stranger else 0)
    if second != first:
        raise Fault(f"after seeding once the table had {first} rows, and after the second time {second}")
    world.write_csv(world.people[:4])
    fill(world)
    if len(world.stored()) == len(emails):
        said = "a user who was added to the file since then is not stored"
        line = returns_in_a_loop(world.file, ["insert_data"], with_value=False)
        if line:
            raise Fault(f"{said}: {line} leaves the loop over the rows", GO_ON)
        printed = world.recorder.last_words()
        if re.search("(?i)error|duplicate", printed):
            raise Fault(f"{said}; it printed: {steady(shortened(printed, 120))}", PASS_OVER)
        raise Fault(said, EACH_USER)
    if world.has_id and world.way not in BY_ROWS:
        first, second = counts_without_ids(world)
        if second != first:
            what = f"with a {DATA} that has the columns name, email and age"
            said = f"after seeding once the table had {first} rows, and after the second time {second}"
            raise Fault(f"{what}, {said}")
    if world.needs_id:
        raise NotTried(f"a {DATA} with the columns name, email and age is not stored as it is")


def counts_without_ids(world: SeedWorld) -> tuple[int, int]:
    """Return how many rows a file without a user_id makes, and how many it made when it is loaded again.

    Whether such a file loads at all is the question of another promise.
    """
    with suppress(Fault):
        if fill_small(world, has_id=False) == 3:
            first = len(world.stored())
            with suppress(Crash):
                fill(world)
            return first, len(world.stored())
    return 0, 0


def add_stranger(world: SeedWorld) -> str:
    """Add a user who is in no file, as another program might; return the email, or "" if the table takes none."""
    user = {"user_id": str(uuid.uuid4()), "name": "Ed Wu", "email": "ed@mail.test", "age": "33"}
    for names in (list(user), list(user)[1:]):  # some number their users
        values = tuple(user[name] for name in names)
        query = f"INSERT INTO `{world.table()[0]}`.user_data ({', '.join(names)}) VALUES ("
        with suppress(Exception):
            world.execute(query + ", ".join(["%s"] * len(names)) + ")", values)
            return user["email"]
    return ""


NO_LESS = Advice(
    "Who gets to know that the table has not what is in the file?",
    "let the error of the bad row go through before anything is committed: no INSERT IGNORE, no skipping",
)


NO_NUMBER = Advice(
    "What should become of a row whose age is no number?",
    "make age a DECIMAL, and let the error stop the whole file",
)
IGNORE = Advice(
    "What does INSERT IGNORE do with an error?",
    "use ON DUPLICATE KEY UPDATE: IGNORE turns every error into a warning",
)


@TASK.probe(
    BEYOND,
    "a file with a bad row is refused as a whole",
    Advice(
        "What is in the table after an error in the middle of a file?", "insert all rows in one transaction"
    ),
)
def bad_row(world: SeedWorld) -> None:
    small_file_loads(world)
    try:
        nothing_is_kept(world)
    except Fault as fault:
        if fault.advice and commits_in_between(world):  # without an advice it is this that was seen
            raise Fault(f"{fault}; and it commits before all rows are in", fault.advice) from fault
        raise
    if commits_in_between(world):
        rows, _ = fill_with(world, [*many_people(), (*PEOPLE[0][:3], "old")])
        if rows:
            raise Fault(
                f"of a file with {MANY + 1} rows, the last one with the age 'old', {len(rows)} were kept"
            )


MANY = 1200  # more than what most people commit at once


def many_people() -> list[Person]:
    return [tuple(map(str, made_up(number).values())) for number in range(MANY)]


def commits_in_between(world: SeedWorld) -> bool:
    """Tell whether rows of a long file are committed before the last ones are inserted."""
    tree = ast.parse(world.file.read_bytes())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    committing = {"commit", *(node.name.lower() for node in functions if "commit" in ast.dump(node).lower())}
    loops = [node for node in ast.walk(tree) if isinstance(node, (ast.For, ast.While))]
    named = {word for loop in loops for word in re.findall(r"\w+", ast.dump(loop).lower())}
    if not committing & named and "autocommit" not in ast.dump(tree):
        return False  # nothing in a loop commits
    world.empty()
    world.write_csv(many_people())
    world.watch()
    with suppress(Fault):
        fill(world)
    log = "SELECT LEFT(argument, 80) FROM mysql.general_log WHERE command_type IN ('Query', 'Execute')"
    log += " AND thread_id <> CONNECTION_ID() ORDER BY event_time"
    is_automatic = False
    inserts = commits = waiting = 0
    for (text,) in world.rows(log):
        text = bytes(text).decode("utf-8", "replace") if not isinstance(text, str) else text
        automatic = re.search(r"(?i)^set\b.*\bautocommit\s*=\s*(on|1|true|off|0|false)", text)
        if automatic:
            is_automatic = automatic[1].lower() in ("on", "1", "true")
        elif re.match(r"(?i)\s*(?:insert|replace)\b.*\buser_data\b", text):
            inserts, waiting = inserts + 1, 1
        elif re.match(r"(?i)\s*commit\b", text):
            commits, waiting = commits + waiting, 0
    return commits > 1 or (is_automatic and inserts > 1)


LONG_NAME = "Ann Lee " * 40 + "Ann"


def ignores_errors(world: SeedWorld) -> bool:
    return re.search(r"(?i)\binsert\s+ignore\b", world.file.read_text("utf-8", errors="replace")) is not None


def nothing_is_kept(world: SeedWorld) -> None:
    *good, last = world.people
    world.keep_connections()
    rows, has_raised = fill_with(world, [*good, (*last[:3], "old")])
    if world.way is not by_script and any(rows_seen_by(one) > len(rows) for one in world.connector.kept):
        world.say(
            "after a row that fails, insert_data() leaves those before it in the open transaction, and the "
            "caller's next commit() keeps them: roll back before the error goes on"
        )
    world.connector.keeps = False
    if rows:
        said = f"of a file whose last row has the age 'old', {len(rows)} rows were kept"
        if has_raised:
            raise Fault(said)
        ages = [row.get("age") for row in rows if str(row.get("email")).strip() == last[2]]
        if ages:
            advice = IGNORE if ignores_errors(world) else NO_NUMBER if ages[0] == "old" else NO_LESS
            raise Fault(f"{said}, the last one with the age {ages[0]}", advice)
        raise Fault(f"{said}, and no error told the caller that one was left out", NO_LESS)
    rows, has_raised = fill_with(world, [*good, (last[0], "", *last[2:])])
    if len(rows) == len(good) and not has_raised:
        raise Fault(
            f"of a file whose last row has no name, {len(rows)} rows were kept, "
            "and no error told the caller that one was left out",
            NO_LESS,
        )

    rows, has_raised = fill_with(world, [*good, (last[0], LONG_NAME, *last[2:])])
    names = [str(row.get("name")) for row in rows if str(row.get("email")).strip() == last[2]]
    if names and names[0] != LONG_NAME and not has_raised:
        raise Fault(
            f"of a file whose last row has a name of {len(LONG_NAME)} characters, {len(rows)} rows were kept, "
            f"with that name cut to {len(names[0])} and no error",
            IGNORE if ignores_errors(world) else NO_LESS,
        )
    if world.way in BY_ROWS:  # such a file was not read by this function, but by the script
        way, world.way = world.way, by_script
        try:
            small_file_loads(world)
            nothing_is_kept(world)
        except NotTried:
            pass
        except Fault as fault:
            raise Fault(f"by python3 {world.file.name}, {fault}", fault.advice) from fault
        finally:
            world.way = way
        return
    for row in (last[:3], (*last[:3], "")):
        rows, has_raised = fill_with(world, [*good, row])
        if not rows or has_raised:
            continue
        if len(rows) == len(good):
            what = "and no error told the caller that one was left out"
        else:
            ages = [row.get("age") for row in rows if str(row.get("email")).strip() == last[2]]
            what = f"the last one with the age {ages[0] if ages else None}"
        raise Fault(f"of a file whose last row has no age, {len(rows)} rows were kept, {what}", NO_LESS)


def fill_with(world: SeedWorld, people: Iterable[Person]) -> tuple[list[dict[str, Any]], bool]:
    """Fill an empty server from a file with these people; return the rows, and whether it raised an error."""
    world.empty()
    world.write_csv(people)
    world.connector.queries.clear()
    has_raised = False
    try:
        fill(world)
    except Stop:
        raise
    except Fault:
        has_raised = True
    return world.stored(), has_raised


@TASK.probe(
    BEYOND,
    "a CSV file loads with a column user_id and without one",
    BY_NAME,
)
def both_forms_load(world: SeedWorld) -> None:
    if world.way in BY_ROWS:
        raise NotTried("insert_data() takes rows, and no file")
    small_file_loads(world)
    for has_id in (False, True):
        count = 0
        with suppress(Crash):
            count = fill_small(world, has_id)
        if count != 3:
            columns = ",".join(COLUMNS if has_id else COLUMNS[1:])
            raise Fault(f"of a file with the columns {columns}, {count} of 3 users were stored as they are")


CURSOR_FIRST = Advice(
    "What does the finally find when connection.cursor() failed?",
    "make the cursor right before the try, so that there is always something to close",
)


EXIT = Advice(
    "What does the shell, or a Makefile, learn when your main part prints the error?",
    "let the exception go through, or end with raise SystemExit(1)",
)
NO_CLASS = Advice(
    "What may stand behind except?",
    "a class, such as mysql.connector.Error; compare its errno with the numbers of errorcode",
)
CONNECTS = {"connect_db()", "connect_to_prodev()"}
OPEN_THAT = Advice("What does your insert_data do with its second argument?", "open that, and no fixed name")


@TASK.probe(
    BEYOND,
    "an error reaches the caller, of MySQL and of a file that is missing",
    Advice(
        "What does the caller do with None, and how does it learn what went wrong?",
        "let the exception go through; do not print it",
    ),
)
def error_is_raised(world: SeedWorld) -> None:
    small_file_loads(world)
    module = world.load()
    functions = {name: getattr(module, name) for name in STEPS if hasattr(module, name)}
    silent: list[str] = []
    exits: list[str] = []
    hidden: list[str] = []
    unbound: dict[str, str] = {}
    lost: list[str] = []
    advice: Advice | None = None

    def try_it(what: str, call: Callable[[], Any]) -> None:
        nonlocal advice
        try:
            call()
            silent.append(what)
        except SystemExit:
            exits.append(what)
        except Exception as error:
            if hides_another(error):
                lost.append(f"{what} raises {describe(error)}")
                advice = advice or (NO_CLASS if "do not inherit from BaseException" in str(error) else None)

    no_file = reads_another = False
    connection = connected(functions)
    has_connected = connection is not None
    if connection is not None and (world.way is by_path or world.way in BY_ROWS):
        world.execute(f"DELETE FROM `{world.table()[0]}`.user_data")
        if world.way is by_path:
            no_file = fails_silently(partial(functions["insert_data"], connection, "no_such_file.csv"))
            reads_another = no_file and bool(world.stored())
        world.end_connections()  # its transaction may still hold the table
        connection = connected(functions)
        world.execute(f"DROP TABLE `{world.table()[0]}`.user_data")
        data = BY_ROWS[world.way](world) if world.way in BY_ROWS else DATA
        try_it("insert_data()", partial(functions["insert_data"], connection, data))
    for name in ("create_database", "create_table"):  # the one may close what it was given
        if has_connected and name in functions:
            connection = connected(functions)
            world.connector.refuses = True
            try_it(f"{name}()", partial(functions[name], connection))
            world.connector.refuses = False
            with suppress(Exception):
                connection.close()
            try:
                functions[name](connection)
            except NameError as error:
                unbound[f"{name}()"] = type(error).__name__
            except (Exception, SystemExit):
                continue
    world.connector.is_down = True
    for name in ("connect_db", "connect_to_prodev"):
        if name in functions:
            try_it(f"{name}()", functions[name])
    if not functions:
        raise NotTried("none of the functions is defined")
    if unbound:
        names, kind = listed(unbound), next(iter(unbound.values()))
        verb = "raises" if len(unbound) == 1 else "raise"
        hidden.append(f"when the connection is lost, {names} {verb} {kind}, and not the error of MySQL")
    if exits:
        ends = "ends" if len(exits) == 1 else "end"
        when = "when MySQL cannot be reached" if {*exits} <= CONNECTS else "after an error of MySQL"
        hidden.append(f"{when}, {listed(exits)} {ends} the program of the caller with exit()")
    if lost:
        hidden.append(f"after an error of MySQL, {listed(lost)}, and not that error")
    no_exit = said_without_a_server(world) if not CONNECTS & {*silent} else None
    if no_exit is not None:
        what = "when MySQL cannot be reached, python3 seed.py ends"
        hidden.append(f"{what} with exit status 0, as after a success, and prints: {no_exit}")
    if reads_another:
        no_file = False
        said = f"insert_data(connection, 'no_such_file.csv') stored the users of {DATA}"
        hidden.append(f"{said}: it does not open the file that it is given")
    words = None if world.way is by_path else said_without_the_file(world)
    if words is not None:
        hidden.append(f"without {DATA}, python3 seed.py ends as after a success, and prints: {words}")
    if silent:
        sentence = f"{listed(silent)} hid{'' if silent[1:] else 'es'} an error of MySQL from the caller"
        quiet = "insert_data() also ends quietly when the file is missing" if no_file else ""
        raise Fault("; ".join(filter(None, [sentence, quiet, *hidden])))
    if no_file:
        hidden.append("insert_data(connection, 'no_such_file.csv') ended as if all were well")
    if hidden:
        advice = advice or (CURSOR_FIRST if unbound else NO_EXIT if exits else None)
        advice = advice or (CONNECT_FIRST if lost else EXIT if no_exit is not None else None)
        raise Fault("; ".join(hidden), OPEN_THAT if reads_another else advice)


def said_without_a_server(world: SeedWorld) -> str | None:
    """Return what the script prints last when the server is down, if it ends without an error."""
    world.connector.is_down = True
    world.connector.turned_away.clear()
    world.recorder.printed.clear()
    run = world.run_script()
    world.connector.is_down = False
    if run.error or not world.connector.turned_away:
        return None
    return world.recorder.last_words() or "nothing"


def said_without_the_file(world: SeedWorld) -> str | None:
    """Return what the script prints last when it should read a file that is missing, if it ends without an error."""
    world.connector.is_down = False
    world.empty()
    if world.run_script().error or not world.stored():
        return None  # it is not the script that reads the file
    world.empty()
    world.csv.unlink()
    world.recorder.printed.clear()
    if world.run_script().error or world.stored():  # some read a file of another name
        return None
    return world.recorder.last_words() or "nothing"


def connected(functions: dict[str, Callable[..., Any]]) -> Any:
    """Return a connection to the database, or None."""
    with suppress(Exception):
        return functions["connect_to_prodev"]()
    return None


def fails_silently(call: Callable[[], Any]) -> bool:
    try:
        call()
    except (Exception, SystemExit):
        return False
    return True


@TASK.probe(BEYOND, "an import of it leaves the database as it is", UNDER_MAIN)
def import_does_nothing(world: SeedWorld) -> None:
    world.empty()
    world.load()
    if world.connector.queries:
        raise Fault(f"an import of {world.file.name} runs: {shortened(world.connector.queries[0], 80)}")


@TASK.probe(
    BEYOND,
    "no connection stays open that the caller does not get",
    Advice(
        "Who can close a connection that your function opened and does not return?",
        "close it there, in a finally, or before the error goes on",
    ),
)
def leaves_nothing_open(world: SeedWorld) -> None:
    module = world.load()
    connect = getattr(module, "connect_to_prodev", None)
    if connect is None:
        raise NotTried("there is no connect_to_prodev")
    if world.opened_by_import():
        raise NotTried("a connection is opened when the file is imported")
    main_part_closes(world)
    world.empty()
    world.watch()
    world.keep_connections()
    connection = None
    with suppress(Exception, SystemExit):
        connection = connect()
    if connection is None and world.left_open():
        raise Fault("without the database, connect_to_prodev() failed and left a connection to MySQL open")
    if world.way is not by_path and world.way not in BY_ROWS:
        return
    world.empty()
    world.write_csv()
    world.watch()
    data = BY_ROWS[world.way](world) if world.way in BY_ROWS else DATA
    try:
        connection = driver(world, data)
    except Fault as fault:
        raise NotTried("the five functions cannot be called one after the other") from fault
    with suppress(Exception):
        connection.close()
    if world.left_open():
        raise Fault(
            "both connections of the caller were closed, and another one was left open by the functions"
        )


CLOSE_FIRST = Advice(
    "Which name still has the first connection when the second one is there?",
    "close it before you connect again",
)


def main_part_closes(world: SeedWorld) -> None:
    """Expect that a run of the script leaves open the last of its connections at most, as the driver does."""
    world.empty()
    world.watch()
    world.keep_connections()
    if world.run_script().error:
        return
    kept = list({id(one): one for one in world.connector.kept}.values())
    left = [one for one in kept[:-1] if one.pool_config_version is None and number_of(one) in world.others()]
    if left:
        raise Fault(
            f"python3 {world.file.name} makes {len(kept)} connections, and leaves {len(left)} of those before "
            "the last one open",
            CLOSE_FIRST,
        )


@TASK.probe(BEYOND, "the values of the file are not written into the SQL", BIND)
def values_are_bound(world: SeedWorld) -> None:
    small_file_loads(world)
    binds(world, *(value for person in world.people[:3] for value in person[1:3]))


ONE_PLACE = Advice(
    "What has to be changed when the password is another one?",
    "connect in one function that reads user and password with os.getenv(), and import it everywhere",
)


@TASK.probe(
    BEYOND,
    "no password is written in a file or printed, and all connect alike",
    Advice(
        "Who can read the password when the repository is public?",
        "read it with os.getenv(), and keep a .env out of the repository with .gitignore",
    ),
    only_reads=True,
)
def no_password(world: SeedWorld) -> None:
    """One probe for the whole project: it would be the same sentence in each task."""
    names = files_with_passwords(world.file.parent)
    unlike = unlike_passwords(world.file.parent)
    if names:
        some = ", ".join(names[:3]) + " and more" * (len(names) > 3)
        raise Fault("; ".join(filter(None, [f"the password of the database is written in {some}", unlike])))
    if unlike:
        raise Fault(unlike, ONE_PLACE)
    override = sets_the_login(world.file.parent)
    if override:
        raise Fault(override, ONE_PLACE)
    if not connects(world.file.parent):
        raise NotTried("no file of the folder connects to a database")
    if world.is_filled:
        line = line_with_the_password(world)
        if line:
            raise Fault(f"it prints the password that it is given: {line}", NOT_PRINTED)


OVERRIDES = re.compile(r"""(?m)^os\.environ\[["'](\w*(?:USER|PASS|PWD)\w*)["']\]\s*=\s*["']""")


def sets_the_login(folder: Path) -> str:
    """Return which file but seed.py sets a user or a password in its outermost part, in a sentence; or ""."""
    for path in sorted(folder.glob("[0-9]*.py")):
        override = OVERRIDES.search(path.read_text(encoding="utf-8", errors="replace"))
        if override:
            return f"{path.name} sets {override[1]} for all that it imports, whatever it was"
    return ""


PASSWORD = re.compile(r"""(?i)["'](\w*(?:PASS|PWD)\w*)["']""")
WORD = "kept-from-the-public"
NOT_PRINTED = Advice(
    "Who reads the output, or the log that it is written into?",
    "print host and user at most, and not all settings",
)


def line_with_the_password(world: SeedWorld) -> str:
    """Return the first line that the code prints of a password in its settings, without that; or ""."""
    names = set(PASSWORD.findall(world.file.read_text(encoding="utf-8", errors="replace")))
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(dict.fromkeys(names, WORD))
    try:
        with suppress(Fault, NotTried):
            fill_small(world)
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ.update({} if value is None else {name: value})
    lines = "".join(world.recorder.printed).splitlines()
    line = next((line for line in lines if WORD in line), "")
    start = max(0, line.find(WORD) - 60)
    return "..." * (start > 0) + shortened(line[start:].replace(WORD, "***"), 100)
