"""What `make watch` says about one exercise: what works, the first thing that doesn't, and its advice in steps."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any, Iterator, NamedTuple

from checker.model import ASKED, BEYOND, FOLDERS, OK, WRONG, Advice, Result, Task, Verdict
from checker.report import INDENT, as_text, more_lines, wrap

WHOSE = "(The commands in this lesson run this repository's scripts, in its folder {}.)"


class Step(NamedTuple):
    """What comes next if it's asked for: what it is called, and its lines."""

    name: str
    lines: list[str]


class Card(NamedTuple):
    """The lines about an exercise, what there is to ask for afterwards, and where the lesson is."""

    lines: list[str]
    steps: list[Step]
    read: list[str]


def heading(task: Task[Any]) -> str:
    return f"{task.name}  {task.title}"


def lacks(result: Result | None, level: str) -> bool:
    """Tell whether there is still something to do in this level."""
    return result is None or not (is_right(result, level) or is_out_of_reach(result))


def is_out_of_reach(result: Result) -> bool:
    """Tell whether nothing that the learner does can get this tried here: there is no server program."""
    return result.state == "unavailable" and not result.hint


def is_right(result: Result, level: str) -> bool:
    kept, promised = result.score(level)
    return kept == promised


def card(result: Result, place: str) -> Card:
    """Return what to show about an exercise in the file `place`, one thing at a time."""
    task = result.task
    whose = WHOSE.format(FOLDERS[task.project])
    lesson = Step("the lesson", ["", *as_text([whose, "", *task.lesson])])
    exercise = Step("the exercise", ["", *exercise_text(task), ""])
    read = [f"  read       {task.link} (in this repository)"]
    if result.state == "not found":
        return Card(
            labelled("not found", f"{result.sentence}; make start writes what is missing"), [lesson], read
        )
    if result.state == "not begun" and result.sentence:
        return Card(labelled("your turn", result.sentence), [exercise, lesson], read)
    if result.state == "not begun":
        begin = [*labelled("not begun", purpose(task)), f"  open       {place}"]
        return Card(begin, [exercise, lesson], read)
    if result.state == "unavailable":
        hint = more_lines(result.words, Advice("", result.hint), INDENT)
        return Card([*labelled("not tried", result.sentence), *hint], [], [])
    for level in (ASKED, BEYOND):
        if not is_right(result, level):
            wrong = next(
                verdict for verdict in result.verdicts if verdict.level == level and verdict.outcome != OK
            )
            question, steps = advice(wrong)
            if "syntax error" in result.sentence:  # the place is what helps, and no lesson does
                return Card([*fault(wrong), *question], steps, [])
            return Card([*works(result, level), *fault(wrong), *question], [*steps, lesson], read)
    return Card(labelled("ok", "all that is asked, and all that good code promises beyond it"), [], [])


def works(result: Result, level: str) -> list[str]:
    """Return in a line what the solution does already."""
    kept = [v.probe.promise for v in result.verdicts if v.level == ASKED and v.outcome == OK]
    if level == BEYOND:
        return labelled("ok", "all that is asked, and {} of {} beyond it".format(*result.score(BEYOND)))
    return labelled("ok", "; ".join(kept)) if kept else []


def fault(verdict: Verdict) -> Iterator[str]:
    beyond = verdict.level == BEYOND and verdict.outcome == WRONG
    yield from labelled("beyond" if beyond else verdict.outcome, verdict.probe.promise)
    if verdict.sentence:
        yield from wrap(verdict.sentence, initial_indent=INDENT, subsequent_indent=INDENT)
    yield from more_lines(verdict.words, None, INDENT)


def advice(verdict: Verdict) -> tuple[list[str], list[Step]]:
    """Return the question to ask oneself, and the hint as a step; a hint without a question is shown at once."""
    given = verdict.advice or Advice("", "")
    hint = list(more_lines("", Advice("", given.hint), INDENT))
    if not given.question:
        return hint, []
    return list(more_lines("", Advice(given.question, ""), INDENT)), [Step("a hint", hint)] if hint else []


def purpose(task: Task[Any]) -> str:
    """Return the first sentence of an exercise."""
    return exercise_text(task)[0]


def exercise_text(task: Task[Any]) -> list[str]:
    """Return the lines that say what to write, what goes in and what comes out."""
    tree = ast.parse(task.stub.read_text(encoding="utf-8"))
    text = (ast.get_docstring(tree) or task.title).split("\n\nCheck:")[0]
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            promise = ast.get_docstring(node) or ""
            if re.search("^(In|Out):", promise, re.MULTILINE):
                text += f"\n\n{node.name}\n" + textwrap.indent(promise, "    ")
    return text.splitlines()


def labelled(label: str, text: str) -> list[str]:
    return wrap(text, initial_indent=f"  {label:<9}  ", subsequent_indent=INDENT)
