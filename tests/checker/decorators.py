"""What the five decorators tasks share: how a decorator is put on, and the function that each script decorates."""

from __future__ import annotations

import ast
import inspect
import random
import re
import runpy
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator

from checker.model import Advice, Broken, Crash, Fault, NotTried
from checker.shared import attempt, decorate, own_connection
from checker.sqlite_world import SQLiteWorld
from checker.world import describe

THE_FILE = Advice("Which file does your program open?", "the exercise is about users.db")
SWALLOWED = Advice(
    "Which except between the function and its caller ends the error?",
    "raise it again there, or do not catch it",
)
UNCALLED = Advice("What does a method do that nobody calls?", "write a pair of parentheses after its name")
PARAMETERS = Advice(
    "What does the SQL become when a value has a quotation mark in it?",
    "write ? in the SQL, and pass the values beside it: execute(sql, (value,))",
)
SQL = re.compile(
    r"(?is)\s*(?:select\b.*\bfrom|insert\s+(?:or\s+\w+\s+)?into|update\b.*\bset|delete\s+from)\b"
)

# Decorators


def put_on(world: SQLiteWorld, name: str, function: Callable[..., Any]) -> Any:
    """Import the file afresh, and decorate as the learner does: @name, @name() or @name("users.db")."""
    return applied(ready(world, name), name, function)


def ready(world: SQLiteWorld, name: str) -> Any:
    """Import the file afresh, and return what decorates there: name, name() or name("users.db")."""
    module = world.load()
    decorator = world.find(module, name)
    call = next((use for use in uses(world.file, name) if isinstance(use, ast.Call)), None)
    if call is not None:
        with attempt(f"@{ast.unparse(call) if hasattr(ast, 'unparse') else name}"):
            arguments = [value_of(argument, module) for argument in call.args]
            named = {keyword.arg or "": value_of(keyword.value, module) for keyword in call.keywords}
            decorator = decorator(*arguments, **named)
    return decorator


def applied(decorator: Any, name: str, function: Callable[..., Any], **options: Any) -> Any:
    """Decorate the function, and see that a function came of it."""
    with attempt(f"@{name}"):
        if options:
            decorator, options = decorator(**options), {}
    if decorator is None:
        raise Broken(f"{name}(...) gave None instead of a decorator", "return the inner decorator at its end")
    result = decorate(decorator, name, function)
    if result is None:
        raise Broken(f"@{name} made None of the function", "return the wrapper at the end of the decorator")
    return result


def uses(file: Path, name: str) -> list[ast.expr]:
    """Return the decorators of this name in a file."""
    return [
        decorator
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8-sig", errors="replace")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for decorator in node.decorator_list
        if isinstance(decorator, (ast.Call, ast.Name))
        and getattr(decorator.func if isinstance(decorator, ast.Call) else decorator, "id", "") == name
    ]


def value_of(expression: ast.expr, module: Any) -> Any:
    return eval(compile(ast.Expression(expression), "the decorator's arguments", "eval"), vars(module))


def bare_method(world: SQLiteWorld, *names: str) -> str:
    """Return, in a clause, which of these methods stands in the file without being called; or ""."""
    for node in ast.walk(ast.parse(world.file.read_text(encoding="utf-8-sig", errors="replace"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) and node.value.attr in names:
            return f"in line {node.lineno} .{node.value.attr} has no parentheses after it, so it does nothing"
    return ""


# The function of the exercise


def find_function(world: SQLiteWorld, name: str) -> Any:
    """Import the file afresh, and return the function that the exercise has it decorate."""
    random.seed(0)
    for prepare in (world.prepare, world.remove_database):  # some make the table themselves, and want none
        prepare()
        module = world.load()
        if hasattr(module, name):
            return getattr(module, name)
    for other in vars(module):
        if other.replace("_", "").lower() == name.replace("_", ""):
            advice = Advice("Which name will a program use that calls your function?", f"def {name}(...)")
            raise Fault(f"{world.file.name} calls it {other}; in the exercise it is {name}", advice)
    text = world.file.read_text(encoding="utf-8", errors="replace")
    if not re.search(rf"\bdef\s+{name}\b", text):
        raise Fault(f"{world.file.name} defines no {name}, the function that the exercise decorates")
    with world.output(), suppress(Exception, SystemExit):
        namespace = runpy.run_path(str(world.file), run_name="__main__")
        if name in namespace:
            world.prepare()
            return namespace[name]
    raise NotTried(f"{name} was not there after {world.file.name} had been imported")


def call(world: SQLiteWorld, function: Any, name: str, **named: Any) -> Any:
    """Call the function of the exercise: by name, or else by position, or else with a connection as well.

    Some take the connection themselves, and some call their parameters otherwise.
    """
    shown = ", ".join(f"{key}={value!r}" for key, value in named.items())
    with in_sqlite(world), attempt(f"{name}({shown})"):
        try:
            return function(**named)
        except TypeError as error:
            if "missing" in str(error):
                with suppress(TypeError), own_connection() as connection:
                    return function(connection, **named)
            if "unexpected keyword" in str(error):
                with suppress(TypeError):
                    return function(*named.values())
            raise


def swallows(world: SQLiteWorld, name: str, **named: Any) -> str:
    """Return, in a sentence, what the function of the exercise gives where an error should come out; or "".

    It has all its decorators, and the table is not there.
    """
    try:
        function = find_function(world, name)
    except (Fault, NotTried):  # another probe says so
        return ""
    with world.own_connection() as connection, connection:
        connection.execute("DROP TABLE users")
    world.recorder.sqlite.clear()
    try:
        with world.output():
            result = call(world, function, name, **named)
    except Fault:
        return ""
    with world.own_connection() as connection:
        made_it = connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    if made_it or not world.recorder.sqlite or "a database in memory" in world.recorder.elsewhere:
        return ""
    return f"{name}, with all its decorators, gave {shorten(result)} instead of the error for a missing table"


def reason(function: Any, *arguments: Any, **named: Any) -> str:
    """Return, in a clause, the error that a function raises below its decorators, if it has any; or ""."""
    plain_function = inspect.unwrap(function)
    if plain_function is function:
        return ""
    try:
        with own_connection() as connection:
            plain_function(connection, *arguments, **named)
    except Exception as error:
        return f": without its decorators it raises {describe(error)}"
    return ""


@contextmanager
def in_sqlite(world: SQLiteWorld) -> Iterator[None]:
    """Let it be the fault of MySQL if a solution fails that uses MySQL."""
    try:
        yield
    except Fault as fault:
        elsewhere = world.wrong_database(fault)
        if elsewhere:
            raise Fault(elsewhere, THE_FILE) from None
        raise


def gives(
    world: SQLiteWorld,
    what: str,
    result: Any,
    printed: str,
    users: list[tuple[Any, ...]],
    *,
    all_of_them: bool = True,
    why: str = "",
) -> None:
    """Expect these users and no others, or some of them, returned in whatever form, or printed.

    `why` explains None.
    """
    shown = repr(plain(result)) if result is not None else printed
    found = [user[1] for user in world.users if re.search(rf"{user[1]}\b", shown)]
    wanted = [user[1] for user in users]
    if found and not all_of_them:
        wanted = found
    if found == wanted:
        return
    if result is None:
        raise Fault(f"{what} returned None{why}", SWALLOWED if why else None)
    raise Fault(
        f"{what} should give {shorten(users if len(users) > 1 else users[0])}, and gave {shorten(result)}"
    )


def plain(value: Any) -> Any:
    """Return rows of all kinds, also inside others and from an iterator, as something that shows its values."""
    if isinstance(value, (str, bytes, int, float, type(None), BaseException)):
        return value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "__iter__"):
        return tuple(map(plain, value)) if isinstance(value, tuple) else list(map(plain, value))
    return vars(value) if hasattr(value, "__dict__") else value


def shorten(value: Any) -> str:
    text = repr(plain(value))
    return text if len(text) <= 100 else text[:96] + " ..."


# Whole probes


def runs_by_itself(world: SQLiteWorld) -> None:
    """The file ends without an error when it is run as `python3 FILE`.

    It may want to make the table itself, and meet a database that is not there yet; or want the table that
    another script in its folder makes; or fail at random.
    """
    errors = []
    for prepare in (world.prepare, world.without_tables, partial(make_tables, world)):
        for seed in seeds(world):
            if prepare() is False:  # it does not make its own table
                continue
            random.seed(seed)
            errors.append(world.run_script().error)
            if not errors[-1]:
                return
            if errors[-1].startswith("EOFError"):
                raise NotTried("it asks for input")
    with in_sqlite(world):
        raise Crash(f"python3 {world.file.name} ended with {errors[0]}")


def make_tables(world: SQLiteWorld) -> bool:
    """Let the other scripts in the folder make their tables; return whether there are any that do."""
    scripts = []
    for path in sorted(world.file.parent.glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if path != world.file and re.search(r"(?i)create\s+table", text):
            scripts.append(path)
    world.remove_database()
    for path in scripts:
        with world.output(), suppress(Exception, SystemExit):
            runpy.run_path(str(path), run_name="__main__")
    return bool(scripts)


def seeds(world: SQLiteWorld) -> range:
    """Return seeds to try one after the other: some let a query fail at random."""
    return range(5 if "random" in world.file.read_text(encoding="utf-8", errors="replace") else 1)


def passes_values(world: SQLiteWorld) -> None:
    """Expect that no statement in the file has a value put into its text."""
    tree = ast.parse(world.file.read_text(encoding="utf-8-sig", errors="replace"))
    statements = [text for text in map(template, ast.walk(tree)) if text]
    for text in statements:
        if re.search(r"(?i)(?:[=<>]|\blike)\s*['\"]?%?\{\}|['\"]%?\{\}%?['\"]", text):
            raise Fault(f"a value is put into the text of the SQL: {' '.join(text.split())}")
    if not statements and not any(SQL.match(constant(node)) for node in ast.walk(tree)):
        raise NotTried("there is no SQL in this file")


def template(node: ast.AST) -> str:
    """Return the text of an SQL statement with {} for each expression in it, or ""."""
    text = ""
    if isinstance(node, ast.JoinedStr):
        text = "".join(constant(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        left = template(node.left) or constant(node.left)
        if isinstance(node.op, ast.Mod):
            text = re.sub(r"%[sdri]", "{}", left)
        else:
            text = left + (constant(node.right) or "{}")
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        text = re.sub(r"\{\w*\}", "{}", constant(node.func.value))
    return text if SQL.match(text) else ""


def constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# The log


@contextmanager
def log_of(world: SQLiteWorld) -> Iterator[list[str]]:
    """Collect, as the only item, what is printed or logged in the with block, or written to a file here."""
    text: list[str] = []
    before = sizes(world)
    start = len(world.recorder.printed)
    with world.output() as printed:
        yield text
    # A handler of the learner's own writes to what was the standard output when the file was imported.
    text.append(printed.getvalue() or "".join(world.recorder.printed[start:]))
    if not text[0].strip():
        for path, size in sizes(world).items():
            if size > before.get(path, 0):
                text[0] += path.read_text(encoding="utf-8", errors="replace")[before.get(path, 0) :]


def sizes(world: SQLiteWorld) -> dict[Path, int]:
    """Return the sizes of the files in which a log may be."""
    paths = [path for path in world.file.parent.parent.rglob("*") if path.is_file()]
    return {path: path.stat().st_size for path in paths if not re.search(r"\.(db|py|pyc)\b", path.name)}
