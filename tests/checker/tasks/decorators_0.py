"""Log each query."""

from __future__ import annotations

import ast
import logging
import re
import sqlite3
from contextlib import closing, suppress
from functools import partial
from typing import Any, Callable

from checker.decorators import (
    RESULT,
    SIGNATURE,
    Way,
    call,
    calling,
    error_reaches_the_caller,
    expect_a_result,
    expect_arguments,
    expect_no_mistake,
    expect_run,
    expect_run_always,
    find_function,
    gives,
    leaves_nothing_open,
    log_of,
    put_on,
    refusal,
    runs_by_itself,
    telling_of_stars,
    tells_of_parentheses,
    texts_with,
    works_bare,
)
from checker.masking import steady
from checker.model import ASKED, BEYOND, Advice, Broken, Fault, NotTried, Task
from checker.recorder import real_sleep
from checker.shared import WRAPS, as_tuples, attempt, expect, keeps_name, own_connection
from checker.sqlite_world import SQLiteWorld
from checker.world import describe, learners_frame

TASK = Task("decorators/0", "log each query", "0-log_queries.py", "0.", SQLiteWorld, {"log_queries": ()})
QUERY = "SELECT name FROM users ORDER BY id"
BY_NAME: Way = ((), {"query": QUERY})
BY_POSITION: Way = ((QUERY,), {})
WITH = "WITH named AS (SELECT name FROM users) SELECT name FROM named"
WHERE = Advice(
    "Where is the SQL in a call fetch_all_users(query='SELECT ...')?", "look in kwargs, and log it"
)
BIND = Advice(
    "Which argument is the SQL of fetch_all_users(conn, query)?",
    "inspect.signature(func).bind(*args, **kwargs).arguments has it under its name, query",
)
LOG_IT = Advice(
    "What does the reader of a log want to know of a call?",
    "log the query, and not only the name of the function",
)
IN_ARGS = Advice(
    "What does your wrapper see of fetch_all_users('SELECT ...')?", "print args: the query is args[0]"
)
UNSEEN_TIME = Advice(
    "What becomes of the time that your wrapper asks for?",
    "it has to stand in the line: f'[{datetime.now()}] ...'",
)
EMPTY_FORMAT = Advice(
    UNSEEN_TIME.question, f"{UNSEEN_TIME.hint}; what follows a colon inside the braces is its format"
)
INSIDE = Advice(
    "What does print show of a list, a tuple or a set with a datetime in it?",
    "put the time itself into the line: f'[{datetime.now()}] ...', and not inside of anything else",
)
ASKS_THE_TIME = re.compile(r"\bnow\(\)|\bstrftime\(|\bctime\(")
FORMATS_IT = re.compile(r"\{[^{}'\"]*(?:\bnow\(\)|\bctime\(\)|time)[^{}'\"]*:")
NO_SQL = Advice(
    "What does your log say of a function that takes no query?", "log func.__name__ where there is no SQL"
)
ANY_RESULT = Advice(
    "What can a function return besides a list?", "ask for len(result) only where it has one, or leave it out"
)
PAUSE = 0.05  # seconds that a query takes whose duration is to be logged

DATES = re.compile(
    r"\d{1,4}[-/.]\d\d?[-/.]\d{1,4}(?:[T ,-]*\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?)?|\b\d\d?:\d\d:\d\d(?:[.,]\d+)?"
)
CLOCK = re.compile(r"\b\d\d?:\d\d\b|\b1[6-9]\d{8}\b")  # the latter counts seconds since 1970
EPOCH = re.compile(r"\b1[6-9]\d{8}(?:\.\d+)?\b|\b\d\d?[ /-][A-Z][a-z]{2,8}[ /-]\d{4}\b")
UNIT = r"\s*(?:[a-z]+\s+)?(?:ms|msecs?|milli\w*|s|secs?|seconds?|µs|us|micro\w*)\b"
TAKEN = re.compile(
    rf"\d(?:e-?\d+)?{UNIT}|0:00:00\.\d|(?i:took|taken|duration|elapsed|(?:execution|run|query) ?time|completed in)\W*\d"
)


def fetch_all_users(query: str) -> list[Any]:
    """Run the query."""
    with closing(sqlite3.connect("users.db")) as connection:
        return connection.execute(query).fetchall()


def slow(query: str) -> list[Any]:
    real_sleep(PAUSE)
    return fetch_all_users(query)


slow.__name__ = "fetch_all_users"


def logged(world: SQLiteWorld, *arguments: Any, **named: Any) -> str:
    """Return what a call through the decorator logs."""
    function = put_on(world, "log_queries", slow)
    with calling("a call", "log_queries"), log_of(world) as text:
        function(*arguments, **named)
    return text[0]


def logged_somehow(world: SQLiteWorld, query: str = "") -> tuple[Way, str]:
    """Return a call that logs something, by name or else by position, and what it logs.

    Where a query is given, what it logs has to have that in it; or else it may be anything.
    """
    for way in BY_NAME, BY_POSITION:
        with suppress(Fault):
            text = logged(world, *way[0], **way[1])
            if text.strip() and has(text, query):
                return way, text
    raise NotTried("the query is not logged at all" if query else "nothing is logged at all")


def has(text: str, query: str) -> bool:
    """Tell whether the SQL is in the log, in whatever case and spacing."""
    return "".join(query.split()).lower() in "".join(text.split()).lower()


def shown(text: str) -> str:
    text = text.replace("checker.recorder.TrackedConnection", "sqlite3.Connection")
    text = re.sub(r"\bdatetime\.datetime\([\d, ]+\)", "datetime.datetime(...)", text)  # differs each time
    return repr(steady(text.strip())) if text.strip() else "nothing"


@TASK.probe(ASKED, "logs the SQL and returns what the function returns", WHERE, decides=True)
def logs_the_query(world: SQLiteWorld) -> None:
    with tells_of_parentheses(world, "log_queries"):
        function = put_on(world, "log_queries", fetch_all_users)
        what = f"a call with query={QUERY!r}"
        with calling(what, "log_queries"), log_of(world) as text:
            try:
                rows = function(query=QUERY)
            except LookupError as error:  # it is where the SQL was not
                raise Broken(
                    f"{what} raised {describe(error)}", "look in kwargs as well as in args"
                ) from error
    if rows is None:
        expect_run(world, partial(put_on, world, "log_queries"), what, ((), {"query": QUERY}), ((QUERY,), {}))
        raise Fault("the function returned 7 rows, and the caller got None", RESULT)
    expect_a_result(what, rows)
    expect("rows returned through @log_queries", [(user[1],) for user in world.users], as_tuples(rows))
    if not has(text[0], QUERY):
        raise Fault(f"a call with query={QUERY!r} logged {shown(text[0])}")
    if "None" in map(str.strip, text[0].splitlines()):
        world.say(
            "what @log_queries logs has a line that is only None: print(f()) shows what f returns, and print() and "
            "logging.info() return None"
        )


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "fetch_all_users logs its query, returns the users, and leaves nothing open",
    Advice("What does your own fetch_all_users do?", "decorate it, and return the rows"),
)
def own_function(world: SQLiteWorld) -> None:
    function = find_function(world, "fetch_all_users")
    query = "SELECT * FROM users"
    use = partial(call, world, function, "fetch_all_users", query=query)
    with log_of(world) as text:
        result = use()
    gives(world, f"fetch_all_users(query={query!r})", result, text[0], world.users)
    is_logged = has(text[0], query)
    if not is_logged and has(logged(world, query=QUERY), QUERY):
        raise Fault(f"fetch_all_users(query={query!r}) logged {shown(text[0])}: is @log_queries above it?")
    leaves_nothing_open(world, "fetch_all_users", use)
    if not is_logged:
        raise NotTried(
            "@log_queries logs no query that is passed by name; the users come, and nothing stays open"
        )


@TASK.probe(
    BEYOND,
    "finds the SQL also when it is passed by position",
    Advice("Where is the SQL in a call fetch_all_users('SELECT ...')?", "look in args as well as in kwargs"),
)
def positional(world: SQLiteWorld) -> None:
    make = partial(put_on, world, "log_queries")
    expect_run_always(make, {f"a call with {QUERY!r} by position": ((QUERY,), {})})
    function = make(fetch_all_users)
    with log_of(world) as text, attempt(f"a call with {QUERY!r} by position", Exception):
        function(QUERY)
    if not has(text[0], QUERY):
        advice = IN_ARGS if re.search(r"\bargs\[", world.source()) else None
        with suppress(Fault):
            if not has(logged(world, query=QUERY), QUERY):
                advice = LOG_IT
        raise Fault(f"a call with {QUERY!r} by position logged {shown(text[0])}", advice)
    ways = {
        "a call with a statement that is no SELECT": ((), {"query": "DELETE FROM users"}),
        "a call with sql='SELECT ...' in place of query='SELECT ...'": ((), {"sql": QUERY}),
        "a call without any SQL": ((), {}),
    }
    expect_run_always(make, ways)


def finds_by_position(world: SQLiteWorld) -> bool:
    function = put_on(world, "log_queries", lambda query: [])
    with log_of(world) as text, suppress(Exception):
        function(QUERY)
    return has(text[0], QUERY)


@TASK.probe(BEYOND, "finds the SQL also behind another argument", BIND)
def behind_another(world: SQLiteWorld) -> None:
    def fetch_all_users(first: Any, query: str) -> Any:
        return []

    with own_connection() as conn:
        ways: dict[str, Way] = {
            "fetch_all_users(conn, 'SELECT ...')": ((conn, QUERY), {}),
            "fetch_all_users(conn, query='SELECT ...')": ((conn,), {"query": QUERY}),
            "fetch_all_users('User1', 'SELECT ...')": (("User1", QUERY), {}),
            "fetch_all_users('Select me', 'SELECT ...')": (("Select me", QUERY), {}),
            "fetch_all_users(conn, 'WITH ... SELECT ...')": ((conn, WITH), {}),
        }
        for number, (call_shown, (args, kwargs)) in enumerate(ways.items()):
            function = put_on(world, "log_queries", fetch_all_users)
            try:
                with log_of(world) as text, attempt(call_shown, Exception):
                    try:
                        function(*args, **kwargs)
                    except TypeError as error:
                        if learners_frame(error)[0]:
                            raise
                        raise NotTried("the wrapper takes no other arguments") from error
                if not has(text[0], WITH if WITH in args else QUERY):
                    raise Fault(f"{call_shown} logged {shown(text[0])}")
            except Fault:
                if not number and not finds_by_position(world):
                    raise NotTried("it does not find it by position at all") from None
                raise


@TASK.probe(BEYOND, "the arguments of the function reach it", SIGNATURE)
def arguments_reach_it(world: SQLiteWorld) -> None:
    def fetch_all_users(query: str, limit: int = 10, *, order: str = "id") -> Any:
        return limit, order

    make = partial(put_on, world, "log_queries")
    expect_no_mistake(make, "a call of a function without arguments", ((), {}))
    with telling_of_stars(world):
        expect_arguments(make, fetch_all_users, QUERY)
    expect_no_refusal(make)


def expect_no_refusal(make: Callable[[Any], Any]) -> None:
    """Expect that a function may have another argument before its query, as it has below @with_db_connection."""

    def fetch_users(conn: Any, query: str) -> Any:
        return []

    with own_connection() as conn:
        try:
            make(fetch_users)(conn, query=QUERY)
        except TypeError as error:
            if not learners_frame(error)[0]:
                what = "def fetch_users(conn, query), called as fetch_users(conn, query='SELECT ...'),"
                raise Fault(f"{what} was refused by the wrapper: {refusal(error)}") from error
        except Exception:  # another probe is about what is logged of it
            pass


@TASK.probe(
    BEYOND,
    "logs how long it took",
    Advice(
        "How will you find the slow query in this log?", "take time.perf_counter() before and after the call"
    ),
)
def duration(world: SQLiteWorld) -> None:
    _, text = logged_somehow(world)
    expect_fresh_time(world, subtracted=True)
    dateless = DATES.sub(" ", EPOCH.sub(" ", text).replace("0:00:00.", "\0")).replace("\0", "0:00:00.")
    numbers = [float(number) for number in re.findall(r"(?<![\d.:])\d+\.\d+(?![\d.:])", dateless)]
    if not TAKEN.search(dateless) and not any(PAUSE <= n < 5 or PAUSE * 1000 <= n < 5000 for n in numbers):
        raise Fault(f"no duration in what was logged: {shown(text)}")


ASKS_A_CLOCK = re.compile(
    r"\b(?:now|utcnow|today|time|time_ns|ctime|monotonic|perf_counter|perf_counter_ns)\("
)


def expect_fresh_time(world: SQLiteWorld, subtracted: bool) -> None:
    """Expect that no time that is logged, or subtracted from one, is that of the decoration."""
    lines = world.source().splitlines()
    functions = [node for node in ast.walk(ast.parse(world.source())) if isinstance(node, ast.FunctionDef)]
    for outer in functions:
        # A decorator returns its inner function. One that a wrapper has for itself sees the time of the call.
        returned = [part.value for part in outer.body if isinstance(part, ast.Return)]
        given = {value.id for value in returned if isinstance(value, ast.Name)}
        inner = [part for part in outer.body if isinstance(part, ast.FunctionDef) and part.name in given]
        within = [node for function in inner for node in ast.walk(function)]
        minus = [node for node in within if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)]
        names = {node.id for node in within if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        differences = {
            side.id for node in minus for side in (node.left, node.right) if isinstance(side, ast.Name)
        }
        for part in outer.body:
            if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
                name, line = part.targets[0].id, lines[part.lineno - 1].strip()
                if name in names and (name in differences) == subtracted and ASKS_A_CLOCK.search(line):
                    said = f"line {part.lineno} asks the clock once, when the function is decorated: {line}"
                    raise Fault(said, IN_THE_WRAPPER)


IN_THE_WRAPPER = Advice("Which lines run at each call?", "ask the clock inside the wrapper")


@TASK.probe(
    BEYOND,
    "logs when it was",
    Advice(
        "When did the query run that somebody complains about today?",
        "put datetime.now() into the line, or %(asctime)s into the format of logging",
    ),
)
def time_of_day(world: SQLiteWorld) -> None:
    _, text = logged_somehow(world)
    expect_fresh_time(world, subtracted=False)
    sources = texts_with(world.file)
    if not DATES.search(text) and not CLOCK.search(text) and "asctime" not in sources:
        if "datetime.datetime(" in text:
            raise Fault(f"the time is in the log only as datetime.datetime(...): {shown(text)}", INSIDE)
        advice = EMPTY_FORMAT if FORMATS_IT.search(world.source()) else UNSEEN_TIME
        asks = ASKS_THE_TIME.search(world.source())
        raise Fault(f"no date and no time in what was logged: {shown(text)}", advice if asks else None)


@TASK.probe(
    BEYOND,
    "logs a failure, and lets it through",
    Advice("What does the log say about a query that failed?", "log in an except block, and then raise"),
)
def failure(world: SQLiteWorld) -> None:
    (args, kwargs), _ = logged_somehow(world)
    function = put_on(world, "log_queries", fetch_all_users)
    broken = "SELECT nothing FROM nowhere"
    with log_of(world) as text:
        try:
            function(*(broken for _ in args), **dict.fromkeys(kwargs, broken))
        except sqlite3.OperationalError:
            pass
        except Exception as error:
            raise Fault(
                f"instead of the error of a query that failed the caller got {type(error).__name__}"
            ) from error
        else:
            raise Fault("the error of a query that failed did not reach the caller")
    faults = []
    words = r"(?i)fail|error|exception|no such|unsuccess|unable|could not|couldn't|traceback|went wrong|abort"
    if not re.search(words, text[0]):
        faults.append(f"a query that failed was logged as {shown(text[0])}, with no word of the failure")
    for kind in () if faults else (sqlite3.IntegrityError, sqlite3.ProgrammingError):

        def fail(query: str, kind: Any = kind) -> None:
            raise kind("it failed")

        function = put_on(world, "log_queries", fail)
        with log_of(world) as text, suppress(Exception):
            function(*args, **kwargs)
        if not re.search(words, text[0]):
            what = f"a function that raised {kind.__name__} was logged as {shown(text[0])}"
            faults.append(f"{what}, with no word of the failure: only some errors are logged")
            break
    advice = None
    try:
        error_reaches_the_caller(world, "fetch_all_users", query="SELECT * FROM users")
    except Fault as fault:
        advice = None if faults else fault.advice
        faults.append(str(fault))
    if faults:
        raise Fault("; ".join(faults), advice)


@TASK.probe(
    BEYOND,
    "the log appears for every call, without any preparation",
    Advice(
        "What do you see when somebody else runs your script for the first time?",
        "call logging.basicConfig(level=logging.INFO), and make the folder of a log file",
    ),
)
def appears(world: SQLiteWorld) -> None:
    for folder in world.made_folders:
        raise Fault(
            f"the log goes to a file in {folder}, a folder that is not in the repository and that nothing makes"
        )
    is_set = re.search(r"basicConfig|setLevel|dictConfig|fileConfig", texts_with(world.file))
    (args, kwargs), _ = (BY_NAME, "") if is_set else logged_somehow(world, QUERY)
    function = put_on(world, "log_queries", fetch_all_users)
    with log_of(world) as text, attempt("a call"):
        logging.getLogger().setLevel(logging.WARNING)  # as it is where nobody has set it
        function(*args, **kwargs)
    if has(text[0], QUERY) or is_set:
        return logs_every_call(world)
    raise Fault("the log has the level INFO or DEBUG, which logging does not show unless it is told to")


def logs_every_call(world: SQLiteWorld) -> None:
    """Expect that there is something in the log of a function without SQL, unless the wrapper refuses it."""

    runs: list[bool] = []

    def count_users() -> int:
        runs.append(True)
        return 7

    function = put_on(world, "log_queries", count_users)
    with log_of(world) as text:
        try:
            is_run = function() == 7
        except Exception as error:
            if runs:
                said = f"count_users() returned 7, and then the wrapper raised {describe(error)}"
                raise Fault(said, ANY_RESULT) from error
            if learners_frame(error)[0]:  # it did not mean to refuse it
                raise NotTried(f"count_users() raised {describe(error)} before it was logged") from error
            return
    if is_run and not text[0].strip() and logged(world, query=QUERY).strip():
        raise Fault("a call of a function without SQL, count_users(), was not logged at all", NO_SQL)


@TASK.probe(BEYOND, "it works without parentheses, as in the exercise")
def bare(world: SQLiteWorld) -> None:
    works_bare(world, "log_queries", fetch_all_users, ((), {"query": QUERY}))


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(put_on(world, "log_queries", fetch_all_users), fetch_all_users, "log_queries")
