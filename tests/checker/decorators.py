"""What the five decorators tasks share: how a decorator is put on, and the function that each script decorates."""

from __future__ import annotations

import ast
import functools
import inspect
import random
import re
import runpy
import sqlite3
import sys
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Sequence, Tuple

from checker.demos import run_without_database
from checker.masking import steady
from checker.model import Advice, Broken, Crash, Fault, NotTried, Stop
from checker.shared import adds_nobody_twice, attempt, expect, own_connection, passed_by_name
from checker.sqlite_world import SQLiteWorld, tables
from checker.world import OTHER_DATABASES, describe, learners_frame, shortened

THE_FILE = Advice("Which file does your program open?", "the exercise is about users.db")
SWALLOWED = Advice(
    "Which except between the function and its caller ends the error?",
    "raise it again there, or do not catch it",
)
LEFT_OPEN = Advice(
    "Which lines run when the function returns, and which when it raises?",
    "close the connection in a finally, or open it in `with contextlib.closing(...)`",
)
ONLY_COMMITS = Advice(
    "Does `with sqlite3.connect(...)` close?",
    "it only commits or rolls back: close in a finally, or write `with contextlib.closing(sqlite3.connect(...))`",
)
BEFORE_TRY = Advice("What is there to close if connect() itself fails?", "connect before the try")
CLOSE_ERRORS = Advice(
    "Who learns that the connection could not be closed?", "call close() without a try of its own around it"
)
SIGNATURE = Advice(
    "Which arguments can your inner function take?",
    "ask only for what every caller passes, take the rest as *args and **kwargs, and pass all on to func",
)
STARS = Advice(
    "What does func(*kwargs) pass on?", "one star passes the names only: write func(*args, **kwargs)"
)
ANY_VALUE = Advice(
    "What else than text can an argument be?",
    "put it into an f-string, f'... {value}', or write str(value)",
)
TEXT_ONLY = re.compile(r"can only concatenate str|must be str, not|expected str instance|unsupported operand")
RETURN_IT = Advice(
    "What does your decorator return, and in which block does that line stand?",
    "return the wrapper at the end of the decorator, indented as the def of the wrapper is",
)
RESULT = Advice("What does your inner function return?", "return what func(...) returned")
BARE = Advice(
    "What is the argument of a decorator that is written without parentheses?",
    "def {0}(func): return wrapper; it needs no function around it",
)
LACKS_THEM = Advice(
    "What is the argument of a decorator that is written without parentheses?",
    "write @{0}() above the function, or def {0}(func): return wrapper, with no function around it",
)
ANY_CALL = Advice(
    "For which calls does your wrapper run the function?",
    "call func(*args, **kwargs) in every case; an `if` may decide what is logged or kept",
)
LOOK_FIRST = "Which arguments does every call have?"
UNCALLED = Advice("What does a method do that nobody calls?", "write a pair of parentheses after its name")
NONE_OF_THEM = "Which lines run after a return or a raise?"
UNREACHED = {
    "close": Advice(NONE_OF_THEM, "none but those in a finally: close it in one"),
    "commit": Advice(NONE_OF_THEM, "none: write result = func(...), then commit, and return result last"),
    "rollback": Advice(NONE_OF_THEM, "none: roll back first, and then raise"),
}
WHEN = "What runs when the function is decorated, and what when it is called?"
PASS_CONNECTION = Advice(
    "What is the first argument of the function below your decorator?",
    "pass the connection first: func(conn, *args, **kwargs)",
)
TAKE_CONNECTION = Advice(
    "Which arguments is your inner function called with?",
    "the connection comes first: def wrapper(conn, *args, **kwargs)",
)
# What helps with an error of Python: what it says, what is in the line that raised it, and the advice.
MISTAKES = [
    (
        r"positional argument|'(?:tuple|dict)' object has no attribute",
        r"\(.*(?<![*\w])(?:args|kwargs)\s*[,)]",
        Advice(
            "What does func get from func(args, kwargs)?",
            "func(args, kwargs) passes a tuple and a dict: write func(*args, **kwargs)",
        ),
    ),
    (r"missing \d+ required positional arguments?: 'conn'", "", PASS_CONNECTION),
    (r"'(?:int|str)' object has no attribute '(?:cursor|execute)'", "", PASS_CONNECTION),
    (
        r": (?:fetch|get|update)_user\w+\(\) missing \d+ required|: fetch_all_users\(\) missing \d+ required",
        "",
        Advice(
            "What does func get of the arguments that your wrapper was given?",
            "pass on to func all that the wrapper was given: what has a name, *args and **kwargs",
        ),
    ),
    (
        r"missing 1 required positional argument: 'wrapped'",
        "",
        Advice(
            "Which function's name is the wrapper to have?", "write @functools.wraps(func) above the wrapper"
        ),
    ),
    (
        r"^NameError: name 'conn'",
        "",
        Advice(
            "Where does your wrapper get conn from?",
            "with_db_connection opens it; a wrapper below that gets it first: def wrapper(conn, *args, **kwargs)",
        ),
    ),
    (
        r"^NameError: name 'query'",
        "",
        Advice(
            "Where does your wrapper get query from?",
            "query is among the arguments of the wrapper: kwargs['query'], or one of args",
        ),
    ),
    (
        r"unhashable type",
        "",
        Advice(
            "What can be the key of a dict?",
            "a key is text, a number, or a tuple of these: take the query itself, and not the list or dict around it",
        ),
    ),
    (
        r"Cannot operate on a closed",
        "",
        Advice(
            "What comes first, close() or the function?",
            "use the connection first and close it last, all of it inside the wrapper",
        ),
    ),
]
PARAMETERS = Advice(
    "What does the SQL become when a value has a quotation mark in it?",
    "write ? in the SQL, and pass the values beside it: execute(sql, (value,))",
)
SQL = re.compile(
    r"(?is)\s*(?:select\b.*\bfrom|insert\s+(?:or\s+\w+\s+)?into|update\b.*\bset|delete\s+from)\b"
)

# What a printed line says about an error, and what it says about a mistake that nobody makes on purpose.
PRINTED_ERROR = re.compile(r"(?i)error|exception|fail(?:ed|ure)|traceback|could not|couldn't|unable to")
MISTAKE = re.compile(
    r"no such (?:table|column)|syntax error|has no column|unable to open|unrecognized token|incorrect number of"
    r"|missing \d+ required|positional arguments? but|takes no arguments|unexpected keyword"
    r"|is not defined|has no attribute|object is not|must be str|KeyError|IndexError|NoneType"
)
ABOUT_A_TABLE = re.compile(r"no such (?:table|column)|has no column")
ON_PURPOSE = re.compile(r"\braise\s+[\w.]+\(")  # a failure that a file shows
LEVELS = "debug info warning error exception critical".split()  # the methods of a logger
ASKS = re.compile(r"(?i)\b(?:select|insert|update|delete|replace)\b")

# The function that each exercise has decorated.
EXERCISES = {
    "decorators/0": "fetch_all_users",
    "decorators/1": "get_user_by_id",
    "decorators/2": "update_user_email",
    "decorators/3": "fetch_users_with_retry",
    "decorators/4": "fetch_users_with_cache",
}
DECORATORS = "log_queries with_db_connection transactional retry_on_failure cache_query".split()
MOST_CALLS = 50  # of a function that fails: some try for ever
SUCCESS = re.compile(r"(?i)\bsucce(?:ss(?:ful(?:ly)?)?|eded)\b")
OTHER_SUCCESS = re.compile(
    r"(?i)connect|open|close|roll|\b(?:no|not|without|if|until|fail\w*|error)\b|\b0 succ"
)  # of something else, or none
# What is printed of a class or a function. What print(type(x)) shows, of a value or an error, is none of it.
NO_VALUE = re.compile(
    r"<(?:class '(?:Exception|(?!sqlite3\.|checker\.)\w+\.[\w.]+(?<!Error))'"
    r"|(?:function|bound method|built-in \w+) [^<>]*(?:<[^<>]*>[^<>]*)*)>"
)
WANTS_NAMES = (
    "raised {} for a call by position: it opens a connection for any function, so take *args and **kwargs, and "
    "look for no argument of one of them"
)
ONE_TABLE = Advice(
    "Which table users is there when your scripts are run in their order?",
    "make the table with the same columns in all of them, or in one file that the others import",
)

# Decorators


def put_on(world: SQLiteWorld, name: str, function: Callable[..., Any]) -> Any:
    """Import the file afresh, and decorate as the learner does: @name, @name() or @name("users.db")."""
    return applied(ready(world, name), name, function)


def ready(world: SQLiteWorld, name: str) -> Any:
    """Import the file afresh, and return what decorates there: name, name() or name("users.db")."""
    module = world.load()
    decorator = getattr(module, name, None) or world.find(module, name)
    call = call_meant(world, name, decorator)
    if call is not None:
        with attempt(f"@{ast.unparse(call) if hasattr(ast, 'unparse') else name}"):
            arguments = [value_of(argument, module) for argument in call.args]
            named = {keyword.arg or "": value_of(keyword.value, module) for keyword in call.keywords}
            decorator = decorator(*arguments, **named)
    return decorator


def call_meant(world: SQLiteWorld, name: str, decorator: Any) -> ast.Call | None:
    """Return the call by which a decorator is to be tried, or None if it takes the function itself.

    That is the one above the function of the exercise, or one without arguments. One above another function may
    mean something else, as readonly=True does: it is taken only if there is no other way.
    """
    exercise = EXERCISES[world.task.name]
    for use in reversed(uses(world.file, name, exercise)):
        if isinstance(use, ast.Call):
            return use
    calls = {ast.dump(use): use for use in uses(world.file, name) if isinstance(use, ast.Call)}
    has_defaults = can_be_called(decorator)
    if takes_function(decorator) and (
        has_defaults or not any(use.args or use.keywords for use in calls.values())
    ):
        return None
    if has_defaults:
        call = ast.parse(f"{name}()", mode="eval").body
        assert isinstance(call, ast.Call)
        return call
    if len(calls) > 1:
        raise NotTried(
            f"which arguments of @{name} to try cannot be told: none stand above {exercise}, and those above other "
            "functions differ"
        )
    return next(iter(calls.values()), None)


def can_be_called(decorator: Any) -> bool:
    """Tell whether a decorator can be called without arguments."""
    try:
        inspect.signature(decorator).bind()
    except (TypeError, ValueError):
        return False
    return True


def takes_function(decorator: Any) -> bool:
    """Tell whether the first parameter of a decorator is the function, as far as its name and default say so."""
    try:
        parameters = list(inspect.signature(decorator).parameters.values())
    except (TypeError, ValueError):
        return True
    if not parameters or parameters[0].kind in (
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    ):
        return False
    first = parameters[0]
    if first.default is None:
        return bool(re.search(r"(?i)fu?nc?|^_*f$|callable|wrapped|method", first.name))
    return first.default is inspect.Parameter.empty


def bare_factory(world: SQLiteWorld, function: str) -> str:
    """Return which decorator stands bare above a function, and makes a decorator of it, not a wrapper; or ""."""
    module = sys.modules.get(world.file.stem)
    for use in uses(world.file, "", function):
        decorator = getattr(module, use.id, None) if isinstance(use, ast.Name) else None
        if decorator is not None and not takes_function(decorator):
            reached: list[bool] = []
            with unnoticed(world), world.output(), suppress(Exception, SystemExit):
                result = decorator(noticing(reached))(noticing(reached))
                if callable(result) and not reached:
                    return decorator_name(use)
    return ""


def applied(decorator: Any, name: str, function: Callable[..., Any], **options: Any) -> Any:
    """Decorate the function, and see that a function came of it."""
    if options:
        with advising(called_at_once(decorator)), attempt(f"@{name}"):
            decorator = decorator(**options)
    if decorator is None:
        raise Broken(f"{name}(...) gave None instead of a decorator", "return the inner decorator at its end")
    if hasattr(function, "__name__"):  # Python's own messages have it
        function.__qualname__ = function.__name__
    with advising(called_at_once(decorator)), attempt(f"@{name}"):
        result = decorated_by(decorator, function)
    if not callable(result):
        made = "None" if result is None else f"a {type(result).__name__}"
        advice = called_at_once(decorator) or RETURN_IT
        raise Broken(f"@{name} made {made} of the function", advice.hint)
    if isinstance(result, partial) and result.func is functools.update_wrapper:
        raise Broken(
            f"@{name} made a wrapper that is never called: @wraps above it lacks the function",
            "write @functools.wraps(func) above the wrapper",
        )
    return result


def decorated_by(decorator: Any, function: Callable[..., Any]) -> Any:
    """Decorate with what the learner wrote, with or without parentheses.

    If neither works, the error is the one of a decorator that took the function and went on.
    """
    try:
        return decorator(function)
    except TypeError as error:
        first = error
    try:
        return decorator()(function)
    except Exception:
        if learners_frame(first)[0]:
            raise first from None
        raise


def called_at_once(decorator: Any) -> Advice | None:
    """Return what helps where a decorator calls its wrapper, or the function, and returns what that gives."""
    code: Any = getattr(decorator, "__code__", None)
    tree = ast.parse("")
    with suppress(AttributeError, OSError, SyntaxError):
        tree = ast.parse(Path(code.co_filename).read_bytes())
    for outer in ast.walk(tree):
        if not isinstance(outer, ast.FunctionDef) or outer.name != code.co_name:
            continue
        inner = [node.name for node in outer.body if isinstance(node, ast.FunctionDef)]
        for node in outer.body:
            value = node.value if isinstance(node, ast.Return) else None
            if not isinstance(value, ast.Call) or value.args:
                continue
            name, where = getattr(value.func, "id", ""), f"in line {node.lineno}"
            if name in inner:
                return Advice(WHEN, f"{where} return {name} without parentheses: it is called later")
            if name in [argument.arg for argument in outer.args.args]:
                hint = "call it in a function inside of the decorator, and return that function"
                return Advice(WHEN, f"{where} {name} is called at once, and never again: {hint}")
    return None


def expect_a_result(what: str, result: Any) -> None:
    """Stop where a wrapper gives the function, or a generator, and so has not run anything yet."""
    if inspect.isfunction(result):
        raise Broken(f"{what} gave a function and not its result", "return func(...), with the parentheses")
    if inspect.isgenerator(result):
        said = f"{what} gave a generator: a function with a yield in it does not run before somebody asks for an item"
        raise Broken(said, "write return in the wrapper, and not yield")


@contextmanager
def advising(advice: Advice | None = None) -> Iterator[None]:
    """Give a crash this advice, or the one that belongs to the error that Python raised."""
    try:
        yield
    except Crash as crash:
        error = crash.__cause__
        if crash.advice or error is None:
            raise
        raise Crash(str(crash), advice or advice_for(error)) from error


def advice_for(error: BaseException) -> Advice | None:
    """Return what helps with an error of Python in the learner's file."""
    path, number = learners_frame(error)
    if not path:
        return None
    lines = Path(path).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    line = lines[number - 1] if number <= len(lines) else ""
    said = f"{type(error).__name__}: {error}"
    missing = re.search(r"^NameError: name '(datetime|functools|inspect|logging|sqlite3|time)'", said)
    if missing:
        return Advice(
            "Which modules does your file use?", f"write `import {missing[1]}` at the top of the file"
        )
    local = re.search(r"^UnboundLocalError: .*local variable '(\w+)'", said)
    if local and any(re.match(rf"{local[1]}\s*[:=]", other) for other in lines):
        return Advice(
            f"Which {local[1]} does your wrapper change?",
            f"`{local[1]} = ...` in a function makes another one there: change the one outside, {local[1]}[key] = ...",
        )
    return next((m[2] for m in MISTAKES if re.search(m[0], said) and re.search(m[1], line)), None)


@contextmanager
def calling(what: str, name: str) -> Iterator[None]:
    """attempt(), and tell when it is the wrapper that takes no such arguments."""
    try:
        with advising(), attempt(what):
            yield
    except Crash as crash:
        error = crash.__cause__
        if isinstance(error, TypeError) and " argument" in str(error) and not learners_frame(error)[0]:
            said = f"{what}: the wrapper of @{name} refused these arguments: {refusal(error)}"
            advice = TAKE_CONNECTION if "multiple values" in str(error) else SIGNATURE
            raise Crash(said, advice) from error
        raise


@contextmanager
def tells_of_parentheses(world: SQLiteWorld, name: str) -> Iterator[None]:
    """Say of a crash also that the file lacks the parentheses of a decorator: its author meets that first."""
    try:
        yield
    except Crash as crash:
        if not any(isinstance(use, ast.Name) for use in uses(world.file, name)):
            raise
        try:
            inspect.signature(world.get(name)).bind(None)
        except TypeError:
            first = f"{name}() takes no function, and stands as @{name} in the file; besides, {crash}"
            raise Crash(first, crash.advice) from crash.__cause__
        raise


def refusal(error: TypeError) -> str:
    """Return what Python says of the arguments, without the name in it: it may be either."""
    return re.sub(r"^TypeError: \w+\(\)", "TypeError: it", describe(error)).replace(
        "it missing", "it is missing"
    )


def works_bare(world: SQLiteWorld, name: str, plain: Callable[..., Any], *ways: Way) -> None:
    """Expect that the decorator works without parentheses; `ways` are calls as in the exercise, of such a function."""

    def is_reached(make: Callable[[Any], Any]) -> bool:
        reached: list[bool] = []
        for args, kwargs in ways:
            with suppress(Exception, SystemExit):
                # It has the names of the parameters, for a wrapper that asks for them.
                make(functools.wraps(plain)(noticing(reached)))(*args, **kwargs)
        return bool(reached)

    if is_reached(lambda function: world.get(name)(function)):
        return
    if not is_reached(partial(put_on, world, name)):
        raise NotTried("it does not run the function in any way")
    said = f"@{name} without parentheses, as in the exercise, does not work; @{name}(...) does"
    raise Fault(said, advice_about(BARE, name))


def advice_about(advice: Advice, name: str) -> Advice:
    return Advice(advice.question.format(name), advice.hint.format(name))


def expect_arguments(make: Callable[[Any], Any], function: Any, *passed: Any) -> None:
    """Expect that all arguments reach a function(first, limit=10, *, order="id") that returns the last two.

    `passed` is what its caller passes before them; `make` decorates it afresh.
    """
    got: list[Any] = []

    @functools.wraps(function)
    def keeping(*arguments: Any, **named: Any) -> Any:
        got.append(function(*arguments, **named))
        return got[0]

    name, first = function.__name__, next(iter(inspect.signature(function).parameters))
    ways: dict[str, tuple[Way, tuple[Any, ...]]] = {
        "": (((), {}), (10, "id")),
        "7": (((7,), {}), (7, "id")),
        "limit=7": (((), {"limit": 7}), (7, "id")),
        "order='name'": (((), {"order": "name"}), (10, "name")),
    }
    for shown, ((args, kwargs), wanted) in ways.items():
        got.clear()
        call_shown = f"{name}({', '.join([*map(repr, passed), *filter(None, [shown])])})"
        what = f"def {name}({first}, limit=10, *, order='id'), called as {call_shown},"
        decorated = make(keeping)
        with attempt(what, LookupError):
            try:
                decorated(*passed, *args, **kwargs)
            except LookupError:
                if shown:
                    raise
            except TypeError as error:
                is_inside = learners_frame(error)[0]
                how = (
                    f"raised {describe(error)}"
                    if is_inside
                    else f"was refused by the wrapper: {refusal(error)}"
                )
                advice = ANY_VALUE if is_inside and TEXT_ONLY.search(str(error)) else passed_by_name(error)
                raise Fault(f"{what} {how}", advice) from error
        if not got and not shown:  # which other probes are about
            raise NotTried(f"{call_shown} does not run the function")
        if not got:
            raise Fault(f"{what} did not run at all", ANY_CALL)
        expect(f"limit and order of {what[4:-1]}", wanted, got[0])


def connection_passes_arguments(world: SQLiteWorld) -> None:
    """Expect that the with_db_connection of this file, if it has one, passes all arguments on."""
    if not re.search(r"(?m)^def with_db_connection\b", world.source()):
        return

    def get_users(conn: Any, limit: int = 10, *, order: str = "id") -> Any:
        return limit, order

    def make(function: Any) -> Any:
        return put_on(world, "with_db_connection", function)

    try:
        with telling_of_stars(world):
            expect_arguments(make, get_users)
    except (Crash, NotTried, Stop):  # other probes say so
        return
    except Fault as fault:
        raise Fault(f"below @with_db_connection, {fault}", fault.advice or SIGNATURE) from fault


def connection_returns(world: SQLiteWorld) -> None:
    """Expect that the with_db_connection of this file, if it has one, returns what the function returns."""
    if not re.search(r"(?m)^def with_db_connection\b", world.source()):
        return
    reached: list[bool] = []
    results: list[Any] = []
    with suppress(Exception, SystemExit):  # other probes say so
        results.append(put_on(world, "with_db_connection", noticing(reached))())
    if reached and results == [None]:
        raise Fault("below @with_db_connection, a function returned a list, and the caller got None", RESULT)


@contextmanager
def telling_of_stars(world: SQLiteWorld) -> Iterator[None]:
    """Let the advice for arguments that do not arrive be about a star that is missing, if one is."""
    try:
        yield
    except Crash:
        raise
    except Fault as fault:
        if re.search(r"[(,]\s*\*kwargs\b", world.source()):
            raise Fault(str(fault), STARS) from fault
        raise


Way = Tuple[Tuple[Any, ...], Dict[str, Any]]  # the arguments of a call, by position and by name


def noticing(reached: list[bool]) -> Callable[..., list[Any]]:
    """Return a function that takes everything, and adds to a list each time that it is run."""

    def function(*args: Any, **kwargs: Any) -> list[Any]:
        reached.append(True)
        return []

    return function


def is_run(make: Callable[[Any], Any], *ways: Way) -> bool:
    """Tell whether a function below a decorator is run in one of these ways to call it, or each raises an error.

    `make` decorates it afresh. The function takes all that the wrapper may give it.
    """
    reached: list[bool] = []
    endings = 0
    function = noticing(reached)
    for args, kwargs in ways:
        with suppress(Exception, SystemExit):
            result = make(function)(*args, **kwargs)
            if hasattr(result, "__await__") or hasattr(result, "__next__"):  # it runs later
                reached.append(True)
            endings += 1
    return bool(reached) or not endings


def expect_run(world: SQLiteWorld, make: Callable[[Any], Any], what: str, way: Way, other: Way) -> None:
    """Stop where the function is not run in the call of the exercise; there may be another way that runs it."""
    if is_run(make, way):
        return
    is_run_otherwise = is_run(make, way, other)
    if not PRINTED_ERROR.search(world.recorder.last_words()):
        world.recorder.printed.clear()  # the sentence says it all
    if is_run_otherwise:
        raise Broken(f"{what} did not run the function at all", ANY_CALL.hint)
    raise Broken(
        "the decorator never calls the function below it",
        "let the wrapper call func(...), and return what it returns",
    )


def expect_run_always(make: Callable[[Any], Any], ways: dict[str, Way]) -> None:
    """Expect that the function is run in each of these ways to call it, unless an error says that it is not."""
    for shown, way in ways.items():
        if not is_run(make, way):
            raise Fault(f"{shown} raised no error, and did not run the function at all", ANY_CALL)


def expect_no_mistake(make: Callable[[Any], Any], shown: str, way: Way) -> None:
    """Expect that the wrapper does not look for an argument without asking whether it is there.

    It may refuse the call; a LookupError of its own says nothing to the caller.
    """
    reached: list[bool] = []
    try:
        make(noticing(reached))(*way[0], **way[1])
    except (LookupError, NameError) as error:
        if not reached and learners_frame(error)[0]:
            hint = "give the name a value for every call"
            if isinstance(error, KeyError):
                key = error.args[0] if error.args else ""
                hint = f"{key!r} is not in all of them: ask `if {key!r} in ...` first, or use .get({key!r})"
            elif isinstance(error, IndexError):
                hint = "a list of arguments can be empty: ask how many there are before you take one"
            raise Fault(f"{shown} raised {describe(error)}", Advice(LOOK_FIRST, hint)) from error
    except (Exception, SystemExit):
        pass


def uses(file: Path, name: str, function: str = "") -> list[ast.expr]:
    """Return the decorators of this name, or of any, in a file, or those above this function."""
    return [
        decorator
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8-sig", errors="replace")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and function in ("", node.name)
        for decorator in node.decorator_list
        if isinstance(decorator, (ast.Call, ast.Name))
        and name in ("", getattr(decorator.func if isinstance(decorator, ast.Call) else decorator, "id", ""))
    ]


def decorator_name(use: ast.expr) -> str:
    return getattr(use.func if isinstance(use, ast.Call) else use, "id", "")


def texts_with(file: Path) -> str:
    """Return the text of a file, and those of the files beside it that it names: what they set holds for it too."""
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    others = [path for path in sorted(file.parent.glob("*.py")) if path != file]
    named = [path for path in others if re.search(rf"\b{re.escape(path.stem)}\b", text)]
    return "\n".join([text, *(path.read_text(encoding="utf-8-sig", errors="replace") for path in named)])


def value_of(expression: ast.expr, module: Any) -> Any:
    return eval(compile(ast.Expression(expression), "the decorator's arguments", "eval"), vars(module))


def blame_idle(world: SQLiteWorld, sentence: str, name: str) -> None:
    """Raise a fault where the file has this method of the connection in a line that never calls it."""
    tree = ast.parse(world.file.read_text(encoding="utf-8-sig", errors="replace"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) and node.value.attr == name:
            where = f"in line {node.lineno} .{name} has no parentheses after it"
            raise Fault(f"{sentence}: {where}, so it does nothing", UNCALLED)
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if not isinstance(statements, list):  # that of a lambda
                continue
            ends = [n for n, s in enumerate(statements) if isinstance(s, (ast.Return, ast.Raise))]
            for part in ast.walk(ast.Module(statements[ends[0] + 1 :], [])) if ends else ():
                method = part.func if isinstance(part, ast.Call) else None
                if not isinstance(method, ast.Attribute) or method.attr != name:
                    continue
                of = getattr(method.value, "id", "")
                if not of.startswith("cur"):
                    end = type(statements[ends[0]]).__name__.lower()
                    where = f"{of}.{name}() in line {method.lineno} comes after a {end}"
                    raise Fault(f"{sentence}: {where}, so it never runs", UNREACHED[name])


def blame_open(world: SQLiteWorld, sentence: str, otherwise: Advice) -> None:
    """Raise a fault that says why a connection is open, if the file shows it."""
    blame_idle(world, sentence, "close")
    is_with = re.search(r"\bwith\s+(?:sqlite3\.connect\(|\w*conn\w*\s*:)", world.source())
    raise Fault(sentence, ONLY_COMMITS if is_with else otherwise)


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
    """Call the function of the exercise: by name, or else by position, or with a connection as its author does.

    Some take the connection themselves, and some call their parameters otherwise.
    """
    if function is None:
        raise Fault(f"{name} is None: {none_of_it(world, name)}", RETURN_IT)
    shown = ", ".join(f"{key}={value!r}" for key, value in named.items())
    with in_sqlite(world), attempt(f"{name}({shown})"):
        result = called(world, function, name, named)
        if inspect.isfunction(result):
            raise one_too_many(world, f"{name}({shown})", name)
        return result


def called(world: SQLiteWorld, function: Any, name: str, named: dict[str, Any]) -> Any:
    try:
        return function(**named)
    except TypeError as error:
        factory = bare_factory(world, name)
        if factory:
            shown = ", ".join(f"{key}={value!r}" for key, value in named.items())
            said = f"{name}({shown}) raised {describe(error)}: @{factory} above it lacks its parentheses"
            raise Crash(said, advice_about(LACKS_THEM, factory)) from error
        if "missing" in str(error) and is_given_more(world.file.parent, name, len(named)):
            with suppress(TypeError), own_connection() as connection:
                return function(connection, **named)
        if "unexpected keyword" in str(error):
            with suppress(TypeError):
                return function(*named.values())
        raise


def one_too_many(world: SQLiteWorld, what: str, name: str) -> Fault:
    """Return what there is to say of a call that gives a function: a decorator above it may lack its parentheses."""
    for use in uses(world.file, "", name):
        for outer in ast.parse(world.source()).body:
            if isinstance(use, ast.Name) and isinstance(outer, ast.FunctionDef) and outer.name == use.id:
                inner = [node for node in outer.body if isinstance(node, ast.FunctionDef)]
                if any(isinstance(part, ast.FunctionDef) for node in inner for part in node.body):
                    advice = Advice(
                        f"What does {use.id} return, and what that?",
                        f"write @{use.id}(...), with parentheses",
                    )
                    said = f"@{use.id} above it has no parentheses, so the function itself takes their place"
                    return Fault(f"{what} gave a function and not its result: {said}", advice)
    return Fault(f"{what} gave a function and not its result", RESULT)


def none_of_it(world: SQLiteWorld, name: str) -> str:
    """Return, in a clause, which decorator above a function returned nothing."""
    module = world.load()
    for use in reversed(uses(world.file, "", name)):
        with world.output(), suppress(Exception, SystemExit):
            decorator = value_of(use, module)
            if decorator is None or decorator(lambda *args, **kwargs: None) is None:
                return f"@{decorator_name(use)} above it returned nothing"
    return "a decorator above it returned nothing"


def is_given_more(folder: Path, name: str, usual: int) -> bool:
    """Tell whether some call in a folder gives the function more arguments than usual: the connection too."""
    names = set()
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if name not in text:
            continue
        with suppress(SyntaxError):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and len(node.args) + len(node.keywords) > usual:
                    names.add(getattr(node.func, "id", getattr(node.func, "attr", "")))
    return name in names


def stop_at_mysql(world: SQLiteWorld, name: str, **named: Any) -> None:
    """Stop if the function of the exercise looks for its data in MySQL, and say so if it hides that it is not there."""
    texts = (path.read_text("utf-8", errors="replace") for path in world.file.parent.glob("*.py"))
    if not any("mysql" in text for text in texts):
        return
    results = []
    try:
        function = find_function(world, name)
    except (Fault, NotTried):  # another probe says so; with_db_connection alone shows where it connects
        connect: Any = getattr(world.load(), "with_db_connection", None)
        world.recorder.sources.clear()
        with suppress(Exception), world.output():
            connect(lambda conn: None)()
    else:
        with suppress(Fault), world.output():
            results.append(call(world, function, name, **named))
    if world.looked_only_in_mysql():
        world.recorder.printed.clear()  # the sentence says it all
        said = world.uses_mysql()
        if results:
            shown = ", ".join(f"{key}={value!r}" for key, value in named.items())
            said += f", and hides that it is not there: {name}({shown}) gave {shorten(results[0])}"
        world.recorder.sources.clear()  # or less would be said
        raise Broken(said, "connect with sqlite3.connect('users.db')")
    world.recorder.begin()
    world.prepare()


def left_by(world: SQLiteWorld, use: Callable[[], Any]) -> int:
    """Return how many connections a call leaves open that is not the first: the first may open one for all."""
    for _ in range(2):
        before = world.left_open()
        with world.output(), suppress(Exception):
            plain(use())  # rows may be read as they are wanted
    return world.left_open() - before


def leaves_nothing_open(world: SQLiteWorld, what: str, use: Callable[[], Any]) -> None:
    """Expect that a call of the function of the exercise closes the connections that it opens."""
    if left_by(world, use):
        blame_open(world, f"{what} left its connection open", LEFT_OPEN)


def always_closes(world: SQLiteWorld, name: str, use: Callable[[], Any]) -> None:
    """Expect the same, also when the query fails."""
    leaves_nothing_open(world, name, use)
    world.prepare()
    world.drop_table()
    leaves_nothing_open(world, f"{name}, when its query failed,", use)
    world.prepare()
    with world.failing_queries(RuntimeError("raised halfway")):
        leaves_nothing_open(world, f"{name}, when an error that is not SQLite's ended it,", use)


def together(*checks: Callable[[], None]) -> None:
    """Make all checks, and raise what they find as one fault, with the advice of the first.

    What has the advice of another one is said once.
    """
    faults: list[Fault] = []
    for check in checks:
        try:
            check()
        except Fault as fault:
            if fault.advice is None or fault.advice not in [other.advice for other in faults]:
                faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Fault("; ".join(map(str, faults)), faults[0].advice)


def own_name_is_kept(world: SQLiteWorld, name: str) -> None:
    """Expect that the function of the exercise has its name, below all its decorators."""
    kept = getattr(getattr(world.load(), name, None), "__name__", name)
    if kept != name:
        names = " and ".join(f"@{decorator_name(use)}" for use in uses(world.file, "", name))
        said = f"__name__ of {name} below {names or 'its decorators'}: expected {name}, got {kept}"
        factory = bare_factory(world, name)
        if factory:
            raise Fault(f"{said}: @{factory} lacks its parentheses", advice_about(LACKS_THEM, factory))
        raise Fault(said)


def error_reaches_the_caller(
    world: SQLiteWorld, name: str, works: dict[str, Any] | None = None, **named: Any
) -> None:
    """Expect that an error comes out of the function of the exercise, with all its decorators.

    The table is not there, or the database cannot be opened, or close() fails. `works` are the arguments for the
    last, if the others make the query fail.
    """
    try:
        function = find_function(world, name)
    except (Fault, NotTried):  # another probe says so
        return
    if function is None:  # likewise
        return
    use = partial(call, world, function, name, **named)
    what = f"{name} with all its decorators"
    together(
        partial(error_of_a_table, world, what, use),
        partial(error_of_opening, world, what, use),
        partial(error_of_closing, world, what, partial(call, world, function, name, **(works or named))),
    )


def error_of_opening(world: SQLiteWorld, what: str, use: Callable[[], Any]) -> None:
    world.prepare()
    with world.unreachable() as wanted, world.output():
        try:
            result = use()
        except Fault as fault:
            note_connects(world, what, wanted)
            error = fault.__cause__
            is_lost = isinstance(error and error.__context__, sqlite3.Error)
            if isinstance(error, (NameError, AttributeError, TypeError)) and is_lost:
                said = f"when the database cannot be opened, {what} raised {describe(error)}"
                world.said = [note for note in world.said if describe(error) not in note]  # it says the same
                raise Fault(f"{said}, and not the error of SQLite", BEFORE_TRY) from error
            return
    note_connects(world, what, wanted)
    if wanted:
        said = f"{what} gave {shorten(result)} instead of the error for a database"
        raise Fault(f"{said} that cannot be opened", SWALLOWED)


def note_connects(world: SQLiteWorld, what: str, wanted: Sequence[str]) -> None:
    """Say whether it waits and connects again where the database cannot be opened: that does not pass by itself."""
    naps = world.recorder.naps
    if naps and len(wanted) > 1 and "retry_on_failure" not in world.task.names:
        world.say(
            f"{what} connects {len(wanted)} times, with {sum(naps):g} seconds of pauses, where the database cannot be "
            "opened: try again only what can pass by itself, as a lock does"
        )


def error_of_closing(world: SQLiteWorld, what: str, use: Callable[[], Any]) -> None:
    world.prepare()
    with world.failing_close() as failed, world.output():
        try:
            use()
        except Fault:
            return
    if failed:
        raise Fault(f"{what} swallowed the error of a close() that failed", CLOSE_ERRORS)


def error_of_a_table(world: SQLiteWorld, what: str, use: Callable[[], Any]) -> None:
    world.drop_table()
    world.recorder.sqlite.clear()
    try:
        with world.output():
            result = use()
    except Fault:
        return
    with world.own_connection() as connection:
        made_it = connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    if not made_it and world.recorder.sqlite and "a database in memory" not in world.recorder.elsewhere:
        raise Fault(f"{what} gave {shorten(result)} instead of the error for a missing table", SWALLOWED)


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
        why = why or complaint(printed)
        dropping = "" if why else drops_the_result(world, what.partition("(")[0])
        if dropping:
            raise Fault(f"{what} returned None: @{dropping} drops what the function returns", RESULT)
        raise Fault(f"{what} returned None{why}", SWALLOWED if why else None)
    said = f"{what} should give {shorten(users if len(users) > 1 else users[0])}, and gave {shorten(result)}"
    elsewhere = world.recorder.elsewhere if not world.recorder.at_home else []
    if elsewhere:
        raise Fault(f"{said}, from {elsewhere[0]}", THE_FILE)
    raise Fault(said)


def complaint(printed: str) -> str:
    """Return, in a clause, the first line with an error that was printed; or ""."""
    lines = (line for line in printed.splitlines() if PRINTED_ERROR.search(line) or MISTAKE.search(line))
    line = next(lines, "").strip()
    return f", and printed {shorten(steady(line))}" if line else ""


def drops_the_result(world: SQLiteWorld, name: str) -> str:
    """Return which decorator above a function returns None for all that the function returns; or ""."""
    ran: list[bool] = []

    def function(*args: Any, **kwargs: Any) -> list[str]:
        ran.append(True)
        return ["a result"]

    for use in uses(world.file, "", name):
        results = []
        for args, kwargs in (((), {}), ((1,), {}), ((), {"query": "SELECT 1"}), ((), {"user_id": 1})):
            with world.output(), suppress(Exception, SystemExit):
                decorator = value_of(use, world.load())
                ran.clear()
                result = decorator(function)(*args, **kwargs)
                results += [result] * len(ran)
        if results and all(result is None for result in results):
            return decorator_name(use)
    return ""


def plain(value: Any) -> Any:
    """Return rows of all kinds, also inside others and from an iterator, as something that shows its values."""
    if isinstance(value, (str, bytes, int, float, type(None), BaseException)):
        return value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "__iter__"):
        return tuple(map(plain, value)) if isinstance(value, tuple) else list(map(plain, value))
    is_row = hasattr(value, "__dict__") and not isinstance(value, sqlite3.Connection) and not callable(value)
    return vars(value) if is_row else value


def shorten(value: Any) -> str:
    text = steady(repr(plain(value))).replace("checker.recorder.TrackedConnection", "sqlite3.Connection")
    return text if len(text) <= 100 else text[:96] + " ..."


# Whole probes


def runs_by_itself(world: SQLiteWorld, is_endless: bool = False) -> None:
    """The file ends without an error when it is run as `python3 FILE`.

    It may want to make the table itself, and meet a database that is not there yet; or want the table that
    another script in its folder makes; or fail at random. But it has to run after those before it, too.
    What is endless when a query fails is run only where none does.
    """
    try:
        ends_by_itself(world, is_endless)
    finally:
        note_names(world)
        note_imports(world)
        note_logging(world)
        for name in dict.fromkeys([decorator_name(use) for use in uses(world.file, "")]):
            if name in DECORATORS and re.search(rf"(?m)^def {name}\b", world.source()):
                with unnoticed(world), suppress(Fault, NotTried, Stop):
                    note_what_decorator_does(world, name)
    if not is_endless:
        runs_after_others(world)


def ends_by_itself(world: SQLiteWorld, is_endless: bool) -> None:
    errors: list[str] = []
    for prepare in (world.prepare, world.without_tables, partial(make_tables, world)):
        for seed in seeds(world):
            try:
                if prepare() is False:  # it does not make its own table
                    continue
            except NotTried:
                if ABOUT_A_TABLE.search(errors[0]):
                    raise
                break
            random.seed(seed)
            world.recorder.statements.clear()
            run = world.run_script()
            errors.append(f"ended with {run.error}" if run.error else printed_instead(world, run.printed))
            if not errors[-1]:
                if not world.recorder.sources and any(uses(world.file, name) for name in world.task.names):
                    raise NotTried("it opens no database: the call that the exercise ends with is missing")
                if is_endless:
                    return
                world.overwritten = overwrites(world)
                with suppress(NotTried):
                    note_what_else_it_does(world)
                return
            if run.error.startswith("EOFError"):
                raise NotTried("it asks for input")
    with in_sqlite(world):
        raise Crash(f"python3 {world.file.name} {errors[0]}")


def runs_after_others(world: SQLiteWorld) -> None:
    """Expect that the file runs on the table that those before it make, where they make it with other columns."""
    made = [table for table in tables(world.file.parent) if table.is_read_by(world.file)]
    before = sorted({table.file for table in made if table.file.name < world.file.name})
    if not world.tables_that_differ() or not before:
        return
    error = ""
    with unnoticed(world), suppress(NotTried):
        make_tables(world, before)
        random.seed(0)
        error = world.run_script().error
    if error.startswith("OperationalError") and MISTAKE.search(error):
        raise Crash(
            f"python3 {world.file.name} ended with {error}, after the scripts before it had made the table users",
            ONE_TABLE,
        )


@contextmanager
def unnoticed(world: SQLiteWorld) -> Iterator[None]:
    """Forget, after the with block, what was printed in it and which databases were opened."""
    recorder, names = world.recorder, world.redirection.other_names
    memories: list[list[Any]] = [recorder.printed, recorder.unset, recorder.absent]
    memories += [recorder.elsewhere, recorder.impatient]
    kept = [list(memory) for memory in memories]
    places, seen = set(names), (set(recorder.sources), recorder.at_home)
    try:
        yield
    finally:
        for memory, items in zip(memories, kept):
            memory[:] = items
        recorder.sources, recorder.at_home = seen
        for path in names - places:
            path.unlink()
        names.intersection_update(places)


def note_what_decorator_does(world: SQLiteWorld, name: str) -> None:
    """Say whether a decorator prints private values, calls what fails again, or calls a failure a success."""
    private = "private.address@mail.test"
    calls: list[bool] = []
    given: list[bool] = []

    def give(*args: Any, **kwargs: Any) -> list[Any]:
        given.append(True)
        return [(1, private)]

    def fail(*args: Any, **kwargs: Any) -> None:
        calls.append(True)
        if len(calls) < MOST_CALLS:
            raise KeyError("raised by the function")

    for function in (give, fail):
        function.__name__ = function.__qualname__ = "function"

    def printed(function: Callable[..., Any], *arguments: Any) -> list[str]:
        with own_connection() as conn:
            decorated = put_on(world, name, function)
            first = [] if name in ("log_queries", "with_db_connection") else [conn]
            world.recorder.naps.clear()
            with log_of(world) as text:
                try:
                    decorated(*first, *arguments)
                except LookupError as error:
                    is_another_s = name == "with_db_connection" and name not in world.task.names
                    if is_another_s and not (given or calls):
                        world.say(f"@{name} {WANTS_NAMES.format(describe(error))}")
                except (Exception, SystemExit):
                    pass
        return text[0].splitlines()

    lines = printed(give, "SELECT 1", (private,))
    if given and world.recorder.naps and name != "retry_on_failure":
        world.say(
            f"@{name} sleeps in a call that works, {sum(world.recorder.naps):g} seconds: everybody who calls the "
            "function waits for that"
        )
    if name not in ("transactional", "cache_query"):  # which have a promise about it
        line = next((line for line in lines if private in line), "")
        if line:
            shows = shortened(steady(line.strip()), 100)
            world.say(f"@{name} prints or logs the values that go through it: {shows}")
    note_objects(world, name, lines)
    lines = printed(fail, "SELECT 1")
    note_objects(world, name, lines)
    if len(calls) > 1 and name != "retry_on_failure":
        pauses = ", ".join(f"{nap:g}" for nap in world.recorder.naps) or "no"
        world.say(
            f"@{name} calls a function that raises KeyError {len(calls)} times, with {pauses} seconds between: "
            "try again only what can pass by itself, with pauses that grow"
        )
    line = next((line for line in lines if SUCCESS.search(line) and not OTHER_SUCCESS.search(line)), "")
    if calls and line:
        world.say(f"below @{name}, a function that failed was called a success: {steady(line.strip())}")


def note_objects(world: SQLiteWorld, name: str, lines: list[str]) -> None:
    """Say which class or function is shown itself, and not what a call of it gives."""
    found = next(filter(None, map(NO_VALUE.search, lines)), None)
    if found:
        world.say(
            f"@{name} prints or logs {steady(found[0])}: write the parentheses of a call after its name, or "
            ".__name__ if you want the name"
        )


def note_what_else_it_does(world: SQLiteWorld) -> None:
    """Say whether the file adds its users again each time that it is run, and whether it ends well without any."""
    run_without_database(world)
    world.prepare()
    try:
        adds_nobody_twice(world)
    except Fault as fault:
        world.say(str(fault))


def overwrites(world: SQLiteWorld) -> bool:
    """Tell whether another run of the file gives users back the name that somebody has changed."""
    if world.recorder.elsewhere or "transactional" in world.task.names:  # not users.db, or it is asked for
        return False
    try:
        before = dict(world.select("SELECT id, name FROM users"))
        world.recorder.statements.clear()
        with world.own_connection() as connection, connection:
            connection.execute("UPDATE users SET name = 'Renamed ' || id")
        random.seed(0)
        world.run_script()
        after = dict(world.select("SELECT id, name FROM users"))
    except sqlite3.Error:  # it has a table of its own
        return False
    restored = [number for number, name in before.items() if after.get(number) == name]
    updates = [sql for _, sql in world.recorder.statements if re.match(r"(?i)\s*update\b", sql)]
    return len(restored) > len(updates)  # a demo may update a user on purpose


def printed_instead(world: SQLiteWorld, printed: str) -> str:
    """Return, in a clause, the error that the file printed when it was run and did nothing else; or "".

    Nothing else means that no query ran. A file may show a failure that it makes up itself.
    """
    if any(ASKS.search(statement) for _, statement in world.recorder.statements):
        return ""
    lines = [line for line in printed.splitlines() if "Warning: " not in line]
    line = next(filter(MISTAKE.search, lines), "")
    if not line and not ON_PURPOSE.search(world.source()):
        line = next(filter(PRINTED_ERROR.search, reversed(lines)), "")
    return f"ran no query, and printed: {shortened(steady(line.strip()), 120)}" if line else ""


def make_tables(world: SQLiteWorld, of: Sequence[Path] = ()) -> bool:
    """Let the other scripts in the folder, or these, make their tables; return whether there are any that do.

    NotTried is raised where one of them needs a package that is not installed.
    """
    scripts = list(of)
    for path in () if of else sorted(world.file.parent.glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if path != world.file and re.search(r"(?i)create\s+table", text):
            scripts.append(path)
    world.remove_database()
    sources, absent = set(world.recorder.sources), world.recorder.absent
    before, lacks = len(absent), ""
    for path in scripts:
        with world.output(), suppress(Exception, SystemExit):
            runpy.run_path(str(path), run_name="__main__")
        if absent[before:]:
            lacks = f"{path.name}, which makes its table, imports {absent.pop()!r}"
            del absent[before:]
        for connection in world.recorder.sqlite:  # as at the end of its process
            with suppress(sqlite3.Error):
                connection.close()
    world.recorder.sources.intersection_update(sources)  # what they use says nothing about this file
    if lacks and not world.has_table():
        raise NotTried(f"{lacks}, which is not installed here")
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


def note_names(world: SQLiteWorld) -> None:
    """Say where an argument of a function becomes the name of a table, for which there is no ? to use."""
    for function in ast.walk(ast.parse(world.source())):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        names = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        for node in ast.walk(function):
            text = " ".join(template(node).split())
            used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & names
            if used and re.search(r"(?i)\b(?:from|into|update|join)\s+[`\"\[]?\{\}", text):
                world.say(
                    f"{function.name} in {world.file.name} puts {min(used)} into the text of the SQL ({text}): take a "
                    "name only from a list of those that are allowed"
                )


def note_imports(world: SQLiteWorld) -> None:
    """Say that the file cannot be imported without the driver of another database, which it does not need."""
    if world.looked_only_in_mysql():
        return
    for node in ast.parse(world.source()).body:  # and not those in a try
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            for name in names:
                if name.split(".")[0] in ("mysql", *OTHER_DATABASES):
                    world.say(
                        f"{world.file.name} imports {name}, which this exercise does not need: where that is not "
                        "installed, nothing of the file works"
                    )


def note_logging(world: SQLiteWorld) -> None:
    """Say where a value is logged beside a text that has no place for it."""
    loggers = {"logging", *re.findall(r"\b(\w+)\s*=\s*logging\.getLogger\b", world.source())}
    for node in ast.walk(ast.parse(world.source())):
        method = node.func if isinstance(node, ast.Call) else None
        if not isinstance(node, ast.Call) or not isinstance(method, ast.Attribute) or len(node.args) < 2:
            continue
        text = "".join(
            constant(part) for part in getattr(node.args[0], "values", node.args[:1])
        )  # f"..." or "..."
        if getattr(method.value, "id", "") in loggers and method.attr in LEVELS and text and "%" not in text:
            world.say(
                f"line {node.lineno} of {world.file.name} logs a value beside {text!r}, which has no place for it, so "
                "that Python prints a logging error instead: write %s into the text"
            )


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
    for path, size in sizes(world).items():
        if size > before.get(path, 0):
            text[0] += path.read_text(encoding="utf-8", errors="replace")[before.get(path, 0) :]


def sizes(world: SQLiteWorld) -> dict[Path, int]:
    """Return the sizes of the files in which a log may be."""
    paths = [path for path in world.file.parent.parent.rglob("*") if path.is_file()]
    return {path: path.stat().st_size for path in paths if not re.search(r"\.(db|py|pyc)\b", path.name)}
