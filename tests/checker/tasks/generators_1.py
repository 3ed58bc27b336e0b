"""Process users in batches."""

from __future__ import annotations

from itertools import chain
from typing import Any, Iterator

from checker.model import ASKED, BEYOND, Advice, Broken, Fault, Task
from checker.mysql_world import MySQLWorld
from checker.shared import (
    LEAVE,
    LET_THROUGH,
    REFUSE_SIZE,
    UNBUFFERED,
    as_user,
    attempt,
    expect,
    fails_without_the_table,
    leave_early,
    reads_as_wanted,
    refuses,
    runs_by_itself,
)

TASK = Task(
    "generators/1",
    "process users in batches",
    "1-batch_processing.py",
    "1.",
    MySQLWorld,
    {"stream_users_in_batches": ("streamusersinbatches",), "batch_processing": ("batchprocessing",)},
)


def batches(world: MySQLWorld, size: int) -> Iterator[Any]:
    """Adapter: `stream_users_in_batches`."""
    function = world.get("stream_users_in_batches")
    with attempt(f"stream_users_in_batches({size})"):
        found = function(size)
    if not hasattr(found, "__iter__"):
        raise Broken(f"stream_users_in_batches({size}) should give batches, and gave {found!r}")
    return iter(found)


def processed(world: MySQLWorld, size: int) -> str:
    """Adapter: all that `batch_processing` prints, yields or returns, as text."""
    function = world.get("batch_processing")
    with attempt(f"batch_processing({size})"), world.output() as text:
        result = function(size)
        items = [repr(item) for item in result] if hasattr(result, "__iter__") else []
    return text.getvalue() + "".join(items)


@TASK.probe(
    ASKED,
    "batches have the wanted size, the last one what is left",
    Advice("What happens to the users of a batch that never gets full?", "yield what is left after the loop"),
    decides=True,
)
def batches_have_the_size(world: MySQLWorld) -> None:
    found = batches(world, 12)
    with attempt("reading all batches"):
        got = list(found)
    for batch in got[:1]:
        if isinstance(batch, dict) or (batch and not isinstance(batch[0], (dict, tuple, list))):
            raise Broken("stream_users_in_batches yields users one by one, not batches of them")
    expect("sizes of the batches of 12 from 30 users", [12, 12, 6], [len(batch) for batch in got])
    emails = [as_user(user)["email"] for user in chain.from_iterable(got)]
    expect("different users in all batches", 30, len(set(emails)))


@TASK.probe(ASKED, "only users over 25 are processed, and all of them")
def over_25(world: MySQLWorld) -> None:
    text = processed(world, 12)
    shown = {user["email"] for user in world.users if is_in(user["email"], text)}
    wanted = {user["email"] for user in world.users if user["age"] > 25}
    for user in world.users:
        email = user["email"]
        if (email in shown) != (email in wanted):
            verb = "shows" if email in shown else "does not show"
            count = f"{len(shown)} users, {len(wanted)} are over 25"
            raise Fault(f"batch_processing(12) {verb} {user['name']}, aged {user['age']} (it shows {count})")


def is_in(email: str, text: str) -> bool:
    """Tell whether the email stands in the text; one ends where the next begins by its first letter."""
    return email in text.replace("@mail.testuser", "@mail.test user")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(BEYOND, "leaving early is clean", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leave_early(world, batches(world, 10), 1, "of 3 batches")


@TASK.probe(BEYOND, "batches are read as they are wanted, not all at once", UNBUFFERED)
def does_not_read_everything(world: MySQLWorld) -> None:
    reads_as_wanted(world, lambda: batches(world, 10), "batch", "rows")


@TASK.probe(BEYOND, "a database error reaches the caller", LET_THROUGH)
def error_is_raised(world: MySQLWorld) -> None:
    function = world.get("stream_users_in_batches")
    fails_without_the_table(world, lambda: function(10), "batches")


@TASK.probe(BEYOND, "a batch size of 0 is refused", REFUSE_SIZE)
def zero_is_refused(world: MySQLWorld) -> None:
    function = world.get("stream_users_in_batches")
    refuses(ValueError, "stream_users_in_batches(0)", lambda: next(iter(function(0)), "nothing"))
