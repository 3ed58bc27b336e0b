"""1-with_db_connection: a connection for each call, closed on each way out."""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from support import Load

import pytest


@pytest.fixture
def module(load: Load, users_db: Path) -> Any:
    """The module 1-with_db_connection, and a users.db for it."""
    return load("1-with_db_connection")


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


def test_the_fixed_call_returns_a_plain_tuple(module: Any) -> None:
    user = module.get_user_by_id(user_id=1)
    assert type(user) is tuple
    assert user == (1, "Ada Abara", "ada.abara@example.com", 36)
    assert module.get_user_by_id(99) is None


@pytest.mark.parametrize("error", [None, ValueError(), KeyboardInterrupt(), SystemExit()])
def test_the_connection_is_open_in_the_body_and_closed_after_it(
    module: Any, error: BaseException | None
) -> None:
    @module.with_db_connection
    def function(conn: sqlite3.Connection) -> None:
        assert is_open(conn)
        connections.append(conn)
        if error:
            raise error

    connections: list[sqlite3.Connection] = []
    try:
        function()
    except BaseException as caught:
        assert caught is error
    assert len(connections) == 1
    assert not is_open(connections[0])


def test_the_connection_is_closed_when_the_arguments_do_not_fit(module: Any, monkeypatch: Any) -> None:
    connections: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remember(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connections.append(connect(*args, **kwargs))
        return connections[-1]

    monkeypatch.setattr(sqlite3, "connect", remember)
    with pytest.raises(TypeError):
        module.get_user_by_id(1, 2, 3)
    assert [is_open(connection) for connection in connections] == [False]


def test_each_call_has_a_connection_of_its_own_even_inside_another(module: Any) -> None:
    @module.with_db_connection
    def function(conn: sqlite3.Connection, depth: int) -> None:
        connections.append(conn)
        if depth:
            function(depth - 1)
        assert is_open(conn)

    connections: list[sqlite3.Connection] = []
    function(2)
    assert len(set(map(id, connections))) == 3
    assert not any(map(is_open, connections))


def test_transactions_are_left_to_others_and_a_lock_is_waited_for(module: Any) -> None:
    @module.with_db_connection
    def function(conn: sqlite3.Connection) -> Any:
        conn.execute("UPDATE users SET age = 37 WHERE id = 1")
        return conn.isolation_level, conn.in_transaction, conn.execute("PRAGMA busy_timeout").fetchone()

    assert function() == (None, False, (5000,))
    assert module.get_user_by_id(1)[3] == 37


def test_users_db_is_read_at_each_call(module: Any, tmp_path: Path, monkeypatch: Any, load: Any) -> None:
    assert module.get_user_by_id(1)[3] == 36
    monkeypatch.setenv("USERS_DB", str(tmp_path / "other.db"))
    load("seed").seed_users()
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("UPDATE users SET age = 99")
    assert module.get_user_by_id(1)[3] == 99


@pytest.fixture
def numbers(module: Any) -> Any:
    """A decorated generator function, and the connections that it has received."""

    @module.with_db_connection
    def generate(conn: sqlite3.Connection) -> Any:
        generate.connections.append(conn)
        received: int | None = 0
        while received is not None and received < 3:
            (row,) = conn.execute("SELECT ? + 1", (received,)).fetchone()
            received = yield row
        return "the end"

    generate.connections = []
    return generate


def test_a_generator_keeps_its_connection_until_it_is_exhausted(module: Any, numbers: Any) -> None:
    names = module.stream_names()
    assert next(names) == "Ada Abara"
    assert len(list(names)) == 11
    stream = numbers()
    assert next(stream) == 1
    assert is_open(numbers.connections[0])
    assert stream.send(2) == 3
    with pytest.raises(StopIteration, match="the end"):
        stream.send(3)
    assert not is_open(numbers.connections[0])


def test_a_generator_that_is_closed_early_gives_its_connection_back(numbers: Any) -> None:
    stream = numbers()
    next(stream)
    stream.close()
    assert not is_open(numbers.connections[0])


def test_an_error_thrown_into_a_generator_gives_its_connection_back(numbers: Any) -> None:
    stream, error = numbers(), ValueError("thrown")
    next(stream)
    with pytest.raises(ValueError, match="thrown") as caught:
        stream.throw(error)
    assert caught.value is error
    assert not is_open(numbers.connections[0])


@pytest.mark.parametrize("how", ["closed", "forgotten"])
def test_a_generator_that_nobody_starts_gives_its_connection_back(
    module: Any, monkeypatch: Any, how: str
) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remember(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", remember)
    names = module.stream_names()
    if how == "closed":
        names.close()
    del names
    gc.collect()
    assert [is_open(connection) for connection in opened] == [False]


def test_wrong_arguments_of_a_generator_function_are_an_error_at_the_call(module: Any) -> None:
    with pytest.raises(TypeError, match="takes 1 positional argument but 4 were given"):
        module.stream_names(1, 2, 3)


@pytest.mark.parametrize("way", [lambda conn: conn, lambda conn: conn.cursor()], ids=["connection", "cursor"])
def test_a_cursor_that_lives_on_locks_nobody_out(module: Any, users_db: Path, way: Any) -> None:
    @module.with_db_connection
    def leak(conn: sqlite3.Connection) -> Any:
        cursor = way(conn).execute("SELECT * FROM users")
        cursor.fetchone()
        return cursor

    cursor = leak()
    with closing(sqlite3.connect(str(users_db), timeout=0)) as writer, writer:
        writer.execute("UPDATE users SET age = 99")
    with pytest.raises(sqlite3.ProgrammingError):
        cursor.fetchone()


@pytest.mark.parametrize("first", ["self", "cls"])
def test_a_method_is_refused_when_decorating(module: Any, first: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def fetch({first}, conn): pass", namespace)
    with pytest.raises(TypeError, match="fetch is a method, whose first argument can't be the connection"):
        module.with_db_connection(namespace["fetch"])


@pytest.mark.parametrize("function", [lambda: None, lambda *args: args[1:], lambda **named: named])
def test_a_function_with_unusual_parameters_can_be_decorated(module: Any, function: Any) -> None:
    decorated = module.with_db_connection(function)
    try:
        assert decorated() == ()
    except TypeError as error:
        assert "takes 0 positional arguments but 1 was given" in str(error)
