"""Where somebody's solutions are in a checkout, and a copy of them to run."""

from __future__ import annotations

import re
import shlex
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from checker.model import FOLDERS, ROOT, Task

FOLDER_NAMES = {
    "generators": re.compile(r"python[-_ ]?generators", re.IGNORECASE),
    "decorators": re.compile(r"python[-_ ]?decorators", re.IGNORECASE),
    "context": re.compile(r"python[-_ ]?context[-_ ]?async", re.IGNORECASE),
}
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "venv", "env", "node_modules", "__pycache__", "*.db", "*.db-*"
)


def find_folders(repo: Path) -> dict[str, Path]:
    """Return the exercise folders in a checkout by the name of the project.

    Of two folders of one project, the one with more numbered scripts counts.
    """
    found = {project: matching_folders(repo, project) for project in FOLDER_NAMES}
    return {project: matching[0] for project, matching in found.items() if matching}


def matching_folders(repo: Path, project: str) -> list[Path]:
    folders = sorted(path for path in repo.iterdir() if path.is_dir())
    matching = [folder for folder in folders if FOLDER_NAMES[project].match(folder.name)]
    return sorted(matching, key=lambda folder: -len(list(folder.glob("[0-9]*.py"))))


def why_too_deep(path: Path, name: str) -> str:
    """Return the sentence about a path that is one project, and not the folder of them all; else nothing."""
    path = path.resolve()
    if not any(pattern.match(path.name) for pattern in FOLDER_NAMES.values()):
        return ""
    if path.is_dir() and find_folders(path):
        return ""
    return f"that's one project; name the folder above it: {name}={shlex.quote(str(path.parent))}"


def passed_over(repo: Path, project: str) -> list[str]:
    """Return, in a sentence, which folders of a project do not count; nothing if there is no choice."""
    names = [folder.name for folder in matching_folders(repo, project) if any(folder.glob("[0-9]*.py"))]
    return [f"{names[0]} is checked, and {' and '.join(names[1:])} is not"] if len(names) > 1 else []


def find_file(folder: Path, task: Task[Any]) -> Path | None:
    """Return the file of a task: by its name, or else the only one with its number."""
    if (folder / task.file).is_file():
        return folder / task.file
    number = task.file.split("-")[0]
    others = [path for path in folder.glob(f"{number}[-_]*.py") if "main" not in path.name]
    return others[0] if len(others) == 1 else None


def locate(repo: Path, task: Task[Any]) -> Path | None:
    """Return the file in which a checkout solves a task, or None."""
    folder = find_folders(repo).get(task.project)
    return folder and find_file(folder, task)


def is_begun(file: Path, task: Task[Any]) -> bool:
    """Tell whether a file differs from the exercise that `make start` wrote."""
    try:
        return file.read_bytes() != task.stub.read_bytes()
    except OSError:  # what cannot be read is reported when it is run
        return True


def copy_exercise(file: Path, repo: Path, task: Task[Any], place: Path) -> Path:
    """Copy the folder of a solution, with what belongs to it, into `place`; return the copy of the file.

    That is the .env, and each other exercise folder that the code names. Paths from the root of the
    repository lead there as well: `FOLDER/config.json` is found although the code runs in FOLDER.
    """
    folder = place / "exercise" / file.parent.name
    copy_folder(file.parent, folder)
    text = "\n".join(map(read, file.parent.glob("*.py")))
    for neighbour in exercise_folders(file.parent.parent):
        if neighbour.name in text:
            if neighbour.name != folder.name:
                copy_folder(neighbour, folder.parent / neighbour.name)
            with suppress(OSError):
                (folder / neighbour.name).symlink_to(folder.parent / neighbour.name)
    for above in {repo, file.parent.parent}:
        for name in (".env", ".gitignore"):
            with suppress(OSError):
                shutil.copy(above / name, folder.parent)
    for name in task.files:
        if not has_rows(folder / name):
            shutil.copy(ROOT / FOLDERS[task.project] / name, folder)
    return folder / file.name


def copy_folder(original: Path, folder: Path) -> None:
    with suppress(shutil.Error):  # what cannot be read is missing, and is reported as such
        shutil.copytree(original, folder, ignore=left_out)


def exercise_folders(repo: Path) -> list[Path]:
    """Return the folders of all projects in a checkout."""
    patterns = FOLDER_NAMES.values()
    folders = [path for path in sorted(repo.iterdir()) if path.is_dir()]
    return [folder for folder in folders if any(pattern.match(folder.name) for pattern in patterns)]


def read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:  # which is reported when it is run
        return ""


def runs_above(file: Path) -> list[str]:
    """Return, in a sentence, that a solution finds its files only from the folder above; nothing if it does not."""
    names = "|".join(re.escape(path.name) for path in [file.parent, *exercise_folders(file.parent.parent)])
    for path in re.findall(rf"""["']((?:{names})/[^"'\n]+)["']""", read(file)):
        if (file.parent.parent / path).is_file():
            return [f"{file.name} opens {path!r}, which is there only if it is run from the folder above"]
    return []


def has_rows(path: Path) -> bool:
    """Tell whether a CSV file is there and has more than a header: some keep an empty one in its place."""
    return path.is_file() and len(path.read_text(encoding="utf-8", errors="replace").split("\n", 2)) > 2


def left_out(folder: str, names: list[str]) -> set[str]:
    """Return what is not copied: links to other folders, and what is not a solution."""
    paths = [Path(folder, name) for name in names]
    odd = {p.name for p in paths if (p.is_symlink() and p.is_dir()) or not (p.is_dir() or p.is_file())}
    return {*NOT_COPIED(folder, names), *odd}
