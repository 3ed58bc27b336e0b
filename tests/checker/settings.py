"""Settings that the learner's code reads and that nobody set here: their names mostly tell what they should be."""

from __future__ import annotations

import builtins
import getpass
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from checker.recorder import Recorder

# The first pattern that is found in a name decides.
SERVER = {r"PASS|PWD": "a password", r"PORT": "3306", r"USER": "root", r"HOST|SERVER": "localhost"}
DATABASE = r"DB|DATABASE|SCHEMA|MYSQL"
VALUES = {
    "generators": {
        r"TABLE": "user_data",
        r"CSV|DATA_?FILE": "user_data.csv",
        **SERVER,
        DATABASE: "ALX_prodev",
    },
    "sqlite": {
        r"TABLE": "users",
        r"USERS_DB": "users.db",
        **SERVER,  # some use MySQL where SQLite is asked for, and are told so
        r"DB|DATABASE|SCHEMA|SQLITE|MYSQL": "users.db",
    },
}
# "USER" and "HOST" alone are the shell's, but people name their settings so.
PLAUSIBLE = re.compile(r"DB|DATABASE|SQL|HOST|USER|PASS|PWD|PORT|SERVER|SCHEMA|TABLE|CSV|DATA_?FILE")
# What Python and its libraries ask for on the way.
NOT_SETTINGS = re.compile(
    r"^(PYTHON|PATH|HOME|TMP|TEMP|LANG|LC_|TERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|USERS_DB$)"
)


# A question at the terminal that one of these settings answers.
PROMPT = re.compile(r"(?i)\b(user|user ?name|pass ?word|host|host ?name|port|database|database name)\W*$")


@contextmanager
def database_called(name: str) -> Iterator[None]:
    """Let settings for the name of the database, where nobody set them, say this one in the with block."""
    values = VALUES["generators"]
    before, values[DATABASE] = values[DATABASE], name
    try:
        yield
    finally:
        values[DATABASE] = before


class Settings:
    """The environment as the learner's code sees it: what is set, and else what the name tells."""

    def __init__(self, recorder: Recorder, project: str, folder: Path) -> None:
        self.recorder = recorder
        self.values = VALUES["generators" if project == "generators" else "sqlite"]
        self.folder = folder

    def guess(self, name: str) -> str | None:
        """Return the value for a setting that nobody set, or None; what has none is remembered."""
        if PLAUSIBLE.search(name.upper()):
            for pattern, value in self.values.items():
                if re.search(pattern, name.upper()):
                    return value
        if not NOT_SETTINGS.match(name) and name not in self.recorder.unset:
            self.recorder.unset.append(name)
        return None

    def dotenv(self, path: Any = None) -> dict[str, str]:
        """Return what the .env files beside and above the solution say; an empty value says nothing."""
        found = {}
        for file in [self.folder.parent / ".env", self.folder / ".env", *([Path(path)] if path else [])]:
            for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
                name, equals, value = line.partition("=")
                value = value.strip().strip("\"'")
                if equals and value and not line.lstrip().startswith("#"):
                    found[name.replace("export ", "").strip()] = value
        return found

    def get(self, name: str) -> str | None:
        """Return what is set in the environment or in a .env file, or else what the name tells."""
        found = {**self.dotenv(), **os.environ.copy()}.get(name)
        return found if found is not None else self.guess(name)

    def answer(self, prompt: Any = "", *_: Any) -> str:
        """Answer input() and getpass() where they ask for such a setting; nobody is there to answer else."""
        asked = PROMPT.search(str(prompt))
        value = self.guess(asked[1].replace(" ", "")) if asked else None
        if value is None:
            raise EOFError("EOF when reading a line")
        return value

    def install(self) -> None:
        """Let os.environ and os.getenv give the learner's code, and nothing else, these values.

        Where it asks for them at the terminal, they are the answer.
        """
        builtins.input = self.answer
        getpass.getpass = lambda prompt="Password: ", *_, **__: self.answer(prompt)
        kind: Any = type(os.environ)
        real_item = kind.__getitem__
        settings = self

        def item(self: Any, name: str) -> str:
            try:
                return real_item(self, name)
            except KeyError:
                value = settings.guess(name) if asked_by_learner() else None
                if value is None:
                    raise
                return value

        def get(self: Any, name: str, default: Any = None) -> Any:
            try:
                return real_item(self, name)
            except KeyError:
                if default is None and asked_by_learner():
                    return settings.guess(name)
                return default

        def getenv(name: str, default: Any = None) -> Any:
            return os.environ.get(name, default)

        kind.__getitem__, kind.get = item, get
        os.getenv = getenv  # type: ignore[assignment]


def asked_by_learner() -> bool:
    """Tell whether the code that asks for a setting is the learner's, and no library."""
    frame: Any = sys._getframe(2)
    while frame and Path(frame.f_code.co_filename).name in ("settings.py", "os.py", "_collections_abc.py"):
        frame = frame.f_back
    return bool(frame) and "/exercise/" in frame.f_code.co_filename
