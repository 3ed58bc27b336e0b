"""Process users in batches."""

from __future__ import annotations

from itertools import chain
from typing import Any, Iterator

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.tasks.generators_0 import LEAVE, leave_early
from checker.world import MySQLWorld, as_user

TASK = Task("generators/1", "process users in batches", "1-batch_processing.py", "1.")


def batches(world: MySQLWorld, size: int) -> Iterator[Any]:
    """Adapter: `stream_users_in_batches`, under either of its spellings."""
    function = world.get("stream_users_in_batches", "streamusersinbatches")
    with attempt(f"stream_users_in_batches({size})"):
        return iter(function(size))


def processed(world: MySQLWorld, size: int) -> str:
    """Adapter: all that `batch_processing` prints, yields or returns, as text."""
    function = world.get("batch_processing")
    with attempt(f"batch_processing({size})"), world.output() as text:
        result = function(size)
        items = [repr(item) for item in result] if hasattr(result, "__iter__") else []
    return text.getvalue() + "".join(items)


@TASK.probe(ASKED, "batches have the wanted size, the last one what is left")
def batches_have_the_size(world: MySQLWorld) -> None:
    found = batches(world, 12)
    with attempt("reading all batches"):
        got = list(found)
    expect("sizes of the batches of 12 from 30 users", [12, 12, 6], [len(batch) for batch in got])
    emails = [as_user(user)["email"] for user in chain.from_iterable(got)]
    expect("different users in all batches", 30, len(set(emails)))


@TASK.probe(ASKED, "only users over 25 are processed, and all of them")
def over_25(world: MySQLWorld) -> None:
    text = processed(world, 12)
    for user in world.users:
        shown = f"{user['email']}'" in text or f'{user["email"]}"' in text or f"{user['email']}," in text
        shown = shown or f" {user['email']}\n" in text
        if shown != (user["age"] > 25):
            raise Fault(
                f"batch_processing(12) {'shows' if shown else 'does not show'} {user['name']}, aged {user['age']}"
            )


@TASK.probe(RIGHT, "leaving early is clean", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leave_early(world, batches(world, 10), 1, "of 3 batches")


@TASK.probe(RIGHT, "a batch size of 0 is refused", "raise ValueError when the size is less than 1")
def zero_is_refused(world: MySQLWorld) -> None:
    function = world.get("stream_users_in_batches", "streamusersinbatches")
    try:
        got = next(iter(function(0)), "nothing")
    except Exception:
        return
    raise Fault(f"stream_users_in_batches(0) should raise ValueError, and gave {str(got)[:60]}")
