"""`make check` about decorators: sound ones in every shape have no fault, and each fault gets its name."""

from __future__ import annotations

import sys
import textwrap
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Mapping, NamedTuple

from checker.model import ASKED, BEYOND, NOT_TRIED, OK, WRONG, Result
from checker.report import report
from checker.run import check, wanted_tasks
from support import ROOT

import pytest

SOLUTIONS = ROOT / "tests" / "checker" / "solutions"
FOLDER = "python-decorators-0x01"
FILES = ["log_queries", "with_db_connection", "transactional", "retry_on_failure", "cache_query"]

START = """
import functools, logging, os, sqlite3, time
from contextlib import closing

"""
WITH_CONNECTION = """
def with_db_connection(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        with closing(sqlite3.connect("users.db")) as conn:
            return func(conn, *args, **kwargs)
    return wrapper

"""
FORGIVING = WITH_CONNECTION.replace(
    "            return func(conn, *args, **kwargs)",
    """            try:
                return func(conn, *args, **kwargs)
            except Exception as error:
                print(error)""",
)
LEAKING = WITH_CONNECTION.replace(
    """        with closing(sqlite3.connect("users.db")) as conn:
            return func(conn, *args, **kwargs)
""",
    """        conn = sqlite3.connect("users.db")
        result = func(conn, *args, **kwargs)
        conn.close()
        return result
""",
).replace("    @functools.wraps(func)\n", "")
MYSQL = "\nimport mysql.connector\n" + WITH_CONNECTION.replace(
    "sqlite3.connect(", "mysql.connector.connect(database="
)
HIDING_MYSQL = MYSQL.replace(
    """        with closing(mysql.connector.connect(database="users.db")) as conn:
            return func(conn, *args, **kwargs)
""",
    """        try:
            conn = mysql.connector.connect(database="users.db")
        except mysql.connector.Error as error:
            return print(f"no connection: {error}")
        return func(conn, *args, **kwargs)
""",
)
# What the exercise decorates, as the curriculum has it.
DECORATED = [
    """
@log_queries
def fetch_all_users(query):
    with closing(sqlite3.connect("users.db")) as conn:
        return conn.execute(query).fetchall()
fetch_all_users(query="SELECT * FROM users")
""",
    """
@with_db_connection
def get_user_by_id(conn, user_id):
    return conn.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
get_user_by_id(user_id=1)
""",
    """
@with_db_connection
@transactional
def update_user_email(conn, user_id, new_email):
    conn.execute("UPDATE users SET email = ? WHERE id = ?", (new_email, user_id))
update_user_email(user_id=1, new_email="ann@mail.test")
""",
    """
@with_db_connection
@retry_on_failure(retries=3, delay=1)
def fetch_users_with_retry(conn):
    return conn.execute("SELECT * FROM users").fetchall()
fetch_users_with_retry()
""",
    """
@with_db_connection
@cache_query
def fetch_users_with_cache(conn, query):
    return conn.execute(query).fetchall()
fetch_users_with_cache(query="SELECT * FROM users")
""",
]
GROWS = "the cache does not grow without end"
BY_POSITION = "finds the SQL also when it is passed by position"
BEHIND = "finds the SQL also behind another argument"
ARGUMENTS = "the arguments of the function reach it"
KEY_BY_POSITION = "a query that is passed by position is answered with its own rows, and from memory"
BARE = "it works without parentheses, as in the exercise"
EVERY_CALL = "the log appears for every call, without any preparation"
NAME = "the function keeps its name"
LAZY = "a generator function has its connection until its last row"
ALL_OF_IT = "what is undone is all of it, after Ctrl-C too"
UNPRINTED = "the rows and the parameters stay out of what is printed"
BY_ITSELF = "runs by itself without an error"
AS_IT_WAS = "the connection stays open for its owner, and as it was"
# What the function that is decorated does, with all its decorators.
OWN = [
    "fetch_all_users logs its query, returns the users, and leaves nothing open",
    "get_user_by_id returns the user, and leaves nothing open",
    "update_user_email changes the email, and leaves nothing open",
    "fetch_users_with_retry returns the users, and leaves nothing open",
    "fetch_users_with_cache returns the users, the second time from memory, and leaves nothing open",
]
# What nearly every solution of the exercise lacks: it is not repeated for each case below.
USUAL = [
    ["logs how long it took", "logs when it was", "logs a failure, and lets it through"],
    [LAZY],
    [
        "a failure inside undoes only the inner work",
        "a failure outside undoes the inner work too",
        ALL_OF_IT,
    ],
    ["only what can pass by itself is tried again", "the pauses grow"],
    [
        "an answer is never out of date",
        "the parameters belong to the question",
        "two functions do not get each other's answers",
        "nobody can change somebody else's rows",
        GROWS,
    ],
]


def file_name(number: int) -> str:
    return f"{number}-{FILES[number]}.py"


def decorator(number: int, body: str, signature: str = "*args, **kwargs", before: str = "") -> str:
    """Return the source of an exercise whose wrapper has this body, with all that belongs around it."""
    body = textwrap.dedent(body).strip("\n")
    name = FILES[number]
    body = textwrap.indent(body, "    ")
    wrapper = f"@functools.wraps(func)\ndef wrapper({signature}):\n{body}\nreturn wrapper\n"
    if number == 3:
        wrapper = f"def decorator(func):\n{textwrap.indent(wrapper, '    ')}return decorator\n"
    outer = "retries=3, delay=2" if number == 3 else "func"
    made = f"def {name}({outer}):\n{textwrap.indent(wrapper, '    ')}"
    return START + (WITH_CONNECTION if number > 1 else "") + before + made + DECORATED[number]


def write(folder: Path, number: int, text: str) -> None:
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / file_name(number)).write_text(text, encoding="utf-8")


def checked(folder: Path, number: int, text: str) -> Result:
    write(folder, number, text)
    (result,) = check(folder, None, wanted_tasks([f"decorators/{number}"]))
    return result


def faults(result: Result) -> dict[str, str]:
    """Return what is wrong, by the promise that is broken."""
    return {v.probe.promise: v.sentence for v in result.verdicts if v.outcome == WRONG}


def text_of(*results: Result) -> str:
    return " ".join(" ".join(report(results)).split())


class Case(NamedTuple):
    """A solution, and what is found in it: for each promise that is broken, a part of the sentence.

    `less` has what is usually wrong and is right or not tried here.
    """

    name: str
    number: int
    text: str
    found: Mapping[str, str] = MappingProxyType({})
    less: tuple[str, ...] = ()


CONN = "conn, *args, **kwargs"
ONCE_MORE = """
for turn in range(retries):
    try:
        return func(*args, **kwargs)
    except Exception:
        if turn == retries - 1:
            raise
        time.sleep(delay)
"""
ASK = "query_cache[query] = func(conn, query, *args, **kwargs)"
SINGLE = "conn, query, *args, **kwargs"
DICT = "query_cache = {}\n"
OWN_TABLE = """
if os.path.exists("users.db"):
    os.remove("users.db")
with closing(sqlite3.connect("users.db")) as conn, conn:
    conn.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
    conn.execute("INSERT INTO users (name, email) VALUES ('Ann', 'ann@mail.test')")
"""

# What goes on in transactional, and in a decorator above it that closes too little.
TRANSACTION = """
try:
    result = func(conn, *args, **kwargs)
    conn.commit()
    return result
except Exception:
    conn.rollback()
    raise
"""
CLOSES_AFTER_SQLITE = WITH_CONNECTION.replace(
    """        with closing(sqlite3.connect("users.db")) as conn:
            return func(conn, *args, **kwargs)
""",
    """        try:
            conn = sqlite3.connect("users.db")
            result = func(conn, *args, **kwargs)
        except sqlite3.Error:
            conn.close()
            raise
        conn.close()
        return result
""",
)
CALL_2 = DECORATED[2].splitlines()[-1]

CASES = [
    Case(
        "it logs to a file",
        0,
        decorator(
            0,
            """
            query, start = kwargs.get("query") or args[0], time.time()
            try:
                return func(*args, **kwargs)
            finally:
                with open("queries.log", "a") as log:
                    log.write(f"2025-01-02 10:20 {query}; {time.time() - start:.2f}\\n")
            """,
        ),
        {
            "logs a failure, and lets it through": "with no word of the failure",
            BEHIND: "(conn, 'SELECT ...') logged '2025-01-02 10:20 <sqlite3.Connection object>",
            ARGUMENTS: "a call of a function without arguments raised IndexError: tuple index out of range",
        },
        ("logs how long it took", "logs when it was"),
    ),
    Case(
        "the folder of its log is missing, and no query by name is in it",
        0,
        decorator(
            0,
            'logging.info("%s", args)\nreturn func(*args, **kwargs)',
            before='logging.basicConfig(filename="logs/queries.log", level=logging.INFO)\n',
        ),
        {
            "logs the SQL and returns what the function returns": "ORDER BY id' logged '()'",
            BEHIND: "(conn, query='SELECT ...') logged",
            EVERY_CALL: "a file in logs/, a folder that is not",
        },
    ),
    Case(
        "it drops what the function returns",
        0,
        decorator(
            0,
            """
            print(args)
            for value in kwargs.values():
                print("- " + value)
            func(*args, **kwargs)
            """,
        ),
        {
            "logs the SQL and returns what the function returns": "returned 7 rows, and the caller got None",
            ARGUMENTS: 'limit=7), raised TypeError: can only concatenate str (not "int") to str',
            OWN[0]: "returned None: @log_queries drops what the function returns",
        },
    ),
    Case(
        "it returns some of the rows",
        0,
        decorator(0, "print(args, kwargs)\nreturn func(*args, **kwargs)[:2]"),
        {
            "logs the SQL and returns what the function returns": "got [('User1',), ('User2',)]",
            EVERY_CALL: "TypeError: 'int' object is not subscriptable",
            OWN[0]: "should give [(1, 'User1', ",
        },
    ),
    Case(
        "a factory is used without a call",
        0,
        START
        + """
def log_queries():
    def decorator(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            print("took: 10 s", *args, *kwargs.values())
            return func(*args, **kwargs)
        return wrapper
    return decorator
"""
        + DECORATED[0],
        {BY_ITSELF: "TypeError: log_queries() takes 0 positional", BARE: "@log_queries(...) does"},
        ("logs how long it took",),
    ),
    Case(
        "it finds the parameter query, and works with parentheses and without",
        0,
        START
        + """
import inspect
def log_queries(func=None):
    if func is None:
        return log_queries
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        given, start = inspect.signature(func).bind_partial(*args, **kwargs).arguments, time.time()
        print(time.strftime("%H:%M"), given.get("query"))
        try:
            rows = func(*args, **kwargs)
            print(f"returned {rows} after {time.time() - start:.2f} seconds")
            return rows
        except Exception as error:
            print("failed:", type(error).__name__)
            raise
    return wrapper
"""
        + DECORATED[0].replace("@log_queries", "@log_queries()"),
        {},
        tuple(USUAL[0]),
    ),
    Case(
        "its rows and the date are no duration, the first text is its SQL, and it needs parentheses",
        0,
        START
        + """
def log_queries():
    def decorator(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            texts = [value for value in (*args, *kwargs.values()) if isinstance(value, str)]
            print("execution time:", time.time(), texts[:1])
            rows = func(*args, **kwargs)
            print(f"returned {len(rows) if type(rows) is list else 0} rows")
            return rows
        return wrapper
    return decorator
"""
        + DECORATED[0].replace("@log_queries", "@log_queries()"),
        {
            BEHIND: "fetch_all_users('User1', 'SELECT ...') logged",
            BARE: "@log_queries without parentheses, as in the exercise, does not work",
        },
        ("logs when it was",),
    ),
    Case(
        "it takes the query and nothing else",
        0,
        decorator(0, "print(query)\nreturn func(query)", "query"),
        {
            ARGUMENTS: "7), was refused by the wrapper: TypeError: it takes 1 positional",
        },
    ),
    Case(
        "bound arguments, and nothing above the function",
        0,
        decorator(
            0,
            """
            from inspect import signature
            print(signature(func).bind(*args, **kwargs).arguments["query"])
            return func(*args, **kwargs)
            """,
        ).replace("@log_queries", ""),
        {
            OWN[0]: "logged nothing: is @log_queries",
            ARGUMENTS: "a call of a function without arguments raised KeyError: 'query'",
        },
    ),
    Case(
        "the function itself makes an empty list of an error",
        0,
        decorator(
            0,
            """
            start, query = time.time(), kwargs.get("query") or args[0]
            try:
                return func(*args, **kwargs)
            except sqlite3.Error as error:
                logging.error("%s failed: %s", query, error)
                raise
            finally:
                print(time.strftime("%H:%M"), query, f"took {time.time() - start:.3f} s")
            """,
        ).replace(
            DECORATED[0],
            """
@log_queries
def fetch_all_users(query):
    with closing(sqlite3.connect("users.db")) as conn:
        try:
            return conn.execute(query).fetchall()
        except sqlite3.Error:
            return []
""",
        ),
        {
            "logs a failure, and lets it through": "fetch_all_users with all its decorators gave [] instead",
            BEHIND: "<sqlite3.Connection object>",
            ARGUMENTS: "a call of a function without arguments raised IndexError: tuple index out of range",
        },
        tuple(USUAL[0][:2]),
    ),
    Case(
        "the function leaves closing to a with block of the connection",
        0,
        decorator(0, "print(args, kwargs)\nreturn func(*args, **kwargs)").replace(
            'with closing(sqlite3.connect("users.db")) as', 'with sqlite3.connect("users.db") as'
        ),
        {OWN[0]: "fetch_all_users left its connection open"},
    ),
    Case(
        "without a query nothing is run",
        0,
        decorator(
            0,
            """
            query = kwargs.get("query") or (args[0] if args else None)
            if query:
                print(query)
                return func(*args, **kwargs)
            """,
        ),
        {
            BY_POSITION: "in place of query='SELECT ...' raised no error, and did not run the function",
            BEHIND: "<sqlite3.Connection object>",
        },
    ),
    Case(
        "only SELECT is run",
        0,
        decorator(
            0,
            """
            query = kwargs.get("query") or args[0]
            print(query, [datetime.datetime.now()])
            return func(*args, **kwargs) if query.startswith("SELECT") else None
            """,
            before="import datetime\n",
        ),
        {
            "logs when it was": "(...): 'SELECT name FROM users ORDER BY id [datetime.datetime(...)]'",
            BY_POSITION: "a call with a statement that is no SELECT raised no error, and did not run",
            BEHIND: "'sqlite3.Connection' object has no attribute 'startswith'",
            ARGUMENTS: "a call of a function without arguments raised IndexError: tuple index out of range",
        },
    ),
    Case(
        "by position nothing is run, which is said by a print",
        0,
        decorator(0, 'print(*kwargs.values())\nif "query" in kwargs:\n    return func(*args, **kwargs)'),
        {
            BY_POSITION: "by position raised no error, and did not run the function at all",
        },
    ),
    Case(
        "without a query nothing is logged, a wrong one is refused, and one connection is kept for all calls",
        0,
        decorator(
            0,
            """
            query = kwargs.get("query") or (args[0] if args else None)
            if "sql" in kwargs:
                raise ValueError("it is called query")
            if query:
                print(query)
            return func(*args, **kwargs)
            """,
        )
        .replace(
            """    with closing(sqlite3.connect("users.db")) as conn:
        return conn""",
            """    if not hasattr(common, "conn"):
        common.conn = sqlite3.connect("users.db")
    return common.conn""",
        )
        .replace("@log_queries", "common = type('Common', (), {})\n@log_queries"),
        {
            BEHIND: "<sqlite3.Connection object>",
            EVERY_CALL: "a function without SQL, count_users(), was not logged at all",
        },
    ),
    Case(
        "its close has no parentheses, and a blank is the format of its time",
        0,
        decorator(
            0,
            """
            print(print(f"{datetime.now(): } query", datetime, *args, *kwargs.values()))
            return func(*args, **kwargs)
            """,
            before="from datetime import datetime\n",
        ).replace(
            """    with closing(sqlite3.connect("users.db")) as conn:
        return conn.execute(query).fetchall()""",
            """    conn = sqlite3.connect("users.db")
    rows = conn.execute(query).fetchall()
    conn.close
    return rows""",
        ),
        {OWN[0]: "left its connection open: in line 17 .close has no parentheses after it"},
    ),
    Case(
        "the function opens another connection, and leaves it open",
        1,
        decorator(
            1, 'with closing(sqlite3.connect("users.db")) as conn:\n    return func(conn, *args, **kwargs)'
        ).replace("return conn.execute", 'return sqlite3.connect("users.db").execute'),
        {OWN[1]: "get_user_by_id left a connection open, besides the one that it is given"},
    ),
    Case(
        "it connects within the try whose finally closes, and imports what it does not need",
        1,
        "import mysql.connector\n"
        + decorator(
            1,
            """
            try:
                conn = sqlite3.connect("users.db")
                return func(conn, *args, **kwargs)
            finally:
                conn.close()
            """,
        ),
        {"the error of the function reaches the caller": "that cannot be opened: the caller got Unbound"},
    ),
    Case(
        "nobody hears of a close() that fails, and the row is dropped",
        1,
        decorator(
            1,
            """
            conn = sqlite3.connect("users.db")
            try:
                func(conn, *args, **kwargs)
            finally:
                try:
                    conn.close()
                except Exception as error:
                    logging.debug("%s", error)
            """,
        ),
        {
            "passes a connection, and returns what the function returns": "the caller got None",
            OWN[1]: "get_user_by_id(user_id=2) returned None: @with_db_connection drops what",
            "the error of the function reaches the caller": "swallowed the error of a close() that failed",
        },
        (LAZY,),
    ),
    Case(
        "close has no parentheses",
        1,
        decorator(
            1, 'conn = sqlite3.connect("users.db")\nrow = func(conn, *args, **kwargs)\nconn.close\nreturn row'
        ),
        {
            "the connection is closed afterwards": "still open: in line 10 .close has no parentheses",
            "the connection is closed also when the function fails": "after a call that raised KeyError",
        },
        (LAZY,),
    ),
    Case(
        "the connection is left to a with block, and the query made of an f-string",
        1,
        decorator(
            1, 'with sqlite3.connect("users.db") as conn:\n    return func(conn, *args, **kwargs)'
        ).replace(
            '"SELECT * FROM users WHERE id = ?", (user_id,)',
            '"SELECT * FROM users WHERE id = " + str(user_id)',
        ),
        {
            "the connection is closed afterwards": "after the call the connection was still open",
            "the connection is closed also when the function fails": "after a call that raised KeyError",
            "values reach the SQL as parameters": "text of the SQL: SELECT * FROM users WHERE id = {}",
        },
        (LAZY,),
    ),
    Case(
        "a fixed signature, and a close that is never reached",
        1,
        decorator(
            1,
            'conn = sqlite3.connect("users.db")\nreturn func(conn, user_id)\nconn.close()',
            "user_id",
        ),
        {
            "the connection is closed afterwards": "open: conn.close() in line 10 comes after a return",
            "the connection is closed also when the function fails": "after a call that raised KeyError",
            ARGUMENTS: "called as get_users(), was refused by the wrapper: TypeError",
        },
        (LAZY,),
    ),
    Case(
        "only what is passed by name arrives, and nothing comes back",
        1,
        decorator(1, 'with closing(sqlite3.connect("users.db")) as conn:\n    func(conn, **kwargs)'),
        {
            "passes a connection, and returns what the function returns": "the caller got None",
            OWN[1]: "get_user_by_id(user_id=2) returned None",
            ARGUMENTS: "get_user_by_id(2) raised TypeError",
        },
        (LAZY,),
    ),
    Case(
        "it closes what is not its own",
        2,
        decorator(
            2,
            """
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Exception:
                conn.rollback()
                raise
            finally:
                conn.close()
            """,
            CONN,
        ),
        {AS_IT_WAS: "it closed the connection that it was given"},
        tuple(USUAL[2][:2]),
    ),
    Case(
        "it works on a connection of its own, and replaces the error",
        2,
        decorator(
            2,
            """
            conn = sqlite3.connect("users.db", timeout=0)
            try:
                func(conn, *args, **kwargs)
                conn.commit()
            except Exception as error:
                conn.rollback()
                raise RuntimeError("not done") from error
            finally:
                conn.close()
            """,
            CONN,
        ),
        {
            "the function works on the connection that the caller passed": "was given another connection",
            "the error reaches the caller": "the caller got RuntimeError instead: not done",
            "the caller gets what the function returns": "expected returned, got None",
        },
        ("a failure outside undoes the inner work too",),
    ),
    Case(
        "it begins, and so cannot be nested",
        2,
        decorator(
            2,
            """
            conn.execute("BEGIN")
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Exception:
                conn.rollback()
                raise
            """,
            CONN,
        ),
        {},
        ("a failure outside undoes the inner work too",),
    ),
    Case(
        "it changes how the connection commits, for good",
        2,
        decorator(
            2,
            """
            conn.isolation_level = None
            if not conn.in_transaction:
                conn.execute("BEGIN")
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Exception:
                conn.rollback()
                raise
            """,
            CONN,
        ),
        {AS_IT_WAS: "the isolation_level of the caller's connection was '', and afterwards None"},
        ("a failure inside undoes only the inner work",),
    ),
    Case(
        "it changes the rows of the connection, and only a success takes that back",
        2,
        decorator(
            2,
            """
            conn.row_factory = sqlite3.Row
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                conn.row_factory = None
                return result
            except Exception:
                conn.rollback()
                raise
            """,
            CONN,
        ),
        {AS_IT_WAS: "the row_factory of the caller's connection was None and the function raised, and after"},
    ),
    Case(
        "it changes the connection as long as the function runs, and leaks nothing",
        2,
        decorator(
            2,
            """
            before, conn.row_factory = conn.row_factory, sqlite3.Row
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Exception:
                conn.rollback()
                raise
            finally:
                conn.row_factory = before
            """,
            CONN,
        ),
    ),
    Case(
        "the decorator above it leaks what fails, and its savepoint is never released then",
        2,
        decorator(
            2,
            """
            conn.execute("SAVEPOINT work")
            try:
                result = func(conn, *args, **kwargs)
                conn.execute("RELEASE work")
                return result
            except Exception:
                conn.execute("ROLLBACK TO work")
                raise
            """,
            CONN,
        ).replace(WITH_CONNECTION, LEAKING),
        {
            AS_IT_WAS: "what it wrote was undone; but its transaction stays open, and nobody else can write",
            OWN[2]: "update_user_email, when its query failed, left its connection open",
            NAME: "of update_user_email below @with_db_connection and @transactional: expected",
        },
        ("a failure outside undoes the inner work too",),
    ),
    Case(
        "it commits what fails",
        2,
        decorator(2, "try:\n    return func(conn, *args, **kwargs)\nfinally:\n    conn.commit()", CONN),
        {"what the function wrote is undone when it raises": "email was new@mail.test, and not user1"},
        tuple(USUAL[2]),
    ),
    Case(
        "the connection comes by name only",
        2,
        decorator(
            2,
            """
            conn = kwargs.get("conn")
            if conn is None:
                raise ValueError("no connection")
            try:
                result = func(*args, **kwargs)
                conn.commit()
                return result
            except Exception:
                conn.rollback()
                raise
            """,
        ).replace("func(conn, *args, **kwargs)", "func(*args, conn=conn, **kwargs)"),
        {"the function works on the connection that the caller passed": "by position it raised ValueError"},
    ),
    Case(
        "a fixed signature, and a function that commits by a helper and prints what it writes",
        2,
        decorator(2, TRANSACTION.replace("*args, **kwargs", "user_id, new_email"), "conn, user_id, new_email")
        .replace(
            "    conn.execute",
            "    print('new:', new_email)\n    save(conn, user_id, new_email)\n\n"
            "def save(conn, user_id, new_email):\n  with conn:\n    conn.execute",
        )
        .replace(CALL_2, "")
        + CALL_2,
        {
            ARGUMENTS: "was refused by the wrapper: TypeError: it is missing 2",
            "update_user_email leaves the commit to @transactional": "update_user_email commits before it",
            "the values that are written stay out of what is printed": "new: private.address@mail.test",
        },
    ),
    Case(
        "it connects in the try, closes only after errors of SQLite, and prints the id alone",
        2,
        decorator(2, TRANSACTION, CONN)
        .replace(WITH_CONNECTION, CLOSES_AFTER_SQLITE.replace("close()\n        return result", "close()"))
        .replace("    conn.execute", "    print('user', user_id)\n    conn.execute"),
        {
            OWN[2]: "update_user_email, when an error that is not SQLite's ended it, left its connection",
            "the caller gets what the function returns": "below @with_db_connection, a function returned",
            "the error reaches the caller": "when the database cannot be opened, update_user_email with all",
        },
    ),
    Case(
        "rollback has no parentheses",
        2,
        decorator(
            2,
            """
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Exception:
                conn.rollback
                raise
            """,
            CONN,
        ),
        {"what the function wrote is undone when it raises": "still there: in line 21 .rollback has no"},
        tuple(USUAL[2]),
    ),
    Case(
        "the exception is misspelt",
        2,
        decorator(
            2,
            """
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Eception:
                conn.rollback()
                raise
            """,
            CONN,
        ),
        {
            "what the function wrote is undone when it raises": "instead of the rollback came NameError",
            "the error reaches the caller": "the caller got NameError instead",
        },
        tuple(USUAL[2]),
    ),
    Case(
        "the decorator above it ends the error",
        2,
        decorator(
            2,
            """
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Exception:
                conn.rollback()
                raise
            """,
            CONN,
        ).replace(WITH_CONNECTION, FORGIVING),
        {"the error reaches the caller": "update_user_email with all its decorators gave None instead"},
    ),
    Case(
        "it never commits",
        2,
        decorator(2, "return func(conn, *args, *kwargs)", CONN),
        {
            ARGUMENTS: "limit=7): expected (7, 'id'), got ('limit', 'id')",
            "what the function wrote is committed when it returns": "email was user1@mail.test, as before",
            "what the function wrote is undone when it raises": "; nothing undid that, and the next commit "
            "on the same connection wrote it: afterwards the email was new@mail.test, and not user1",
            OWN[2]: "returned: @transactional has not committed it, as above",
        },
        tuple(USUAL[2]),
    ),
    Case(
        "it commits on a connection of its own",
        2,
        decorator(2, f"conn = sqlite3.connect('users.db'){TRANSACTION}".replace("func(conn, ", "func(")),
        {
            "what the function wrote is committed when it returns": "opens a connection of its own",
            "what the function wrote is undone when it raises": "commit on the same connection wrote it: ",
            OWN[2]: "returned: @transactional has not committed it, as above",
        },
        tuple(USUAL[2]),
    ),
    Case(
        "savepoints, and only errors of the database",
        2,
        decorator(
            2,
            """
            begins = not conn.in_transaction
            conn.execute("BEGIN" if begins else "SAVEPOINT inner")
            try:
                result = func(conn, *args, **kwargs)
            except sqlite3.Error:
                conn.execute("ROLLBACK" if begins else "ROLLBACK TO inner")
                raise
            finally:
                if conn.in_transaction:
                    conn.execute("COMMIT" if begins else "RELEASE inner")
            return result
            """,
            CONN,
        ),
        {"what the function wrote is undone when it raises": "an error of the database it was undone"},
        tuple(USUAL[2]),
    ),
    Case(
        "it goes on after a success, and sleeps as long as it likes",
        3,
        decorator(
            3,
            """
            last = None
            for turn in range(retries):
                try:
                    result, last = func(*args, **kwargs), None
                except Exception as error:
                    last = error
                    if turn < retries - 1:
                        time.sleep(1)
            if last:
                raise last
            return result
            """,
        ),
        {
            "it stops at the first success": "a function that works at once: expected 1, got 3",
            "it waits before each new call, as long as delay says": "it waited just as long: 1 and 1 seconds",
        },
    ),
    Case(
        "it tries again at once, and drops the result",
        3,
        decorator(
            3,
            """
            for turn in range(retries):
                try:
                    func(*args, **kwargs)
                    return
                except Exception as error:
                    last = error
            raise last
            """,
        ),
        {
            "a function that fails twice and then works is called three times": "the caller got None",
            "it waits before each new call, as long as delay says": "pauses between 3 calls: expected 2, got",
            OWN[3]: "fetch_users_with_retry() returned None",
        },
        ("the pauses grow",),
    ),
    Case(
        "it never tries again, pauses all the same, and asks for some users",
        3,
        decorator(
            3, "try:\n    return func(*args, **kwargs)\nexcept Exception:\n    time.sleep(delay)\n    raise"
        ).replace("FROM users", "FROM users LIMIT 10"),
        {
            "a function that fails twice and then works is called three times": "OperationalError",
            "it gives up in the end": "a function that always fails was called once, not 3 or 4 times",
        },
        tuple(USUAL[3]),
    ),
    Case(
        "it never gives up",
        3,
        decorator(
            3,
            """
            while True:
                try:
                    return func(*args, **kwargs)
                except sqlite3.OperationalError:
                    time.sleep(delay)
            """,
        ),
        {
            "it gives up in the end": "fails is called again and again: it never gives up",
            "only what can pass by itself is tried again": "user was called again and again, not once",
        },
        ("the pauses grow",),
    ),
    Case(
        "its decorator has no parentheses",
        3,
        decorator(3, ONCE_MORE).replace("@retry_on_failure(retries=3, delay=1)", "@retry_on_failure"),
        {
            OWN[3]: "gave a function and not its result: @retry_on_failure above it has no parentheses",
            NAME: "expected fetch_users_with_retry, got decorator",
        },
    ),
    Case(
        "its pauses differ, and do not grow",
        3,
        decorator(
            3,
            "import random\n"
            + ONCE_MORE.strip("\n")
            .replace(
                "return func(*args, **kwargs)",
                "if not turn:\n            return func(*args, **kwargs)\n"
                "        with closing(sqlite3.connect('users.db')) as conn:\n"
                "            return func(conn, *args[1:], **kwargs)",
            )
            .replace(
                "time.sleep(delay)",
                "print(f'failed, and attempt {turn + 2} comes')\n        time.sleep(delay + random.random())",
            ),
        )
        + "with closing(sqlite3.connect('users.db')) as conn, conn:\n"
        "    conn.execute(\"UPDATE users SET name = 'User2' WHERE id = 2\")\n",
        {
            "the pauses grow": "the last ones were on average no longer than the first",
            ARGUMENTS: "what it wrote is lost, for the second call got another connection",
        },
    ),
    Case(
        "its pauses are random, and grow up to a limit, and its first failure is number 2 of 4",
        3,
        decorator(
            3,
            """
            import random
            for turn in range(retries + 1):
                try:
                    return func(*args, **kwargs)
                except Exception as error:
                    print(f"Attempt: {turn + 2}, Error: {error}")
                    if turn == retries:
                        raise
                    time.sleep(random.uniform(0, delay * min(4, 2 ** turn)))
            """,
        ),
        {},
        ("the pauses grow",),
    ),
    Case(
        "nothing gives the function its connection",
        3,
        decorator(3, ONCE_MORE).replace("@with_db_connection\n", ""),
        {BY_ITSELF: "missing 1 required positional", OWN[3]: "fetch_users_with_retry() raised TypeError"},
    ),
    Case(
        "its author gives the function a connection",
        3,
        decorator(3, ONCE_MORE)
        .replace("@with_db_connection\n", "")
        .replace("fetch_users_with_retry()", "fetch_users_with_retry(sqlite3.connect('users.db'))"),
    ),
    Case(
        "the stars are missing",
        3,
        decorator(3, ONCE_MORE.replace("func(*args, **kwargs)", "func(args, kwargs)")),
        {
            BY_ITSELF: "takes 1 positional argument but 2 were given",
            OWN[3]: "takes 1 positional argument but 2 were given",
            "the arguments of the function reach it": "in a call the function got a tuple as its connection",
        },
    ),
    Case(
        "the decorator above it leaks what fails in the end",
        3,
        decorator(3, ONCE_MORE).replace(WITH_CONNECTION, LEAKING),
        {
            OWN[3]: "fetch_users_with_retry, when its query failed, left its connection open",
            NAME: "of fetch_users_with_retry below @with_db_connection and @retry_on_failure: expected",
        },
    ),
    Case(
        "nothing is above the function that is to be tried again",
        3,
        decorator(3, ONCE_MORE).replace("@retry_on_failure(retries=3, delay=1)\n", ""),
        {
            "fetch_users_with_retry is tried again when the database is locked": "and did not try again",
        },
    ),
    Case(
        "its first turn comes at once, its last pause for nothing, and the error is lost on the way",
        3,
        decorator(
            3,
            """
            try:
                return func(conn)
            except sqlite3.Error:
                for turn in range(retries):
                    try:
                        return func(conn)
                    except sqlite3.Error as error:
                        last = error
                        time.sleep(delay)
                return last
            """,
            "conn",
        ).replace("SELECT * FROM users", "SELECT * FROM user"),
        {
            "it gives up in the end": "the last error was returned to the caller, not raised",
            "it waits before each new call, as long as delay says": "pauses between 3 calls: expected 2,",
            OWN[3]: "gave OperationalError('no such table: user')",
            "the arguments of the function reach it": "a call with 7 raised TypeError",
            "it does not wait after the last failure": "4 calls that failed had 3 pauses, one after the last",
        },
    ),
    Case(
        "only errors of the database are tried again, but all of those that are operational",
        3,
        decorator(3, ONCE_MORE.replace("Exception", "sqlite3.OperationalError")),
        {"only what can pass by itself is tried again": "OperationalError: no such table: user was called 3"},
    ),
    Case(
        "the decorator above it ends the error that is left in the end",
        3,
        decorator(3, ONCE_MORE).replace(WITH_CONNECTION, FORGIVING),
        {"the error that is raised in the end is the last one itself": "all its decorators gave None"},
    ),
    Case(
        "the error of its own query is ended by a decorator",
        3,
        decorator(3, ONCE_MORE).replace(WITH_CONNECTION, FORGIVING).replace("* FROM users", "* FROM user"),
        {
            BY_ITSELF: "python3 3-retry_on_failure.py ran no query, and printed: no such table: user",
            OWN[3]: "without its decorators it raises Operational",
            "the error that is raised in the end is the last one itself": "all its decorators gave None",
        },
    ),
    Case(
        "by position the connection is the question",
        4,
        decorator(
            4,
            """
            query = kwargs.get("query", args[0])
            if query not in query_cache:
                query_cache[query] = func(*args, **kwargs)
            return query_cache[query]
            """,
            before=DICT,
        ),
        {KEY_BY_POSITION: "expected [('User3',)]"},
    ),
    Case(
        "the connection is the question",
        4,
        decorator(
            4,
            """
            if args[0] not in query_cache:
                query_cache[args[0]] = func(*args, **kwargs)
            return query_cache[args[0]]
            """,
            before=DICT,
        ),
        {
            "the same query is answered from memory the second time": "the second call had a new connection",
            "another query is not answered with the first one's rows": "rows of another query: expected",
        },
    ),
    Case(
        "the first word is the question",
        4,
        decorator(
            4,
            f"""
            word = query.split()[0]
            if word not in query_cache:
                {ASK.replace("[query]", "[word]")}
            return query_cache[word]
            """,
            SINGLE,
            DICT,
        ).replace("\nfetch_users", "\nif __name__ == '__main__':\n    fetch_users"),
        {
            "another query is not answered with the first one's rows": "rows of another query: expected",
        },
        (GROWS,),
    ),
    Case(
        "the decorator above it ends the error of a query, and by position SQL is what has SELECT in it",
        4,
        decorator(
            4,
            """
            query = kwargs.get("query") or next((text for text in args[1:] if "SELECT" in str(text)), None)
            if query is None:
                return func(*args, **kwargs)
            if query not in query_cache:
                query_cache[query] = func(*args, **kwargs)
            return query_cache[query]
            """,
            before=DICT,
        ).replace(WITH_CONNECTION, FORGIVING),
        {"the error of a query reaches the caller": "all its decorators gave None"},
    ),
    Case(
        "by position nothing is kept, and the query is printed",
        4,
        decorator(
            4,
            """
            query = kwargs.get("query") or (args[0] if isinstance(args[0], str) else None)
            print("asked for", query)
            if query is None:
                return func(*args, **kwargs)
            if query not in query_cache:
                query_cache[query] = func(*args, **kwargs)
            return query_cache[query]
            """,
            before=DICT,
        ),
        {KEY_BY_POSITION: "the same query by position asked the database again"},
    ),
    Case(
        "it looks in memory, and behind the query is its key",
        4,
        decorator(
            4,
            f"""
            key = args[-1] if args else query
            if key not in query_cache:
                {ASK.replace("[query]", "[key]")}
            return query_cache[key]
            """,
            SINGLE,
            DICT,
        ).replace(
            '"users.db")) as conn:',
            '":memory:")) as conn:\n            conn.execute("CREATE TABLE users (id)")',
        ),
        {
            OWN[4]: "gave [], from a database in memory",
            KEY_BY_POSITION: "rows of another query by position, with the same parameter behind it: expected",
        },
    ),
    Case(
        "every query by position has the key None, and its demo asks a table of its own",
        4,
        decorator(
            4,
            """
            query = kwargs.get("query")
            if query not in query_cache:
                query_cache[query] = func(*args, **kwargs)
            return query_cache[query]
            """,
            before=DICT + OWN_TABLE,
        ),
        {
            KEY_BY_POSITION: "expected [('User3',)]",
            "the parameters belong to the question": "rows with the parameter 2, after those for 1: expected",
        },
    ),
    Case(
        "an endless cache of bytes, with a wrapper that takes no parameters",
        4,
        decorator(
            4,
            """
            import pickle
            if query not in query_cache:
                query_cache[query] = pickle.dumps(func(conn, query))
            return pickle.loads(query_cache[query])
            """,
            "conn, query",
            DICT,
        ),
        {"the parameters belong to the question": "the wrapper takes only the connection and the query"},
        ("nobody can change somebody else's rows",),
    ),
    Case(
        "None is asked for again, and a caller's error is an empty list",
        4,
        decorator(
            4,
            f"""
            if query_cache.get(query) is not None:
                return query_cache[query]
            try:
                {ASK}
            except sqlite3.Error:
                return []
            return query_cache[query]
            """,
            SINGLE,
            DICT,
        ),
        {
            "an empty answer is an answer": "queries for two equal calls that get None: expected 1, got 2",
            "the error of a query reaches the caller": "a query that fails: the caller got [] instead",
        },
    ),
    Case(
        "the connection is part of the question, so that no answer is found again",
        4,
        decorator(
            4,
            """
            key = (args, *kwargs.values())
            if key not in query_cache:
                query_cache[key] = func(*args, **kwargs)
            return query_cache[key]
            """,
            before=DICT,
        ),
        {
            "the same query is answered from memory the second time": "the second call had a new connection",
        },
        ("the parameters belong to the question",),
    ),
    Case(
        "it prints all of itself",
        4,
        decorator(
            4,
            f"""
            from pprint import pprint
            pprint(query_cache)
            print(query_cache)
            if query not in query_cache:
                {ASK}
            return query_cache[query]
            """,
            SINGLE,
            DICT,
        ),
        {
            GROWS: "after 1200 different queries all 1200 answers were in memory",
            UNPRINTED: "cache_query prints or logs rows",
        },
    ),
    Case(
        "it prints all of itself, which is not much, and the decorator above it leaks, and passes a name",
        4,
        decorator(
            4,
            f"""
            if query not in query_cache:
                {ASK}
            if len(query_cache) > 1000:
                del query_cache[next(iter(query_cache))]
            logging.info("so far: %s", query_cache)
            print(query_cache)
            return query_cache[query]
            """,
            SINGLE,
            DICT,
        ).replace(WITH_CONNECTION, LEAKING.replace("conn, *args", "*args, conn=conn")),
        {
            OWN[4]: "fetch_users_with_cache, when its query failed, left its connection open",
            NAME: "of fetch_users_with_cache below @with_db_connection and @cache_query: expected",
            KEY_BY_POSITION: "called as get_users(7), raised TypeError: get_users() got multiple values for",
            UNPRINTED: "cache_query prints or logs rows",
        },
        (GROWS,),
    ),
    Case(
        "without a query nothing is run, and nothing kept",
        4,
        decorator(
            4,
            """
            query = kwargs.get("query") or (args[0] if args else None)
            if query and query not in query_cache:
                query_cache[query] = func(conn, *args, **kwargs)
            return query_cache.get(query)
            """,
            CONN,
            DICT,
        ),
        {KEY_BY_POSITION: "raised no error, and did not"},
    ),
    Case(
        "nothing is above the function that is to be cached, and the connection decorator wants its query",
        4,
        decorator(
            4,
            """
            key = [value for value in args[1:] if type(value) is not int], repr(kwargs)
            if repr(key) not in query_cache:
                query_cache[repr(key)] = func(*args, **kwargs)
            return query_cache[repr(key)]
            """,
            before=DICT,
        )
        .replace("@cache_query\n", "")
        .replace("        with closing", "        kwargs['query']\n        with closing", 1),
        {
            OWN[4]: "is @cache_query above",
            "the parameters belong to the question": "a call with 1 and 2 behind the query got one answer",
        },
    ),
    Case(
        "it hides the errors of close(), and takes args[1] for granted",
        4,
        decorator(
            4,
            """
            query = kwargs["query"] if "query" in kwargs else args[1]
            if query not in query_cache:
                query_cache[query] = func(*args, **kwargs)
            return query_cache[query]
            """,
            before=DICT,
        ).replace(
            WITH_CONNECTION,
            WITH_CONNECTION.replace(
                """        with closing(sqlite3.connect("users.db")) as conn:
            return func(conn, *args, **kwargs)
""",
                """        conn = sqlite3.connect("users.db")
        try:
            return func(conn, *args, **kwargs)
        finally:
            try:
                conn.close()
            except Exception:
                pass
""",
            ),
        ),
        {
            "the error of a query reaches the caller": "swallowed the error of a close() that failed",
            KEY_BY_POSITION: "a call of a function that takes the connection only raised IndexError",
        },
    ),
    Case(
        "the connection decorator returns nothing",
        2,
        decorator(2, TRANSACTION, CONN).replace(
            WITH_CONNECTION, WITH_CONNECTION.replace("    return wrapper", "        return wrapper")
        ),
        {
            OWN[2]: "update_user_email is None: @with_db_connection above it returned nothing",
            BY_ITSELF: "'NoneType' object is not callable",
        },
    ),
    Case(
        "the connection decorator loses the names of arguments",
        3,
        decorator(3, ONCE_MORE).replace(
            WITH_CONNECTION, WITH_CONNECTION.replace("conn, *args, **kwargs", "conn, *args, *kwargs")
        ),
        {ARGUMENTS: "called as get_users(limit=7): expected (7, 'id'), got ('limit', 'id')"},
    ),
    Case(
        "the error of its own update is printed, and its column is none of the exercise",
        2,
        decorator(
            2,
            """
            try:
                result = func(conn, *args, **kwargs)
                conn.commit()
                return result
            except Exception as error:
                conn.rollback()
                print(error)
            """,
            CONN,
        ).replace("WHERE id", "WHERE user_id"),
        {
            OWN[2]: "returned, and printed 'no such column: user_id': afterwards the email was user1@mail",
            BY_ITSELF: "no such column: user_id",
            "the error reaches the caller": "the caller got None instead of the error",
        },
    ),
    Case(
        "it prints the arguments of a call whose SQL it does not find",
        4,
        decorator(
            4,
            """
            query = kwargs.get("query")
            if query is None:
                print("no query in", args)
                logging.debug("no query: ", args)
                time.sleep(2)
                return func(*args, **kwargs)
            if query not in query_cache:
                query_cache[query] = func(*args, **kwargs)
            return query_cache[query]
            """,
            before=DICT,
        ),
        {
            KEY_BY_POSITION: "the same query by position asked the database again",
            UNPRINTED: "private.address@mail.test",
        },
    ),
]


NEVER_CALLS = (
    "the decorator never calls the function below it",
    "let the wrapper call func(...), and return what it returns",
)
# A solution that cannot do its work: number, text, the sentence that says so once, and the hint.
STOPPED = [
    (
        1,
        decorator(1, "return func(*args, **kwargs)").replace("return wrapper", ""),
        "@with_db_connection made None of the function",
        "return the wrapper at the end of the decorator, indented as the def of the wrapper is",
    ),
    (
        1,
        decorator(1, "return func(*args, **kwargs)").replace("    return wrapper", "    return wrapper()"),
        "@with_db_connection raised TypeError: get_user_by_id() missing 2 required positional arguments: "
        "'conn' and 'user_id' (1-with_db_connection.py, line 8)",
        "in line 9 return wrapper without parentheses: it is called later",
    ),
    (
        0,
        decorator(0, "print(time.time(), args, kwargs)\nreturn func(*args, **kwargs)").replace(", time", ""),
        "a call with query='SELECT name FROM users ORDER BY id' raised NameError: name 'time' is not defined "
        "(0-log_queries.py, line 8)",
        "write `import time` at the top of the file",
    ),
    (
        1,
        decorator(1, "yield func(*args, **kwargs)"),
        "get_user_by_id(user_id=2) gave a generator: a function with a yield in it does not run before "
        "somebody asks for an item",
        "write return in the wrapper, and not yield",
    ),
    (
        3,
        decorator(3, ONCE_MORE).replace("return decorator", ""),
        "retry_on_failure(...) gave None instead of a decorator",
        "return the inner decorator at its end",
    ),
    (
        4,
        decorator(4, f"if query not in query_cache:\n    {ASK}", SINGLE, DICT),
        "the caller got None instead of the rows, the first time",
        "return the rows",
    ),
    (
        0,
        decorator(0, "if len(args) > 0:\n    return func(*args)\nprint(kwargs)"),
        "a call with query='SELECT name FROM users ORDER BY id' did not run the function at all",
        "call func(*args, **kwargs) in every case; an `if` may decide what is logged or kept",
    ),
    (0, decorator(0, "print(args, kwargs)"), *NEVER_CALLS),
    (1, decorator(1, 'sqlite3.connect("users.db").close()'), *NEVER_CALLS),
    (2, decorator(2, "conn.commit()", CONN), *NEVER_CALLS),
    (3, decorator(3, "for turn in range(retries):\n    time.sleep(delay)"), *NEVER_CALLS),
    (4, decorator(4, "return query_cache.get(query, [])", SINGLE, DICT), *NEVER_CALLS),
    (
        4,
        decorator(4, f"if not query_cache:\n    {ASK}\nreturn query_cache[[*query_cache][0]]", SINGLE, DICT),
        "a call with query='SELECT name FROM users WHERE id < 3 ORDER BY id' got the rows of another one, "
        "which the file itself had made",
        "make SQL and parameters the key, exactly as they are",
    ),
    (
        3,
        decorator(3, ONCE_MORE).replace("        @functools.wraps(func)", "        @functools.wraps"),
        "@retry_on_failure made a wrapper that is never called: @wraps above it lacks the function",
        "write @functools.wraps(func) above the wrapper",
    ),
    (
        4,
        decorator(4, "return func(*args, **kwargs)").replace(
            "functools.wraps(func)\n    def wrapper(*a", "functools.wraps()\n    def wrapper(*a"
        ),
        "@cache_query raised TypeError: wraps() missing 1 required positional argument: 'wrapped' "
        "(4-cache_query.py, line 14)",
        "write @functools.wraps(func) above the wrapper",
    ),
    (
        2,
        decorator(2, TRANSACTION),
        "a function that updates the email of user 1 raised NameError: name 'conn' is not defined "
        "(2-transactional.py, line 21); before that it raised NameError: name 'conn' is not defined "
        "(2-transactional.py, line 17)",
        "with_db_connection opens it; a wrapper below that gets it first: def wrapper(conn, *args, **kwargs)",
    ),
    (
        4,
        decorator(4, "return func(args, kwargs)"),
        "a call with query='SELECT name FROM users WHERE id < 3 ORDER BY id' raised AttributeError: 'tuple' "
        "object has no attribute 'execute' (4-cache_query.py, line 16)",
        "func(args, kwargs) passes a tuple and a dict: write func(*args, **kwargs)",
    ),
    (
        2,
        decorator(2, TRANSACTION, ""),
        "a function that updates the email of user 1: the wrapper of @transactional refused these arguments: "
        "TypeError: it takes 0 positional arguments but 3 were given",
        "ask only for what every caller passes, take the rest as *args and **kwargs, and pass all on to func",
    ),
    (
        2,
        decorator(2, "return func(conn, *args, **kwargs)", CONN).replace(WITH_CONNECTION, HIDING_MYSQL),
        "2-transactional.py uses MySQL; the exercise is about users.db in SQLite, and hides that it is not "
        "there: update_user_email(user_id=1, new_email='new@mail.test') gave None",
        "connect with sqlite3.connect('users.db')",
    ),
    (
        3,
        decorator(3, ONCE_MORE).replace(WITH_CONNECTION, MYSQL).replace("fetch_users_", "fetch_all_users_"),
        "3-retry_on_failure.py uses MySQL; the exercise is about users.db in SQLite",
        "connect with sqlite3.connect('users.db')",
    ),
    (
        4,
        "import asyncmy\n" + decorator(4, "return 1").replace("sqlite3", "asyncmy"),
        "4-cache_query.py imports 'asyncmy', so it is written for another database: MySQL",
        "the exercise is about SQLite, and is solved with sqlite3 or aiosqlite",
    ),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[Result]]:
    """The results of all cases and of those that stop, two of which are checked at the same time."""
    texts = {case.name: (case.number, case.text) for case in CASES}
    texts.update({f"stopped {n}": stop[:2] for n, stop in enumerate(STOPPED)})
    folder = tmp_path_factory.mktemp("cases")
    with ThreadPoolExecutor(2) as pool:
        return {name: pool.submit(checked, folder / str(n), *texts[name]) for n, name in enumerate(texts)}


@pytest.mark.parametrize("case", CASES, ids=[f"{case.number}: {case.name}" for case in CASES])
def test_exactly_the_faults_of_a_solution_are_named(case: Case, results: dict[str, Future[Result]]) -> None:
    result = results[case.name].result()
    assert result.state == "tried", text_of(result)
    found = faults(result)
    usual = [promise for promise in USUAL[case.number] if promise not in (*case.less, *case.found)]
    assert sorted(found) == sorted([*case.found, *usual]), text_of(result)
    for promise, part in case.found.items():
        assert part in found[promise]


@pytest.mark.parametrize(
    "name, hint",
    [
        (
            "it drops what the function returns",
            "put it into an f-string, f'... {value}', or write str(value)",
        ),
        ("only SELECT is run", "put the time itself into the line"),
        ("it never commits", "one star passes the names only: write func(*args, **kwargs)"),
        (
            "the connection is left to a with block, and the query made of an f-string",
            "it only commits or rolls back: close in a finally",
        ),
        (
            "a fixed signature, and a close that is never reached",
            "none but those in a finally: close it in one",
        ),
        ("it never gives up", "count the calls, as in `for attempt in range(retries)`"),
        ("its decorator has no parentheses", "write @retry_on_failure(...), with parentheses"),
        (
            "bound arguments, and nothing above the function",
            "'query' is not in all of them: ask `if 'query' in ...` first",
        ),
        (
            "savepoints, and only errors of the database",
            "roll back in `except Exception:`, for it may be any",
        ),
    ],
)
def test_the_advice_is_about_what_was_found(name: str, hint: str, results: dict[str, Future[Result]]) -> None:
    assert f"-> {hint}" in text_of(results[name].result())


@pytest.mark.parametrize(
    "name, promise, reason",
    [
        (
            "it closes what is not its own",
            "a failure outside undoes the inner work too",
            "the inner function closed the connection",
        ),
        (
            "the connection decorator returns nothing",
            "update_user_email leaves the commit to @transactional",
            "update_user_email is None",
        ),
        (
            "the connection decorator returns nothing",
            "the values that are written stay out of what is printed",
            "@transactional prints none of them; update_user_email could not be tried: update_user_email",
        ),
        (
            "the error of its own update is printed, and its column is none of the exercise",
            "the values that are written stay out of what is printed",
            "@transactional prints none of them; update_user_email could not be tried: it wrote nothing",
        ),
        ("it logs to a file", EVERY_CALL, "count_users() raised IndexError: tuple index out of range"),
        (
            "the connection is the question",
            "SQL is compared exactly",
            "another query gets the first one's rows",
        ),
        (
            "the first word is the question",
            "an empty answer is an answer",
            "another query gets the first one's rows",
        ),
        (
            "the folder of its log is missing, and no query by name is in it",
            OWN[0],
            "@log_queries logs no query that is passed by name; the users come, and nothing stays open",
        ),
        (
            "it never tries again, pauses all the same, and asks for some users",
            "fetch_users_with_retry is tried again when the database is locked",
            "it does not try again",
        ),
        (
            "it never tries again, pauses all the same, and asks for some users",
            "it does not wait after the last failure",
            "it does not try again",
        ),
        (
            "nothing gives the function its connection",
            "fetch_users_with_retry is tried again when the database is locked",
            "it does not work when nobody has locked the database, either",
        ),
        ("the first word is the question", GROWS, "of 1200 different queries 1200 got another one's answer"),
    ],
)
def test_what_cannot_be_told_is_not_tried_with_its_reason(
    name: str, promise: str, reason: str, results: dict[str, Future[Result]]
) -> None:
    (verdict,) = (v for v in results[name].result().verdicts if v.probe.promise == promise)
    assert verdict.outcome == NOT_TRIED
    assert verdict.sentence.startswith(reason)


@pytest.mark.parametrize(
    "name, promise",
    [
        ("bound arguments, and nothing above the function", BARE),
        ("it never gives up", BY_ITSELF),
        ("it never gives up", OWN[3]),
        ("nobody hears of a close() that fails, and the row is dropped", ARGUMENTS),
    ],
)
def test_what_another_fault_has_nothing_to_do_with_is_ok(
    name: str, promise: str, results: dict[str, Future[Result]]
) -> None:
    verdicts = results[name].result().verdicts
    assert [verdict.outcome for verdict in verdicts if verdict.probe.promise == promise] == [OK]


NOTED = [
    (
        "it connects within the try whose finally closes, and imports what it does not need",
        ["1-with_db_connection.py imports mysql.connector, which this exercise does not need: where that is"],
    ),
    (
        "it never tries again, pauses all the same, and asks for some users",
        ["fetch_users_with_retry() gave 10 of 157 users; in the exercise it gives all"],
    ),
    (
        "its close has no parentheses, and a blank is the format of its time",
        [
            "what @log_queries logs has a line that is only None: print(f()) shows what f returns",
            "@log_queries prints or logs <class 'datetime.datetime'>: write the parentheses of a call after",
        ],
    ),
    (
        "its pauses are random, and grow up to a limit, and its first failure is number 2 of 4",
        [
            "retries=3 makes 4 calls here: it does not count the first one, and others do",
            "what is printed about the first failure calls it number 2: Attempt: 2, Error: data",
        ],
    ),
    ("its pauses differ, and do not grow", []),
    (
        "the decorator above it ends the error of a query, and by position SQL is what has SELECT in it",
        ["the query 'PRAGMA table_info(users)' is answered from memory by name, and by position asks the"],
    ),
    (
        "nothing is above the function that is to be cached, and the connection decorator wants its query",
        [
            "@with_db_connection raised KeyError: 'query' (4-cache_query.py, line 9) for a call by position",
            "cache_query leaves the first argument out of its key, whatever it is",
        ],
    ),
    (
        "it prints the arguments of a call whose SQL it does not find",
        [
            "@cache_query sleeps in a call that works, 2 seconds",
            "line 20 of 4-cache_query.py logs a value beside 'no query: ', which has no place for it",
        ],
    ),
]


@pytest.mark.parametrize("name, wanted", NOTED, ids=[name for name, _ in NOTED])
def test_what_is_no_fault_and_strange_is_noted(
    name: str, wanted: list[str], results: dict[str, Future[Result]]
) -> None:
    notes = results[name].result().notes
    assert [part for part in wanted if not any(note.startswith(part) for note in notes)] == []
    assert wanted or notes == []


def test_a_decorator_that_wants_its_connection_by_name_works_without_parentheses(
    results: dict[str, Future[Result]],
) -> None:
    verdicts = results["the connection comes by name only"].result().verdicts
    assert [v.outcome for v in verdicts if v.probe.promise == BARE] == [OK]


def test_sound_decorators_in_other_shapes_work_as_asked() -> None:
    results = list(check(SOLUTIONS / "decorators_in_other_shapes", None, wanted_tasks(["decorators"])))
    for result in results:
        kept, promised = result.score(ASKED)
        assert kept == promised, text_of(result)
    untried = [v.probe.promise for result in results for v in result.verdicts if v.outcome == NOT_TRIED]
    assert untried == [BEHIND]
    assert [sorted(faults(result)) for result in results] == [
        sorted([ARGUMENTS, BARE]),
        sorted([LAZY, BARE]),
        sorted([ARGUMENTS, *USUAL[2]]),
        sorted(
            [
                "it is called retry_on_failure(retries=3, delay=2)",
                "the error that is raised in the end is the last one itself",
                *USUAL[3],
            ]
        ),
        ["an answer is never out of date", "two functions do not get each other's answers"],
    ]


CARELESS = [
    "'shop.db' is opened here; the database of the exercise is users.db",
    "fetch_all_users(query='SELECT * FROM users') returned None",
    "by position raised KeyError: 'query' (0-log_queries.py, line 7)",
    "the error of a query that failed did not reach the caller",
    "the log has the level INFO or DEBUG, which logging does not show unless it is told to",
    "':momory:' is opened here; the database of the exercise is users.db",
    "after a call that raised KeyError the connection was still open",
    "a function that raises OperationalError: the caller got None instead of the error",
    "a value is put into the text of the SQL: SELECT * FROM users WHERE id = {}",
    "raised NameError: name 'sqlite' is not defined (2-transactional.py, line 8)",
    "a function that raises IntegrityError halfway: the caller got None instead of the error",
    "the result through @transactional: expected returned, got None",
    "a transactional function that another one called could not write",
    "a transactional function called by another did not write",
    "a value is put into the text of the SQL: UPDATE users SET email = '{}' WHERE id = {}",
    "a function that always fails: the caller got None instead of the error",
    "with delay=1 and with delay=7 it waited just as long: 2 and 2 seconds",
    "the second time that it is used: expected 3, got 1",
    "fetch_users_with_retry() met a locked database, and did not try again",
    "the default of retries is 0; 3 is asked for",
    "3 calls that failed had 3 pauses, one after the last",
    "asked the database twice: is @cache_query above it?",
    "rows of another query by position: expected [('User3',)], got [('User1',), ('User2',)]",
    "a query that fails: the caller got [] instead of the error",
    "SELECT 'a b' after SELECT 'a b': expected [('a b',)], got [('a b',)]",
    "queries for two equal calls without rows: expected 1, got 2",
    "after 1200 different queries all 1200 answers were in memory",
]


def test_each_fault_of_careless_decorators_is_named() -> None:
    text = text_of(*check(SOLUTIONS / "careless_decorators", None, wanted_tasks(["decorators"])))
    assert [sentence for sentence in CARELESS if sentence not in text] == []
    assert "(2-transactional.py, line 8)" in text


@pytest.mark.parametrize("number", range(len(STOPPED)), ids=[f"{stop[0]}: {stop[2]}" for stop in STOPPED])
def test_what_leaves_nothing_else_to_try_is_told_once(
    number: int, results: dict[str, Future[Result]]
) -> None:
    result = results[f"stopped {number}"].result()
    assert result.state == "broken"
    assert (result.sentence, result.hint) == STOPPED[number][2:]
    assert [verdict.outcome for verdict in result.verdicts[1:]] == [NOT_TRIED] * (len(result.verdicts) - 1)


@pytest.mark.parametrize("way, overwrites", [("REPLACE", True), ("IGNORE", False)])
def test_a_script_that_overwrites_users_or_opens_another_database_is_noted(
    way: str, overwrites: bool, tmp_path: Path
) -> None:
    text = decorator(0, "print(kwargs)\nreturn func(*args, **kwargs)").replace(
        "@log_queries",
        f"""
with closing(sqlite3.connect("users.db")) as conn, conn:
    conn.execute("INSERT OR {way} INTO users (id, name, email) VALUES (1, 'Ann', 'ann@mail.test')")
@log_queries""",
    )
    other = "" if overwrites else "sqlite3.connect('shop.db').close()\n"
    notes = checked(tmp_path / "repo", 0, text + other).notes
    said = "python3 0-log_queries.py overwrites users.db: users that somebody had renamed got their old names"
    beside = "'shop.db' is opened here; the database of the exercise is users.db, which is opened as well"
    assert notes == ([f"{said} back"] if overwrites else [beside])


def test_what_a_file_does_beside_its_task_is_noted(tmp_path: Path) -> None:
    seeds = """
with closing(sqlite3.connect("users.db")) as conn, conn:
    conn.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT)")
    conn.execute("INSERT INTO users (name) VALUES ('Ann')")
"""
    text = decorator(0, "print(kwargs)\nreturn func(*args, **kwargs)")
    result = checked(tmp_path / "repo", 0, text.replace("\n@log_queries", f"{seeds}\n@log_queries"))
    again = (
        "python3 0-log_queries.py adds the same users each time it is run: Ann was there 1 time, and then 2 "
    )
    assert result.notes == [f"{again}times"]
    hides = decorator(2, TRANSACTION, CONN).replace(
        CALL_2, f"try:\n    {CALL_2}\nexcept Exception as e: print(e)"
    )
    (tmp_path / "repo" / FOLDER / file_name(2)).write_text(hides)
    (result,) = check(tmp_path / "repo", None, wanted_tasks(["decorators/2"]))
    assert result.notes == [
        "0-log_queries.py makes a table users without a column email, which exercise 2 needs",
        "when its database cannot be opened, python3 2-transactional.py only prints the error, and ends "
        "with exit status 0, as if all was well",
    ]
    (tmp_path / "repo" / FOLDER / file_name(2)).write_text(hides.replace("@with", f"{OWN_TABLE}\n@with", 1))
    (result,) = check(tmp_path / "repo", None, wanted_tasks(["decorators/2"]))
    assert not any("without a column" in note for note in result.notes)
    (tmp_path / "repo" / FOLDER / file_name(2)).write_text(hides)
    for others in (seeds.replace("users.db", ":memory:"), seeds.replace("\n", "\n# ")):
        (tmp_path / "repo" / FOLDER / file_name(0)).write_text(START + others)
        (result,) = check(tmp_path / "repo", None, wanted_tasks(["decorators/2"]))
        assert not any("without a column" in note for note in result.notes)


def test_errors_that_the_function_makes_up_for_every_caller_are_noted(tmp_path: Path) -> None:
    text = decorator(3, ONCE_MORE).replace(
        "    return conn.execute",
        """    calls.append(1)
    if len(calls) < 3:
        raise sqlite3.OperationalError("made up")
    return conn.execute""",
    )
    text = text.replace("\nfetch_users", "\nif __name__ == '__main__':\n    fetch_users")
    result = checked(tmp_path / "repo", 3, "calls = []\n" + text)
    assert result.score(ASKED) == (6, 6)
    assert result.notes == [
        "fetch_users_with_retry failed 2 times before it worked, with a database that was there: keep errors "
        "that are made up in a function of the demo"
    ]


def test_mysql_in_the_function_alone_is_said_in_these_words(tmp_path: Path) -> None:
    text = decorator(0, "print(args, kwargs)\nreturn func(*args, **kwargs)").replace(
        'sqlite3.connect("users.db")', 'mysql.connector.connect(database="users")'
    )
    found = faults(checked(tmp_path / "repo", 0, "import mysql.connector\n" + text))
    for promise in (
        OWN[0],
        BY_ITSELF,
    ):
        assert found[promise] == "0-log_queries.py uses MySQL; the exercise is about users.db in SQLite"


def test_a_name_that_is_missing_is_not_blamed_on_the_database_of_another_file(tmp_path: Path) -> None:
    folder = tmp_path / "repo" / FOLDER
    body = f"if query not in query_cache:\n    {ASK}\nreturn query_cache[query]"
    write(folder.parent, 4, decorator(4, body, SINGLE, DICT).replace(WITH_CONNECTION, ""))
    (folder / "seed.py").write_text(
        "import mysql.connector, requests\ntry: requests.get('/')\nexcept Exception: pass\n"
        "mysql.connector.connect().cursor().execute('CREATE TABLE users (id INT)')\n"
    )
    (result,) = check(folder.parent, None, wanted_tasks(["decorators/4"]))
    assert "NameError: name 'with_db_connection' is not defined" in faults(result)[BY_ITSELF]


def test_an_error_that_never_reaches_the_retry_is_told_with_where_to_look(tmp_path: Path) -> None:
    text = decorator(3, ONCE_MORE).replace(
        "    return conn.execute",
        """    try:
        return conn.execute("SELECT * FROM users").fetchall()
    except sqlite3.Error as error:
        print(error)
    return conn and None and conn.execute""",
    )
    assert "let it through in the function and in the decorators" in text_of(checked(tmp_path, 3, text))


def test_what_is_never_tried_again_says_nothing_about_which_errors_are(
    results: dict[str, Future[Result]],
) -> None:
    result = results["it never tries again, pauses all the same, and asks for some users"].result()
    untried = [verdict.probe.promise for verdict in result.verdicts if verdict.outcome == NOT_TRIED]
    assert "only what can pass by itself is tried again" in untried
    assert "the error that is raised in the end is the last one itself" in untried
    assert "-> let the loop go on after sqlite3.OperationalError, which a locked" in text_of(result)


def test_a_function_that_is_missing_is_named_beyond_what_is_asked(tmp_path: Path) -> None:
    result = checked(
        tmp_path / "repo", 4, decorator(4, f"{ASK}\nreturn 1", SINGLE, DICT).replace(DECORATED[4], "")
    )
    promise = OWN[4]
    assert faults(result)[promise] == (
        "4-cache_query.py defines no fetch_users_with_cache, the function that the exercise decorates"
    )
    assert {v.level for v in result.verdicts if v.probe.promise == promise} == {BEYOND}
    (unprinted,) = (v for v in result.verdicts if v.probe.promise == UNPRINTED)
    assert unprinted.outcome == NOT_TRIED
    assert "could not be tried: 4-cache_query.py defines no fetch_users_with_cache" in unprinted.sentence
    assert OK in {verdict.outcome for verdict in result.verdicts}


def test_a_function_that_is_spelt_otherwise_is_named_with_its_right_name(tmp_path: Path) -> None:
    text = decorator(4, f"{ASK}\nreturn 1", SINGLE, DICT)
    result = checked(tmp_path / "repo", 4, text.replace("fetch_users_with_cache", "fetch_users_with_Cache"))
    said = "4-cache_query.py calls it fetch_users_with_Cache; in the exercise it is fetch_users_with_cache"
    assert said in faults(result).values()


def test_a_script_runs_on_the_table_that_another_script_of_its_author_makes(tmp_path: Path) -> None:
    folder = tmp_path / "repo" / FOLDER
    text = decorator(0, "print(args, kwargs)\nreturn func(*args, **kwargs)").replace(
        DECORATED[0].splitlines()[-1], 'fetch_all_users(query="SELECT nick FROM users ORDER BY joined")'
    )
    write(folder.parent, 0, text)
    promise = BY_ITSELF
    (folder / "make_database.py").write_text(
        "import requests\nrequests.get('https://example.com')\n'CREATE TABLE users (nick TEXT)'\n"
    )
    (result,) = check(folder.parent, None, wanted_tasks(["decorators/0"]))
    assert [v.sentence for v in result.verdicts if v.probe.promise == promise] == [
        "make_database.py, which makes its table, imports 'requests', which is not installed here"
    ]
    (folder / "make_database.py").write_text(
        "import sqlite3\n"
        "conn = sqlite3.connect('users.db')\n"
        "conn.execute('CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT, joined TEXT)')\n"
        "conn.close()\n"
    )
    (result,) = check(folder.parent, None, wanted_tasks(["decorators/0"]))
    assert promise not in faults(result)


def test_a_query_that_is_looked_for_in_the_wrong_place_is_said_with_what_to_do(tmp_path: Path) -> None:
    result = checked(tmp_path / "repo", 0, decorator(0, "print(args[0])\nreturn func(*args, **kwargs)"))
    assert result.state == "broken"
    assert "raised IndexError: tuple index out of range (0-log_queries.py, line 8)" in result.sentence
    assert result.hint == "look in kwargs as well as in args"


def test_a_time_in_the_log_of_another_file_is_none_in_this_one(tmp_path: Path) -> None:
    folder = tmp_path / "repo" / FOLDER
    text = decorator(0, "print(*args, *kwargs.values())\nreturn func(*args, **kwargs)")
    write(folder.parent, 0, text)
    for name in ("1-with_db_connection.py", "settings.py"):
        (folder / name).write_text("import logging\nlogging.basicConfig(format='%(asctime)s %(message)s')\n")
    (result,) = check(folder.parent, None, wanted_tasks(["decorators/0"]))
    assert "logs when it was" in faults(result)
    (folder / file_name(0)).write_text("import settings\n" + text)
    (result,) = check(folder.parent, None, wanted_tasks(["decorators/0"]))
    assert "logs when it was" not in faults(result)


def test_a_time_that_is_asked_for_and_not_seen_is_said_with_where_to_look(
    results: dict[str, Future[Result]],
) -> None:
    result = results["its close has no parentheses, and a blank is the format of its time"].result()
    assert "? What becomes of the time that your wrapper asks for?" in text_of(result)
    assert "what follows a colon inside the braces is its format" in text_of(result)


def test_a_file_that_calls_nothing_is_not_said_to_run(tmp_path: Path) -> None:
    text = decorator(2, TRANSACTION, CONN)
    for number, demo in enumerate((CALL_2, f"# {CALL_2}")):
        result = checked(tmp_path / str(number), 2, text.replace(CALL_2, demo))
        outcomes = {verdict.probe.promise: verdict for verdict in result.verdicts}
        assert outcomes[BY_ITSELF].outcome == (NOT_TRIED if number else OK)
    assert outcomes[BY_ITSELF].sentence == (
        "it opens no database: the call that the exercise ends with is missing"
    )


def test_a_cache_above_the_connection_decorator_is_told_what_the_exercise_has(tmp_path: Path) -> None:
    body = """
    if not args or isinstance(args[0], str):
        query = kwargs.get("query") or (args[0] if args else None)
        if query not in query_cache:
            query_cache[query] = func(*args, **kwargs)
        return query_cache[query]
    if "query" not in kwargs:
        return func(*args, **kwargs)
    if kwargs["query"] not in query_cache:
        query_cache[kwargs["query"]] = func(*args, **kwargs)
    return query_cache[kwargs["query"]]
    """
    text = decorator(4, body, before=DICT)
    turned = text.replace("@with_db_connection\n@cache_query", "@cache_query\n@with_db_connection")
    for number, (solution, part) in enumerate(((text, "print args:"), (turned, "In which order does the"))):
        result = checked(tmp_path / str(number), 4, solution)
        assert faults(result)[KEY_BY_POSITION] == "the same query by position asked the database again"
        assert part in text_of(result)


@pytest.mark.parametrize(
    "number, mistake, said",
    [
        (0, 'print("SQL:", none)\nreturn func(*args, **kwargs)', "NameError: name 'none' is not defined"),
        (1, "return func(connection, *args, **kwargs)", "NameError: name 'connection' is not defined"),
    ],
)
def test_parentheses_that_are_missing_are_told_with_the_error_behind_them(
    number: int, mistake: str, said: str, tmp_path: Path
) -> None:
    name = FILES[number]
    text = decorator(number, mistake).replace(f"def {name}(func):", f"def {name}():\n  def decorator(func):")
    text = text.replace("    return wrapper", "    return wrapper\n  return decorator", 1)
    result = checked(tmp_path, number, text)
    assert result.state == "broken"
    assert result.sentence.startswith(
        f"{name}() takes no function, and stands as @{name} in the file; besides, "
    )
    assert said in result.sentence


CLOSING = 'with closing(sqlite3.connect("users.db")) as conn:\n'
STREAM = f"""
import inspect
if inspect.isgeneratorfunction(func):
    def stream():
        {CLOSING}            yield from func(conn, *args, **kwargs)
    return stream()
{CLOSING}    return func(conn, *args, **kwargs)
"""
CLOSES_AT_THE_END = """
import inspect
conn = sqlite3.connect("users.db")
if inspect.isgeneratorfunction(func):
    def stream():
        yield from func(conn, *args, **kwargs)
        conn.close()
    return stream()
with closing(conn):
    return func(conn, *args, **kwargs)
"""


@pytest.mark.parametrize(
    "body, said",
    [
        (f"{CLOSING}    return func(conn, *args, **kwargs)", "closed before its first row was read"),
        (STREAM, ""),
        (STREAM.replace("return stream()", "raise TypeError('no generator')"), ""),
        (CLOSES_AT_THE_END, "the connection was open after close() had ended it early"),
    ],
    ids=["it is closed", "it streams", "it refuses", "it is closed at the end only"],
)
def test_a_generator_function_keeps_its_connection(body: str, said: str, tmp_path: Path) -> None:
    found = faults(checked(tmp_path, 1, decorator(1, body)))
    assert list(found) == ([LAZY] if said else [])
    assert said in found.get(LAZY, "")


@pytest.mark.parametrize(
    "begin, caught, said",
    [
        (
            "",
            "Exception",
            "and the next commit on its connection kept that; a function made a table and then",
        ),
        ("conn.execute('BEGIN')", "Exception", "Ctrl-C ended it, and the next commit on its connection kept"),
        (
            "",
            "BaseException",
            "a function made a table and then raised an error: afterwards the table was there",
        ),
        ("conn.execute('BEGIN')", "BaseException", ""),
    ],
)
def test_a_rollback_undoes_everything(begin: str, caught: str, said: str, tmp_path: Path) -> None:
    body = TRANSACTION.replace("try:", f"{begin}\ntry:").replace("except Exception", f"except {caught}")
    found = faults(checked(tmp_path, 2, decorator(2, body, CONN)))
    assert (ALL_OF_IT in found) == bool(said)
    assert said in found.get(ALL_OF_IT, "")


def test_a_database_that_is_missing_says_nothing_about_a_locked_one(tmp_path: Path) -> None:
    text = decorator(3, ONCE_MORE).replace('sqlite3.connect("users.db")', 'sqlite3.connect(":memory:")')
    text = text.replace(
        "            return func(conn",
        "            conn.execute('CREATE TABLE users (id)')\n            return func(conn",
        1,
    )
    result = checked(tmp_path / "repo", 3, text)
    outcomes = {verdict.probe.promise: verdict for verdict in result.verdicts}
    locked = outcomes["fetch_users_with_retry is tried again when the database is locked"]
    assert (locked.outcome, locked.sentence) == (
        NOT_TRIED,
        "it opens a database in memory, which nobody else can lock",
    )


def test_a_cache_that_each_call_makes_anew_is_not_called_up_to_date(tmp_path: Path) -> None:
    body = "query_cache = {}\nif query not in query_cache:\n    " + ASK + "\nreturn query_cache[query]"
    result = checked(tmp_path / "repo", 4, decorator(4, body, SINGLE))
    said = "two equal calls asked the database 2 times"
    assert faults(result) == {"the same query is answered from memory the second time": said}
    assert "only for that call: make it once, outside of the wrapper" in text_of(result)
    untried = [v for v in result.verdicts if v.sentence == "it does not answer from memory yet"]
    assert "an answer is never out of date" in [verdict.probe.promise for verdict in untried]
    assert "nobody can change somebody else's rows" in [verdict.probe.promise for verdict in untried]


def test_a_file_that_is_named_from_the_top_of_the_repository_is_found(tmp_path: Path) -> None:
    text = decorator(
        1, "with closing(mysql.connector.connect(**PLACE)) as conn:\n    return func(conn, **kwargs)"
    )
    place = f"import json, mysql.connector\nPLACE = json.load(open('{FOLDER}/place.json'))\n"
    (tmp_path / "repo" / FOLDER).mkdir(parents=True)
    (tmp_path / "repo" / FOLDER / "place.json").write_text('{"database": "shop"}')
    (tmp_path / "repo" / FOLDER / file_name(1)).write_text(place + text)
    (result,) = check(tmp_path / "repo", None, wanted_tasks(["decorators/1"]))
    assert result.sentence == "1-with_db_connection.py uses MySQL; the exercise is about users.db in SQLite"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
@pytest.mark.parametrize("text", ["""print(f"{'a'.join(["b"])}")\n""", """print(f"{max("a", "b")[:1]}")\n"""])
def test_an_f_string_of_a_newer_python_is_no_fault(text: str, tmp_path: Path) -> None:
    result = checked(tmp_path / "repo", 0, text + decorator(0, "return func(*args, **kwargs)"))
    if "f-string" in result.sentence:  # the oldest say only "invalid syntax"
        assert result.state == "unavailable"
        assert "Python 3.12 and later may take it" in result.sentence


def test_what_a_failure_inside_did_to_the_outer_work_is_told_with_a_way_out(
    results: dict[str, Future[Result]],
) -> None:
    text = text_of(
        results["it changes the connection as long as the function runs, and leaks nothing"].result()
    )
    what = "an outer function wrote outer@mail.test, called an inner one that failed, caught its error and"
    assert f"{what} returned: afterwards the email was user1@mail.test, as before" in text
    assert "-> for a call inside another, use SAVEPOINT, and on an error ROLLBACK TO and RELEASE" in text


def notes_of(folder: Path, number: int, text: str) -> str:
    return " ".join(checked(folder / "repo", number, text).notes)


@pytest.mark.parametrize(
    "number, text, said",
    [
        (
            1,
            decorator(
                1,
                """
                with closing(sqlite3.connect("users.db", timeout=0.2)) as conn:
                    result = func(conn, *args, **kwargs)
                print("got", result)
                return result
                """,
            ),
            [
                "@with_db_connection prints or logs the values that go through it: got [(1, 'private.addr",
                "1-with_db_connection.py connects with a timeout of 0.2 seconds",
            ],
        ),
        (
            2,
            decorator(2, f"retries, delay = 3, 0.5\n{ONCE_MORE}"),
            [
                "@transactional calls a function that raises KeyError 3 times, with 0.5, 0.5 seconds between",
            ],
        ),
        (
            3,
            decorator(3, ONCE_MORE.replace("    try:", "    print(f'Success in turn {turn}')\n    try:")),
            [
                "below @retry_on_failure, a function that failed was called a success: Success in turn 0",
            ],
        ),
        (
            1,
            decorator(1, "return func(sqlite3.connect('users.db', 0.0), *args, **kwargs)"),
            [
                "1-with_db_connection.py connects with a timeout of 0 seconds: whoever meets a lock gets an",
            ],
        ),
        (
            0,
            decorator(
                0,
                """
                print(kwargs, args)
                try:
                    return func(*args, **kwargs)
                finally:
                    print("ran successfully")
                """,
            )
            + """
def read_all(table):
    return fetch_all_users(query=f"SELECT id FROM {table} WHERE id > 1")
""",
            [
                "read_all in 0-log_queries.py puts table into the text of the SQL (SELECT id FROM {} WHERE",
                "@log_queries prints or logs the values that go through it: {} ('SELECT 1', ('private.addr",
                "below @log_queries, a function that failed was called a success: ran successfully",
            ],
        ),
    ],
    ids=["result", "retry", "early success", "timeout", "arguments"],
)
def test_what_a_decorator_does_beside_its_task_is_noted(
    number: int, text: str, said: list[str], tmp_path: Path
) -> None:
    notes = notes_of(tmp_path, number, text)
    assert [part for part in said if part not in notes] == []


QUIET = {
    0: 'print(kwargs.get("query"))\nreturn func(*args, **kwargs)',
    1: """
with closing(sqlite3.connect("users.db", 5)) as conn:
    print("connected successfully")
    try:
        return func(conn, *args, **kwargs)
    finally:
        print("closed successfully")
""",
    3: """
for turn in range(retries):
    try:
        result = func(*args, **kwargs)
        print("success")
        return result
    except sqlite3.OperationalError:
        print("no success")
        if turn == retries - 1:
            raise
        time.sleep(delay)
""",
}


@pytest.mark.parametrize("number", QUIET)
def test_a_decorator_that_does_nothing_else_has_no_note(number: int, tmp_path: Path) -> None:
    text = decorator(number, QUIET[number]) + '\nTABLE = "users"\nprint(f"SELECT * FROM {TABLE}")\n'
    assert notes_of(tmp_path, number, text) == ""


@pytest.mark.parametrize("password, is_noted", [("my5ecretWord", True), ("your_password", False)])
def test_a_password_in_the_file_is_noted_also_beside_another_database(
    password: str, is_noted: bool, tmp_path: Path
) -> None:
    text = decorator(0, "print(kwargs)\nreturn func(*args, **kwargs)").replace(
        'sqlite3.connect("users.db")', f'mysql.connector.connect(user="ann", password="{password}")'
    )
    notes = notes_of(tmp_path, 0, "import mysql.connector\n" + text)
    assert ("the password of the database is written in 0-log_queries.py" in notes) is is_noted
    assert "my5ecretWord" not in notes


def test_a_set_up_that_hides_its_error_is_noted(tmp_path: Path) -> None:
    set_up = """
try:
    conn = sqlite3.connect("users.db")
    conn.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
    if not conn.execute("SELECT * FROM users").fetchone():
        conn.executemany("INSERT INTO users (name) VALUES (?)", [("Ann",)])
        conn.commit()
except sqlite3.Error as error:
    print(error)
finally:
    conn.close()
if os.path.getsize("users.db"):
    fetch_all_users(query="SELECT * FROM users")
"""
    text = decorator(0, "print(kwargs)\nreturn func(*args, **kwargs)")
    call = DECORATED[0].splitlines()[-1]
    notes = notes_of(tmp_path, 0, text.replace(call, set_up))
    said = "when nothing can be written, python3 0-log_queries.py only prints the error, and ends with exit"
    assert said in notes
    assert "python3 0-log_queries.py ends with NameError: name 'conn' is not defined" in notes
    assert "instead of the error of the database" in notes


def test_errors_that_are_made_up_only_now_and_then_are_noted(tmp_path: Path) -> None:
    text = decorator(3, ONCE_MORE).replace(
        "    return conn.execute",
        """    if random.random() < 0.2:
        raise sqlite3.OperationalError("made up")
    return conn.execute""",
    )
    said = "fetch_users_with_retry failed 1 time before it worked, with a database that was there"
    assert said in notes_of(tmp_path, 3, "import random\n" + text)


def test_a_table_that_the_scripts_before_made_otherwise_ends_the_run(tmp_path: Path) -> None:
    table = """
with closing(sqlite3.connect("users.db")) as conn, conn:
    conn.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT{})")
    conn.execute("INSERT INTO users (name{}) VALUES ('Ann'{})")
"""
    first = decorator(0, "print(kwargs)\nreturn func(*args, **kwargs)", before=table.format("", "", ""))
    checked(tmp_path, 0, first)
    second = decorator(
        4, "return func(*args, **kwargs)", before=table.format(", motto TEXT", ", motto", ", 'Hey'")
    )
    (tmp_path / FOLDER / file_name(4)).write_text(second)
    (result, other) = check(tmp_path, None, wanted_tasks(["decorators/0", "decorators/4"]))
    assert BY_ITSELF not in faults(result)
    assert "has no column named motto (4-cache_query.py, line " in faults(other)[BY_ITSELF]
    assert "after the scripts before it had made the table users" in faults(other)[BY_ITSELF]


def test_a_connection_that_is_passed_by_name_is_told_how_to_pass_it(tmp_path: Path) -> None:
    body = """
with closing(sqlite3.connect("users.db")) as conn:
    return func(*args, conn=conn, **kwargs)
"""
    text = text_of(checked(tmp_path, 1, decorator(1, body)))
    assert "got multiple values for argument 'conn'" in text
    assert "-> pass the connection first: func(conn, *args, **kwargs)" in text


# Another function of the file has the argument, and that of the exercise lacks the parentheses.
TRANSACTIONAL_FACTORY = """
def transactional(readonly=False):
    def decorator(func):
        return func if readonly else wrapped(func)
    return decorator

@with_db_connection
@transactional(readonly=True)
def get_user(conn, user_id):
    return conn.execute("SELECT * FROM users").fetchone()

def wrapped(func):"""


def test_a_connection_decorator_that_is_a_factory_is_used_as_its_file_does(tmp_path: Path) -> None:
    factory = """
def with_db_connection(path="users.db"):
    def decorator(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            with closing(sqlite3.connect(path)) as conn:
                return func(conn, *args, **kwargs)
        return wrapper
    return decorator
"""
    text = decorator(2, TRANSACTION, CONN).replace(WITH_CONNECTION, factory)
    text = text.replace("def transactional(func):", TRANSACTIONAL_FACTORY)
    found = faults(checked(tmp_path, 2, text.replace("@with_db_connection", "@with_db_connection()")))
    lacks = "@transactional above it lacks its parentheses"
    assert sorted(found) == sorted([*USUAL[2], BY_ITSELF, OWN[2], BARE, NAME])
    assert found[OWN[2]].endswith(lacks) and found[NAME].endswith(lacks.replace(" above it", ""))


def test_arguments_above_other_functions_that_differ_say_nothing_about_the_exercise(tmp_path: Path) -> None:
    text = decorator(
        1, "with closing(sqlite3.connect(path)) as conn:\n    return func(conn, *args, **kwargs)"
    )
    text = text.replace(
        "def with_db_connection(func):", "def with_db_connection(path):\n  def decorator(func):"
    )
    text = text.replace("    return wrapper", "    return wrapper\n  return decorator").replace(
        DECORATED[1], ""
    )
    for path in ("shop.db", "users.db"):
        text += f"@with_db_connection('{path}')\ndef read(conn):\n    return conn.execute('SELECT 1')\n"
    result = checked(tmp_path, 1, text)
    (first, *_) = result.verdicts
    assert (first.outcome, first.sentence) == (
        NOT_TRIED,
        "which arguments of @with_db_connection to try cannot be told: none stand above get_user_by_id, and "
        "those above other functions differ",
    )
    assert not [v.probe.promise for v in result.verdicts if v.outcome == WRONG and v.level == ASKED]


def test_a_connection_that_commits_each_statement_or_is_tried_again_is_named(tmp_path: Path) -> None:
    connect = """
def connect():
    for turn in range(3):
        try:
            return sqlite3.connect("users.db", isolation_level=None)
        except sqlite3.Error as error:
            last = error
            time.sleep(5)
    raise last
"""
    text = decorator(2, TRANSACTION, CONN).replace('sqlite3.connect("users.db")', "connect()")
    result = checked(tmp_path, 2, text.replace("\ndef with", f"{connect}\ndef with", 1))
    assert "connects 3 times, with 15 seconds of pauses, where the database cannot be opened" in text_of(
        result
    )
    found = faults(result)
    said = found["update_user_email leaves the commit to @transactional"]
    assert said == "update_user_email works on a connection that commits each statement at once"


def test_what_is_called_again_is_tried_inside_another_function_too(tmp_path: Path) -> None:
    body = """
for turn in range(3):
    try:
        result = func(conn, *args, **kwargs)
        conn.commit()
        return result
    except Exception:
        conn.rollback()
        if turn == 2:
            raise
"""
    result = checked(tmp_path, 2, decorator(2, body, CONN))
    said = "an inner function wrote inner@mail.test and returned, and then the outer one failed"
    assert said in faults(result)["a failure outside undoes the inner work too"]


@pytest.mark.parametrize(
    "key, said, same_name",
    [
        (
            "func.__name__ + json.dumps([query, *args, kwargs])",
            "a call with the parameter b'1' raised TypeError: Object of type bytes",
            True,
        ),
        (
            "func, json.dumps([query, *args, kwargs], default=str)",
            "the parameters date(2025, 1, 2) and '2025-01-02' got the same answer",
            False,
        ),
        ("func.__name__, query, args, repr(kwargs)", "", True),
    ],
)
def test_keys_of_parameters_that_are_no_text_and_of_functions_of_the_same_name_in_two_files(
    key: str, said: str, same_name: bool, tmp_path: Path
) -> None:
    body = f"""
key = {key}
if key not in query_cache:
    {ASK.replace("[query]", "[key]")}
return query_cache[key]
"""
    result = checked(tmp_path, 4, "import json\n" + decorator(4, body, SINGLE, DICT))
    found = faults(result)
    assert ("func.__module__ beside func.__qualname__" in text_of(result)) is same_name
    assert found.get("the parameters belong to the question", "")[: len(said) or None] == said
    other = found.get("two functions do not get each other's answers", "")
    assert other.startswith("what a function of the same name in another file gave" if same_name else "")
    assert bool(other) is same_name


def test_an_answer_from_another_database_is_named_and_so_are_rows_of_another_type(tmp_path: Path) -> None:
    body = f"""
version = conn.execute("SELECT group_concat(name) FROM main.users").fetchone() if False else len(
    conn.execute("SELECT name FROM users WHERE name = 'Renamed'").fetchall()
)
key = (query, version)
if key in query_cache:
    return [list(row) for row in query_cache[key]]
{ASK.replace("[query]", "[key]")}
return query_cache[key]
"""
    result = checked(tmp_path, 4, decorator(4, body, SINGLE, DICT))
    found = faults(result)
    said = found["an answer is never out of date"]
    assert said.startswith("rows of the empty table in another database: expected [], got [('User1',)")
    assert "-> put its file into the key" in text_of(result)
    assert "gave rows of the type tuple, and the second time list" in found[OWN[4]]


def test_a_version_that_a_connection_has_of_its_own_writes_is_none(tmp_path: Path) -> None:
    body = f"""
version = conn.execute("PRAGMA data_version").fetchone()
key = (str(conn.execute("PRAGMA database_list").fetchall()), query, version)
if key not in query_cache:
    {ASK.replace("[query]", "[key]")}
return query_cache[key]
"""
    found = faults(checked(tmp_path, 4, decorator(4, body, SINGLE, DICT)))
    said = "rows after the connection of the call renamed user 1: expected [('By itself',)"
    assert found["an answer is never out of date"].startswith(said)


def test_a_clock_that_is_asked_when_the_function_is_decorated_is_named(tmp_path: Path) -> None:
    body = """
print(now, query)
try:
    return func(query)
finally:
    print(f"took or failed after {time.perf_counter() - start} s")
"""
    text = decorator(0, body, "query", before="import time\nfrom datetime import datetime\n")
    clocks = "    start = time.perf_counter()\n    now = datetime.now()\n    @functools.wraps"
    found = faults(checked(tmp_path, 0, text.replace("    @functools.wraps", clocks, 1)))
    said = "asks the clock once, when the function is decorated: "
    assert found["logs how long it took"].endswith(said + "start = time.perf_counter()")
    assert found["logs when it was"].endswith(said + "now = datetime.now()")


def test_a_clock_that_a_wrapper_asks_for_its_own_inner_function_is_right(tmp_path: Path) -> None:
    body = """
start = time.perf_counter()
def log(how):
    print(datetime.now(), query, how, f"after {time.perf_counter() - start} s")
try:
    result = func(query)
except Exception:
    log("failed")
    raise
log("done")
return result
"""
    text = decorator(0, body, "query", before="import time\nfrom datetime import datetime\n")
    assert not {"logs how long it took", "logs when it was"} & {*faults(checked(tmp_path, 0, text))}


@pytest.mark.parametrize("kind, is_found", [("OperationalError", True), ("Error", False)])
def test_a_failure_that_is_logged_for_one_kind_of_error_only(
    kind: str, is_found: bool, tmp_path: Path
) -> None:
    logs = (
        "if args: print(args)" if is_found else "print(func.__name__)"
    )  # nothing by name, or no query at all
    body = f"""
{logs}
try:
    return func(*args, **kwargs)
except sqlite3.{kind}:
    print("failed")
    raise
"""
    result = checked(tmp_path, 0, decorator(0, body))
    assert ("-> log the query, and not only the name of the function" in text_of(result)) is not is_found
    said = faults(result).get("logs a failure, and lets it through", "")
    assert ("a function that raised IntegrityError was logged as" in said) is is_found
    assert bool(said) is is_found


def test_the_time_in_a_log_file_counts_also_beside_what_is_printed(tmp_path: Path) -> None:
    body = """
print("logged", query)
with open("queries.log", "a") as log:
    log.write(f"{datetime.datetime.now()} {query}\\n")
return func(query, *args, **kwargs)
"""
    found = faults(checked(tmp_path, 0, "import datetime\n" + decorator(0, body, "query, *args, **kwargs")))
    assert "logs when it was" not in found
    refused = (
        "query='SELECT ...'), was refused by the wrapper: TypeError: it got multiple values for argument"
    )
    assert refused in found[ARGUMENTS]


@pytest.mark.parametrize(
    "found, said",
    [
        (
            "next(a for a in args if str(a).lower().startswith(('select', 'with')))",
            "fetch_all_users('Select me', 'SELECT ...') logged",
        ),
        (
            "next((a for a in args if str(a).startswith('SELECT ')), None)",
            "fetch_all_users(conn, 'WITH ... SELECT ...') logged",
        ),
    ],
)
def test_sql_that_is_guessed_by_its_first_word(found: str, said: str, tmp_path: Path) -> None:
    body = f"print(kwargs.get('query') or {found})\nreturn func(*args, **kwargs)"
    assert said in faults(checked(tmp_path, 0, decorator(0, body)))[BEHIND]


def test_a_result_without_a_length_is_named_and_sql_found_behind_the_connection_is_not_said_to_be_lost(
    tmp_path: Path,
) -> None:
    body = (
        "print(kwargs.get('query') or args[1:])\nrows = func(*args, **kwargs)\nprint(len(rows))\nreturn rows"
    )
    result = checked(tmp_path, 0, decorator(0, body))
    said = "count_users() returned 7, and then the wrapper raised TypeError: object of type 'int'"
    assert said in faults(result)[EVERY_CALL]
    assert BEHIND not in [v.probe.promise for v in result.verdicts if v.outcome != OK]


def test_a_numbered_file_that_import_cannot_name_is_found(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / file_name(1)).write_text("def with_db_connection(func): return func\n")
    (tmp_path / FOLDER / file_name(2)).write_text("from with_db_connection import with_db_connection\n")
    again = decorator(3, ONCE_MORE)
    (tmp_path / FOLDER / file_name(3)).write_text(
        f"from with_db_connection import with_db_connection\n{again}"
    )
    result, other = check(tmp_path, None, wanted_tasks(["decorators/2", "decorators/3"]))
    assert "imports 'with_db_connection', and that file is called 1-with_db_connection.py" in result.sentence
    assert 'importlib.import_module("1-with_db_connection")' in result.hint
    assert other.sentence.endswith("imports 'with_db_connection', and defines with_db_connection itself")
    assert other.hint == "take that line with `import` out"
