"""4-cache_query: a second identical call stays away from the database; keys, copies, limits, counters."""

from __future__ import annotations

import collections
import copy
import gc
import sqlite3
import threading
import weakref
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Iterator

from support import Load

import pytest

ALL = "SELECT * FROM users ORDER BY id"


@pytest.fixture
def module(load: Load, users_db: Path) -> Any:
    """The module 4-cache_query, and a users.db for it."""
    return load("4-cache_query")


@pytest.fixture
def calls() -> list[Any]:
    """The arguments of the calls that have reached the function below the cache."""
    return []


@pytest.fixture(params=["connection outside", "cache outside"])
def fetch(request: pytest.FixtureRequest, module: Any, calls: list[Any]) -> Any:
    """A cached function that returns the rows of a query, in both orders of the two decorators."""

    def fetch(conn: sqlite3.Connection, query: str, values: Any = (), **options: Any) -> Any:
        calls.append((query, values))
        return conn.execute(query, values).fetchall()

    if request.param == "cache outside":
        return module.cache_query(module.with_db_connection(fetch))
    return module.with_db_connection(module.cache_query(fetch))


@pytest.fixture
def connection(users_db: Path) -> Iterator[sqlite3.Connection]:
    """Another connection, opened with the default settings."""
    with closing(sqlite3.connect(users_db)) as connection:
        yield connection


def test_the_fixed_calls_ask_the_database_once(module: Any, monkeypatch: Any) -> None:
    users = module.fetch_users_with_cache(query="SELECT * FROM users")
    users_again = module.fetch_users_with_cache(query="SELECT * FROM users")
    assert users == users_again
    assert users[0] == (1, "Ada Abara", "ada.abara@example.com", 36)
    assert module.fetch_users_with_cache.cache_info() == (1, 1, 128, 1)


def test_a_second_identical_call_does_not_reach_the_function(fetch: Any, calls: list[Any]) -> None:
    assert fetch(query=ALL) == fetch(query=ALL) == fetch(query=ALL)
    assert len(calls) == 1


def test_outside_the_connection_decorator_a_hit_opens_no_connection(module: Any, monkeypatch: Any) -> None:
    fetch = module.cache_query(module.with_db_connection(lambda conn, query: conn.execute(query).fetchall()))
    users = fetch(ALL)
    monkeypatch.setattr(sqlite3, "connect", None)
    assert fetch(ALL) == users


@pytest.mark.parametrize(
    "values",
    [
        [(1,), (1.0,), (True,), ("1",), (b"1",)],
        [(0.0,), (-0.0,), (False,), (None,), ("",), ("None",)],
        [(1,), [1], {"a": 1}, {"b": 1}, ((1,),), ("(1,)",)],
        [("a, b",), ("a", "b")],
        [1, 1.0, True, "1", b"1", None, "None"],
    ],
)
def test_values_are_told_apart_with_their_types(
    module: Any, calls: list[Any], connection: Any, values: Any
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str, values: Any) -> Any:
        calls.append(values)
        return [values]

    for _ in range(2):
        for value in values:
            (answer,) = fetch(connection, ALL, value)
            assert repr(answer) == repr(value)
    assert len(calls) == len(values)


def test_lists_and_dicts_are_possible_values(fetch: Any, calls: list[Any]) -> None:
    for values in ([1, 30], {"id": 1, "age": 30}):
        sql = "SELECT name FROM users WHERE id = :id AND age > :age" if isinstance(values, dict) else (
            "SELECT name FROM users WHERE id = ? AND age > ?"
        )  # fmt: skip
        assert fetch(sql, values) == fetch(sql, values) == [("Ada Abara",)]
    assert len(calls) == 2


def test_equal_values_in_other_objects_are_the_same_question(module: Any, connection: Any) -> None:
    fetch = module.cache_query(lambda conn, query, values: values)
    one, two = (" ".join(["Ada", "Abara"]) for _ in range(2))
    assert fetch(connection, ALL, [one, one]) == fetch(connection, ALL, [one, two])
    assert fetch.cache_info() == (1, 1, 128, 1)


def test_values_changed_by_the_caller_afterwards_make_another_key(fetch: Any, calls: list[Any]) -> None:
    values = [1]
    assert fetch("SELECT name FROM users WHERE id = ?", values) == [("Ada Abara",)]
    values[0] = 2
    assert fetch("SELECT name FROM users WHERE id = ?", values) == [("Bruno Keller",)]


@pytest.mark.parametrize("queries", [("SELECT 'a  b'", "SELECT 'a b'"), ("SELECT 'a'", "SELECT 'A'")])
def test_the_sql_counts_to_the_letter(fetch: Any, queries: tuple[str, str]) -> None:
    assert fetch(queries[0]) != fetch(queries[1])


def test_two_functions_do_not_share_answers(module: Any, connection: sqlite3.Connection) -> None:
    rows = module.cache_query(lambda conn, query: conn.execute(query).fetchall())
    count = module.cache_query(lambda conn, query: len(conn.execute(query).fetchall()))
    for _ in range(2):
        assert len(rows(connection, ALL)) == 12
        assert count(connection, ALL) == 12


def test_two_databases_do_not_share_answers(
    fetch: Any, calls: Any, load: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    query = "SELECT age FROM users WHERE id = 1"
    assert fetch(query) == [(36,)]
    monkeypatch.setenv("USERS_DB", str(tmp_path / "other.db"))
    load("seed").seed_users()
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("UPDATE users SET age = 99")
    assert fetch(query) == [(99,)]
    monkeypatch.setenv("USERS_DB", str(tmp_path / "users.db"))
    assert fetch(query) == [(36,)]
    assert len(calls) == 2


def test_connections_to_one_database_share_answers(module: Any, users_db: Path, calls: list[Any]) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        calls.append(query)
        return conn.execute(query).fetchall()

    with closing(sqlite3.connect(users_db)) as one, closing(sqlite3.connect(users_db)) as two:
        assert fetch(one, ALL) == fetch(two, ALL)
        assert fetch(conn=one, query=ALL) == fetch(conn=two, query=ALL)
    assert len(calls) == 2  # by position, by name


def as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row)}


def test_row_and_text_factory_are_respected(module: Any, connection: sqlite3.Connection) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        return conn.execute(query).fetchall()

    for _ in range(2):
        for factory, name in ((str, "Ada Abara"), (bytes, b"Ada Abara")):
            connection.text_factory = factory
            connection.row_factory = None
            assert fetch(connection, "SELECT name FROM users WHERE id = 1") == [(name,)]
            connection.row_factory = as_dict
            assert fetch(connection, "SELECT name FROM users WHERE id = 1") == [{"name": name}]
            connection.row_factory = sqlite3.Row
            (row,) = fetch(connection, "SELECT name FROM users WHERE id = 1")
            assert (type(row), tuple(row)) == (sqlite3.Row, (name,))


def test_rows_made_by_a_row_factory_are_cached(module: Any, connection: Any, calls: list[Any]) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        calls.append(query)
        return conn.execute(query).fetchall()

    connection.row_factory = as_dict
    assert fetch(connection, "SELECT 1 AS n") == fetch(connection, "SELECT 1 AS n") == [{"n": 1}]
    assert len(calls) == 1


def test_another_way_of_reading_text_gives_its_own_answers(module: Any, connection: Any) -> None:
    fetch = module.cache_query(lambda conn, query: conn.execute(query).fetchall())
    query = "SELECT name FROM users WHERE id = 1"
    assert fetch(connection, query) == [("Ada Abara",)]
    connection.text_factory = lambda raw: raw.decode().replace("Ada", "ADA")
    assert fetch(connection, query) == fetch(connection, query) == [("ADA Abara",)]


@pytest.mark.parametrize(
    "result", [None, [], (), 0, 1.5, "", b"x", True, {}, (1, "a"), [1, "a"], [(1, None)]]
)
def test_none_and_empty_results_are_cached(
    module: Any, connection: Any, calls: list[Any], result: Any
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        calls.append(query)
        return result

    first, second = fetch(connection, ALL), fetch(connection, ALL)
    assert first == second == result
    assert type(second) is type(result)
    assert len(calls) == 1


def test_a_caller_who_changes_a_result_changes_it_for_nobody_else(fetch: Any) -> None:
    expected = [("Ada Abara",), ("Bruno Keller",)]
    for _ in range(4):
        rows = fetch("SELECT name FROM users WHERE id < 3 ORDER BY id")
        assert rows == expected
        rows.append("spoilt")
        rows[0] = None


@pytest.mark.parametrize(
    "result",
    [{"rows": [[1]]}, [{"id": 1}], [[1, 2]], [([1], 2)], {"a": {"b": {3}}}, ([], {}), [bytearray(b"x")]],
    ids=repr,
)
def test_nested_results_are_copied_too(module: Any, connection: Any, calls: list[Any], result: Any) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        calls.append(query)
        return copy.deepcopy(result)

    def spoil(value: Any) -> None:
        for part in value.values() if isinstance(value, dict) else value:
            if isinstance(part, (list, dict, tuple, bytearray)):
                spoil(part)
        if not isinstance(value, tuple):
            value.clear()

    for _ in range(3):
        answer = fetch(connection, ALL)
        assert repr(answer) == repr(result)
        spoil(answer)
    assert len(calls) == 1


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    "make",
    [
        threading.Lock,
        lambda: [date(2024, 2, 29)],
        lambda: [Point(1, 2)],
        lambda: [iter([1])],
    ],
)
def test_what_is_not_plain_is_returned_as_it_is_and_not_cached(
    module: Any, connection: Any, make: Any
) -> None:
    fetch = module.cache_query(lambda conn, query: make())
    for _ in range(2):
        assert type(fetch(connection, ALL)) is type(make())
    assert fetch.cache_info() == (0, 2, 128, 0)


class Rows(list):  # type: ignore[type-arg]
    """A list that knows more than its rows."""

    total = 0


def test_a_list_of_a_class_of_its_own_keeps_its_class_and_is_not_cached(
    module: Any, connection: Any, calls: list[Any]
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Rows:
        calls.append(query)
        rows = Rows([(1, "a")])
        rows.total = 7
        return rows

    for _ in range(2):
        rows = fetch(connection, ALL)
        assert (type(rows), rows, rows.total) == (Rows, [(1, "a")], 7)
    assert len(calls) == 2  # there is no safe copy


def test_a_cursor_as_result_still_works(module: Any, connection: Any) -> None:
    fetch = module.cache_query(lambda conn, query: conn.execute(query))
    assert len(list(fetch(connection, ALL))) == len(list(fetch(connection, ALL))) == 12


def test_a_function_may_close_the_connection_that_it_was_given(module: Any, users_db: Path) -> None:
    @module.with_db_connection
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        rows = conn.execute(query).fetchall()
        conn.close()
        return rows

    assert fetch(ALL) == fetch(ALL) != []


def test_errors_are_not_cached(fetch: Any, connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table: dogs"):
        fetch("SELECT * FROM dogs")
    connection.execute("CREATE TABLE dogs (name)")
    assert fetch("SELECT * FROM dogs") == []


def test_cache_info_and_cache_clear_are_those_of_functools(module: Any, fetch: Any, calls: list[Any]) -> None:
    other = module.with_db_connection(module.cache_query(lambda conn, query: 1))
    other(ALL)
    for query in (ALL, ALL, "SELECT 1", ALL):
        fetch(query)
    info = fetch.cache_info()
    assert info._fields == ("hits", "misses", "maxsize", "currsize")
    assert info == (2, 2, 128, 2)
    fetch.cache_clear()
    assert fetch.cache_info() == (0, 0, 128, 0)
    assert other.cache_info().currsize == 1
    fetch(ALL)
    assert len(calls) == 3


def test_ten_thousand_distinct_queries_leave_128_results(module: Any, connection: Any) -> None:
    fetch = module.cache_query(lambda conn, query: conn.execute(query).fetchall())
    for number in range(10_000):
        assert fetch(connection, f"SELECT {number}") == [(number,)]
    assert len(module.query_cache) == 128
    assert fetch.cache_info() == (0, 10_000, 128, 128)


def test_the_least_recently_used_result_goes_first(module: Any, fetch: Any, calls: list[Any]) -> None:
    module.query_cache.max_results = 2
    for query in ("SELECT 1", "SELECT 2", "SELECT 1", "SELECT 3"):
        fetch(query)
    assert fetch.cache_info()[2:] == (2, 2)
    calls.clear()
    fetch("SELECT 1")
    assert calls == []
    fetch("SELECT 2")
    assert len(calls) == 1


def test_the_rows_of_all_results_together_are_limited(module: Any, fetch: Any, calls: list[Any]) -> None:
    module.query_cache.max_rows = 25
    queries = [f"SELECT * FROM users WHERE {number} > 0" for number in range(1, 4)]
    for query in queries:
        fetch(query)
    assert fetch.cache_info().currsize == 2
    fetch("SELECT 1 FROM users a, users b")  # 144 rows: more than there is room for, so nobody has to go
    assert fetch.cache_info().currsize == 2
    calls.clear()
    fetch(queries[1]), fetch(queries[2])
    assert calls == []
    fetch("SELECT 1 FROM users a, users b LIMIT 25")  # there is room for this one alone
    assert fetch.cache_info().currsize == 1


def test_answers_that_are_out_of_date_make_room(
    module: Any, connection: sqlite3.Connection, fetch: Any, calls: list[Any]
) -> None:
    module.query_cache.max_rows = 30
    for age in range(100, 110):
        with connection:
            connection.execute("UPDATE users SET age = ? WHERE id = 1", (age,))
        fetch(ALL)
    fetch("SELECT name FROM users")
    calls.clear()
    fetch(ALL)
    assert calls == []
    assert fetch.cache_info().currsize == 2


def test_two_answers_to_one_question_count_once(module: Any, connection: sqlite3.Connection) -> None:
    module.query_cache.max_rows = 30

    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str) -> Any:
        while others:
            fetch(conn, others.pop())  # as another thread might, before this call is over
        return conn.execute(query).fetchall()

    others = [ALL]
    fetch(connection, ALL)
    fetch(connection, "SELECT name FROM users")
    assert fetch.cache_info().currsize == 2


@pytest.mark.parametrize(
    "make",
    [lambda: [("x" * 100_000,)], lambda: {"rows": [(n,) for n in range(100_000)]}, lambda: "x" * 100_000],
)
def test_a_large_row_counts_as_many(module: Any, connection: Any, make: Any) -> None:
    module.query_cache.max_rows = 50
    fetch = module.cache_query(lambda conn, query: make())
    fetch(connection, ALL)
    assert fetch.cache_info().currsize == 0
    module.query_cache.max_rows = 1000
    fetch(connection, ALL)
    assert fetch.cache_info().currsize == 1


def test_many_databases_keep_only_a_few_files_open(
    fetch: Any, load: Load, tmp_path: Path, monkeypatch: Any
) -> None:
    opened: list[weakref.ref[sqlite3.Connection]] = []
    connect = sqlite3.connect

    class Connection(sqlite3.Connection):
        """One that can be watched without being kept."""

    def remember(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **{"factory": Connection, **options})
        opened.append(weakref.ref(connection))
        return connection

    monkeypatch.setattr(sqlite3, "connect", remember)
    for number in range(40):
        monkeypatch.setenv("USERS_DB", str(tmp_path / f"{number}.db"))
        load("seed").seed_users()
        assert len(fetch(ALL)) == len(fetch(ALL)) == 12
    gc.collect()
    alive = [connection for connection in (each() for each in opened) if connection is not None]
    assert sum(map(is_open, alive)) == 16


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.cursor()
    except sqlite3.ProgrammingError as error:
        return "thread" in str(error)
    return True


def test_the_order_of_keyword_arguments_is_part_of_the_key(module: Any, connection: Any) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str, **values: int) -> Any:
        return conn.execute(query, tuple(values.values())).fetchall()

    query = "SELECT ? - ?"
    assert fetch(connection, query, user_id=1, age=3) == [(-2,)]
    assert fetch(connection, query, age=3, user_id=1) == [(2,)]


def test_the_place_of_the_connection_is_part_of_the_key(module: Any, connection: Any) -> None:
    fetch = module.cache_query(lambda *args: [value is None for value in args])
    assert fetch(connection, None) == [False, True]
    assert fetch(None, connection) == [True, False]


def test_a_function_that_has_its_sql_inside_is_cached_too(
    module: Any, connection: Any, calls: list[Any]
) -> None:
    @module.cache_query
    def count_users(conn: sqlite3.Connection) -> int:
        calls.append(1)
        return int(conn.execute("SELECT count(*) FROM users").fetchone()[0])

    assert count_users(connection) == count_users(connection) == 12
    assert len(calls) == 1
    with connection:
        connection.execute("DELETE FROM users WHERE id > 3")
    assert count_users(connection) == 3


def test_a_date_among_the_arguments_is_passed_on_and_not_cached(
    module: Any, connection: Any, calls: list[Any]
) -> None:
    @module.cache_query
    def fetch(conn: sqlite3.Connection, query: str, day: date) -> str:
        calls.append(day)
        return day.isoformat()

    assert (
        fetch(connection, ALL, date(2024, 2, 29)) == fetch(connection, ALL, date(2024, 2, 29)) == "2024-02-29"
    )
    assert len(calls) == 2


def test_threads_that_share_a_cached_function_lose_no_count(module: Any, fetch: Any) -> None:
    def ask() -> None:
        for number in range(200):
            assert fetch(f"SELECT {number % 40}") == [(number % 40,)]

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(fetch.cache_info()[:2]) == 1600
