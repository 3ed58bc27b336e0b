"""The words of the checker: a task has probes, a probe gives a verdict, and the verdicts of a task are its result."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Generic, Mapping, TypeVar

if TYPE_CHECKING:
    from checker.world import World

ROOT = Path(__file__).resolve().parents[2]
STUBS = Path(__file__).resolve().parent / "stubs"
FOLDERS = {
    "generators": "python-generators-0x00",
    "decorators": "python-decorators-0x01",
    "context": "python-context-async-operations-0x02",
}
# Nearly every repository has the misspelling that the curriculum has.
OTHER_SPELLINGS = {"context": ["python-context-async-perations-0x02"]}
FIRST = "decorators/0"  # where to begin, as `make start` says: it needs nothing but Python

ASKED, BEYOND = "asked", "beyond"  # what the curriculum demands, and what good code promises beyond it
OK, WRONG, NOT_TRIED = "ok", "WRONG", "not tried"

W = TypeVar("W", bound="World")


def spellings(project: str) -> list[str]:
    """Return what people call the folder of a project; ours comes first."""
    return [FOLDERS[project], *OTHER_SPELLINGS.get(project, [])]


@dataclass(frozen=True)
class Advice:
    """What helps with a fault, in steps: a question to ask oneself, and then a hint."""

    question: str
    hint: str


class Fault(Exception):
    """What is wrong with a solution, in a sentence for the person who wrote it.

    The probe's advice is printed under it, or the one given here.
    """

    def __init__(self, sentence: str, advice: Advice | None = None) -> None:
        super().__init__(sentence)
        self.advice = advice


class Crash(Fault):
    """The learner's code raised something, or lacks something, that the probe did not ask about: no advice."""


class Missing(Crash):
    """The learner's file lacks a name that the task asks for."""


class NotTried(Exception):
    """Why this one probe could not find anything out."""


class Stop(Exception):
    """Why nothing more of this task can be tried, and what to do about it."""

    state = ""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


class Broken(Stop):
    """The solution cannot do its work: WRONG, and the rest is not tried."""

    state = "broken"


class Unavailable(Stop):
    """Something that the solution needs is not on this machine: all is not tried, and nothing is WRONG."""

    state = "unavailable"


class NotBegun(Stop):
    """The solution raises NotImplementedError where the work begins: what is to be written there, if it says so."""

    state = "not begun"


@dataclass(frozen=True)
class Probe(Generic[W]):
    """One promise that a solution keeps or breaks.

    A probe that `decides` shows whether the solution can do its work at all: an error there stops the task.
    One that `only_reads` the files is tried all the same.
    """

    level: str
    promise: str
    run: Callable[[W], None]
    advice: Advice | None = None
    decides: bool = False
    only_reads: bool = False


@dataclass
class Task(Generic[W]):
    """One exercise: the file it is solved in, what is defined there, and the heading of our README about it.

    `names` has what the probes ask for, each with its other spellings. `files` of our project folder are
    put beside the solution where it has none of its own.
    """

    name: str
    title: str
    file: str
    heading: str
    world: type[W]
    names: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...] = ()
    probes: list[Probe[W]] = field(default_factory=list)

    @property
    def project(self) -> str:
        return self.name.split("/")[0]

    @property
    def paths(self) -> list[str]:
        """Where a checkout has the solution, in each spelling of the folder; ours comes first."""
        return [f"{folder}/{self.file}" for folder in spellings(self.project)]

    @property
    def stub(self) -> Path:
        """The exercise as `make start` writes it."""
        return next(path for path in (STUBS / name for name in self.paths) if path.exists())

    def probe(
        self,
        level: str,
        promise: str,
        advice: Advice | None = None,
        *,
        decides: bool = False,
        only_reads: bool = False,
    ) -> Callable[[Callable[[W], None]], Callable[[W], None]]:
        """Add the decorated function, which raises Fault or NotTried, to the probes of this task."""

        def add(function: Callable[[W], None]) -> Callable[[W], None]:
            self.probes.append(Probe(level, promise, function, advice, decides, only_reads))
            return function

        return add

    @property
    def link(self) -> str:
        """The section of a README that explains the task, as a path with an anchor."""
        words = re.sub(r"[^\w\- ]", "", self.lesson[0][3:].lower())
        return f"{FOLDERS[self.project]}/README.md#{words.replace(' ', '-')}"

    @property
    def lesson(self) -> list[str]:
        """The lines of that section, with its heading."""
        readme = ROOT / FOLDERS[self.project] / "README.md"
        lines = readme.read_text(encoding="utf-8").splitlines()
        headings = [number for number, line in enumerate(lines) if line.startswith("## ")]
        for start, end in zip(headings, [*headings[1:], len(lines)]):
            if lines[start].startswith(f"## {self.heading}"):
                return lines[start:end]
        raise LookupError(f"{readme} has no heading that begins with {self.heading!r}")


@dataclass(frozen=True)
class Verdict:
    """What came of one probe: its outcome, the fault or the reason, the advice, and what the code printed last."""

    probe: Probe[Any]
    outcome: str
    sentence: str = ""
    advice: Advice | None = None
    words: str = ""

    @property
    def level(self) -> str:
        return self.probe.level


@dataclass
class Result:
    """What came of a task: a verdict for each probe, in their order.

    `state` is "tried", or why nothing or not all was: "not found", "not begun", "broken" or "unavailable";
    then `sentence`, `hint` and `words` (what the code printed last) say more.
    """

    task: Task[Any]
    verdicts: list[Verdict] = field(default_factory=list)
    state: str = "tried"
    sentence: str = ""
    hint: str = ""
    words: str = ""
    notes: list[str] = field(default_factory=list)  # worth saying, and no fault
    lacks_server: bool = False  # it needs a MySQL server, and there is none

    def stop(self, state: str, sentence: str, hint: str = "", words: str = "") -> None:
        """Say why, and give each probe that has no verdict yet its "not tried"."""
        self.state, self.sentence, self.hint, self.words = state, sentence, hint, words
        rest = self.task.probes[len(self.verdicts) :]
        if state == "broken" and rest:
            self.verdicts.append(Verdict(rest[0], WRONG, sentence, Advice("", hint) if hint else None, words))
            rest = rest[1:]
        self.verdicts += [Verdict(probe, NOT_TRIED, sentence) for probe in rest]

    def score(self, level: str) -> tuple[int, int]:
        """Return how many promises of this level are kept, and how many there are."""
        outcomes = [verdict.outcome for verdict in self.verdicts if verdict.level == level]
        return outcomes.count(OK), len(outcomes)

    def first_wrong(self, level: str) -> Verdict | None:
        return next((v for v in self.verdicts if v.level == level and v.outcome == WRONG), None)
