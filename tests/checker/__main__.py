"""Check somebody's solutions of the exercises, and print what works and what does not.

The code in REPO is run, in a copy: give it only code that you would run yourself.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from checker.probing import ASKED, FOLDERS, ROOT
from checker.report import report, total
from checker.run import TASKS, check, find_folders, is_wanted

WARNING = """\
This runs the Python code in {repo}, in a copy, without the network and with a time limit.
It cannot change files outside its temporary folder by the usual ways, but it can read what you can read.
"""


def main() -> int:
    names = [task.name for task in TASKS.values()]
    parser = argparse.ArgumentParser(prog="make check", description=__doc__)
    parser.add_argument("repo", metavar="REPO", help="the checkout with the exercise folders")
    parser.add_argument(
        "--only", action="append", default=[], metavar="TASK", help=f"one of: {', '.join(names)}"
    )
    parser.add_argument(
        "--limit", type=float, default=20, metavar="SECONDS", help="for each promise; default: 20"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before the code is run")
    arguments = parser.parse_args()
    if not arguments.repo:
        parser.error("name the checkout: make check REPO=~/my-alx-backend-python")
    repo = Path(arguments.repo).expanduser()
    if not repo.is_dir():
        parser.error(f"REPO is not a folder: {arguments.repo!r}")
    repo = repo.resolve()
    for name in arguments.only:
        if name not in [*names, *FOLDERS]:
            parser.error(f"there is no task {name!r}; there are {', '.join(names)}")
    if not arguments.limit > 0:
        parser.error(f"--limit must be more than 0 seconds, not {arguments.limit:g}")
    if not find_folders(repo):
        parser.error(f"no exercise folder in {arguments.repo!r}; looked for {', '.join(FOLDERS.values())}")
    print(WARNING.format(repo=arguments.repo), flush=True)
    if sys.stdin.isatty() and not arguments.yes:
        try:
            input("Enter: run it, Ctrl-C: do not ")
        except (EOFError, KeyboardInterrupt):
            print()
            return 130
    with ExitStack() as stack:
        server = None
        if any(task.project == "generators" and is_wanted(task, arguments.only) for task in TASKS.values()):
            sys.path.append(str(ROOT / FOLDERS["generators"]))
            throwaway: Any = importlib.import_module("throwaway_mysql")
            try:
                server = stack.enter_context(throwaway.ThrowawayServer())
            except FileNotFoundError as error:
                print(f"make check: {error}", file=sys.stderr)
        results = check(repo, server, arguments.only, arguments.limit)
    print("\n".join(report(results)))
    kept, promised = total(results, ASKED)
    return 0 if kept == promised else 1


if __name__ == "__main__":
    sys.exit(main())
