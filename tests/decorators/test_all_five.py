"""What all five decorators promise."""

from __future__ import annotations

import contextlib
import functools
import inspect
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

from support import Load

import pytest

# How each decorator is written above a function; log_queries has two ways.
WAYS: dict[str, Callable[[Load], Any]] = {
    "@log_queries": lambda load: load("0-log_queries").log_queries,
    "@log_queries()": lambda load: load("0-log_queries").log_queries(),
    "@with_db_connection": lambda load: load("1-with_db_connection").with_db_connection,
    "@transactional": lambda load: load("2-transactional").transactional,
    "@retry_on_failure()": lambda load: load("3-retry_on_failure").retry_on_failure(),
    "@cache_query": lambda load: load("4-cache_query").cache_query,
}


@pytest.fixture(params=WAYS)
def decorator(request: pytest.FixtureRequest, load: Load, users_db: Path) -> Any:
    """Each of the decorators, by each of the ways to write it."""
    return WAYS[request.param](load)


@pytest.fixture
def call(decorator: Any, request: pytest.FixtureRequest, users_db: Path) -> Any:
    """A function that calls a decorated function, with a connection as the first argument if need be."""
    with closing(sqlite3.connect(users_db)) as connection:
        opens = "with_db_connection" in request.node.name
        yield lambda function, *args, **kwargs: function(*([] if opens else [connection]), *args, **kwargs)


def test_a_decorated_function_keeps_name_docstring_and_signature(decorator: Any) -> None:
    def function(
        conn: sqlite3.Connection, query: str, *rest: int, limit: int = 3, **options: str
    ) -> list[str]:
        """Say what it does."""
        return []

    decorated = decorator(function)
    assert decorated.__name__ == "function"
    assert decorated.__qualname__ == function.__qualname__
    assert decorated.__module__ == __name__
    assert decorated.__doc__ == "Say what it does."
    assert decorated.__wrapped__ is function


def test_the_signature_tells_what_a_caller_passes(decorator: Any, request: pytest.FixtureRequest) -> None:
    def function(conn: sqlite3.Connection, query: str, *rest: int, limit: int = 3, **more: str) -> None: ...

    supplied = "with_db_connection" in request.node.name  # the first argument
    names = ["query", "rest", "limit", "more"] if supplied else ["conn", "query", "rest", "limit", "more"]
    signature = inspect.signature(decorator(function))
    assert list(signature.parameters) == names
    assert signature.parameters["limit"].default == 3
    assert signature.return_annotation == "None"


def test_arguments_and_result_pass_through_untouched(decorator: Any, call: Any) -> None:
    @decorator
    def function(conn: sqlite3.Connection, *args: object, **kwargs: object) -> object:
        received.append((args, kwargs))
        return result

    received: list[Any] = []
    result, first, second = object(), object(), ["mutable"]
    assert call(function, "SELECT 1", first, second=second) is result
    ((args, kwargs),) = received
    assert args[0] == "SELECT 1"
    assert args[1] is first
    assert kwargs == {"second": ["mutable"]}
    assert kwargs["second"] is second


@pytest.mark.parametrize(
    "kind", [ValueError, sqlite3.IntegrityError, KeyboardInterrupt, SystemExit, GeneratorExit]
)
def test_the_very_same_exception_comes_out(decorator: Any, call: Any, kind: type[BaseException]) -> None:
    @decorator
    def function(conn: sqlite3.Connection, query: str) -> None:
        raise error

    error = kind("this one")
    with pytest.raises(kind) as caught:
        call(function, "SELECT 1")
    assert caught.value is error
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_missing_argument_is_the_usual_type_error(decorator: Any, call: Any) -> None:
    @decorator
    def function(conn: sqlite3.Connection, query: str) -> None: ...

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'query'"):
        call(function)


async def coroutine_function(conn: sqlite3.Connection, query: str) -> None: ...


async def async_generator_function(conn: sqlite3.Connection, query: str) -> Any:
    yield


def generator_function(conn: sqlite3.Connection, query: str) -> Any:
    yield


class Generating:
    def __call__(self, conn: sqlite3.Connection, query: str) -> Any:
        yield


def undecorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Do what a learner's decorator without functools.wraps does."""
    return lambda *args, **kwargs: function(*args, **kwargs)


GENERATING = {
    "a generator function": generator_function,
    "behind another decorator": undecorated(generator_function),
    "an object": Generating(),
    "a part of a function": functools.partial(generator_function),
    "a generator expression": lambda conn, query: (row for row in conn.execute(query)),
}
RUN_LATER = {
    "a coroutine function": coroutine_function,
    "an async generator function": async_generator_function,
    "a coroutine behind another decorator": undecorated(coroutine_function),
    "a context manager": contextlib.contextmanager(generator_function),
    "an async context manager": contextlib.asynccontextmanager(async_generator_function),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("function", RUN_LATER.values(), ids=RUN_LATER)
def test_a_function_whose_body_runs_later_is_refused(decorator: Any, call: Any, function: Any) -> None:
    with pytest.raises(TypeError, match="whose body has not run yet"):
        call(decorator(function), "SELECT 1")


@pytest.mark.parametrize("function", GENERATING.values(), ids=GENERATING)
def test_a_generator_is_refused_except_where_the_connection_stays_open(
    decorator: Any, call: Any, function: Any, request: pytest.FixtureRequest
) -> None:
    if "with_db_connection" in request.node.name:
        assert len(list(call(decorator(function), "SELECT 1"))) == 1
    else:
        with pytest.raises(TypeError, match="the call returned a generator, whose body has not run yet"):
            call(decorator(function), "SELECT 1")


@pytest.mark.parametrize("result", [[], {}, iter([]), object(), contextlib.suppress(KeyError)])
def test_what_only_looks_like_it_is_an_ordinary_result(decorator: Any, call: Any, result: Any) -> None:
    assert call(decorator(lambda conn, query: result), "SELECT 1") is result


def test_a_stack_of_all_five_reads_writes_and_hands_the_rows_through(load: Load, users_db: Path) -> None:
    def write_and_read(conn: sqlite3.Connection, query: str, user_id: int) -> list[tuple[str]]:
        conn.execute("UPDATE users SET name = upper(name) WHERE id = ?", (user_id,))
        return conn.execute(query, (user_id,)).fetchall()

    rename: Any = write_and_read
    for way in (
        "@transactional",
        "@cache_query",
        "@with_db_connection",
        "@retry_on_failure()",
        "@log_queries",
    ):
        rename = WAYS[way](load)(rename)
    assert rename("SELECT name FROM users WHERE id = ?", user_id=1) == [("ADA ABARA",)]
    with closing(sqlite3.connect(str(users_db))) as connection:
        assert connection.execute("SELECT name FROM users WHERE id = 1").fetchone() == ("ADA ABARA",)
