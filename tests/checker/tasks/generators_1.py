"""Process users in batches."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from itertools import chain
from typing import Any, Callable, Iterator

from checker.model import ASKED, BEYOND, Advice, Broken, Crash, Fault, NotTried, Task
from checker.mysql_world import MySQLWorld
from checker.shared import (
    BIND,
    DECIMAL,
    LEAVE,
    LET_THROUGH,
    NO_YIELD,
    ORDER,
    QUIET,
    REFUSE_SIZE,
    UNBUFFERED,
    as_user,
    attempt,
    binds_numbers,
    expect,
    fails_without_the_table,
    fits,
    hidden_error,
    import_reads_nothing,
    is_one_user,
    leaves_nothing_open,
    only_reads,
    orders_what_it_limits,
    prints_nothing,
    reads_as_wanted,
    reads_the_right_database,
    refuses,
    returns_in_a_loop,
    runs_and_reads,
    something_came,
)
from checker.world import shortened

TASK = Task(
    "generators/1",
    "process users in batches",
    "1-batch_processing.py",
    "1.",
    MySQLWorld,
    {"stream_users_in_batches": ("streamusersinbatches",), "batch_processing": ("batchprocessing",)},
)


MOST = 20  # batches that are read at most: some solutions never end
COLLECT = Advice(
    "What does the caller get from one next()?",
    "collect batch_size rows in a list, or get them from fetchmany(), and yield the list",
)


NOT_THE_FIRST = Advice(
    "What becomes of the other users when a loop comes to its return?", "print each of them, or yield it"
)


def batches(world: MySQLWorld, size: Any) -> Iterator[Any]:
    """Adapter: `stream_users_in_batches`."""
    function = world.get("stream_users_in_batches")
    fits(world, function, f"stream_users_in_batches({size})", size)
    with attempt(f"stream_users_in_batches({size})"):
        found = function(size)
    if not hasattr(found, "__iter__"):
        raise Broken(
            f"stream_users_in_batches({size}) should give batches, and gave {shortened(repr(found), 60)}",
            NO_YIELD,
        )
    return iter(found)


def processed(world: MySQLWorld, size: int) -> str:
    """Adapter: all that `batch_processing` prints, yields or returns, as text."""
    return process(world, world.load(), size)


def process(world: MySQLWorld, module: Any, size: int) -> str:
    function = world.find(module, "batch_processing")
    fits(world, function, f"batch_processing({size})", size)
    with attempt(f"batch_processing({size})"), world.output() as text:
        result = function(size)
        several = hasattr(result, "__iter__") and not isinstance(result, (dict, str))
        items = [] if result is None else list(result) if several else [result]
        shown = [repr(list(item) if hasattr(item, "__next__") else item) for item in items]
    return "\n".join([text.getvalue(), *shown])


NEW_LIST = Advice(
    "Whose list is it when it has been yielded, and the caller keeps it?",
    "begin each batch with a new list, batch = [], and do not clear the old one",
)
LEFT_OVER = Advice(
    "What happens to the users of a batch that never gets full?", "yield what is left after the loop"
)
NEXT_BATCH = Advice(
    "Which line asks for the second batch?",
    "ask for a batch and yield it in a loop, which ends when no row comes",
)


@TASK.probe(ASKED, "batches have the wanted size, the last one what is left", decides=True)
def batches_have_the_size(world: MySQLWorld) -> None:
    got: list[list[Any]] = []
    kept: list[Any] = []
    with attempt("reading all batches"):
        found = batches(world, 12)
        for batch in found:
            if is_one_user(batch) and isinstance(found, type(iter([]))):
                raise Fault("stream_users_in_batches returns a list of users, and yields no batches", COLLECT)
            if is_one_user(batch):
                raise Fault("stream_users_in_batches yields users one by one, not batches of them", COLLECT)
            if not hasattr(batch, "__iter__"):
                raise Broken(f"stream_users_in_batches yields {shortened(batch, 60)}, and no batch of users")
            got.append(list(batch))
            kept.append(batch)
            if len(got) > MOST:
                only_reads(world)
                raise Broken(f"there is no end: {MOST} batches of 12 came from a table of 30 users")
    only_reads(world)
    for batch, users in zip(kept, got):
        if isinstance(batch, list) and batch != users:
            raise Fault(
                f"a batch that came with {len(users)} users has {len(batch)} at the end, and not the same ones: all "
                "batches are one list",
                NEW_LIST,
            )
    if [] in got:
        world.say(
            "stream_users_in_batches gives an empty batch, too: who takes its first user gets an IndexError"
        )
    got = [batch for batch in got if batch]
    something_came(world, got, "batch")
    sizes = [len(batch) for batch in got]
    advice = hidden_error(world)
    if not world.complaint():
        advice = NEXT_BATCH if sizes == [12] else LEFT_OVER if sizes == [12, 12] else None
    expect("sizes of the batches of 12 from 30 users", [12, 12, 6], sizes, advice)
    emails = [as_user(user)["email"] for user in chain.from_iterable(got)]
    expect("different users in all batches", 30, len(set(emails)))
    reads_the_right_database(world)


@TASK.probe(ASKED, "only users over 25 are processed, and all of them")
def over_25(world: MySQLWorld) -> None:
    text = processed(world, 12)
    printed = f"; it printed last: {world.complaint()}" if world.complaint() else ""
    shown = shown_in(world, text)
    wanted = {user["email"] for user in world.users if user["age"] > 25}
    names = ("batch_processing", *world.task.names["batch_processing"])
    if not shown:
        of_integers = world.with_integers(lambda: processed(world, 12))
        if any(is_in(user, of_integers or "") for user in world.users):
            raise Fault(
                f"of the {len(wanted)} users over 25 batch_processing(12) shows nobody, as the age of each is a "
                "Decimal: were it an int, they would be shown",
                DECIMAL,
            )
        what = "none that can be told by name or email" if text.strip() else "nothing"
        line = "" if printed else returns_in_a_loop(world.file, names, with_value=True)
        why = f", because it ends in the loop, with {line}" if line else printed
        raise Fault(
            f"of the {len(wanted)} users over 25 batch_processing(12) prints, yields or returns {what}{why}",
            NOT_THE_FIRST if line else None,
        )
    for which, part in {"first": world.users[:12], "last": world.users[24:]}.items():
        if shown == wanted & {user["email"] for user in part}:
            line = "" if printed or which == "last" else returns_in_a_loop(world.file, names, with_value=True)
            why = f", because it ends in the loop, with {line}" if line else printed
            said = f"batch_processing(12) shows the users of the {which} batch only{why}"
            raise Fault(said, NOT_THE_FIRST if line else hidden_error(world))
    for user in world.users:
        email = user["email"]
        if (email in shown) != (email in wanted):
            verb = "shows" if email in shown else "does not show"
            count = f"it shows {len(shown)} of the 30 users, and {len(wanted)} are over 25"
            line = returns_in_a_loop(world.file, names, with_value=True) if len(shown) == 1 else ""
            count += f", because it ends in the loop, with {line}" if line else ""
            advice = NOT_THE_FIRST if line else None
            raise Fault(f"batch_processing(12) {verb} {user['name']}, aged {user['age']}; {count}", advice)
    if not any(user["email"] in text or user["user_id"] in text for user in world.users):
        line = next(line.strip() for line in text.splitlines() if world.users[3]["name"] in line)
        what = f"of a user batch_processing prints only: {shortened(line, 60)}"
        world.say(f"{what}; the exercise prints the user")
    changed = changed_by_a_call(world)
    if changed:
        many = "s" if len(changed) > 1 else ""
        kept = f"global{many} {' and '.join(changed)}"
        world.say(f"a second batch_processing(12) goes on with the {kept} of the first")


def changed_by_a_call(world: MySQLWorld) -> list[str]:
    """Return the names of counts and collections of the module that a call of batch_processing changes for the next."""
    processed(world, 12)
    module = sys.modules[world.file.stem]

    def state() -> dict[str, str]:
        kinds = (int, list, dict, set)
        return {name: repr(value) for name, value in vars(module).items() if isinstance(value, kinds)}

    before = state()
    with suppress(Fault):
        process(world, module, 12)
    return [name for name, value in state().items() if before.get(name) != value and name[:2] != "__"]


def shown_in(world: MySQLWorld, text: str) -> set[str]:
    """Return the emails of the users who stand in a text."""
    return {user["email"] for user in world.users if is_in(user, text)}


def is_in(user: dict[str, Any], text: str) -> bool:
    """Tell whether the user stands in the text, by name, email or id."""
    if user["email"] in text or user["user_id"] in text:
        return True
    return re.search(rf"(?<!\w){user['name']}(?!\w)", text) is not None


TASK.probe(ASKED, "runs by itself without an error")(runs_and_reads)


@TASK.probe(BEYOND, "the connection is closed, also after an early end or an error", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leaves_nothing_open(world, lambda: reader(world), 1, "of 3 batches")


def reader(world: MySQLWorld) -> Callable[[], Any]:
    function = world.get("stream_users_in_batches")
    return lambda: function(10)


@TASK.probe(BEYOND, "batches are read as they are wanted, not all at once", UNBUFFERED)
def does_not_read_everything(world: MySQLWorld) -> None:
    reads_as_wanted(world, lambda: batches(world, 10), "batch", "rows")
    import_reads_nothing(world)


@TASK.probe(BEYOND, "prints nothing among the batches", QUIET)
def prints_no_words(world: MySQLWorld) -> None:
    prints_nothing(world, lambda: batches(world, 10), "batches")


@TASK.probe(BEYOND, "a database error reaches the caller", LET_THROUGH)
def error_is_raised(world: MySQLWorld) -> None:
    fails_without_the_table(world, lambda: reader(world), "batches")
    world.prepare()
    loses_no_batch(world)


def loses_no_batch(world: MySQLWorld) -> None:
    """Expect that a user who cannot be compared takes no others away without an error."""
    try:
        before = shown_in(world, processed(world, 12))
    except (Fault, NotTried):
        return
    odd = world.users[1]
    world.end_connections()
    world.execute(f"ALTER TABLE {world.NAME}.user_data MODIFY age DECIMAL(3,0) NULL")
    world.execute(f"UPDATE {world.NAME}.user_data SET age = NULL WHERE user_id = '{odd['user_id']}'")
    try:
        after = shown_in(world, processed(world, 12))
    except Fault:
        return
    lost = len(before - after - {odd["email"]})
    if lost:
        said = f"with a user without an age in the first batch, {lost} of the {len(before)} users over 25"
        raise Fault(f"{said} are not shown, and no error is raised")


@TASK.probe(BEYOND, "a batch size of 0 is refused", REFUSE_SIZE)
def zero_is_refused(world: MySQLWorld) -> None:
    function = world.get("stream_users_in_batches")
    refuses(ValueError, "stream_users_in_batches(0)", lambda: next(iter(function(0)), "nothing"))


@TASK.probe(
    BEYOND,
    "nobody over 25 is not an error",
    Advice("Which names has the function when no user got into the `if`?", "bind them before the loop"),
)
def nobody_is_over_25(world: MySQLWorld) -> None:
    try:
        shown = shown_in(world, processed(world, 12))
    except Crash:
        raise NotTried("batch_processing(12) does not work") from None
    if not shown:
        raise NotTried("batch_processing(12) shows none of those over 25")
    world.execute(f"UPDATE {world.NAME}.user_data SET age = 20")
    try:
        processed(world, 12)
    except Crash as crash:
        kind = Fault if isinstance(crash.__cause__, NameError) else Crash
        raise kind(f"when all users are 20, {crash}") from crash


@TASK.probe(BEYOND, "the batches have an order, where each is a query of its own", ORDER)
def batches_are_ordered(world: MySQLWorld) -> None:
    read_all(world, 17)
    orders_what_it_limits(world)


@TASK.probe(BEYOND, "the batch size is not written into the SQL", BIND)
def size_is_bound(world: MySQLWorld) -> None:
    binds_numbers(world, lambda size: read_all(world, size), 17)


def read_all(world: MySQLWorld, size: Any) -> None:
    found = batches(world, size)
    with attempt("reading all batches"):
        if not list(found):
            raise NotTried("no batch came")
