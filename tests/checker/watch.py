"""Check an exercise whenever you save it, and show one thing at a time.

The code in REPO is run, in a copy: give it only code that you would run yourself.
"""

from __future__ import annotations

import argparse
import os
import select
import shlex
import sys
import termios
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Callable, Dict, Tuple

from checker.cards import Step, card, heading, is_out_of_reach, is_right, lacks
from checker.checkout import find_folders, is_begun, locate
from checker.command import check_repo, may_run, run, start_server
from checker.model import ASKED, BEYOND, FIRST, Result, Task
from checker.run import PULSE, TASKS, check, wanted_tasks

VERB = "make watch"
USAGE = "make watch REPO=FOLDER [YES=1]"

Marks = Dict[Path, Tuple[int, int, int]]


def main() -> int:
    parser = argparse.ArgumentParser(prog=VERB, usage=USAGE, description=__doc__)
    parser.add_argument("repo", metavar="REPO", help="the folder with the exercises")
    parser.add_argument("--yes", action="store_true", help="do not ask before the code is run (make: YES=1)")
    arguments = parser.parse_args()
    check_repo(parser, arguments.repo)
    if not may_run(VERB, arguments.repo, arguments.yes):
        return 2
    with ExitStack() as stack:
        Watch(Path(os.path.expanduser(arguments.repo)).resolve(), stack).run()
    return 0


class Saves:
    """The Python files in the exercise folders, and which of them were saved since the last look."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo
        self.marks = self.look()

    def look(self) -> Marks:
        """Return a mark of each file, which a save changes, however the editor saves."""
        marks = {}
        with suppress(OSError):  # a folder may be gone for a moment, as a file may
            for folder in find_folders(self.repo).values():
                for path in folder.glob("*.py"):
                    with suppress(OSError):
                        found = path.stat()
                        marks[path] = (found.st_mtime_ns, found.st_size, found.st_ino)
        return marks

    def are_new(self) -> bool:
        """Tell whether something was saved that take() hasn't returned yet. A file that is gone may come back."""
        return any(self.marks.get(path) != mark for path, mark in self.look().items())

    def take(self) -> list[Path]:
        """Return the files saved since the last call, the last one first, once nothing more is being saved."""
        before = self.marks
        while self.are_new():
            self.marks = {**self.marks, **self.look()}
            time.sleep(PULSE / 2)
        saved = [path for path, mark in self.marks.items() if before.get(path) != mark]
        return sorted(saved, key=lambda path: self.marks[path], reverse=True)

    def behind(self, task: Task[Any]) -> Marks:
        """Return the marks of a solution, of the files beside it that it names, and of those that these name."""
        file = locate(self.repo, task)
        marks: Marks = {}
        waiting = [file] if file in self.marks else []
        while waiting:
            path = waiting.pop()
            if path not in marks:
                marks[path] = self.marks[path]
                beside = [other for other in self.marks if other.parent == path.parent]
                with suppress(OSError):
                    text = path.read_text(encoding="utf-8", errors="replace")
                    waiting += [other for other in beside if other.stem in text]
        return marks


class Watch:
    """What a learner sees, from the exercise that was saved last until all are right."""

    def __init__(self, repo: Path, stack: ExitStack) -> None:
        self.repo = repo
        self.stack = stack
        self.saves = Saves(repo)
        self.results: dict[str, Result] = {}
        self.checked: dict[str, Marks] = {}  # the files that these results are about
        self.steps: list[Step] = []
        self.server: dict[str, str] | None = None
        self.has_asked_for_a_server = False

    def run(self) -> None:
        files = self.files()
        begun = [path for path, task in files.items() if is_begun(path, task)]
        say("Save an exercise, and it's checked here. Ctrl-C ends this.")
        if begun:
            say("", "Checking what you have so far ...")
        self.check(TASKS)
        newest = max(begun, key=lambda path: self.saves.marks.get(path, (0, 0, 0)), default=None)
        task: Task[Any] | None = files[newest] if newest else wanted_tasks([FIRST])[0]
        stopped = None
        while task is not None:
            if task is not stopped:
                say("", heading(task))
            stopped = task if self.is_stale(task) and not self.check([task], self.nothing_is_saved) else None
            if not stopped:
                self.show(self.results[task.name])
                if not any(lacks(self.results[task.name], level) for level in (ASKED, BEYOND)):
                    task = self.next_after(task)
                    continue
            task = self.wait(task)

    def files(self) -> dict[Path, Task[Any]]:
        """Return where the learner has the exercises; one that isn't there is left out."""
        found = {locate(self.repo, task): task for task in TASKS}
        return {path: task for path, task in found.items() if path}

    def place(self, task: Task[Any]) -> str:
        """Return the path of the learner's file, as it can be pasted into a shell that stands anywhere."""
        return shlex.quote(str(locate(self.repo, task) or self.repo / task.stub.parent.name / task.file))

    def is_stale(self, task: Task[Any]) -> bool:
        """Tell whether this task, or a file that it uses, was saved since it was checked."""
        return self.checked.get(task.name) != self.saves.behind(task)

    def nothing_is_saved(self) -> bool:
        return not self.saves.are_new()

    def check(self, tasks: list[Task[Any]], keep_going: Callable[[], bool] = lambda: True) -> bool:
        """Check these tasks, and tell whether that came to its end."""
        files = self.files().items()
        if any(task.project == "generators" and is_begun(path, task) for path, task in files):
            self.start_server()
        results = list(check(self.repo, self.server, tasks, keep_going=keep_going))
        for result in results:
            self.results[result.task.name] = result
            self.checked[result.task.name] = self.saves.behind(result.task)
        return len(results) == len(tasks)

    def start_server(self) -> None:
        """Start the server that all generators share, when the first one needs it."""
        if not self.has_asked_for_a_server:
            self.has_asked_for_a_server = True
            say("  (starting a MySQL server, just this once)")
            self.server = start_server(VERB, self.stack)

    def show(self, result: Result) -> None:
        lines, self.steps, read = card(result, self.place(result.task))
        say(*lines)
        if sys.stdin.isatty():
            termios.tcflush(sys.stdin, termios.TCIFLUSH)  # an Enter from before wasn't meant for this
        else:
            say(*(line for step in self.steps[:-1] for line in step.lines))
        say(*read)
        if not lacks(result, ASKED) and lacks(result, BEYOND):
            following = self.first_that_lacks(ASKED, result.task)
            if following:
                say(f"  next       {following.name}: {self.place(following)}")
        self.say_what_enter_does(self.progress() if sys.stdout.isatty() else "")

    def progress(self) -> str:
        asked = [result for result in self.results.values() if is_right(result, ASKED)]
        complete = [result for result in asked if is_right(result, BEYOND)]
        return f"{len(asked)} of {len(TASKS)} exercises as asked, {len(complete)} complete"

    def say_what_enter_does(self, progress: str = "") -> None:
        enter = f"Enter: {self.steps[0].name}" if self.steps and sys.stdin.isatty() else ""
        if progress or enter:
            say(f"  [{'; '.join(filter(None, [progress, enter]))}]")

    def first_that_lacks(self, level: str, after: Task[Any]) -> Task[Any] | None:
        """Return the next task with something to do in this level: those of the same project come first."""
        here = TASKS.index(after)
        following = [*TASKS[here + 1 :], *TASKS[:here]]
        following.sort(key=lambda task: task.project != after.project)
        return next((task for task in following if lacks(self.results.get(task.name), level)), None)

    def next_after(self, task: Task[Any]) -> Task[Any] | None:
        """Return where to go on after a task that is right, or None if all are, and say so."""
        following = self.first_that_lacks(ASKED, task) or self.first_that_lacks(BEYOND, task)
        if following:
            return following
        stale = [task for task in TASKS if self.is_stale(task)]
        if stale:
            say("", "Checking once more what may have changed since ...")
            self.check(stale)
            return self.next_after(task)
        untried = {result.sentence for result in self.results.values() if is_out_of_reach(result)}
        right = "All that can be checked here is" if untried else f"All {len(TASKS)} exercises are"
        say("", f"{right} right, as asked and beyond.", *sorted(untried))
        return None

    def wait(self, task: Task[Any]) -> Task[Any] | None:
        """Return the task to check when something is saved; None when the input ends (Ctrl-D)."""
        while True:
            saved = self.saves.take()
            if saved:
                files = self.files()
                exercises = [files[path] for path in saved if path in files]
                if exercises or self.is_stale(task):  # else it's no file of this exercise
                    return exercises[0] if exercises else task
            if not sys.stdin.isatty():
                time.sleep(PULSE)
            elif select.select([sys.stdin], [], [], PULSE)[0]:
                if not os.read(sys.stdin.fileno(), 1000):
                    return None
                self.take_a_step()

    def take_a_step(self) -> None:
        """Show what Enter asks for: the hint, and then the lesson."""
        if self.steps:
            say(*self.steps.pop(0).lines)
            self.say_what_enter_does()
        else:
            say("  [nothing more to show; save the file to check it again]")


def say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    run(main)
