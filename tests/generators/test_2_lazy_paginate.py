"""2-lazy_paginate.py, and what it shares with task 3: pages in order, fetched when they are asked for."""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import closing
from itertools import chain
from typing import Any, Callable, Iterable

from support import GENERATORS, Load, Run, pseudo_terminals

import pytest

Execute = Callable[..., Any]


def user_id(number: int) -> str:
    """Return the id of a user of the table `twenty`; ids ascend with the number."""
    return f"{number:08d}-0000-4000-8000-000000000000"


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
    paginate: Callable[..., Any], twenty: None, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = []
    common = load("common")
    fetch_page = common.fetch_page

    def watched(*arguments: Any) -> Any:
        fetched.append(arguments)
        return fetch_page(*arguments)

    monkeypatch.setattr(common, "fetch_page", watched)
    pages = paginate(5)
    assert len(fetched) == 0
    next(pages)
    assert len(fetched) == 1
    next(pages)
    assert len(fetched) == 2
    pages.close()


def test_whoever_gets_a_page_may_change_it(paginate: Callable[..., Any], twenty: None) -> None:
    seen = []
    for page in paginate(6):
        seen.append(len(page))
        page.clear()
    assert seen == [6, 6, 6, 2]


def test_leaving_after_a_page_leaves_no_connection(
    paginate: Callable[..., Any], people: Callable[..., None], connections: Callable[[], int], prodev: str
) -> None:
    people(20, 30, 40)
    for _ in paginate(2):
        break
    assert connections() == 0


def test_the_pages_show_the_table_as_it_was_when_the_first_was_fetched(
    load: Load, twenty: None, execute: Execute
) -> None:
    pages = load("2-lazy_paginate").lazy_paginate(5)
    seen = [next(pages)]
    insert(execute, 5)  # on a page already seen: without a snapshot, user 40 would be shown twice
    seen.append(next(pages))
    execute("DELETE FROM user_data WHERE user_id IN (%s, %s)", (user_id(0), user_id(10)))
    assert numbers([*seen, *pages]) == [
        [first + step for step in range(0, 50, 10)] for first in (0, 50, 100, 150)
    ]


@pytest.mark.parametrize("script", ["2-lazy_paginate.py", "3-keyset_paginate.py"])
def test_in_a_pipe_the_script_prints_every_page(script: str, twenty: None, run_script: Run) -> None:
    done = run_script(script, "--page-size", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 20


def run_on_terminal(script: str, *keys: bytes) -> tuple[int, str]:
    """Run a script on a terminal, type a key at each prompt, and return its status and what was shown."""
    pty = pseudo_terminals()
    child, terminal = pty.fork()
    if child == 0:
        # A shell that starts the tests in the background has them ignore Ctrl-C, and that is inherited.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.execv(sys.executable, [sys.executable, str(GENERATORS / script), "--page-size", "3"])
    shown, waiting, key = b"", list(keys), b""
    try:
        while True:
            if key == b"\x03" and not select.select([terminal], [], [], 1)[0]:
                os.write(terminal, key)  # between the prompt and the reading, Python can miss a Ctrl-C
                continue
            chunk = os.read(terminal, 1000)
            if not chunk:
                break
            shown += chunk
            if waiting and shown.endswith(b"leave "):
                key = waiting.pop(0)
                os.write(terminal, key)
    except OSError:  # Linux reports the end of a terminal in this way
        pass
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status), shown.decode()


@pytest.mark.parametrize("script", ["2-lazy_paginate.py", "3-keyset_paginate.py"])
@pytest.mark.parametrize(("keys", "users"), [("q", 3), ("nq", 6), ("nnnnnn", 20), ("d", 3)])
def test_on_a_terminal_the_script_is_a_pager(script: str, keys: str, users: int, twenty: None) -> None:
    typed = {"q": b"q\n", "n": b"\n", "d": b"\x04"}
    status, shown = run_on_terminal(script, *(typed[key] for key in keys))
    assert (status, shown.count("'user_id'")) == (0, users), shown


@pytest.mark.parametrize("key", [b"\x03", b"\x04"])
def test_after_ctrl_c_or_ctrl_d_in_the_pager_the_prompt_of_the_shell_is_on_a_new_line(
    key: bytes, twenty: None
) -> None:
    status, shown = run_on_terminal("2-lazy_paginate.py", b"\n", key)
    assert status == (130 if key == b"\x03" else 0)
    assert shown.endswith("\n"), shown


def test_ctrl_c_while_a_page_is_fetched_is_not_hidden_by_another_error(
    paginate: Callable[..., Any], twenty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[paginate.__module__]
    connect = module.connect_to_prodev

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

    monkeypatch.setattr(module, "connect_to_prodev", connect_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        next(paginate(5))


def test_fetching_a_page_leaves_the_handling_of_ctrl_c_as_it_was(twenty: None, run_python: Any) -> None:
    # Also in a thread, which may set no handlers, and where the handler is not Python's own.
    script = """
        import signal, threading
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        paginate_users = __import__("2-lazy_paginate").paginate_users
        threads = [threading.Thread(target=lambda: print(len(paginate_users(5, 0)))) for _ in range(2)]
        for thread in threads:
            thread.start()
            thread.join()
        print(len(paginate_users(5, 0)), signal.getsignal(signal.SIGINT), signal.pthread_sigmask(0, []))
    """
    done = run_python(script)
    assert done.stderr == ""
    assert done.stdout.split() == ["5", "5", "5", str(signal.SIG_DFL), "set()"]


def test_a_page_can_be_fetched_where_signals_cannot_be_held_back(twenty: None, run_python: Any) -> None:
    script = """
        import signal
        del signal.pthread_sigmask  # as on Windows
        print(len(__import__("2-lazy_paginate").paginate_users(5, 0)))
    """
    done = run_python(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "5\n", "")


def test_given_a_connection_a_page_comes_through_it_and_leaves_it_open(
    twenty: None, load: Load, connection: Any
) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute("INSERT INTO user_data VALUES ('', 'User 1', 'x@example.com', 30)")  # not committed
        page = load("2-lazy_paginate").paginate_users(1, 0, connection)
        assert page[0]["user_id"] == ""
        cursor.execute("SELECT 'open'")
        assert cursor.fetchall() == [("open",)]
