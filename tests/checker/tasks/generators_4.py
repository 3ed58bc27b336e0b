"""Average ages without holding them."""

from __future__ import annotations

import inspect
import re
from typing import Any, Iterator

from checker.probing import ASKED, RIGHT, Fault, Task, attempt, expect
from checker.tasks.generators_0 import LEAVE, leave_early
from checker.world import MySQLWorld, required_parameters

TASK = Task("generators/4", "average ages without holding them", "4-stream_ages.py", "4.")


def ages(world: MySQLWorld) -> Iterator[Any]:
    """Adapter: `stream_user_ages`."""
    function = world.get("stream_user_ages", "stream_ages")
    with attempt("stream_user_ages()"):
        return iter(function())


def averages(world: MySQLWorld) -> list[float]:
    """Adapter: the numbers that the function for the average, of any name, or the demo prints or returns."""
    module: Any = world.load("stream_user_ages", "stream_ages")
    candidates = [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if re.search("average|avg|mean", name, re.IGNORECASE) and function.__module__ == module.__name__
    ]
    text = world.printed.getvalue()
    for function in candidates:
        arguments = [ages(world)] if required_parameters(function) else []
        with attempt(f"{function.__name__}()"), world.output() as printed:
            result = function(*arguments)
        text += f" {printed.getvalue()} {result}"
    if not candidates and not text.strip():
        raise Fault(
            f"{world.file.name} defines no function whose name speaks of an average, and prints nothing"
        )
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", text)]


@TASK.probe(ASKED, "yields the age of every user, as a number")
def yields_ages(world: MySQLWorld) -> None:
    found = ages(world)
    with attempt("reading all ages"):
        got = list(found)
    try:
        numbers = sorted(int(age) for age in got)
    except (TypeError, ValueError):
        raise Fault(f"an age should be a number, not {got[0]!r}") from None
    expect("the ages", sorted(user["age"] for user in world.users), numbers)


@TASK.probe(ASKED, "the average is right, and computed without SQL's AVG")
def average_is_right(world: MySQLWorld) -> None:
    wanted = sum(user["age"] for user in world.users) / len(world.users)
    got = averages(world)
    if not any(abs(number - wanted) < 0.01 for number in got):
        raise Fault(f"the average of the 30 ages is {wanted:.2f}, and the numbers shown were {got}")
    asked_sql = [text for text in world.statements() if re.search(r"(?i)\bavg\s*\(", text)]
    if asked_sql:
        raise Fault(f"the database computed it: {asked_sql[0]}")


@TASK.probe(RIGHT, "an empty table is not an error of arithmetic", "say what the average of nobody is")
def empty_table(world: MySQLWorld) -> None:
    world.load("stream_user_ages", "stream_ages")
    with world.cursor() as cursor:
        cursor.execute(f"DELETE FROM {world.NAME}.user_data")
    try:
        averages(world)
    except Fault as fault:
        if "ZeroDivisionError" in str(fault):
            raise
    if "ZeroDivisionError" in world.printed.getvalue():
        raise Fault("with an empty table the script raised ZeroDivisionError")


@TASK.probe(RIGHT, "leaving early is clean", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leave_early(world, ages(world), 6, "of 30 ages")


@TASK.probe(RIGHT, "ages are read as they are wanted, not all at once", "iterate over an unbuffered cursor")
def does_not_read_everything(world: MySQLWorld) -> None:
    world.prepare(3000)
    found = ages(world)
    world.watch()
    with attempt("taking 1 of 3000 ages"):
        next(found)
    limited = any(" limit " in statement.lower() for statement in world.statements())
    if not limited and not world.holds_unread_rows():
        raise Fault("all 3000 rows had been read when the first age was handed out")
