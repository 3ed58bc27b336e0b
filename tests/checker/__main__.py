"""Check somebody's solutions of the exercises, and print what works and what does not.

Of several checkouts, or with CSV=FILE, each gets one line.
The code in REPO is run, in a copy: give it only code that you would run yourself.
"""

from __future__ import annotations

import argparse
import os
import shlex
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Iterable, Iterator

from checker.command import check_repo, may_run, run, start_server
from checker.many import lines
from checker.model import ASKED, FOLDERS, Result
from checker.report import report, total
from checker.run import LIMIT, TASKS, check, wanted_tasks

USAGE = """make check REPO=FOLDER [ONLY=generators/0] [HINT=2] [YES=1]
       make check REPOS="FOLDER 'A FOLDER WITH BLANKS' ..." [CSV=FILE] [ONLY=generators/0] [YES=1]"""
MOST_NAMED = 3  # checkouts that the question names; of more it says how many they are


def main() -> int:
    arguments = parse()
    repos = arguments.repos
    shown = ", ".join(repos) if len(repos) <= MOST_NAMED else f"these {len(repos)} folders"
    if not may_run("make check", shown, arguments.yes):
        return 2
    tasks = wanted_tasks(arguments.only)
    results: list[Result] = []
    with ExitStack() as stack:
        server = None
        if any(task.project == "generators" for task in tasks):
            server = start_server("make check", stack)
        one = partial(check, server=server, tasks=tasks, limit=arguments.limit)
        if len(repos) > 1 or arguments.csv:
            table = None
            if arguments.csv:
                table = stack.enter_context(arguments.csv.open("w", newline="", encoding="utf-8"))
            status = 0
            for line, is_complete in lines(repos, one, table):
                print(line, flush=True)
                status = status if is_complete else 1
            return status
        found = one(expanded(repos[0]))
        stack.callback(found.close)
        for line in report(remember(found, results), arguments.hints, only=bool(arguments.only)):
            print(line, flush=True)
    kept, promised = total(results, ASKED)
    return 0 if kept == promised else 1


def expanded(path: str) -> Path:
    return Path(os.path.expanduser(path)).resolve()  # the shell leaves the ~ of REPOS and CSV alone


def remember(found: Iterable[Result], results: list[Result]) -> Iterator[Result]:
    for result in found:
        results.append(result)
        yield result


def parse() -> argparse.Namespace:
    """Return the arguments, or end with a sentence about the one that is wrong."""
    names = [task.name for task in TASKS]
    parser = argparse.ArgumentParser(prog="make check", usage=USAGE, description=__doc__)
    parser.add_argument("repos", metavar="REPO", nargs="*", help="the checkout with the exercise folders")
    parser.add_argument(
        "--repos", dest="list", default="", metavar="NAMES", help="the same, in one text, as in a shell"
    )
    only = f"one of: {', '.join(names)}, or a project: {', '.join(FOLDERS)}"
    parser.add_argument("--only", action="append", default=[], metavar="EXERCISE", help=only)
    limit = f"for each promise; default: {LIMIT:g}"
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help=limit)
    parser.add_argument("--yes", action="store_true", help="do not ask before the code is run (make: YES=1)")
    hints = "0: questions; 1: also hints (default); 2: also our README about it (make: HINT=2)"
    parser.add_argument("--hints", default="1", metavar="N", help=hints)
    parser.add_argument(
        "--csv", type=expanded, metavar="FILE", help="where to write a row for each exercise (make: CSV=FILE)"
    )
    arguments = parser.parse_args()
    try:
        arguments.repos += shlex.split(arguments.list)
    except ValueError as error:
        parser.error(f"REPOS={arguments.list!r}: {error}")
    if len(arguments.repos) < 2:  # of many, what is wrong with one stands in its line
        check_repo(parser, "".join(arguments.repos))
    if arguments.hints not in ("0", "1", "2"):
        parser.error(f"HINT must be 0, 1 or 2, not {arguments.hints!r}")
    arguments.hints = int(arguments.hints)
    if arguments.csv and (arguments.csv.is_dir() or not os.access(arguments.csv.parent, os.W_OK)):
        parser.error(f"cannot write the CSV file {str(arguments.csv)!r}: not in that folder")
    for name in arguments.only:
        if name not in [*names, *FOLDERS]:
            parser.error(f"there is no {name!r}; ONLY is one of {', '.join([*FOLDERS, *names])}")
    if not arguments.limit > 0:
        parser.error(f"--limit must be more than 0 seconds, not {arguments.limit:g}")
    return arguments


if __name__ == "__main__":
    run(main)
