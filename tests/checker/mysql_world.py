"""A MySQL database with a table user_data, for the exercises about generators."""

from __future__ import annotations

import ast
import csv
import gc
import logging
import re
import uuid
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Callable, Iterator, TypeVar

from checker.connector import NAME, Connector, number_of
from checker.masking import steady
from checker.model import Crash, Fault
from checker.recorder import Printed, real_sleep
from checker.world import LIBRARIES, Surroundings, World, shortened

T = TypeVar("T")
AGES = [24, 25, 26, 40, 41, 67, 18]  # on both sides of the limit in the exercises
# The driver takes this for a connection that is to be opened later.
NO_SETTINGS = re.compile(r"mysql\.connector\.connect\(\s*\)|\bMySQLConnection\(\s*\)")
FOR_SQLITE = re.compile(r"(?m)^\s*(?:import|from)\b.*\bsqlite3\b")
FOR_MYSQL = re.compile(r"mysql|\bseed\b(?!\.py)")  # seed.py may be what connects
# How many loops the curriculum allows in a file; those of a demo do not count.
LOOPS = {"generators/0": 1, "generators/1": 3, "generators/2": 1, "generators/4": 2}
# Something behind the semicolon: execute() joins the lines, so that a comment reaches to the end.
SECOND_STATEMENT = re.compile(r";\s*(?:--\s|#|/\*|\w)[^;]*$")
CHANGES_ROWS = re.compile(r"(?i)\s*(?:insert|replace|update|delete|load|truncate)\b")
# What the driver says of a cursor or a connection that was closed, or left with rows, before it was read to the end.
LOST_CURSOR = re.compile(
    r"(?i)cursor is (?:not connected|closed)|unread result|no result set|connection not available|weakly-referenced"
)
HINTS = [
    (re.compile(pattern), hint)
    for pattern, hint in {
        r"\b1146\b.*Table '(?!\S*user_data')\S+' doesn't exist": "the table of the exercise is called user_data",
        r"\b1054\b.*Unknown column": "the columns of user_data are user_id, name, email and age",
        r"\b1064\b.* near ''\d+'": "MySQL takes a number behind LIMIT and OFFSET: give execute() ints, and no text",
        "weakly-referenced|Cursor is not connected": "a cursor is of use while its connection is open and has a name: fetch the rows "
        "before it is closed, and write db = ...; cursor = db.cursor()",
        r"'NoneType' object has no attribute '(?:cursor|is_connected)'": "None stands where a connection should be: "
        "the function that connects has to return it, and to let its error through",
    }.items()
]
EXITS = ("exit", "_exit", "quit")
SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")


class MySQLWorld(World):
    """A table user_data of `count` users, and a log of the statements that reach it."""

    database, driver = "MySQL", "mysql-connector-python"
    users: list[dict[str, Any]]
    NAME = NAME
    admin: Any = None
    prepared: tuple[int, list[Any]] = 0, []  # how many users, and what state() gave with them

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.connector = Connector(self.redirection)
        self.said: list[str] = []  # what is worth a note

    def prepare(self, count: int = 30) -> None:
        self.recorder.naps.clear()
        self.connector.begin()
        self.end_connections()
        self.redirection.mysql_name = self.NAME
        self.users = [made_up(number) for number in range(count)]
        with self.cursor() as cursor:
            if (count, self.state()) != self.prepared:
                self.make_table(cursor)
                self.prepared = count, self.state()
            # MariaDB's own default is latin1, and CREATE DATABASE without a character set is what people write.
            cursor.execute("SET GLOBAL character_set_server = utf8mb4")
            cursor.execute("SET GLOBAL log_output = 'TABLE'")
            cursor.execute("SET GLOBAL general_log = ON")
        self.watch()

    def make_table(self, cursor: Any) -> None:
        self.drop_databases()
        cursor.execute(f"CREATE DATABASE {self.NAME} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {self.NAME}")
        cursor.execute(
            "CREATE TABLE user_data (user_id CHAR(36) PRIMARY KEY, name VARCHAR(255) NOT NULL,"
            " email VARCHAR(255) NOT NULL, age DECIMAL(3,0) NOT NULL)"
        )
        if self.users:
            cursor.executemany(
                "INSERT INTO user_data (user_id, name, email, age) VALUES (%s, %s, %s, %s)",
                [tuple(user.values()) for user in self.users],
            )

    def state(self) -> list[Any]:
        """Return what tells whether the databases are as they were: making them again takes most of the time."""
        found: list[Any] = self.databases()
        if found == [self.NAME]:
            name = self.NAME
            found += self.rows(f"SHOW CREATE DATABASE {name}") + self.rows(f"SHOW TABLES FROM {name}")
            if found[2:] == [("user_data",)]:
                found += self.rows(f"SHOW CREATE TABLE {name}.user_data")
                found += self.rows(f"CHECKSUM TABLE {name}.user_data")
        return found

    @contextmanager
    def output_of_script(self) -> Iterator[Printed]:
        """Collect what somebody sees who runs the file: of a log, what its own settings let through."""
        root, others = logging.root, [logging.getLogger(name) for name in LIBRARIES]
        before = root.level, root.handlers, root.manager.loggerDict, root.manager.disable
        levels = [logger.level for logger in others]
        root.handlers, root.manager.loggerDict = [], {}
        root.setLevel(logging.WARNING)
        for logger in others:
            logger.setLevel(logging.CRITICAL + 1)
        text = Printed(self.recorder)
        try:
            with redirect_stdout(text), redirect_stderr(text):
                yield text
        finally:
            level, root.handlers, root.manager.loggerDict, root.manager.disable = before
            for logger, its_level in zip([root, *others], [level, *levels]):
                logger.setLevel(its_level)

    def wrong_database(self, fault: Fault) -> str:
        sources = self.recorder.sources
        if "MySQL" in sources:
            return ""
        source = self.file.read_text(encoding="utf-8", errors="replace")
        # It may look for its file first, and find none.
        if "SQLite" in sources or (FOR_SQLITE.search(source) and not FOR_MYSQL.search(source)):
            return f"{self.file.name} reads SQLite; the table of the exercise is in MySQL"
        call = NO_SETTINGS.search(source)
        if call and not self.recorder.unset:
            said = "has nothing in its parentheses: no host, no user, no password and no database"
            return f"{self.file.name} connects to no server: {call[0]} {said}"
        if "CSV" in sources:
            return f"{self.file.name} reads a CSV file; the table of the exercise is in MySQL"
        if not isinstance(fault, Crash):
            return f"{self.file.name} opens no connection to MySQL, where the table of the exercise is"
        return ""

    def hint(self, said: str) -> str:
        """Return what helps with what MySQL, its driver or Python said; "" if that says it all."""
        line = closed_in_a_loop(self.file) if LOST_CURSOR.search(said) else ""
        if line:
            return f"{line} is in the loop that reads with it: close after the loop, in a finally"
        for pattern, hint in HINTS:
            if pattern.search(said):
                return hint
        texts = [query for query in self.connector.queries if SECOND_STATEMENT.search(query)]
        if not texts or not re.search(r"\b2014\b|out of sync|multi=True", said):
            return ""
        end = texts[-1][texts[-1].rindex(";") :]
        return f"execute() takes one statement; behind the semicolon even a comment is a second one: remove {end}"

    def is_complaint(self, line: str) -> bool:
        return super().is_complaint(line) or self.is_caught(line)

    def is_caught(self, line: str) -> bool:
        """Tell whether a line has the text of an error that the driver raised, so that the code caught it."""
        return any(text and text in line for text in self.connector.errors)

    def complaint(self) -> str:
        """Return the last line that the code printed, if it is about an error; or ""."""
        last = steady(shortened(self.recorder.last_words(), 120))
        return last if self.is_complaint(last) else ""

    def say(self, note: str) -> None:
        if note not in self.said:
            self.said.append(note)

    def writes(self) -> str:
        """Return the first statement of the learner's code that changes rows since watch(), or ""."""
        return next((query for query in self.connector.queries if CHANGES_ROWS.match(query)), "")

    def notes(self) -> list[str]:
        name, found = self.file.name, []
        allowed = LOOPS.get(self.task.name)
        count, hidden = loops_of(self.file, self.all_names())
        if allowed is not None and count + hidden > allowed:
            which = "a comprehension" if hidden == 1 else f"{hidden} comprehensions"
            counted = f", counting {which}" if hidden else ""
            said = f"{name} has {count + hidden} loops in its functions{counted}"
            found.append(f"{said}, and the exercise allows {allowed}")
        line = ends_at_import(self.file)
        if line:
            found.append(f"an import of {name} can end the program that imports it: line {line} calls exit()")
        if imports_only_the_package(self.file):
            found.append(
                f"{name} imports mysql, which does not load mysql.connector: write `import mysql.connector`"
            )
        return [*found, *self.said]

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor on the checker's own connection, which commits."""
        if self.admin is None:
            import mysql.connector

            self.admin = self.connector.admin = mysql.connector.connect(autocommit=True)
        with closing(self.admin.cursor()) as cursor:
            yield cursor

    def databases(self) -> list[str]:
        return [name for (name,) in self.rows("SHOW DATABASES") if name.lower() not in SYSTEM]

    def drop_databases(self) -> None:
        with self.cursor() as cursor:
            for name in self.databases():
                cursor.execute(f"DROP DATABASE `{name}`")

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        with self.cursor() as cursor:
            cursor.execute(statement, values)

    def rows(self, query: str) -> list[Any]:
        with self.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def watch(self) -> None:
        """Forget statements and connections so far."""
        self.execute("TRUNCATE TABLE mysql.general_log")
        self.recorder.mysql.clear()
        self.connector.forget()

    def statements(self) -> list[str]:
        """Return the statements since watch() that speak of user_data, each in one line."""
        log = "SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute')"
        log += " AND thread_id <> CONNECTION_ID() ORDER BY event_time"
        texts = [bytes(text).decode() if not isinstance(text, str) else text for (text,) in self.rows(log)]
        return [" ".join(text.split()) for text in texts if "user_data" in text]

    def connections(self) -> int:
        """Return how many connections the learner's code opened since watch()."""
        return len(self.recorder.mysql)

    def others(self) -> list[int]:
        """Return the ids of the connections that the learner's code has open."""
        query = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command <> 'Daemon'"
        return [number for (number,) in self.rows(query)]

    def keep_connections(self) -> None:
        """Let nothing but close() close a connection from now on: no clean-up of what nobody refers to."""
        self.connector.keeps = True

    def left_open(self) -> bool:
        """Tell whether a connection is still open shortly after it should have been closed.

        Those that a pool has taken back do not count.
        """
        gc.collect()
        for _ in range(100):
            numbers = set(self.others())
            for connection in self.alive():
                if connection.pool_config_version is not None:
                    numbers.discard(number_of(connection))
                elif number_of(connection) in numbers and not self.connector.is_closed(connection):
                    return True
            if not numbers:
                return False
            real_sleep(0.01)
        return True

    def with_integers(self, call: Callable[[], T]) -> T | None:
        """Return what a call gives when the ages are INT and not DECIMAL, or None after an error."""
        self.end_connections()
        self.execute(f"ALTER TABLE {self.NAME}.user_data MODIFY age INT NOT NULL")
        try:
            return call()
        except Exception:
            return None
        finally:
            self.end_connections()
            self.execute(f"ALTER TABLE {self.NAME}.user_data MODIFY age DECIMAL(3,0) NOT NULL")

    def alive(self) -> list[Any]:
        """Return the connections since watch() that something still refers to."""
        connections = [reference() for reference in self.recorder.mysql]
        return [connection for connection in connections if connection is not None]

    def opened_by_import(self) -> bool:
        """Tell whether a connection is open; asked just after an import, it is the import that opened it."""
        gc.collect()
        numbers = self.others()
        return any(number_of(connection) in numbers for connection in self.alive())

    def drop_table(self) -> None:
        """Drop user_data, whatever transaction of the learner's code is in the way."""
        with self.cursor() as cursor:
            cursor.execute("SET lock_wait_timeout = 1")
            try:
                cursor.execute(f"DROP TABLE {self.NAME}.user_data")
            except Exception:
                self.end_connections()
                cursor.execute(f"DROP TABLE {self.NAME}.user_data")

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
        return any(getattr(connection, "unread_result", False) for connection in self.alive())


def syntax_tree(file: Path) -> ast.Module:
    """Return the tree of a source; an empty one for what is no Python, which is said elsewhere."""
    try:
        return ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def imports_only_the_package(file: Path) -> bool:
    """Tell whether a file uses mysql.connector and imports only mysql: it works if another file imports the rest."""
    tree = syntax_tree(file)
    imported = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    if "mysql" not in imported or any(name.startswith("mysql.connector") for name in imported):
        return False
    uses = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "connector"
    ]
    return any(isinstance(value, ast.Name) and value.id == "mysql" for value in uses)


def closed_in_a_loop(file: Path) -> str:
    """Return the first line in a loop that closes what was opened before the loop, and its number; or ""."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    tree = syntax_tree(file)
    for loop in [node for node in ast.walk(tree) if isinstance(node, (ast.For, ast.While))]:
        inside = [node for statement in loop.body for node in ast.walk(statement)]
        made = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for node in inside:
            called = node.func if isinstance(node, ast.Call) else None
            if not (isinstance(called, ast.Attribute) and called.attr == "close"):
                continue
            if isinstance(called.value, ast.Name) and called.value.id not in made:
                return f"`{shortened(lines[called.lineno - 1].strip(), 60)}` in line {called.lineno}"
    return ""


def hides_errors(file: Path) -> bool:
    """Tell whether a file catches errors and does not raise them again."""
    handlers = [node for node in ast.walk(syntax_tree(file)) if isinstance(node, ast.ExceptHandler)]
    return not all(any(isinstance(n, ast.Raise) for n in ast.walk(handler)) for handler in handlers)


def ends_at_import(file: Path) -> int:
    """Return the number of the first line that ends the process when the file is imported, or 0."""
    waiting: list[ast.AST] = list(syntax_tree(file).body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(node, ast.If) and "__name__" in ast.dump(node.test):
            continue
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in EXITS:
            return node.lineno
        waiting += ast.iter_child_nodes(node)
    return 0


def loops_of(file: Path, names: list[str]) -> tuple[int, int]:
    """Return how many loops there are in functions of these names, in one for an average, and in those they call.

    The second number counts those in a comprehension.
    """
    functions = reached(
        syntax_tree(file), lambda name: name in names or re.search("average|avg|mean", name) is not None
    )
    count = hidden = 0
    for function in functions.values():
        nodes = list(ast.walk(function))
        count += sum(isinstance(node, (ast.For, ast.While)) for node in nodes)
        hidden += sum(
            isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp))
            and "description" not in ast.dump(node.generators[0].iter)  # the names of the columns
            for node in nodes
        )
    return count, hidden


def reached(tree: ast.Module, is_first: Callable[[str], bool]) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module with such a name, and those that they name."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    waiting = [name for name in functions if is_first(name)]
    found: dict[str, ast.FunctionDef] = {}
    while waiting:
        name = waiting.pop()
        if name in functions and name not in found:
            found[name] = functions[name]
            waiting += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)]
    return found


def made_up(number: int) -> dict[str, Any]:
    """Return a user; the ids are spread, and the order of the table is that of the ids."""
    return {
        "user_id": str(uuid.UUID(int=(number + 1) << 96)),
        "name": f"User {number}",
        "email": f"user{number}@mail.test",
        "age": AGES[number % len(AGES)],
    }


def csv_rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            {(name or "").strip().lower(): value for name, value in row.items()}
            for row in csv.DictReader(file)
        ]
