"""A freshly seeded users.db, for the exercises about SQLite."""

from __future__ import annotations

import ast
import logging
import os
import re
import sqlite3
import sys
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Iterator, Pattern, Sequence

from checker.masking import files_with_passwords
from checker.model import Crash, Fault
from checker.world import LIBRARIES, ScriptRun, Surroundings, World

# What describe() makes of a name that is unknown, and in which file.
UNKNOWN_NAME = re.compile(r"NameError: name '(\w+)' is not defined.*?\(([^()]+\.py), line")
ABOUT_ROWS = re.compile(r"(?i)\s*(?:select|insert|update|delete|replace|with)\b")
# A line that imports the driver of a database with users and passwords.
SERVER = re.compile(r"(?m)^\s*(?:import|from)\s+\w*(?:mysql|MySQL|mariadb|psycopg|asyncpg|pg8000)")
AGES = [24, 25, 26, 40, 41, 67, 18]  # on both sides of every limit in the exercises


class SQLiteWorld(World):
    """A table users(id, name, email), with an age unless the learner's own table has none."""

    database, driver = "SQLite", "sqlite3 or aiosqlite"
    users: list[tuple[Any, ...]]
    needs_age = False
    INSERT_VISIT = "INSERT INTO visits VALUES (?)"
    handlers: Sequence[logging.Handler] = ()  # what the learner's code added to the root logger
    made_folders: frozenset[str] = frozenset()  # for a log, and nobody else makes them
    opened_by_import = 0  # connections that the import left open
    lost_users = False  # by running the file by itself
    overwritten = False  # users that somebody had renamed, by the same
    prints_addresses = False  # of rows, when it is run by itself
    needs: tuple[str, str] = ("", "")  # a column of users, and who needs it

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.said: list[str] = []  # notes of the probes

    def say(self, note: str) -> None:
        if note not in self.said:
            self.said.append(note)

    def prepare(self) -> None:
        """Seed the file again, and forget the connections, statements and pauses so far."""
        self.forget_connections()
        self.recorder.statements.clear()
        self.recorder.naps.clear()
        database = self.redirection.database
        self.redirection.begin_afresh()
        with suppress(OSError):  # some look for it in the folder above
            (database.parent.parent / database.name).symlink_to(database)
        self.users = [(n, f"User{n}", f"user{n}@mail.test", age) for n, age in enumerate(AGES, 1)]
        columns = "id INTEGER PRIMARY KEY, name TEXT, email TEXT"
        if self.needs_age or has_age(database.parent):
            columns += ", age INTEGER"
        else:
            self.users = [user[:3] for user in self.users]
        with self.own_connection() as connection, connection:
            connection.execute(f"CREATE TABLE users ({columns})")
            places = ", ".join("?" * len(self.users[0]))
            connection.executemany(f"INSERT INTO users VALUES ({places})", self.users)
        self.made_folders |= make_log_folders(database.parent, self.file)

    def forget_connections(self) -> None:
        """Forget those so far; what one has left undone would delete the journal of the next database at its end."""
        for connection in self.recorder.sqlite:
            with suppress(sqlite3.Error):  # closed, or of another thread
                connection.rollback()
        self.recorder.sqlite.clear()

    def remove_database(self) -> None:
        self.redirection.remove_database()

    def without_tables(self) -> bool:
        if not self.own_table_has(""):
            return False
        self.forget_connections()
        self.remove_database()
        return True

    def own_table_has(self, column: str) -> bool:
        """Tell whether code in this folder makes a table with this column, or any table if it is empty."""
        makes = re.compile(rf"(?is)create\s+table[^;]{{0,2000}}?\b{column}\b")
        files = self.redirection.database.parent.glob("*.py")
        return any(makes.search(path.read_text(encoding="utf-8", errors="replace")) for path in files)

    def notes(self) -> list[str]:
        notes = []
        for name in self.recorder.elsewhere:
            absolute = ", which is on no other computer" if name.startswith("'/") else ""
            files = self.files_with(name)
            where = f"in {', '.join(files[:-1])} and {files[-1]}" if len(files) > 1 else "here"
            home = "the database of the exercise is users.db"
            home += ", which is opened as well" if self.opens_home(files) else ""
            notes.append(f"{name} is opened {where}{absolute}; {home}")
        if self.lost_users:
            notes.append(f"python3 {self.file.name} deletes all the users that users.db had")
        elif self.overwritten:
            notes.append(
                f"python3 {self.file.name} overwrites users.db: users that somebody had renamed got "
                "their old names back"
            )
        if self.prints_addresses:
            notes.append(
                f"python3 {self.file.name} prints <sqlite3.Row object at ...> instead of what is in the row; "
                "print(tuple(row)) shows it"
            )
        column, who = self.needs
        if column:
            notes += [
                f"{table.file.name} makes a table users without a column {column}, which {who}"
                for table in tables(self.file.parent)
                if not table.has(column) and table.is_read_by(self.file)
                if table.file == self.file or not DROPS.search(self.source())
            ]
        known = files_with_passwords(self.file.parent) if SERVER.search(self.source()) else []
        if self.file.name in known:
            where = " and ".join(filter(None, [", ".join(known[:-1]), known[-1]]))
            notes.append(
                f"the password of the database is written in {where}; whoever has the files can log in"
            )
        timeouts = [timeout for path, timeout in self.recorder.impatient if path == str(self.file)]
        if timeouts:
            notes.append(
                f"{self.file.name} connects with a timeout of {min(timeouts):g} seconds: whoever meets "
                "a lock gets an error at once; without it SQLite waits 5 seconds"
            )
        private = next((m for m in PRIVATE.findall(self.source()) if m in sys.modules), "")
        if private and not (self.file.parent / f"{private}.py").exists():
            notes.append(
                f"{self.file.name} imports {private}, which is private to Python and may change; "
                f"import {private.lstrip('_')}"
            )
        return notes + self.tables_that_differ() + self.said

    def opens_home(self, files: list[str]) -> bool:
        """Tell whether users.db was opened as well."""
        return self.recorder.at_home

    def files_with(self, name: str) -> list[str]:
        """Return in which files a database is named, the same for each of them: a note is printed once."""
        quoted = re.compile(f"[\"']{re.escape(name[1:-1])}[\"']")
        files = sorted(self.file.parent.glob("*.py"))
        names = [f.name for f in files if quoted.search(f.read_text(encoding="utf-8", errors="replace"))]
        return names if self.file.name in names else [self.file.name]

    def tables_that_differ(self) -> list[str]:
        """Say which scripts make the table of this one with other columns, in the same database."""
        made = set(tables(self.file.parent))
        group = {table for table in made if table.file == self.file}
        for _ in made:  # those that differ from these as well, so that it is the same note for each of them
            group |= {other for other in made if any(table.differs(other) for table in group)}
        names = sorted({table.file.name for table in group})
        if len(names) < 2:
            return []
        how = "different columns, and the script that runs first decides which"
        if len({tuple(sorted(table.columns)) for table in group}) == 1:
            how = "its columns in another order, and row[1] is not the same column in each: take them by name"
        return [f"{', '.join(names[:-1])} and {names[-1]} make the table users of one database with {how}"]

    def run_script(self) -> ScriptRun:
        """Run it, and remember whether the users that were there are gone, and from no database of its own."""
        had_users = self.redirection.database.exists() and self.has_users()
        run = super().run_script()
        if had_users and not self.recorder.elsewhere and not self.has_users():
            self.lost_users = True
        if "<sqlite3.Row object at" in run.printed:
            self.prints_addresses = True
        return run

    def has_users(self) -> bool:
        """Tell whether one of the users that prepare() wrote is still there."""
        try:
            left = {email for (email,) in self.select("SELECT email FROM users")}
        except sqlite3.Error as error:
            return "no such" not in str(error)
        return any(user[2] in left for user in self.users)

    def load(self) -> Any:
        """Import the file afresh; one that makes the table itself may meet a database that is not there yet."""
        forget_handlers(self.handlers)
        before = list(logging.getLogger().handlers)
        try:
            module = super().load()
        except Crash as crash:
            self.remove_database()
            self.go_where_it_runs(crash.__cause__)
            try:
                module = super().load()
            except Crash:
                module = None
            if module is None:
                raise
        self.handlers = [handler for handler in logging.getLogger().handlers if handler not in before]
        self.opened_by_import = self.left_open()
        self.prepare()  # the demo may have changed the table
        return module

    def go_where_it_runs(self, error: BaseException | None) -> None:
        """Change to the folder of the whole repository if a file is missing here that is there."""
        above = self.file.parent.parent
        name = error.filename if isinstance(error, FileNotFoundError) else None
        if isinstance(name, str) and not os.path.isabs(name) and (above / name).exists():
            os.chdir(above)

    def wrong_database(self, fault: Fault) -> str:
        unknown = UNKNOWN_NAME.search(str(fault))
        where = self.file.parent / (unknown[2] if unknown else "")
        if unknown and where.is_file() and unknown[1] not in names_bound(where):
            return ""  # no connection that failed explains a name that the file never has
        return self.uses_mysql() if self.looked_only_in_mysql() else ""

    def looked_only_in_mysql(self) -> bool:
        return "MySQL" in self.recorder.sources and "SQLite" not in self.recorder.sources

    def uses_mysql(self) -> str:
        return f"{self.file.name} uses MySQL; the exercise is about users.db in SQLite"

    def source(self) -> str:
        return self.file.read_text(encoding="utf-8-sig", errors="replace")

    @contextmanager
    def own_connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of the checker's own, which does not count as the learner's."""
        database = str(self.redirection.database)
        with closing(self.redirection.open_sqlite(database, timeout=1)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # nothing here has to survive a crash
            yield connection

    @contextmanager
    def opening(self, way: Callable[..., Any]) -> Iterator[None]:
        """Let databases be opened in this way in the with block."""
        real = self.redirection.open_sqlite
        self.redirection.open_sqlite = way
        try:
            yield
        finally:
            self.redirection.open_sqlite = real

    @contextmanager
    def unreachable(self) -> Iterator[list[str]]:
        """Let no database be opened in the with block; the list gets an item for each that was wanted."""
        wanted: list[str] = []

        def refuse(database: Any, *_: Any, **__: Any) -> Any:
            wanted.append(str(database))
            raise sqlite3.OperationalError("unable to open database file")

        with self.opening(refuse):
            yield wanted

    @contextmanager
    def failing_close(self) -> Iterator[list[str]]:
        """Let close() close and then raise, in the with block; the list gets an item for each that did."""
        real, failed = self.redirection.open_sqlite, []

        def stubborn(*arguments: Any, **options: Any) -> Any:
            connection: Any = real(*arguments, **options)
            close = connection.close

            def fail() -> None:
                close()
                failed.append("close")
                raise sqlite3.OperationalError("unable to close the database")

            connection.close = fail
            return connection

        with self.opening(stubborn):
            yield failed

    @contextmanager
    def failing_queries(self, error: Exception, which: Pattern[str] = ABOUT_ROWS) -> Iterator[None]:
        """Let each statement about rows raise this error, which need not be one of the database."""
        real = self.redirection.open_sqlite

        class Failing(sqlite3.Cursor):
            def execute(self, sql: str, *arguments: Any) -> Any:
                if which.match(sql):
                    raise error
                return super().execute(sql, *arguments)

        def fragile(*arguments: Any, **options: Any) -> Any:
            connection: Any = real(*arguments, **options)
            if not hasattr(connection, "is_closed"):  # it is the checker's own
                return connection
            cursor = connection.cursor
            connection.cursor = lambda *_, **__: cursor(Failing)
            connection.execute = lambda *arguments: cursor(Failing).execute(*arguments)
            return connection

        with self.opening(fragile):
            yield

    def hides_refused_commit(self, write: Callable[[], Any]) -> bool:
        """Tell whether no error comes out when commit() raises what it does of a connection that is closed."""
        real = self.redirection.open_sqlite
        refused = []

        def refuse() -> None:
            refused.append("commit")
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")

        def closed(*arguments: Any, **options: Any) -> Any:
            connection: Any = real(*arguments, **options)
            if hasattr(connection, "is_closed"):  # or else it is the checker's own
                connection.commit = refuse
            return connection

        with self.opening(closed), suppress(Exception):
            write()
            return bool(refused)
        return False

    @contextmanager
    def failing_commit(self) -> Iterator[None]:
        """Let SQLite accept INSERT_VISIT of 999, and refuse its commit, in the with block."""
        with self.own_connection() as connection, connection:
            connection.execute(
                "CREATE TABLE visits (user_id INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)"
            )
        with self.setting("PRAGMA foreign_keys = ON"):
            yield

    @contextmanager
    def setting(self, pragma: str) -> Iterator[None]:
        """Let each connection begin with this, in the with block."""
        real = self.redirection.open_sqlite

        def strict(*arguments: Any, **options: Any) -> Any:
            connection = real(*arguments, **options)
            connection.execute(pragma)
            return connection

        with self.opening(strict):
            yield

    def outside_connection(self) -> sqlite3.Connection:
        """A connection for code that wants one from outside, and does not have to close it."""
        connection = self.redirection.open_sqlite(str(self.redirection.database), timeout=1)
        connection.set_trace_callback(lambda sql: self.recorder.statements.append((-1, sql)))
        return connection

    def has_table(self) -> bool:
        return bool(self.select("SELECT * FROM sqlite_master WHERE name = 'users'"))

    def empty_table(self) -> None:
        with self.own_connection() as connection, connection:
            connection.execute("DELETE FROM users")

    def drop_table(self) -> None:
        with self.own_connection() as connection, connection:
            connection.execute("DROP TABLE users")

    def select(self, query: str) -> list[Any]:
        """Return what another program sees in the database."""
        with self.own_connection() as connection:
            return connection.execute(query).fetchall()

    def email(self, user_id: int = 1) -> Any:
        return self.select(f"SELECT email FROM users WHERE id = {user_id}")[0][0]

    def left_open(self) -> int:
        """Return how many connections of the learner's code were not closed."""
        return sum(not connection.is_closed for connection in self.recorder.sqlite)


class SQLiteWorldWithAges(SQLiteWorld):
    """The same for the exercises that ask for ages."""

    needs_age = True
    needs = ("age", "exercises 1 and 3 need")


DROPS = re.compile(r"(?i)drop\s+table")
MADE = re.compile(r"(?i)create\s+table\s+(if\s+not\s+exists\s+)?[\"'`\[]?users\b")
PRIVATE = re.compile(r"(?m)^\s*(?:import|from)\s+(_[a-z]\w*)")
COMMENTS = re.compile(r"(?m)^[ \t]*#.*$")
DATABASE_NAME = re.compile(r"""["']([^"'\n]+\.(?:db|sqlite3?))["']""")


@dataclass(frozen=True)
class Table:
    """A CREATE TABLE users in the learner's folder: its file with its text, and the columns."""

    file: Path
    text: str
    columns: tuple[
        str, ...
    ]  # the names; the ids with their type, as the only ones whose type SQLite enforces
    is_kept: bool  # if there is a table already

    def has(self, column: str) -> bool:
        return any(column in name for name in self.columns)

    @property
    def databases(self) -> set[str]:
        return set(DATABASE_NAME.findall(self.text))

    def is_read_by(self, file: Path) -> bool:
        """Tell whether a file names the same database, or one of the two names none."""
        if file != self.file and ":memory:" in self.text and not self.databases:
            return False
        names = set(DATABASE_NAME.findall(file.read_text(encoding="utf-8", errors="replace")))
        return bool(names & self.databases) or not (names and self.databases)

    def differs(self, other: Table) -> bool:
        """Tell whether each of two scripts takes the other's table for its own, and it has other columns."""
        is_met = self.is_kept and other.is_kept and self.databases & other.databases
        return bool(is_met) and self.columns != other.columns


def names_bound(file: Path) -> set[str]:
    """Return the names that a file assigns, imports or defines anywhere."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8-sig", errors="replace"))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
    return names


def has_age(folder: Path) -> bool:
    """Tell whether the learner's own CREATE TABLE users, if there is one, has an age."""
    return next((table.has("age") for table in tables(folder)), True)


def tables(folder: Path) -> Iterator[Table]:
    """Yield each CREATE TABLE users in a folder."""
    for path in sorted(folder.glob("*.py")):
        text = COMMENTS.sub("", path.read_text(encoding="utf-8", errors="replace"))
        drops = DROPS.search(text)
        for is_kept, columns in tables_made(text):
            yield Table(path, text, columns, is_kept and not drops)


@lru_cache(maxsize=None)
def tables_made(text: str) -> list[tuple[bool, tuple[str, ...]]]:
    """Return of each string that makes a table users if it keeps one that is there, and the columns.

    SQLite reads the string: only that knows its comments, its defaults and its constraints.
    """
    made: list[tuple[bool, tuple[str, ...]]] = []
    if not MADE.search(text):
        return made
    with suppress(SyntaxError, ValueError):
        nodes = sorted(ast.walk(ast.parse(text)), key=lambda node: getattr(node, "lineno", 0))
        strings = [node.value for node in nodes if isinstance(node, ast.Constant)]
        for sql in (value for value in strings if isinstance(value, str)):
            found = MADE.search(sql)
            if found:
                with closing(sqlite3.Connection(":memory:")) as connection:
                    with suppress(sqlite3.Error, sqlite3.Warning):
                        connection.executescript(sql)
                    rows = connection.execute("PRAGMA table_info(users)").fetchall()
                names = [(row[1].lower(), row[2].lower().partition("(")[0].strip()) for row in rows]
                columns = [f"{name} {kind}" if name == "id" else name for name, kind in names]
                if columns:
                    made.append((bool(found[1]), tuple(columns)))
    return made


def make_log_folders(folder: Path, file: Path) -> frozenset[str]:
    """Make the folders that a solution wants to write its log to: git keeps none that are empty."""
    text = file.read_text(encoding="utf-8", errors="replace")
    wanted = set(re.findall(r"""["']((?:\w[\w-]*/)+)[^"'/\n]*\.(?:log|txt)["']""", text))
    missing = {name for name in wanted if not (folder / name).exists()}
    for name in missing:
        (folder / name).mkdir(parents=True)
    return frozenset() if re.search(r"\bmkdir|\bmakedirs", text) else frozenset(missing)


def forget_handlers(of_root: Sequence[logging.Handler]) -> None:
    """Set the loggers back: each import of a file adds its handlers once more."""
    for handler in of_root:
        logging.getLogger().removeHandler(handler)
    for name, logger in logging.getLogger().manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and name.split(".")[0] not in LIBRARIES:
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.NOTSET)
