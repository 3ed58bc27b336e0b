"""What a file of the context exercises does beside its task: to other people's data, and with its own errors."""

from __future__ import annotations

import ast
import inspect
import linecache
import os
import re
import sqlite3
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Callable, Iterable, Iterator

from checker.model import Advice, Broken, Crash, Fault, Missing, NotTried, Unavailable
from checker.shared import PARENTHESES, adds_nobody_twice, as_tuple, run_without_error, shows_users
from checker.sqlite_world import SQLiteWorld, SQLiteWorldWithAges
from checker.world import HERE, ScriptRun, Surroundings, describe, shortened

CHANGES = re.compile(r"(?i)\s*(create|insert|replace|update|delete|drop|alter)\b")
DROPS_USERS = re.compile(r"(?i)\s*drop\s+table\s+(if\s+exists\s+)?[\"'`\[]?users\b")
# What Python and SQLite raise for a mistake, as opposed to what a demo raises to show what happens then.
MISTAKES = (NameError, AttributeError, TypeError, LookupError)
SHORTEST = 8  # characters of the text of an error that can be told from others
FULL = "database or disk is full"
UNREADABLE = "database disk image is malformed"
SELECTS = re.compile(r"(?is)\s*(select|with)\b.*\busers\b")
IN_MEMORY = "a database in memory"
# What stands in or above the line with an error that a demo shows on purpose.
ON_PURPOSE = re.compile(
    r"(?i)expect|intend|intentional|deliberate|on purpose|simulat|demonstrat|invalid|should|correctly|reject"
)
ALREADY = re.compile(r"(?i)already|exist|skip|duplicate|ignor")
LET_IT_FAIL = Advice(
    "How does whoever runs it learn that it failed?",
    "let the error go through, or call sys.exit(1) after the message",
)


class DemoWorld(SQLiteWorld):
    """A world that remembers what the file does when it is imported or run by itself."""

    is_importing = False
    place = ""  # in the object that a with block is given: where the rows of its query were
    sets_up = ""  # the statement with which its import begins to change a database
    opens_users_db = False  # by itself, besides what a probe asks for

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.present: set[str] = set()  # the databases that are there when the file is run
        self.removed: list[str] = []  # those of them that it removes or overwrites
        self.calls: dict[str, dict[str, Any]] = {}  # what the file gives to what the task asks for
        self.own_end: ScriptRun | None = None  # of the run in which that was seen
        sys.addaudithook(self.notice_removal)

    def notes(self) -> list[str]:
        notes = super().notes()
        if self.opens_users_db:  # then the one in memory is an extra
            notes = [note for note in notes if not note.startswith(f"{IN_MEMORY} is opened")]
        if self.sets_up:
            notes.append(
                f"importing {self.file.name} changes a database ({self.sets_up}); put that under "
                "`if __name__ == '__main__':`"
            )
        return notes

    def opens_home(self, files: list[str]) -> bool:
        """Tell whether users.db was opened as well, and not only because a probe gave its name to a class."""
        texts = [(self.file.parent / name).read_text("utf-8", errors="replace") for name in files]
        home = re.compile(
            rf"(?<![\w.-]){re.escape(self.redirection.database.name)}\b"
        )  # and not test_users.db
        return super().opens_home(files) and all(home.search(text) for text in texts)

    def own_arguments(self, name: str) -> dict[str, Any]:
        """Return what the file, run by itself, first gives to a class or function of this name: value by parameter."""
        if not self.calls:
            self.calls[name] = {}
            self.watch_calls(set(self.all_names()))
        return self.calls.get(name, {})

    def watch_calls(self, names: set[str]) -> None:
        def see(frame: FrameType, event: str, argument: Any) -> None:
            code = frame.f_code
            if event == "call" and "/exercise/" in code.co_filename:
                given = dict(frame.f_locals)
                maker = given.get("self") if code.co_name == "__init__" else None
                for name in names & {code.co_name, *(kind.__name__ for kind in type(maker).__mro__)}:
                    self.calls.setdefault(name, {}).update({**given, **self.calls.get(name, {})})

        self.prepare()
        with self.forgetting():
            sys.setprofile(see)
            threading.setprofile(see)
            try:
                self.own_end = self.run_script()
            except NotImplementedError:
                pass
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
        self.prepare()

    @property
    def works_by_itself(self) -> bool:
        """Tell whether the file, run by itself, ends without an error, and shows users."""
        self.own_arguments("")
        return bool(self.own_end and not self.own_end.error and shows_users(self, self.own_end.printed))

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Take back what the recorder sees in the with block, for the probe around it."""
        recorder = self.recorder
        sources, memories = set(recorder.sources), (recorder.printed, recorder.unset, recorder.absent)
        before = [list(memory) for memory in memories]
        try:
            yield
        finally:
            for memory, kept in zip(memories, before):
                memory[:] = kept
            recorder.sources &= sources

    def load(self) -> Any:
        self.prepare()  # a probe may have dropped the table, and a demo in the file is about to use it
        self.is_importing = True
        self.recorder.statements.clear()
        before = len(self.redirection.names)
        try:
            return super().load()
        finally:
            self.is_importing = False
            self.see_names(before)

    def prepare(self) -> None:
        if self.is_importing and not self.sets_up and IN_MEMORY not in self.recorder.elsewhere:
            self.sets_up = self.changed()
        super().prepare()
        self.redirection.let_others_exist()

    def changed(self) -> str:
        """Return how the first statement begins that changed a database, or ""."""
        found = next((sql for _, sql in list(self.recorder.statements) if CHANGES.match(sql)), "")
        return shortened(" ".join(found.split()).partition("(")[0].strip(), 50)

    def say_if_it_seeds(self, what: str, read: Callable[[], Any]) -> bool:
        """Say of code that is only to read, if so, that it makes tables or people where there are none."""

        def error_of_it(start: Callable[[], None]) -> BaseException | None:
            self.prepare()
            start()
            self.recorder.statements.clear()
            try:
                read()
            except Exception as error:
                return error
            return None

        for start in (self.empty_table, self.remove_database):
            error_of_it(start)
            done = self.changed()
            if done:
                break
        else:
            return False
        if IN_MEMORY in self.recorder.elsewhere:  # which is empty each time
            return False
        with self.failing_queries(sqlite3.OperationalError(FULL), CHANGES):
            error = error_of_it(start)
        parts = (error, error and error.__cause__, error and error.__context__)
        goes_on = "" if any(FULL in str(part) for part in parts) else " (and when that fails, it goes on)"
        self.say(
            f"{what} makes a table or people in whatever database it opens ({done}), and nobody asked for "
            f"that{goes_on}; leave it to a function or a script of its own"
        )
        return True

    def run_script(self) -> ScriptRun:
        before = len(self.redirection.names)
        try:
            return super().run_script()
        finally:
            self.see_names(before)

    def see_names(self, before: int) -> None:
        folder, database = self.redirection.database.parent, self.redirection.database
        paths = [os.path.normpath(folder / name) for name in self.redirection.names[before:]]
        self.opens_users_db |= str(database) in paths

    def notice_removal(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Remember a database that was there before, and that the learner's code removes or overwrites."""
        if not self.present or event not in ("os.remove", "os.rename", "open", "os.truncate"):
            return
        paths = list(arguments[:2] if event == "os.rename" else arguments[:1])
        if event == "open" and not (arguments[2] or 0) & os.O_TRUNC:
            return
        for path in paths:
            if isinstance(path, (str, bytes, os.PathLike)):
                path = os.path.abspath(os.fsdecode(path))
                if path in self.present and is_learners(sys._getframe(1)):
                    self.present.discard(path)
                    self.removed.append(path)

    def run_beside_others(self, with_people: bool) -> None:
        """Run the file where databases of the names it opens lie already, and say what it did to them."""
        self.prepare()
        others = sorted(self.redirection.other_names)
        for path in others:
            with suppress(OSError):
                path.symlink_to(self.redirection.database)
        self.present = {str(path) for path in [self.redirection.database, *others] if path.exists()}
        before = self.rows()
        self.recorder.statements.clear()
        try:
            run = self.run_script()
        finally:
            self.present = set()
        dropped = any(DROPS_USERS.match(sql) for _, sql in self.recorder.statements)
        names = [Path(path).name for path in dict.fromkeys(self.removed)]
        names = [name for name in names if not (self.lost_users and name == self.redirection.database.name)]
        for name in names:
            self.say(
                f"python3 {self.file.name} removes whatever {name} lies there; with CREATE TABLE IF NOT EXISTS "
                "it need not, if it fills the table only when it is empty"
            )
        files = [name for name in self.recorder.elsewhere if name != IN_MEMORY]
        if files and dropped and not names and not self.has_users():
            self.say(f"python3 {self.file.name} drops the table users of the {files[0]} that it finds")
        if not files and before and not self.lost_users and not self.has_users():
            self.lost_users = True
        if with_people and not files and not self.removed and not self.lost_users and not run.error:
            self.compare(before, self.rows())

    def rows(self) -> dict[Any, Any]:
        with suppress(sqlite3.Error):
            return {row[0]: row for row in self.select("SELECT * FROM users")}
        return {}

    def compare(self, before: dict[Any, Any], after: dict[Any, Any]) -> None:
        added = [row for number, row in after.items() if number not in before]
        changed = [row for number, row in before.items() if after.get(number) != row]
        for rows, verb in ((changed, "changes"), (added, "adds people to")):
            if rows:
                name = next((value for value in rows[0] if isinstance(value, str)), "somebody")
                self.say(
                    f"python3 {self.file.name} {verb} a users.db that has its users already ({name}"
                    f"{f' and {len(rows) - 1} more' if rows[1:] else ''}); fill a table only when it is empty"
                )
                return

    def run_twice(self) -> None:
        """Run the file twice, and say what error only the second one prints."""
        self.prepare()
        self.without_tables()
        before: set[str] = set()
        for number in range(2):
            with errors_raised() as raised:
                run = self.run_script()
            told = printed_errors(run, raised)
            new = [line for line in told if without_numbers(line) not in before and not ALREADY.search(line)]
            if number and new and not run.error:
                self.say(f"run a second time, python3 {self.file.name} prints {new[0]!r} and goes on")
            before = set(map(without_numbers, told))


def run_without_database(world: SQLiteWorld) -> None:
    """Run the file while no database can be opened, without a table, and where it can't write or read.

    Say if nobody could tell.
    """
    world.prepare()
    with world.unreachable():
        if ends_well(world, "its database cannot be opened", "unable to open database file"):
            return
    world.prepare()
    world.drop_table()
    if ends_well(world, "there is no table users", "no such table: users"):
        return
    world.prepare()
    world.without_tables()  # some fill theirs only when it is empty
    with world.setting("PRAGMA query_only = ON"):
        if ends_well(world, "nothing can be written", "readonly database", shows_nobody=False):
            return
    if re.search(
        r"\bexcept\b|\bsuppress\b", world.source()
    ):  # one that sets up outside of its try gets so far
        world.prepare()
        with world.failing_queries(sqlite3.OperationalError(UNREADABLE), SELECTS):
            ends_well(world, "its users cannot be read", UNREADABLE)


def ends_well(world: SQLiteWorld, when: str, sign: str, *, shows_nobody: bool = True) -> bool:
    """Run the file; tell whether it met this error, got no further, and ended as if all was well."""
    with errors_raised() as raised:
        run = world.run_script()
    is_met = any(sign in str(error) for error in raised)
    mistakes = [error for error in raised[-1:] if isinstance(error, (NameError, AttributeError, TypeError))]
    if mistakes and is_met and run.error.startswith(type(mistakes[0]).__name__):
        error = describe(mistakes[0])
        if {frame.name for frame in traceback.extract_tb(mistakes[0].__traceback__)} & set(world.all_names()):
            error = PLACE.sub("", error)  # of several queries it is luck which of them fails first
        if not any(error in note for note in world.said):
            world.say(
                f"when {when}, python3 {world.file.name} ends with {error} instead of the error of the "
                "database: let that one go through, and close only what was opened"
            )
    if run.error or not is_met or (shows_nobody and shows_users(world, run.printed)):
        return False
    does = "only prints the error, and ends" if sign in run.printed else "ends"
    world.say(f"when {when}, python3 {world.file.name} {does} with exit status 0, as if all was well")
    return True


class DemoWorldWithAges(DemoWorld, SQLiteWorldWithAges):
    """The same for the exercises that ask for ages."""


def is_learners(frame: FrameType | None) -> bool:
    """Tell whether learner's code asked for this, and not the checker itself."""
    while frame:
        name = frame.f_code.co_filename
        if name.startswith(HERE):
            return False
        if "/exercise/" in name:
            return True
        frame = frame.f_back
    return False


# Errors that are printed, and nothing more


@contextmanager
def errors_raised() -> Iterator[list[BaseException]]:
    """Collect the errors that arise in the learner's code in the with block, whatever becomes of them."""
    errors: list[BaseException] = []

    def see(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "exception" and isinstance(argument[1], Exception):
            _, error, arose = argument
            is_new = all(error is not other for other in errors)
            if is_new and arose and not is_shown(error, arose):
                errors.append(error)
        return see

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if "/exercise/" not in frame.f_code.co_filename or frame.f_code.co_filename.startswith(HERE):
            return None
        frame.f_trace_lines = False
        return see

    before = sys.gettrace()
    sys.settrace(trace)
    threading.settrace(trace)
    try:
        yield errors
    finally:
        sys.settrace(before)
        threading.settrace(None)


def is_shown(error: BaseException, trace: Any) -> bool:
    """Tell whether a raise statement of the learner's made this error, and not out of another one."""
    while trace.tb_next:
        trace = trace.tb_next
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
    is_first = error.__context__ is None and error.__cause__ is None
    return is_first and line.startswith("raise") and "/exercise/" in trace.tb_frame.f_code.co_filename


def printed_errors(run: ScriptRun, raised: list[BaseException]) -> list[str]:
    """Return the lines with an error that were printed, and not to show what happens then."""
    lines = [" ".join(line.split()) for line in run.printed.splitlines() if line.strip()]
    texts = [" ".join(str(error).split()) for error in raised if is_mistake(error)]
    found = []
    for above, line in zip(["", *lines], lines):
        text = next((text for text in texts if len(text) >= SHORTEST and text in line), "")
        if text and not ON_PURPOSE.search(line.replace(text, "")) and not ON_PURPOSE.search(above):
            found.append(shortened(line, 120))
    return found


def without_numbers(line: str) -> str:
    """Return what is the same in each run: times and ids are not."""
    return re.sub(r"\d+", "", line)


def is_mistake(error: BaseException) -> bool:
    first = error
    while first.__cause__ or first.__context__:
        first = first.__cause__ or first.__context__ or first
    return isinstance(first, (*MISTAKES, sqlite3.Error))


def runs_by_itself(world: DemoWorld) -> None:
    """A whole probe: the file ends without an error, and prints none in place of its users."""
    try:
        run, raised = run_and_listen(world)
        if world.looked_only_in_mysql():
            raise Fault(world.uses_mysql(), CONNECT_HERE)
    except Crash as crash:
        crash.advice = crash.advice or advice_on(crash, world)
        raise
    told = printed_errors(run, raised)
    if told and world.without_tables():  # one that makes its own tables has a second try
        with suppress(Fault):
            again, raised_again = run_and_listen(world)
            if not printed_errors(again, raised_again):
                return
    if not told:
        say_what_was_hidden(world, run, raised)
        return
    line = told[-1]
    is_of_sqlite = any(isinstance(error, sqlite3.Error) and str(error) in line for error in raised)
    counts = re.search(rf"\b{len(world.users)}\b", run.printed)
    if not shows_users(world, run.printed) and not (is_of_sqlite and counts):
        raise Fault(
            f"python3 {world.file.name} printed {line!r}, showed no user, and ended with exit status 0, "
            "as if all was well",
            advice_on(line, world) or LET_IT_FAIL,
        )
    if not is_of_sqlite:
        world.say(f"python3 {world.file.name} prints {line!r} and goes on")


CONNECT_HERE = Advice("Which database has the users?", "connect with sqlite3.connect('users.db')")


def advice_on(error: object, world: DemoWorld | None = None) -> Advice | None:
    """Return what helps with a common mistake; some are only to be told from the learner's file."""
    text = str(error)
    if world and "no such table: users" in text and world.recorder.elsewhere == [IN_MEMORY]:
        return NO_MEMORY
    known = next((advice for pattern, advice in EXPLAINED if re.search(pattern, text)), None)
    return known or (advice_on_self(text, world.source()) if world else None)


def advice_on_self(text: str, source: str) -> Advice | None:
    """Return what helps with a value that one method of a class has, and another one looks for."""
    unknown = re.search(r"NameError: name '(\w+)' is not defined", text)
    if unknown and is_local_of_a_class(unknown[1], source):
        return Advice(
            "Which method gives this name its value, and which one uses it?",
            f"what one method keeps for another goes into self: self.{unknown[1]}",
        )
    owner = re.search(r"'(\w+)' object (?:has no attribute '(\w+)'|is not (?:iterable|subscriptable))", text)
    if not owner or not re.search(rf"class {owner[1]}\b", source):
        return None
    if re.search(r"def _*init_*\(", source) and "def __init__(" not in source:
        return Advice("Which method does Python call first?", "__init__, with two underscores on each side")
    if owner[2] and re.search(rf"\bself\.{owner[2]}\b", source):
        if re.search(rf"\bself\.{owner[2]}\b[^=\n]*(?<![=!<>])=(?!=)|def {owner[2]}\b", source):
            return None
        return Advice(
            "Which line keeps that value in the object?",
            f"give self.{owner[2]} its value in a method that runs before: self.{owner[2]} = ...",
        )
    return Advice(
        "What does __enter__ return, and what does the block want to do with it?",
        "`as` names what __enter__ returns: return from there what the block uses",
    )


def is_local_of_a_class(name: str, source: str) -> bool:
    """Tell whether a method has a parameter or a variable of this name, and the module has none."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    methods = [
        method
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
    ]
    inner = [node for method in methods for node in ast.walk(method)]
    return any(
        (isinstance(node, ast.arg) and node.arg == name)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name)
        for node in inner
    )


NO_MEMORY = Advice(
    "Which database has the users?", "connect to users.db: each ':memory:' is a new database, and empty"
)


# What Python and SQLite say of common mistakes, none of which is in the line that they name.
EXPLAINED = [
    (
        r"statement uses 0, and there",
        Advice(
            "How many ? does this query have?",
            "give execute() as many values as the query has ?: for none, nothing or an empty tuple",
        ),
    ),
    (
        r"'(?:function|method|builtin_function_or_method)' object (?:has no attribute|is not iterable)",
        PARENTHESES,
    ),
    (
        r"Connection' object has no attribute 'fetch",
        Advice("What does execute() give?", "a cursor, which has the rows: cursor.fetchall()"),
    ),
    (
        r"NameError: name '(?:sqlite3|aiosqlite|asyncio)' is not defined",
        Advice("Which line brings that name into the file?", "import it, at the top of the file"),
    ),
    (
        r"execute\(\) argument 1 must be str|not all arguments converted during string formatting",
        Advice(
            "Where does the query go, and where do its values?",
            "the query first, as it is, and then the values: execute(query, params)",
        ),
    ),
    (
        r"there are 0 supplied",
        Advice(
            "What does execute() get besides the query?",
            "hand it the values for the ? as well, in a tuple: execute(query, params)",
        ),
    ),
    (
        r"type '(?:tuple|list)' is not supported|Error binding parameter \d+ - probably unsupported type",
        Advice(
            "What is in the tuple that execute() is given?",
            "the plain values: params as it is, where it is a tuple already, and not (params,)",
        ),
    ),
    (
        r"parameters are of unsupported type|Incorrect number of bindings",
        Advice(
            "What is (25) in Python, and what is (25,)?",
            "give a tuple with a value for each ?; of a single value it has a comma: (25,)",
        ),
    ),
    (
        r"no such (?:table|column)",
        Advice(
            "Which table and which columns does the exercise ask for?",
            "query users, with its columns id, name, email and age",
        ),
    ),
    (
        r"module '(?:aio)?sqlite3?' has no attribute '[Cc]onn",
        Advice(
            "What is the function that opens a database called?",
            "it is connect: sqlite3.connect('users.db'), or aiosqlite.connect('users.db') in a coroutine",
        ),
    ),
    (
        r"on a closed (?:database|cursor)|ValueError: Connection closed|no active connection",
        Advice(
            "What has closed it before this line?",
            "what uses it comes before its close(): execute(), fetchall(), commit(), and the close() of a cursor",
        ),
    ),
    (
        r"__(?:enter|exit)__\(\) (?:takes|missing)",
        Advice(
            "With what does Python call the two methods?",
            "def __enter__(self), and def __exit__(self, exc_type, exc_value, traceback)",
        ),
    ),
    (
        r"context manager protocol|AttributeError: __(?:enter|exit)__",
        Advice(
            "Which two methods of an object does `with` call?",
            "write both into the class, indented and spelt so: __enter__ and __exit__",
        ),
    ),
    (
        r"cannot unpack non-iterable NoneType|'NoneType' (?:object is not iterable|has no len)",
        Advice(
            "What does a function give whose end is reached without a return?",
            "None (and so does fetchone() when there is no row): return the value",
        ),
    ),
]


def say_what_was_hidden(world: DemoWorld, run: ScriptRun, raised: list[BaseException]) -> None:
    """Say of a file that shows no user which mistake it went on after without printing it."""
    mistakes = [error for error in raised if isinstance(error, (NameError, AttributeError, TypeError))]
    hidden = [error for error in mistakes if str(error) not in run.printed]
    if hidden and not shows_users(world, run.printed):
        world.say(
            f"python3 {world.file.name} goes on after {describe(hidden[-1])} without printing it, and shows no user"
        )


def run_and_listen(world: DemoWorld) -> tuple[ScriptRun, list[BaseException]]:
    with errors_raised() as raised:
        return run_without_error(world), raised


def leaves_others_alone(world: DemoWorld) -> None:
    """A whole probe: nobody is there twice. What else the file does to a database that it finds is noted."""
    begun = time.monotonic()
    fault: Fault | NotTried | None = None
    try:
        adds_nobody_twice(world)
    except (Fault, NotTried) as error:
        fault = error
    if time.monotonic() - begun < LONGEST:
        world.run_beside_others(with_people=fault is None)
        run_without_database(world)
        world.run_twice()
    if fault:
        raise fault


LONGEST = 2  # seconds for three runs: a slow file is not run another five times


def say_if_it_prints(world: SQLiteWorld, what: str, printed: str) -> None:
    """Say of a class that it printed users by itself: the caller's with block prints nothing."""
    line = next((line for line in printed.splitlines() if shows_users(world, line)), "")
    if line:
        world.say(
            f"{what} itself prints the rows ({shortened(line.strip(), 60)!r}); leave that to its caller, who may "
            "have a million of them"
        )


def say_if_it_loses_rows(world: SQLiteWorld, what: str, run: Callable[[str], Any]) -> None:
    """Say of which queries a class gives no rows because they do not begin with SELECT; each has one parameter, 1."""
    lost = []
    names = [(user[1],) for user in world.users if user[0] > 1]
    for text, wanted in (
        ("SELECT name FROM users WHERE id > ?", names),
        ("WITH some AS (SELECT name FROM users WHERE id > ?) SELECT name FROM some", names),
        ("VALUES (?)", [(1,)]),
    ):
        with suppress(Exception):
            got = run(text)
            is_list = isinstance(got, (list, tuple)) and not any(isinstance(row, (int, str)) for row in got)
            if not (is_list and [as_tuple(row) for row in got] == wanted):
                lost.append(text.split()[0])
    if "SELECT" in lost:  # of no query
        return
    if lost:
        world.say(
            f"of a query that begins with {' or '.join(lost)} {what} gives no rows, and no error: "
            "cursor.description tells whether there are rows, and not how the query begins"
        )


# What a class is given, and what it opens

PLAIN = {"mode": "r", "timeout": 5.0, "isolation": "DEFERRED", "thread": True, "port": 0, "commit": False}


def lost_default(kind: Any, source: str) -> inspect.Parameter | None:
    """Return the parameter for the path of the database, if its default is no file: ":memory:", or None for connect()."""
    for parameter in inspect.signature(kind).parameters.values():
        name, default = parameter.name, parameter.default
        goes_to_connect = re.search(rf"\bconnect\(\s*(?:database\s*=\s*)?(?:self\.)?_?{name}\s*[,)]", source)
        is_replaced = re.search(rf"\b{name}\s+(?:or|is|if)\b|\b(?:if|not)\s+(?:self\.)?{name}\b", source)
        is_variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if not is_variadic and (
            default == ":memory:" or (default is None and goes_to_connect and not is_replaced)
        ):
            return parameter
    return None


def argument_of(world: DemoWorld, name: str, parameter: inspect.Parameter) -> Any:
    """Return what a class or function is given for this parameter: users.db, or what the file itself gives it."""
    if not IS_DATABASE.search(parameter.name.lower()):
        own = world.own_arguments(name)
        if parameter.name in own:
            return own[parameter.name]
    return plain_argument(parameter)


IS_DATABASE = re.compile("db|database|path|file")


def plain_argument(parameter: inspect.Parameter) -> Any:
    """Return what a parameter is given for which the exercise has no value: by its name, or else users.db."""
    name = parameter.name.lower()
    return next((value for part, value in PLAIN.items() if part in name), "users.db")


def invented(parameters: Iterable[inspect.Parameter]) -> list[str]:
    """Return the names of those that must be given, and of which nobody can tell what they want."""
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = [p for p in parameters if p.default is p.empty and p.kind not in kinds]
    return [p.name for p in required if not KNOWN.search(p.name.lower())]


CONNECTION = re.compile(r"(?:db_?)?(?:conn|connection|cnx)")
KNOWN = re.compile(
    "db|database|path|file|name|uri|url|dsn|conn|cnx|query|sql|statement|stmt|param|arg|value|age"
)


def say_how_it_ends(world: DemoWorld, error: Exception, kind: Any = None, other: object = "") -> None:
    """Say of a file that cannot do its work what waits behind this error: in its class, and when it is run.

    `other` is one that waits as well; of several queries at once it depends on luck which of them ends the file.
    """
    if isinstance(error.__cause__, NotImplementedError) or "MySQL" in world.recorder.sources:
        return
    for method, count in (("__enter__", 1), ("__exit__", 4)):
        function = getattr(kind, method, None)
        if inspect.isfunction(function) and f"{method}()" not in str(error):
            try:
                inspect.signature(function).bind(*[None] * count)
            except TypeError:
                world.say(f"Python calls {method} with {count} arguments, self included: {CALLED[method]}")
    world.prepare()
    with world.forgetting():
        end = world.run_script().error
    without_place = PLACE.sub("", end)
    if other and PLACE.sub("", str(other).partition(" raised ")[2]) not in str(error):
        world.say(str(other))
    if end and without_place not in f"{error} {other}" and not end.startswith("EOFError"):
        world.say(f"run by itself, python3 {world.file.name} ends with {end}")


PLACE = re.compile(r" \([^()]*, line \d+\)$")
CALLED = {
    "__enter__": "def __enter__(self)",
    "__exit__": "def __exit__(self, exc_type, exc_value, traceback)",
}


def own_method(error: BaseException | None) -> str:
    """Return the learner's own method whose call, of the checker's making, raised this; or ""."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    names = [f.name for f in frames if "/exercise/" in f.filename and not f.filename.startswith(HERE)]
    if not names and isinstance(error, TypeError):  # a call that does not even fit
        found = re.search(r"(\w+)\(\) (?:takes|missing)", str(error))
        names = [found[1]] if found else []
    return "" if not names or names[0].startswith("__") else f"{names[0]}()"


@contextmanager
def explains(world: DemoWorld, kind: Any, name: str) -> Iterator[None]:
    """Say of a class that cannot work that there is no database behind it, or what it wants to be given."""
    try:
        yield
    except Missing:
        raise
    except (Crash, Broken) as error:
        paths = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
        texts = [world.file.read_text("utf-8", errors="replace")]
        learners = [path for path in paths if "/exercise/" in path and not path.startswith(HERE)]
        texts += ["".join(linecache.getlines(path)) for path in learners]
        text = "\n".join(texts)
        connects = world.recorder.sources or re.search(r"connect\w*\s*\(|sqlite", text)
        is_file = re.search(r"\bopen\(", text)
        if not connects and (is_file or isinstance(error, Broken)):
            opens = "a file with open(), and no database" if is_file else "no database"
            hint = "connect in __enter__: sqlite3.connect('users.db')"
            raise Broken(f"{name} opens {opens}", hint) from error
        parameters = inspect.signature(kind).parameters.values()
        given = [p.name for p in parameters if p.default is p.empty and CONNECTION.fullmatch(p.name.lower())]
        if given:
            said = f"{name} takes an open connection ({given[0]}), and the exercise asks it to connect"
            raise Broken(said, "take the name of the database, and connect in __enter__") from error
        unknown = invented(list(inspect.signature(kind).parameters.values())[1:])
        is_else = "MySQL" in world.recorder.sources or isinstance(
            error.__cause__, (NameError, AttributeError)
        )
        if unknown and (not is_else or world.works_by_itself):
            wants = f"{name} also wants {' and '.join(unknown)}, and the exercise does not say what that is"
            raise Unavailable(wants, "give it a default, and check it again") from error
        method = own_method(error.__cause__)
        if method and world.works_by_itself:
            raise Unavailable(
                f"{error}; run by itself, {world.file.name} works, and what else {method} wants is not to be told",
                "let the with block get what the exercise asks for, and check it again",
            ) from error
        if isinstance(error, Crash):
            error.advice = error.advice or advice_on(error, world)
        say_how_it_ends(world, error, kind)
        raise
