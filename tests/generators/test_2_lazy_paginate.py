"""python-generators-0x00, tasks 2 and 3: pages by offset and by key, while other people change the table."""

from __future__ import annotations

import os
import pty
import sys
from contextlib import closing
from itertools import chain
from typing import Any, Callable, Iterable, Iterator

from support import GENERATORS, Load, Run

import pytest

Execute = Callable[..., None]


def user_id(number: int) -> str:
    """Return the id of a user of the table `twenty`; ids ascend with the number."""
    return f"{number:08d}-0000-4000-8000-000000000000"


@pytest.fixture
def execute(load: Load, prodev: str) -> Iterator[Execute]:
    """A function that changes the table as somebody else would, on a connection of its own."""
    with closing(load("seed").connect_to_prodev()) as connection, closing(connection.cursor()) as cursor:
        connection.autocommit = True
        yield cursor.execute


def insert(execute: Execute, number: int) -> None:
    execute("INSERT INTO user_data VALUES (%s, %s, 'x@example.com', 30)", (user_id(number), f"User {number}"))


@pytest.fixture
def twenty(execute: Execute) -> None:
    """A table with the users 0, 10, 20 ... 190, inserted in no order."""
    for number in range(20):
        insert(execute, number * 70 % 200)


def numbers(pages: Iterable[Any]) -> list[list[int]]:
    """Return the pages with each user reduced to the number in the name."""
    return [[int(user["name"].split()[1]) for user in page] for page in pages]


@pytest.fixture(params=["2-lazy_paginate lazy_paginate", "3-keyset_paginate keyset_paginate"])
def paginate(request: pytest.FixtureRequest, load: Load) -> Callable[..., Any]:
    """Each of the two ways to page in turn."""
    module, function = request.param.split()
    return getattr(load(module), function)


def test_a_page_is_a_list_of_dicts_ordered_by_user_id(load: Load, twenty: None) -> None:
    page = load("2-lazy_paginate").paginate_users(2, 18)
    assert page == [
        {"user_id": user_id(180), "name": "User 180", "email": "x@example.com", "age": 30},
        {"user_id": user_id(190), "name": "User 190", "email": "x@example.com", "age": 30},
    ]
    assert type(page[0]["age"]) is int


def test_a_page_past_the_end_is_empty(load: Load, twenty: None) -> None:
    assert load("2-lazy_paginate").paginate_users(5, 20) == []


@pytest.mark.parametrize("offset", [-1, "0", 1.5])
def test_an_offset_that_is_no_whole_number_from_0_up_is_refused(load: Load, offset: Any) -> None:
    with pytest.raises(ValueError, match=f"offset must be a whole number of at least 0, not {offset!r}"):
        load("2-lazy_paginate").paginate_users(5, offset)


def test_both_names_of_the_curriculum_are_the_same_function(load: Load) -> None:
    paginate = load("2-lazy_paginate")
    assert paginate.lazy_pagination is paginate.lazy_paginate


@pytest.mark.parametrize(("size", "lengths"), [(7, [7, 7, 6]), (10, [10, 10]), (20, [20]), (99, [20])])
def test_the_pages_hold_every_user_in_order_and_the_last_is_never_empty(
    paginate: Callable[..., Any], twenty: None, size: int, lengths: list[int]
) -> None:
    pages = list(paginate(size))
    assert [len(page) for page in pages] == lengths
    assert list(chain.from_iterable(numbers(pages))) == list(range(0, 200, 10))


def test_the_pages_are_ordered_by_id_even_where_the_table_is_stored_in_another_order(
    paginate: Callable[..., Any], twenty: None, execute: Execute
) -> None:
    execute("CREATE TABLE copy (n INT AUTO_INCREMENT PRIMARY KEY) SELECT * FROM user_data ORDER BY RAND(5)")
    execute("DROP TABLE user_data")
    execute("RENAME TABLE copy TO user_data")
    assert list(chain.from_iterable(numbers(paginate(6)))) == list(range(0, 200, 10))


def test_an_empty_table_has_no_pages(paginate: Callable[..., Any], prodev: str) -> None:
    assert list(paginate(5)) == []


def test_a_page_is_not_fetched_before_it_is_asked_for(
    load: Load, twenty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, function in (("2-lazy_paginate", "paginate_users"), ("3-keyset_paginate", "page_after")):
        fetched: list[Any] = []
        script = load(module)
        fetch = getattr(script, function)

        def watched(*arguments: Any, fetch: Any = fetch, fetched: list[Any] = fetched) -> Any:
            fetched.append(arguments)
            return fetch(*arguments)

        monkeypatch.setattr(script, function, watched)
        pages = getattr(script, module[2:])(5)
        assert len(fetched) == 0
        next(pages)
        assert len(fetched) == 1
        next(pages)
        assert len(fetched) == 2
        pages.close()


def test_a_reader_may_change_the_pages_it_was_given(paginate: Callable[..., Any], twenty: None) -> None:
    seen = []
    for page in paginate(6):
        seen.append(len(page))
        page.clear()
    assert seen == [6, 6, 6, 2]


def test_a_reader_who_leaves_leaves_no_connection(
    paginate: Callable[..., Any], twenty: None, load: Load, prodev: str
) -> None:
    for _ in paginate(5):
        break
    with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
        left = 2
        while left > 1:  # one is the fixture's own
            cursor.execute("SELECT COUNT(*) FROM information_schema.processlist WHERE db = %s", (prodev,))
            ((left,),) = cursor.fetchall()
    assert left == 1


def test_offset_pages_show_the_table_as_it_was_when_the_reading_began(
    load: Load, twenty: None, execute: Execute
) -> None:
    pages = load("2-lazy_paginate").lazy_paginate(5)
    seen = [next(pages)]
    insert(execute, 5)  # behind the reader: without a snapshot, user 40 would be shown twice
    seen.append(next(pages))
    execute("DELETE FROM user_data WHERE user_id IN (%s, %s)", (user_id(0), user_id(10)))
    assert numbers([*seen, *pages]) == [
        [first + step for step in range(0, 50, 10)] for first in (0, 50, 100, 150)
    ]


def test_key_pages_show_each_row_that_stays_exactly_once_whatever_happens_to_the_others(
    load: Load, twenty: None, execute: Execute
) -> None:
    pages = load("3-keyset_paginate").keyset_paginate(5)
    seen = [next(pages)]
    insert(execute, 5)  # behind the reader: not seen, and nothing is shown twice
    execute(
        "DELETE FROM user_data WHERE user_id IN (%s, %s)", (user_id(40), user_id(60))
    )  # 40: the last one seen
    insert(execute, 75)  # ahead of the reader: seen
    assert numbers([*seen, *pages]) == [
        [0, 10, 20, 30, 40],
        [50, 70, 75, 80, 90],
        [100, 110, 120, 130, 140],
        [150, 160, 170, 180, 190],
    ]


def test_key_pages_resume_behind_an_id(load: Load, twenty: None) -> None:
    keyset_paginate = load("3-keyset_paginate").keyset_paginate
    assert numbers(list(keyset_paginate(2, after=user_id(160)))) == [[170, 180], [190]]
    assert numbers(list(keyset_paginate(2, after=user_id(165)))) == [[170, 180], [190]]
    assert list(keyset_paginate(2, after=user_id(190))) == []


def test_an_after_that_is_no_id_is_refused(load: Load) -> None:
    with pytest.raises(ValueError, match="after must be a user_id or None, not 5"):
        load("3-keyset_paginate").keyset_paginate(2, after=5)


@pytest.mark.parametrize("script", ["2-lazy_paginate.py", "3-keyset_paginate.py"])
def test_in_a_pipe_the_script_prints_every_page(script: str, twenty: None, run_script: Run) -> None:
    done = run_script(script, "--page-size", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 20


@pytest.mark.parametrize("script", ["2-lazy_paginate.py", "3-keyset_paginate.py"])
@pytest.mark.parametrize(("keys", "users"), [(b"q\n", 3), (b"\nq\n", 6), (b"\n" * 7, 20), (b"\x04", 3)])
def test_on_a_terminal_the_script_is_a_pager(script: str, keys: bytes, users: int, twenty: None) -> None:
    child, terminal = pty.fork()
    if child == 0:
        path = str(GENERATORS / script)
        os.execv(sys.executable, [sys.executable, path, "--page-size", "3"])
    os.write(terminal, keys)
    shown = b""
    try:
        while chunk := os.read(terminal, 1000):
            shown += chunk
    except OSError:  # Linux reports the end of a terminal in this way
        pass
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert (status, shown.count(b"'user_id'")) == (0, users), shown.decode()


@pytest.mark.parametrize("name", ["2-lazy_paginate.lazy_paginate", "3-keyset_paginate.keyset_paginate"])
def test_ctrl_c_while_a_page_is_fetched_is_not_hidden_by_another_error(
    name: str, twenty: None, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, function = name.split(".")
    connect = load("seed").connect_to_prodev

    def connect_and_interrupt() -> Any:
        connection = connect()
        make_cursor = connection.cursor

        def cursor(**options: Any) -> Any:
            made = make_cursor(**options)

            def fetchall() -> None:
                made.fetchone()  # the other rows are unread
                raise KeyboardInterrupt

            made.fetchall = fetchall
            return made

        connection.cursor = cursor
        return connection

    monkeypatch.setattr(load(module), "connect_to_prodev", connect_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        next(getattr(load(module), function)(5))
