"""Try again."""

from __future__ import annotations

import inspect
import random
import re
import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any, Callable

from checker import redirect
from checker.decorators import (
    ANY_CALL,
    always_closes,
    applied,
    call,
    calling,
    connection_passes_arguments,
    error_reaches_the_caller,
    expect_run,
    find_function,
    gives,
    leaves_nothing_open,
    own_name_is_kept,
    reason,
    runs_by_itself,
    seeds,
    stop_at_mysql,
    unnoticed,
    uses,
)
from checker.masking import steady
from checker.model import ASKED, BEYOND, Advice, Fault, NotTried, Stop, Task
from checker.shared import WRAPS, attempt, counted, expect, keeps_name, own_connection
from checker.sqlite_world import SQLiteWorld
from checker.world import describe

TASK = Task("decorators/3", "try again", "3-retry_on_failure.py", "3.", SQLiteWorld, {"retry_on_failure": ()})
NO_TABLE = "no such table: user"
LOCKED_ONLY = Advice(
    "Which texts can an OperationalError have?", "look for 'locked' or 'busy' in str(error) before you retry"
)
CATCH_IT = Advice(
    "Which errors does your except catch, and what follows then?",
    "let the loop go on after sqlite3.OperationalError, which a locked database raises",
)
UNSEEN = Advice(
    "Does the error of the function reach retry_on_failure?",
    "let it through in the function and in the decorators between; retry sqlite3.OperationalError",
)
THE_CALLERS = Advice(
    "Who commits what is written on a connection that only your wrapper knows?",
    "nobody: give each call the connection that the caller passed",
)
STARS = Advice("What is the difference between func(args) and func(*args)?", "write func(*args, **kwargs)")
MANY = 300  # calls, for an average of random pauses
ATTEMPT = re.compile(r"(?i)\b(?:attempt|try|call)\b\s*(?:no\.?|number)?\W{0,3}(\d+)\b.*(?:fail|error)")
ANNOUNCED = re.compile(r"(?i)\b(?:retry|again|next|in \d|wait|start|sleep)")  # the one that comes
NO_RETRY = "it does not try again"
FOR_EVER = 1000  # failures after which the function works, so that a loop without an end has one
MOST_TRIES = 100  # with at most 5 retries; a recursion ends before it has so many failures
ENDLESS = "a function that always fails is called again and again: it never gives up"
COUNT = Advice(
    "What ends your loop when no call succeeds?",
    "count the calls, as in `for attempt in range(retries)`, and raise the last error when there is none left",
)
TWICE = "with retries=3, a function that finds the database locked twice"


def retried(world: SQLiteWorld, function: Callable[..., Any], retries: int = 3, delay: float = 1) -> Any:
    """Import the file afresh, and decorate the function."""
    decorator = world.get("retry_on_failure")
    options: dict[str, Any] = {"retries": retries, "delay": delay}
    try:
        inspect.signature(decorator).bind(**options)
    except (TypeError, ValueError):  # they are called otherwise
        with attempt(f"@retry_on_failure({retries}, {delay})"):
            decorator, options = decorator(retries, delay), {}
    return applied(decorator, "retry_on_failure", function, **options)


class Retried:
    """Adapter: a function below `retry_on_failure(retries=3, delay=1)` that fails so many times, and then works.

    Calling it counts the calls, and passes a real connection: some wrappers commit.
    """

    def __init__(
        self,
        world: SQLiteWorld,
        failures: int,
        error: Exception | None = None,
        retries: int = 3,
        delay: float = 1,
    ) -> None:
        self.calls = 0
        self.naps = 0  # until the last call
        self.begun: list[int] = []  # what had been printed when each call began
        self.given: list[Any] = []
        self.connection: Any = None  # what the function got as its connection
        error = error or sqlite3.OperationalError("database is locked")

        def fetch_users_with_retry(conn: Any, *args: Any, **kwargs: Any) -> str:
            self.calls += 1
            self.begun.append(len(world.recorder.printed))
            self.naps = len(world.recorder.naps)
            self.connection, self.given = conn, [*args, *kwargs.values()]
            if self.calls <= failures:
                raise error
            return "rows"

        self.plain = fetch_users_with_retry
        self.function = retried(world, self.plain, retries, delay)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with own_connection() as conn:
            return self.function(conn, *args, **kwargs)

    def fail(self) -> None:
        """Call it, whatever comes of it."""
        with suppress(Exception):
            self()


@TASK.probe(
    ASKED,
    "a function that fails twice and then works is called three times",
    Advice(
        "What does the loop do after an error, and what after a result?",
        "return inside try, loop on in except",
    ),
    decides=True,
)
def fails_twice(world: SQLiteWorld) -> None:
    stop_at_mysql(world, "fetch_users_with_retry")
    fetch = Retried(world, failures=2)
    with calling(TWICE, "retry_on_failure"):
        try:
            result = fetch()
        except sqlite3.OperationalError as error:
            advice = CATCH_IT if fetch.calls == 1 else None
            raise Fault(f"{TWICE} raised {describe(error)}", advice) from error
    if not fetch.calls:
        with own_connection() as conn:
            expect_run(world, partial(retried, world), "a call", ((conn,), {}), ((), {"conn": conn}))
    expect(f"{TWICE}: calls", 3, fetch.calls)
    if result is None:
        raise Fault("the third call gave the rows, and the caller got None")
    expect(f"{TWICE}: its result", "rows", result)


@TASK.probe(
    ASKED,
    "it stops at the first success",
    Advice("What does the loop do after a result?", "return the result at once"),
)
def stops(world: SQLiteWorld) -> None:
    for failures, how in enumerate(["works at once", "fails once and then works"]):
        fetch = Retried(world, failures)
        try:
            with attempt(f"a function that {how}"):
                fetch()
        except Fault:
            if failures:
                raise NotTried(NO_RETRY) from None
            raise
        if failures and fetch.calls == 1:
            raise NotTried(NO_RETRY)
        expect(f"calls of a function that {how}", failures + 1, fetch.calls)


@TASK.probe(
    ASKED,
    "it gives up in the end",
    Advice("What happens after the last try?", "raise the last error after the loop"),
)
def gives_up(world: SQLiteWorld) -> None:
    for retries in (3, 5):
        fetch = Retried(world, failures=FOR_EVER, retries=retries)
        results: list[Any] = []
        with suppress(Exception):  # which error it is, is a matter of the other level
            results.append(fetch())
        if fetch.calls > MOST_TRIES:
            raise Fault(f"with retries={retries} {ENDLESS}", COUNT)
        for result in results:
            if isinstance(result, BaseException):
                raise Fault(
                    "a function that always fails: the last error was returned to the caller, not raised",
                    Advice(
                        "Does the caller look at what it got before it uses it?", "raise the error instead"
                    ),
                )
            raise Fault(f"a function that always fails: the caller got {result!r} instead of the error")
        # 3 calls in all and 3 more than the first are both right.
        if fetch.calls - retries not in (0, 1):
            said = f"with retries={retries} a function that always fails was called"
            times = "once" if fetch.calls == 1 else f"{fetch.calls} times"
            advice = CATCH_IT if fetch.calls == 1 else None
            raise Fault(f"{said} {times}, not {retries} or {retries + 1} times", advice)
        note_numbers(world, fetch, retries)


def never_gives_up(world: SQLiteWorld) -> bool:
    """Tell whether it calls a function that always fails for ever: what else fails would have no end."""
    with unnoticed(world):
        try:
            fetch = Retried(world, failures=FOR_EVER)
        except (Fault, NotTried, Stop):
            return False
        fetch.fail()
    world.recorder.naps.clear()
    return fetch.calls > MOST_TRIES


def stop_at_endless(world: SQLiteWorld) -> None:
    if never_gives_up(world):
        raise NotTried("it never gives up")


def note_numbers(world: SQLiteWorld, fetch: Retried, retries: int) -> None:
    """Say how retries and the failures that are printed are counted, if others count otherwise."""
    if (retries, fetch.calls) == (3, 4):
        world.say("retries=3 makes 4 calls here: it does not count the first one, and others do")
    for line in "".join(world.recorder.printed[slice(*fetch.begun[:2])]).splitlines():
        number = ATTEMPT.search(line)
        if number and number[1] == "2" and not ANNOUNCED.search(line):
            world.say(f"what is printed about the first failure calls it number 2: {steady(line.strip())}")


@TASK.probe(
    ASKED,
    "it waits before each new call, as long as delay says",
    Advice("Why should the second call find another world?", "time.sleep(delay)"),
)
def waits(world: SQLiteWorld) -> None:
    pauses = []
    for delay in (1, 7):
        fetch = Retried(world, failures=2, delay=delay)
        fetch.fail()
        if fetch.calls != 3:
            raise NotTried(NO_RETRY)
        expect("pauses between 3 calls", 2, len(world.recorder.naps))
        pauses.append(list(world.recorder.naps))
    if pauses[0] == pauses[1]:
        lengths = " and ".join(f"{pause:g}" for pause in pauses[0])
        raise Fault(f"with delay=1 and with delay=7 it waited just as long: {lengths} seconds")


@TASK.probe(
    ASKED,
    "a second call is tried again as well",
    Advice("Where is the counter, and who sets it back?", "count inside the wrapper, from 0 at each call"),
)
def second_call(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=2)
    fetch.fail()
    if fetch.calls != 3:
        raise NotTried(NO_RETRY)
    fetch.calls = 0
    fetch.fail()
    what = "calls of a function that fails twice and then works, the second time that it is used"
    expect(what, 3, fetch.calls)


@TASK.probe(ASKED, "runs by itself without an error")
def by_itself(world: SQLiteWorld) -> None:
    runs_by_itself(world, is_endless=never_gives_up(world))


@TASK.probe(
    BEYOND,
    "fetch_users_with_retry returns the users, and leaves nothing open",
    Advice("What does your own fetch_users_with_retry do?", "decorate it, and return the rows"),
)
def own_function(world: SQLiteWorld) -> None:
    faults: list[Fault] = []
    results: list[tuple[Any, str]] = []
    failures = 0
    for seed in seeds(world):
        function = find_function(world, "fetch_users_with_retry")
        random.seed(seed)
        world.recorder.naps.clear()
        try:
            with world.output() as text:
                result = call(world, function, "fetch_users_with_retry")
        except Fault as fault:
            faults.append(fault)
        else:
            results.append((result, text.getvalue()))
            failures = max(failures, len(world.recorder.naps))
    if not results:
        raise faults[0]
    result, printed = results[0]
    if failures:
        world.say(
            f"fetch_users_with_retry failed {counted(failures, 'times')} before it worked, with a database that was there: "
            "keep errors that are made up in a function of the demo"
        )
    why = reason(function) if result is None else ""
    gives(world, "fetch_users_with_retry()", result, printed, world.users, all_of_them=False, why=why)
    with suppress(Fault, sqlite3.Error):
        note_if_cut_off(world, function)
    world.prepare()
    closes = leaves_nothing_open if never_gives_up(world) else always_closes
    closes(world, "fetch_users_with_retry", partial(call, world, function, "fetch_users_with_retry"))


def note_if_cut_off(world: SQLiteWorld, function: Any) -> None:
    """Say whether some of many users are all that the function of the exercise returns."""
    world.prepare()
    with world.own_connection() as connection, connection:
        names = [(f"Another {number}",) for number in range(150)]
        connection.executemany("INSERT INTO users (name) VALUES (?)", names)
    random.seed(0)
    with world.output():
        result = call(world, function, "fetch_users_with_retry")
    total = world.select("SELECT count(*) FROM users")[0][0]
    if isinstance(result, list) and 1 < len(result) < total:
        world.say(
            f"fetch_users_with_retry() gave {len(result)} of {total} users; in the exercise it gives all"
        )


@TASK.probe(
    BEYOND,
    "fetch_users_with_retry is tried again when the database is locked",
    Advice(
        "Which decorators are above fetch_users_with_retry?",
        "put @retry_on_failure(retries=3, delay=1) above it",
    ),
)
def own_function_again(world: SQLiteWorld) -> None:
    stop_at_endless(world)
    fetch = Retried(world, failures=FOR_EVER)
    fetch.fail()
    if fetch.calls < 2:
        raise NotTried(NO_RETRY)
    if not world.recorder.naps:
        raise NotTried("the decorator does not wait, so nobody can see it try again")
    try:
        function = find_function(world, "fetch_users_with_retry")
    except Fault as missing:
        raise NotTried(str(missing)) from None
    if all(fails(world, function, seed) for seed in seeds(world)):
        raise NotTried("it does not work when nobody has locked the database, either")
    world.recorder.naps.clear()
    before, redirect.LOCK_TIMEOUT = redirect.LOCK_TIMEOUT, 0.0
    try:
        with world.own_connection() as somebody:
            somebody.execute("BEGIN EXCLUSIVE")
            with world.output(), suppress(Exception):
                call(world, function, "fetch_users_with_retry")
    finally:
        redirect.LOCK_TIMEOUT = before
    if not world.recorder.naps:
        if "a database in memory" in world.recorder.elsewhere:
            raise NotTried("it opens a database in memory, which nobody else can lock")
        is_above = uses(world.file, "retry_on_failure", "fetch_users_with_retry")
        raise Fault(
            "fetch_users_with_retry() met a locked database, and did not try again",
            UNSEEN if is_above else None,
        )


def fails(world: SQLiteWorld, function: Any, seed: int) -> bool:
    random.seed(seed)
    try:
        with world.output():
            call(world, function, "fetch_users_with_retry")
    except Fault:
        return True
    return False


@TASK.probe(
    BEYOND,
    "the arguments of the function reach it",
    Advice("Which arguments can your inner function take?", "take *args and **kwargs, and pass both on"),
)
def arguments_reach_it(world: SQLiteWorld) -> None:
    for args, kwargs in (((), {}), ((7,), {}), ((), {"limit": 7})):
        fetch = Retried(world, failures=0)
        what = f"a call with {args[0] if args else 'limit=7'}" if args or kwargs else "a call"
        with attempt(what, TypeError):
            fetch(*args, **kwargs)
        if not fetch.calls:
            raise Fault(f"{what} did not run the function at all", ANY_CALL)
        if isinstance(fetch.connection, (tuple, dict)):
            raise Fault(
                f"in {what} the function got a {type(fetch.connection).__name__} as its connection", STARS
            )
        expect(f"arguments of the function in {what}", [*args, *kwargs.values()], fetch.given)
    second_call_writes(world)
    connection_passes_arguments(world)


def second_call_writes(world: SQLiteWorld) -> None:
    """Expect that what the second call writes is there when the caller commits."""
    given: list[Any] = []

    def save(conn: Any) -> str:
        given.append(conn)
        if len(given) == 1:
            raise sqlite3.OperationalError("database is locked")
        if len(given) > 2:  # the second one could not
            return ""
        conn.execute("CREATE TABLE IF NOT EXISTS second_calls (id INTEGER)")
        conn.execute("INSERT INTO second_calls VALUES (1)")
        return "saved"

    is_lost = False
    function = retried(world, save)
    with own_connection() as conn, suppress(Exception):
        function(conn)
        conn.commit()
        is_lost = given[1:] != [conn] and not world.select("SELECT 1 FROM second_calls")
    if is_lost:
        said = "a function failed once, wrote in its second call, and its caller committed: what it wrote is lost"
        raise Fault(f"{said}, for the second call got another connection", THE_CALLERS)


@TASK.probe(
    BEYOND,
    "it is called retry_on_failure(retries=3, delay=2)",
    Advice("What is asked of a call without arguments?", "def retry_on_failure(retries=3, delay=2)"),
)
def defaults(world: SQLiteWorld) -> None:
    parameters = inspect.signature(world.get("retry_on_failure")).parameters
    for name, default in {"retries": 3, "delay": 2}.items():
        if name not in parameters:
            raise Fault(f"it has no parameter {name}: there are {', '.join(parameters) or 'none'}")
        given = parameters[name].default
        if given is inspect.Parameter.empty:
            raise Fault(f"{name} has no default; {default} is asked for")
        if given != default:
            raise Fault(f"the default of {name} is {given!r}; {default} is asked for")


@TASK.probe(
    BEYOND,
    "the error that is raised in the end is the last one itself",
    Advice(
        "Can the caller still tell a locked database from a typing error?",
        "raise the last error after the loop",
    ),
)
def raises_the_last_error(world: SQLiteWorld) -> None:
    stop_at_endless(world)
    fetch = Retried(world, failures=FOR_EVER)
    try:
        fetch()
    except sqlite3.OperationalError:
        if fetch.calls < 2:
            raise NotTried(NO_RETRY) from None
    except Exception as error:
        raise Fault(f"after the last call the caller got {type(error).__name__}: {error}") from error
    else:
        raise NotTried("no error came out")
    error_reaches_the_caller(world, "fetch_users_with_retry")


@TASK.probe(
    BEYOND,
    "it does not wait after the last failure",
    Advice("What is the last pause for?", "sleep only if another call follows"),
)
def no_pause_at_the_end(world: SQLiteWorld) -> None:
    stop_at_endless(world)
    fetch = Retried(world, failures=FOR_EVER)
    fetch.fail()
    if fetch.calls < 2:
        raise NotTried(NO_RETRY)
    if not world.recorder.naps:
        raise NotTried("there were no pauses at all")
    if len(world.recorder.naps) > fetch.naps:
        raise Fault(
            f"{fetch.calls} calls that failed had {len(world.recorder.naps)} pauses, one after the last"
        )


@TASK.probe(
    BEYOND,
    "only what can pass by itself is tried again",
    Advice("Which errors are gone a second later?", "retry a locked database, not a mistake"),
)
def only_transient(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=1)
    fetch.fail()
    if fetch.calls < 2:
        raise NotTried(NO_RETRY)
    for error in (
        TypeError("no hope"),
        sqlite3.IntegrityError("no hope"),
        sqlite3.OperationalError(NO_TABLE),
    ):
        fetch = Retried(world, failures=FOR_EVER, error=error)
        fetch.fail()
        if fetch.calls != 1:
            times = "again and again" if fetch.calls > MOST_TRIES else f"{fetch.calls} times"
            name = type(error).__name__
            locked = isinstance(error, sqlite3.OperationalError)
            raise Fault(
                f"a function that raises {name}{f': {error}' if locked else ''} was called {times}, not once",
                LOCKED_ONLY if locked else None,
            )


@TASK.probe(
    BEYOND,
    "the pauses grow",
    Advice("When do two programs that failed together try again?", "let the pauses grow, and be random"),
)
def pauses_grow(world: SQLiteWorld) -> None:
    stop_at_endless(world)
    random.seed(0)
    fetch = Retried(world, failures=10**6, retries=6)
    first: list[float] = []
    last: list[float] = []
    with own_connection() as conn:
        for _ in range(MANY):
            world.recorder.naps.clear()
            fetch.calls = 0
            with suppress(Exception):
                fetch.function(conn)
            pauses = world.recorder.naps[: fetch.calls - 1]  # the one after the last call is no matter
            if len(pauses) < 2:
                raise NotTried("there were no pauses to compare")
            first.append(pauses[0])
            last.append(pauses[-1])
    if len({*first, *last}) < 2:
        raise Fault(f"all pauses took the same time: {first[0]} seconds")
    if sum(last) < 1.15 * sum(first):  # on average: they may be random
        raise Fault(
            f"the pauses differ, but over {MANY} calls the last ones were on average no longer than the first"
        )


@TASK.probe(BEYOND, "the function keeps its name", WRAPS)
def name_is_kept(world: SQLiteWorld) -> None:
    fetch = Retried(world, failures=0)
    keeps_name(fetch.function, fetch.plain, "retry_on_failure")
    own_name_is_kept(world, "fetch_users_with_retry")
