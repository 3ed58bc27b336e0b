"""Check somebody's solutions of the exercises, and print what works and what does not.

The code in REPO is run, in a copy: give it only code that you would run yourself.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, Iterable, Iterator

from checker.checkout import find_folders
from checker.model import ASKED, FOLDERS, ROOT, Result
from checker.report import report, total
from checker.run import LIMIT, TASKS, check, wanted_tasks

WARNING = """\
This runs the Python code in {repo}, in a copy, without the network and with a time limit.
It cannot change files outside its temporary folder by the usual ways, but it can read what you can read.
"""
USAGE = "make check REPO=FOLDER [ONLY=generators/0] [YES=1]"


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    arguments = parse()
    repo = Path(arguments.repo).expanduser().resolve()
    print(WARNING.format(repo=arguments.repo), flush=True)
    if not arguments.yes and not may_run():
        return 2
    tasks = wanted_tasks(arguments.only)
    results: list[Result] = []
    with ExitStack() as stack:
        server = None
        if any(task.project == "generators" for task in tasks):
            server = start_server(stack)
        found = check(repo, server, tasks, arguments.limit)
        stack.callback(found.close)
        for line in report(remember(found, results)):
            print(line, flush=True)
    kept, promised = total(results, ASKED)
    return 0 if kept == promised else 1


def remember(found: Iterable[Result], results: list[Result]) -> Iterator[Result]:
    for result in found:
        results.append(result)
        yield result


def stop(number: int, frame: FrameType | None) -> None:
    """End at once and quietly, as a signal does, but without leaving anything behind."""
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)


def parse() -> argparse.Namespace:
    """Return the arguments, or end with a sentence about the one that is wrong."""
    names = [task.name for task in TASKS]
    parser = argparse.ArgumentParser(prog="make check", usage=USAGE, description=__doc__)
    parser.add_argument("repo", metavar="REPO", help="the checkout with the exercise folders")
    only = f"one of: {', '.join(names)}, or a project: {', '.join(FOLDERS)}"
    parser.add_argument("--only", action="append", default=[], metavar="TASK", help=only)
    limit = f"for each promise; default: {LIMIT:g}"
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help=limit)
    parser.add_argument("--yes", action="store_true", help="do not ask before the code is run (make: YES=1)")
    arguments = parser.parse_args()
    if not arguments.repo:
        parser.error("name the checkout: make check REPO=~/my-alx-backend-python")
    repo = Path(arguments.repo).expanduser()
    if not repo.is_dir():
        parser.error(f"REPO is not a folder: {arguments.repo!r}")
    for name in arguments.only:
        if name not in [*names, *FOLDERS]:
            parser.error(f"there is no task {name!r}; there are {', '.join(names)}")
    if not arguments.limit > 0:
        parser.error(f"--limit must be more than 0 seconds, not {arguments.limit:g}")
    if not find_folders(repo.resolve()):
        parser.error(f"no exercise folder in {arguments.repo!r}; looked for {', '.join(FOLDERS.values())}")
    return arguments


def may_run() -> bool:
    """Ask whether the code may be run; without a terminal the answer is no."""
    if not sys.stdin.isatty():
        print("make check: nobody can be asked here; add YES=1 to run it", file=sys.stderr)
        return False
    try:
        return input("Run it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def start_server(stack: ExitStack) -> dict[str, str] | None:
    """Start a throwaway MySQL server until the stack is left; return its settings, or None without a program."""
    sys.path.append(str(ROOT / FOLDERS["generators"]))
    throwaway: Any = importlib.import_module("throwaway_mysql")
    try:
        return stack.enter_context(throwaway.ThrowawayServer())
    except FileNotFoundError as error:
        print(f"make check: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    sys.exit(main())
