"""Answer from memory."""

from __future__ import annotations

import ast
import builtins
import gc
import inspect
import itertools
import logging
import pprint
import random
import re
import sqlite3
import tracemalloc
from contextlib import closing, contextmanager, nullcontext, suppress
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Callable, Iterator

from checker.decorators import (
    PARAMETERS,
    always_closes,
    applied,
    call,
    calling,
    connection_passes_arguments,
    decorator_name,
    error_reaches_the_caller,
    expect_no_mistake,
    expect_run,
    expect_run_always,
    find_function,
    gives,
    log_of,
    own_name_is_kept,
    passes_values,
    put_on,
    ready,
    runs_by_itself,
    stop_at_mysql,
    together,
    unnoticed,
    uses,
    works_bare,
)
from checker.masking import steady
from checker.model import ASKED, BEYOND, Advice, Broken, Crash, Fault, NotTried, Task
from checker.shared import WRAPS, as_tuples, attempt, expect, keeps_name, own_connection, raises
from checker.sqlite_world import SQLiteWorld
from checker.world import shortened

TASK = Task("decorators/4", "answer from memory", "4-cache_query.py", "4.", SQLiteWorld, {"cache_query": ()})
QUERY = "SELECT name FROM users WHERE id < 3 ORDER BY id"
MOST_PRINTED = 100 << 20  # characters; what prints all of the cache at each query has no end
OTHER_WORDS = ("WITH named AS (SELECT 1) SELECT * FROM named", "PRAGMA table_info(users)")
OTHER = "SELECT name FROM users WHERE name = 'User3'"
THE_KEY = Advice(
    "When are two calls the same question?", "make SQL and parameters the key, exactly as they are"
)


SAME_ROWS = Advice(
    "What does a caller do with a row, and may it depend on the cache?",
    "return the same kind of rows whether they come from the database or from memory",
)
MADE_ANEW = Advice(
    "How long does a dict live that is made in the wrapper?",
    "only for that call: make it once, outside of the wrapper",
)
IN_ARGS = Advice(
    "What does your wrapper see of a call without `query=`?",
    "print args: behind `conn` in wrapper(conn, *args) the query is args[0]; in wrapper(*args) it is args[1]",
)


OUTSIDE = Advice(
    "In which order does the exercise put cache_query and with_db_connection, and what is args[0] then?",
    "below with_db_connection, as in the exercise, it is the connection; a wrapper for both orders finds the SQL by"
    " its name, with inspect.signature(func).bind",
)


ADDRESS = "private.address@mail.test"
VALUES = Advice(
    "Whose data can be in the arguments of a call?", "print the SQL at most, and neither args nor kwargs"
)


ANOTHER_FILE = Advice(
    "What do two functions of the same name in two files have in common?",
    "make func itself a part of the key, or func.__module__ beside func.__qualname__",
)


class Text(str):
    """A value that takes much memory, and little room where it is printed."""

    def __repr__(self) -> str:
        return "'...'"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return repr(self)


class Cached:
    """Adapter: a function below `cache_query`; calling it counts the queries that reach the database.

    `read` is what the function does, if that is not running the query. All calls have the same connection, so
    that a cache which takes the connection into its key is tried as well; only `apart` opens one for each call.
    """

    def __init__(self, world: SQLiteWorld, read: Callable[[Any, str], Any] | None = None) -> None:
        self.calls = 0

        def fetch_users_with_cache(conn: Any, query: str, params: Any = ()) -> Any:
            self.calls += 1
            return read(conn, query) if read else conn.execute(query, params).fetchall()

        fetch_users_with_cache.__qualname__ = "fetch_users_with_cache"  # as at the top of a file
        self.plain = fetch_users_with_cache
        self.decorator = ready(world, "cache_query")
        self.connection = sqlite3.connect("users.db")  # of the table that is made anew after the import
        self.function = applied(self.decorator, "cache_query", fetch_users_with_cache)

    def __call__(self, *position: Any, **named: Any) -> Any:
        """Return the rows as the caller gets them."""
        shown = ", ".join([*map(repr, position), *(f"{name}={value!r}" for name, value in named.items())])
        with calling(f"a call with {shown}", "cache_query"):
            return self.function(self.connection, *position, **named)

    def apart(self, query: str) -> Any:
        """Return the rows as the caller gets them who has a new connection, as below with_db_connection."""
        with own_connection() as connection, calling(f"a call with query={query!r}", "cache_query"):
            return self.function(connection, query=query)


def remembering(world: SQLiteWorld) -> Cached:
    """Return one that has shown that it can answer from memory: else there is nothing to find out."""
    fetch = Cached(world)
    for _ in range(2):
        fetch(query=QUERY)
    if fetch.calls != 1:
        raise NotTried("it does not answer from memory yet")
    fetch.calls = 0
    return fetch


def telling_apart(world: SQLiteWorld) -> Cached:
    """Return one that has shown that it answers two queries, too: else nothing finer can be asked."""
    fetch = remembering(world)
    if fetch(query=QUERY) == fetch(query=OTHER):
        raise NotTried("another query gets the first one's rows")
    fetch.calls = 0
    return fetch


def rows(result: Any) -> list[Any]:
    return as_tuples(result or [])


@TASK.probe(
    ASKED,
    "the same query is answered from memory the second time",
    Advice(
        "What does the wrapper look at before it calls the function?",
        "keep each answer, and return the answer",
    ),
    decides=True,
)
def second_time(world: SQLiteWorld) -> None:
    stop_at_mysql(world, "fetch_users_with_cache", query="SELECT * FROM users")
    fetch = Cached(world)
    wanted = [("User1",), ("User2",)]
    for time in ("first", "second"):
        result = fetch.apart(QUERY)
        if not fetch.calls and isinstance(result, (list, tuple)) and [*result] not in ([], wanted):
            said = f"a call with query={QUERY!r} got the rows of another one, which the file itself had made"
            raise Broken(said, THE_KEY.hint)
        if not fetch.calls:
            with own_connection() as conn:
                make, what = partial(put_on, world, "cache_query"), f"a call with query={OTHER!r}"
                expect_run(world, make, what, ((conn,), {"query": OTHER}), ((conn, OTHER), {}))
        if result is None:
            raise Broken(f"the caller got None instead of the rows, the {time} time", "return the rows")
        expect(f"rows the {time} time", wanted, rows(result))
    asked = fetch.calls
    if asked == 2:
        for _ in range(2):
            fetch(query=OTHER)
        if fetch.calls == 3:
            raise Fault(
                "the second call had a new connection, as with_db_connection opens one for each call, and asked "
                "the database again; with the same connection it did not",
                Advice("Is the connection a part of the question?", "leave the connection out of the key"),
            )
    if asked > 1 and makes_its_cache_anew(world):
        raise Fault(f"two equal calls asked the database {asked} times", MADE_ANEW)
    expect("queries for two equal calls", 1, asked)


def makes_its_cache_anew(world: SQLiteWorld) -> bool:
    """Tell whether the innermost function makes an empty dict and puts something into it."""
    for node in ast.walk(ast.parse(world.source())):
        if isinstance(node, ast.FunctionDef) and not any(isinstance(n, ast.FunctionDef) for n in node.body):
            text = "\n".join(world.source().splitlines()[node.lineno : node.end_lineno])
            made = re.search(r"(?m)^\s*(\w+)\s*=\s*(?:\{\}|dict\(\))\s*$", text)
            if made and re.search(rf"(?m)^\s*{made[1]}\[", text):
                return True
    return False


@TASK.probe(ASKED, "another query is not answered with the first one's rows", THE_KEY)
def another_query(world: SQLiteWorld) -> None:
    fetch = remembering(world)
    fetch(query=QUERY)
    expect("rows of another query", [("User3",)], rows(fetch(query=OTHER)))


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "fetch_users_with_cache returns the users, the second time from memory, and leaves nothing open",
    Advice("What does your own fetch_users_with_cache do?", "decorate it, and return the rows"),
)
def own_function(world: SQLiteWorld) -> None:
    function = find_function(world, "fetch_users_with_cache")
    query = "SELECT * FROM users LIMIT 100"  # and not one that the file itself has asked, of another table
    what = f"fetch_users_with_cache(query={query!r})"
    kinds: list[type] = []
    for _ in range(2):
        with world.output() as text:
            try:
                result = call(world, function, "fetch_users_with_cache", query=query)
            except Fault:
                connection_passes_arguments(world)
                raise
        gives(world, what, result, text.getvalue(), world.users)
        kinds += [type(row) for row in result[:1]] if isinstance(result, (list, tuple)) else []
    if len(set(kinds)) > 1:
        first, second = (f"{kind.__module__}.{kind.__name__}".replace("builtins.", "") for kind in kinds)
        said = f"{what} gave rows of the type {first}, and the second time {second}"
        raise Fault(f"{said}: code that reads the one may fail with the other", SAME_ROWS)
    asked_twice = [sql for _, sql in world.recorder.statements].count(query) > 1
    fetch = Cached(world)
    for _ in range(2):
        fetch.apart(QUERY)
    if asked_twice and fetch.calls == 1:
        raise Fault(f"{what} asked the database twice: is @cache_query above it?")
    numbers = itertools.count(1)

    def ask() -> Any:  # what was not asked before
        query = f"SELECT * FROM users LIMIT {next(numbers)}"
        return call(world, function, "fetch_users_with_cache", query=query)

    always_closes(world, "fetch_users_with_cache", ask)


@TASK.probe(
    BEYOND,
    "a query that is passed by position is answered with its own rows, and from memory",
    Advice("What is the key of a call without `query=`?", "look in args as well as in kwargs"),
)
def positional(world: SQLiteWorld) -> None:
    together(partial(by_position, world), partial(connection_passes_position, world))


def connection_passes_position(world: SQLiteWorld) -> None:
    """Expect that the with_db_connection of this file passes all arguments on, if it does so by name."""
    try:
        with world.output():
            function = find_function(world, "fetch_users_with_cache")
            call(world, function, "fetch_users_with_cache", query=QUERY)
    except (Fault, NotTried):  # another probe says so
        return
    connection_passes_arguments(world)


def by_position(world: SQLiteWorld) -> None:
    fetch = telling_apart(world)
    answers = []
    for query in (QUERY, OTHER):
        with attempt(f"a call with {query!r} by position", Exception):
            answers.append(rows(fetch.function(fetch.connection, query)))
    advice = IN_ARGS if re.search(r"\bargs\[", world.source()) else None
    above = [decorator_name(use) for use in uses(world.file, "", "fetch_users_with_cache")]
    if [name for name in above if name in ("cache_query", "with_db_connection")][:1] == ["cache_query"]:
        advice = OUTSIDE
    if answers[1] != [("User3",)]:
        said = f"rows of another query by position: expected {[('User3',)]}, got {shortened(answers[1])}"
        raise Fault(said, advice)
    with suppress(Crash):  # it may take no parameters
        fetch("SELECT name FROM users WHERE id = ?", (2,))
        got = rows(fetch("SELECT id FROM users WHERE id = ?", (2,)))
        if got != [(2,)]:
            said = "rows of another query by position, with the same parameter behind it"
            raise Fault(f"{said}: expected [(2,)], got {shortened(got)}", advice or THE_KEY)
    calls = fetch.calls
    with attempt(f"a call with {OTHER!r} by position", Exception):
        fetch.function(fetch.connection, OTHER)
    if fetch.calls > calls:
        raise Fault("the same query by position asked the database again", advice)
    with own_connection() as conn:
        ways = {
            "a call with a statement that is no SELECT": ((conn,), {"query": "DELETE FROM users"}),
            "a call with sql='SELECT ...' in place of query='SELECT ...'": ((conn,), {"sql": OTHER}),
            "a call without any SQL": ((conn,), {}),
        }
        make = partial(put_on, world, "cache_query")
        expect_run_always(make, ways)
        expect_no_mistake(make, "a call of a function that takes the connection only", ((conn,), {}))
    with suppress(Fault):
        note_what_is_overlooked(world)


def note_what_is_overlooked(world: SQLiteWorld) -> None:
    """Say which calls by position are not taken for what they are, where one of conn and SELECT is."""
    fetch = Cached(world)
    for sql in OTHER_WORDS:
        fetch.calls = 0
        for _ in range(2):
            fetch(query=sql)
        if fetch.calls == 1:  # those that are asked anew on purpose are so by name, too
            fetch.calls = 0
            for _ in range(2):
                fetch(sql)
            if fetch.calls == 2:
                world.say(
                    f"the query {sql!r} is answered from memory by name, and by position asks the database each "
                    "time: find the SQL by its name, query, and not by its words"
                )
                break
    alone = applied(ready(world, "cache_query"), "cache_query", lambda query: query)
    with suppress(Exception):
        parameters = list(inspect.signature(alone, follow_wrapped=False).parameters.values())
        takes_any = parameters[0].kind is inspect.Parameter.VAR_POSITIONAL  # and does not call it conn
        if takes_any and (alone(QUERY), alone(OTHER)) == (QUERY, QUERY):
            world.say(
                "cache_query leaves the first argument out of its key, whatever it is: of a function that takes the "
                "query alone, all queries by position get the first one's answer"
            )


@TASK.probe(
    BEYOND,
    "the error of a query reaches the caller",
    Advice(
        "How can the caller tell a failed query from one that found nobody?",
        "do not catch it, or raise it again",
    ),
)
def error_is_raised(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    with own_connection() as connection:
        query = "SELECT nothing FROM nowhere"
        raises(
            sqlite3.OperationalError, "a query that fails", lambda: fetch.function(connection, query=query)
        )
    with suppress(NotTried):
        if remembering(world)(query=OTHER) != [
            ("User3",)
        ]:  # another query gets the first one's rows, as always
            return
    asks = "SELECT name FROM users WHERE id < 5"  # and nobody has asked it before
    error_reaches_the_caller(
        world, "fetch_users_with_cache", {"query": asks}, query="SELECT nothing FROM users"
    )


@TASK.probe(
    BEYOND,
    "an answer is never out of date",
    Advice(
        "Who tells the cache that the table has changed?",
        "forget it, or compare versions, when the database changes",
    ),
)
def never_stale(world: SQLiteWorld) -> None:
    fetch = remembering(world)
    fetch(query=QUERY)
    with world.own_connection() as connection, connection:
        connection.execute("UPDATE users SET name = 'Renamed' WHERE id = 1")
    wanted = [("Renamed",), ("User2",)]
    expect("rows after another program renamed user 1", wanted, rows(fetch(query=QUERY)))
    path = str(world.file.parent.parent / "another.db")
    opened = closing(world.redirection.open_sqlite(path))
    with unnoticed(world), opened as connection, attempt("a call with another database"):
        connection.execute("CREATE TABLE users (id INTEGER, name TEXT)")
        said = "rows of the empty table in another database"
        expect(said, [], rows(fetch.function(connection, query=QUERY)), WHICH_FILE)
    with fetch.connection as connection:
        connection.execute("UPDATE users SET name = 'By itself' WHERE id = 1")
    wanted = [("By itself",), ("User2",)]
    expect("rows after the connection of the call renamed user 1", wanted, rows(fetch(query=QUERY)))
    fetch.apart(QUERY)
    with world.own_connection() as connection, connection:
        connection.execute("UPDATE users SET name = 'Between' WHERE id = 1")
    wanted = [("Between",), ("User2",)]
    said = "rows for a new connection, after another program renamed user 1 between two calls"
    expect(said, wanted, rows(fetch.apart(QUERY)))


WHICH_FILE = Advice(
    "Which database are the rows from that the cache keeps?",
    "put its file into the key: PRAGMA database_list tells which one a connection has open",
)


@TASK.probe(BEYOND, "the parameters belong to the question", THE_KEY)
def parameters(world: SQLiteWorld) -> None:
    fetch = remembering(world)
    query = "SELECT name FROM users WHERE id = ?"
    try:
        fetch.function(fetch.connection, query=query, params=(1,))
    except TypeError as error:
        raise Fault(
            "a function with parameters cannot be cached: the wrapper takes only the connection and the query",
            Advice(THE_KEY.question, "take *args and **kwargs, and make all of them the key"),
        ) from error
    expect(
        "rows with the parameter 2, after those for 1", [("User2",)], rows(fetch(query=query, params=(2,)))
    )
    fetch = Cached(world)
    fetch(query, (1,))
    expect("rows with the parameter 2 by position, after those for 1", [("User2",)], rows(fetch(query, (2,))))
    for by_name in (False, True):
        fetch = Cached(world, lambda conn, query: [])
        answers: list[Any] = []
        with suppress(Exception):  # it may take sequences only
            for number in (1, 2):
                args, named = ((), {"params": number}) if by_name else ((number,), {})
                answers.append(fetch.function(fetch.connection, query, *args, **named))
        if len(answers) == 2 and fetch.calls == 1:
            how = "params=1 and params=2" if by_name else "1 and 2 behind the query"
            raise Fault(f"a call with {how} got one answer: not each argument is part of the key")
    fetch = Cached(world, lambda conn, query: [])
    for value in (b"1", Decimal(1), None, date(2025, 1, 2), "2025-01-02"):
        with attempt(f"a call with the parameter {value!r}", TypeError, ValueError, AttributeError):
            fetch.function(fetch.connection, query=query, params=(value,))
    if fetch.calls < 5:
        raise Fault("the parameters date(2025, 1, 2) and '2025-01-02' got the same answer")


@TASK.probe(
    BEYOND,
    "two functions do not get each other's answers",
    Advice("Do two functions make the same of the same rows?", "make the function a part of the key"),
)
def two_functions(world: SQLiteWorld) -> None:
    fetch = remembering(world)

    def count_users(conn: Any, query: str) -> int:
        return len(conn.execute(query).fetchall())

    fetch(query=QUERY)
    count = applied(fetch.decorator, "cache_query", count_users)
    with attempt("a second function below @cache_query"):
        counted = count(fetch.connection, query=QUERY)
    expect("what a function that counts the rows gave, after one that returned them", 2, counted)
    count_users.__name__ = count_users.__qualname__ = "fetch_users_with_cache"
    count_users.__module__ = "reports"
    count = applied(fetch.decorator, "cache_query", count_users)
    with attempt("a second function below @cache_query"):
        counted = count(fetch.connection, query=QUERY)
    if counted != 2:
        said = f"what a function of the same name in another file gave: expected 2, got {shortened(counted)}"
        raise Fault(said, ANOTHER_FILE)


@TASK.probe(
    BEYOND,
    "SQL is compared exactly",
    Advice(
        "Is a blank inside quotes the same as two?",
        "do not change the case or the spaces: values can be in it",
    ),
)
def exact_sql(world: SQLiteWorld) -> None:
    fetch = telling_apart(world)
    fetch(query="SELECT 'a  b'")
    expect("SELECT 'a b' after SELECT 'a  b'", [("a b",)], rows(fetch(query="SELECT 'a b'")))
    expect("SELECT 'A B' after SELECT 'a b'", [("A B",)], rows(fetch(query="SELECT 'A B'")))


@TASK.probe(
    BEYOND,
    "nobody can change somebody else's rows",
    Advice("How many lists are there when two callers have one each?", "hand out a copy, or a tuple"),
)
def not_shared(world: SQLiteWorld) -> None:
    fetch = remembering(world)
    fetch(query=QUERY)
    for time in ("first", "second"):
        result = fetch(query=QUERY)
        if isinstance(result, list):
            result.append(("Nobody",))
        if len(fetch(query=QUERY)) != 2:
            raise Fault(
                f"a caller added a row to the list that it got the {time} time, and the next one got it"
            )


@TASK.probe(
    BEYOND,
    "an empty answer is an answer",
    Advice("Is an empty list true?", "ask `if key in cache`, not whether the rows are true"),
)
def empty_answer(world: SQLiteWorld) -> None:
    fetch = telling_apart(world)
    for _ in range(2):
        result = fetch(query="SELECT * FROM users WHERE id < 0")
        if result is None:
            raise Fault("a query without rows gave None, not an empty list")
        expect("rows of nobody", [], rows(result))
    expect("queries for two equal calls without rows", 1, fetch.calls)
    fetch = Cached(world, lambda conn, query: conn.execute(query).fetchone())
    try:
        results = [fetch(query="SELECT * FROM users WHERE id < 0") for _ in range(2)]
    except Crash:  # it takes lists only
        return
    expect("what two calls that find no row get", [None, None], results)
    expect("queries for two equal calls that get None", 1, fetch.calls)


@contextmanager
def silence(world: SQLiteWorld) -> Iterator[None]:
    """Let nothing be printed or logged in the with block: what prints all of the cache each time takes minutes."""

    def count(*values: Any, **_: Any) -> None:
        world.recorder.volume += sum(len(str(value)) for value in values if isinstance(value, str))

    before = builtins.print, pprint.PrettyPrinter.pprint, logging.root.manager.disable
    builtins.print = pprint.PrettyPrinter.pprint = count  # type: ignore[method-assign]
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        builtins.print, pprint.PrettyPrinter.pprint = before[:2]  # type: ignore[method-assign]
        logging.disable(before[2])


def traced_memory() -> int:
    """Return the bytes in use, of those that were taken since the first call."""
    tracemalloc.start()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@TASK.probe(
    BEYOND,
    "the cache does not grow without end",
    Advice("How much is in memory after a week?", "drop the oldest answer beyond a limit"),
)
def bounded(world: SQLiteWorld) -> None:
    rng = random.Random(0)
    fetch = Cached(world, lambda conn, query: [(query, Text(f"{rng.getrandbits(80_000):020000x}"))])
    printed, volume = world.recorder.printed, world.recorder.volume
    with own_connection() as connection, attempt("1200 different queries"):
        for number in (-1, -2):
            fetch.function(connection, query=f"SELECT {number}")
        is_the_key = fetch.calls == 1  # the connection: each call has another one below with_db_connection
        before, kept, fetch.calls = traced_memory(), len(printed), 0
        with world.output(), silence(world):
            for number in range(1200):
                with own_connection() if is_the_key else nullcontext(connection) as conn:
                    fetch.function(conn, query=f"SELECT {number}")
                if world.recorder.volume - volume > MOST_PRINTED:
                    raise NotTried(f"it prints more and more: {MOST_PRINTED >> 20} MB for {number} queries")
        del printed[kept:]
        grown = traced_memory() - before
    if fetch.calls < 1200:
        raise NotTried(f"of 1200 different queries {1200 - fetch.calls} got another one's answer")
    if grown > 0.93 * 1200 * 20_000:
        raise Fault("after 1200 different queries all 1200 answers were in memory")


@TASK.probe(
    BEYOND,
    "the rows and the parameters stay out of what is printed",
    Advice("Who reads what a program prints, and whose data is it?", "print the SQL at most, not its rows"),
)
def keeps_rows_to_itself(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    with log_of(world) as text:
        for query in (QUERY, QUERY, "SELECT name FROM users WHERE id = 4"):
            fetch(query=query)
    expect_silence("cache_query", text[0])
    with log_of(world) as text, suppress(Fault):
        fetch("SELECT name FROM users WHERE email = ?", (ADDRESS,))
        fetch(query="SELECT name FROM users WHERE email = ?", params=(ADDRESS,))
    if ADDRESS in text[0]:
        where = text[0].index(ADDRESS)
        line = text[0][:where].splitlines()[-1][-40:] + text[0][where:].splitlines()[0]
        raise Fault(f"cache_query prints or logs the parameters: ... {shortened(steady(line), 100)}", VALUES)
    try:
        function = find_function(world, "fetch_users_with_cache")
    except (Fault, NotTried) as missing:
        raise NotTried(
            f"cache_query prints none of them; the function could not be tried: {missing}"
        ) from None
    results = []
    with log_of(world) as text, suppress(Fault):
        for _ in range(2):
            results.append(call(world, function, "fetch_users_with_cache", query="SELECT * FROM users"))
    if results and results[-1] is not None:  # it returns them
        expect_silence("fetch_users_with_cache", text[0])


def expect_silence(name: str, text: str) -> None:
    line = next((line.strip() for line in text.splitlines() if re.search(r"\bUser\d\b", line)), "")
    if line:
        raise Fault(f"{name} prints or logs rows: {shortened(steady(line), 100)}")


TASK.probe(BEYOND, "values reach the SQL as parameters", PARAMETERS)(passes_values)


@TASK.probe(BEYOND, "it works without parentheses, as in the exercise")
def bare(world: SQLiteWorld) -> None:
    with own_connection() as conn:
        works_bare(world, "cache_query", Cached(world).plain, ((conn,), {"query": QUERY}))


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    fetch = Cached(world)
    keeps_name(fetch.function, fetch.plain, "cache_query")
    own_name_is_kept(world, "fetch_users_with_cache")
