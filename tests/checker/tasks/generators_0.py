"""Stream users one by one."""

from __future__ import annotations

from itertools import islice
from typing import Any, Callable, Iterator

from checker.model import ASKED, BEYOND, Advice, Fault, Task
from checker.mysql_world import MySQLWorld
from checker.shared import (
    ASK_AGAIN,
    LEAVE,
    LET_THROUGH,
    QUIET,
    UNBUFFERED,
    as_user,
    attempt,
    expect,
    fails_without_the_table,
    fits,
    generator,
    hidden_error,
    import_reads_nothing,
    leaves_nothing_open,
    only_reads,
    prints_nothing,
    reads_as_wanted,
    reads_the_right_database,
    runs_and_reads,
    something_came,
)
from checker.world import shortened

TASK = Task(
    "generators/0",
    "stream users one by one",
    "0-stream_users.py",
    "0.",
    MySQLWorld,
    {"stream_users": ("streamusers",)},
)


def function(world: MySQLWorld) -> Callable[[], Any]:
    """Adapter: `stream_users`, or a module that is itself callable."""
    module: Any = world.load()
    return module if callable(module) else world.find(module, "stream_users")


def stream_users(world: MySQLWorld) -> Iterator[Any]:
    start = function(world)
    fits(world, start, "stream_users()")
    with attempt("stream_users()"):
        users = start()
    return generator("stream_users()", users)


NEW_DICT = Advice(
    "What does a caller hold who keeps the users?", "yield each row as it is, in an object of its own"
)
ONE_ROW = Advice(
    "What does the caller get from one next()?", "yield each row in a loop, and not the list of all"
)


def one_user(item: Any) -> Any:
    """Return what was yielded, unless it is a list of users."""
    if isinstance(item, (list, tuple)) and item and isinstance(item[0], (dict, list, tuple)):
        raise Fault(
            f"stream_users() yields {len(item)} users at once, in a list: {shortened(item, 60)}", ONE_ROW
        )
    return item


@TASK.probe(ASKED, "yields every user of the table, once", decides=True)
def yields_every_user(world: MySQLWorld) -> None:
    users = stream_users(world)
    with attempt("reading all users"):
        kept = [(user, as_user(one_user(user))) for user in users]
    only_reads(world)
    got = [user for _, user in kept]
    if any(as_user(now) != user for now, user in kept):
        raise Fault(
            "all users are one and the same dict: list(stream_users()) has the last one 30 times", NEW_DICT
        )
    something_came(world, got, "user")
    advice = hidden_error(world) or (ASK_AGAIN if len(got) == 1 else None)
    expect("number of users from a table of 30", 30, len(got), advice)
    expect("the emails", sorted(u["email"] for u in world.users), sorted(str(u.get("email")) for u in got))
    reads_the_right_database(world)


@TASK.probe(ASKED, "the first six can be taken, as the curriculum's driver does")
def six_can_be_taken(world: MySQLWorld) -> None:
    users = stream_users(world)
    with attempt("taking 6 users"):
        expect("number of users taken", 6, len(list(islice(users, 6))))


TASK.probe(ASKED, "runs by itself without an error")(runs_and_reads)


@TASK.probe(BEYOND, "the connection is closed, also after an early end or an error", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leaves_nothing_open(world, lambda: function(world), 6, "of 30 users")


@TASK.probe(BEYOND, "rows are read as they are wanted, not all at once", UNBUFFERED)
def does_not_read_everything(world: MySQLWorld) -> None:
    reads_as_wanted(world, lambda: stream_users(world), "user", "rows")
    import_reads_nothing(world)


@TASK.probe(BEYOND, "prints nothing among the users", QUIET)
def prints_no_words(world: MySQLWorld) -> None:
    prints_nothing(world, lambda: stream_users(world), "users")


@TASK.probe(BEYOND, "a database error reaches the caller", LET_THROUGH)
def error_is_raised(world: MySQLWorld) -> None:
    fails_without_the_table(world, lambda: function(world), "users")
