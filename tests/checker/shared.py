"""What the tasks share: how a call is tried, and what is expected of it."""

from __future__ import annotations

import ast
import inspect
import re
import sqlite3
import sys
import threading
import traceback
from collections import Counter
from contextlib import closing, contextmanager, redirect_stdout, suppress
from io import StringIO
from itertools import islice
from linecache import getline
from pathlib import Path
from typing import Any, Callable, Collection, Iterator

from checker.connector import INTERRUPTED
from checker.masking import steady
from checker.model import Advice, Broken, Crash, Fault, NotTried, Stop
from checker.mysql_world import LOST_CURSOR, MySQLWorld, closed_in_a_loop, hides_errors
from checker.recorder import COMPLAINT
from checker.sqlite_world import SQLiteWorld, tables
from checker.world import ScriptRun, World, describe, learners_frame, shortened

WRAPS = Advice(
    "What does your decorator return, and what is that function called?",
    "put @functools.wraps(func) above it",
)
LEAVE = Advice(
    "Who closes the connection when an error comes, or nobody asks for the next row?",
    "close the connection, not the cursor, in a finally: closing a cursor with unread rows is an error",
)
CONNECT_FIRST = Advice(
    "What does the finally find when the line that connects failed?",
    "connect right before the try, so that there is always something to close",
)
COVER_THE_QUERY = Advice(
    "Which lines run between connecting and the try?",
    "begin the try right after connecting, so that it covers the query too",
)
RETURNS_NONE = Advice(
    "What does your function that connects return after an error?",
    "let its exception go through: do not print it and return None",
)
OPEN_INSIDE = Advice(
    "What do two callers at a time have then, or one that comes before the server runs?",
    "open the connection in the function that uses it, and close it there",
)
UNBUFFERED = Advice("Where are the rows while you yield the first one?", "iterate over an unbuffered cursor")
LET_THROUGH = Advice(
    "How can the caller tell an error from the end of the table?",
    "let the exception go through; do not print it",
)
PARENTHESES = Advice(
    "Is that the class or the function itself, or a call of it?", "write a pair of parentheses after its name"
)
# What Python says of a class in a with statement, and of a coroutine function in asyncio.run.
NOT_CALLED = re.compile(
    r"AttributeError: __enter__|'type' object does not support the|coroutine was expected, got <function"
)
# And of a coroutine function, a method or another function after `await`, or in a loop.
FUNCTION_ITSELF = re.compile(
    r"(function|function_or_method|method)'?( object)? (can't be (used in 'await'|awaited)|is not iterable)"
)
LEAVE_THEM = Advice(
    "Who wants the rest of the rows when the caller has gone?",
    "close the connection without fetching them: close it, not the cursor, in a finally",
)
UNDER_MAIN = Advice(
    "What happens when another file imports yours?", "put the calls under `if __name__ == '__main__':`"
)
ORDER = Advice(
    "Which ten users are the first ten?",
    "without ORDER BY a server may answer each query in another order",
)
BIND = Advice(
    "What would the query be if the value were `1; DROP TABLE user_data`?",
    "write %s into the SQL, and give the values to execute() as a tuple",
)
REFUSE_SIZE = Advice("What should a size of 0 mean?", "raise ValueError when the size is less than 1")
# A line that reads the name of the database from the environment or a .env file.
NAME_SETTING = re.compile(
    r"""(?i)(?:getenv|environ|config)\b[^"'\n]*["'][^"'\n]*(?:DATABASE|DB_?NAME|MYSQL_DB|SCHEMA)"""
)

# What is no business of a probe that waits for an error of the learner's code.
PASSED_ON = (Fault, NotTried, Stop, KeyboardInterrupt, MemoryError, NotImplementedError)


DECIMAL = Advice(
    "Which type has a DECIMAL of MySQL in Python?",
    "compare and add it as it is: a Decimal is a number, and isinstance(age, int) is not true of it",
)


# Any task

CONNECTION_FIRST = Advice(
    "Where does func(2, conn=conn) put the 2?", "pass the connection first: func(conn, *args, **kwargs)"
)


@contextmanager
def attempt(what: str, *found: type[BaseException]) -> Iterator[None]:
    """Turn an exception of the learner's code into a crash: what was tried raised this, there.

    An exception of the types `found` is what the probe is about, and so a fault with the probe's advice.
    """
    try:
        yield
    except PASSED_ON:
        raise
    except found as error:
        raise Fault(f"{what} raised {describe(error)}", passed_by_name(error)) from error
    except BaseException as error:
        advice = PARENTHESES if FUNCTION_ITSELF.search(str(error)) else None
        raise Crash(f"{what} raised {describe(error)}{first_cause(error)}", advice) from error


def first_cause(error: BaseException) -> str:
    """Return, to end a sentence with, the error that a mistake in its handling hides; or ""."""
    cause = error.__context__
    if not cause or not hides_another(error) or learners_frame(cause) in (("", 0), learners_frame(error)):
        return ""
    return f"; before that it raised {describe(cause)}"


def passed_by_name(error: BaseException) -> Advice | None:
    """Return what helps where a decorator passes the connection by name, and the caller its arguments by position."""
    return CONNECTION_FIRST if "multiple values for argument 'conn'" in str(error) else None


def expect(what: str, wanted: object, got: object, advice: Advice | None = None) -> None:
    """Raise a fault unless both are equal."""
    if wanted != got:
        raise Fault(f"{what}: expected {shortened(wanted)}, got {shortened(got)}", advice)


def refuses(kind: type[BaseException], what: str, call: Callable[[], Any]) -> None:
    """Expect this kind of error, and no other, from a call."""
    try:
        got = call()
    except kind:
        return
    except PASSED_ON:
        raise
    except BaseException as error:
        raise Fault(f"{what} should raise {kind.__name__}, and raised {describe(error)}") from error
    raise Fault(f"{what} should raise {kind.__name__}, and gave {steady(shortened(got, 60))}")


def raises(kind: type[BaseException], what: str, function: Any, *arguments: Any) -> None:
    """Expect that this error of the learner's caller, raised inside, comes out of a call."""
    try:
        result = function(*arguments)
    except kind:
        return
    except Exception as error:
        raise Fault(f"{what}: the caller got {type(error).__name__} instead: {error}") from error
    if isinstance(result, BaseException):
        raise Fault(f"{what}: the error was returned to the caller, not raised")
    raise Fault(f"{what}: the caller got {shortened(result)} instead of the error")


def runs_by_itself(world: World) -> None:
    """A whole probe: the file ends without an error when it is run as `python3 FILE`, and does what it has to."""
    run = run_without_error(world)
    if not run.printed.strip() and not world.recorder.mysql and not world.recorder.sqlite:
        why = never_begins(world.file)
        if why:
            raise Fault(f"python3 {world.file.name} does nothing: {why}", CALL_MAIN)


ASK_FOR_IT = Advice(
    "When does a function with yield in it begin to run?", "loop over what it returns, and print that"
)
ASK_AGAIN = Advice(
    "Which line asks for the second row?",
    "yield in a loop: for row in cursor, or fetchone() until it gives None",
)
SHOW_IT = Advice(
    "What went wrong, and in which line?",
    "take the try and the except away for a while: then Python names the error and the line",
)


def hidden_error(world: MySQLWorld) -> Advice | None:
    """Return what helps where the code printed that there is an error, and did not let it through."""
    line = closed_in_a_loop(world.file) if LOST_CURSOR.search(world.complaint()) else ""
    if line:
        return Advice("What does the next turn of the loop find?", f"take {line} out of the loop")
    return SHOW_IT if world.complaint() and hides_errors(world.file) else None


def runs_and_reads(world: MySQLWorld) -> None:
    """A whole probe: the file ends without an error, and has no generator in it that nobody reads.

    Where nothing has to be shown, that is no more than a note.
    """
    runs_by_itself(world)
    line = unread_generator(world.file)
    if line and "batch_processing" not in world.task.names:
        world.say(
            f"nothing runs in this line of {world.file.name}, because nobody reads the generator: {line}"
        )
    elif line:
        raise Fault(f"nothing runs in this line, because nobody reads the generator: {line}", ASK_FOR_IT)


def unread_generator(file: Path) -> str:
    """Return the first line that only calls a generator function of the file, so that it does nothing; or ""."""
    source = file.read_bytes()
    tree = ast.parse(source)
    generators = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and yields(node)}
    for node in ast.walk(tree):
        called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
        if isinstance(called, ast.Name) and called.id in generators:
            return shortened(source.splitlines()[called.lineno - 1].decode("utf-8", "replace").strip(), 80)
    return ""


def yields(function: ast.FunctionDef) -> bool:
    """Tell whether a function, and none inside it, has a yield, and no decorator that may read it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting and not function.decorator_list:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return False


SLASH = Advice("What does a backslash in a path mean outside of Windows?", "write /, which works everywhere")
CALL_MAIN = Advice(
    "Which line of your file calls main() when it is run?",
    "end it with `if __name__ == '__main__':` and below that main(), with the parentheses",
)


def never_begins(file: Path) -> str:
    """Return why the main part of a file can never run: nothing calls main(), or its condition is wrong; or ""."""
    tree = ast.parse(file.read_bytes())
    names = [
        node.comparators[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Name)
        and (node.left.id, type(node.ops[0])) == ("__name__", ast.Eq)
        and isinstance(node.comparators[0], ast.Constant)
    ]
    if names and "__main__" not in names:
        return f"__name__ is never {names[0]!r}"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    has_main = any(isinstance(n, kinds) and n.name == "main" and not n.decorator_list for n in tree.body)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    used = {name.id for call in calls for name in ast.walk(call) if isinstance(name, ast.Name)}
    return "main() is never called" if has_main and "main" not in used else ""


def run_without_error(world: World) -> ScriptRun:
    """Run the file as `python3 FILE` does, and return what happened: no error.

    A script that makes its own tables has a second try without ours.
    """
    run = world.run_script()
    if run.error and world.without_tables():
        again = world.run_script()
        run = run if again.error else again
    if run.error.startswith("EOFError"):
        raise NotTried("it asks for input, and nobody is there to answer")
    if run.error:
        sentence = f"python3 {world.file.name} ended with {run.error}"
        last = steady(shortened(world.recorder.last_words(), 120))
        if run.error.startswith("exit status") and last:
            sentence += f", and printed last: {last}"
        if "FileNotFoundError" in run.error and "\\" in run.error:
            raise Crash(sentence, SLASH)
        is_not_called = NOT_CALLED.search(run.error) or FUNCTION_ITSELF.search(run.error)
        raise Fault(sentence, PARENTHESES) if is_not_called else Crash(sentence)
    return run


def required_parameters(function: Any) -> int:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.default is p.empty and p.kind not in kinds for p in parameters)


def left_threads() -> list[str]:
    """Return the names of threads that would keep the program from ending."""
    return [t.name for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]


def fits(world: World, function: Callable[..., Any], call: str, *arguments: Any) -> None:
    """Expect that a function can be called so, as the curriculum does; if not, say what it is defined with."""
    try:
        signature = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):  # no function of Python
        return
    with suppress(TypeError):
        signature.bind(*arguments)
        return
    try:
        function(*arguments)
    except TypeError as error:
        world.recorder.printed.clear()  # what was printed before the call has nothing to do with it
        names = ", ".join(signature.parameters) or "no parameters"
        said = f"{call} raised {describe(error)}; it is defined with ({names})"
        raise Crash(f"{said}, and the exercise calls it as {call}") from error
    except Exception:  # so it does begin
        return


# Rows


def as_user(row: Any) -> dict[str, Any]:
    """Return a row, a dict or a tuple, as a dict with the age as an int."""
    if isinstance(row, dict):
        user = dict(row)
    elif isinstance(row, (tuple, list)) and len(row) == 4:
        user = dict(zip(("user_id", "name", "email", "age"), row))
    else:
        raise Fault(
            f"a user should be a dict or a tuple of user_id, name, email and age, not {shortened(repr(row), 80)}"
        )
    try:
        return {**user, "age": int(user["age"])}
    except (KeyError, TypeError, ValueError):
        raise Fault(f"a user should have an age that is a number: {shortened(repr(row), 80)}") from None


def is_one_user(item: Any) -> bool:
    """Tell whether what should be several users is the dict or the tuple of one."""
    if isinstance(item, dict):
        return bool({"email", "name", "age"} & set(item))
    return isinstance(item, (tuple, list)) and bool(item) and isinstance(item[0], (str, int))


def as_tuple(row: Any) -> tuple[Any, ...]:
    """Return a row, whether it is a tuple, a list, a dict or a sqlite3.Row, as a tuple of its values."""
    if isinstance(row, dict):
        return tuple(row.values())
    if isinstance(row, (tuple, list, sqlite3.Row)):
        return tuple(row)
    raise Fault(f"a row should be a tuple, a dict or a sqlite3.Row, not {shortened(row)}")


def as_tuples(rows: Any) -> list[tuple[Any, ...]]:
    if not isinstance(rows, (list, tuple)):
        raise Fault(f"it should give the rows, and gave {shortened(rows)}")
    return [as_tuple(row) for row in rows]


# Generators


def generator(call: str, returned: Any) -> Iterator[Any]:
    """Return what a call returned, if it is a generator or another iterator."""
    if hasattr(returned, "__next__"):
        return iter(returned)
    kind = type(returned).__name__
    what = "None" if returned is None else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    raise Broken(
        f"{call} should return a generator, and returned {what}",
        NO_YIELD,
    )


NO_YIELD = "a function with yield in it returns a generator; print() only shows a value, and return ends it"


def close(items: Iterator[Any]) -> None:
    if hasattr(items, "close"):
        items.close()


CLOSE_AT_ONCE = Advice(
    "What does is_connected() send to the server, and what has not been fetched yet?",
    "close the connection without asking is_connected() first, and not the cursor: both are errors while rows "
    "are unread",
)


def leaves_nothing_open(
    world: MySQLWorld, start: Callable[[], Callable[[], Any]], count: int, what: str
) -> None:
    """Expect closed connections after an early end and after an error, without the garbage collector's help.

    `start` imports the file and returns a function that gives an iterator; `what` follows a number, as in
    "6 of 30 users".
    """
    read = start()
    if world.opened_by_import():
        raise Fault(
            f"the connection is opened when the file is imported, and {end_of_the_shared_one(world, read)}",
            OPEN_INSIDE,
        )
    world.keep_connections()
    with attempt(f"taking {count} {what}"):
        items = iter(read())
        taken = len(list(islice(items, count)))
    if taken < count:
        raise NotTried(f"only {taken} came, so there was nothing to leave early")
    rows = world.connector.rows
    try:
        with attempt(f"leaving after {count} {what}", Exception):
            close(items)
    except Fault as fault:
        if fault.__cause__ and "is_connected(" in getline(*learners_frame(fault.__cause__)):
            raise Fault(str(fault), CLOSE_AT_ONCE) from fault.__cause__
        raise
    del items
    if world.connector.rows - rows > 1:  # the driver itself reads one ahead
        raise Fault(f"after {count} {what} the caller left, and then the other rows were read", LEAVE_THEM)
    line = uncalled(world.file, "close")
    closes = f": {line} has no parentheses, so it does not call it" if line else ""
    advice = PARENTHESES if line else None
    if world.left_open():
        said = f"after {count} {what} the caller left, and nothing closed the connection to MySQL"
        raise Fault(f"{said}{closes}", advice)
    world.drop_table()
    with suppress(Exception, SystemExit):
        list(read())
    if world.left_open():
        said = "after a query that failed, nothing closed the connection to MySQL"
        raise Fault(f"{said}{closes}", advice or COVER_THE_QUERY)


def end_of_the_shared_one(world: MySQLWorld, read: Callable[[], Any]) -> str:
    """Return what becomes of the connection that the file has from its import, when it is read twice."""
    came: list[int] = []
    for _ in range(2):
        try:
            came.append(len(list(islice(read(), 100))))
        except (Exception, SystemExit) as error:
            if not came:
                break
            return f"closed by the first that reads it to its end: the second one gets {describe(error)}"
        if world.left_open():
            return "nothing closes it"
    if len(came) == 2 and came[1] < came[0]:
        return f"closed by the first that reads it to its end: the second one gets {came[1]} of {came[0]}"
    return "nothing closes it" if world.left_open() else "nothing closes it when nobody reads"


def uncalled(file: Path, name: str) -> str:
    """Return the first line that names a method of this name as if that were a call, and its number; or ""."""
    source = file.read_bytes()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) and node.value.attr == name:
            text = source.splitlines()[node.lineno - 1].decode("utf-8", "replace").strip()
            return f"`{shortened(text, 60)}` in line {node.lineno}"
    return ""


def returns_in_a_loop(file: Path, names: Collection[str], with_value: bool) -> str:
    """Return the first line of a function of these names that returns out of a loop, and its number; or ""."""
    source = file.read_bytes()
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and function.name in names:
            loops = [node for node in ast.walk(function) if isinstance(node, (ast.For, ast.While))]
            for node in (inner for loop in loops for inner in ast.walk(loop)):
                if isinstance(node, ast.Return) and (node.value is not None or not with_value):
                    line = source.splitlines()[node.lineno - 1].decode("utf-8", "replace").strip()
                    return f"`{shortened(line, 60)}` in line {node.lineno}"
    return ""


QUIET = Advice(
    "What does somebody get who writes the output into a file?",
    "leave printing to the caller, and give what you want to say to logging",
)


class OwnWords(StringIO):
    """A standard output that keeps what one file prints, and once it has begun, also those beside it.

    What these print before, while the first item is fetched, is in `early`.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.has_begun = False
        self.last = ""  # the name of the file that printed last
        self.early: list[str] = []
        self.is_fetching = False

    def write(self, text: str) -> int:
        path = Path(sys._getframe(1).f_code.co_filename)
        if path == self.file or (self.has_begun and path.parent == self.file.parent):
            super().write(text)
            self.last = path.name if text.strip() else self.last
        elif self.is_fetching and path.parent == self.file.parent and text.strip():
            self.early.append(f"{path.name} prints: {' '.join(text.split())}")
        return len(text)


def prints_nothing(world: MySQLWorld, read: Callable[[], Iterator[Any]], many: str) -> None:
    """Expect that the file prints nothing while what it yields is read; `read` imports it and gives an iterator."""
    try:
        items = read()
        with redirect_stdout(OwnWords(world.file)) as words, attempt(f"reading the {many}"):
            words.is_fetching = True
            for _ in islice(items, 100):
                words.has_begun = True
    except Fault as fault:
        raise NotTried(f"not all {many} could be read") from fault
    if not words.has_begun:
        raise NotTried(f"no {many} came")
    lines = [line for line in map(str.strip, words.getvalue().splitlines()) if line]
    errors = [line for line in lines if world.is_caught(line)]
    if lines and lines == errors:
        raise NotTried(f"an error came, and was printed: {steady(shortened(errors[-1], 80))}")
    if lines:
        said = steady(shortened(lines[-1], 80))
        who = "it" if words.last == world.file.name else words.last
        raise Fault(f"{who} prints lines of its own among the {many}, and the last one is: {said}", QUIET)
    if words.early and (many == "users" or not words.early[-1].startswith("seed.py")):  # once is enough
        one = "batch" if many == "batches" else many[:-1]
        world.say(f"before the first {one} comes, {steady(shortened(words.early[-1], 100))}")


def reads_as_wanted(world: MySQLWorld, start: Callable[[], Iterator[Any]], one: str, many: str) -> None:
    """Expect that the table has not been read as a whole when the first item comes; `start` imports the file."""
    world.prepare(3000)
    items = start()
    with attempt(f"taking the first {one}"):
        if next(items, None) is None:
            raise NotTried(f"no {one} came")
    limited = any(" limit " in statement.lower() for statement in world.statements())
    if not limited and not world.holds_unread_rows():
        if world.connector.has_prepared:
            raise NotTried("of a prepared statement it cannot be told how many rows have been read")
        raise Fault(f"all 3000 {many} had been read when the first {one} was handed out")


def import_reads_nothing(world: MySQLWorld) -> None:
    """Expect that the table is not read by an import of the file."""
    world.prepare()
    world.load()
    texts = [text for text in world.statements() if "select" in text.lower()]
    if texts:
        raise Fault(f"the table is read when the file is imported: {shortened(texts[0], 80)}", UNDER_MAIN)


WRITES = Advice(
    "What does the table look like after somebody has only read it?",
    "leave the filling to seed.py: here only SELECT",
)


FIRST_YIELD = Advice(
    "What keeps your function from its first yield?",
    "print what the query gives, and let every error go through to the caller",
)


def something_came(world: MySQLWorld, got: Collection[Any], one: str) -> None:
    """Expect that reading the table gave anything; if it did not, tell which error was printed on the way."""
    if got:
        return
    last = world.recorder.last_words()
    lines = [line.strip() for line in "".join(world.recorder.printed).splitlines()]
    errors = [line for line in lines if re.search("(?i)error|exception|failed", line)]
    # Where the last line complains, the report shows it anyway.
    said = (
        f"; it printed: {steady(shortened(errors[-1], 120))}" if errors and not COMPLAINT.search(last) else ""
    )
    raise Fault(f"not one {one} came from a table of {counted(len(world.users), 'users')}{said}", FIRST_YIELD)


def only_reads(world: MySQLWorld) -> None:
    """Expect that the table has the rows that it had before the code read it."""
    query = world.writes()
    if query:
        raise Fault(f"it fills the table which it should only read: {shortened(query, 80)}", WRITES)


def reads_the_right_database(world: MySQLWorld) -> None:
    """Expect that the code asks for no other database than ALX_prodev where that is the one seed.py makes.

    A name that is a setting counts with its default.
    """
    source, seed = (
        path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        for path in (world.file, world.file.parent / "seed.py")
    )
    if world.NAME.lower() not in seed.lower():
        return
    for name in world.connector.other_names:
        if name in source and name not in seed:
            unless = " unless a setting says otherwise" if NAME_SETTING.search(source) else ""
            raise Fault(f"it reads the database {name}{unless}, and seed.py makes {world.NAME}")


def fails_without_the_table(world: MySQLWorld, start: Callable[[], Callable[[], Any]], many: str) -> None:
    """Expect that a database error comes out, and does not look like the end of the table.

    `start` imports the file, while there is a table, and returns a function that gives what came.
    """
    read = start()
    if fails_before_the_first(world, read, many):
        world.prepare()
        fails_in_the_middle(world, read, many)
    else:
        fails_without_a_server(world, start, many)


def fails_without_a_server(world: MySQLWorld, start: Callable[[], Callable[[], Any]], many: str) -> None:
    """Expect that a file which connects once, mostly when it is imported, gives no empty table where it cannot."""
    world.prepare()
    import_does = world.import_does
    world.connector.is_down = True
    try:
        got = list(start()())
    except (Exception, SystemExit):  # whatever it is, nobody takes it for the end of a table
        return
    finally:
        world.connector.is_down = False
        world.import_does = import_does  # with a server
    if world.connector.turned_away:
        said = "when MySQL cannot be reached from its import on, it ends as if complete, after"
        raise Fault(f"{said} {counted(len(got), many)}")


# What an interrupted query leaves unread has a promise of its own.
ITSELF = re.compile(f"{INTERRUPTED}|(?i:unread result)")
ONCE = Advice(
    "What did the caller get before the error, and what does your `except` give after it?",
    "let the exception go through: what was yielded cannot be taken back",
)
ONLY_ITS_OWN = Advice(
    "Which error is your `except` about?",
    "name that one type, and nothing else: an error of MySQL goes through to the caller",
)


def fails_in_the_middle(world: MySQLWorld, read: Callable[[], Any], many: str) -> None:
    """Expect that an error of the server which comes after some rows comes out, and that none comes twice."""
    import mysql.connector

    is_single = many in ("users", "ages")

    def count() -> int:
        return sum(1 if is_single else len(list(item)) for item in islice(read(), 100))

    try:
        whole = count()
    except Exception:
        return
    many = "ages" if many == "ages" else "users"
    world.connector.forget()
    world.connector.breaks_after = 12  # after the first batch, or page, of 10
    what = f"after an error of MySQL in the middle of the table ({INTERRUPTED})"
    try:
        got = count()
    except (Exception, SystemExit) as error:
        hidden = error.__context__
        is_another = isinstance(error, mysql.connector.Error) and not ITSELF.search(str(error))
        is_theirs = traceback.extract_tb(error.__traceback__)[-1].filename == learners_frame(error)[0]
        if is_another and not is_theirs and isinstance(hidden, mysql.connector.Error):
            raise Fault(f"{what} the caller got another one: {describe(error)}", ONLY_ITS_OWN) from error
        return
    finally:
        world.connector.breaks_after = 0
    if got > whole:
        raise Fault(f"{what} it began again: of a table of {counted(whole, many)}, {got} came", ONCE)
    if got < whole:
        raise Fault(f"{what} it ended as if complete, after {counted(got, many)}")


def fails_before_the_first(world: MySQLWorld, read: Callable[[], Any], many: str) -> bool:
    """Expect an error when the table or the server is missing; return whether both could be tried."""
    import mysql.connector

    def makes_one() -> bool:
        return any(re.match(r"(?i)create table", query) for query in world.connector.queries)

    opened = world.connections()
    world.drop_table()
    try:
        got = list(read())
    except PASSED_ON:
        raise
    except SystemExit as end:
        raise Fault(f"without the table user_data it {ends_the_program(end)}", NO_EXIT) from end
    except Exception as error:
        if not any(isinstance(e, mysql.connector.Error) for e in (error, error.__cause__, error.__context__)):
            raise Fault(
                f"without the table user_data it raised {describe(error)}, no database error"
            ) from error
    else:
        not_users = [item for item in got if item is None or isinstance(item, BaseException)]
        if not_users:
            what = "None" if not_users[0] is None else f"the {type(not_users[0]).__name__}"
            raise Fault(
                f"without the table user_data it gave {what} to the caller instead of raising the error"
            )
        if not makes_one():
            raise Fault(
                f"without the table user_data it ended as if complete, after {counted(len(got), many)}"
            )
    if world.connections() == opened:  # it has one of its own, from the import
        if makes_one():
            raise NotTried("without the table user_data it makes one")
        return False
    world.connector.is_down = True
    try:
        got = list(read())
    except SystemExit as end:
        if learners_frame(end)[0] == str(world.file):  # else it is said of the file that connects
            raise Fault(f"when MySQL cannot be reached it {ends_the_program(end)}", NO_EXIT) from end
    except Exception as error:  # which one is the business of the function that connects, in seed.py mostly
        chain = [error, error.__context__, error.__context__ and error.__context__.__context__]
        # A connect function of this very file has made None of it.
        is_none = "'NoneType'" in str(error) and str(world.file) in world.connector.turned_away
        has_cause = any(isinstance(part, mysql.connector.Error) for part in chain[1:])
        is_lost = is_none or has_cause
        if isinstance(error, NameError) or (is_lost and isinstance(error, (AttributeError, TypeError))):
            said = f"when MySQL cannot be reached it raised {describe(error)}, and not the error of MySQL"
            is_unbound = isinstance(error, NameError) or "'NoneType'" in str(error)
            if is_none and not has_cause:
                raise Fault(said, RETURNS_NONE) from error
            raise (Fault(said, CONNECT_FIRST) if is_unbound else Crash(said)) from error
    else:
        raise Fault(f"when MySQL cannot be reached it ends as if complete, after {counted(len(got), many)}")
    return True


NO_EXIT = Advice(
    "Who should say whether a program ends?", "leave exit() to the main part, and let the error go through"
)


def ends_the_program(end: SystemExit) -> str:
    path, line = learners_frame(end)
    where = f" ({Path(path).name}, line {line})" if path else ""
    return f"ends the program of the caller with exit(){where}"


def counted(number: int, many: str) -> str:
    return f"1 {'batch' if many == 'batches' else many[:-1]}" if number == 1 else f"{number} {many}"


def orders_what_it_limits(world: MySQLWorld) -> None:
    """Expect an ORDER BY in each query since watch() that asks for some of the rows with LIMIT."""
    selects = [text for text in world.statements() if "select" in text.lower()]
    if not selects:
        raise NotTried("no query of user_data was seen")
    for text in selects:
        if " limit " in text.lower() and "order by" not in text.lower():
            raise Fault(f"there is no ORDER BY in: {shortened(text)}")


def binds(world: MySQLWorld, *values: object) -> None:
    """Expect that none of these values, which the code was just given, stands in the text of its SQL."""
    if not world.connector.queries:
        raise NotTried("no query was seen")
    for query in world.connector.queries:
        if any(re.search(rf"(?<!\w){re.escape(str(value))}(?!\w)", query) for value in values):
            query = re.sub(
                r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "...", query
            )  # differ each time
            raise Fault(f"the values are part of the SQL: {shortened(query, 120)}")


# What Python says of a text that is to be a number.
ONLY_A_NUMBER = re.compile(r"invalid literal for int|format code 'd'|%d format")


def binds_numbers(world: MySQLWorld, call: Callable[..., Any], *values: int) -> None:
    """Expect that none of these values stands in the SQL of a call with them.

    One that int() lets in cannot be anything but a number: that is worth a note.
    """
    call(*values)
    try:
        binds(world, *values)
    except Fault:
        for place, value in enumerate(values):
            try:
                call(*values[:place], f"{value} /**/", *values[place + 1 :])
            except (ValueError, TypeError, Crash) as error:
                if ONLY_A_NUMBER.search(str(error)):
                    continue
            except Exception:
                pass
            raise
        said = (
            f"{world.file.name} writes numbers into its SQL, behind int(), so that nothing else can get there"
        )
        world.say(f"{said}; %s and a tuple of values would do for texts too")


# With blocks

RAISE_AGAIN = Advice(
    "How can the caller tell that something went wrong?", "let the exception go through; do not print it"
)


NOT_BOUND = Advice(
    "Which names has a finally, when the line that would make them failed?",
    "open before the try, or with `with` or `async with`, which close by themselves",
)
CLOSE_FINALLY = Advice(
    "Which lines of __exit__ run when commit() raises?", "commit in a try, and close in its finally"
)
CLOSE_ON_ERROR = Advice(
    "Which method runs when __enter__ raises?",
    "__exit__ is not called then: close in an except of __enter__",
)
COMMIT_ERROR = Advice(
    "How does the caller learn that commit() failed?", "let the error of commit() go through"
)


def passes_on(kind: type[BaseException], what: str, call: Callable[[], Any]) -> None:
    """Expect that this error, which arises inside a call, comes out of it, or what the code makes of it."""
    try:
        got = call()
    except Swallowed:
        raise Fault(f"{what}: the error did not come out of the with block", RAISE_AGAIN) from None
    except PASSED_ON:
        raise
    except Exception as error:
        parts = (error, error.__cause__, error.__context__)
        if any(isinstance(part, kind) for part in parts) and not hides_another(error):
            return
        advice = NOT_BOUND if isinstance(error, UnboundLocalError) or hides_another(error) else None
        raise Fault(f"{what} raised {describe(error)}, and not the error of the database", advice) from error
    raise Fault(f"{what} raised no error, and gave {shortened(got, 60)}")


def hides_another(error: BaseException) -> bool:
    """Tell whether this is a mistake in the handling of another error, which it takes the place of."""
    is_mistake = isinstance(error, (NameError, AttributeError, TypeError))
    return is_mistake and bool(error.__context__) and not error.__suppress_context__


def closes_always(world: SQLiteWorld, after: str, commit_fails: Callable[[], bool]) -> None:
    """Expect that nothing is open now, nor after a commit that fails; `commit_fails` tells whether that was told."""
    is_open = bool(world.left_open())
    try:
        is_open_after_commit = bool((commit_fails() or tried_to_commit(world)) and world.left_open())
    except (Fault, NotTried, Stop):
        if not is_open:
            raise
        is_open_after_commit = False
    if is_open:
        more = ", and so it was after a commit that failed" if is_open_after_commit else ""
        raise Fault(f"after {after} the connection was still open{more}")
    if is_open_after_commit:
        raise Fault("after a commit that failed the connection was still open", CLOSE_FINALLY)


ONLY_COMMITS = Advice(
    "Does `with sqlite3.connect(...)` close?", "it only commits: use contextlib.closing, or your own class"
)
USE_THE_CLASS = Advice(
    "Who closes the other connection?", "use your own class wherever the file connects, or contextlib.closing"
)
ADD_ONCE = Advice(
    "What does INSERT do when the same row is there already?",
    "INSERT OR IGNORE needs a UNIQUE column: give the rows ids that stay the same, or make the email UNIQUE",
)


def run_to_its_end(world: World) -> ScriptRun:
    """Run the file by itself, for a probe that is about what it does and not about its errors."""
    try:
        return run_without_error(world)
    except Fault as fault:
        raise NotTried(str(fault)) from fault


def queries(world: SQLiteWorld) -> list[int]:
    """Return the number of the connection of each query so far."""
    return [n for n, sql in world.recorder.statements if re.match(r"(?is)\s*(select|with)\b.*\bfrom\b", sql)]


def tried_to_commit(world: SQLiteWorld) -> bool:
    return any(re.match(r"(?i)\s*(commit|end)\b", sql) for _, sql in world.recorder.statements)


def shows_users(world: SQLiteWorld, text: str) -> bool:
    """Tell whether a text has the name or the email of a user, of ours or of the solution's own."""
    rows = list(world.users)
    with suppress(sqlite3.Error):
        rows += world.select("SELECT * FROM users")
    words = {value for row in rows for value in row if isinstance(value, str) and len(value) > 1}
    return any(word in text for word in words)


def opens_its_own(world: SQLiteWorld, what: str, use: Callable[[], Any]) -> None:
    """Expect that a with block has a connection of its own; `use` runs a query in one."""
    with suppress(Exception):
        use()
    if not world.recorder.sqlite and world.opened_by_import:
        raise Fault(f"{what} uses a connection that is opened when the file is imported", OPEN_IN_ENTER)
    if not world.recorder.sqlite:
        raise NotTried("it opened no connection of its own")


OPEN_IN_ENTER = Advice(
    "What does the second with block do with a connection that the first one closed?", "connect in __enter__"
)


def demo_closes(world: SQLiteWorld, without: str = "without the class") -> None:
    """Expect that the file, run by itself, closes the connections that it opens outside of the class of its task."""
    world.recorder.sqlite.clear()
    run_to_its_end(world)
    if world.looked_only_in_mysql():
        raise NotTried(world.uses_mysql())
    if not world.recorder.sqlite:
        raise NotTried(f"python3 {world.file.name} opens no connection")
    own = [c for c in world.recorder.sqlite if not c.opened_by & set(world.all_names())]
    left = sum(not connection.is_closed for connection in own)
    if left:
        is_with = re.search(r"with\s+sqlite3\.connect\(", world.file.read_text("utf-8", errors="replace"))
        raise Fault(
            f"python3 {world.file.name} ended, and nothing had closed "
            f"{counted(left, 'connections')} that it opened {without}",
            ONLY_COMMITS if is_with else USE_THE_CLASS,
        )


def adds_nobody_twice(world: SQLiteWorld) -> None:
    """Expect that the file can be run by itself a second time, and adds nobody who is there already."""
    run_to_its_end(world)
    if not any(re.match(r"(?is)\s*insert\b.*\busers\b", sql) for _, sql in world.recorder.statements):
        return
    if any(table.file == world.file for table in tables(world.file.parent)):
        world.remove_database()  # its own table may refuse what ours takes
        if world.run_script().error:
            raise NotTried("it needs a table that it does not make")
    before = people(world)
    again = world.run_script()
    if again.error:
        advice = ADD_ONCE if again.error.startswith("IntegrityError") else None
        raise Fault(f"run a second time, python3 {world.file.name} ended with {again.error}", advice)
    after = people(world)
    twice = [row for row in after if after[row] > before[row] > 0]
    if twice:
        who = next((value for value in twice[0] if isinstance(value, str)), "somebody")
        raise Fault(
            f"python3 {world.file.name} adds the same users each time it is run: {who} was there "
            f"{counted(before[twice[0]], 'times')}, and then {counted(after[twice[0]], 'times')}",
            ADD_ONCE,
        )


def people(world: SQLiteWorld) -> Counter[tuple[Any, ...]]:
    """Return how often each user is in the table, whatever the id."""
    with world.own_connection() as connection:
        try:
            cursor = connection.execute("SELECT * FROM users")
        except sqlite3.Error as error:
            raise NotTried("it leaves no table users behind") from error
        kept = [n for n, column in enumerate(cursor.description) if not re.search(r"id$", column[0].lower())]
        return Counter(tuple(row[n] for n in kept) for row in cursor)


class Swallowed(Crash):
    """An error in the block did not come out of it."""


def in_block(manager: Any, use: Callable[[Any], Any]) -> Any:
    """Return what `use` makes of what the with block is given.

    Its error comes out even if the learner's __exit__ swallows it: as Swallowed, or as the fault that it is.
    """
    errors: list[BaseException] = []
    results: list[Any] = []
    with manager as given:
        try:
            results.append(use(given))
        except BaseException as error:
            errors.append(error)
            raise
    for swallowed in errors:
        if isinstance(swallowed, PASSED_ON):
            raise swallowed
        raise Swallowed(f"the with block swallowed {describe(swallowed)}") from swallowed
    return results[0]


# Decorators


def own_connection() -> Any:
    """A connection as the learner's own decorator would open it, for a with block."""
    return closing(sqlite3.connect("users.db"))


def keeps_name(decorated_function: Any, original: Any, name: str) -> None:
    """Expect functools.wraps."""
    wanted, got = original.__name__, getattr(decorated_function, "__name__", None)
    expect(f"__name__ of a function below @{name}", wanted, got)
