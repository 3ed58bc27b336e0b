"""What every probe works with: the learner's file, imported afresh or run by itself, and what it prints."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import runpy
import sys
import traceback
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Collection, ContextManager, Iterable, Iterator

from checker.masking import steady
from checker.model import Broken, Crash, Fault, Missing, Stop, Task, Unavailable
from checker.recorder import COMPLAINT, Printed, Recorder
from checker.redirect import Redirection

OTHER_DATABASES = {
    "psycopg2": "PostgreSQL",
    "psycopg": "PostgreSQL",
    "pg8000": "PostgreSQL",
    "asyncpg": "PostgreSQL",
}
OTHER_DATABASES.update(pymongo="MongoDB", redis="Redis", pyodbc="SQL Server")
OTHER_DATABASES.update(dict.fromkeys(["pymysql", "MySQLdb", "aiomysql", "asyncmy", "mariadb"], "MySQL"))
OTHER_DRIVERS = ["sqlalchemy", "peewee"]  # of whatever database
LIBRARIES = ["asyncio", "aiosqlite", "mysql"]  # their log is not what the learner's code says
# What Python says, before 3.12, of an f-string that repeats its quotation marks inside the braces.
NEWER_F_STRING = re.compile(r"f-string: (?:unmatched|unterminated|expecting '}')|f-string expression part")
HERE = str(Path(__file__).parent)


@dataclass
class Surroundings:
    """All that a world is made of."""

    task: Task[Any]
    file: Path
    recorder: Recorder
    redirection: Redirection


@dataclass
class ScriptRun:
    """What happened when the file was run by itself: what it printed, and the error that ended it, or ""."""

    printed: str
    error: str


class World:
    """The learner's file, with a database in a known state around it."""

    database = ""  # the kind that the exercise is about, and its driver
    driver = ""
    import_does = ""  # besides to define things, in a sentence

    def __init__(self, surroundings: Surroundings) -> None:
        self.task = surroundings.task
        self.file = surroundings.file
        self.recorder = surroundings.recorder
        self.redirection = surroundings.redirection
        self.demo_failed = False  # whether the last import ended with an error that is forgiven

    def prepare(self) -> None:
        """Bring the database into its known state."""
        raise NotImplementedError

    def wrong_database(self, fault: Fault) -> str:
        """Return where else the solution looked for its data, in a sentence, if that explains the fault; or ""."""
        raise NotImplementedError

    def hint(self, said: str) -> str:
        """Return how to go on after an error that was raised or printed, where that is hard to guess; or ""."""
        return ""

    def is_complaint(self, line: str) -> bool:
        """Tell whether a line that the code printed explains why it came to a wrong result."""
        return COMPLAINT.search(line) is not None

    def notes(self) -> list[str]:
        """Return what is worth saying about the solution, and is no fault."""
        return []

    def without_tables(self) -> bool:
        """Empty the database if the solution makes its own tables; return whether it does."""
        return False

    def load(self) -> Any:
        """Import the file afresh and return its module.

        A demo that fails during the import is forgiven if what the task asks for was defined before.
        """
        self.begin_afresh()
        self.demo_failed = False
        self.recorder.written.clear()
        looked_before = set(self.recorder.sources)
        self.recorder.sources.clear()
        spec = importlib.util.spec_from_file_location(self.file.stem, self.file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.file.stem] = module
        with self.output() as printed:
            try:
                spec.loader.exec_module(module)
                self.see_import(printed.getvalue())
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                stop = why_not_loaded(error, self)
                if stop:
                    raise stop from error
                if not any(hasattr(module, name) for name in self.all_names()):
                    raise Crash(f"importing {self.file.name} raised {describe(error)}") from error
                self.demo_failed = True
            finally:
                self.recorder.sources |= looked_before
        # A file that replaces itself in sys.modules by something callable is found there.
        return sys.modules.get(self.file.stem, module)

    def see_import(self, printed: str) -> None:
        """Remember what an import did besides: it printed, or opened a file to write. A demo reads a database."""
        line = next((line.strip() for line in printed.splitlines() if line.strip()), "")
        did = [f"opens {name!r} to write" for name in dict.fromkeys(self.recorder.written)]
        if line and not self.recorder.sources:
            did.append(f"prints {shortened(line, 60)!r}")
        if did:
            self.import_does = (
                f"importing {self.file.name} {' and '.join(did)}; whoever only imports it does not want that: put it "
                "under `if __name__ == '__main__':`"
            )

    def begin_afresh(self) -> None:
        """Take back what the code did to this process before."""
        os.chdir(self.file.parent)
        self.forget_modules()
        set_event_loop()

    def forget_modules(self) -> None:
        for name, module in list(sys.modules.items()):
            if "/exercise/" in (getattr(module, "__file__", None) or ""):
                del sys.modules[name]

    def all_names(self) -> list[str]:
        return [spelling for name, others in self.task.names.items() for spelling in (name, *others)]

    def get(self, name: str) -> Any:
        """Import the file and return what it defines under this name of the task, or under another spelling."""
        return self.find(self.load(), name)

    def find(self, module: Any, name: str) -> Any:
        return getattr(module, self.spelling(module, name))

    def spelling(self, module: Any, name: str) -> str:
        """Return how the file spells a name of the task."""
        for spelling in (name, *self.task.names[name]):
            if hasattr(module, spelling):
                return spelling
        raise Missing(
            f"{self.file.name} defines no {name}{defined_instead(module, [name], self.all_names())}"
        )

    def run_script(self) -> ScriptRun:
        """Run the file by itself, as `python3 FILE` does, on the database as it is now.

        NotImplementedError comes out: something else has to be written first.
        """
        self.begin_afresh()
        arguments, sys.argv = sys.argv, [self.file.name]
        error = ""
        try:
            with self.output_of_script() as printed:
                runpy.run_path(str(self.file), run_name="__main__")
        except SystemExit as end:
            if end.code not in (None, 0):
                error = f"ended with {end.code!r}" if isinstance(end.code, str) else f"exit status {end.code}"
        except (KeyboardInterrupt, NotImplementedError):
            raise
        except BaseException as raised:
            error = describe(raised)
        finally:
            sys.argv = arguments
        return ScriptRun(printed.getvalue(), error)

    def output_of_script(self) -> ContextManager[Printed]:
        """Collect what the file prints or logs when it is run by itself."""
        return self.output()

    @contextmanager
    def output(self) -> Iterator[Printed]:
        """Collect what is printed or logged in the with block."""
        text = Printed(self.recorder)
        handler = logging.StreamHandler(text)
        handler.addFilter(lambda record: record.name.split(".")[0] not in LIBRARIES)
        root = logging.getLogger()
        before = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            with redirect_stdout(text), redirect_stderr(text):
                yield text
        finally:
            root.removeHandler(handler)
            root.setLevel(before)


def defined_instead(module: Any, missing: Iterable[str], others: Collection[str]) -> str:
    """Return, to end a sentence with, which functions of a module have nearly the missing names; or "".

    Those that are called as one of the others is to be called are not meant.
    """
    names = [n for n, value in getattr(module, "__dict__", {}).items() if callable(value) and n not in others]
    near = [name for wanted in missing for name in get_close_matches(wanted, names, 1, 0.75)]
    return f"; it has {' and '.join(dict.fromkeys(near))}" if near else ""


def set_event_loop() -> None:
    """Let asyncio.get_event_loop() work, as it does in a process in which asyncio.run() has not run yet."""
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio:
        asyncio.set_event_loop(asyncio.new_event_loop())


def why_not_loaded(error: BaseException, world: World) -> Stop | None:
    """Return why an import can never succeed here, or None for an error that a demo may raise."""
    file = world.file
    if isinstance(error, SyntaxError):
        path = Path(error.filename or file)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if line.startswith(("<<<<<<< ", ">>>>>>> ")):
                return Broken(
                    f"{path.name} still has a merge conflict in line {number}",
                    "choose one of the two sides, and remove the lines with <<<<<<<, ======= and >>>>>>>",
                )
        said = f"{path.name} has a syntax error in line {error.lineno}: {error.msg}"
        if sys.version_info < (3, 12) and NEWER_F_STRING.search(error.msg or ""):
            return Unavailable(
                f"{said}; Python 3.12 and later may take it, and this is {sys.version.split()[0]}",
                "inside the braces use other quotation marks than around the text: every Python reads that",
            )
        return Broken(said)
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or "").split(".")[0]
        path = Path(learners_frame(error)[0] or file)
        said = f"{path.name} imports {name!r}"
        hint = f"the exercise is about {world.database}, and is solved with {world.driver}"
        if OTHER_DATABASES.get(name, world.database) != world.database:
            return Broken(f"{said}, so it is written for another database: {OTHER_DATABASES[name]}", hint)
        if name in OTHER_DRIVERS or name in OTHER_DATABASES:
            if name in OTHER_DATABASES:
                hint = f"the exercise is solved with {world.driver}"
            return Unavailable(f"{said}, which is not installed here", hint)
        if name == "seed" or (path.parent / f"{name}.py").exists():
            return Broken(f"{said}, and there is no {name}.py in its folder")
        if re.search(rf"(?m)^def {re.escape(name)}\b", path.read_text(encoding="utf-8", errors="replace")):
            return Broken(f"{said}, and defines {name} itself", "take that line with `import` out")
        for numbered in path.parent.glob(f"[0-9]-{name}.py"):
            return Broken(
                f"{said}, and that file is called {numbered.name}",
                f'`import` can\'t name it, but this can: importlib.import_module("{numbered.stem}")',
            )
        source = path.read_text(encoding="utf-8", errors="replace")
        imported = re.search(rf"(?m)^\s*(?:import|from)\s+({re.escape(name)}\S*)", source)
        if imported and "connector" in imported[1].lower() and name != "mysql":
            return Broken(
                f"{path.name} imports {imported[1]}, and there is no such module",
                "the driver is called so: import mysql.connector",
            )
        return not_installed(name, path.name)
    return None


def not_installed(name: str, importer: str) -> Unavailable:
    return Unavailable(
        f"{importer} imports {name!r}, which is neither in its folder nor installed here",
        f"if it is yours, put it beside {importer}; if it is a package, install it where the checker "
        f"runs: .venv/bin/python3 -m pip install {name}",
    )


def learners_frame(error: BaseException) -> tuple[str, int]:
    """Return the path and the line of the learner's file in which an error arose, or "" and 0."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/exercise/" in f.filename]
    frames = [frame for frame in frames if not frame.filename.startswith(HERE)]
    return (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)


def describe(error: BaseException) -> str:
    """Return the type and the text of an error in one line, and where in the learner's file it arose."""
    text = steady(shortened(" ".join(str(error).split()), 200))
    text = text.replace("'TrackedConnection'", "'sqlite3.Connection'")
    text = re.sub(
        r"(?:\w+\.)*<locals>\.", "", text
    )  # functions of the checker wear the names of the curriculum
    described = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, SyntaxError):
        return described
    path, line = learners_frame(error)
    return f"{described} ({Path(path).name}, line {line})" if path else described


def shortened(value: object, most: int = 160) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else text[: most - 4] + " ..."
