"""Every README tells the truth: each link leads somewhere, and each block does what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

from support import GENERATORS, PROJECTS, ROOT, SCRIPTS

import pytest

READMES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(project / "README.md" for project in PROJECTS),
    ROOT / "tests" / "benchmarks" / "README.md",
]
EXERCISES = ROOT / "tests" / "checker" / "stubs" / "README.md"  # which goes into the learner's folder
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^>]+) -->\n+)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """A fenced block of a page: its kind, its text, and why the tests don't run it."""

    kind: str
    text: str
    reason: str | None


def blocks(readme: Path) -> list[Block]:
    """Return the fenced blocks of a README in order."""
    found = BLOCK.finditer(readme.read_text(encoding="utf-8"))
    return [Block(match["kind"], match["text"], match["reason"]) for match in found]


def runs(readme: Path) -> Iterator[tuple[list[str], str | None]]:
    """Yield each command of a README with the output that the page shows, or None where it shows none.

    In a console block each `$` line is a command with its output below it. A sh block is one command. A
    python block is a program, and its output stands in the text block after it, if there is one.
    """
    page = blocks(readme)
    for block, following in zip(page, [*page[1:], Block("", "", None)]):
        if block.reason:
            continue
        if block.kind == "console":
            for command in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                line, _, output = command.partition("\n")
                yield ["bash", "-c", line], output
        elif block.kind == "sh":
            yield ["bash", "-ec", block.text], None
        elif block.kind == "python":
            shown = following.text if following.kind == "text" else None
            yield [sys.executable, "-c", block.text], shown


def matches(shown: str, printed: str) -> bool:
    """Tell whether what was printed is what is shown, apart from durations; `...` stands for anything."""
    duration = re.compile(r"(?<![\w.])[\d.]+ (?:sec|msec|usec|nsec|s|ms|µs)\b")
    pattern = re.escape(duration.sub("DURATION", shown.strip())).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, duration.sub("DURATION", printed.strip()), re.DOTALL) is not None


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_link_leads_somewhere(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        page = readme.parent / path if path else readme
        assert page.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor in anchors, target


@pytest.mark.parametrize(
    "script", [path for path in SCRIPTS if path.stem != "throwaway_mysql"], ids=lambda path: path.name
)
def test_every_script_has_a_row_in_both_readmes(script: Path) -> None:
    assert f"]({script.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"| [{script.name}]({script.name}) |" in (script.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_block_is_run_or_says_why_not(readme: Path) -> None:
    unknown = [block for block in blocks(readme) if block.kind not in ("console", "sh", "python", "text")]
    assert [block for block in unknown if not block.reason] == []


@pytest.mark.parametrize("readme", [*READMES, EXERCISES], ids=lambda path: path.parent.name)
def test_no_command_carries_a_comment(readme: Path) -> None:
    """The shell of macOS, zsh, takes the words of a comment that is typed or pasted for arguments."""
    commands = "".join(block.text for block in blocks(readme) if block.kind == "sh")
    assert re.findall(r"^[^'\"\n]*\s#\s.*", commands, re.MULTILINE) == []


@pytest.mark.parametrize("readme", [ROOT / "README.md", *READMES[2:5]], ids=lambda path: path.parent.name)
def test_every_command_prints_what_the_readme_shows(
    readme: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if readme.parent == GENERATORS:
        request.getfixturevalue("prodev")
    # A copy: nothing stays behind in the original, and a project's folder needs nothing from outside.
    folder = tmp_path / "copy"
    ignore = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "*.db*")
    shutil.copytree(readme.parent, folder, ignore=ignore)
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore", "PYTHONUNBUFFERED": "1"}
    environment.pop("USERS_DB", None)
    for command, shown in runs(readme):
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
        )
        printed = done.stdout.replace(os.environ.get("MYSQL_DATABASE", "ALX_prodev"), "ALX_prodev")
        if shown is None:
            assert done.returncode == 0, f"{command[-1]}\n{printed}"
        else:
            assert matches(shown, printed), (
                f"{command[-1]}\n{printed}\nis not what the README shows:\n{shown}"
            )
