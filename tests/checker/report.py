"""The report: task by task what works and what does not, two scores, and the one thing to do next."""

from __future__ import annotations

import re
import shutil
import textwrap
from functools import partial
from typing import Iterable, Iterator

from checker.model import ASKED, BEYOND, FIRST, NOT_TRIED, WRONG, Advice, Result, Verdict

WIDTH = 100
INDENT = " " * 13
WITHOUT_SERVER = "without a MySQL server; ask an administrator for mariadb-server-core mariadb-client-core"
RULE = "-" * 20
wrap = partial(textwrap.wrap, width=WIDTH, break_long_words=False, break_on_hyphens=False)


def report(results: Iterable[Result], hints: int = 1, only: bool = False) -> Iterator[str]:
    """Yield the lines of the report, those of a task as soon as its result is there.

    With `hints` 0 a fault has a question under it, with 1 a hint as well, and with 2 a task with a fault
    has the lines of our README that explain it. With `only`, there are exercises that were not checked.
    """
    seen = []
    noted: set[str] = set()
    for result in results:
        seen.append(result)
        for note in result.notes:
            if note not in noted:
                yield from wrap(f"note: {note}", subsequent_indent=" " * 6)
        noted.update(result.notes)
        yield from task_lines(result, hints)
        yield ""
    for level, meaning in (
        (ASKED, "what the curriculum demands"),
        (BEYOND, "what good code promises beyond it"),
    ):
        kept, promised = total(seen, level)
        yield f"{level + ':':<7} {kept} of {promised} ({meaning})"
    yield from wrap(f"next: {next_step(seen, only)}", subsequent_indent=" " * 6)


def total(results: Iterable[Result], level: str) -> tuple[int, int]:
    """Return how many promises of this level are kept in all tasks, and how many there are."""
    scores = [result.score(level) for result in results]
    return sum(kept for kept, _ in scores), sum(promised for _, promised in scores)


def next_step(results: Iterable[Result], only: bool = False) -> str:
    """Return the one thing to do next: what is asked comes first, then what is not begun, then what is beyond."""
    results = list(results)
    for result in results:
        if result.state == "unavailable" and result.hint:
            return f"{result.task.name}: {result.sentence}; {result.hint}"
        if result.state == "broken":
            return f"get {result.task.name} to work ({result.task.title}); read {result.task.link}"
        wrong = result.first_wrong(ASKED)
        if wrong:
            return mend(wrong, result)
    waiting = [result for result in results if result.state in ("not begun", "not found")]
    if waiting:
        begun = {result.task.project for result in results if result not in waiting} or {FIRST.split("/")[0]}
        first = min(waiting, key=lambda result: (result.lacks_server, result.task.project not in begun))
        untried = f"; it can't be tried {WITHOUT_SERVER}" if first.lacks_server else ""
        return f"begin {first.task.name} ({first.task.title}); read {first.task.link}{untried}"
    for result in results:
        wrong = result.first_wrong(BEYOND)
        if wrong:
            return mend(wrong, result)
    if all(result.lacks_server for result in results):
        return f"nothing could be tried {WITHOUT_SERVER}"
    if any(result.lacks_server for result in results):
        return f"all that could be tried is right; the generators can't be tried {WITHOUT_SERVER}"
    if any(verdict.outcome == NOT_TRIED for result in results for verdict in result.verdicts):
        return "all that could be tried is right"
    return "the other exercises; everything here is right" if only else "nothing, everything is right"


def mend(wrong: Verdict, result: Result) -> str:
    return f"mend {result.task.name} until this is ok: {wrong.probe.promise}; read {result.task.link}"


def task_lines(result: Result, hints: int = 1) -> Iterator[str]:
    """Yield the lines about one task."""
    asked, beyond = ("{} of {}".format(*result.score(level)) for level in (ASKED, BEYOND))
    title = f"{result.task.name}  {result.task.title}"
    yield f"{title:<60}  asked {asked}, beyond {beyond}"
    if result.state in ("not found", "not begun", "unavailable"):
        yield from wrap(
            ": ".join(filter(None, [result.state, result.sentence])),
            initial_indent="  ",
            subsequent_indent="    ",
        )
        yield from more_lines(result.words, Advice("", result.hint), " " * 4, 1)
    before = ""
    untried = sum(verdict.outcome == NOT_TRIED for verdict in result.verdicts)
    for verdict in result.verdicts:
        if result.state != "tried" and verdict.outcome == NOT_TRIED:
            continue
        yield f"  {verdict.outcome:<9}  {verdict.level:<6}  {verdict.probe.promise}"
        yield from verdict_lines(verdict, before, hints)
        if untried and result.state == "broken" and verdict.sentence == result.sentence:
            yield f"  not tried  {untried} more, because of this"
        before = verdict.sentence
    if any(verdict.outcome == WRONG for verdict in result.verdicts):
        yield f"  read {result.task.link}"
        if hints > 1:
            yield ""
            yield from as_text(result.task.lesson)


def verdict_lines(verdict: Verdict, before: str, hints: int) -> Iterator[str]:
    if verdict.sentence and verdict.sentence == before:
        yield f"{INDENT}as above"
        return
    if verdict.sentence:
        yield from wrap(verdict.sentence, initial_indent=INDENT, subsequent_indent=INDENT)
    yield from more_lines(verdict.words, verdict.advice, INDENT, hints)


def more_lines(words: str, advice: Advice | None, indent: str, hints: int = 1) -> Iterator[str]:
    """Yield what the code printed last, and the advice: the question, and then the hint."""
    if words:
        yield from wrap(f"it printed last: {words}", initial_indent=indent, subsequent_indent=indent)
    for mark, text in (("?  ", advice and advice.question), ("-> ", advice and advice.hint)):
        # A hint without a question says how to go on at all: it is always shown.
        if text and (mark == "?  " or hints or not (advice and advice.question)):
            yield from wrap(mark + text, initial_indent=indent, subsequent_indent=indent + "   ")


def as_text(lesson: Iterable[str]) -> Iterator[str]:
    """Yield the Markdown of a lesson as it reads well in a terminal.

    Prose and tables fit the terminal, there are no comments, and code, between rules, is as it can be copied.
    """
    width = min(shutil.get_terminal_size((WIDTH, 24)).columns or WIDTH, WIDTH)
    prose = ""
    in_code = skips = False
    for line in [*lesson, ""]:
        is_prose = line and not in_code and not line.startswith(("```", "<!--", "|"))
        if not is_prose or line.startswith("- "):
            yield from wrap(plain(prose), width=width, subsequent_indent="  " * prose.startswith("- "))
            prose = ""
        left_out = line.startswith(("<!--", "|--", "| --"))
        skips = left_out or (skips and not line)  # with the blank lines after it
        if is_prose:
            prose = f"{prose} {line.strip()}".strip()
        elif line.startswith("```"):
            in_code = not in_code
            yield RULE
        elif in_code:
            yield line
        elif not skips:
            row = "- " * line.startswith("|") + plain(line.strip("| "))
            yield from wrap(row, width=width, subsequent_indent="  ") or [""]


def plain(text: str) -> str:
    """Return prose in Markdown without its links, pictures and bold type."""
    text = re.sub(r"!\[([^]]*)\]\([^)]*\)", r"(Picture: \1)", text)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*\*([^*`]+)\*\*", r"\1", text)
