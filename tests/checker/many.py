"""Many checkouts at once, for a teacher: a line for each, and in a CSV file a row for each of its exercises."""

from __future__ import annotations

import csv
import os
from contextlib import closing
from pathlib import Path
from typing import Any, Callable, Generator, Iterable, Iterator, TextIO

from checker.command import why_no_repo
from checker.model import ASKED, BEYOND, FOLDERS, Result
from checker.report import total

COLUMNS = """repository exercise state asked_kept asked_promised beyond_kept beyond_promised
    first_fault""".split()
STATES = {
    "not begun": ("not begun", "not found"),
    "cannot be run": ("broken",),
    "not tried here": ("unavailable",),
}


def lines(
    repos: list[str], check: Callable[[Path], Generator[Result, None, None]], table: TextIO | None
) -> Iterator[tuple[str, bool]]:
    """Yield for each checkout its line, and whether all that is asked works; write its rows into `table`."""
    width = max(map(len, repos))
    if table:
        csv.writer(table).writerow(COLUMNS)
    for repo in repos:
        path = Path(os.path.expanduser(repo))
        problem = why_no_repo(path, repo)
        results: list[Result] = []
        if not problem:
            try:
                with closing(check(path.resolve())) as found:
                    results = list(found)
            except OSError as error:
                problem = f"cannot be read: {error.strerror}: {error.filename}"
        if problem:
            if table:
                csv.writer(table).writerow([repo, "", "not checked", "", "", "", "", problem])
            yield f"{repo:<{width}}  {problem}", False
            continue
        if table:
            csv.writer(table).writerows(row(repo, result) for result in results)
            table.flush()
        kept, promised = total(results, ASKED)
        yield f"{repo:<{width}}  {summary(results)}", kept == promised


def summary(results: list[Result]) -> str:
    """Return both scores, and which exercises there is nothing more to say about."""
    parts = ["{} {} of {}".format(level, *total(results, level)) for level in (ASKED, BEYOND)]
    sentence = ", ".join(parts)
    for what, states in STATES.items():
        names = short_names(results, states)
        if names:
            sentence += f"; {what}: {', '.join(names)}"
    return sentence


def short_names(results: list[Result], states: Iterable[str]) -> list[str]:
    """Return the names of the exercises in one of these states; that of a project stands for all it has."""
    names: list[str] = []
    for project in FOLDERS:
        ours = [result for result in results if result.task.project == project]
        those = [result.task.name for result in ours if result.state in states]
        names += [project] if len(those) == len(ours) > 1 else those
    return names


def row(repo: str, result: Result) -> list[Any]:
    wrong = result.first_wrong(ASKED) or result.first_wrong(BEYOND)
    fault = f"{wrong.probe.promise}: {wrong.sentence}" if wrong else result.sentence
    return [repo, result.task.name, result.state, *result.score(ASKED), *result.score(BEYOND), fault]
