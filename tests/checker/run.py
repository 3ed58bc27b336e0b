"""Run the probes of each task in a process of its own, on a copy, and yield what came of it."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, Generator, Iterable

from checker.checkout import copy_exercise, find_file, find_folders, is_begun, passed_over, runs_above
from checker.model import NOT_TRIED, ROOT, WRONG, Advice, Result, Task, Verdict
from checker.nursery import Process

NAMES = """generators_seed generators_0 generators_1 generators_2 generators_4
    decorators_0 decorators_1 decorators_2 decorators_3 decorators_4 context_0 context_1 context_3""".split()
TASKS: list[Task[Any]] = [import_module(f"checker.tasks.{name}").TASK for name in NAMES]
LIMIT = 10.0  # seconds for each promise
PULSE = 0.2  # seconds between two looks at whether to go on
MOST_ENDINGS = 2  # a task that ended its process, or had to be ended, so often is not tried any longer


def wanted_tasks(only: Iterable[str]) -> list[Task[Any]]:
    """Return the tasks of these names, or of these projects; all without a name."""
    only = list(only)
    return [task for task in TASKS if not only or task.name in only or task.project in only]


def check(
    repo: Path,
    server: dict[str, str] | None,
    tasks: Iterable[Task[Any]] = TASKS,
    limit: float = LIMIT,
    keep_going: Callable[[], bool] = lambda: True,
) -> Generator[Result, None, None]:
    """Yield the result of each task, in their order, as soon as it is there.

    `server` has the MYSQL_* settings of a throwaway server; only generators get to see it, and one after the
    other. A task of another project runs at the same time. `keep_going` is asked several times a second; when it
    returns False, no further result comes. Closing this iterator, or an exception such as
    KeyboardInterrupt inside it, ends all processes at once and removes the copies.
    """
    tasks = list(tasks)
    folders = find_folders(repo)
    home = Path(os.path.realpath(tempfile.mkdtemp(prefix="check-")))
    done: dict[str, Result] = {}
    waiting: dict[bool, deque[Run]] = {True: deque(), False: deque()}
    running: dict[bool, Run] = {}
    try:
        for task in tasks:
            result = Result(task)
            file = not_to_run(result, folders, server)
            if file is None:
                done[task.name] = result
                continue
            uses_mysql = task.project == "generators"
            waiting[uses_mysql].append(Run(result, file, repo, home, server if uses_mysql else None, limit))
        for task in tasks:
            while task.name not in done:
                if not keep_going():
                    return
                for lane, queue in waiting.items():
                    if lane not in running and queue:
                        queue[0].start()
                        running[lane] = queue.popleft()
                soonest = min(run.deadline for run in running.values())
                pause = min(PULSE, max(0, soonest - time.monotonic()))
                ready = select.select(list(running.values()), [], [], pause)[0]
                for lane, run in list(running.items()):
                    if run in ready:
                        run.receive()
                    elif time.monotonic() >= run.deadline:
                        run.end(f"did not end within {limit:g} seconds")
                    if run.is_done:
                        done[run.result.task.name] = running.pop(lane).result
            done[task.name].notes[:0] = passed_over(repo, task.project)
            yield done[task.name]
    finally:
        for run in running.values():
            run.kill()
        shutil.rmtree(home, ignore_errors=True)


def not_to_run(result: Result, folders: dict[str, Path], server: dict[str, str] | None) -> Path | None:
    """Return the file of a task; if it cannot be run, let the result say why, and return None."""
    task = result.task
    result.lacks_server = task.project == "generators" and server is None
    if task.project not in folders:
        result.stop("not found", f"there is no folder like {task.stub.parent.name}")
        return None
    file = find_file(folders[task.project], task)
    if file is None:
        result.stop("not found", f"there is no {task.file} in {folders[task.project].name}")
    elif not is_begun(file, task):
        result.stop("not begun", "")
        return None
    elif result.lacks_server:
        result.stop("unavailable", "no MySQL server program is installed")
        return None
    return file


@dataclass
class Run:
    """The processes that run the probes of one task, one after the other if one ends too early."""

    result: Result
    original: Path
    repo: Path
    home: Path
    server: dict[str, str] | None
    limit: float
    is_done: bool = False
    deadline: float = 0
    endings: int = 0

    @property
    def module(self) -> str:
        return self.result.task.name.replace("/", "_")

    def start(self) -> None:
        """Copy the solution, and start the first process."""
        place = self.home / self.module
        self.file = copy_exercise(self.original, self.repo, self.result.task, place)
        self.result.notes += runs_above(self.original)
        self.start_process()

    def start_process(self) -> None:
        request = {
            "task": self.module,
            "file": str(self.file),
            "first": len(self.result.verdicts),
            "environment": environment(self.home / self.module, self.file.parent, self.server),
        }
        with open(self.home / self.module / "words", "w") as words:
            self.process = Process(request, words.fileno(), variables())
        self.pending = b""
        self.deadline = time.monotonic() + self.limit

    def fileno(self) -> int:
        return self.process.reports

    def receive(self) -> None:
        """Take in what the process reported, or that it has ended."""
        received = os.read(self.fileno(), 65536)
        if not received:
            status = self.kill()
            how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
            return self.end(f"ended the whole process ({how})")
        *lines, self.pending = (self.pending + received).split(b"\n")
        for line in lines:
            self.take(json.loads(line))
        return None

    def take(self, message: dict[str, Any]) -> None:
        result = self.result
        self.deadline = time.monotonic() + self.limit
        result.notes += [note for note in message.get("notes", ()) if note not in result.notes]
        if "state" in message:
            result.stop(message["state"], message["sentence"], message["hint"], message["words"])
            for read in message.get("read", ()):
                result.verdicts[read["number"]] = self.verdict(read)
        elif "outcome" in message:
            result.verdicts.append(self.verdict(message))
        if len(result.verdicts) == len(result.task.probes):
            self.kill()
            self.is_done = True

    def verdict(self, message: dict[str, Any]) -> Verdict:
        advice = Advice(*message["advice"]) if message.get("advice") else None
        probe = self.result.task.probes[message["number"]]
        return Verdict(probe, message["outcome"], message["sentence"], advice, message["words"])

    def end(self, how: str) -> None:
        """Blame the probe that ran for the end of the process; go on with the next, unless it is hopeless."""
        self.kill()
        result = self.result
        probe = result.task.probes[len(result.verdicts)]
        self.endings += 1
        if probe.decides:
            result.stop("broken", f"the code {how}")
        else:
            result.verdicts.append(Verdict(probe, WRONG, f"the code {how}"))
        if self.endings == MOST_ENDINGS:
            rest = result.task.probes[len(result.verdicts) :]
            result.verdicts += [Verdict(p, NOT_TRIED, f"twice the code {how}") for p in rest]
        if len(result.verdicts) == len(result.task.probes):
            self.is_done = True
        else:
            self.start_process()

    def kill(self) -> int:
        return self.process.kill()


def variables() -> dict[str, str]:
    """Return the environment of the nursery: next to nothing of what the checker was started with."""
    passed_on = {name: os.environ[name] for name in ["PATH", "PYTHONDONTWRITEBYTECODE"] if name in os.environ}
    return {**passed_on, "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT / "tests"), "PYTHONIOENCODING": "utf-8"}


def environment(home: Path, folder: Path, server: dict[str, str] | None) -> dict[str, str]:
    """Return what the environment of a process has besides."""
    found = {"HOME": str(home), "TMPDIR": str(home), "USERS_DB": str(folder / "users.db")}
    if server:
        found["CHECKER_SOCKET"] = server["MYSQL_UNIX_SOCKET"]
    return found
