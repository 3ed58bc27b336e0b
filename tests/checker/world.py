"""What a probe works with: the learner's module, freshly imported, and a database in a known state."""

from __future__ import annotations

import csv
import gc
import importlib.util
import inspect
import io
import logging
import re
import sqlite3
import sys
import threading
import uuid
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Iterator

from checker.probing import Fault, attempt, describe
from checker.sandbox import Sandbox, real_sleep

AGES = [24, 25, 26, 40, 41, 67, 18]  # on both sides of every limit in the exercises
SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")


class World:
    """The learner's file, and what its code prints and opens."""

    def __init__(self, sandbox: Sandbox, file: Path) -> None:
        self.sandbox = sandbox
        self.file = file

    def load(self, *names: str) -> Any:
        """Import the file afresh and return its module, which must have one of the names.

        A demo that fails during the import is forgiven if what is asked for was defined before.
        """
        for name, module in list(sys.modules.items()):
            if "/exercise/" in (getattr(module, "__file__", None) or ""):
                del sys.modules[name]
        spec = importlib.util.spec_from_file_location(self.file.stem, self.file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.file.stem] = module
        with attempt(f"importing {self.file.name}"), self.output() as self.printed:
            try:
                spec.loader.exec_module(module)
            except SyntaxError as error:
                name = Path(error.filename or self.file.name).name
                raise Fault(f"{name} has a syntax error in line {error.lineno}: {error.msg}") from error
            except ModuleNotFoundError as error:
                raise Fault(
                    f"{self.file.name} imports {error.name!r}, {missing(error.name or '')}"
                ) from error
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                if not any(hasattr(module, name) for name in names):
                    raise
                self.printed.write(f"\n{describe(error)}\n")
        # A file that replaces itself in sys.modules by something callable is found there.
        module = sys.modules.get(self.file.stem, module)
        if names and not any(hasattr(module, name) for name in names):
            raise Fault(f"{self.file.name} defines no {' or '.join(names)}")
        return module

    def get(self, *names: str) -> Any:
        """Import the file and return the first of these names that it defines."""
        module = self.load(*names)
        return next(getattr(module, name) for name in names if hasattr(module, name))

    @contextmanager
    def output(self) -> Iterator[io.StringIO]:
        """Collect what is printed or logged in the with block."""
        text = io.StringIO()
        handler = logging.StreamHandler(text)
        root = logging.getLogger()
        before = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            with redirect_stdout(text), redirect_stderr(text):
                yield text
        finally:
            root.removeHandler(handler)
            root.setLevel(before)


def missing(name: str) -> str:
    if name.split(".")[0] in ("pymysql", "MySQLdb", "psycopg2", "peewee", "sqlalchemy"):
        return "which is not installed here: the exercises are solved with mysql-connector-python or sqlite3"
    return "which is neither in its folder nor installed here"


class SQLiteWorld(World):
    """A freshly seeded users.db."""

    users: list[tuple[Any, ...]]

    def prepare(self) -> None:
        """Seed the file again, and forget the connections and pauses so far."""
        self.sandbox.sqlite.clear()
        self.sandbox.naps.clear()
        for path in self.sandbox.folder.glob(self.sandbox.database.name + "*"):
            path.unlink()
        self.users = [(n, f"User{n}", f"user{n}@mail.test", age) for n, age in enumerate(AGES, 1)]
        columns = "id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL"
        if has_age(self.sandbox.folder) or "concurrent" in self.file.name or "execute" in self.file.name:
            columns += ", age INTEGER NOT NULL"
        else:
            self.users = [user[:3] for user in self.users]
        with self.own_connection() as connection, connection:
            connection.execute(f"CREATE TABLE users ({columns})")
            places = ", ".join("?" * len(self.users[0]))
            connection.executemany(f"INSERT INTO users VALUES ({places})", self.users)

    def load(self, *names: str) -> Any:
        module = super().load(*names)
        self.prepare()  # the demo may have changed the table
        return module

    @contextmanager
    def own_connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of the checker's own, which does not count as the learner's."""
        with closing(sqlite3.connect(str(self.sandbox.database), timeout=1)) as connection:
            self.sandbox.sqlite.remove(connection)  # type: ignore[arg-type]
            yield connection

    def select(self, query: str) -> list[Any]:
        """Return what another program sees in the database."""
        with self.own_connection() as connection:
            return connection.execute(query).fetchall()

    def email(self, user_id: int = 1) -> Any:
        return self.select(f"SELECT email FROM users WHERE id = {user_id}")[0][0]

    def left_open(self) -> int:
        """Return how many connections of the learner's code were not closed."""
        return sum(not connection.is_closed for connection in self.sandbox.sqlite)


def has_age(folder: Path) -> bool:
    """Tell whether the learner's own CREATE TABLE users, if there is one, has an age."""
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8", errors="replace")
        for columns in re.findall(
            r"(?is)create\s+table\s+(?:if\s+not\s+exists\s+)?users\s*\((.*?)[\"']", text
        ):
            return "age" in columns.lower()
    return True


class MySQLWorld(World):
    """A database with a table user_data of `count` users, and a log of the statements that reach it."""

    users: list[dict[str, Any]]
    NAME = "ALX_prodev"
    admin: Any = None

    def prepare(self, count: int = 30) -> None:
        self.sandbox.naps.clear()
        self.end_connections()
        self.sandbox.mysql_name = self.NAME
        with self.cursor() as cursor:
            for name in self.databases():
                cursor.execute(f"DROP DATABASE `{name}`")
            cursor.execute(f"CREATE DATABASE {self.NAME} CHARACTER SET utf8mb4")
            cursor.execute(f"USE {self.NAME}")
            cursor.execute(
                "CREATE TABLE user_data (user_id CHAR(36) PRIMARY KEY, name VARCHAR(255) NOT NULL,"
                " email VARCHAR(255) NOT NULL, age DECIMAL(3,0) NOT NULL)"
            )
            self.users = [made_up(number) for number in range(count)]
            if self.users:
                cursor.executemany(
                    "INSERT INTO user_data (user_id, name, email, age) VALUES (%s, %s, %s, %s)",
                    [tuple(user.values()) for user in self.users],
                )
            # MariaDB's own default is latin1, and CREATE DATABASE without a character set is what people write.
            cursor.execute("SET GLOBAL character_set_server = utf8mb4")
            cursor.execute("SET GLOBAL log_output = 'TABLE'")
            cursor.execute("SET GLOBAL general_log = ON")
        self.watch()

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor on the checker's own connection, which commits."""
        import mysql.connector

        if self.admin is None:
            self.admin = mysql.connector.connect(autocommit=True)
        with closing(self.admin.cursor()) as cursor:
            yield cursor

    def databases(self) -> list[str]:
        with self.cursor() as cursor:
            cursor.execute("SHOW DATABASES")
            return [name for (name,) in cursor.fetchall() if name.lower() not in SYSTEM]

    def rows(self, query: str) -> list[Any]:
        with self.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def watch(self) -> None:
        """Forget statements and connections so far."""
        with self.cursor() as cursor:
            cursor.execute("TRUNCATE TABLE mysql.general_log")
        self.sandbox.mysql.clear()

    def statements(self) -> list[str]:
        """Return the statements since watch() that speak of user_data, each in one line."""
        log = "SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute')"
        log += " AND thread_id <> CONNECTION_ID() ORDER BY event_time"
        texts = [bytes(text).decode() if not isinstance(text, str) else text for (text,) in self.rows(log)]
        return [" ".join(text.split()) for text in texts if "user_data" in text]

    def others(self) -> list[int]:
        """Return the ids of the connections that the learner's code has open."""
        query = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command <> 'Daemon'"
        return [number for (number,) in self.rows(query)]

    def left_open(self) -> int:
        """Return how many connections are still open shortly after they should have been closed."""
        gc.collect()
        for _ in range(100):
            if not self.others():
                return 0
            real_sleep(0.01)
        return len(self.others())

    def end_connections(self) -> None:
        with self.cursor() as cursor:
            for number in self.others():
                try:
                    cursor.execute(f"KILL {number}")
                except Exception:  # it has gone by itself
                    continue
        for _ in range(100):
            if not self.others():
                return
            real_sleep(0.01)

    def holds_unread_rows(self) -> bool:
        """Tell whether rows of a query are still on the way, so that the table was not read as a whole."""
        connections = [reference() for reference in self.sandbox.mysql]
        return any(getattr(connection, "unread_result", False) for connection in connections)


def made_up(number: int) -> dict[str, Any]:
    """Return a user; the ids are spread, and the order of the table is that of the ids."""
    return {
        "user_id": str(uuid.UUID(int=(number + 1) << 96)),
        "name": f"User {number}",
        "email": f"user{number}@mail.test",
        "age": AGES[number % len(AGES)],
    }


def as_user(row: Any) -> dict[str, Any]:
    """Return a row, a dict or a tuple, as a dict with the age as an int."""
    if isinstance(row, dict):
        user = dict(row)
    elif isinstance(row, (tuple, list)) and len(row) == 4:
        user = dict(zip(("user_id", "name", "email", "age"), row))
    else:
        raise Fault(f"a user should be a dict or a tuple of user_id, name, email and age, not {row!r}")
    try:
        return {**user, "age": int(user["age"])}
    except (KeyError, TypeError, ValueError):
        raise Fault(f"a user should have an age that is a number: {row!r}") from None


def csv_rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            {(name or "").strip().lower(): value for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


def left_threads() -> list[str]:
    """Return the names of threads that would keep the program from ending."""
    return [t.name for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]


def required_parameters(function: Any) -> int:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.default is p.empty and p.kind not in kinds for p in parameters)
