"""3-keyset_paginate.py: pages by key, while other people change the table, and where the server goes away."""

from __future__ import annotations

from contextlib import closing
from typing import Any, Callable

from support import Load, Run

import mysql.connector
import pytest

Execute = Callable[..., Any]


def user_id(number: int) -> str:
    """Return the id of a user of the table `twenty`; ids ascend with the number."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def insert(execute: Execute, number: int) -> None:
    execute("INSERT INTO user_data VALUES (%s, %s, 'x@example.com', 30)", (user_id(number), f"User {number}"))


@pytest.fixture
def twenty(execute: Execute) -> None:
    """A table with the users 0, 10, 20 ... 190."""
    for number in range(0, 200, 10):
        insert(execute, number)


def numbers(pages: Any) -> list[list[int]]:
    """Return the pages with each user reduced to the number in the name."""
    return [[int(user["name"].split()[1]) for user in page] for page in pages]


def test_each_row_that_stays_is_seen_exactly_once_whatever_happens_to_the_others(
    load: Load, twenty: None, execute: Execute
) -> None:
    pages = load("3-keyset_paginate").keyset_paginate(5)
    seen = [next(pages)]
    insert(execute, 5)  # on a page already seen: not seen, and nothing is shown twice
    # 40 is the last one seen
    execute("DELETE FROM user_data WHERE user_id IN (%s, %s)", (user_id(40), user_id(60)))
    insert(execute, 75)  # ahead: seen
    assert numbers([*seen, *pages]) == [
        [0, 10, 20, 30, 40],
        [50, 70, 75, 80, 90],
        [100, 110, 120, 130, 140],
        [150, 160, 170, 180, 190],
    ]


def test_the_pages_go_on_after_an_id(load: Load, twenty: None) -> None:
    keyset_paginate = load("3-keyset_paginate").keyset_paginate
    assert numbers(keyset_paginate(2, after=user_id(160))) == [[170, 180], [190]]
    assert numbers(keyset_paginate(2, after=user_id(165))) == [[170, 180], [190]]
    assert list(keyset_paginate(2, after=user_id(190))) == []
    assert len(list(keyset_paginate(20, after=""))) == 1


def test_after_on_the_command_line_does_the_same(twenty: None, run_script: Run) -> None:
    assert run_script("3-keyset_paginate.py", "--after", user_id(160)).stdout.count("\n") == 3
    assert run_script("3-keyset_paginate.py", "--after", "").stdout.count("\n") == 20
    done = run_script("3-keyset_paginate.py", "--after", "zzz")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no users after 'zzz'\n")


def test_nothing_is_held_on_the_server_between_two_pages(load: Load, twenty: None, execute: Execute) -> None:
    pages = load("3-keyset_paginate").keyset_paginate(5)
    next(pages)
    execute("SET SESSION lock_wait_timeout = 1")
    execute(
        "ALTER TABLE user_data ADD COLUMN note INT"
    )  # waits for every transaction that has read the table
    assert len(list(pages)) == 3


def test_a_server_that_goes_away_between_two_pages_is_an_error_that_says_how_to_go_on(
    load: Load, twenty: None, execute: Execute, prodev: str
) -> None:
    pages = load("3-keyset_paginate").keyset_paginate(5)
    next(pages)
    (mine,) = execute("SELECT CONNECTION_ID()")[0]
    for process_id, _, _, database, *_ in execute("SHOW PROCESSLIST"):
        if database == prodev and process_id != mine:
            execute(f"KILL {process_id}")
    with pytest.raises(mysql.connector.Error, match=f"; to go on: --after {user_id(40)}$"):
        next(pages)


def test_a_pager_that_waits_too_long_says_how_to_go_on(own_table: None, load: Load, run_python: Any) -> None:
    with closing(load("seed").connect_to_prodev()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("INSERT INTO user_data VALUES ('ada', 'Ada', 'a@x', 3), ('ben', 'Ben', 'b@x', 4)")
        connection.commit()
        cursor.execute("SET GLOBAL wait_timeout = 1")
    script = """
        import common, seed, time
        pages = __import__("3-keyset_paginate").keyset_paginate(1)
        print(next(pages)[0]["name"])
        with seed.connect_db() as other, other.cursor() as cursor:
            while not time.sleep(0.05):
                cursor.execute("SHOW PROCESSLIST")
                if "ALX_prodev" not in [row[3] for row in cursor.fetchall()]:
                    break  # the server has waited too long
        common.run(lambda: next(pages), common.parser(None))
    """
    done = run_python(script)
    assert (done.returncode, done.stdout) == (1, "Ada\n")
    assert done.stderr.endswith("; to go on: --after ada\n")
    assert done.stderr.count("\n") == 1


def test_an_error_before_the_first_page_has_nothing_to_go_on_from(
    load: Load, execute: Execute, prodev: str
) -> None:
    execute("DROP TABLE user_data")
    with pytest.raises(mysql.connector.ProgrammingError) as error:
        next(load("3-keyset_paginate").keyset_paginate(5))
    assert "--after" not in str(error.value)
