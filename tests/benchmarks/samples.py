"""Take samples of rivals in turn, keep them, and say what is typical and how wide they spread."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Dict, Tuple, Union

from worker import NOT_INSTALLED

HERE = Path(__file__).resolve().parent

Measured = Union[str, Tuple[str, int]]  # what, or what and its number: of rows, of pages, of queries
Sample = Dict[str, float]  # a figure by its name; "peak" is megabytes


def show_progress(text: str) -> None:
    """Put a text in the place of the last one, where a terminal is watching."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def key(measured: Measured) -> str:
    return measured if isinstance(measured, str) else f"{measured[0]} {measured[1]}"


class Samples:
    """The samples of one topic, by what was measured."""

    def __init__(self, topic: str, taken: dict[str, list[Sample]] | None = None) -> None:
        self.topic = topic
        self.taken: dict[str, list[Sample]] = taken or {}
        self.missing: list[str] = []

    def take_turns(self, rivals: list[Measured], rounds: int) -> None:
        """Measure each of the rivals once a round, so that a busy moment of the machine hits all alike."""
        for _ in range(rounds):
            for measured in rivals:
                self.take(measured)

    def take(self, measured: Measured) -> None:
        words = [measured] if isinstance(measured, str) else [measured[0], str(measured[1])]
        if words[0] in self.missing:
            return
        show_progress(f"{self.topic}: {key(measured)}")
        command = [sys.executable, str(HERE / "worker.py"), self.topic, *words]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == NOT_INSTALLED:
            show_progress("")
            print(f"{words[0]} is left out: {done.stdout.strip()} is not installed", file=sys.stderr)
            self.missing.append(words[0])
        elif done.returncode:
            sys.exit(f"\n{' '.join(command)} failed:\n{done.stderr}")
        else:
            self.taken.setdefault(key(measured), []).append(json.loads(done.stdout.splitlines()[-1]))

    def has(self, measured: Measured) -> bool:
        return key(measured) in self.taken

    def values(self, measured: Measured, figure: str) -> list[float]:
        return [sample[figure] for sample in self.taken[key(measured)]]

    def median(self, measured: Measured, figure: str) -> float:
        return statistics.median(self.values(measured, figure))

    def spread(self, measured: Measured, figure: str) -> str:
        """Return the distance from the lowest to the highest sample, in percent of the median."""
        values = self.values(measured, figure)
        return f"{100 * (max(values) - min(values)) / (statistics.median(values) or 1):.0f} %"

    def ratio(self, ours: Measured, other: Measured, figure: str) -> float:
        return self.median(ours, figure) / self.median(other, figure)


class Table:
    """A table of a README: rows of texts below a header."""

    def __init__(self, name: str, header: list[str], rows: list[list[str]]) -> None:
        self.name, self.header, self.rows = name, header, rows

    def markdown(self) -> str:
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def text(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows)]
        lines = [self.header, ["-" * width for width in widths], *self.rows]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if number == 0 else cell.rjust(width)
                for number, (cell, width) in enumerate(zip(line, widths))
            ).rstrip()
            for line in lines
        )


class Claim:
    """A figure, and how far it has to reach; `at_most` turns the direction round."""

    def __init__(self, text: str, figure: float, reach: float, at_most: bool = False) -> None:
        self.text, self.figure, self.reach, self.at_most = text, figure, reach, at_most

    @property
    def reached(self) -> bool:
        return self.figure <= self.reach if self.at_most else self.figure >= self.reach

    def row(self) -> list[str]:
        word = "at most" if self.at_most else "at least"
        verdict = "yes" if self.reached else "**no**"
        return [self.text, f"{self.figure:.3g}", f"{word} {self.reach:g}", verdict]


def claims_table(claims: list[Claim]) -> Table:
    return Table("claims", ["what", "measured", "reach", "reached"], [claim.row() for claim in claims])


def thousands(number: float) -> str:
    return f"{number / 1000:,.0f}"
