"""Write the thirteen exercises into a folder of your own, ready to be solved.

A file that is there already is kept as it is. So it is safe to run this again: it adds what is missing.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checker.checkout import why_too_deep

ROOT = Path(__file__).resolve().parents[2]
STUBS = Path(__file__).resolve().parent / "stubs"
GENERATORS, DECORATORS, CONTEXT = FOLDERS = (  # as the curriculum spells them
    "python-generators-0x00",
    "python-decorators-0x01",
    "python-context-async-perations-0x02",
)
EXAMPLE = "~/my-alx-backend-python"
USAGE = f"make start DIR={EXAMPLE}"
NEXT = """
Next: solve {folder}/0-log_queries.py, which needs nothing but Python, and check it:
  make check REPO={repo} ONLY=decorators/0
or, while you work:
  make watch REPO={repo}
{readme} says more."""
GO_ON = """
Next: see how far you are:
  make check REPO={repo}
or go on with what you saved last:
  make watch REPO={repo}
{readme} says more."""


def exercise_files(users_db: Path, readme: Path) -> dict[str, Path]:
    """Return, for each file that a learner gets, where it is copied from."""
    files = {"README.md": readme}
    for folder in FOLDERS:
        files.update({f"{folder}/{path.name}": path for path in sorted((STUBS / folder).glob("*.py"))})
    files[f"{GENERATORS}/user_data.csv"] = ROOT / "python-generators-0x00" / "user_data.csv"
    files.update({f"{folder}/users.db": users_db for folder in (DECORATORS, CONTEXT)})
    return files


def make_users_db(path: Path) -> None:
    """Make the database of the SQLite exercises."""
    seed = ROOT / "python-decorators-0x01" / "seed.py"
    variables = {**os.environ, "USERS_DB": str(path)}
    subprocess.run([sys.executable, str(seed)], env=variables, stdout=subprocess.DEVNULL, check=True)


def refusal(directory: Path, names: list[str]) -> str | None:
    """Return why nothing can be written into this folder, or None."""
    real = Path(os.path.realpath(directory))
    if real == ROOT or ROOT in real.parents:
        return f"{directory} is inside this repository; choose a folder outside of it"
    if why_too_deep(real, "DIR"):
        return why_too_deep(real, "DIR")
    for folder in {parent for name in names for parent in (directory / name).parents}:
        if folder.exists() and not folder.is_dir():
            return f"{folder} is a file, not a folder"
    return None


def make_readme(directory: Path, path: Path) -> None:
    """Make the README, whose commands name this folder."""
    text = (STUBS / "README.md").read_text(encoding="utf-8")
    here = os.path.abspath(directory)
    for place in (*(f"/{folder}" for folder in FOLDERS), ""):  # a path is quoted as a whole
        text = text.replace(EXAMPLE + place, shlex.quote(here + place))
    path.write_text(text, encoding="utf-8")


def first_line(path: Path) -> bytes:
    """Return the first line of a file; of one that is a link to nowhere, nothing."""
    return path.read_bytes().split(b"\n")[0] if path.is_file() else b""


def is_begun(target: Path, source: Path) -> bool:
    """Tell whether a learner has begun to solve the exercise that was copied from `source`."""
    return source.suffix == ".py" and target.is_file() and target.read_bytes() != source.read_bytes()


def write(source: Path, target: Path) -> None:
    """Copy a file so that, whatever happens, it is there as a whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".start-", dir=target.parent) as place:
        os.replace(shutil.copy(source, place), target)


def start(directory: Path) -> None:
    """Write what is missing in this folder, print a line for each file, and then what to do next.

    Raises ValueError, before anything is written, if this folder will not do.
    """
    readme = STUBS / "README.md"  # what to read where a README of the learner's own is kept
    text = NEXT
    with tempfile.TemporaryDirectory() as place:
        users_db, our_readme = Path(place) / "users.db", Path(place) / "README.md"
        files = exercise_files(users_db, our_readme)
        reason = refusal(directory, list(files))
        if reason:
            raise ValueError(reason)
        make_users_db(users_db)
        make_readme(directory, our_readme)
        for name, source in files.items():
            target = directory / name
            if os.path.lexists(target):
                print(f"kept   {target} (it was there already)")
                text = GO_ON if is_begun(target, source) else text
            else:
                write(source, target)
                print(f"wrote  {target}")
        if first_line(directory / "README.md") == first_line(readme):  # also if it was written earlier
            readme = directory / "README.md"
    repo = shlex.quote(str(directory))
    print(text.format(folder=directory / DECORATORS, repo=repo, readme=readme))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make start", usage=USAGE, description=__doc__)
    parser.add_argument("directory", metavar="DIR", nargs="?", help="the folder; it is made if it is missing")
    directory = parser.parse_args().directory
    if not directory:
        print(f"name a folder for your solutions: {USAGE}", file=sys.stderr)
        return 2
    try:
        start(Path(os.path.expanduser(directory)))
    except ValueError as error:
        print(f"make start: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"make start: {error.filename2 or error.filename or directory}: {error.strerror}", file=sys.stderr
        )
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode  # seed.py has said what is wrong
    return 0


if __name__ == "__main__":
    sys.exit(main())
