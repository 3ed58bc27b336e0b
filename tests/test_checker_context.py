"""`make check` on the context exercises, and on many checkouts at once."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from textwrap import dedent, indent

from checker.demos import advice_on, advice_on_self
from checker.model import ASKED, BEYOND, NOT_TRIED, OK, WRONG, Advice, Result, Verdict
from checker.report import next_step, report
from checker.run import TASKS, check, wanted_tasks
from checker.tasks.context_3 import AWAIT_BOTH, IN_LOOP
from support import ROOT, environment

import pytest

SOLUTIONS = ROOT / "tests" / "checker" / "solutions"
FOLDER = "python-context-async-perations-0x02"
FILES = {task.name: task.file for task in TASKS}


def body(text: str) -> str:
    return indent(dedent(text).strip(), " " * 8)


LEAVE = """
try:
    if kind is None:
        self.db.commit()
finally:
    self.db.close()"""
OLD_LEAVE = "if kind is None:\n    self.db.commit()\nself.db.close()"
CLOSED_EARLIER = LEAVE.replace("finally:", "except sqlite3.ProgrammingError:\n    pass\nfinally:")
COMMIT_PRINTED = LEAVE.replace("finally:", "except sqlite3.Error as error:\n    print(error)\nfinally:")


def connection(
    parameters: str = "path='users.db'",
    init: str = "self.path = path",
    enter: str = "self.db = sqlite3.connect(self.path)\nreturn self.db",
    leave: str = LEAVE,
    more: str = "",
    show: str = "print(*given.execute('SELECT * FROM users'))",
) -> str:
    """Return a sound DatabaseConnection, or one that differs from it in a method or in what it shows."""
    return f"""
import sqlite3
class DatabaseConnection:
    def __init__(self, {parameters}):
{body(init)}
    def __enter__(self):
{body(enter)}
    def __exit__(self, kind, error, trace):
{body(leave)}
{indent(dedent(more), "    ")}
if __name__ == "__main__":
    with DatabaseConnection() as given:
{body(show)}
"""


CLOSING = "try:\n    {}\nexcept Exception:\n    self.db.close()\n    raise"
ROWS = CLOSING.format("return self.db.execute(self.query, self.params).fetchall()")


def query(
    parameters: str = "query, params=()",
    init: str = "self.query, self.params = query, params or ()",
    enter: str = ROWS,
    leave: str = LEAVE,
    more: str = "",
) -> str:
    """The same for ExecuteQuery."""
    text = connection(parameters, init, "self.db = sqlite3.connect('users.db')\n" + enter, leave, more)
    return text.replace("DatabaseConnection", "ExecuteQuery").split("if __name__")[0]


def concurrent(
    users: str = "return await ask('SELECT * FROM users')",
    older: str = "return await ask('SELECT * FROM users WHERE age > 40')",
    both: str = "return await asyncio.gather(async_fetch_users(), async_fetch_older_users())",
    end: str = "asyncio.run(fetch_concurrently())",
    parameters: str = "",
) -> str:
    """The same for the three coroutines."""
    return f"""
import asyncio, sys
import aiosqlite
async def ask(query, *params):
    async with aiosqlite.connect("users.db") as db:
        return await db.execute_fetchall(query, params)
async def async_fetch_users({parameters.replace(", age", "")}):
{body(users)}
async def async_fetch_older_users({parameters}):
{body(older)}
async def fetch_concurrently():
{body(both)}
if __name__ == "__main__":
{body(end)}
"""


# The set-up that many a demo has: a file and a table of its own, and two people in it.
OWN_TABLE = """
if __name__ == "__main__":
    db = sqlite3.connect("people.db")
    db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT, email TEXT{unique})")
    db.execute("INSERT {how}INTO users (name, email) VALUES ('Ada', 'ada@mail.test'), ('Bea', 'b@mail.test')")
    db.commit()
    db.close()
"""
REMOVES_ITS_FILE = """
if __name__ == "__main__":
    import os
    if os.path.exists("people.db"):
        os.remove("people.db")
    with DatabaseConnection("people.db") as db:
        db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
        db.execute("INSERT INTO users (name) VALUES ('Ada'), ('Bea')")
    with DatabaseConnection("people.db") as db:
        print(db.execute("SELECT * FROM users").fetchall())
    os.remove("people.db")
"""
MAIN = """
if __name__ == "__main__":
{}
"""


def demo(text: str) -> str:
    """Return what a script does when it is run by itself."""
    return MAIN.format(indent(dedent(text).strip(), "    "))


CLOSES = "when it is run by itself, it closes what it opens"
NO_DEMO = connection().split("if __name__")[0]
MAKE = "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE{})"
ADDS = "INSERT OR IGNORE INTO users (name, email) VALUES ('Ada', 'ada@mail.test'), ('Bea', 'b@mail.test')"
FILLS = f"""
with DatabaseConnection() as db:
    db.execute("{MAKE.format("")}")
    if not db.execute("SELECT COUNT(*) FROM users").fetchone()[0]:
        db.execute("{ADDS}")
"""
ADDS_FRANK = f"""
with DatabaseConnection() as db:
    db.execute("{MAKE.format("")}")
try:
    with DatabaseConnection() as db:
        db.execute("INSERT INTO users (name, email) VALUES ('Frank', 'frank@mail.test')")
except Exception as error:
    print("transaction:", error)
"""
FAILS = """
import sys
try:
    with DatabaseConnection() as db:
        print(*db.execute("SELECT * FROM users"))
except sqlite3.Error as error:
    print("failed:", error)
"""
FAILS_QUIETLY = FAILS.replace('print("failed:", error)', "pass")
BY_NAME = """
with ExecuteQuery("SELECT * FROM users") as users:
    {}
    try:
        print("the first one is", users[0]["name"])
    except Exception as error:
        print("failed:", error)
"""
SKIPS_CLOSE = """
try:
    if kind is None:
        self.db.commit()
    self.db.close()
except sqlite3.Error as error:
    print(error)"""
CURSOR = "self.db = sqlite3.connect('users.db')\nself.cursor = self.db.cursor()\nreturn self.cursor"
WATCHED = """
try:
    {}
    return self.db.execute(self.query, self.params).fetchall()
except Exception as error:
    {}
    self.db.close()
    raise"""
# Nothing is to be said about these, not even in a note.
FLAWLESS = {
    "fills an empty table": connection() + demo(FILLS),
    "an extra in memory": connection() + demo("""
    with DatabaseConnection(":memory:") as db:
        print(*db.execute("SELECT 1"))
    """),
    "shows what a wrong query does": connection() + demo("""
    try:
        with DatabaseConnection() as db:
            db.execute("SELECT * FROM nowhere")
    except sqlite3.Error as error:
        print("Error:", error)
    try:
        with DatabaseConnection() as db:
            raise ValueError("something went wrong")
    except ValueError as error:
        print("Error:", error)
    """),
    "shows a mistake on purpose": query()
    + demo(BY_NAME.format("print(users)").replace("failed:", "as expected:")),
    "raises what it shows": query() + demo("""
    try:
        with ExecuteQuery("SELECT * FROM users") as users:
            print(users)
            raise TypeError("that is no query")
    except TypeError as error:
        print("Error:", error)
    """),
    "says that it failed": connection(show="pass") + demo(FAILS + "    sys.exit(1)"),
    "a mode of its own": connection(
        "path, timeout, isolation_level, mode",
        "self.path, self.options = path, dict(timeout=timeout / 2, isolation_level=isolation_level)",
        "self.db = sqlite3.connect(self.path, **self.options)\nreturn self.db",
    ).replace("DatabaseConnection() as", "DatabaseConnection('users.db', 1, '', 'r') as"),
    "logs its query": query(enter=WATCHED.format("print('query', self.query)", "print('no', self.query)"))
    + demo("with ExecuteQuery('SELECT * FROM users') as users:\n    print(users)"),
}  # fmt: skip
SOUND = {
    **FLAWLESS,
    "says who is there already": NO_DEMO + demo(ADDS_FRANK.replace("transaction:", "already there:")),
    "removes what it made": connection() + demo("""
    import os
    is_mine = not os.path.exists("people.db")
    sqlite3.connect("people.db").close()
    if is_mine:
        os.remove("people.db")
    """),
    "tries again": concurrent("""
        try:
            return await ask("SELECT * FROM users")
        except aiosqlite.OperationalError:
            await asyncio.sleep(0.1)
            return await ask("SELECT * FROM users")"""),
    "a demo that minds a lost table": concurrent(
        older="await asyncio.sleep(1)\nreturn await ask('SELECT * FROM users WHERE age > 40')"
    ) + """
import sqlite3, threading
def late():
    threading.Event().wait(0.02)
    left.append(sqlite3.connect("users.db"))
left = []
try:
    asyncio.run(fetch_concurrently())
except sqlite3.Error:
    threading.Thread(target=late).start()
""",
    "adds its people once": connection(show="pass") + OWN_TABLE.format(unique=" UNIQUE", how="OR IGNORE "),
    "removes its own file": connection(show="pass") + REMOVES_ITS_FILE,
    "in a thread": concurrent(
        "return await asyncio.get_running_loop().run_in_executor(None, wait_and_ask)"
    ).replace("async def async_fetch_users", """
def wait_and_ask():
    import sqlite3
    with sqlite3.connect("users.db") as db:
        rows = db.execute("SELECT * FROM users").fetchall()
    db.close()
    return rows
async def async_fetch_users"""),
    "counts": concurrent(both="""
        both = await asyncio.gather(async_fetch_users(), async_fetch_older_users())
        print(*map(len, both))"""),
    "a cursor": connection(enter="self.db = sqlite3.connect(self.path)\nreturn self.db.cursor()").replace(
        "import", "import _sqlite3 as", 1
    ),
    "itself, with a query method": connection(
        "path, driver",
        "self.path, self.driver = path, driver",
        "self.db = self.driver.connect(self.path)\nreturn self",
        more="def query(self, sql, params):\n    return self.db.execute(sql, params).fetchall()",
        show="print(given.query('SELECT * FROM users', ()))",
    ).replace("DatabaseConnection() as", "DatabaseConnection('users.db', driver=sqlite3) as"),
    "itself, with an execute of its own": connection(
        enter="self.db = sqlite3.connect(self.path)\nreturn self",
        more="def execute(self, sql, params):\n    return self.db.execute(sql, params).fetchall()",
        show="print(given.execute('SELECT * FROM users', ()))",
    ),
    "itself, with a cursor": connection(
        enter="self.db = sqlite3.connect(self.path)\nself.cursor = self.db.cursor()\nreturn self",
        show="print(*given.cursor.execute('SELECT * FROM users'))",
    ),
    "itself, with a cursor method": connection(
        enter="self.db = sqlite3.connect(self.path)\nreturn self",
        more="def cursor(self):\n    return self.db.cursor()",
        show="print(*given.cursor().execute('SELECT * FROM users'))",
    ),
    "connected when it is asked": connection(
        init="self.path, self.db = path, None",
        enter="return self",
        leave="if self.db:\n" + indent(LEAVE.strip(), "    "),
        more="""
        def execute(self, sql):
            self.db = sqlite3.connect(self.path)
            return self.db.execute(sql)""",
    ),
    "a query that it runs": connection(
        "sql_query",
        "self.query = sql_query",
        "self.db = sqlite3.connect('users.db')\nreturn self.db.execute(self.query)",
        show="print(*given)",
    ).replace("DatabaseConnection() as", "DatabaseConnection('SELECT * FROM users') as"),
    "its own table": connection(
        more="""
        if __name__ == "__main__":
            db = sqlite3.connect("users.db")
            db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, role TEXT)")
            db.execute("INSERT INTO users VALUES (1, 'admin')")
        """
    ),
    "database first": query("db_name, query, params=None", enter=ROWS.replace(".fetchall()", "")),
    "database last": query("sql, values, db_path='users.db'", "self.query, self.params = sql, values"),
    "all by default": query(
        "db='users.db', query='', params=()",
        enter=ROWS.replace("return", "self.cursor =").replace(".fetchall()", "") + "\nreturn self",
    ),
    "further arguments": query("query, *params"),
    "one value": query("query, age", "self.query, self.params = query, (age,)"),
    "always 25": query("query, age=25", "self.query, self.params = query, (age,)"),
    "its own database is emptied": connection("path='people.db'") + """
if __name__ == "__main__":
    with DatabaseConnection() as db:
        db.execute("DELETE FROM users")
""",
    "a query committed at once": query(
        enter=ROWS.replace("return", "rows =").replace("fetchall()", "fetchall()\n    self.db.commit()")
        + "\nreturn rows",
        leave="self.db.close()",
    ),
    "a list alone": query("query, params", "self.query, self.params = query, tuple(list(params))"),
    "names that tell nothing": query("a, b", "self.query, self.params = a, b"),
    "only whole numbers": query(
        "query, value: int",
        "self.query, self.params = query, (value,)\nif type(value) is not int:\n    raise ValueError(value)",
    ),
    "to be run in the block": query(
        "query, *params", enter="return self", more="def execute(self):\n" + indent(ROWS, "    ")
    ),
    "itself, with the results": query(
        "driver, query, params=()",
        "self.driver, self.query, self.params = driver, query, params",
        ROWS.replace("return", "self.found =") + "\nreturn self",
        more="""
        def execute(self, query, parameters=None):
            self.found = self.db.execute(query, parameters or ()).fetchall()
            return self""",
    ).replace("= sqlite3.connect", "= self.driver.connect") + demo("""
    with ExecuteQuery(sqlite3, "SELECT * FROM users") as given:
        print(given.found, given.execute("SELECT name FROM users WHERE age > ?", (25,)).found)
    """),
    "dicts": query(enter="self.db.row_factory = sqlite3.Row\n" + ROWS.replace("return", "rows =")
        + "\nreturn [dict(row) for row in rows]"),
    "the query in the block": query(
        "db_name",
        "pass",
        "return self",
        more="""
        def execute(self, query, parameters=None):
            self.results = self.db.execute(query, parameters or ()).fetchall()
            return self""",
    ),
    "a fixed query": query("", "self.query, self.params = 'SELECT * FROM users WHERE age > ?', (25,)"),
    "an old event loop and slow queries": concurrent(
        "await asyncio.sleep(3)\nreturn await ask('SELECT * FROM users')",
        end="asyncio.get_event_loop().run_until_complete(fetch_concurrently())",
    ),
    "prints emails": concurrent("for row in await ask('SELECT * FROM users'):\n    print(row[2])", both="""
        await asyncio.gather(async_fetch_users(), async_fetch_older_users())"""),
    "a generator": concurrent(
        "for row in await ask('SELECT * FROM users'):\n    yield row",
        both="""
        async def collect():
            return [row async for row in async_fetch_users()]
        return await asyncio.gather(collect(), async_fetch_older_users())""",
    ),
    "labelled dicts": concurrent(
        "return 'all', [{'name': row[1]} for row in await ask('SELECT * FROM users ORDER BY name DESC')]",
        both="""
        both = (async_fetch_users(), async_fetch_older_users())
        return await asyncio.gather(*both, return_exceptions=True)""",
        end="""
        for rows in asyncio.run(fetch_concurrently()):
            print("failed:" if isinstance(rows, Exception) else "found:", rows)
        __import__("os").remove("people.db")""",
    ).replace("users.db", "people.db"),
    "a path and an age": concurrent(
        older="return await ask('SELECT * FROM users WHERE age > ?', age)",
        both="""
        path = "users.db"
        return await asyncio.gather(async_fetch_users(path), async_fetch_older_users(path, 40))""",
        parameters="db_path, age",
    ),
    "a connection": concurrent(
        "return await db.execute_fetchall('SELECT * FROM users')",
        "return await db.execute_fetchall('SELECT * FROM users WHERE age > 40')",
        """
        async with aiosqlite.connect('users.db') as one, aiosqlite.connect('users.db') as other:
            return await asyncio.gather(async_fetch_users(one), async_fetch_older_users(other))""",
        parameters="db",
    ),
    "the names in the curriculum's text": concurrent()
    .replace("async_fetch_users", "asyncfetchusers")
    .replace("async_fetch_older_users", "asyncfetcholder_users"),
    "many statements before": concurrent(
        both="""
        async with aiosqlite.connect('users.db') as db:
            await db.execute('CREATE TABLE numbers (number INTEGER)')
            await db.executemany('INSERT INTO numbers VALUES (?)', [(number,) for number in range(1100)])
        return await asyncio.gather(async_fetch_users(), async_fetch_older_users())"""
    ),
    "another error for the caller": concurrent(
        both="""
        tasks = [asyncio.ensure_future(async_fetch_users()), asyncio.ensure_future(async_fetch_older_users())]
        try:
            return await asyncio.gather(*tasks)
        except Exception as error:
            raise RuntimeError("one failed") from error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)"""
    ),
}  # fmt: skip
UNTRIED = {
    "a table with other columns": concurrent(
        """
        async with aiosqlite.connect("users.db") as db:
            await db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, nickname TEXT)")
        return await ask('SELECT id, nickname FROM users')"""
    ),
    "a driver of whatever database": connection().replace("import", "import peewee,"),
    "a connection from outside": query(
        "conn, query, params", "self.outside, self.query, self.params = conn, query, params"
    ).replace("sqlite3.connect('users.db')", "self.outside"),
    "wants to know more": connection(
        "path, fetch",
        "if fetch not in ('one', 'many'):\n    raise ValueError(f'no such fetch: {fetch}')\nself.path = path",
        show="pass",
    ).replace("DatabaseConnection() as", "open(__file__) as"),
    "a method for names of tables": connection(
        enter="self.db = sqlite3.connect(self.path)\nreturn self",
        more="def select(self, table):\n    return self.db.execute('SELECT * FROM ' + table).fetchall()",
        show="print(given.select('users'))",
    ).replace("self.db", "self.link"),
    "asks for input": connection() + "print('name:', input())\n",
}
SETS_UP = """
def set_up():
    try:
        db = sqlite3.connect("users.db")
        db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        if not db.execute("SELECT * FROM users").fetchall():
            db.execute("INSERT INTO users VALUES (1, 'Ada', 'ada@mail.test')")
        db.commit()
    except sqlite3.Error as error:
        print("set-up failed:", error)
    {}:
        db.close()
"""
MAKES_PEOPLE = """
self.db = sqlite3.connect("users.db")
{}
    self.db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
    if not self.db.execute("SELECT * FROM users").fetchall():
        self.db.execute("INSERT INTO users VALUES (1, 'Ada', 'ada@mail.test')")
{}
return self.db"""
BY_MYSQL = demo("""
import mysql.connector
try:
    with ExecuteQuery(mysql.connector.connect(user="root"), "SELECT * FROM users", ()) as users:
        print(users)
except mysql.connector.Error as error:
    print(error)
""")
READS = """
with DatabaseConnection() as db:
    if db.execute("SELECT * FROM sqlite_master WHERE name = 'users'").fetchall():
        print(*db.execute("SELECT * FROM users"))
"""
FAULTY = {
    "closes what it never opened": (
        NO_DEMO + SETS_UP.format("finally") + demo("set_up()\n" + READS),
        "cannot be opened, python3 0-databaseconnection.py ends with UnboundLocalError: ",
    ),
    "a set-up that is only printed": (
        NO_DEMO + SETS_UP.format("else") + demo("set_up()\n" + FAILS),
        "note: when its database cannot be opened, python3 0-databaseconnection.py only prints the error",
    ),
    "a table that cannot be written": (
        NO_DEMO + SETS_UP.format("else") + demo("set_up()\n" + READS),
        "note: when nothing can be written, python3 0-databaseconnection.py only prints the error, and",
    ),
    "closes in __enter__ what it never opened": (
        connection(enter="""
        try:
            db = sqlite3.connect(self.path)
            self.db = db
            return db
        finally:
            db.row_factory = sqlite3.Row"""),
        "cannot be opened raised UnboundLocalError: ",
    ),
    "a class that makes its people": (
        connection(enter=MAKES_PEOPLE.format("if True:", "")),
        "note: DatabaseConnection makes a table or people in whatever database it opens (CREATE TABLE IF NOT "
        "EXISTS users), and nobody asked for that; leave it",
    ),
    "a class that makes its people or goes on": (
        connection(enter=MAKES_PEOPLE.format("try:", "except sqlite3.Error as error:\n    print(error)")),
        "nobody asked for that (and when that fails, it goes on); leave it",
    ),
    "a query that makes its people": (
        query(enter=MAKES_PEOPLE.format("if True:", "").strip().replace("return self.db", ROWS)),
        "note: ExecuteQuery makes a table or people in whatever database it opens (CREATE TABLE IF NOT",
    ),
    "people for two queries": (
        concurrent(both="""
        if os.path.exists("people.db"):
            os.remove("people.db")
        await ask("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)")
        both = await asyncio.gather(async_fetch_users(), async_fetch_older_users())
        os.remove("people.db")
        return both""")
        .replace("users.db", "people.db").replace("import asyncio,", "import asyncio, os,"),
        "note: fetch_concurrently() makes a table or people in whatever database it opens (CREATE TABLE us",
    ),
    "only queries that begin with SELECT": (
        query(
            enter=ROWS.replace("return", "self.cursor =").replace(".fetchall()", "")
            + "\nself.rows = self.cursor.fetchall() if 'SELECT' in self.query[:6] else None\nreturn self",
            more="def get_results(self):\n    return self.rows",
        ),
        "note: of a query that begins with WITH or VALUES ExecuteQuery gives no rows, and no error: cursor",
    ),
    "a method of its own for SELECT only": (
        connection(
            enter="self.db = sqlite3.connect(self.path)\nreturn self",
            more="""
            def execute(self, sql):
                cursor = self.db.execute(sql)
                return cursor.fetchall() if sql.upper().startswith("SELECT") else []""",
        ),
        "note: of a query that begins with WITH or VALUES DatabaseConnection gives no rows, and no error",
    ),
    "fills an empty table before a query": (
        concurrent("""
        if not await ask("SELECT * FROM users"):
            async with aiosqlite.connect("users.db") as db:
                await db.execute("INSERT INTO users (name) VALUES ('Ada')")
                await db.commit()
        return await ask("SELECT * FROM users")"""),
        "note: async_fetch_users() makes a table or people in whatever database it opens (INSERT INTO users)",
    ),
    "prints all rows": (
        query("query, params=(25,)", enter=ROWS.replace("return", "rows =") + "\nprint('rows:', rows)"
            "\nreturn rows if self.query.startswith('SELECT') else {'rows': -1}"),
        "note: ExecuteQuery itself prints the rows (\"rows: [('User3',), ",
    ),
    "prints what it finds": (
        connection(enter="""
        self.db = sqlite3.connect(self.path)
        print(*self.db.execute("SELECT * FROM users"))
        return self.db"""),
        "note: DatabaseConnection itself prints the rows (\"(1, 'User1', 'user1@mail.test'",
    ),
    "a query for a connection": (
        connection("query", "self.query = query", "self.db = sqlite3.connect('users.db')\n"
            "return self.db.execute(self.query)", show="print(*given)")
        .replace("DatabaseConnection() as", "DatabaseConnection('SELECT * FROM users') as"),
        "note: DatabaseConnection wants a query (query); the exercise is about a connection for whatever",
    ),
    "a query for a connection that stays open": (
        connection("query", "self.query = query", "self.db = sqlite3.connect('users.db')\n"
            "return self.db.execute(self.query)", show="print(*given)"),
        "after a query of a table that is not there the connection was still open ? Which method runs when",
    ),
    "an open connection": (
        connection("conn", "self.db = conn", "return self.db"),
        "DatabaseConnection takes an open connection (conn), and the exercise asks it to connect -> take the",
    ),
    "an open connection for a query": (
        query("conn, query, params", "self.outside, self.query, self.params = conn, query, params").replace(
            "sqlite3.connect('users.db')", "self.outside"),
        "note: ExecuteQuery wants an open connection; the exercise asks it to connect, and to close",
    ),
    "open after a number that is too large": (
        query(enter=ROWS.replace("except Exception", "except sqlite3.Error")),
        "after an OverflowError, which is no sqlite3.Error (a number was too large for SQLite), the",
    ),
    "an error of MySQL that is only printed": (
        query("conn, query, params", "self.db, self.query, self.params = conn, query, params",
            ROWS).replace("self.db = sqlite3.connect('users.db')", "") + BY_MYSQL,
        "WRONG asked runs by itself without an error 1-execute.py uses MySQL; the exercise is about users.db",
    ),
    "closes nothing of another class": (
        connection() + """
class Pool:
    def __init__(self):
        self.connections = [sqlite3.connect("users.db") for _ in range(3)]
""" + demo("Pool().connections.append(Pool())"),
        "nothing had closed 6 connections that it opened without the class",
    ),
    "prints and returns nothing": (
        concurrent("for row in await ask('SELECT * FROM users'):\n    print(row)", end="""
        import sqlite3
        with sqlite3.connect("users.db") as set_up:
            set_up.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER, name, email, age)")
        try:
            asyncio.run(fetch_concurrently())
        except Exception as error:
            print("failed:", error)"""),
        "leaves gather with a None; return the rows from async_fetch_users() note: when",
    ),
    "shows a part": (
        concurrent("for row in (await ask('SELECT * FROM users'))[:5]:\n    print(row)"),
        "and printed User1 (24), User2 (25), User3 (26), User4 (40), User5 (41) ? Your query is right: what",
    ),
    "asks for a part": (
        concurrent("return await ask('SELECT * FROM users LIMIT 5')"),
        "and gave User1 (24), User2 (25), User3 (26), User4 (40), User5 (41) ? Which users does your query",
    ),
    "leaves a transaction behind": (
        NO_DEMO.replace("class", "left = vars(sqlite3).setdefault('left', [])\nclass", 1)
        .replace("connect(self.path)", "connect(self.path)\n        left.append(self.db)")
        .replace("self.db.close()", "self.is_done = True") + demo("""
        db = sqlite3.connect("users.db")
        db.execute("INSERT INTO users (name) VALUES ('Ada')")
        while left:
            left.pop().close()
        db.commit()
        print(*db.execute("SELECT * FROM users"))
        db.close()
        """),
        "ok beyond when it is run by itself, it prints the users",
    ),
    "removes its own file": (
        connection(show="pass") + REMOVES_ITS_FILE,
        "lies there; with CREATE TABLE IF NOT EXISTS it need not, if it fills the table only when",
    ),
    "overwrites a database": (
        connection() + demo("""
        open("people.db", "w").close()
        with DatabaseConnection("people.db") as db:
            db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT)")
        """),
        "note: python3 0-databaseconnection.py removes whatever people.db lies there",
    ),
    "drops the table of a database": (
        connection("path='people.db'") + demo("""
        with DatabaseConnection() as db:
            db.execute("DROP TABLE IF EXISTS users")
            db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
        """),
        "note: python3 0-databaseconnection.py drops the table users of the 'people.db' that it finds",
    ),
    "adds its people to others": (
        connection(show="pass") + demo(f"""
        with DatabaseConnection() as db:
            db.execute("{MAKE.format("")}")
            db.execute("{ADDS}")
        """),
        "adds people to a users.db that has its users already (Ada and 1 more); fill a table only when",
    ),
    "changes a user": (
        query() + demo("""
        with ExecuteQuery("UPDATE users SET age = age + 1 WHERE name = ?", ("User2",)):
            print("done")
        """),
        "note: python3 1-execute.py changes a users.db that has its users already (User2)",
    ),
    "a mistake that is only printed": (
        query() + demo(BY_NAME.format("pass")),
        "python3 1-execute.py printed 'failed: tuple indices must be integers or slices, not str', showed",
    ),
    "a wrong column that is only printed": (
        query() + demo("""
        try:
            with ExecuteQuery("SELECT * FROM users WHERE ages > ?", (25,)) as users:
                print(users)
        except Exception as error:
            print("failed:", error)
        """),
        "python3 1-execute.py printed 'failed: no such column: ages', showed no user, and ended with exit "
        "status 0, as if all was well ? Which table and which columns does the exercise ask for?",
    ),
    "a mistake besides the users": (
        query() + demo(BY_NAME.format("print(users)")),
        "note: python3 1-execute.py prints 'failed: tuple indices must be integers or slices, not str' and",
    ),
    "fails a second time": (
        NO_DEMO + demo(ADDS_FRANK),
        "note: run a second time, python3 0-databaseconnection.py prints 'transaction: UNIQUE constraint",
    ),
    "ends well without a database": (
        NO_DEMO + demo(FAILS),
        "note: when its database cannot be opened, python3 0-databaseconnection.py only prints the error",
    ),
    "ends well without a table": (
        NO_DEMO + demo("""
        db = sqlite3.connect("users.db")
        try:
            print(*db.execute("SELECT * FROM users"))
        except sqlite3.Error as error:
            print("failed:", error)
        finally:
            db.close()
        """),
        "note: when there is no table users, python3 0-databaseconnection.py only prints the error, and ends",
    ),
    "a mistake that is hidden": (
        query() + demo(BY_NAME.format("pass").replace('print("failed:", error)', "pass")),
        "note: python3 1-execute.py goes on after TypeError: tuple indices must be integers or slices, not",
    ),
    "ends well without a word": (
        NO_DEMO + demo(FAILS_QUIETLY),
        "note: when its database cannot be opened, python3 0-databaseconnection.py ends with exit status 0",
    ),
    "makes its table when it is imported": (
        connection() + FILLS,
        "note: importing 0-databaseconnection.py changes a database (CREATE TABLE IF NOT EXISTS users); put",
    ),
    "a database in memory": (
        connection("path=':memory:'"),
        "note: a database in memory is opened here; the database of the exercise is users.db",
    ),
    "a dict becomes its keys": (
        query(init="self.query, self.params = query, tuple(params or ())"),
        "note: with 'age > :age' and {'age': 25} ExecuteQuery gives [], and no error: a tuple or a list of a",
    ),
    "a pause in a query": (
        concurrent("await asyncio.sleep(0.1)\nreturn await ask('SELECT * FROM users')"),
        "note: the queries of 3-concurrent.py wait in asyncio.sleep(), however fast the database is",
    ),
    "a fetch that nobody awaits": (
        concurrent(
            older="""
            async with aiosqlite.connect("users.db") as db:
                cursor = await db.execute("SELECT * FROM users WHERE age > 40")
                return cursor.fetchall()""",
            both="print(*await asyncio.gather(async_fetch_users(), async_fetch_older_users()))",
        ),
        "gave a coroutine instead of the users: a call in it is not awaited ? Which calls of aiosqlite",
    ),
    "open after a wrong query and a failed commit": (
        query(enter="return self.db.execute(self.query, self.params).fetchall()", leave=OLD_LEAVE),
        "that is not there the connection was still open, and so it was after a commit that failed ? Which",
    ),
    "a number in parentheses": (
        query() + demo("""
        with ExecuteQuery("SELECT * FROM users WHERE age > ?", (25)) as users:
            print(users)
        """),
        "? What is (25) in Python, and what is (25,)? -> give a tuple with a value for each ?",
    ),
    "a column of another table": (
        query() + demo("""
        with ExecuteQuery("SELECT * FROM users WHERE town = ?", ("Ulm",)) as users:
            print(users)
        """),
        "? Which table and which columns does the exercise ask for? -> query users",
    ),
    "no self": (
        query().replace("def __enter__(self)", "def __enter__()"),
        "0 positional arguments but 1 was given -> def __enter__(self), and def __exit__(self, exc_type",
    ),
    "an end that cannot be called": (
        connection(enter="return sqlite3.connection(self.path)").replace(
            "(self, kind, error, trace)", "(self)"
        ),
        "note: Python calls __exit__ with 4 arguments, self included: def __exit__(self, exc_type, exc_value",
    ),
    "a demo that cannot run either": (
        connection(
            enter="self.db = sqlite3.connect(self.path)\nself.db.close()\nreturn self.db.cursor()",
            show="print(given)",
        ).replace(
            "DatabaseConnection() as", "DatabaseConnection('users.db', 5) as"
        ),
        "note: run by itself, python3 0-databaseconnection.py ends with TypeError",
    ),
    "a typing error in one query": (
        concurrent("return await ask('SELECT * FOM users')", "return await ask('SELECT * FROM users')"),
        "-> compare it with async_fetch_older_users, which works WRONG asked async_fetch_older_users gives",
    ),
    "both with an argument too many": (
        concurrent(both="return await asyncio.gather(async_fetch_users('a'), async_fetch_older_users('b'))"),
        "WRONG asked fetch_concurrently runs both at the same time fetch_concurrently() raised TypeError",
    ),
    "a password without a name": (
        """
import mysql.connector
class DatabaseConnection:
    def __init__(self, host, user, pswd):
        self.settings = dict(host=host, user=user, psd=pswd)
    def __enter__(self):
        self.db = mysql.connector.connect(**self.settings)
        return self.db
    def __exit__(self, *error):
        self.db.close()
if __name__ == "__main__":
    with DatabaseConnection("localhost", "root", "Tulip-77") as given:
        print(given)
""",
        "note: the password of the database is written in 0-databaseconnection.py; whoever has the files",
    ),
    "prints its values": (
        query(enter=WATCHED.format("print('query', self.query, self.params)", "pass")),
        "for a parameter 8675309 it printed or logged: query SELECT name FROM users WHERE age > ?",
    ),
    "logs its values": (
        query(enter=WATCHED.format("import logging\n    logging.info('with %s', self.params)", "pass")),
        "for a parameter 8675309 it printed or logged: with (8675309,)",
    ),
    "prints the values of a wrong query": (
        query(enter=WATCHED.format("pass", "print('no rows for', *self.params)")),
        "for a parameter 8675309 it printed or logged: no rows for 8675309",
    ),
    "open after a commit that is printed": (
        connection(leave=SKIPS_CLOSE),
        "after a commit that failed the connection was still open",
    ),
    "open after a query whose commit is printed": (
        query(leave=SKIPS_CLOSE),
        "after a commit that failed the connection was still open",
    ),
    "a cursor that has executed nothing": (
        query(enter=CURSOR) + demo("""
        with ExecuteQuery("SELECT * FROM users") as cursor:
            print(*cursor.execute("SELECT * FROM users"))
        """),
        "given a cursor, and not the result of the query, which ExecuteQuery never executes -> in __enter__",
    ),
    "no rows of nothing": (
        query(enter="self.rows = []\nreturn self.rows"),
        "the with block was given [], and not the result of the query, which ExecuteQuery never executes",
    ),
    "users that stand in the file": (
        connection(enter="return self", leave="pass",
            more="def query(self, sql):\n    return ['User1', 'User2']",
            show="print(given.query('SELECT * FROM users'))").replace("import sqlite3", ""),
        "DatabaseConnection opens no database: what it gives stands in the file -> connect in",
    ),
    "a query from outside whose error is printed": (
        concurrent("""
        try:
            return await ask(sql)
        except Exception as error:
            print(error)""", "return await ask(query, *params)",
            both="return await asyncio.gather(async_fetch_users(first), async_fetch_users(first))",
            end="pass", parameters="query, params")
        .replace("users(query, params)", "users(sql)", 1).replace("concurrently()", "concurrently(first)"),
        "note: async_fetch_older_users wants a query (query, params); the exercise asks it for those older",
    ),
    "a text file": (
        connection("path, mode", "self.path, self.mode = path, mode", "self.db = open(self.path, self.mode)",
            "self.db.close()", show="given.write('SELECT * FROM users')")
        .replace("import sqlite3", "").replace("Connection() as", "Connection('people.txt', 'w') as"),
        "WRONG asked queries can be run in the block DatabaseConnection opens a file with open(), and no "
        "database -> connect in __enter__",
    ),
    "a connection for one function only": (
        concurrent(
            "return await shared.execute_fetchall('SELECT * FROM users')",
            "return await shared.execute_fetchall('SELECT * FROM users WHERE age > 40')",
            """
            global shared
            async with aiosqlite.connect("users.db") as shared:
                return await asyncio.gather(async_fetch_users(), async_fetch_older_users())""",
        ),
        "; it works only while fetch_concurrently() runs ? Where does the coroutine get its connection from?",
    ),
    "four at once": (
        concurrent(both="""
        two = [async_fetch_users(), async_fetch_older_users()]
        return await asyncio.gather(two[0], two[1], ask("SELECT 1"), ask("SELECT 2"), return_exceptions=True)
        """),
        "note: fetch_concurrently() gathers 4 coroutines, and the exercise asks for two",
    ),
    "no demo": (
        NO_DEMO + demo("print('User1')"),
        "python3 0-databaseconnection.py ran no query ? Who uses the class?",
    ),
    "a demo that shows nobody": (
        connection(show="print('done', given.execute('SELECT * FROM users'))"),
        "python3 0-databaseconnection.py printed none of the users",
    ),
    "addresses of rows": (
        connection(
            enter="self.db = sqlite3.connect(self.path, isolation_level=None)\n"
            "self.db.row_factory = sqlite3.Row\nreturn self.db",
        ) + "print('ready')\nopen('class.log', 'a').close()\n",
        "printed the addresses of its rows, and no user ? What does print show of a sqlite3.Row?",
    ),
    "addresses of the rows of a query": (
        query(enter="self.db.row_factory = sqlite3.Row\n" + ROWS) + """
with ExecuteQuery("SELECT * FROM users") as rows:
    print(*rows)
""",
        "note: python3 1-execute.py prints <sqlite3.Row object at ...> instead of what is in the row",
    ),
    "with sqlite3.connect": (
        connection(leave=CLOSED_EARLIER) + """
if __name__ == "__main__":
    with sqlite3.connect("users.db") as set_up:
        set_up.execute("UPDATE users SET name = 'Ada' WHERE id = 1")
""",
        "that it opened without the class ? Does `with sqlite3.connect(...)` close?",
    ),
    "a demo with a connection of its own": (
        query() + """
if __name__ == "__main__":
    print(sqlite3.connect("users.db").execute("SELECT * FROM users").fetchall())
""",
        "nothing had closed 1 connection that it opened without the class ? Who closes the other connection?",
    ),
    "adds its people again": (
        connection(show="pass") + OWN_TABLE.format(unique="", how="OR IGNORE "),
        "adds the same users each time it is run: Ada was there 1 time, and then 2 times",
    ),
    "runs only once": (
        query() + OWN_TABLE.format(unique=" UNIQUE", how=""),
        "run a second time, python3 1-execute.py ended with IntegrityError: UNIQUE constraint failed",
    ),
    "a connection of the module": (
        connection(enter="self.db = shared\nreturn self.db").replace(
            "class Data", "shared = sqlite3.connect('users.db')\nclass Data"
        ),
        "DatabaseConnection uses a connection that is opened when the file is imported",
    ),
    "sqlite3 in coroutines": (
        concurrent("return old_ask('')", "return old_ask('WHERE age > 40')").replace("async def ask", """
def old_ask(where):
    import sqlite3
    db = sqlite3.connect("users.db")
    rows = db.execute("SELECT * FROM users " + where).fetchall()
    db.close()
    return rows
async def ask"""),
        "fetch_concurrently() ran one query after the other: sqlite3 itself keeps the event loop",
    ),
    "time.sleep in a coroutine": (
        concurrent("import time\ntime.sleep(1)\nreturn await ask('SELECT * FROM users')"),
        "fetch_concurrently() ran one query after the other: time.sleep stops both",
    ),
    "rows for nobody": (
        concurrent(
            both="""
            await asyncio.gather(async_fetch_users(), async_fetch_older_users(), return_exceptions=True)"""
        ),
        "fetch_concurrently() has the rows, and neither prints nor returns them",
    ),
    "errors of the older ones printed": (
        concurrent(older="""
        try:
            return await ask('SELECT * FROM users WHERE age > 40')
        except aiosqlite.Error as error:
            print(error)
            return []"""),
        "async_fetch_older_users() without the table users raised no error, and gave []",
    ),
    "errors of both printed": (
        concurrent(both="""
        try:
            print(await asyncio.gather(async_fetch_users(), async_fetch_older_users()))
        except aiosqlite.OperationalError as error:
            print(error)"""),
        "fetch_concurrently() without the table users raised no error, and gave None",
    ),
    "nothing for the block": (
        connection(enter="self.db = sqlite3.connect(self.path)"),
        "the with block was given None, and no connection -> end __enter__ with return self.connection",
    ),
    "a block without a database": (
        connection(
            enter=CLOSING.format("self.db = sqlite3.connect(self.path)").replace("raise", "self.db = None")
            .replace("self.db.close()", "pass") + "\nreturn self.db",
            leave="if self.db:\n    self.db.commit()\n    self.db.close()",
        ),
        "a with block for a database that cannot be opened raised no error",
    ),
    "rows of no database": (
        query(enter=ROWS).replace(
            "self.db = sqlite3.connect('users.db')",
            "self.db = self.connect()",
        ) + """
    def connect(self):
        try:
            return sqlite3.connect("users.db")
        except sqlite3.Error as error:
            print(error)
""",
        "a query of a database that cannot be opened raised AttributeError: 'NoneType' object has no",
    ),
    "open after the block": (connection(leave="pass"), "after the with block the connection was still open"),
    "open after an error": (
        connection(leave="if kind is None:\n    self.db.commit()\n    self.db.close()"),
        "after a with block that raised KeyError the connection was still open, and so it was after a commit "
        "that failed ? Which",
    ),
    "the error is gone": (
        connection(leave="self.db.close()\nreturn True"),
        "a KeyError in the with block did not reach the caller",
    ),
    "half is kept": (
        connection(leave="try:\n    self.db.commit()\nfinally:\n    self.db.close()"),
        "the email of user 1 after a block that failed: expected user1@mail.test, got new@mail.test",
    ),
    "half of a query is kept": (
        query(leave="try:\n    self.db.commit()\nfinally:\n    self.db.close()"),
        "the age of user 1 after a block that failed: expected 24, got 99 ? How does __exit__ know",
    ),
    "another driver": (
        connection(enter="return aiomysql.connect(db=self.path)").replace("sqlite3", "aiomysql"),
        "imports 'aiomysql', so it is written for another database: MySQL -> the exercise is about SQLite",
    ),
    "adds its people to users.db": (
        connection(show="""
        given.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT)")
        given.execute("INSERT INTO users (name) VALUES ('Ada')")
        print(*given.execute("SELECT * FROM users"))"""),
        "adds the same users each time it is run: Ada was there 1 time, and then 2 times",
    ),
    "a commit that is printed": (
        connection(leave=COMMIT_PRINTED),
        "a commit that failed was no error for the caller, and what was written is lost",
    ),
    "a commit of a query that is printed": (
        query(leave=COMMIT_PRINTED),
        "a commit that failed was no error for the caller, and the write is lost",
    ),
    "open after a commit": (
        connection(leave=OLD_LEAVE),
        "after a commit that failed the connection was still open",
    ),
    "open after the commit of a query": (
        query(leave=OLD_LEAVE),
        "after a commit that failed the connection was still open",
    ),
    "no query without parameters": (
        query(
            "query, params=None, path=None", "self.query, self.params, self.path = query, params, path"
        ).replace("'users.db'", "self.path"),
        "a query without parameters raised ",
    ),
    "its users are deleted": (
        connection() + """
if __name__ == "__main__":
    with DatabaseConnection() as db:
        db.execute("DELETE FROM users")
""",
        "note: python3 0-databaseconnection.py deletes all the users that users.db had",
    ),
    "a table without ages": (
        query(leave=CLOSED_EARLIER) + """
def seed():
    sqlite3.connect("users.db").execute("CREATE TABLE IF NOT EXISTS users (id INTEGER, name TEXT)")
""",
        "note: 1-execute.py makes a table users without a column age, which exercises 1 and 3 need",
    ),
    "no rows": (
        query(
            init="self.query, self.params = None, None",
            enter=ROWS.replace(":\n    self.db.close()\n    raise", " as error:\n    print(error)"),
        ),
        "was given None, and not the result of the query; what it went on after is ",
    ),
    "another query than the given one": (
        query(enter=ROWS.replace("self.query, self.params", "'SELECT * FROM users WHERE age > 25'")),
        "ExecuteQuery runs another query than the one that it is given -> in __enter__, give self.query and",
    ),
    "a method instead of rows": (
        query(enter=ROWS.replace("fetchall()", "fetchall")),
        "given the method fetchall, and not what it returns -> write a pair of parentheses after its name",
    ),
    "one row of several": (
        query(enter=ROWS.replace("fetchall", "fetchone")),
        "the with block was given one row, ('User3',), and not a list of rows",
    ),
    "a connection instead of rows": (
        query(enter="return self.db"),
        "the with block was given a connection, and not the result of a query",
    ),
    "left open in its demo": (
        query(enter="return self.db.execute(self.query, self.params).fetchall()") + """
try:
    with ExecuteQuery("SELECT nothing"):
        pass
except sqlite3.Error as error:
    print("as expected:", error)
""",
        "after a query of a table that is not there the connection was still open",
    ),
    "a wrong query is an empty one": (
        query("query, value", "self.query, self.params = query, (value,)",
            ROWS.replace("self.db.close()", "pass").replace("raise", "return None")),
        "a query of a table that is not there raised no error, and gave None",
    ),
    "another error than that of the query": (
        query(enter=ROWS.replace("raise", "return []")),
        "and not the error of the database",
    ),
    "a value in the SQL text": (
        query(init="self.query, self.params = query.replace('?', str(params[0])), ()"),
        "a parameter with a quote raised OperationalError: near ",
    ),
    "a lost write": (
        query(leave="self.db.close()"),
        "raised no error, but afterwards the age was still 24",
    ),
    "one row": (
        concurrent("rows = await ask('SELECT * FROM users')\nreturn list(rows)[0]"),
        "and gave one row: (1, 'User1', 'user1@mail.test', 24)",
    ),
    "only those with an age, and 40 as well": (
        concurrent(
            "return await ask('SELECT * FROM users WHERE age > 0')",
            "return await ask('SELECT * FROM users WHERE age >= 40')",
        ),
        "User8 (0), and gave User1 (24), User2 (25)",
    ),
    "a gather that nobody awaits": (
        concurrent(
            both="return asyncio.gather(async_fetch_users(), async_fetch_older_users())",
            end="users, older = asyncio.run(fetch_concurrently())\nprint(users)",
        ),
        "does not await its two queries: it gives a future in the place of rows ? Which line",
    ),
    "one query that nobody awaits": (
        concurrent(both="return await async_fetch_users(), async_fetch_older_users()"),
        "does not await one of its two queries: it gives a coroutine in the place of rows ? Which line",
    ),
    "a list is awaited": (
        concurrent(
            both="""
            both = await asyncio.gather(async_fetch_users(), async_fetch_older_users())
            return await both"""
        ),
        "fetch_concurrently() raised TypeError: object list can't be used in 'await' expression",
    ),
    "open after a query that failed": (
        concurrent("""
        db = await aiosqlite.connect("users.db")
        rows = await db.execute_fetchall("SELECT * FROM users")
        await db.close()
        return rows"""),
        "after a query that failed its connection was still open ? Which lines run when the query raises?",
    ),
    "closes what is not there": (
        concurrent("""
        db = await aiosqlite.connect("users.db")
        try:
            cursor = await db.execute("SELECT * FROM users")
            return await cursor.fetchall()
        except Exception as error:
            print(error)
        finally:
            await cursor.close()
            await db.close()"""),
        "-> open before the try, or with `with` or `async with`",
    ),
    "a function is awaited": (
        concurrent("""
        async with aiosqlite.connect("users.db") as db:
            cursor = await db.execute("SELECT * FROM users")
            return await cursor.fetchall""", older="return await ask('SELECT * users')"),
        "expression (3-concurrent.py, line 10) -> write a pair of parentheses after its name",
    ),
    "another table": (
        concurrent("return await ask('SELECT * FROM user_data')"),
        "no such table: user_data (3-concurrent.py, line 6) -> the table of the exercise is users",
    ),
    "the wrong column": (
        concurrent(older="return await ask('SELECT * FROM users WHERE id > 40')"),
        "should give User5 (41), User6 (67), and gave none",
    ),
    "neither": (
        concurrent("users = await ask('SELECT * FROM users')\nprint(len(users), 'users')"),
        "async_fetch_users() should return the users or print them, and did neither",
    ),
    "makes a table and runs no query": (
        concurrent(end="""
        with __import__("sqlite3").connect("users.db") as db:
            db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER)")
        fetch_concurrently()
        print("done")"""),
        "python3 3-concurrent.py ran none of the queries",
    ),
    "one after the other": (
        concurrent(both="return await async_fetch_users(), await async_fetch_older_users()"),
        "fetch_concurrently() ran one query after the other",
    ),
    "nobody is told": (
        concurrent(
            both="""
            try:
                await asyncio.gather(async_fetch_users(), async_fetch_older_users())
            except Exception as error:
                print(error)"""
        ),
        "the error of a query that failed did not reach the caller",
    ),
    "another database": (
        concurrent().replace("users.db", "../db.sqlite3"),
        "note: '../db.sqlite3' is opened here; the database of the exercise is users.db",
    ),
    "a path of one computer": (
        concurrent().replace("users.db", "/home/ann/project/users.db"),
        "note: '/home/ann/project/users.db' is opened here, which is on no other computer; the database",
    ),
    "users of its own": (
        concurrent().replace(
            "return await db",
            "await db.execute('CREATE TABLE users (id, name, email, age)')\n        "
            "await db.execute(\"INSERT INTO users VALUES (1, 'Ann', 'ann@mail.test', 50)\")\n"
            "        return await db",
        ).replace("users.db", ":memory:"),
        "async_fetch_users() should give the users of users.db, and gave others, from a database in memory",
    ),
}  # fmt: skip
TYPICAL = {
    ("opened_too_early", "context/0"): "DatabaseConnection(...) opened a connection before any with block",
    ("class_not_called", "context/0"): "-> write a pair of parentheses after its name",
    ("values_in_the_text", "context/1"): "who does not exist, it gave 7 users",
    ("no_place_for_25", "context/1"): "ExecuteQuery takes a query, and nothing for its parameter 25",
    ("one_connection", "context/3"): "both queries went over one connection, where one waits for the other",
    ("never_closed", "context/3"): "after fetch_concurrently() 2 of 2 connections were still open",
}


def task_of(text: str) -> str:
    kinds = {"context/0": "class DatabaseConnection", "context/1": "class ExecuteQuery"}
    return next((name for name, mark in kinds.items() if mark in text), "context/3")


def check_one(repo: Path, task: str) -> Result:
    (result,) = check(repo, None, wanted_tasks([task]))
    return result


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """The result of each made-up solution, by its name."""
    texts = {**SOUND, **UNTRIED, **{name: text for name, (text, _) in FAULTY.items()}}
    jobs: dict[str, tuple[Path, str]] = {name: (SOLUTIONS / name, task) for name, task in TYPICAL}
    for name, text in texts.items():
        repo = tmp_path_factory.mktemp("repo")
        (repo / FOLDER).mkdir()
        (repo / FOLDER / FILES[task_of(text)]).write_text(text, encoding="utf-8")
        jobs[name] = (repo, task_of(text))
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(jobs, pool.map(lambda job: check_one(*job), jobs.values())))


def text_of(*results: Result, hints: int = 1) -> str:
    """Return the report as one line of text."""
    return " ".join(" ".join(report(results, hints)).split())


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_shape_works_as_asked(name: str, results: dict[str, Result]) -> None:
    kept, promised = results[name].score(ASKED)
    assert kept == promised, text_of(results[name])


@pytest.mark.parametrize(
    "name",
    [
        "itself, with a query method",
        "itself, with the results",
        "connected when it is asked",
        "database last",
        "all by default",
        "to be run in the block",
        "a query committed at once",
        "a list alone",
        "names that tell nothing",
        "another error for the caller",
    ],
)
def test_its_shape_hides_nothing_that_is_beyond(name: str, results: dict[str, Result]) -> None:
    said = {v.probe.promise: v.sentence for v in results[name].verdicts if v.outcome != OK}
    without_demo = {CLOSES: "python3 1-execute.py opens no connection"}
    assert said == ({} if "__main__" in SOUND[name] else without_demo)


def test_what_cannot_be_tried_here_is_not_wrong(results: dict[str, Result]) -> None:
    result = results["a table with other columns"]
    assert result.state == "unavailable"
    assert "its own table users has a column nickname" in text_of(result)
    driver = results["a driver of whatever database"]
    assert driver.state == "unavailable"
    assert "is about SQLite, and is solved with sqlite3 or aiosqlite" in text_of(driver)
    outside = [verdict for verdict in results["a connection from outside"].verdicts if verdict.outcome != OK]
    assert [verdict.sentence for verdict in outside] == [
        "it opened no connection of its own",
        "it opened no connection of its own",
        "it opens no database itself",
        "no connection was opened",
        "python3 1-execute.py opens no connection",
    ]
    wants = results["wants to know more"]
    assert wants.state == "unavailable"
    assert "DatabaseConnection also wants fetch, and the exercise does not say what that is" in text_of(wants)
    method = results["a method for names of tables"]
    assert method.state == "unavailable"
    said = "works, and what else select() wants is not to be told"
    assert f"run by itself, {FILES['context/0']} {said}" in text_of(method)
    asks = [verdict for verdict in results["asks for input"].verdicts if verdict.outcome != OK]
    assert {verdict.outcome for verdict in asks} == {NOT_TRIED}
    assert [verdict.probe.promise for verdict in asks if verdict.level == ASKED] == [
        "runs by itself without an error"
    ]


def test_what_a_shape_leaves_out_is_not_tried(results: dict[str, Result]) -> None:
    for name, count in (("one value", 1), ("always 25", 1), ("only whole numbers", 2), ("a fixed query", 8)):
        outcomes = [verdict.outcome for verdict in results[name].verdicts]
        assert outcomes.count(NOT_TRIED) == count, text_of(results[name])
        wrong = [verdict.probe.promise for verdict in results[name].verdicts if verdict.outcome == WRONG]
        assert set(wrong) <= {"a query can have two parameters, or none"}, text_of(results[name])
    assert "a query with two parameters raised " in text_of(results["one value"])


@pytest.mark.parametrize("name", FLAWLESS)
def test_nothing_is_said_about_what_is_right(name: str, results: dict[str, Result]) -> None:
    assert results[name].notes == []
    assert {verdict.outcome for verdict in results[name].verdicts} == {OK}, text_of(results[name])


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_named(name: str, results: dict[str, Result]) -> None:
    assert FAULTY[name][1] in text_of(results[name])


@pytest.mark.parametrize(("name", "task"), TYPICAL)
def test_a_typical_fault_is_named(name: str, task: str, results: dict[str, Result]) -> None:
    assert TYPICAL[name, task] in text_of(results[name])


def test_a_fault_of_one_kind_makes_no_other_promise_wrong(results: dict[str, Result]) -> None:
    for name in (
        "open after an error",
        "prints its values",
        "one value",
        "a commit that is printed",
        "left open in its demo",
        "half is kept",
        "half of a query is kept",
        "a lost write",
    ):
        wrong = [v.probe.promise for v in results[name].verdicts if v.outcome == WRONG]
        assert len(wrong) == 1, text_of(results[name])
    for name in ("many statements before", "a list is awaited"):
        wrong = [v.sentence for v in results[name].verdicts if v.level == BEYOND and v.outcome != OK]
        assert "parentheses" not in text_of(results[name])
        runs_on = "one query had failed, and the other one was still running"
        assert all("object list can't be used in 'await'" in said or said == runs_on for said in wrong)
    wrong = [v.sentence for v in results["one_connection"].verdicts if v.outcome == WRONG]
    assert wrong == [
        "both queries went over one connection, where one waits for the other",
        "one query had failed, and the other one was still running",
    ]


def test_a_script_that_is_not_called_right_is_wrong_for_that_alone(results: dict[str, Result]) -> None:
    for name in ("class_not_called", "never_closed"):
        wrong = [v for v in results[name].verdicts if v.outcome == WRONG and v.level == ASKED]
        assert [v.probe.promise for v in wrong] == ["runs by itself without an error"]
        assert wrong[0].advice is not None


def test_what_the_code_opens_in_another_exercise_is_there(tmp_path: Path) -> None:
    other = tmp_path / "python-decorators-0x01"
    other.mkdir()
    for name in ("config.json", "helper.json"):
        (other / name).write_text("{}")
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "helper.py").write_text("open('python-decorators-0x01/helper.json').close()\n")
    start = "import os, helper\nopen('python-decorators-0x01/config.json').close()\n"
    end = "if __name__ == '__main__':\n    os.chdir('../python-decorators-0x01')\n    open('config.json')\n"
    (tmp_path / FOLDER / FILES["context/0"]).write_text(start + connection() + end)
    result = check_one(tmp_path, "context/0")
    assert {verdict.outcome for verdict in result.verdicts} == {OK}, text_of(result)
    assert (
        f"note: {FILES['context/0']} opens 'python-decorators-0x01/config.json', "
        "which is there only if it is run from the folder above"
    ) in text_of(result)


def test_only_a_table_of_the_same_database_counts(tmp_path: Path) -> None:
    """Three scripts: two make the table in one file, each with other columns; the third has its own file."""
    make = "db.execute('CREATE TABLE IF NOT EXISTS users ({})')\n"
    texts = {
        "context/0": connection("path='a.db'")
        + "db = sqlite3.connect('a.db')\n"
        + make.format("id INT, name TEXT"),
        "context/1": query() + "db = sqlite3.connect('b.db')\n" + make.format("name, age, town"),
        "context/3": concurrent(),
    }
    (tmp_path / FOLDER).mkdir()
    for task, text in texts.items():
        (tmp_path / FOLDER / FILES[task]).write_text(text.replace("users.db", "b.db"))
    columns = """
        name TEXT DEFAULT 'Ada', -- the user's name (if any), and not --
        town /* or village, */ TEXT CHECK (length(trim(town)) > 0),
        age INTEGER"""
    set_up = "b = 'b.db'\n" + make.replace("'", '"""').format(columns)
    (tmp_path / FOLDER / "setup.py").write_text(set_up)
    notes = [" ".join(check_one(tmp_path, task).notes) for task in texts]
    differ = "and setup.py make the table users of one database with its columns in another order, and"
    assert [differ in note for note in notes] == [False, True, False]
    assert "without a column age" not in " ".join(notes)


# The report


def test_of_two_folders_it_says_which_one_is_checked(tmp_path: Path) -> None:
    for folder in (FOLDER, "python-context-async-operations-0x02"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / FILES["context/0"]).write_text("<<<<<<< HEAD\n=======\n>>>>>>> main\n")
    (tmp_path / FOLDER / FILES["context/1"]).write_text("")
    text = text_of(check_one(tmp_path, "context/0"))
    assert f"note: {FOLDER} is checked, and python-context-async-operations-0x02 is not" in text
    assert f"{FILES['context/0']} still has a merge conflict in line 1" in text


def test_a_pause_before_another_try_is_no_fault(results: dict[str, Result]) -> None:
    assert results["tries again"].notes == []


def test_a_demo_that_is_imported_finds_a_whole_table(results: dict[str, Result]) -> None:
    assert "still open" not in text_of(results["a demo that minds a lost table"])


def test_errors_of_the_database_are_no_matter_of_what_always_fails(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    text = concurrent(both="raise TypeError('always')") + "EMPTY = 'DROP TABLE IF EXISTS users'\n"
    (tmp_path / FOLDER / FILES["context/3"]).write_text(text)
    (tmp_path / FOLDER / FILES["context/0"]).write_text("'CREATE TABLE users (id INT, name TEXT)'")
    result = check_one(tmp_path, "context/3")
    assert result.notes == []  # it makes the table afresh
    wrong = [verdict.probe.promise for verdict in result.verdicts if verdict.outcome == WRONG]
    assert wrong == ["fetch_concurrently runs both at the same time", "runs by itself without an error"]


def test_a_query_that_fails_hides_nothing_about_the_other(results: dict[str, Result]) -> None:
    outcomes = {v.probe.promise: v.outcome for v in results["a typing error in one query"].verdicts}
    assert outcomes["fetch_concurrently runs both at the same time"] == OK
    assert outcomes["when one query fails, the other is stopped"] == WRONG
    assert outcomes["every connection is closed, so that the program can end"] == OK


def test_what_a_private_module_opens_is_seen(results: dict[str, Result]) -> None:
    result = results["a cursor"]
    assert {verdict.outcome for verdict in result.verdicts} == {OK}, text_of(result)
    private = "imports _sqlite3, which is private to Python and may change; import sqlite3"
    assert result.notes == [f"{FILES['context/0']} {private}"]


def test_what_opens_nothing_has_closed_nothing(results: dict[str, Result]) -> None:
    (closes,) = [verdict for verdict in results["no demo"].verdicts if verdict.probe.promise == CLOSES]
    assert closes.outcome == NOT_TRIED
    assert closes.sentence == f"python3 {FILES['context/0']} opens no connection"


def test_a_class_that_leaves_the_query_to_its_block_is_told_so(results: dict[str, Result]) -> None:
    (note,) = results["to be run in the block"].notes
    assert note.startswith("ExecuteQuery has executed nothing when its with block begins; the exercise asks")
    assert "note: ExecuteQuery takes no query; the exercise asks" in text_of(results["a fixed query"])


def test_autocommit_and_what_an_import_does_are_said(results: dict[str, Result]) -> None:
    text = text_of(results["addresses of rows"])
    assert "? Which transaction is open in the block? -> none: with isolation_level=None" in text
    assert f"note: importing {FILES['context/0']} opens 'class.log' to write and prints 'ready'; who" in text


def test_a_query_from_outside_is_the_right_one(results: dict[str, Result]) -> None:
    result = results["a query from outside whose error is printed"]
    verdicts = {verdict.probe.promise: verdict for verdict in result.verdicts}
    assert [verdict.outcome for verdict in result.verdicts][:2] == [OK, OK], text_of(result)
    assert verdicts["the rows are printed or returned"].sentence == "fetch_concurrently() ran no query"
    said = "async_fetch_users() without the table users raised no error, and gave None"
    assert verdicts["an error of the database reaches the caller"].sentence == said


def test_a_file_that_is_removed_first_is_there(results: dict[str, Result]) -> None:
    outcomes = {v.probe.promise: v.outcome for v in results["people for two queries"].verdicts}
    assert outcomes["each query has a connection of its own"] == OK


def test_a_query_without_parameters_gets_no_advice_about_a_tuple() -> None:
    advice = advice_on("The current statement uses 0, and there are 1 supplied.")
    assert advice and "for none, nothing or an empty tuple" in advice.hint


def test_numbers_of_rows_are_no_rows(results: dict[str, Result]) -> None:
    assert "begins with WITH or VALUES ExecuteQuery gives no rows" in text_of(results["prints all rows"])


def test_what_a_set_up_leaves_open_and_the_try_below_it_hides_is_said(results: dict[str, Result]) -> None:
    text = text_of(results["prints and returns nothing"])
    assert "nothing had closed 1 connection that it opened outside of async_fetch_users() and " in text
    assert "note: when its users cannot be read, python3 3-concurrent.py only prints the error, and" in text


def test_an_error_among_the_results_is_wrong_unless_somebody_looks_for_it(results: dict[str, Result]) -> None:
    said = "fetch_concurrently() gave the error of a query in the place of its users ? What does a loop"
    assert said in text_of(results["four at once"])
    assert {verdict.outcome for verdict in results["labelled dicts"].verdicts} == {OK}


def test_two_parameters_that_became_one_are_what_is_wrong(results: dict[str, Result]) -> None:
    said = "for a query with two parameters the with block was given None ? What does the class put around"
    assert said in text_of(results["a wrong query is an empty one"])


def test_of_two_queries_that_fail_both_errors_are_told(results: dict[str, Result]) -> None:
    """Which of them ends the file is luck."""
    (note,) = results["a function is awaited"].notes
    assert note.startswith('async_fetch_older_users() raised OperationalError: near "users": syntax error')


def test_a_mistake_in_two_queries_is_told_once_and_of_no_line(results: dict[str, Result]) -> None:
    (note,) = results["closes what is not there"].notes
    assert "python3 3-concurrent.py ends with UnboundLocalError: " in note
    assert ", line" not in note


def test_what_is_closed_too_early_or_called_by_another_name_is_explained(results: dict[str, Result]) -> None:
    text = text_of(results["a demo that cannot run either"])
    assert "-> what uses it comes before its close(): execute(), fetchall(), commit()" in text
    assert "-> it is connect: sqlite3.connect(" in text_of(results["an end that cannot be called"])


def test_users_that_are_half_a_coroutine_are_not_called_shown(results: dict[str, Result]) -> None:
    said = [verdict.sentence for verdict in results["a fetch that nobody awaits"].verdicts]
    assert "one of the two results is nothing but a coroutine or a task" in said


def test_a_name_that_only_the_checker_gives_is_not_said_to_be_opened(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    text = connection("path").replace("DatabaseConnection() as", "DatabaseConnection('my_users.db') as")
    (tmp_path / FOLDER / FILES["context/0"]).write_text(text)
    notes = check_one(tmp_path, "context/0").notes
    assert notes == ["'my_users.db' is opened here; the database of the exercise is users.db"]


def test_an_await_that_is_forgotten_is_told_once(results: dict[str, Result]) -> None:
    result = results["a gather that nobody awaits"]
    wrong = [verdict for verdict in result.verdicts if verdict.outcome == WRONG]
    assert [verdict.probe.promise for verdict in wrong] == [
        "fetch_concurrently runs both at the same time",
        "runs by itself without an error",
    ]
    assert {verdict.advice for verdict in wrong} == {AWAIT_BOTH}
    reasons = {v.sentence for v in result.verdicts if v.outcome == NOT_TRIED and "python3" not in v.sentence}
    assert reasons == {wrong[0].sentence}
    assert result.notes == []


def test_a_gather_that_is_awaited_may_leave_a_query_when_the_other_fails(results: dict[str, Result]) -> None:
    assert "does not await" not in text_of(results["nobody is told"], results["errors of both printed"])


def test_where_no_query_gives_rows_nothing_is_said_of_some(results: dict[str, Result]) -> None:
    result = results["one row of several"]
    assert result.notes == []
    (none,) = [v for v in result.verdicts if v.probe.promise == "a query can have two parameters, or none"]
    assert (none.outcome, none.sentence) == (
        NOT_TRIED,
        "of a query with one parameter it does not give the rows either",
    )


def test_a_default_that_is_no_file_is_said_and_stops_nothing(results: dict[str, Result]) -> None:
    text = text_of(results["a database in memory"])
    assert (
        "note: path of DatabaseConnection is ':memory:' where nobody gives one, and that is no file" in text
    )
    assert "-> connect to users.db: each ':memory:' is a new database, and empty" in text
    assert [v.outcome for v in results["a database in memory"].verdicts].count(WRONG) == 1
    said = (
        "path of ExecuteQuery is None where nobody gives one, and that is no file with users ? Which database"
    )
    assert said in text_of(results["no query without parameters"])
    assert "note: ExecuteQuery has (25,) for the parameters of a query" in text_of(results["prints all rows"])


def test_a_commit_after_somebody_has_closed_is_an_error(results: dict[str, Result]) -> None:
    lost = "a ProgrammingError of commit() was no error for the caller, and "
    assert f"{lost}what was written is lost" in text_of(results["with sqlite3.connect"])
    assert f"{lost}the write is lost" in text_of(results["a table without ages"])


def test_errors_that_gather_returns_are_not_said_to_be_printed(results: dict[str, Result]) -> None:
    text = text_of(results["rows for nobody"])
    assert text.count("-> raise it: with return_exceptions=True whoever calls gather") == 2
    assert "do not print it" not in text


def test_of_two_wrong_queries_both_are_told(results: dict[str, Result]) -> None:
    said = "should give User5 (41), User6 (67), and gave User4 (40), User5 (41), User6 (67)"
    assert said in text_of(results["only those with an age, and 40 as well"])


@pytest.mark.parametrize(
    ("error", "source", "hint"),
    [
        ("NameError: name 'db' is not defined", connection(enter="db = 1"), "goes into self: self.db"),
        ("NameError: name 'path' is not defined", connection(), "goes into self: self.path"),
        ("NameError: name 'town' is not defined", connection(), ""),
        ("'DatabaseConnection' object has no attribute 'db'", connection(), ""),
        (
            "'DatabaseConnection' object has no attribute 'pat'",
            connection("pat", "self.db = self.pat"),
            "self.pat = ",
        ),
        (
            "'DatabaseConnection' object has no attribute 'cursor'",
            connection(),
            "names what __enter__ returns",
        ),
        ("'ExecuteQuery' object is not iterable", query(), "names what __enter__ returns"),
        ("'str' object has no attribute 'cursor'", connection(), ""),
        (
            "'DatabaseConnection' object has no attribute 'db'",
            connection().replace("__init__", "_init_"),
            "two under",
        ),
    ],
)
def test_a_value_that_another_method_has_is_explained(error: str, source: str, hint: str) -> None:
    advice = advice_on_self(error, source)
    assert hint in advice.hint if advice and hint else advice is None and not hint


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("uses 1, and there are 0 supplied.", "execute(query, params)"),
        ("Error binding parameter 1: type 'tuple' is not supported", "and not (params,)"),
        ("TypeError: 'X' object does not support the context manager protocol", "indented and spelt so"),
        ("AttributeError: __exit__", "indented and spelt so"),
        ("'function' object has no attribute 'close'", "parentheses after its name"),
        ("'sqlite3.Connection' object has no attribute 'fetchall'", "cursor.fetchall()"),
        ("NameError: name 'aiosqlite' is not defined", "import it"),
        ("execute() argument 1 must be str, not tuple", "the query first"),
        ("TypeError: cannot unpack non-iterable NoneType object", "return the value"),
    ],
)
def test_a_beginners_error_is_explained(error: str, hint: str) -> None:
    advice = advice_on(error)
    assert advice and hint in advice.hint


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("'Result' object has no attribute 'fetchall'", "await connect(), execute() and fetchall() each"),
        ("cannot unpack non-iterable coroutine object", "which has yet to run"),
        ("a coroutine was expected, got <_GatheringFuture pending>", "write `async def"),
        ("a coroutine was expected, got <function fetch_concurrently>", ""),
        ("An asyncio.Future, a coroutine or an awaitable is required", "one by one"),
        ("'Connection' object does not support the context manager protocol", "write `async with`"),
        ("no active connection", "inside of `async with"),
        ("'Cursor' object is not iterable", "`async for row in cursor`"),
        ("threads can only be started once", "without an await in it"),
    ],
)
def test_a_beginners_error_in_coroutines_is_explained(error: str, hint: str) -> None:
    hints = [advice.hint for pattern, advice in IN_LOOP if re.search(pattern, error)]
    assert hint in hints[0] if hint else not hints


def test_a_database_of_its_own_may_be_emptied(results: dict[str, Result]) -> None:
    for name in ("its own database is emptied", "adds its people to users.db", "removes what it made"):
        text = text_of(results[name])
        assert not [word for word in ("deletes", "removes", "drops") if word in text]


def test_a_note_is_printed_once(results: dict[str, Result]) -> None:
    result = results["another database"]
    assert text_of(result, result).count("note: ") == 1


def test_a_note_about_several_files_is_the_same_for_each_of_them(tmp_path: Path) -> None:
    make = "if __name__ == '__main__':\n    db = sqlite3.connect('people.db')\n"
    make += "    db.execute('CREATE TABLE IF NOT EXISTS users ({})')\n    db.close()\n"
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILES["context/0"]).write_text(connection() + make.format("id INT, name TEXT"))
    for task, text in (("context/1", query()), ("context/3", concurrent() + "import sqlite3\n")):
        (tmp_path / FOLDER / FILES[task]).write_text(text + make.format("id INT, name TEXT, age INT"))
    results = [check_one(tmp_path, task) for task in ("context/0", "context/1", "context/3")]
    three = "0-databaseconnection.py, 1-execute.py and 3-concurrent.py"
    text = text_of(*results)
    assert text.count("note: ") == 3  # the third: a table without a column age
    assert f"note: 'people.db' is opened in {three}; the database of the exercise is users.db" in text
    assert f"note: {three} make the table users of one database with different" in text


def test_the_users_db_of_another_exercise_is_as_good(tmp_path: Path) -> None:
    text = connection("path='../python-decorators-0x01/{}.db'")
    for name in (FOLDER, "python-decorators-0x01"):
        (tmp_path / name).mkdir()
    for name, notes in (("users", []), ("people", ["'../python-decorators-0x01/people.db' is opened here"])):
        (tmp_path / FOLDER / FILES["context/0"]).write_text(text.format(name))
        result = check_one(tmp_path, "context/0")
        assert {verdict.outcome for verdict in result.verdicts} == {OK}, text_of(result)
        assert [note.partition(";")[0] for note in result.notes] == notes


def test_whoever_is_told_to_be_there_already_is_no_failure(results: dict[str, Result]) -> None:
    assert "a second time" not in text_of(results["says who is there already"])


def test_hints_come_in_steps(results: dict[str, Result]) -> None:
    question, hint = "Which lines of __exit__ run after an error?", "-> close it in a finally"
    for hints, lesson in ((0, False), (1, False), (2, True)):
        text = text_of(results["open after an error"], hints=hints)
        assert question in text
        assert (hint in text) == (hints > 0)
        lines = list(report([results["open after an error"]], hints))
        assert any(line.startswith("## 0. ") for line in lines) == lesson
        assert ("with DatabaseConnection" in "\n".join(line for line in lines if line[:1] != " ")) == lesson


def test_the_next_step_is_what_is_asked_before_what_is_beyond() -> None:
    first, second = wanted_tasks(["context/0", "context/1"])

    def result(task: object, wrong_level: str) -> Result:
        made = Result(task)  # type: ignore[arg-type]
        made.verdicts = [
            Verdict(probe, WRONG if probe.level == wrong_level else OK, "no", Advice("", ""))
            for probe in made.task.probes
        ]
        return made

    assert next_step([result(first, BEYOND), result(second, ASKED)]).startswith(
        "mend context/1 until this is ok: gives the rows"
    )
    assert next_step([result(first, BEYOND), result(second, "")]).startswith(
        "mend context/0 until this is ok: nothing is opened"
    )
    unbegun = replace(result(second, ""), state="not begun")
    assert next_step([result(first, BEYOND), unbegun]).startswith("begin context/1")


def test_the_next_step_of_what_cannot_work_is_to_get_it_to_work(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILES["context/0"]).write_text("import\n")
    step = next_step([check_one(tmp_path, "context/0")])
    assert step.startswith("get context/0 to work (a connection for one with block); read ")


# Many checkouts


def run_checker(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    with environment({"PYTHONPATH": str(ROOT / "tests"), "HOME": str(home)}):
        return subprocess.run(
            [sys.executable, "-m", "checker", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )


def test_each_of_many_checkouts_gets_a_line_and_its_rows(tmp_path: Path) -> None:
    broken, empty = tmp_path / "it's broken", tmp_path / "empty"
    (broken / FOLDER).mkdir(parents=True)
    (broken / FOLDER / FILES["context/0"]).write_text("import\n")
    empty.mkdir()
    sound = "tests/checker/solutions/opened_too_early"
    options = ["--only", "context/0", "--only", "decorators", "--yes", "--csv", "~/all.csv"]
    broken_name = "~/it's broken"
    done = run_checker(broken_name, "~/empty", sound, *options, home=tmp_path)
    assert done.returncode == 1, done.stderr
    probes = [probe for task in wanted_tasks(["context/0", "decorators"]) for probe in task.probes]
    asked = sum(probe.level == ASKED for probe in probes)
    score, width = f"asked {{}} of {asked}, beyond {{}} of {len(probes) - asked}; ", len(sound)
    assert done.stdout.splitlines()[3:] == [
        f"{broken_name:<{width}}  {score.format(0, 0)}not begun: decorators; cannot be run: context/0",
        f"{'~/empty':<{width}}  {score.format(0, 0)}not begun: decorators, context/0",
        f"{sound}  {score.format(3, 8)}not begun: decorators",
    ]
    with open(tmp_path / "all.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 6
    wanted = {"repository": sound, "exercise": "context/0", "state": "tried", "asked_kept": "3"}
    assert wanted.items() <= rows[-1].items()
    assert rows[-1]["first_fault"].startswith("nothing is opened before the block: DatabaseConnection(...)")
    assert "syntax error" in rows[5]["first_fault"]


def test_a_checkout_that_has_all_that_is_asked_ends_well(tmp_path: Path) -> None:
    sound = "tests/checker/solutions/opened_too_early"
    done = run_checker(sound, "--only", "context/0", "--yes", "--csv", "~/all.csv", home=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"{sound}  asked 3 of 3, beyond 8 of 9")


def test_nobody_s_table_is_lost_before_yes(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("last week\n")
    done = run_checker("tests/checker/solutions/typical", "--csv", "~/all.csv", home=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "all.csv").read_text() == "last week\n"
