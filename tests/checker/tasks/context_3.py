"""Two queries at once."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import sqlite3
import sys
import threading
import warnings
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Awaitable, Callable, Iterator

from checker.demos import (
    DemoWorld,
    DemoWorldWithAges,
    advice_on,
    argument_of,
    invented,
    is_learners,
    leaves_others_alone,
    runs_by_itself,
    say_how_it_ends,
)
from checker.model import ASKED, BEYOND, Advice, Broken, Crash, Fault, NotTried, Task, Unavailable
from checker.shared import (
    PASSED_ON,
    RAISE_AGAIN,
    as_tuple,
    attempt,
    demo_closes,
    passes_on,
    queries,
    run_to_its_end,
    shows_users,
)
from checker.world import Surroundings, shortened

real_sleep = asyncio.sleep
LONGEST_WAIT = 0.5  # seconds for queries that nobody has awaited
LONGEST_SLEEP = 0.05  # seconds that a coroutine of the learner's sleeps, to play a slow query


class ConcurrentWorld(DemoWorldWithAges):
    """The same, in which asyncio.sleep() is short."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        # It comes when the garbage is collected, in the middle of something else; a probe says it in its place.
        warnings.filterwarnings("ignore", ".* was never awaited", RuntimeWarning)
        # Python 3.11 may fail to parse where it collects a coroutine that nobody has awaited: before there are any.
        self.count = gathered(self.file)
        self.silent: list[str] = []  # the coroutines that print their users and return nothing

        async def sleep(delay: float, result: Any = None) -> Any:
            self.notice_pause(delay)
            return await real_sleep(min(delay, LONGEST_SLEEP), result)

        asyncio.sleep = sleep

    def notice_pause(self, delay: float) -> None:
        """Say that a query has a pause in it, unless it is one before another try."""
        frame = sys._getframe(2)
        name = frame.f_code.co_name
        names = [spelling for one in (ALL, OLDER) for spelling in (one, *self.task.names[one])]
        if delay > 0 and name in names and is_learners(frame) and not sys.exc_info()[0]:
            self.say(
                f"the queries of {self.file.name} wait in asyncio.sleep(), however fast the database is; "
                "to see that both run at once, print when each begins and ends"
            )

    def prepare(self) -> None:
        """Add a user whom `WHERE age > 0` leaves out."""
        super().prepare()
        newborn = (8, "User8", "user8@mail.test", 0)
        with self.own_connection() as connection, connection:
            connection.execute("INSERT INTO users VALUES (?, ?, ?, ?)", newborn)
        self.users.append(newborn)

    def notes(self) -> list[str]:
        more = f"{BOTH}() gathers {self.count} coroutines, and the exercise asks for two"
        return super().notes() + [more] * (self.count > 2)


ALL, OLDER, BOTH = "async_fetch_users", "async_fetch_older_users", "fetch_concurrently"
TASK = Task(
    "context/3",
    "two queries at once",
    "3-concurrent.py",
    "3.",
    ConcurrentWorld,
    # The text of the curriculum shows these names without the underscores that its markup takes away.
    {ALL: ("asyncfetchusers",), OLDER: ("asyncfetcholder_users", "asyncfetcholderusers"), BOTH: ()},
)


def gathered(file: Path) -> int:
    """Return how many coroutines fetch_concurrently() gives to gather."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8-sig", errors="replace"))
    except SyntaxError:
        return 0
    functions = [node for node in ast.walk(tree) if getattr(node, "name", "") == BOTH]
    calls = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Call)]
    is_gather = [
        call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) == "gather"
    ]
    return max((len(call.args) for call in is_gather), default=0)


AGE = re.compile(r"age|older|limit|threshold|minimum")
QUERY = re.compile("query|sql(?!ite)|statement|stmt")
VALUES = re.compile(r"param|^args?$|arguments|values|bind")
CONNECTION = re.compile(r"conn|connection|cnx|session|cursor")


def call(world: DemoWorld, name: str) -> tuple[Any, str]:
    """Adapter: what the coroutine function of this name returns, awaited, and what it prints."""
    return call_function(name, world, world.get(name))


def call_function(name: str, world: DemoWorld, function: Callable[..., Any]) -> tuple[Any, str]:
    try:
        with attempt(f"{name}()"), world.output() as printed:
            result = run(world, name, function)
    except Crash as crash:
        crash.advice = advice_in_loop(world, crash) or crash.advice
        raise
    return result, printed.getvalue()


def run(world: DemoWorld, name: str, function: Callable[..., Any]) -> Any:
    """Return what a function of any kind gives, from a connection or a path if it wants one."""
    values = {p.name: argument(world, name, function, p) for p in required(function)}
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return asyncio.run(settled(world, function, values))
    try:
        result = function(*values.values())
        needs_loop = asyncio.isfuture(result)  # which belongs to another event loop than the one below
    except RuntimeError as error:
        needs_loop = "no current event loop" in str(error) or "no running event loop" in str(error)
        if not needs_loop:
            raise
    if needs_loop:
        return asyncio.run(finished(lambda: function(*values.values())))
    return asyncio.run(finished(lambda: result)) if inspect.isawaitable(result) else result


async def finished(begin: Callable[[], Awaitable[Any]]) -> Any:
    return await begin()


async def settled(world: DemoWorld, function: Callable[..., Any], values: dict[str, Any]) -> Any:
    """The same, after which no query that nobody has awaited is cut off while it connects."""
    try:
        return await awaited(world, function, values)
    finally:
        left = queries_running(world)
        if left:
            await asyncio.wait(left, timeout=LONGEST_WAIT)


async def awaited(world: DemoWorld, function: Callable[..., Any], values: dict[str, Any]) -> Any:
    """The same for one that is a coroutine function, in the event loop that runs already."""
    async with AsyncExitStack() as stack:
        arguments = []
        for parameter in required(function):
            if wants_connection(function, parameter):
                import aiosqlite

                arguments.append(await stack.enter_async_context(aiosqlite.connect("users.db")))
            else:
                arguments.append(values[parameter.name])
        result = function(*arguments)
        if inspect.isasyncgen(result):
            return [item async for item in result]
        if function.__name__ != BOTH:
            return await result
        with tasks_made() as tasks:
            result = await result
        expect_awaited(world, result, tasks)
        return result


@contextmanager
def tasks_made() -> Iterator[list[Any]]:
    """Collect the tasks that are made in the with block."""
    loop, tasks = asyncio.get_running_loop(), []

    def make(loop: Any, coroutine: Any, **options: Any) -> Any:
        tasks.append(asyncio.Task(coroutine, loop=loop, **options))
        return tasks[-1]

    loop.set_task_factory(make)
    try:
        yield tasks
    finally:
        loop.set_task_factory(None)


class Unawaited(Crash):
    """fetch_concurrently() ends, and its queries have not: each other promise waits for that one word."""


AWAIT_BOTH = Advice(
    "Which line waits until both queries have their rows?", "return await asyncio.gather(one(), other())"
)


def expect_awaited(world: DemoWorld, result: Any, tasks: list[Any]) -> None:
    """Expect of what fetch_concurrently() gives, and of its tasks, that it has awaited its queries.

    Where one of them has failed, gather was awaited, and has left the other.
    """
    parts = list(result) if isinstance(result, (list, tuple)) else [result]
    pending = [part for part in parts if asyncio.isfuture(part) and not part.done()]
    begun = [part for part in parts if inspect.iscoroutine(part) and is_query(world, part)]
    queries = [task for task in tasks if is_query(world, task.get_coro())]
    has_failed = any(task.done() and not task.cancelled() and task.exception() for task in queries)
    undone = {*begun, *(task for task in queries if not task.done() and not has_failed)}
    if not pending and not undone:
        return
    for coroutine in begun:
        coroutine.close()
    which_ones = {1: "one of its two queries", 2: "its two queries"}.get(len(undone), "its queries")
    given = "a coroutine" if begun else "a task" if isinstance(result, (list, tuple)) else "a future"
    effect = f"it gives {given} in the place of rows" if pending or begun else "it ends before they have run"
    raise Unawaited(f"{BOTH}() does not await {which_ones}: {effect}", AWAIT_BOTH)


def is_query(world: DemoWorld, coroutine: Any) -> bool:
    """Tell whether this is one of the two queries, or what a probe has put in the place of one."""
    code: Any = getattr(coroutine, "cr_code", None)
    names = [spelling for one in (ALL, OLDER) for spelling in (one, *world.task.names[one])]
    return bool(code) and (code.co_name in names or code.co_filename == __file__)


def queries_running(world: DemoWorld) -> set[Any]:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return {task for task in others if not task.done() and is_query(world, task.get_coro())}


def required(function: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in parameters if p.default is p.empty and p.kind in kinds]


def argument(world: DemoWorld, name: str, function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """Return what a function is given for a parameter: the exercise's own query, age, or database where it wants one."""
    what = parameter.name.lower()
    if QUERY.search(what):
        takes_values = any(VALUES.search(p.name.lower()) for p in required(function))
        is_older = name == OLDER or AGE.search(what)
        return f"SELECT * FROM users{' WHERE age > ' if is_older else ''}{('?' if takes_values else '40') * bool(is_older)}"
    if VALUES.search(what):
        return 40 if re.search(rf"[(\[]\s*{parameter.name}\s*,?\s*[)\]]", source_of(function)) else (40,)
    return 40 if AGE.search(what) else argument_of(world, name, parameter)


def source_of(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def say_what_it_wants(world: DemoWorld, name: str, whose: str) -> None:
    """Say of a coroutine function that it leaves its query to whoever calls it."""
    names = [p.name for p in required(world.get(name))]
    query = next((each for each in names if QUERY.search(each.lower())), "")
    if query:
        world.say(
            f"{name} wants a query ({', '.join(names)}); the exercise asks it for {whose}: write that query into it"
        )


def wants_connection(function: Callable[..., Any], parameter: inspect.Parameter) -> bool:
    """Tell whether a parameter is a connection, by its name, its annotation or what is done with it."""
    name, source = parameter.name, source_of(function)
    if re.search(rf"connect\(\s*(database\s*=\s*)?{name}\b", source):
        return False
    is_used_so = re.search(rf"\b{name}\.(execute|execute_fetchall|cursor|row_factory)\b", source)
    named_so = CONNECTION.search(name.lower()) and not re.search("str|path|name|file", name.lower())
    return bool(is_used_so or named_so or "Connection" in str(parameter.annotation))


class Foreign(Fault):
    """These are users, and not those of users.db."""


ROWS = (tuple, dict, sqlite3.Row)
ONE_ROW = Advice(
    "How many rows come from fetchone(), and from a return in a loop?", "return await cursor.fetchall()"
)
AWAIT = Advice(
    "Which calls of aiosqlite give you something to wait for?",
    "all of them: await connect(), execute() and fetchall() each",
)
RETURNS = Advice("What does the caller get?", "return the rows")
IN_FILE = Advice("Which database has the users?", "connect to users.db")


# Users, as rows of any kind or as printed lines


def expect_users(world: ConcurrentWorld, what: str, wanted: list[Any], result: Any, printed: str) -> None:
    """Expect these users, in any order, returned as rows, alone or with a title, or else printed."""
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise Fault(f"{what} gave a coroutine instead of the users: a call in it is not awaited", AWAIT)
    rows = find_rows(result)
    if rows is None and isinstance(result, ROWS) and result:
        raise Fault(f"{what} should give {named(wanted)}, and gave one row: {as_tuple(result)}", ONE_ROW)
    if rows is None:
        got = [user for user in world.users if re.search(rf"\b({user[1]}|{user[2]})\b", printed)]
        if not got:
            given = "did neither" if result is None else f"gave {shortened(describe_kind(result))}"
            raise Fault(f"{what} should return the users or print them, and {given}", RETURNS)
        verb = "printed"
        if result is None:
            world.silent += [what] * (what not in world.silent)
    else:
        got = sorted((which(world, row) for row in rows), key=repr)
        verb = "gave"
    if got == sorted(wanted, key=repr):
        return
    if not any(user in world.users for user in got) and "a database in memory" in world.recorder.elsewhere:
        raise Foreign(
            f"{what} should give the users of users.db, and gave others, from a database in memory", IN_FILE
        )
    is_cut = any(asks_for(world, wanted, sql) for _, sql in list(world.recorder.statements))
    raise Fault(f"{what} should give {named(wanted)}, and {verb} {named(got)}", CUT if is_cut else None)


CUT = Advice(
    "Your query is right: what becomes of its rows?", "fetch all of them, and return them as they are"
)


def asks_for(world: DemoWorld, wanted: list[Any], sql: str) -> bool:
    """Tell whether this is a query of these users."""
    if not sql.lower().lstrip().startswith("select"):
        return False
    with suppress(sqlite3.Error):
        return sorted((which(world, row) for row in world.select(sql)), key=repr) == sorted(wanted, key=repr)
    return False


def find_rows(result: Any) -> list[Any] | None:
    """Return the rows in a result, or None where there are none."""
    if isinstance(result, list):
        return result
    parts = result.values() if isinstance(result, dict) else result if isinstance(result, tuple) else ()
    if isinstance(result, tuple) and result and all(isinstance(part, ROWS) for part in result):
        return list(result)
    return next((part for part in parts if isinstance(part, list)), None)


def which(world: DemoWorld, row: Any) -> Any:
    """Return the user that a row is about, whatever columns it has; or the row itself."""
    if isinstance(row, str):
        row = (row,)
    values = as_tuple(vars(row) if hasattr(row, "__dict__") and not isinstance(row, dict) else row)
    return next((user for user in world.users if user[1] in values or user[2] in values), values)


def describe_kind(value: Any) -> str:
    return repr(value) if isinstance(value, (int, str)) else f"an object of the type {type(value).__name__}"


def named(users: list[Any]) -> str:
    shown = [f"{user[1]} ({user[3]})" if len(user) == 4 else repr(user) for user in users[:8]]
    more = [f"{len(users) - 8} more"] if len(users) > 8 else []
    return ", ".join([*shown, *more]) or "none"


@TASK.probe(
    ASKED,
    "async_fetch_users gives all users",
    Advice("Which users does your query leave out?", "SELECT * FROM users, and then all of its rows"),
    decides=True,
)
def all_users(world: ConcurrentWorld) -> None:
    try:
        result, printed = call(world, ALL)
    except Crash as crash:
        column = re.search(r"no such column: (?:\w+\.)?(\w+)", str(crash))
        if column and world.own_table_has(column[1]):
            raise Unavailable(
                f"its own table users has a column {column[1]}; the table here has id, name, email and age",
                "take the columns of the exercise, and check it again",
            ) from crash
        table = re.search(r"no such table: (?:\w+\.)?(\w+)", str(crash))
        if table and table[1].lower() != "users":
            raise Broken(str(crash), "the table of the exercise is users") from crash
        unknown = invented(required(world.get(ALL)))
        if unknown and not set(unknown) <= set(world.own_arguments(ALL)):
            wants = f"{ALL} wants {' and '.join(unknown)}, and the exercise does not say what that is"
            raise Unavailable(wants, "let it work without, and check it again") from crash
        crash.advice = crash.advice or advice_on(crash, world)
        other = crash_of(world, OLDER)
        if not other:
            raise Fault(str(crash), crash.advice or COMPARE) from crash
        fault = needs_both(world, crash)
        say_how_it_ends(world, fault, other=other if fault is crash else "")
        raise fault from crash
    expect_users(world, "async_fetch_users()", world.users, result, printed)
    say_what_it_wants(world, ALL, "all users")


@TASK.probe(
    ASKED,
    "async_fetch_older_users gives those over 40, and nobody of 40",
    Advice("Which column, and which ages, does your WHERE compare?", "WHERE age > 40"),
)
def older_users(world: ConcurrentWorld) -> None:
    wanted = [user for user in world.users if user[3] > 40]
    try:
        result, printed = call(world, OLDER)
    except Crash as crash:
        crash.advice = crash.advice or advice_on(crash, world)
        raise needs_both(world, crash) from crash
    try:
        expect_users(world, "async_fetch_older_users()", wanted, result, printed)
        say_what_it_wants(world, OLDER, "those older than 40")
    except Foreign as fault:
        raise NotTried("its users come from a database in memory, and not from users.db") from fault
    finally:
        if world.silent:
            world.say(
                "a coroutine that prints its users and returns nothing leaves gather with a None; return the rows "
                f"from {' and '.join(world.silent)}"
            )


def crash_of(world: DemoWorld, name: str) -> Crash | None:
    try:
        call(world, name)
    except Crash as crash:
        return crash
    return None


def works(world: DemoWorld, name: str) -> bool:
    return not crash_of(world, name)


COMPARE = Advice(
    "What does the other coroutine do differently there?", f"compare it with {OLDER}, which works"
)


def needs_both(world: DemoWorld, crash: Crash) -> Fault:
    """Return the crash of a coroutine, or that only fetch_concurrently() makes what it needs."""
    if isinstance(crash.__cause__, sqlite3.OperationalError):
        return crash
    try:
        call(world, BOTH)
    except Crash:
        return crash
    if len(queries(world)) < 2:
        return crash
    return Fault(f"called by itself, {crash}; it works only while {BOTH}() runs", CONNECT_INSIDE)


CONNECT_INSIDE = Advice(
    "Where does the coroutine get its connection from?", "open it there: `async with aiosqlite.connect(...)`"
)


@TASK.probe(
    ASKED,
    "fetch_concurrently runs both at the same time",
    Advice("When does the second query start?", "await asyncio.gather(one(), other())"),
)
def both_run(world: DemoWorld) -> None:
    module = world.load()
    both = world.find(module, BOTH)
    running: list[str] = []
    together: list[bool] = []
    failed: list[str] = []
    slept: list[float] = []
    called: list[str] = []

    def watched(name: str) -> Any:
        real = world.find(module, name)

        @contextmanager
        def notices_failure() -> Iterator[None]:
            try:
                yield
            except Exception:
                failed.append(name)
                raise

        async def begin() -> None:
            running.append(name)
            for _turn in range(20):
                await real_sleep(0.005)
                together.append(len(set(running)) == 2)
            running.remove(name)

        async def generator(*arguments: Any, **named: Any) -> Any:
            await begin()
            with notices_failure():
                async for item in real(*arguments, **named):
                    yield item

        async def query(*arguments: Any, **named: Any) -> Any:
            await begin()
            before = len(world.recorder.naps)
            with notices_failure():
                result = real(*arguments, **named)
                result = await result if inspect.isawaitable(result) else result
            slept.extend(world.recorder.naps[before:])
            return result

        def call_it(*arguments: Any, **named: Any) -> Any:
            called.append(name)
            return query(*arguments, **named)

        return generator if inspect.isasyncgenfunction(real) else call_it

    for name in (ALL, OLDER):
        setattr(module, world.spelling(module, name), watched(name))
    try:
        call_function(BOTH, world, both)
    except Crash:
        if all(works(world, name) for name in failed):  # or else it is named where that is called by itself
            raise
    if not together and called:
        raise Unawaited(
            f"{BOTH}() calls {' and '.join(dict.fromkeys(called))}, and awaits nothing", AWAIT_BOTH
        )
    if not together:
        raise Fault("fetch_concurrently() called neither async_fetch_users nor async_fetch_older_users")
    if not any(together):
        raise Fault("fetch_concurrently() ran one query after the other")
    if slept:
        raise Fault(f"{BOTH}() ran one query after the other: time.sleep stops both", DO_NOT_BLOCK)
    opened = world.recorder.sqlite
    if opened and all(connection.thread == threading.get_ident() for connection in opened):
        raise Fault(
            f"{BOTH}() ran one query after the other: sqlite3 itself keeps the event loop until it has the rows",
            DO_NOT_BLOCK,
        )


DO_NOT_BLOCK = Advice(
    "What can the event loop do while one of your lines waits?",
    "await what waits: aiosqlite instead of sqlite3, asyncio.sleep instead of time.sleep",
)


@TASK.probe(ASKED, "runs by itself without an error")
def runs(world: DemoWorld) -> None:
    try:
        runs_by_itself(world)
    except Fault as fault:
        crash = crash_of(world, BOTH)
        fault.advice = (
            crash.advice if isinstance(crash, Unawaited) else advice_in_loop(world, fault) or fault.advice
        )
        raise


def advice_in_loop(world: DemoWorld, error: object) -> Advice | None:
    """Return what helps with an error that only code with coroutines meets."""
    text = str(error)
    if "unhashable type: 'list'" in text and not re.search(r"gather\(\s*(?:\[|await\b)", world.source()):
        return None
    return next((advice for pattern, advice in IN_LOOP if re.search(pattern, text)), None)


CALLED = Advice(
    "What does the call of a coroutine function give?",
    "a coroutine, which has yet to run: await it, and give the outermost one to asyncio.run(), once",
)
ASYNC_DEF = Advice(
    "Is what asyncio.run() is given the call of an `async def` function?",
    "write `async def fetch_concurrently()`, and in it `return await asyncio.gather(...)`",
)
ONE_BY_ONE = Advice(
    "What does gather want to be given?",
    "coroutines, one by one: gather(one(), other()), with their parentheses, and without a list or an await inside",
)
IN_LOOP = [
    (r"'Result' object has no attribute|'coroutine' object has no attribute", AWAIT),
    (r"a coroutine was expected, got (?!<function)", ASYNC_DEF),
    (
        r"'coroutine' object|type 'coroutine'|coroutine object|cannot be called from a running event loop",
        CALLED,
    ),
    (r"unhashable type: 'list'|an? (coroutine or an )?awaitable is required", ONE_BY_ONE),
    (
        r"context manager protocol|AttributeError: __(enter|exit)__",
        Advice("Which `with` can wait?", "write `async with`, before connect() and before execute()"),
    ),
    (
        r"'Cursor' object is not iterable",
        Advice(
            "How do you wait for the rows of a cursor?",
            "await cursor.fetchall(), or `async for row in cursor`",
        ),
    ),
    (
        r"threads can only be started once",
        Advice("Which word waits already?", "`async with aiosqlite.connect(...)`, without an await in it"),
    ),
    (
        r"no active connection|Connection closed",
        Advice(
            "Which line has opened the connection, and where is it closed?",
            "use it inside of `async with aiosqlite.connect('users.db') as db:`, which opens and closes it",
        ),
    ),
]


@TASK.probe(
    BEYOND,
    "when it is run by itself, its queries run",
    Advice("Who runs a coroutine?", "end with asyncio.run(fetch_concurrently())"),
)
def queries_run(world: DemoWorld) -> None:
    run_to_its_end(world)
    if not queries(world):
        raise Fault(f"python3 {world.file.name} ran none of the queries")


@TASK.probe(
    BEYOND,
    "the rows are printed or returned",
    Advice(
        "Who gets the two lists that gather returns?", "return them from fetch_concurrently, or print them"
    ),
)
def rows_are_used(world: DemoWorld) -> None:
    try:
        result, printed = call(world, BOTH)
    except Crash as crash:
        raise NotTried(str(crash)) from crash
    parts = result if isinstance(result, (list, tuple)) else [result]
    if "<coroutine object" in printed or any(map(inspect.isawaitable, parts)):
        raise NotTried("one of the two results is nothing but a coroutine or a task")
    if is_something(result) or shows(world, printed):
        return
    if not queries(world):
        raise NotTried(f"{BOTH}() ran no query")
    run = run_to_its_end(world)
    if not shows(world, run.printed):
        raise Fault("fetch_concurrently() has the rows, and neither prints nor returns them")


def is_something(result: Any) -> bool:
    """Tell whether a result is more than the None, once or twice, of functions that return nothing."""
    return any(map(is_something, result)) if isinstance(result, (list, tuple)) else result is not None


def shows(world: DemoWorld, text: str) -> bool:
    """Tell whether a text has users, or how many there are."""
    return shows_users(world, text) or bool(re.search(rf"\b{len(world.users)}\b", text))


@contextmanager
def without_help() -> Iterator[None]:
    """Keep the connections of aiosqlite alive: some of its versions close one that is garbage."""
    module: Any = sys.modules.get("aiosqlite")
    if module is None:
        yield
        return
    kept: list[Any] = []
    real = module.Connection.__await__

    def wait(connection: Any) -> Any:
        kept.append(connection)
        return real(connection)

    module.Connection.__await__ = wait
    try:
        yield
    finally:
        module.Connection.__await__ = real


def load_quietly(world: DemoWorld, name: str) -> Callable[..., Any]:
    """Import the file, and forget what its demo opens, also where a thread opens it late.

    Cancelling a connect() of aiosqlite leaves its thread to finish: the connection comes, and nobody has it.
    """
    function: Callable[..., Any] = world.get(name)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(0.1)
    world.prepare()
    return function


CLOSES_AFTER_ERROR = Advice(
    "Which lines run when the query raises?", "`async with` around it, or close the connection in a finally"
)


@TASK.probe(
    BEYOND,
    "every connection is closed, so that the program can end",
    Advice("Who ends the thread behind a connection?", "use `async with aiosqlite.connect`"),
)
def closes(world: DemoWorld) -> None:
    both = world.get(BOTH)
    with without_help():
        has_ended = False
        with suppress(Crash):  # whatever comes after the queries
            call_function(BOTH, world, both)
            has_ended = True
        opened, left = len(world.recorder.sqlite), world.left_open()
        # An error cancels the other queries, and aiosqlite may lose a connection that it is opening then.
        if left and (has_ended or left == opened):
            raise Fault(f"after fetch_concurrently() {left} of {opened} connections were still open")
        for name in (ALL, OLDER):
            users = load_quietly(world, name)
            world.drop_table()
            with suppress(Crash):
                call_function(name, world, users)
            if world.left_open():
                raise Fault("after a query that failed its connection was still open", CLOSES_AFTER_ERROR)
            opened += len(world.recorder.sqlite)
    if not opened:
        raise NotTried("no connection was opened")
    with suppress(NotTried):
        demo_closes(world, f"outside of {ALL}() and {OLDER}()")


@TASK.probe(
    BEYOND,
    "each query has a connection of its own",
    Advice("What does the second query do while the connection is busy?", "connect in each function"),
)
def own_connections(world: DemoWorld) -> None:
    with suppress(Crash):  # whatever comes after the queries
        call(world, BOTH)
    used = queries(world)
    if len(used) < 2:
        raise NotTried("fetch_concurrently() ran fewer than two queries")
    if len(set(used)) == 1:
        raise Fault("both queries went over one connection, where one waits for the other")


@TASK.probe(BEYOND, "an error of the database reaches the caller", RAISE_AGAIN)
def errors_come_out(world: DemoWorld) -> None:
    names = names_that_work(world)
    if not names:
        raise NotTried("with the table users it ended with an error as well")
    any(world.say_if_it_seeds(f"{name}()", partial(run, world, name, world.get(name))) for name in names)
    for name in names:
        function = world.get(name)
        world.drop_table()
        call_it = partial(result_or_its_error, world, name, function)
        try:
            passes_on(sqlite3.Error, f"{name}() without the table users", call_it)
        except Fault as fault:
            fault.advice = fault.advice or (keeps_errors(world) if name == BOTH else None)
            raise
        except NotTried:
            if name != BOTH:
                raise


def names_that_work(world: DemoWorld) -> list[str]:
    """Return which of the three can be called: what always fails tells nothing about the database."""
    return [name for name in (ALL, OLDER, BOTH) if works(world, name)]


def result_or_its_error(world: DemoWorld, name: str, function: Callable[..., Any]) -> Any:
    """Return what a function gives without the table; an error that it returns is raised."""
    result = run(world, name, function)
    if name == BOTH and not world.recorder.sqlite:
        raise NotTried("it asks no database")
    errors = (
        [part for part in result if isinstance(part, Exception)] if isinstance(result, (list, tuple)) else []
    )
    if errors:
        raise errors[0]
    if find_rows(result) or world.has_table():
        raise NotTried("it makes the table itself")
    return result


CHECK_RESULTS = Advice(
    "What does a loop over the users do with an exception?",
    "raise it: with return_exceptions=True whoever calls gather has to look at each result",
)


def keeps_errors(world: DemoWorld) -> Advice | None:
    """Return what to do about results that are errors, if gather is asked for those."""
    return CHECK_RESULTS if re.search(r"return_exceptions\s*=\s*True", world.source()) else None


NOBODY_TOLD = Advice("Who learns that a query failed?", "let the exception go through, or raise it again")


@TASK.probe(
    BEYOND,
    "when one query fails, the other is stopped",
    Advice("What does gather do with the others when one fails?", "cancel what is left, and wait for it"),
)
def sibling_is_stopped(world: DemoWorld) -> None:
    module = world.load()
    both = world.find(module, BOTH)
    begun: list[str] = []
    running: list[str] = []

    async def failing(*_: Any, **__: Any) -> None:
        begun.append("failing")
        await real_sleep(0.01)
        raise KeyError("raised by one query")

    async def slow(*_: Any, **__: Any) -> list[Any]:
        begun.append("slow")
        running.append("slow")
        try:
            await real_sleep(0.5)
        finally:
            running.remove("slow")
        return []

    async def main() -> list[str]:
        try:
            result = await awaited(world, both, values)
        except Unawaited as crash:
            raise NotTried(str(crash)) from crash
        except PASSED_ON:
            raise
        except Exception:  # KeyError, or what is made of it: a group, or another error
            return list(running)
        if any(isinstance(part, KeyError) for part in result or () if isinstance(result, (list, tuple))):
            if not re.search(r"\b(isinstance|type)\(", world.source()):
                raise Fault(f"{BOTH}() gave the error of a query in the place of its users", CHECK_RESULTS)
            return list(running)  # gather(return_exceptions=True): the caller has the error, and can tell
        if not begun:
            raise NotTried(f"{BOTH}() began neither query")
        raise Fault(
            "the error of a query that failed did not reach the caller of fetch_concurrently()",
            keeps_errors(world) or NOBODY_TOLD,
        )

    if not inspect.iscoroutinefunction(both):
        raise NotTried("fetch_concurrently is no coroutine function")
    values = {p.name: argument(world, BOTH, both, p) for p in required(both)}
    for query, other in ((failing, slow), (slow, failing)):
        setattr(module, world.spelling(module, ALL), query)
        setattr(module, world.spelling(module, OLDER), other)
        begun.clear()
        with attempt("fetch_concurrently() where one query fails"):
            left = asyncio.run(main())
        if set(begun) != {"failing", "slow"}:
            raise NotTried("fetch_concurrently() did not begin both queries at once")
        if left:
            raise Fault("one query had failed, and the other one was still running")


TASK.probe(BEYOND, "when it is run again, nobody is there twice")(leaves_others_alone)
