"""Average ages without holding them."""

from __future__ import annotations

import ast
import inspect
import re
from decimal import Decimal
from typing import Any, Iterator

from checker.masking import steady
from checker.model import ASKED, BEYOND, Advice, Crash, Fault, NotTried, Task
from checker.mysql_world import MySQLWorld, reached, syntax_tree
from checker.shared import (
    ASK_AGAIN,
    DECIMAL,
    LEAVE,
    LET_THROUGH,
    ORDER,
    QUIET,
    UNBUFFERED,
    attempt,
    expect,
    fails_without_the_table,
    fits,
    generator,
    hidden_error,
    import_reads_nothing,
    leaves_nothing_open,
    only_reads,
    orders_what_it_limits,
    prints_nothing,
    reads_as_wanted,
    reads_the_right_database,
    required_parameters,
    runs_and_reads,
    something_came,
    yields,
)
from checker.world import shortened


class AgesWorld(MySQLWorld):
    """The table, and whether this solution says 0 of nobody's ages."""

    is_zero_of_none = False
    is_silent_of_none = False

    def notes(self) -> list[str]:
        found = super().notes()
        if averages_in_the_open(self):
            found.append(f"{self.file.name} averages in its main part; the exercise asks for a function")
        if self.is_zero_of_none:
            said = f"of an empty table {self.file.name} gives the average 0"
            found.append(f"{said}; 0 is an age, so say that there is nobody")
        if self.is_silent_of_none:
            found.append(f"of an empty table {self.file.name} says nothing at all; say that there is nobody")
        return found


def averages_in_the_open(world: MySQLWorld) -> bool:
    """Tell whether the ages are read outside of all functions, and in none but the one that streams them."""
    streams = world.all_names()

    def reads(node: ast.AST) -> bool:
        calls = [inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call)]
        return any(isinstance(called, ast.Name) and called.id in streams for called in calls)

    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body = syntax_tree(world.file).body
    inside = [node for node in body if isinstance(node, kinds) and node.name not in streams]
    outside = [node for node in body if not isinstance(node, kinds)]
    return any(map(reads, outside)) and not any(map(reads, inside))


TASK = Task(
    "generators/4",
    "average ages without holding them",
    "4-stream_ages.py",
    "4.",
    AgesWorld,
    {"stream_user_ages": ("stream_ages", "streamuserages")},
)
NUMBER = r"-?\d+(?:\.\d+)?"
WORDS = Advice(
    "What does the exercise want to be printed, word for word?",
    "print `Average age of users:` before the number",
)
ONE_AT_A_TIME = Advice(
    "How many ages have to be in memory for an average?", "add up and count in the loop over the generator"
)
BIND_FIRST = Advice(
    "Which names has the function when the loop runs for nobody?", "bind them before the loop"
)
ROW_OF_ONE = Advice(
    "What is a row of a query for one column?",
    'a tuple, or a dict, with one value in it: yield row[0], or row["age"], and not the row',
)
ONE_AGE = Advice(
    "What does the caller get from one next()?", "yield each age in a loop, and not the list of all"
)
NO_TEXT = Advice("What is '2' + '4'?", "yield the age as the cursor gives it, which is a number")
LOGGED = re.compile(r"(?i)\blog\w*\.(?:info|debug)\([^\n]*average age")
SHOW_THE_LOG = Advice(
    "Which levels does logging show as long as nobody has set one?",
    "print the average: of a log only warnings and errors are shown, unless logging.basicConfig() sets a level",
)
RETURN_IT = Advice(
    "What does the caller of a function with yield in it get?",
    "a generator, not the number: return the average, or print it there, and call the function when the file is run",
)
COLLECTORS = ("list", "tuple", "sorted", "set")


def ages(world: MySQLWorld) -> Iterator[Any]:
    """Adapter: `stream_user_ages`."""
    function = world.get("stream_user_ages")
    fits(world, function, "stream_user_ages()")
    with attempt("stream_user_ages()"):
        found = function()
    return iter(found) if hasattr(found, "__iter__") else generator("stream_user_ages()", found)


def averages(world: MySQLWorld) -> list[str]:
    """Adapter: the numbers that the function for the average, of any name, prints or returns."""
    module: Any = world.load()
    ages = world.find(module, "stream_user_ages")
    numbers: list[str] = []
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function is ages or function.__module__ != module.__name__ or required_parameters(function) > 1:
            continue
        is_named = re.search("average|avg|mean", name, re.IGNORECASE) is not None
        if not is_named and not re.search("age|calc|compute|main|print|run", name, re.IGNORECASE):
            continue
        try:
            with attempt(f"{name}()", ZeroDivisionError), world.output() as printed:
                result = function(*[ages()] * required_parameters(function))
        except Crash:
            if is_named:
                raise
            continue
        returned = result if isinstance(result, (int, float, Decimal, str, tuple, dict)) else ""
        numbers += re.findall(NUMBER, f"{printed.getvalue()} {returned}")
    return numbers


def yields_it(world: MySQLWorld) -> str:
    """Return the name of a function for the average that is a generator function; or ""."""
    body = syntax_tree(world.file).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and yields(node)]
    names = [function.name for function in functions if function.name not in world.all_names()]
    return next((name for name in names if re.search("average|avg|mean", name, re.IGNORECASE)), "")


def has_average(world: MySQLWorld) -> bool:
    """Tell whether a function gives an average, or fails at it."""
    try:
        return bool(averages(world))
    except Crash:
        return True


def error_of_the_average(world: MySQLWorld) -> str:
    """Return the type of the error that the average of the table as it is ends with, or ""."""
    try:
        averages(world)
    except Fault as fault:
        return type(fault.__cause__).__name__
    return ""


def mean(world: MySQLWorld) -> float:
    return float(sum(user["age"] for user in world.users) / len(world.users))


def is_mean(shown: str, wanted: float) -> bool:
    """Tell whether a number is the mean, rounded to as many digits as it has."""
    digits = min(len(shown.partition(".")[2]), 2)
    return abs(float(shown) - wanted) <= (0.01 if digits == 2 else 0.5001 * 10**-digits)


@TASK.probe(ASKED, "yields the age of every user, as a number", decides=True)
def yields_ages(world: MySQLWorld) -> None:
    found = ages(world)
    with attempt("reading all ages"):
        got = list(found)
    only_reads(world)
    try:
        numbers = sorted(int(age) for age in got)
    except (TypeError, ValueError):
        is_row = isinstance(got[0], (tuple, dict)) and len(got[0]) == 1
        advice = ROW_OF_ONE if is_row else ONE_AGE if isinstance(got[0], (list, tuple)) else None
        raise Fault(f"an age should be a number, not {shortened(repr(got[0]), 60)}", advice) from None
    if any(isinstance(age, str) for age in got):
        raise Fault(f"an age should be a number, not the text {shortened(repr(got[0]), 60)}", NO_TEXT)
    wanted = sorted(user["age"] for user in world.users)
    if len(numbers) < len(wanted) and sorted(world.with_integers(lambda: list(ages(world))) or []) == wanted:
        raise Fault(
            f"{len(numbers)} of {len(wanted)} ages came, as each is a Decimal: were they ints, all would come",
            DECIMAL,
        )
    something_came(world, got, "age")
    expect("the ages", wanted, numbers, hidden_error(world) or (ASK_AGAIN if len(numbers) == 1 else None))
    reads_the_right_database(world)


def printed_averages(world: MySQLWorld) -> list[str]:
    """Return the numbers that the script prints as an average when it is run by itself."""
    return re.findall(rf"(?i)average age.*?({NUMBER})", world.run_script().printed)


@TASK.probe(ASKED, "the average is right, and computed without SQL's AVG")
def average_is_right(world: MySQLWorld) -> None:
    wanted = mean(world)
    got = printed_averages(world) or averages(world)
    if world.writes():
        raise NotTried("it fills the table itself before it reads")
    name = "" if got else yields_it(world)
    if name:
        raise Fault(f"{name}() yields the average, and neither returns nor prints it", RETURN_IT)
    if not got:
        raise Fault("no average is printed when the file is run, and no function of it gives one")
    if not any(is_mean(number, wanted) for number in got):
        raise Fault(f"the average of the 30 ages is {wanted:.2f}, and what is shown is {', '.join(got[:5])}")
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
    if run.printed and not re.search("(?i)average|mean", run.printed) and not has_average(world):
        raise NotTried("there is no average to print")
    if not re.search(rf"(?i)average age of users(?:\s+is)?\W+{NUMBER}", run.printed):
        lines = [" ".join(line.split()) for line in run.printed.splitlines()]
        closest = [line for line in lines if re.search("(?i)average|mean", line)] or lines
        printed = shortened(steady(" ".join(closest).strip()), 80) or "nothing"
        advice = WORDS if re.search(NUMBER, run.printed) else RETURN_IT if yields_it(world) else None
        if not run.printed.strip() and LOGGED.search(world.file.read_text("utf-8", "replace")):
            advice = SHOW_THE_LOG
        raise Fault(f"python3 {world.file.name} printed {printed}", advice)


TASK.probe(ASKED, "runs by itself without an error")(runs_and_reads)


@TASK.probe(
    BEYOND,
    "an empty table does not trip the average up",
    Advice("What is the average of nobody?", "say so, or raise ValueError, before you divide"),
)
def empty_table(world: AgesWorld) -> None:
    in_full = error_of_the_average(world)
    if not in_full and not printed_averages(world) and not averages(world):
        raise NotTried("no average was found")
    full = world.run_script()
    world.execute(f"DELETE FROM {world.NAME}.user_data")
    world.connector.forget()
    run = world.run_script()
    error = re.match(r"ZeroDivisionError|InvalidOperation|UnboundLocalError|NameError|TypeError", run.error)
    if error and not full.error:
        raise Fault(
            f"with an empty table the script raised {run.error if error[0] == 'TypeError' else error[0]}",
            BIND_FIRST if error[0].endswith(("NameError", "LocalError")) else None,
        )
    try:
        shown = averages(world) + re.findall(rf"(?i)average age.*?({NUMBER})", run.printed)
        says_so = any(line for line in words(run.printed) if line not in words(full.printed))
        is_told = bool(re.search("(?i)average age", full.printed)) and not full.error
        world.is_silent_of_none = is_told and not (shown or run.printed.strip() or run.error)
        world.is_zero_of_none = bool(shown) and not any(map(float, shown)) and not says_so
    except Crash as crash:  # any other error is an answer
        if type(crash.__cause__).__name__ == in_full:
            raise NotTried("the average of the full table ends with the same error") from crash
        if isinstance(crash.__cause__, (NameError, ArithmeticError)):
            advice = BIND_FIRST if isinstance(crash.__cause__, NameError) else None
            raise Fault(f"with an empty table {crash}", advice) from crash
    if world.writes():
        raise NotTried("it fills the table itself before it reads")


def words(printed: str) -> list[str]:
    """Return the lines without a number."""
    return [line for line in printed.splitlines() if line.strip() and not re.search(r"\d", line)]


@TASK.probe(
    BEYOND,
    "an age of 0 is an age",
    Advice("Which numbers does Python take for false?", "ask `if age is None`, not `if not age`"),
)
def newborn(world: MySQLWorld) -> None:
    found = ages(world)
    with attempt("reading all ages"):
        if len(list(found)) != len(world.users):
            raise NotTried("not every age came")
    error = error_of_the_average(world)
    was_right = not error and any(
        is_mean(number, mean(world)) for number in printed_averages(world) or averages(world)
    )
    world.execute(f"UPDATE {world.NAME}.user_data SET age = 0 WHERE user_id = '{world.users[3]['user_id']}'")
    found = ages(world)
    with attempt("reading the ages of 30 users, the fourth aged 0,", Exception):
        count = len(list(found))
    if count != len(world.users):
        raise Fault(f"of 30 users, the fourth aged 0, the ages of {count} came")
    if error:
        raise NotTried("the average of all users does not work")
    world.users[3]["age"] = 0
    wanted = mean(world)
    got = printed_averages(world) or averages(world)
    if was_right and not any(is_mean(number, wanted) for number in got):
        raise Fault(
            f"with one user aged 0 the average is {wanted:.2f}, and what is shown is {', '.join(got[:5])}"
        )


@TASK.probe(BEYOND, "the connection is closed, also after an early end or an error", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leaves_nothing_open(world, lambda: world.get("stream_user_ages"), 6, "of 30 ages")


@TASK.probe(BEYOND, "ages are read as they are wanted, not all at once", UNBUFFERED)
def does_not_read_everything(world: MySQLWorld) -> None:
    reads_as_wanted(world, lambda: ages(world), "age", "rows")
    line = collected_in(world)
    if line:
        raise Fault(f"all ages are collected before they are used: {line}", ONE_AT_A_TIME)
    import_reads_nothing(world)


def collected_in(world: MySQLWorld) -> str:
    """Return the line of the source that makes a list of all that stream_user_ages yields, or ""."""
    source = world.file.read_text(encoding="utf-8-sig", errors="replace")  # ast.parse() takes no mark
    tree = ast.parse(source)
    functions = [spelling for name, others in world.task.names.items() for spelling in (name, *others)]
    streams: set[str] = set()

    def is_stream(node: ast.AST) -> bool:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return node.func.id in functions
        return isinstance(node, ast.Name) and node.id in streams

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_stream(node.value):
            streams.update(target.id for target in node.targets if isinstance(target, ast.Name))
    for node in nodes_of_the_average(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            is_collected = node.func.id in COLLECTORS and any(map(is_stream, node.args))
        elif isinstance(node, ast.ListComp):
            is_collected = is_stream(node.generators[0].iter)
        elif isinstance(node, ast.For):
            is_collected = is_stream(node.iter) and appends(node)
        else:
            continue
        if is_collected:
            return f"{shortened(source.splitlines()[node.lineno - 1].strip(), 80)} (line {node.lineno})"
    return ""


def nodes_of_the_average(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is in the functions for an average and those they call, or in all if none has such a name."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    averaging = reached(tree, lambda name: re.search("average|avg|mean", name, re.IGNORECASE) is not None)
    for node in tree.body:
        if not isinstance(node, kinds) or not averaging or node.name in averaging or node.name == "main":
            yield from ast.walk(node)


def appends(loop: ast.For) -> bool:
    """Tell whether a loop appends what it gets, each time and not only while a list is short."""
    names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    bounded = [node for node in ast.walk(loop) if isinstance(node, ast.If) and "'len'" in ast.dump(node.test)]
    excepted = {id(node) for condition in bounded for node in ast.walk(condition)}
    calls = [node for node in ast.walk(loop) if isinstance(node, ast.Call) and id(node) not in excepted]
    return any(
        getattr(call.func, "attr", "") == "append"
        and names & {node.id for part in call.args for node in ast.walk(part) if isinstance(node, ast.Name)}
        for call in calls
    )


@TASK.probe(BEYOND, "the ages have an order, where they come page by page", ORDER)
def ages_are_ordered(world: MySQLWorld) -> None:
    found = ages(world)
    with attempt("reading all ages"):
        if not list(found):
            raise NotTried("no age came")
    orders_what_it_limits(world)


@TASK.probe(BEYOND, "prints nothing among the ages", QUIET)
def prints_no_words(world: MySQLWorld) -> None:
    prints_nothing(world, lambda: ages(world), "ages")


@TASK.probe(BEYOND, "a database error reaches the caller", LET_THROUGH)
def error_is_raised(world: MySQLWorld) -> None:
    fails_without_the_table(world, lambda: world.get("stream_user_ages"), "ages")
