"""What the commands that run somebody's code have in common: their arguments, their question, their end."""

from __future__ import annotations

import argparse
import importlib
import os
import shlex
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, Callable, NoReturn

from checker.checkout import find_folders, why_too_deep
from checker.model import FOLDERS, ROOT, spellings

WARNING = """\
This runs the Python code in {repo}, in a copy, without the network and with a time limit.
It cannot change files outside its temporary folder by the usual ways, but it can read what you can read.
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(main: Callable[[], int]) -> NoReturn:
    """Exit with the status of main(), or quietly at a signal or when nobody reads any further."""
    for number in SIGNALS:
        signal.signal(number, stop)
    try:
        status = main()
    except BrokenPipeError:  # into `head`, say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 128 + signal.SIGPIPE
    sys.exit(status)


def stop(number: int, frame: FrameType | None) -> None:
    """End at once and quietly, as a signal does, but without leaving anything behind."""
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)


def check_repo(parser: argparse.ArgumentParser, repo: str) -> None:
    """End with a sentence if this is no checkout that has something to run."""
    if not repo:
        parser.error(f"name the folder with your solutions: {parser.prog} REPO=~/my-alx-backend-python")
    path = Path(os.path.expanduser(repo))
    problem = why_no_repo(path, repo)
    if problem:
        parser.error(problem)
    if not find_folders(path.resolve()):
        names = ", ".join(folder for project in FOLDERS for folder in spellings(project))
        start = f"to begin, write them with: make start DIR={shlex.quote(repo)}"
        parser.error(f"no exercise folder in {repo!r}; looked for {names}; {start}")


def why_no_repo(path: Path, repo: str) -> str:
    """Return the sentence about a name that is not that of a checkout; of an empty one, nothing."""
    if not path.is_dir():
        return f"REPO is not a folder: {repo!r} (a name with blanks goes in quotes: REPO='my folder')"
    return why_too_deep(path, "REPO")


def may_run(verb: str, repo: str, yes: bool) -> bool:
    """Say what is going to happen, and ask whether it may, unless `yes`; without a terminal it may not."""
    print(WARNING.format(repo=repo), flush=True)
    if yes:
        return True
    if not sys.stdin.isatty():
        print(f"{verb}: nobody can be asked here; add YES=1 to run it", file=sys.stderr)
        return False
    try:
        answer = input("Run it? [y/N] ")
    except EOFError:
        answer = ""
        print()
    if answer.strip().lower() in ("y", "yes"):
        return True
    print("Nothing was run.", flush=True)
    return False


def start_server(verb: str, stack: ExitStack) -> dict[str, str] | None:
    """Start a throwaway MySQL server until the stack is left; return its settings, or None if that fails."""
    sys.path.append(str(ROOT / FOLDERS["generators"]))
    throwaway: Any = importlib.import_module("throwaway_mysql")
    try:
        return stack.enter_context(throwaway.ThrowawayServer())
    except (OSError, RuntimeError) as error:
        print(f"{verb}: {error}", file=sys.stderr)
        return None
