"""Commit or roll back."""

from __future__ import annotations

import re
import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any, Callable

from checker.decorators import (
    PARAMETERS,
    SIGNATURE,
    SWALLOWED,
    Way,
    always_closes,
    applied,
    blame_idle,
    call,
    calling,
    complaint,
    connection_passes_arguments,
    connection_returns,
    error_reaches_the_caller,
    expect_arguments,
    expect_run,
    expect_run_always,
    find_function,
    log_of,
    own_name_is_kept,
    passes_values,
    put_on,
    ready,
    runs_by_itself,
    stop_at_mysql,
    telling_of_stars,
    together,
    uses,
    works_bare,
)
from checker.masking import steady
from checker.model import ASKED, BEYOND, Advice, Fault, NotTried, Task
from checker.shared import WRAPS, attempt, expect, keeps_name, own_connection, raises
from checker.sqlite_world import SQLiteWorld, tables
from checker.world import Surroundings, describe, shortened


class WorldWithEmails(SQLiteWorld):
    """The same; here a table that another script makes needs an email."""

    needs = ("email", "exercise 2 needs")

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        made = [table for table in tables(self.file.parent) if table.file == self.file]
        if any(table.has("email") and not table.is_kept for table in made):  # in place of the other's
            self.needs = ("", "")


TASK: Task[SQLiteWorld] = Task(
    "decorators/2", "commit or roll back", "2-transactional.py", "2.", WorldWithEmails, {"transactional": ()}
)
OWN = Advice("What does your own update_user_email do?", "decorate it, and run the UPDATE in it")
THE_GIVEN_ONE = Advice("How many connections are there in this call?", "use the one that you are given")
RELEASE_TOO = Advice(
    "What is left of a savepoint after ROLLBACK TO?",
    "the savepoint itself, and the transaction that it began: RELEASE it as well",
)
COMMIT = Advice("Who makes the change permanent?", "commit after the function has returned")
MISSPELT = Advice("Which lines run only when the function raises?", "let one raise, and see what happens")
ANY_ERROR = Advice(
    "Which errors does your except catch, and which others can a function raise?",
    "roll back in `except Exception:`, for it may be any, and raise it again",
)
AS_IT_WAS = Advice(
    "What does the caller's next statement do on this connection?",
    "keep the old value, and set it back in a finally; or leave it alone: conn.execute('BEGIN') needs no setting",
)
CTRL_C = Advice("Is KeyboardInterrupt an Exception?", "roll back in `except BaseException:`, and raise")
BEGIN = Advice(
    "Which statements begin a transaction by themselves?",
    "only those that change rows: conn.execute('BEGIN') before the function makes it hold for all",
)
AUTOCOMMIT = Advice(
    "What can rollback() undo on a connection with isolation_level=None?",
    "leave isolation_level and autocommit out of connect(), or begin with conn.execute('BEGIN')",
)
RAISE_AGAIN = Advice("How does the caller learn that nothing was written?", "raise again after the rollback")


def update_user_email(conn: Any, user_id: int, new_email: str) -> str:
    """Write, and return something."""
    conn.execute("UPDATE users SET email = ? WHERE id = ?", (new_email, user_id))
    return "returned"


def fail_halfway(conn: Any, user_id: int, new_email: str) -> None:
    update_user_email(conn, user_id, new_email)
    raise KeyError("raised halfway")


def break_a_rule(conn: Any, user_id: int, new_email: str) -> None:
    update_user_email(conn, user_id, new_email)
    conn.execute("INSERT INTO users (id, name, email) VALUES (1, 'Somebody', 'else@mail.test')")


for function in (fail_halfway, break_a_rule):
    function.__name__ = "update_user_email"


class Transactional:
    """Adapter: a function below `transactional`, called with the connection by position.

    Where that does not reach the function, it is called by name: some connection decorators pass it so.
    `refusal` has the error then.
    """

    def __init__(self, decorator: Any, plain: Callable[..., Any]) -> None:
        self.reached = 0
        self.refusal: Exception | None = None

        def update_user_email(conn: Any, user_id: int, new_email: str) -> Any:
            self.reached += 1
            return plain(conn, user_id, new_email)

        self.function = applied(decorator, "transactional", update_user_email)

    def __call__(self, conn: Any, user_id: int, new_email: str) -> Any:
        before = self.reached
        try:
            return self.function(conn, user_id, new_email)
        except (TypeError, ValueError, LookupError) as error:
            if self.reached > before:
                raise
            self.refusal = error
        try:
            return self.function(conn=conn, user_id=user_id, new_email=new_email)
        except Exception:
            if self.reached > before:
                raise
        raise self.refusal


def below(world: SQLiteWorld, plain: Callable[..., Any]) -> Transactional:
    """Import the file afresh, and decorate."""
    return Transactional(ready(world, "transactional"), plain)


def expect_email(world: SQLiteWorld, user_id: int, wanted: str, done: str) -> None:
    """Expect this email in the database, after what was done."""
    got = world.email(user_id)
    if got != wanted:
        before = ", as before" if got == f"user{user_id}@mail.test" else f", and not {wanted}"
        raise Fault(f"{done}: afterwards the email was {got}{before}")


@TASK.probe(
    ASKED,
    "what the function wrote is committed when it returns",
    COMMIT,
    decides=True,
)
def commits(world: SQLiteWorld) -> None:
    stop_at_mysql(world, "update_user_email", user_id=1, new_email="new@mail.test")
    function = below(world, update_user_email)
    what = "a function that updates the email of user 1"
    with own_connection() as conn, calling(what, "transactional"):
        before = len(world.recorder.sqlite)
        function(conn, 1, "new@mail.test")
        opens = len(world.recorder.sqlite) > before
        if not function.reached:
            by_position: Way = ((conn, 1, "new@mail.test"), {})
            by_name: Way = ((), {"conn": conn, "user_id": 1, "new_email": "new@mail.test"})
            make = partial(put_on, world, "transactional")
            expect_run(world, make, "a call with the connection by position", by_position, by_name)
    if world.email() != "new@mail.test":
        blame_idle(world, "what the function wrote is not in the database", "commit")
        if opens:
            said = "transactional opens a connection of its own, and what the function wrote on the one that it was"
            raise Fault(f"{said} given is not committed", THE_GIVEN_ONE)
    expect_email(
        world, 1, "new@mail.test", "a function set the email of user 1 to new@mail.test and returned"
    )


@TASK.probe(
    ASKED,
    "what the function wrote is undone when it raises",
    Advice("What is in the database after half of the work?", "roll back in except, and raise again"),
)
def rolls_back(world: SQLiteWorld) -> None:
    function = below(world, fail_halfway)
    other: Exception | None = None
    with own_connection() as conn:
        try:
            function(conn, 1, "new@mail.test")
        except KeyError:
            pass
        except Exception as error:
            other = error
        is_kept = world.email() == "new@mail.test"
        with suppress(sqlite3.ProgrammingError):  # it may have been closed, which another probe is about
            conn.commit()  # what was not rolled back would be kept now
    if world.email() == "new@mail.test":
        sentence = "what the function wrote before it raised is still there"
        blame_idle(world, sentence, "rollback")
        if isinstance(other, NameError):
            raise Fault(f"{sentence}: instead of the rollback came {describe(other)}", MISSPELT)
    what = "a function set the email of user 1 to new@mail.test and then raised KeyError"
    if not is_kept:
        what += "; nothing undid that, and the next commit on the same connection wrote it"
    try:
        expect_email(world, 1, "user1@mail.test", what)
    except Fault as fault:
        with suppress(NotTried):
            world.prepare()
            if error_that_undoes(world) is not KeyError:
                raise Fault(f"{fault}; after an error of the database it was undone", ANY_ERROR) from None
        raise


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(BEYOND, "update_user_email changes the email, and leaves nothing open", OWN)
def own_function(world: SQLiteWorld) -> None:
    function = find_function(world, "update_user_email")
    use = partial(call, world, function, "update_user_email", user_id=1, new_email="new@mail.test")
    with world.output() as text:
        use()
    what = "update_user_email(user_id=1, new_email='new@mail.test') returned"
    why = complaint(text.getvalue())
    if why and world.email() != "new@mail.test":
        raise Fault(f"{what}{why}: afterwards the email was {world.email()}, as before", SWALLOWED)
    if world.email() != "new@mail.test":
        plain = below(world, update_user_email)
        with own_connection() as conn, suppress(Exception):
            plain(conn, 1, "new@mail.test")
        if world.email() != "new@mail.test":  # it is the decorator that does not write
            raise Fault(f"{what}: @transactional has not committed it, as above", COMMIT)
        world.prepare()
        call(world, function, "update_user_email", user_id=1, new_email="new@mail.test")
    expect_email(world, 1, "new@mail.test", what)
    always_closes(world, "update_user_email", use)


@TASK.probe(
    BEYOND,
    "the connection stays open for its owner, and as it was",
    Advice("Who opened this connection?", "leave the closing to with_db_connection"),
)
def leaves_it_open(world: SQLiteWorld) -> None:
    for plain in (update_user_email, fail_halfway):
        function = below(world, plain)
        with own_connection() as conn:
            before = settings_of(conn)
            with suppress(Exception):
                function(conn, 1, "new@mail.test")
            try:
                conn.execute("SELECT 1")
            except sqlite3.ProgrammingError:
                raise Fault("it closed the connection that it was given") from None
            after = settings_of(conn)
            is_half_undone = False  # what is not undone at all is named elsewhere
            with suppress(Exception):
                email = conn.execute("SELECT email FROM users WHERE id = 1").fetchone()[0]
                is_half_undone = email == "user1@mail.test" and conn.in_transaction
        for name, value in before.items():
            if after[name] != value:
                then = "" if plain is update_user_email else " and the function raised"
                what = f"the {name} of the caller's connection was {value!r}{then}"
                raise Fault(f"{what}, and afterwards {after[name]!r}", AS_IT_WAS)
        if plain is fail_halfway and is_half_undone:
            said = "a function wrote and raised, and what it wrote was undone; but its transaction stays open"
            raise Fault(f"{said}, and nobody else can write", RELEASE_TOO)


def settings_of(conn: Any) -> dict[str, Any]:
    """Return what a decorator may change of a connection, for all that use it later."""
    names = ("isolation_level", "autocommit", "row_factory", "text_factory")
    settings = {name: getattr(conn, name) for name in names if hasattr(conn, name)}
    if settings["isolation_level"] == "DEFERRED":  # another name of the default
        settings["isolation_level"] = ""
    return settings


@TASK.probe(
    BEYOND,
    "the function works on the connection that the caller passed",
    THE_GIVEN_ONE,
)
def passes_it_on(world: SQLiteWorld) -> None:
    given: list[Any] = []
    function = below(world, update_user_email_of(given))
    with own_connection() as conn, attempt("a function that updates the email of user 1"):
        function(conn, 1, "new@mail.test")
        if given != [conn]:
            raise Fault("the function was given another connection")
    if function.refusal:
        raise Fault(
            f"it takes the connection only by name, conn=...; by position it raised {describe(function.refusal)}",
            Advice(
                "How does your decorator of exercise 1 pass the connection?",
                "def wrapper(conn, *args, **kwargs)",
            ),
        )


def update_user_email_of(given: list[Any]) -> Any:
    """Return an update_user_email that remembers its connection."""

    def remembering(conn: Any, user_id: int, new_email: str) -> str:
        given.append(conn)
        return update_user_email(conn, user_id, new_email)

    remembering.__name__ = "update_user_email"
    return remembering


@TASK.probe(BEYOND, "the error reaches the caller", RAISE_AGAIN)
def error_is_raised(world: SQLiteWorld) -> None:
    own = partial(error_reaches_the_caller, world, "update_user_email", user_id=1, new_email="new@mail.test")
    together(partial(error_passes, world), own)


def error_passes(world: SQLiteWorld) -> None:
    for kind, failing in ((KeyError, fail_halfway), (sqlite3.IntegrityError, break_a_rule)):
        function = below(world, failing)
        what = f"a function that raises {kind.__name__} halfway"
        with own_connection() as conn:
            raises(kind, what, function, conn, 1, "new@mail.test")


@TASK.probe(
    BEYOND,
    "the caller gets what the function returns",
    Advice("Where does the result of the function go?", "return the result after the commit"),
)
def result_is_returned(world: SQLiteWorld) -> None:
    together(partial(transactional_returns, world), partial(connection_returns, world))


def transactional_returns(world: SQLiteWorld) -> None:
    function = below(world, update_user_email)
    with own_connection() as conn, attempt("a function that returns 'returned'"):
        expect("the result through @transactional", "returned", function(conn, 1, "new@mail.test"))
        ways: dict[str, Way] = {"a call of a function that takes the connection only": ((conn,), {})}
        expect_run_always(partial(put_on, world, "transactional"), ways)


def error_that_undoes(world: SQLiteWorld) -> type[Exception]:
    """Return an error that is followed by a rollback: some care about those of the database only."""
    function = below(world, update_user_email)
    with own_connection() as conn, suppress(Exception):
        function(conn, 1, "new@mail.test")
    if world.email() == "new@mail.test":
        for failing, error in ((fail_halfway, KeyError), (break_a_rule, sqlite3.IntegrityError)):
            function = below(world, failing)
            with own_connection() as conn:
                with suppress(Exception):
                    function(conn, 1, "new@mail.test")
                with suppress(sqlite3.ProgrammingError):
                    conn.commit()
            if world.email() == "user1@mail.test":
                return error
    raise NotTried("it does not commit and roll back yet")


@TASK.probe(
    BEYOND,
    "a failure inside undoes only the inner work",
    Advice(
        "What does a rollback in the inner function do to the outer one's work?",
        "for a call inside another, use SAVEPOINT, and on an error ROLLBACK TO and RELEASE, in place of"
        " commit() and rollback()",
    ),
)
def inner_failure(world: SQLiteWorld) -> None:
    error = error_that_undoes(world)
    written: list[str] = []

    def fail(conn: Any, user_id: int, new_email: str) -> None:
        update_user_email(conn, user_id, new_email)
        written.append(new_email)
        raise error("raised by the inner function")

    decorator = ready(world, "transactional")
    inner = Transactional(decorator, fail)

    def outer(conn: Any, user_id: int, new_email: str) -> None:
        update_user_email(conn, user_id, new_email)
        try:
            inner(conn, 2, "inner@mail.test")
        except sqlite3.OperationalError:
            raise  # cannot start a transaction within a transaction
        except Exception:
            pass

    what = "a transactional function that calls another one, which fails,"
    with own_connection() as conn, attempt(what, sqlite3.OperationalError):
        try:
            Transactional(decorator, outer)(conn, 1, "outer@mail.test")
        except sqlite3.ProgrammingError:
            raise NotTried("the inner function closed the connection") from None
    if not written:
        raise Fault("a transactional function that another one called could not write")
    what = "called an inner one that failed, caught its error and returned"
    expect_email(world, 1, "outer@mail.test", f"an outer function wrote outer@mail.test, {what}")
    what = (
        "an inner function wrote inner@mail.test and failed, and the outer one caught its error and returned"
    )
    expect_email(world, 2, "user2@mail.test", what)


@TASK.probe(
    BEYOND,
    "a failure outside undoes the inner work too",
    Advice(
        "What has the inner function committed when the outer one fails?",
        "commit only where the transaction began",
    ),
)
def outer_failure(world: SQLiteWorld) -> None:
    error = error_that_undoes(world)
    decorator = ready(world, "transactional")
    inner = Transactional(decorator, update_user_email)
    written: list[Any] = []
    closed: list[bool] = []

    def outer(conn: Any, user_id: int, new_email: str) -> None:
        update_user_email(conn, user_id, new_email)
        inner(conn, 1, "inner@mail.test")
        try:
            written.extend(conn.execute("SELECT email FROM users WHERE id = 1").fetchone())
        except sqlite3.ProgrammingError:
            closed.append(True)
            raise
        raise error("raised after the inner function returned")

    with own_connection() as conn, suppress(Exception):
        Transactional(decorator, outer)(conn, 2, "outer@mail.test")
    if closed:
        raise NotTried("the inner function closed the connection")
    if written[-1:] != ["inner@mail.test"]:  # some call a function that fails again
        raise NotTried("a transactional function called by another did not write")
    what = "an inner function wrote inner@mail.test and returned, and then the outer one failed"
    expect_email(world, 1, "user1@mail.test", what)


@TASK.probe(BEYOND, "what is undone is all of it, after Ctrl-C too")
def undoes_everything(world: SQLiteWorld) -> None:
    error = error_that_undoes(world)
    table = partial(undoes_a_table, world, error)
    if error is KeyError:
        return together(partial(undoes_after_ctrl_c, world), table)
    return table()  # it undoes after errors of the database only, which another probe says


def undoes_after_ctrl_c(world: SQLiteWorld) -> None:
    def interrupted(conn: Any, user_id: int, new_email: str) -> None:
        update_user_email(conn, user_id, new_email)
        raise KeyboardInterrupt

    function = below(world, interrupted)
    with own_connection() as conn:
        with suppress(KeyboardInterrupt, Exception):
            function(conn, 1, "new@mail.test")
        with suppress(sqlite3.ProgrammingError):
            conn.commit()
    if world.email() == "new@mail.test":
        raise Fault(
            "a function wrote, Ctrl-C ended it, and the next commit on its connection kept that", CTRL_C
        )


def undoes_a_table(world: SQLiteWorld, error: type[Exception]) -> None:
    def make_half_a_table(conn: Any, user_id: int, new_email: str) -> None:
        conn.execute("CREATE TABLE half_done (id INTEGER)")
        raise error("raised halfway")

    function = below(world, make_half_a_table)
    with own_connection() as conn, suppress(Exception):
        function(conn, 1, "new@mail.test")
    if world.select("SELECT * FROM sqlite_master WHERE name = 'half_done'"):
        raise Fault("a function made a table and then raised an error: afterwards the table was there", BEGIN)


@TASK.probe(
    BEYOND,
    "update_user_email leaves the commit to @transactional",
    Advice(
        "What is in the database when something fails after the commit?",
        "take commit() and `with conn:` out of the function: @transactional commits",
    ),
)
def leaves_the_commit(world: SQLiteWorld) -> None:
    try:
        function = find_function(world, "update_user_email")
    except Fault as missing:
        raise NotTried(str(missing)) from None
    if not uses(world.file, "transactional", "update_user_email"):
        raise NotTried("@transactional is not above it")
    if function is None:
        raise NotTried("update_user_email is None")
    world.recorder.committed_in.clear()
    world.recorder.statements.clear()
    with world.output(), suppress(Fault):
        call(world, function, "update_user_email", user_id=1, new_email="new@mail.test")
    if not world.recorder.committed_in:
        if world.email() == "new@mail.test":
            if any(re.match(r"(?i)\s*release\b", sql) for _, sql in world.recorder.statements):
                return  # that of the outermost savepoint commits
            raise Fault(
                "update_user_email works on a connection that commits each statement at once", AUTOCOMMIT
            )
        raise NotTried("nothing was committed at all")
    if "update_user_email" in world.recorder.committed_in:
        raise Fault("update_user_email commits before it returns, so that nothing can undo it any more")


@TASK.probe(
    BEYOND,
    "the values that are written stay out of what is printed",
    Advice(
        "Who reads what a program prints, and whose address is it?",
        "print the id or nothing, and no value that goes into the database",
    ),
)
def keeps_values_to_itself(world: SQLiteWorld) -> None:
    address = "private.address@mail.test"
    for plain in (update_user_email, fail_halfway):
        function = below(world, plain)
        with log_of(world) as text, own_connection() as conn, suppress(Exception):
            function(conn, 1, address)
        expect_silence("transactional", text[0], address)
    try:
        own = find_function(world, "update_user_email")
    except (Fault, NotTried) as missing:
        raise NotTried(
            f"@transactional prints none of them; the function could not be tried: {missing}"
        ) from None
    failed = ""
    with log_of(world) as text:
        try:
            call(world, own, "update_user_email", user_id=1, new_email=address)
        except Fault as fault:
            failed = str(fault)
    expect_silence("update_user_email", text[0], address)
    with suppress(sqlite3.Error):  # it has a table of its own
        if not failed and not world.select(f"SELECT 1 FROM users WHERE email = '{address}'"):
            failed = "it wrote nothing"
    if failed:
        raise NotTried(f"@transactional prints none of them; update_user_email could not be tried: {failed}")


def expect_silence(name: str, text: str, address: str) -> None:
    line = next((line.strip() for line in text.splitlines() if address in line), "")
    if line:
        raise Fault(f"{name} prints or logs the new address: {shortened(steady(line), 100)}")


@TASK.probe(BEYOND, "the arguments of the function reach it", SIGNATURE)
def arguments_reach_it(world: SQLiteWorld) -> None:
    def update_users(conn: Any, limit: int = 10, *, order: str = "id") -> Any:
        return limit, order

    usual = below(world, update_user_email)
    with own_connection() as conn, suppress(Exception):
        usual(conn, 1, "new@mail.test")
    if usual.refusal:
        raise NotTried("it takes the connection only by name")

    def make(function: Any) -> Any:
        return partial(with_connection, put_on(world, "transactional", function))

    with telling_of_stars(world):
        expect_arguments(make, update_users)
    connection_passes_arguments(world)


def with_connection(function: Any, *args: Any, **kwargs: Any) -> Any:
    with own_connection() as conn:
        return function(conn, *args, **kwargs)


TASK.probe(BEYOND, "values reach the SQL as parameters", PARAMETERS)(passes_values)


@TASK.probe(BEYOND, "it works without parentheses, as in the exercise")
def bare(world: SQLiteWorld) -> None:
    with own_connection() as conn:
        by_name = {"conn": conn, "user_id": 1, "new_email": "new@mail.test"}
        works_bare(world, "transactional", update_user_email, ((conn, 1, "new@mail.test"), {}), ((), by_name))


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    keeps_name(put_on(world, "transactional", update_user_email), update_user_email, "transactional")
    own_name_is_kept(world, "update_user_email")
