"""The words of the checker: a task has probes, and a probe finds a fault or none."""

from __future__ import annotations

import re
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
ASKED, RIGHT = "asked", "right"  # what the curriculum demands, and what is promised beyond it
FOLDERS = {
    "generators": "python-generators-0x00",
    "decorators": "python-decorators-0x01",
    "context": "python-context-async-operations-0x02",
}


class Fault(Exception):
    """What is wrong with a solution, in a sentence for the person who wrote it."""


@dataclass(frozen=True)
class Probe:
    """One promise that a solution keeps or breaks; `advice` is what to do about it."""

    level: str
    promise: str
    advice: str
    run: Callable[[Any], None]


@dataclass
class Task:
    """One exercise: the file it is solved in, and the heading of our README that explains it."""

    name: str
    title: str
    file: str
    heading: str
    probes: list[Probe] = field(default_factory=list)

    @property
    def project(self) -> str:
        return self.name.split("/")[0]

    def probe(self, level: str, promise: str, advice: str = "") -> Callable[[Callable[[Any], None]], Any]:
        """Add the decorated function, which raises Fault, to the probes of this task."""

        def add(function: Callable[[Any], None]) -> Callable[[Any], None]:
            self.probes.append(Probe(level, promise, advice, function))
            return function

        return add

    @property
    def link(self) -> str:
        """The section of a README that explains the task, as a path with an anchor."""
        readme = f"{FOLDERS[self.project]}/README.md"
        for line in (ROOT / readme).read_text(encoding="utf-8").splitlines():
            if line.startswith(f"## {self.heading}"):
                words = re.sub(r"[^\w\- ]", "", line[3:].lower())
                return f"{readme}#{words.replace(' ', '-')}"
        raise LookupError(f"{readme} has no heading that begins with {self.heading!r}")


@contextmanager
def attempt(what: str) -> Iterator[None]:
    """Turn an exception of the learner's code into a fault: what was tried raised this, there."""
    try:
        yield
    except (Fault, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Fault(f"{what} raised {describe(error)}") from error


def expect(what: str, wanted: object, got: object) -> None:
    """Raise a fault unless both are equal."""
    if wanted != got:
        raise Fault(f"{what}: expected {shortened(wanted)}, got {shortened(got)}")


def shortened(value: object, most: int = 160) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else text[: most - 4] + " ..."


def describe(error: BaseException) -> str:
    """Return the type and the text of an error in one line, and where in the learner's file it arose."""
    text = shortened(" ".join(str(error).split()), 200)
    described = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, SyntaxError):
        return described
    here = str(Path(__file__).parent)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/exercise/" in frame.filename]
    frames = [frame for frame in frames if not frame.filename.startswith(here)]
    if frames:
        described += f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})"
    return described
