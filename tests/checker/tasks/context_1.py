"""The rows of one query."""

from __future__ import annotations

import inspect
import re
import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any, Callable

from checker.demos import (
    DemoWorld,
    DemoWorldWithAges,
    argument_of,
    errors_raised,
    explains,
    leaves_others_alone,
    lost_default,
    runs_by_itself,
    say_if_it_loses_rows,
    say_if_it_prints,
)
from checker.model import ASKED, BEYOND, Advice, Broken, Fault, NotTried, Task, Unavailable
from checker.shared import (
    CLOSE_ON_ERROR,
    COMMIT_ERROR,
    PARENTHESES,
    PASSED_ON,
    RAISE_AGAIN,
    as_tuples,
    attempt,
    closes_always,
    demo_closes,
    expect,
    in_block,
    opens_its_own,
    passes_on,
    queries,
)
from checker.sqlite_world import SQLiteWorld
from checker.world import describe, shortened

TASK = Task(
    "context/1", "the rows of one query", "1-execute.py", "1.", DemoWorldWithAges, {"ExecuteQuery": ()}
)
BETWEEN = "SELECT name FROM users WHERE age > ? AND age < ? ORDER BY id"
OLDER = "SELECT name FROM users WHERE age > ? ORDER BY id"
UPDATE = "UPDATE users SET age = ? WHERE id = 1"
NOWHERE = "SELECT nothing FROM nowhere WHERE age > ?"
# What a parameter of the class is for, by its name; the first that fits counts.
ROLES = {
    "query": r"query|sql(?!ite)|statement|stmt|command",
    "database": r"db|database|path|file|name",
    "connection": r"conn|cnx",
    "params": r"param|arg|value|age|bind|data",
}
Shape = Callable[[Any], "list[Any]"]
ONE_TUPLE: Shape = lambda value: [(value,)]  # noqa: E731
ALONE: Shape = lambda value: [value]  # noqa: E731


class Query:
    """Adapter: `ExecuteQuery` for a query with one parameter, in the shape in which this class takes both.

    The parameter goes in as (25,), as 25, or as further arguments; the database first, last or not at all.
    """

    def __init__(self, world: DemoWorld, query: str, value: Any) -> None:
        self.world = world
        self.kind = world.get("ExecuteQuery")
        self.parameters = list(inspect.signature(self.kind).parameters.values())
        self.roles = self.find_roles()
        self.is_fixed = "query" not in self.roles.values()
        self.lost = lost_default(self.kind, world.source())
        self.query, self.value = query, value
        self.given: Any = None  # to the last with block
        self.place = world.place  # where its rows were, or where alone they are looked for
        self.ran_before_block = False
        if self.takes_params:
            self.shape = self.find_shape()
        elif not self.is_fixed and value is not None:
            quoted = str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
            self.query = query.replace("?", quoted)
        self.prepare()

    def prepare(self) -> None:
        self.world.prepare()  # which also forgets the connections so far

    @property
    def takes_params(self) -> bool:
        return "params" in self.roles.values()

    @property
    def wants_params(self) -> bool:
        """Tell whether the query's parameters have no default that means none: no default, or 25."""
        mine = [p for p in self.parameters if self.roles.get(p.name) == "params"]
        return any(bool(p.default) and p.kind is not p.VAR_POSITIONAL for p in mine)

    def find_roles(self) -> dict[str, str]:
        """Return what each parameter is for; what no name tells is the query, and then its parameters."""
        roles: dict[str, str] = {}
        for parameter in self.parameters:
            if parameter.kind is parameter.VAR_POSITIONAL:
                roles[parameter.name] = "params"
            for role, pattern in ROLES.items():
                if re.search(pattern, parameter.name.lower()) and role not in roles.values():
                    roles.setdefault(parameter.name, role)
        for parameter in self.parameters:
            missing = [role for role in ("query", "params") if role not in roles.values()]
            is_required = parameter.default is parameter.empty
            if missing and is_required and parameter.kind is not parameter.VAR_KEYWORD:
                roles.setdefault(parameter.name, missing[0])
        return roles

    def find_shape(self) -> Shape:
        """Return the shape in which a harmless query runs, or else the one that the curriculum suggests."""
        variadic = any(p.kind is p.VAR_POSITIONAL for p in self.parameters)
        shapes = [ALONE, ONE_TUPLE] if variadic else [ONE_TUPLE, ALONE]
        for shape in shapes:
            use = partial(rows, query=OLDER, params=shape(25), only=self.place)
            try:
                if in_block(self.make(OLDER, shape(25)), use):
                    return shape
            except NotImplementedError:
                raise
            except Exception:  # the real trial says what is wrong
                continue
        return shapes[0]

    def arguments(self, query: str, params: list[Any] | None) -> tuple[list[Any], dict[str, Any]]:
        """Return what the class is called with; a database of its own choice stays, if it is a file.

        Without parameters it gets none, or () where its default has some; with None it gets its default.
        """
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in self.parameters:
            role = self.roles.get(parameter.name, "")
            has_default = parameter.default is not parameter.empty
            is_empty = params is None or (not params and not parameter.default)
            left_out = has_default and (role not in ("query", "params") or (role == "params" and is_empty))
            if self.lost and parameter.name == self.lost.name and self.can_be_named(parameter):
                named[parameter.name] = "users.db"
                continue
            if parameter.kind is parameter.VAR_KEYWORD or left_out:
                continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                positional += params or []
                continue
            values = {"query": query, "database": "users.db", "params": params[0] if params else ()}
            value = self.world.outside_connection() if role == "connection" else values.get(role)
            if value is None:
                value = argument_of(self.world, "ExecuteQuery", parameter)
            # After an argument with a default of its own the next ones need their names.
            if parameter.kind is parameter.KEYWORD_ONLY or self.is_after_a_gap(parameter):
                named[parameter.name] = value
            else:
                positional.append(value)
        return positional, named

    def is_after_a_gap(self, parameter: inspect.Parameter) -> bool:
        before = self.parameters[: self.parameters.index(parameter)]
        kept = [p for p in before if self.roles.get(p.name) not in ("query", "params")]
        variadic = any(p.kind is p.VAR_POSITIONAL for p in self.parameters)
        return not variadic and any(p.default is not p.empty for p in kept)

    def can_be_named(self, parameter: inspect.Parameter) -> bool:
        """Tell whether it can be given by its name, with all the others in their places."""
        variadic = any(p.kind is p.VAR_POSITIONAL for p in self.parameters)
        return parameter.kind is parameter.KEYWORD_ONLY or not variadic

    def make(self, query: str, params: list[Any] | None) -> Any:
        positional, named = self.arguments(query, params)
        return self.kind(*positional, **named)

    @property
    def params(self) -> list[Any]:
        return self.shape(self.value) if self.takes_params and self.value is not None else []

    def open(self) -> Any:
        """Return the context manager."""
        positional, named = self.arguments(self.query, self.params)
        shown = [*map(repr, positional), *(f"{name}={value!r}" for name, value in named.items())]
        with attempt(f"ExecuteQuery({', '.join(shown)})"):
            return self.kind(*positional, **named)

    def run_with(self, values: list[Any]) -> Any:
        """Run the query with several parameters, in the shape that fits."""
        variadic = any(p.kind is p.VAR_POSITIONAL for p in self.parameters)
        self.value = tuple(values)
        self.shape = list if variadic else ALONE
        return self.run()

    @property
    def has_run(self) -> bool:
        """Tell whether the query was executed."""
        begin = " ".join(self.query.split("?")[0].split())
        return any(" ".join(sql.split()).startswith(begin) for _, sql in self.world.recorder.statements)

    def run(self, after: Callable[[], None] = lambda: None) -> Any:
        """Return the rows that the with block is given, or whatever it is given instead; `after` ends the block."""
        params = [(self.value,)] if self.is_fixed else self.params or [()]  # some take both in the block

        def use(given: Any) -> Any:
            self.given, self.ran_before_block = given, bool(queries(self.world))
            try:
                self.place, got = found(given, self.query, params, self.place, self.has_run)
                return got
            finally:
                after()

        return in_block(self.make(self.query, self.params), use)


def query_of_any_kind(world: DemoWorld, query: str, value: Any) -> Query:
    """A query for a probe that needs another one than that of the exercise."""
    made = Query(world, query, value)
    if made.is_fixed:
        raise NotTried("ExecuteQuery takes no query, so there was no other one to try")
    return made


METHODS = ("execute", "run", "fetch", "fetch_all", "fetchall", "get_results")
ATTRIBUTES = ("results", "result", "rows", "data", "cursor")
SELECTS = re.compile(r"(?i)\s*(select|with|values)\b")
GIVES_ROWS = re.compile(
    "fetch|result|rows|users|all|data|records"
)  # a method that needs nothing, by its name


def rows(given: Any, query: str = "", params: Any = (), only: str = "") -> Any:
    return found(given, query, params, only, has_run=bool(query))[1]


def found(
    given: Any, query: str = "", params: Any = (), only: str = "", has_run: bool = False
) -> tuple[str, Any]:
    """Adapter: the rows, whether the block is given them, a cursor or the object itself; None if it is None.

    They come with the name of the place where they were; with `only` they are looked for in no other. Of a query
    that `has_run` they are somewhere already: no method is called with it once more unless there are none.
    """
    if given is None or isinstance(given, (list, tuple, int)):
        return "", given
    if inspect.isroutine(given):
        raise Broken(
            f"the with block was given the method {given.__name__}, and not what it returns", PARENTHESES.hint
        )
    if isinstance(given, sqlite3.Connection):
        raise Broken(
            "the with block was given a connection, and not the result of a query",
            "take the query and its parameters in __init__, and return the rows from __enter__",
        )
    if has_run and not only:
        kept = kept_rows(given) if SELECTS.match(query) else ("", None)
        if kept:
            return kept
    others = [only] if only else []
    for name in [*METHODS, *others]:
        method = getattr(given, name, None)
        if inspect.ismethod(method):
            result = method(*arguments_of(method, query, params))
            if result is given:  # so that the next call can follow
                return kept_rows(given) or (name, None)
            if result is not None or name == only:
                return name, rows(result)
    for name in [*ATTRIBUTES, *others]:
        result = getattr(given, name, None)
        if result is not None or name == only:
            return name, rows(result)
    if hasattr(given, "__iter__"):
        return "", list(given)
    what = f"an object ({type(given).__name__})"
    if has_run or any(name[0] != "_" and callable(value) for name, value in vars(type(given)).items()):
        raise Unavailable(
            f"the with block was given {what}, and which of its methods gives the rows is not to be told",
            "return the rows from __enter__, and check it again",
        )
    raise Broken(f"the with block was given {what} in which there are no rows")


def kept_rows(given: Any) -> tuple[str, Any] | None:
    """Return where an object has the rows of a query that has run, and these; or None.

    They are in an attribute, or come from a method that needs nothing.
    """
    for name in dict.fromkeys([*ATTRIBUTES[:-1], *getattr(given, "__dict__", {})]):
        value = getattr(given, name, None)
        if is_rows(value) and (value or name in ATTRIBUTES):
            return name, value
    methods = [name for name in dir(type(given)) if name[0] != "_" and GIVES_ROWS.search(name)]
    for name in dict.fromkeys([*METHODS, *methods]):
        method = getattr(given, name, None)
        if inspect.ismethod(method) and not inspect.signature(method).parameters:
            value = method()
            if is_rows(value):
                return name, value
    own = getattr(given, "__dict__", {})
    cursors = [name for name, value in own.items() if isinstance(value, sqlite3.Cursor)]
    return next(((name, list(getattr(given, name))) for name in cursors), None)


def is_rows(value: Any) -> bool:
    kinds = (tuple, list, dict, sqlite3.Row)
    return isinstance(value, (list, tuple)) and all(isinstance(row, kinds) for row in value)


def arguments_of(method: Any, query: str, params: Any) -> list[Any]:
    """Return what a method is given that may want the query and its parameters: as much as it has a place for."""
    given: list[Any] = []
    rest = [query, *params]
    for parameter in inspect.signature(method).parameters.values():
        is_wanted = parameter.default is parameter.empty or re.search(ROLES["params"], parameter.name.lower())
        if parameter.kind is parameter.VAR_POSITIONAL:
            return given + rest
        if rest and parameter.kind is not parameter.KEYWORD_ONLY and (is_wanted or not given):
            given.append(rest.pop(0))
        else:
            break
    return given


@TASK.probe(
    ASKED,
    "gives the rows of a query with a parameter",
    decides=True,
)
def gives_rows(world: DemoWorld) -> None:
    query = Query(world, OLDER, 25)
    older = [user for user in world.users if user[3] > 25]
    if query.is_fixed:
        with attempt("a with block with an ExecuteQuery, which takes no query"):
            got = query.run()
        names = [row[1] if len(row) > 1 else row[0] for row in several(got)]
        world.say(
            "ExecuteQuery takes no query; the exercise asks it to take one, and its parameter, from whoever uses it"
        )
        return expect("names of the users older than 25", [user[1] for user in older], names)
    what = f"a with block for {OLDER!r} and 25"
    with explains(world, query.kind, "ExecuteQuery"), attempt(
        what
    ), world.output() as printed, errors_raised() as raised:
        got = query.run()
    if not got and not queries(world):
        world.recorder.printed.clear()  # the demo may run the query itself
        if raised:
            raise Broken(
                f"{never_ran(query.given)}; what it went on after is {describe(raised[-1])}", FIRST_ERROR
            )
        raise Broken(f"{never_ran(query.given)}, which ExecuteQuery never executes", RUN_IT)
    if got is None:
        raise Fault("the with block was given None, and not the result of the query", NO_RESULT)
    if queries(world) and not query.has_run and several(got) != [(user[1],) for user in older]:
        raise Broken("ExecuteQuery runs another query than the one that it is given", RUN_IT)
    expect(f"rows of {OLDER!r} with 25", [(user[1],) for user in older], several(got))
    world.place = query.place
    lost = query.lost
    if lost:
        said = f"{lost.name} of ExecuteQuery is {lost.default!r} where nobody gives one, and that is no file with users"
        if world.own_arguments("ExecuteQuery").get(lost.name, lost.default) == lost.default:
            raise Fault(
                said, Advice("Which database does a query without a path ask?", f"{lost.name}='users.db'")
            )
        world.say(f"{said}; the exercise is about users.db")
    if not query.takes_params:
        raise Fault("ExecuteQuery takes a query, and nothing for its parameter 25", NO_PARAMETER)
    if any(query.roles.get(p.name) == "connection" and p.default is p.empty for p in query.parameters):
        world.say(
            "ExecuteQuery wants an open connection; the exercise asks it to connect, and to close, by itself"
        )
    if not query.ran_before_block:
        world.say(
            "ExecuteQuery has executed nothing when its with block begins; the exercise asks it to run the query "
            "in __enter__, and to give the block the rows"
        )
    say_if_it_prints(world, "ExecuteQuery", printed.getvalue())
    world.say_if_it_seeds("ExecuteQuery", query.run)
    return None


def never_ran(given: Any) -> str:
    if isinstance(given, sqlite3.Cursor):
        return "the with block was given a cursor, and not the result of the query"
    shown = f"an object ({type(given).__name__})" if hasattr(given, "__dict__") else repr(given)
    return f"the with block was given {shown}, and not the result of the query"


def several(got: Any) -> list[tuple[Any, ...]]:
    """Return the rows as tuples, unless they are the values of a single row: a name, or all from the id on."""
    first = got[0] if isinstance(got, (list, tuple)) and got else None
    if isinstance(first, int) or (isinstance(first, str) and len(got) == 1):
        raise Fault(f"the with block was given one row, {tuple(got)!r}, and not a list of rows", ONE_ROW)
    return as_tuples(got)


ONE_ROW = Advice(
    "How many rows come from fetchone(), and from a return in a loop?", "return cursor.fetchall()"
)
NO_PARAMETER = Advice(
    "Where does the 25 go, if the next query needs a 40?", "take it in __init__, beside the query"
)
FIRST_ERROR = (
    "let the error go through, and look at what __init__ keeps: that is what execute() is given in __enter__"
)
RUN_IT = "in __enter__, give self.query and self.params to execute(), and return the rows"
NO_RESULT = Advice("What does `as` give a name to?", "return the rows from __enter__")


@TASK.probe(
    ASKED,
    "the connection is closed after the block",
    Advice("Which method runs when the block ends?", "close it in __exit__"),
)
def closes(world: DemoWorld) -> None:
    query = Query(world, OLDER, 25)
    with attempt("a with block"):
        query.run()
    if not world.recorder.sqlite:
        raise NotTried("it opened no connection of its own")
    if world.left_open():
        raise Fault("after the with block the connection was still open")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "nothing is opened before the block",
    Advice("Who closes the connection if the with block is never reached?", "connect in __enter__"),
)
def opens_in_enter(world: DemoWorld) -> None:
    query = Query(world, OLDER, 25)
    manager = query.open()
    if world.left_open():
        raise Fault("ExecuteQuery(...) opened a connection before any with block began")
    del manager
    opens_its_own(world, "ExecuteQuery", query.run)


@TASK.probe(
    BEYOND,
    "the error of a wrong query reaches the caller",
    Advice("How can the caller tell a wrong query from one without rows?", "let the exception go through"),
)
def wrong_query_is_an_error(world: DemoWorld) -> None:
    query = query_of_any_kind(world, NOWHERE, 25)
    passes_on(sqlite3.OperationalError, "a query of a table that is not there", query.run)


@TASK.probe(BEYOND, "a database that cannot be opened is an error", RAISE_AGAIN)
def unreachable_is_an_error(world: DemoWorld) -> None:
    query = Query(world, OLDER, 25)
    if "connection" in query.roles.values():
        raise NotTried("it opens no database itself")
    with world.unreachable():
        passes_on(sqlite3.OperationalError, "a query of a database that cannot be opened", query.run)


@TASK.probe(
    BEYOND,
    "the connection is closed when the query is wrong, or the commit fails",
    CLOSE_ON_ERROR,
)
def closes_after_bad_query(world: DemoWorld) -> None:
    what = ""
    for text, value in ((NOWHERE, 25), (OLDER, 2**70)):
        what = OVERFLOW if what else "a query of a table that is not there"
        query = query_of_any_kind(world, text, value)
        with suppress(Exception):
            query.run()
        if not world.recorder.sqlite:
            raise NotTried("no connection was opened")
        if world.left_open():
            break
    closes_always(world, what, lambda: commit_fails(world))


OVERFLOW = "an OverflowError, which is no sqlite3.Error (a number was too large for SQLite),"


def commit_fails(world: DemoWorld) -> bool:
    """Run a query that writes what cannot be committed; return whether the caller got an error."""
    query = query_of_any_kind(world, SQLiteWorld.INSERT_VISIT, 999)
    with world.failing_commit():
        try:
            query.run()
        except Broken:  # there need not be rows
            return False
        except PASSED_ON:
            raise
        except Exception:
            return True
    return False


@TASK.probe(
    BEYOND,
    "what a query wrote is kept",
    Advice("What does closing do to a transaction that nobody committed?", "commit before you close"),
)
def write_is_kept(world: DemoWorld) -> None:
    query = query_of_any_kind(world, UPDATE, 99)
    try:
        with suppress(Broken):  # there need not be rows
            query.run()
    except (Fault, sqlite3.Error, NotTried):
        raise
    except Exception as error:
        if not world.recorder.statements:
            raise NotTried(f"it refuses to write: {describe(error)}") from error
        raise Fault(f"a with block for {UPDATE!r} and 99 raised {describe(error)}") from error
    age = age_of_user_1(world)
    if age != 99:
        raise Fault(
            f"a with block for {UPDATE!r} and 99 raised no error, but afterwards the age was still {age}"
        )
    if not commit_fails(world) and not world.select("SELECT * FROM visits"):
        raise Fault("a commit that failed was no error for the caller, and the write is lost", COMMIT_ERROR)
    query = query_of_any_kind(world, UPDATE, 99)
    if world.hides_refused_commit(query.run) and age_of_user_1(world) != 99:
        raise Fault(
            "a ProgrammingError of commit() was no error for the caller, and the write is lost", COMMIT_ERROR
        )


@TASK.probe(
    BEYOND,
    "nothing is committed after a block that failed",
    Advice("How does __exit__ know that the block failed?", "commit only if exc_type is None"),
)
def failed_block_commits_nothing(world: DemoWorld) -> None:
    query = query_of_any_kind(world, UPDATE, 99)
    ages = []

    def fail() -> None:
        ages.append(age_of_user_1(world))  # a query may have been committed before its block begins
        raise KeyError("raised in the block")

    with suppress(Exception):
        query.run(fail)
    if not (ages and any("UPDATE" in statement for _, statement in world.recorder.statements)):
        raise NotTried("nothing was written before the block failed")
    expect("the age of user 1 after a block that failed", ages[0], age_of_user_1(world))


def age_of_user_1(world: DemoWorld) -> Any:
    """Return what another program sees."""
    return world.select("SELECT age FROM users WHERE id = 1")[0][0]


@TASK.probe(
    BEYOND,
    "a query can have two parameters, or none",
    Advice("What do you give to execute() when there is no parameter?", "an empty tuple: params or ()"),
)
def any_number_of_params(world: DemoWorld) -> None:
    query = query_of_any_kind(world, OLDER, 25)
    got: Any = None
    with suppress(Exception):
        got = with_tuples(query.run())
    if got != [(user[1],) for user in world.users if user[3] > 25]:
        raise NotTried("of a query with one parameter it does not give the rows either")

    def run_likewise(text: str) -> Any:
        other = query_of_any_kind(world, text, 1)
        other.place = query.place
        return other.run()

    say_if_it_loses_rows(world, "ExecuteQuery", run_likewise)
    query = query_of_any_kind(world, BETWEEN, 25)
    if query.takes_params:
        try:
            got = query.run_with([25, 50])
        except (NotImplementedError, MemoryError):
            raise
        except Exception as error:
            raise Fault(f"a query with two parameters raised {describe(error)}", ONE_VALUE) from error
        between = [(user[1],) for user in world.users if 25 < user[3] < 50]
        if with_tuples(got) != between:
            raise Fault(
                f"for a query with two parameters the with block was given {shortened(got)}", ONE_VALUE
            )
        try_names(world)
    query = query_of_any_kind(world, "SELECT name FROM users ORDER BY id", None)
    try:
        got = query.run()
    except (NotImplementedError, MemoryError):
        raise
    except Exception as error:
        if query.wants_params:
            raise NotTried("ExecuteQuery wants a parameter for each query") from error
        raise Fault(f"a query without parameters raised {describe(error)}") from error
    if got is None and query.wants_params:
        raise NotTried("ExecuteQuery wants a parameter for each query")
    if got is None:
        raise Fault("for a query without parameters the with block was given None")
    expect("names of all users", [(user[1],) for user in world.users], with_tuples(got))
    default = next((p.default for p in query.parameters if query.roles.get(p.name) == "params"), ())
    if query.wants_params and default is not inspect.Parameter.empty:
        try:
            in_block(query.make(query.query, None), lambda given: None)
        except sqlite3.Error:
            world.say(
                f"ExecuteQuery has {default!r} for the parameters of a query where nobody gives any, so that one without "
                "? fails; () is a default that fits"
            )


def with_tuples(got: Any) -> Any:
    """Return the rows as tuples, and what is no list of rows as it is."""
    try:
        return as_tuples(got)
    except Fault:
        return got


def try_names(world: DemoWorld) -> None:
    """Say if a dict, for parameters with names, is taken for something else and no error tells."""
    query = query_of_any_kind(world, OLDER.replace("?", ":age"), {"age": 25})
    if any(p.kind is p.VAR_POSITIONAL for p in query.parameters):
        return
    query.shape = ALONE
    with suppress(Exception):
        got = as_tuples(query.run())
        if queries(world) and got != [(user[1],) for user in world.users if user[3] > 25]:
            world.say(
                f"with 'age > :age' and {{'age': 25}} ExecuteQuery gives {shortened(got, 60)}, and no error: a tuple "
                "or a list of a dict has only its keys; hand the parameters to execute() as they are"
            )


ONE_VALUE = Advice(
    "What does the class put around its parameter?",
    "let the caller give a tuple, (25,) or (25, 50), and hand it to execute() as it is",
)


@TASK.probe(
    BEYOND,
    "a quote in a parameter is data, not SQL",
    Advice("Who puts the parameter into the query?", "hand it to execute as it is: execute(query, params)"),
)
def values_are_data(world: DemoWorld) -> None:
    name = "User1' OR '1'='1"
    query = query_of_any_kind(world, "SELECT name FROM users WHERE name = ?", name)
    if not query.takes_params:
        raise Fault("without a parameter for them, values have to be written into the SQL text")
    try:
        got = query.run()
    except sqlite3.Error as error:
        raise Fault(f"a parameter with a quote raised {describe(error)}") from error
    except PASSED_ON:
        raise
    except Exception as error:
        raise NotTried(f"it takes no text as a parameter: {describe(error)}") from error
    if not queries(world):
        raise NotTried("no query was run")
    if got:
        raise Fault(f"asked for the user {name!r}, who does not exist, it gave {len(got)} users")


@TASK.probe(
    BEYOND,
    "the values of the parameters are not printed or logged",
    Advice("Who can read them there, if one is a password?", "log the query with its ?, without the values"),
)
def values_stay_secret(world: DemoWorld) -> None:
    for text in (OLDER, NOWHERE):
        query = query_of_any_kind(world, text, SECRET)
        if not query.takes_params:
            raise NotTried("it takes no parameters")
        world.recorder.printed.clear()
        with suppress(Exception):
            query.run()
        line = next((x for x in "".join(world.recorder.printed).splitlines() if str(SECRET) in x), "")
        if line:
            raise Fault(f"for a parameter {SECRET} it printed or logged: {shortened(line.strip(), 120)}")


SECRET = 8675309


@TASK.probe(
    BEYOND,
    "an error in the block reaches the caller",
    Advice("What does a true value of __exit__ mean?", "__exit__ must not return True"),
)
def error_is_raised(world: DemoWorld) -> None:
    manager = Query(world, OLDER, 25).open()
    is_in_the_block = False
    try:
        with manager:
            is_in_the_block = True
            raise KeyError("raised in the block")
    except Exception as error:  # KeyError, or what the class makes of it
        if not is_in_the_block:
            raise NotTried(f"the block did not begin: {describe(error)}") from error
        return
    raise Fault("a KeyError in the with block did not reach the caller")


TASK.probe(BEYOND, "when it is run by itself, it closes what it opens")(demo_closes)
TASK.probe(BEYOND, "when it is run again, nobody is there twice")(leaves_others_alone)
