"""A connection for one with block."""

from __future__ import annotations

import inspect
import re
import sqlite3
from contextlib import suppress
from typing import Any, Callable

from checker.demos import (
    DemoWorld,
    argument_of,
    explains,
    leaves_others_alone,
    lost_default,
    runs_by_itself,
    say_if_it_loses_rows,
    say_if_it_prints,
)
from checker.model import ASKED, BEYOND, Advice, Broken, Fault, NotTried, Task
from checker.shared import (
    CLOSE_ON_ERROR,
    COMMIT_ERROR,
    PARENTHESES,
    PASSED_ON,
    RAISE_AGAIN,
    Swallowed,
    as_tuples,
    attempt,
    closes_always,
    demo_closes,
    expect,
    in_block,
    opens_its_own,
    passes_on,
    queries,
    required_parameters,
    run_to_its_end,
    shows_users,
)
from checker.sqlite_world import SQLiteWorld

TASK = Task(
    "context/0",
    "a connection for one with block",
    "0-databaseconnection.py",
    "0.",
    DemoWorld,
    {"DatabaseConnection": ("Databaseconnection",)},
)
ALL = "SELECT * FROM users"
NO_ADDRESSES = Advice("What does print show of a sqlite3.Row?", "print(tuple(row)), or its columns by name")
VISIT = SQLiteWorld.INSERT_VISIT.replace("?", "999")
UPDATE = "UPDATE users SET email = 'new@mail.test' WHERE id = 1"
NOWHERE = "SELECT nothing FROM nowhere"
QUERY = re.compile("query|sql(?!ite)|statement")
# What the block is given, or what it has, is called so if a query can be run with it.
HOLDERS = ("connection", "conn", "cnx", "cursor", "cur", "db")
RUNNERS = ("execute", "execute_query", "run_query", "query", "fetch_all", "fetchall", "run", "select")


def make(world: DemoWorld, kind: Any, query: str = ALL) -> Any:
    """Adapter: the context manager, from users.db or from what else its class cannot do without."""
    positional = required(kind)
    values = [
        query if QUERY.search(p.name.lower()) else argument_of(world, "DatabaseConnection", p)
        for p in positional
    ]
    named = {p.name: value for p, value in zip(positional, values) if p.kind is p.KEYWORD_ONLY}
    lost = lost_default(kind, world.source())
    if lost:
        named[lost.name] = "users.db"
    return kind(*[value for p, value in zip(positional, values) if p.name not in named], **named)


def required(kind: Any) -> list[inspect.Parameter]:
    parameters = inspect.signature(kind).parameters.values()
    return [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def takes_query(kind: Any) -> str:
    """Return the name of the parameter for a query, which the exercise does not have; or ""."""
    return next((p.name for p in required(kind) if QUERY.search(p.name.lower())), "")


def in_connection(world: DemoWorld, use: Callable[[Any], Any]) -> Any:
    """Adapter: use what the with block is given: a connection, a cursor or an object that has either."""
    return in_block(make(world, world.get("DatabaseConnection")), use)


def execute(given: Any, query: str) -> Any:
    """Run a query in the block, and return what it gives: a cursor, rows, or None."""
    if hasattr(given, "execute"):
        own = inspect.ismethod(given.execute) and required_parameters(given.execute) > 1
        return given.execute(query, ()) if own else given.execute(query)
    for holder in HOLDERS:
        inner: Any = getattr(given, holder, None)
        inner = inner() if inspect.ismethod(inner) else inner
        if hasattr(inner, "execute"):
            return inner.execute(query) or inner
    for runner in RUNNERS:
        method: Any = getattr(given, runner, None)
        if inspect.ismethod(method) and inspect.signature(method).parameters:
            return method(*[query, ()][: max(1, required_parameters(method))])
    if given is None:
        raise Broken(
            "the with block was given None, and no connection", "end __enter__ with return self.connection"
        )
    if inspect.isroutine(given):
        raise Broken(
            f"the with block was given the method {given.__name__}, and not what it returns", PARENTHESES.hint
        )
    raise Broken(
        f"the with block was given an object ({type(given).__name__}) with which no query can be run",
        "return the connection from __enter__: the block runs its own queries",
    )


def rows(given: Any, query: str) -> list[Any]:
    result = execute(given, query)
    for place in (result, given, *(getattr(given, holder, None) for holder in HOLDERS)):
        if isinstance(place, (list, tuple)):
            return list(place)
        if hasattr(place, "fetchall"):
            return list(place.fetchall())
    raise Broken(f"the rows of a query cannot be fetched from a {type(given).__name__}")


def select(given: Any) -> list[Any]:
    return rows(given, ALL)


def fail_in_the_block(world: DemoWorld) -> None:
    """Write in the block, and raise KeyError there."""

    def fail(given: Any) -> None:
        execute(given, UPDATE)
        raise KeyError("raised in the block")

    in_connection(world, fail)


def fail_quietly(world: DemoWorld) -> None:
    """The same, for what comes after: did the block get so far?"""
    try:
        fail_in_the_block(world)
    except Exception:
        pass
    if not any("UPDATE" in statement for _, statement in world.recorder.statements):
        raise NotTried("nothing was written in the block")


def commit_fails(world: DemoWorld) -> bool:
    """Write in the block what cannot be committed; return whether the caller got an error.

    Whether a commit was tried is in the statements.
    """
    kind = world.get("DatabaseConnection")
    with world.failing_commit():
        try:
            in_block(make(world, kind), lambda given: execute(given, VISIT))
        except PASSED_ON:
            raise
        except Exception:
            return True
    return False


@TASK.probe(ASKED, "queries can be run in the block", decides=True)
def queries_run(world: DemoWorld) -> None:
    kind = world.get("DatabaseConnection")
    what = f"{ALL} in a with block"
    with explains(world, kind, "DatabaseConnection"), attempt(what), world.output() as printed:
        got = in_block(make(world, kind), select)
    try:
        expect("rows of SELECT * FROM users", world.users, as_tuples(got))
    except Fault as fault:
        if world.recorder.sources or queries(world):
            raise
        raise Broken(
            "DatabaseConnection opens no database: what it gives stands in the file",
            "connect in __enter__: sqlite3.connect('users.db'), and let the block run its query there",
        ) from fault
    lost = lost_default(kind, world.source())
    if lost:
        world.say(
            f"{lost.name} of DatabaseConnection is {lost.default!r} where nobody gives one, and that is no file with "
            "users; the exercise is about users.db"
        )
    query = takes_query(kind)
    if query:
        world.say(
            f"DatabaseConnection wants a query ({query}); the exercise is about a connection for whatever the block "
            "asks: take the name of the database"
        )
    say_if_it_prints(world, "DatabaseConnection", printed.getvalue())
    say_if_it_loses_rows(
        world,
        "DatabaseConnection",
        lambda text: in_block(make(world, kind), lambda given: rows(given, text.replace("?", "1"))),
    )
    world.say_if_it_seeds("DatabaseConnection", lambda: in_block(make(world, kind), select))


@TASK.probe(
    ASKED,
    "the connection is closed after the block",
    Advice("Which method runs when the block ends?", "close it in __exit__"),
)
def closes(world: DemoWorld) -> None:
    with attempt("a with block"):
        in_connection(world, select)
    if not world.recorder.sqlite:
        raise NotTried("it opened no connection of its own")
    if world.left_open():
        raise Fault("after the with block the connection was still open")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "nothing is opened before the block",
    Advice("Who closes the connection if the with block is never reached?", "connect in __enter__"),
)
def opens_in_enter(world: DemoWorld) -> None:
    kind = world.get("DatabaseConnection")
    with attempt("making a DatabaseConnection"):
        manager = make(world, kind)
    if world.left_open():
        raise Fault("DatabaseConnection(...) opened a connection before any with block began")
    opens_its_own(world, "DatabaseConnection", lambda: in_block(manager, select))


@TASK.probe(BEYOND, "a database that cannot be opened is an error", RAISE_AGAIN)
def unreachable_is_an_error(world: DemoWorld) -> None:
    kind = world.get("DatabaseConnection")

    def use(given: Any) -> Any:
        return None if given is None else select(given)

    with world.unreachable():
        passes_on(
            sqlite3.OperationalError,
            "a with block for a database that cannot be opened",
            lambda: in_block(make(world, kind), use),
        )


@TASK.probe(
    BEYOND,
    "an error in the block reaches the caller",
    Advice("What does a true value of __exit__ mean?", "__exit__ must not return True"),
)
def error_is_raised(world: DemoWorld) -> None:
    try:
        fail_in_the_block(world)
    except Swallowed:
        raise Fault("a KeyError in the with block did not reach the caller") from None
    except PASSED_ON:
        raise
    except Exception:  # KeyError, or what the class makes of it
        pass


@TASK.probe(
    BEYOND,
    "the connection is closed after an error in the block, or of the commit",
    Advice("Which lines of __exit__ run after an error?", "close it in a finally"),
)
def closes_after_error(world: DemoWorld) -> None:
    fail_quietly(world)
    closes_always(world, "a with block that raised KeyError", lambda: commit_fails(world))
    kind = world.get("DatabaseConnection")
    if takes_query(kind):
        with suppress(Exception):
            in_block(make(world, kind, NOWHERE), lambda given: None)
        if world.left_open():
            raise Fault(
                "after a query of a table that is not there the connection was still open", CLOSE_ON_ERROR
            )


@TASK.probe(
    BEYOND,
    "what was written is kept when the block succeeds",
    Advice(
        "What does closing do to a transaction that nobody committed?",
        "commit in __exit__ if exc_type is None",
    ),
)
def commits(world: DemoWorld) -> None:
    with attempt("an UPDATE in a with block"):
        in_connection(world, lambda given: execute(given, UPDATE))
    expect("the email of user 1 after an UPDATE in the block", "new@mail.test", world.email())
    if not commit_fails(world) and not world.select("SELECT * FROM visits"):
        raise Fault(
            "a commit that failed was no error for the caller, and what was written is lost", COMMIT_ERROR
        )
    world.prepare()
    hides = world.hides_refused_commit(lambda: in_connection(world, lambda given: execute(given, UPDATE)))
    if hides and world.email() != "new@mail.test":
        raise Fault(
            "a ProgrammingError of commit() was no error for the caller, and what was written is lost",
            COMMIT_ERROR,
        )


@TASK.probe(
    BEYOND,
    "what was written is undone when the block fails",
    Advice("How does __exit__ know that the block failed?", "commit only if exc_type is None"),
)
def rolls_back(world: DemoWorld) -> None:
    fail_quietly(world)
    begun = any(re.match(r"(?i)\s*begin\b", sql) for _, sql in world.recorder.statements)
    try:
        expect("the email of user 1 after a block that failed", "user1@mail.test", world.email())
    except Fault as fault:
        if not begun:
            fault.advice = AUTOCOMMIT
        raise


AUTOCOMMIT = Advice(
    "Which transaction is open in the block?",
    "none: with isolation_level=None or autocommit=True each statement is committed at once, and rollback() finds "
    "nothing to undo; leave that out",
)


@TASK.probe(
    BEYOND,
    "when it is run by itself, it prints the users",
    Advice("Who uses the class?", "end with a with block that runs SELECT * FROM users, and print the rows"),
)
def prints_users(world: DemoWorld) -> None:
    run = run_to_its_end(world)
    if shows_users(world, run.printed) and queries(world):
        return
    if "a database in memory" in world.recorder.elsewhere:
        raise NotTried("its users are in a database in memory")
    if world.prints_addresses:
        raise Fault(f"python3 {world.file.name} printed the addresses of its rows, and no user", NO_ADDRESSES)
    did = "printed none of the users" if queries(world) else "ran no query"
    raise Fault(f"python3 {world.file.name} {did}")


TASK.probe(BEYOND, "when it is run by itself, it closes what it opens")(demo_closes)
TASK.probe(BEYOND, "when it is run again, nobody is there twice")(leaves_others_alone)
