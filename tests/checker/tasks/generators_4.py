"""Average ages without holding them."""

from __future__ import annotations

import inspect
import re
from typing import Any, Iterator

from checker.masking import steady
from checker.model import ASKED, BEYOND, Advice, Crash, Fault, NotTried, Task
from checker.mysql_world import MySQLWorld
from checker.shared import (
    LEAVE,
    LET_THROUGH,
    UNBUFFERED,
    attempt,
    expect,
    fails_without_the_table,
    leave_early,
    reads_as_wanted,
    required_parameters,
    runs_by_itself,
)
from checker.world import shortened

TASK = Task(
    "generators/4",
    "average ages without holding them",
    "4-stream_ages.py",
    "4.",
    MySQLWorld,
    {"stream_user_ages": ("stream_ages", "streamuserages")},
)
NUMBER = r"-?\d+(?:\.\d+)?"


def ages(world: MySQLWorld) -> Iterator[Any]:
    """Adapter: `stream_user_ages`."""
    function = world.get("stream_user_ages")
    with attempt("stream_user_ages()"):
        return iter(function())


def averages(world: MySQLWorld) -> list[float]:
    """Adapter: the numbers that the function for the average, of any name, prints or returns."""
    module: Any = world.load()
    numbers: list[float] = []
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if not re.search("average|avg|mean", name, re.IGNORECASE) or function.__module__ != module.__name__:
            continue
        arguments = [world.find(module, "stream_user_ages")()] if required_parameters(function) else []
        with attempt(f"{name}()", ZeroDivisionError), world.output() as printed:
            result = function(*arguments)
        numbers += map(float, re.findall(NUMBER, f"{printed.getvalue()} {result}"))
    return numbers


@TASK.probe(ASKED, "yields the age of every user, as a number", decides=True)
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
    run = world.run_script()
    shown = [float(n) for n in re.findall(rf"(?i)average age.*?({NUMBER})", run.printed)]
    got = shown or averages(world)
    if not got:
        raise Fault("no average is printed when the file is run, and no function of it gives one")
    if not any(abs(number - wanted) < 0.01 for number in got):
        raise Fault(f"the average of the 30 ages is {wanted:.2f}, and the numbers shown were {got}")
    asked_sql = [text for text in world.statements() if re.search(r"(?i)\bavg\s*\(", text)]
    if asked_sql:
        raise Fault(f"the database computed it: {asked_sql[0]}")


@TASK.probe(
    ASKED,
    "prints `Average age of users:` and the average when it is run",
    Advice(
        "What does somebody see who runs the file?", "call the function under `if __name__ == '__main__':`"
    ),
)
def average_is_printed(world: MySQLWorld) -> None:
    run = world.run_script()
    if run.error:
        raise NotTried("the script ended with an error")
    if not re.search(rf"(?i)average age of users\W+{NUMBER}", run.printed):
        raise Fault(
            f"python3 {world.file.name} printed {shortened(steady(run.printed.strip()), 80) or 'nothing'}"
        )


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "an empty table is not an error of arithmetic",
    Advice("What is the average of nobody?", "say so, or raise ValueError, before you divide"),
)
def empty_table(world: MySQLWorld) -> None:
    if not averages(world):
        raise NotTried("no function for the average was found")
    world.execute(f"DELETE FROM {world.NAME}.user_data")
    if "ZeroDivisionError" in world.run_script().error:
        raise Fault("with an empty table the script raised ZeroDivisionError")
    try:
        averages(world)
    except Crash:  # any other error is an answer
        pass


@TASK.probe(BEYOND, "leaving early is clean", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leave_early(world, ages(world), 6, "of 30 ages")


@TASK.probe(BEYOND, "ages are read as they are wanted, not all at once", UNBUFFERED)
def does_not_read_everything(world: MySQLWorld) -> None:
    reads_as_wanted(world, lambda: ages(world), "age", "rows")


@TASK.probe(BEYOND, "a database error reaches the caller", LET_THROUGH)
def error_is_raised(world: MySQLWorld) -> None:
    fails_without_the_table(world, world.get("stream_user_ages"), "ages")
