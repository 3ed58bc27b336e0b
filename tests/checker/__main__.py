"""Check somebody's solutions of the exercises, and print what works and what does not.

The code in REPO is run, in a copy: give it only code that you would run yourself.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Iterable, Iterator

from checker.command import check_repo, may_run, run, start_server
from checker.model import ASKED, FOLDERS, Result
from checker.report import report, total
from checker.run import LIMIT, TASKS, check, wanted_tasks

USAGE = "make check REPO=FOLDER [ONLY=generators/0] [YES=1]"


def main() -> int:
    arguments = parse()
    repo = Path(arguments.repo).expanduser().resolve()
    if not may_run("make check", arguments.repo, arguments.yes):
        return 2
    tasks = wanted_tasks(arguments.only)
    results: list[Result] = []
    with ExitStack() as stack:
        server = None
        if any(task.project == "generators" for task in tasks):
            server = start_server("make check", stack)
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
    check_repo(parser, arguments.repo)
    for name in arguments.only:
        if name not in [*names, *FOLDERS]:
            parser.error(f"there is no task {name!r}; there are {', '.join(names)}")
    if not arguments.limit > 0:
        parser.error(f"--limit must be more than 0 seconds, not {arguments.limit:g}")
    return arguments


if __name__ == "__main__":
    run(main)
