"""Measure one thing in a process of its own: what came before cannot warm it up or fill its memory.

    python3 worker.py TOPIC WHAT [NUMBER]

Prints the figures, and the peak memory of the process, as JSON; exits with 3 if a rival is not installed.
"""

from __future__ import annotations

import importlib
import json
import re
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_INSTALLED = 3


def main(topic_name: str, what: str, *numbers: str) -> None:
    topic = importlib.import_module(topic_name)
    sys.path.insert(0, str(ROOT / topic.FOLDER))
    try:
        figures = topic.MEASURED[what](*map(int, numbers))
    except ModuleNotFoundError as error:
        print(error.name)
        sys.exit(NOT_INSTALLED)
    print(json.dumps({**figures, "peak": round(peak_memory(), 1)}))


def peak_memory() -> float:
    """Return the most memory that this process has had, in megabytes."""
    try:
        # Not ru_maxrss: on Linux that begins with the memory of the process that started this one.
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
        return int(kilobytes) * 1024 / 1e6
    except FileNotFoundError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
