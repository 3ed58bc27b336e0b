"""The report: task by task what works and what does not, and two scores."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import Iterable, Iterator

from checker.probing import ASKED, RIGHT
from checker.run import Result

WIDTH = 100
wrap = partial(textwrap.wrap, width=WIDTH, break_long_words=False, break_on_hyphens=False)


def report(results: Iterable[Result]) -> Iterator[str]:
    """Yield the lines of the report."""
    results = list(results)
    for result in results:
        yield from task_lines(result)
        yield ""
    scores = [total(results, level) for level in (ASKED, RIGHT)]
    yield f"asked: {scores[0][0]} of {scores[0][1]} (what the curriculum demands)"
    yield f"right: {scores[1][0]} of {scores[1][1]} (what good code promises beyond it)"


def total(results: Iterable[Result], level: str) -> tuple[int, int]:
    """Return how many promises of this level are kept in all tasks, and how many there are."""
    kept, promised = zip(*(result.score(level) for result in results))
    return sum(kept), sum(promised)


def task_lines(result: Result) -> Iterator[str]:
    asked, right = ("{} of {}".format(*result.score(level)) for level in (ASKED, RIGHT))
    title = f"{result.task.name}  {result.task.title}"
    yield f"{title:<60}  asked {asked}, right {right}"
    if result.not_found:
        yield f"  not found: {result.not_found}"
        return
    said: set[str] = set()
    for probe, fault in result.faults:
        yield f"  {'ok   ' if fault is None else 'WRONG'}  {probe.level}  {probe.promise}"
        if fault is None:
            continue
        if fault in said:
            yield "         as above"
            continue
        said.add(fault)
        yield from wrap(fault, initial_indent=" " * 9, subsequent_indent=" " * 9)
        if probe.advice:
            yield from wrap(f"-> {probe.advice}", initial_indent=" " * 9, subsequent_indent=" " * 12)
    if said:
        yield f"  read {result.task.link}"
