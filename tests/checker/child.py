"""The process of one task, forked in the nursery: run its probes on the copy, and report each as a line of JSON.

Its standard input is the lifeline: when that ends, the checker has ended, however it did, and this process
removes its folder and ends as well.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from checker.masking import find_secrets, mask, steady
from checker.model import (
    NOT_TRIED,
    OK,
    WRONG,
    Broken,
    Crash,
    Fault,
    Missing,
    NotBegun,
    NotTried,
    Probe,
    Stop,
    Task,
    Unavailable,
)
from checker.nursery import serve
from checker.recorder import Recorder
from checker.redirect import Redirection
from checker.settings import Settings
from checker.stand_ins import provide
from checker.walls import Walls
from checker.world import Surroundings, World, describe, not_installed, shortened

# What the exercises raise until they are solved.
YOUR_TURN = re.compile(r"Your turn: (write \S+ in (\S+\.py))")


def run(task: Task[Any], file: Path, first: int) -> None:
    """Run the probes from number `first` on; each is announced before it runs and reported after it."""
    socket = os.environ.pop("CHECKER_SOCKET", "")
    home = os.environ["HOME"]
    reports, lifeline = os.dup(1), os.dup(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    recorder, secrets = Recorder(), find_secrets(file.parent)
    redirection = Redirection(recorder, file.parent / "users.db", socket, secrets)
    settings = Settings(recorder, task.project, file.parent)
    sys.path[:] = [str(file.parent), *(path for path in sys.path if path != os.environ.get("PYTHONPATH"))]
    walls = Walls(home, socket)
    threading.Thread(target=end_with_the_checker, args=(lifeline, walls), daemon=True).start()
    walls.put_up()
    # Of a library's thread, and of a generator that the checker has left: not what the learner's code says.
    threading.excepthook = lambda _: None
    sys.unraisablehook = lambda _: None
    time.sleep = recorder.naps.append  # type: ignore[assignment]
    redirection.install()
    settings.install()
    provide(settings)
    world: World = task.world(Surroundings(task, file, recorder, redirection))

    def report(**message: Any) -> None:
        os.write(reports, (json.dumps(message) + "\n").encode())

    def judged(number: int) -> dict[str, Any]:
        message = judge(task.probes[number], world, nothing_worked=number == 0)
        for name in ("sentence", "words"):
            message[name] = mask(message.get(name, ""), secrets)
        return {"number": number, **message}

    for number in range(first, len(task.probes)):
        report(number=number)
        message = judged(number)
        message["notes"] = [mask(note, secrets) for note in [world.import_does, *world.notes()] if note]
        if message.get("state", "not begun") != "not begun":
            rest = range(number + 1, len(task.probes))
            message["read"] = [judged(other) for other in rest if task.probes[other].only_reads]
        report(**message)
        if message.get("state"):
            return


def judge(probe: Probe[Any], world: World, nothing_worked: bool) -> dict[str, Any]:
    """Run a probe, and return its outcome, or the state that stops the task, with what there is to say."""
    recorder = world.recorder
    fault: Fault
    hint = ""
    try:
        world.prepare()
        recorder.begin()
        with world.output():
            probe.run(world)
        return {"outcome": OK}
    except NotTried as reason:
        return {"outcome": NOT_TRIED, "sentence": str(reason)}
    except Broken as stop:
        fault, hint = Crash(str(stop)), stop.hint
    except Stop as stop:
        if probe.decides:
            return stopped(stop, recorder)
        fault = Crash(str(stop))
    except Fault as error:
        fault, hint = error, error.advice.hint if error.advice else ""
    except NotImplementedError as error:
        if probe.decides and nothing_worked:
            return stopped(NotBegun(to_write(error, world.file)), recorder)
        fault = Crash(to_write(error, world.file) or f"not begun: {describe(error)}")
    except MemoryError:
        fault = Crash("the code needed more memory than the checker allows (2 GB)")
    except BaseException as error:
        fault = Crash(f"this raised {describe(error)}")
    if recorder.absent:  # whatever the code made of that
        unavailable = not_installed(recorder.absent[0], world.file.name)
        recorder.printed.clear()  # what was printed has nothing to do with it
        if probe.decides:
            return stopped(unavailable, recorder)
        return {"outcome": NOT_TRIED, "sentence": str(unavailable)}
    if probe.decides:
        if isinstance(fault.__cause__, NotImplementedError) and nothing_worked:
            return stopped(NotBegun(to_write(fault.__cause__, world.file)), recorder)
        elsewhere = world.wrong_database(fault)
        if elsewhere:
            recorder.printed.clear()  # the sentence says it all
            return stopped(Broken(elsewhere), recorder)
        if recorder.unset and not isinstance(fault.__cause__, NameError):
            names = ", ".join(recorder.unset)
            where = f"write {names} into a file .env beside the exercise, which the checker reads"
            return stopped(Unavailable(f"{fault} (not set here: {names})", where), recorder)
        if isinstance(fault, Missing):
            recorder.printed.clear()  # what was printed has nothing to do with it
        if isinstance(fault, Crash):
            hint = hint or world.hint(f"{fault} {words(recorder)}")
            return stopped(Broken(str(fault), hint), recorder)
    advice = fault.advice or (None if isinstance(fault, Crash) else probe.advice)
    return {
        "outcome": WRONG,
        "sentence": str(fault),
        "advice": advice and [advice.question, advice.hint],
        "words": words(recorder) if probe.decides and world.is_complaint(words(recorder)) else "",
    }


def to_write(error: NotImplementedError, file: Path) -> str:
    """Return what the learner has to write before this can work, if it is one of our exercises; or ""."""
    said = YOUR_TURN.search(str(error))
    if not said:
        return ""
    return said[1] if said[2] == file.name else f"first {said[1]}"


def stopped(stop: Stop, recorder: Recorder) -> dict[str, Any]:
    return {"state": stop.state, "sentence": str(stop), "hint": stop.hint, "words": words(recorder)}


def words(recorder: Recorder) -> str:
    return steady(shortened(recorder.last_words(), 120))


def end_with_the_checker(lifeline: int, walls: Walls) -> None:
    """Wait for the end of the checker; then remove the copy, and this process with all that it started."""
    try:
        while os.read(lifeline, 1):
            pass
    except OSError:  # the learner's code has closed it
        return
    walls.are_up = False
    shutil.rmtree(walls.home, ignore_errors=True)
    try:
        os.rmdir(os.path.dirname(walls.home))
    except OSError:  # another task's folder is still in it
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> NoReturn:
    """Be the nursery: what follows serve() is a process that it forked, for one task."""
    import_module("mysql.connector")  # what most of the time goes into
    import_module("checker.run")  # and with it the probes of all tasks
    request = serve()
    os.environ.update(request["environment"])
    file = Path(request["file"])
    os.chdir(file.parent)
    sys.path[0] = str(file.parent)
    sys.dont_write_bytecode = True
    try:
        run(import_module(f"checker.tasks.{request['task']}").TASK, file, request["first"])
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # threads that the learner's code left behind must not keep the process alive


if __name__ == "__main__":
    main()
