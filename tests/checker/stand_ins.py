"""Stand-ins for small helpers that people use around the exercises, and that need not be installed here."""

from __future__ import annotations

import os
import re
import sys
from functools import partialmethod
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Callable, Iterable

from checker.settings import Settings

# Packages that people use in one file and that the others then import with it, as `import seed` does.
PACKAGES = "pandas numpy faker requests tqdm rich colorama matplotlib reportlab psutil".split()


def provide(settings: Settings) -> None:
    """Put the stand-ins where `import` finds them; what is installed stays, except what reads settings."""
    sources = [path.read_text(encoding="utf-8", errors="replace") for path in settings.folder.glob("*.py")]
    has_plan_b = any(re.search(r"except[ (]+(ImportError|ModuleNotFoundError)", text) for text in sources)
    for name in PACKAGES:
        if not has_plan_b and find_spec(name) is None:
            sys.modules[name] = absent(name, settings.recorder.absent)
    for name, make in {"dotenv": dotenv, "decouple": decouple, "environ": environ}.items():
        sys.modules[name] = make(settings)
    for name, make_table in {"tabulate": tabulate, "prettytable": prettytable}.items():
        if find_spec(name) is None:
            sys.modules[name] = make_table()


def module(name: str, **contents: Any) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update(contents)
    return made


def absent(name: str, used: list[str]) -> ModuleType:
    """A package that is not installed: it can be imported, and what it has is missing when it is used.

    `used` then gets its name.
    """

    class Missing:
        def __getattr__(self, _: str) -> Missing:
            return self

        def __call__(self, *_: Any, **__: Any) -> Any:
            used.append(name)
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

        __getitem__ = __mro_entries__ = __enter__ = __iter__ = __call__

        def __or__(self, _: Any) -> Missing:  # in annotations
            return self

        __ror__ = __or__

    class Absent(ModuleType):
        def __getattr__(self, attribute: str) -> Missing:
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            return Missing()

    return Absent(name)


def dotenv(settings: Settings) -> ModuleType:
    def load_dotenv(dotenv_path: Any = None, *_: Any, override: bool = False, **__: Any) -> bool:
        for name, value in settings.dotenv(dotenv_path).items():
            if override or name not in os.environ:
                os.environ[name] = value
        return True

    class Values(dict):  # type: ignore[type-arg]
        def __missing__(self, name: str) -> str:
            value = settings.guess(name)
            if value is None:
                raise KeyError(name)
            return value

        def get(self, name: str, default: Any = None) -> Any:
            return self[name] if name in self else settings.guess(name) or default

    def dotenv_values(dotenv_path: Any = None, *_: Any, **__: Any) -> Values:
        return Values(settings.dotenv(dotenv_path))

    def find_dotenv(*_: Any, **__: Any) -> str:
        return ".env"

    made = module("dotenv", load_dotenv=load_dotenv, dotenv_values=dotenv_values, find_dotenv=find_dotenv)
    sys.modules["dotenv.main"] = made
    return made


class UndefinedValueError(Exception):
    """python-decouple's own error."""


def decouple(settings: Settings) -> ModuleType:
    nothing = object()

    class Config:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def __call__(self, option: str, default: Any = nothing, cast: Callable[[Any], Any] = str) -> Any:
            value: Any = {**settings.dotenv(), **os.environ.copy()}.get(option)
            if value is None:
                value = default if default is not nothing else settings.guess(option)
            if value is None and default is nothing:
                raise UndefinedValueError(
                    f"{option} not found. Declare it as envvar or define a default value."
                )
            return cast(value) if value is not None else None

        get = __call__

    return module(
        "decouple",
        config=Config(),
        AutoConfig=Config,
        Config=Config,
        RepositoryEnv=Config,
        RepositoryIni=Config,
        UndefinedValueError=UndefinedValueError,
        Csv=lambda **_: lambda text: [part.strip() for part in text.split(",")],
    )


def environ(settings: Settings) -> ModuleType:
    """django-environ, as far as a script without Django uses it."""
    config: Any = decouple(settings).config

    class Env:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def __call__(self, name: str, *_: Any, **options: Any) -> Any:
            return config(name, **options)

        @staticmethod
        def read_env(*_: Any, **__: Any) -> None: ...

    for kind in (str, int, bool):
        setattr(Env, kind.__name__, partialmethod(Env.__call__, cast=kind))
    return module("environ", Env=Env)


def tabulate() -> ModuleType:
    def as_text(rows: Iterable[Any], headers: Any = (), **_: Any) -> str:
        shown = [row.values() if isinstance(row, dict) else row for row in rows]
        titles = [headers] if headers and not isinstance(headers, str) else []
        return "\n".join("  ".join(map(str, row)) for row in [*titles, *shown])

    return module("tabulate", tabulate=as_text)


def prettytable() -> ModuleType:
    class PrettyTable:
        def __init__(self, field_names: Iterable[str] = (), **_: Any) -> None:
            self.field_names = list(field_names)
            self.rows: list[list[Any]] = []

        def add_row(self, row: Iterable[Any], **_: Any) -> None:
            self.rows.append(list(row))

        def add_rows(self, rows: Iterable[Iterable[Any]], **_: Any) -> None:
            self.rows += map(list, rows)

        def __str__(self) -> str:
            return "\n".join(" | ".join(map(str, row)) for row in [self.field_names, *self.rows])

        get_string = __str__

    return module("prettytable", PrettyTable=PrettyTable)
