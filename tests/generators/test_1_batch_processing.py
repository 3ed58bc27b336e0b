"""1-batch_processing.py: batches cut from the stream, and a filter after them."""

from __future__ import annotations

import ast
from typing import Any, Callable, Iterator

from support import Load, Run

import pytest


def test_batches_have_the_size_asked_for_and_the_last_is_shorter(
    load: Load, people: Callable[..., None], prodev: str
) -> None:
    people(*range(20))
    batches = list(load("1-batch_processing").stream_users_in_batches(7))
    assert [len(batch) for batch in batches] == [7, 7, 6]
    assert all(isinstance(batch, list) for batch in batches)
    assert sorted(user["age"] for batch in batches for user in batch) == list(range(20))


def test_the_next_batch_is_not_read_before_it_is_asked_for(
    load: Load, people: Callable[..., None], prodev: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(*range(20))
    processing = load("1-batch_processing")
    stream_users, read = processing.stream_users, []

    def watched() -> Iterator[Any]:
        for user in stream_users():
            read.append(user)
            yield user

    monkeypatch.setattr(processing, "stream_users", watched)
    next(processing.stream_users_in_batches(7))
    assert len(read) == 7


def test_batch_processing_prints_those_strictly_over_25_one_dict_a_line(
    load: Load, people: Callable[..., None], prodev: str, capsys: pytest.CaptureFixture[str]
) -> None:
    people(24, 25, 26, 99)
    assert load("1-batch_processing").batch_processing(3) is None
    printed = [ast.literal_eval(line) for line in capsys.readouterr().out.splitlines()]
    assert [(user["name"], user["age"]) for user in printed] == [("User 2", 26), ("User 3", 99)]


def test_the_filter_can_be_used_without_printing(load: Load) -> None:
    over_25 = load("1-batch_processing").users_over_25(iter([[{"age": 25}, {"age": 26}], [{"age": 27}]]))
    assert iter(over_25) is over_25
    assert list(over_25) == [{"age": 26}, {"age": 27}]


@pytest.mark.parametrize("size", [0, -1, "10", 2.5, True, None, 2**70])
@pytest.mark.parametrize(
    ("module", "function", "arguments"),
    [
        ("1-batch_processing", "stream_users_in_batches", ()),
        ("2-lazy_paginate", "paginate_users", (0,)),
        ("2-lazy_paginate", "lazy_paginate", ()),
        ("3-keyset_paginate", "keyset_paginate", ()),
    ],
)
def test_a_size_that_is_no_positive_whole_number_is_refused_before_anything_is_opened(
    load: Load,
    module: str,
    function: str,
    arguments: tuple[int, ...],
    size: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MYSQL_UNIX_SOCKET", "/no/server")
    with pytest.raises(ValueError, match=rf"_size must be .*{size!r}"):
        next(getattr(load(module), function)(size, *arguments))


@pytest.mark.parametrize("size", [0, True])
def test_batch_processing_refuses_such_a_size_as_well(load: Load, size: Any) -> None:
    with pytest.raises(ValueError, match=f"batch_size must be a whole number of at least 1, not {size!r}"):
        load("1-batch_processing").batch_processing(size)


@pytest.mark.parametrize(
    ("script", "option"),
    [
        ("1-batch_processing.py", "--batch-size"),
        ("2-lazy_paginate.py", "--page-size"),
        ("3-keyset_paginate.py", "--page-size"),
    ],
)
def test_a_bad_size_on_the_command_line_is_named_as_it_was_typed(
    run_script: Run, script: str, option: str
) -> None:
    done = run_script(script, option, "0")
    problem = f"{script}: {option} must be a whole number of at least 1, not 0\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", problem)
