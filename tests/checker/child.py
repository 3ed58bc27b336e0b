"""The process of one task: run its probes on the copy, and report each as a line of JSON."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from checker.probing import Fault, Task, describe
from checker.sandbox import Sandbox
from checker.world import MySQLWorld, SQLiteWorld, World


def run(task: Task, file: Path, descriptor: int, first: int) -> None:
    """Run the probes from number `first` on; each is announced before it runs and reported after it."""
    sandbox = Sandbox(file.parent)
    sys.path[:] = [str(file.parent), *(path for path in sys.path if path != os.environ.get("PYTHONPATH"))]
    sandbox.install()
    world: World = (MySQLWorld if task.project == "generators" else SQLiteWorld)(sandbox, file)

    def report(**message: Any) -> None:
        os.write(descriptor, (json.dumps(message) + "\n").encode())

    for number, probe in enumerate(task.probes[first:], first):
        report(number=number)
        fault = None
        try:
            world.prepare()  # type: ignore[attr-defined]
            with world.output():
                probe.run(world)
        except Fault as error:
            fault = str(error)
        except MemoryError:
            fault = "the code needed more memory than the checker allows (2 GB)"
        except BaseException as error:
            fault = f"this raised {describe(error)}"
        report(number=number, fault=fault and sandbox.mask(fault), done=True)


if __name__ == "__main__":
    name, path, fd, start = sys.argv[1:]
    run(import_module(f"checker.tasks.{name}").TASK, Path(path), int(fd), int(start))
    os._exit(0)  # threads that the learner's code left behind must not keep the process alive
