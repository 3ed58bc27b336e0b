"""Find somebody's solutions, copy them, and run the probes of each task in a process of its own."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Iterable

from checker.probing import FOLDERS, ROOT, Probe, Task

NAMES = """generators_seed generators_0 generators_1 generators_2 generators_4
    decorators_0 decorators_1 decorators_2 decorators_3 decorators_4 context_0 context_1 context_3""".split()
TASKS: dict[str, Task] = {name: import_module(f"checker.tasks.{name}").TASK for name in NAMES}
FOLDER_NAMES = {
    "generators": re.compile(r"python[-_ ]?generators", re.IGNORECASE),
    "decorators": re.compile(r"python[-_ ]?decorators", re.IGNORECASE),
    "context": re.compile(r"python[-_ ]?context[-_ ]?async", re.IGNORECASE),  # "-perations-", as a rule
}
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "venv", "env", "node_modules", "__pycache__", "*.db", "*.db-*"
)
MOST_HANGS = 2  # a task whose probes hang twice is not tried any longer


@dataclass
class Result:
    """What became of a task: a fault, or None, for each probe that was run; or why none was."""

    task: Task
    not_found: str = ""
    faults: list[tuple[Probe, str | None]] = field(default_factory=list)

    def score(self, level: str) -> tuple[int, int]:
        """Return how many promises of this level are kept, and how many there are."""
        kept = sum(fault is None for probe, fault in self.faults if probe.level == level)
        return kept, sum(probe.level == level for probe in self.task.probes)


def find_folders(repo: Path) -> dict[str, Path]:
    """Return the exercise folders in a checkout, which may itself be one, by the name of the project."""
    folders = [repo, *sorted(path for path in repo.iterdir() if path.is_dir())]
    found: dict[str, Path] = {}
    for project, pattern in FOLDER_NAMES.items():
        matching = [folder for folder in folders if pattern.match(folder.name)]
        if matching:
            found[project] = matching[0]
    return found


def find_file(folder: Path, task: Task) -> Path | None:
    """Return the file of a task: by its name, or else the only one with its number."""
    if (folder / task.file).is_file():
        return folder / task.file
    number = task.file.split("-")[0]
    others = [path for path in folder.glob(f"{number}[-_]*.py") if "main" not in path.name]
    return others[0] if len(others) == 1 else None


def check(
    repo: Path, server: dict[str, str] | None, only: Iterable[str] = (), limit: float = 20
) -> list[Result]:
    """Return a result for each task; `server` has the MYSQL_* settings of a throwaway server.

    Two tasks run at a time. Those with MySQL share a server, and so they run one after the other.
    """
    folders = find_folders(repo)
    wanted = [(name, task) for name, task in TASKS.items() if is_wanted(task, only)]
    with tempfile.TemporaryDirectory(prefix="check-") as home:

        def run(named: tuple[str, Task]) -> Result:
            return check_task(*named, repo, folders, Path(os.path.realpath(home)), server, limit)

        def run_all(some: list[tuple[str, Task]]) -> list[Result]:
            return [run(named) for named in some]

        with ThreadPoolExecutor(2) as pool:
            lanes = [
                [n for n in wanted if (n[1].project == "generators") is mysql] for mysql in (True, False)
            ]
            return [result for lane in pool.map(run_all, lanes) for result in lane]


def is_wanted(task: Task, only: Iterable[str]) -> bool:
    return not only or any(task.name == name or task.project == name for name in only)


def check_task(
    name: str,
    task: Task,
    repo: Path,
    folders: dict[str, Path],
    home: Path,
    server: dict[str, str] | None,
    limit: float,
) -> Result:
    """Copy the folder of one task, and run its probes there."""
    result = Result(task)
    if task.project not in folders:
        result.not_found = f"there is no folder like {FOLDERS[task.project]}"
        return result
    if find_file(folders[task.project], task) is None:
        result.not_found = f"there is no {task.file} in {folders[task.project].name}"
        return result
    if task.project == "generators" and server is None:
        result.not_found = "not run: no MySQL server program is installed"
        return result
    place = home / name
    folder = place / "exercise" / folders[task.project].name
    copy(folders[task.project], folder)
    for dotenv in {repo, folders[task.project].parent}:
        with suppress(OSError):
            shutil.copy(dotenv / ".env", folder.parent)
    if not (folder / "user_data.csv").exists():
        shutil.copy(ROOT / FOLDERS["generators"] / "user_data.csv", folder)
    file = find_file(folder, task)
    assert file is not None
    hangs = 0
    while len(result.faults) < len(task.probes):
        if hangs == MOST_HANGS:
            reason = "not tried, because the probes before it did not end"
            result.faults += [(probe, reason) for probe in task.probes[len(result.faults) :]]
            break
        hangs += run_probes(name, task, file, place, server, limit, result)
    return result


def copy(source: Path, target: Path) -> None:
    """Copy a folder without links to other folders and without what is not a solution."""

    def ignore(folder: str, names: list[str]) -> set[str]:
        left_out = NOT_COPIED(folder, names)
        paths = [Path(folder, name) for name in names]
        odd = {p.name for p in paths if (p.is_symlink() and p.is_dir()) or not (p.is_dir() or p.is_file())}
        return {*left_out, *odd}

    with suppress(shutil.Error):  # what cannot be read is missing, and is reported as such
        shutil.copytree(source, target, ignore=ignore)


def run_probes(
    name: str, task: Task, file: Path, home: Path, server: dict[str, str] | None, limit: float, result: Result
) -> bool:
    """Run the probes that have no result yet in one process; return whether one of them had to be ended."""
    reading, writing = os.pipe()
    arguments = [name, str(file), str(writing), str(len(result.faults))]
    with open(home / "words", "w") as words:
        process = subprocess.Popen(
            [*without_network(), sys.executable, "-m", "checker.child", *arguments],
            cwd=file.parent,
            env=environment(home, file.parent, server),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            pass_fds=[writing],
            start_new_session=True,
        )
    os.close(writing)
    running, hung = len(result.faults), False
    try:
        with os.fdopen(reading, "rb", buffering=0) as pipe:
            for message in messages(pipe, limit):
                running = message["number"]
                if message.get("done"):
                    result.faults.append((task.probes[running], message["fault"]))
                    running += 1
    except TimeoutError:
        hung = True
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
    if len(result.faults) < len(task.probes):
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        reason = f"did not end within {limit:g} seconds" if hung else f"ended the whole process ({how})"
        result.faults.append((task.probes[len(result.faults)], f"the code {reason}"))
        return True
    return False


def messages(pipe: Any, limit: float) -> Iterable[Any]:
    """Yield what the process reports, until it ends; raise TimeoutError when a probe takes too long."""
    pending = b""
    while True:
        deadline = time.monotonic() + limit
        while b"\n" not in pending:
            if not select.select([pipe], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            received = pipe.read(65536)
            if not received:
                return
            pending += received
        line, pending = pending.split(b"\n", 1)
        yield json.loads(line)


def environment(home: Path, folder: Path, server: dict[str, str] | None) -> dict[str, str]:
    """Return the few variables that the code gets to see: none of those that the checker was started with."""
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT / "tests"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "USERS_DB": str(folder / "users.db"),
    }
    variables.update(dict.fromkeys(["HOME", "TMPDIR"], str(home)))
    if server:
        variables["CHECKER_SOCKET"] = server["MYSQL_UNIX_SOCKET"]
    return variables


def without_network() -> list[str]:
    """Return the command that takes the network from a process, where Linux lets its user do that."""
    for command in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        with suppress(OSError):
            if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode == 0:
                return command
    return []
