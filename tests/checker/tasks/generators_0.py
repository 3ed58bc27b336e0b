"""Stream users one by one."""

from __future__ import annotations

from itertools import islice
from typing import Any, Iterator

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.world import MySQLWorld, as_user

TASK = Task("generators/0", "stream users one by one", "0-stream_users.py", "0.")


def stream_users(world: MySQLWorld) -> Iterator[Any]:
    """Adapter: `stream_users`, or a module that is itself callable; connected to the prepared table."""
    module = world.load()
    function = getattr(module, "stream_users", module)
    if not callable(function):
        raise Fault(f"{world.file.name} defines no stream_users")
    with attempt("stream_users()"):
        users = function()
    if not hasattr(users, "__next__"):
        raise Fault(f"stream_users() should give a generator, and gave {type(users).__name__}")
    return iter(users)


def close(users: Iterator[Any]) -> None:
    if hasattr(users, "close"):
        users.close()


def leave_early(world: MySQLWorld, items: Iterator[Any], count: int, what: str) -> None:
    """Take `count` items, leave, and expect neither an error nor an open connection. Shared by the tasks."""
    with attempt(f"taking {count} {what}"):
        list(islice(items, count))
    with attempt(f"leaving after {count} {what}"):
        close(items)
    del items
    if world.left_open():
        raise Fault(f"leaving after {count} {what} left the connection to MySQL open")


LEAVE = "close the connection, not the cursor, in a finally: closing a cursor with unread rows is an error"


@TASK.probe(ASKED, "yields every user of the table, once")
def yields_every_user(world: MySQLWorld) -> None:
    users = stream_users(world)
    with attempt("reading all users"):
        got = [as_user(user) for user in users]
    expect("number of users from a table of 30", 30, len(got))
    expect("the emails", sorted(u["email"] for u in world.users), sorted(str(u.get("email")) for u in got))


@TASK.probe(ASKED, "the first six can be taken, as the curriculum's driver does")
def six_can_be_taken(world: MySQLWorld) -> None:
    users = stream_users(world)
    with attempt("taking 6 users"):
        expect("number of users taken", 6, len(list(islice(users, 6))))


@TASK.probe(RIGHT, "leaving early is clean", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leave_early(world, stream_users(world), 6, "of 30 users")


@TASK.probe(RIGHT, "rows are read as they are wanted, not all at once", "iterate over an unbuffered cursor")
def does_not_read_everything(world: MySQLWorld) -> None:
    world.prepare(3000)
    users = stream_users(world)
    world.watch()
    with attempt("taking 1 of 3000 users"):
        next(users)
    limited = any(" limit " in statement.lower() for statement in world.statements())
    if not limited and not world.holds_unread_rows():
        raise Fault("all 3000 rows had been read when the first user was handed out")


@TASK.probe(RIGHT, "a database error reaches the caller", "let the exception go through; do not print it")
def error_is_raised(world: MySQLWorld) -> None:
    with world.cursor() as cursor:
        world.load()
        cursor.execute(f"DROP TABLE {world.NAME}.user_data")
    try:
        got = list(stream_users(world))
    except Exception:
        return
    raise Fault(f"without the table user_data the stream ended as if complete, after {len(got)} users")
