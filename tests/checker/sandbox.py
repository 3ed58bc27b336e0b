"""What surrounds a learner's code in its process: limits, walls, and connections that lead to our databases.

None of this is a prison. It keeps honest code from the network, from files outside its temporary folder
and from the databases that its settings name. The code can still read what its user can read.
"""

from __future__ import annotations

import os
import re
import resource
import sqlite3
import sys
import time
import weakref
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

MEMORY = 2 << 30  # bytes of address space
FILE_SIZE = 256 << 20
CPU_SECONDS = 120
# Options that say where a server is and who asks, as opposed to how a connection behaves.
PLACE = """host port user username password passwd password1 password2 password3 unix_socket database db
    charset collation auth_plugin failover option_files option_groups allow_local_infile_in_path""".split()
# The audit events of a change in the file system, and which of their arguments are paths.
CHANGES = {"os.remove": [0], "os.rename": [0, 1], "os.rmdir": [0], "os.mkdir": [0], "os.truncate": [0]}
CHANGES.update({"os.link": [1], "os.symlink": [1], "os.chmod": [0], "os.utime": [0]})
# Another program would be outside these walls.
PROGRAMS = ["subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "pty.spawn"]
SECRET = re.compile(
    r"""(?i)\w*(?:passw|pwd|secret|token)\w*["']?\s*[=:]\s*(?:["']([^"'\n]+)["']|([^\s"'#,()]+))"""
)

real_sleep = time.sleep


class Sandbox:
    """What the learner's code did to the outside: connections it opened, pauses it made, secrets it holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "users.db"
        self.mysql_name = ""  # the database that every name leads to, or "" to keep the names
        self.naps: list[float] = []
        self.mysql: list[weakref.ref[Any]] = []
        self.sqlite: list[TrackedConnection] = []
        self.secrets = find_secrets(folder)

    def install(self) -> None:
        """Put all walls up; nothing takes them down again in this process."""
        limit_resources()
        sys.addaudithook(self.refuse)
        time.sleep = self.naps.append  # type: ignore[assignment]
        redirect_sqlite(self)
        redirect_mysql(self)
        provide_dotenv(self)

    def refuse(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Refuse, as an audit hook, connections and changes of files outside the temporary folder."""
        if event == "socket.connect" and arguments[1] != os.environ.get("CHECKER_SOCKET"):
            raise PermissionError(f"connecting to {arguments[1]!r} is not allowed while it is checked")
        if event in ("socket.getaddrinfo", "socket.gethostbyname"):
            raise PermissionError(f"looking up the host {arguments[0]!r} is not allowed while it is checked")
        if event in PROGRAMS:
            raise PermissionError("starting another program is not allowed while it is checked")
        changed = [arguments[index] for index in CHANGES.get(event, ())]
        if event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            changed = [arguments[0]]
        for path in changed:
            if isinstance(path, (str, bytes, os.PathLike)) and not self.is_inside(os.fsdecode(path)):
                raise PermissionError(f"changing {os.fsdecode(path)!r} is not allowed while it is checked")

    def is_inside(self, path: str) -> bool:
        home = os.path.realpath(os.environ["HOME"])
        path = os.path.realpath(path)
        return path == home or path.startswith((home + os.sep, "/dev/"))

    def mask(self, text: str) -> str:
        """Return the text with every known password replaced."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            whole = re.escape(secret) if len(secret) > 3 else rf"(?<!\w){re.escape(secret)}(?!\w)"
            text = re.sub(whole, "***", text)
        return text


def find_secrets(folder: Path) -> set[str]:
    """Return what looks like the value of a password in the sources and .env files of a folder."""
    found: set[str] = set()
    for path in [*folder.rglob("*.py"), *folder.glob(".env*"), *folder.parent.glob(".env*")]:
        if path.is_file():
            for quoted, bare in SECRET.findall(path.read_text(encoding="utf-8", errors="replace")):
                # Bare words are values in a .env file, but names and calls in a program.
                found.update({quoted} - {""} if path.suffix == ".py" else {quoted or bare})
    return found


def limit_resources() -> None:
    limits = {"RLIMIT_AS": MEMORY, "RLIMIT_FSIZE": FILE_SIZE, "RLIMIT_CPU": CPU_SECONDS, "RLIMIT_CORE": 0}
    for name, limit in limits.items():
        with suppress(AttributeError, ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(getattr(resource, name), (limit, limit))


class TrackedConnection(sqlite3.Connection):
    """A connection that remembers whether it was closed."""

    is_closed = False

    def close(self) -> None:
        super().close()
        self.is_closed = True


def redirect_sqlite(sandbox: Sandbox) -> None:
    """Let every database but those in memory be the seeded one."""
    real = sqlite3.connect

    def connect(database: Any, *args: Any, **options: Any) -> Any:
        name = os.fsdecode(database)
        if not (name in ("", ":memory:") or "mode=memory" in name or str(sandbox.database) in name):
            database = sandbox.database
            options["uri"] = False
        factory = options.pop("factory", None)
        if len(args) > 4:  # timeout, detect_types, isolation_level, check_same_thread, factory
            factory, args = args[4], (*args[:4],)
        if factory is None:
            factory = TrackedConnection
        elif not issubclass(factory, TrackedConnection):
            factory = type(factory.__name__, (factory, TrackedConnection), {})
        connection = real(database, *args, factory=factory, **options)
        sandbox.sqlite.append(connection)
        return connection

    sqlite3.connect = connect
    sqlite3.dbapi2.connect = connect


def redirect_mysql(sandbox: Sandbox) -> None:
    """Let every connection, also one of a pool, reach our server, whatever its settings say."""
    from mysql.connector.abstracts import MySQLConnectionAbstract

    real = MySQLConnectionAbstract.config

    def config(self: Any, **options: Any) -> None:
        sandbox.secrets.update(str(options[name]) for name in options if "pass" in name and options[name])
        database = options.get("database") or options.get("db")
        options = {name: options[name] for name in options if name not in PLACE and "ssl" not in name}
        options.update(unix_socket=os.environ["CHECKER_SOCKET"], user="root", password="")
        if database:
            options["database"] = sandbox.mysql_name or database
        sandbox.mysql.append(weakref.ref(self))
        real(self, collation="utf8mb4_general_ci", **options)

    MySQLConnectionAbstract.config = config


def provide_dotenv(sandbox: Sandbox) -> None:
    """Stand in for python-dotenv, which many solutions import and these exercises do not need."""

    def dotenv_values(path: Any = None, **_: Any) -> dict[str, str]:
        values = {}
        for file in [sandbox.folder.parent / ".env", sandbox.folder / ".env"]:
            for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
                name, equals, value = line.partition("=")
                if equals and not line.lstrip().startswith("#"):
                    values[name.replace("export ", "").strip()] = value.strip().strip("\"'")
        return values

    def load_dotenv(*_: Any, override: bool = False, **__: Any) -> bool:
        for name, value in dotenv_values().items():
            if override or name not in os.environ:
                os.environ[name] = value
        return True

    dotenv: Any = ModuleType("dotenv")
    dotenv.load_dotenv, dotenv.dotenv_values, dotenv.find_dotenv = (
        load_dotenv,
        dotenv_values,
        lambda *_: ".env",
    )
    sys.modules["dotenv"] = dotenv
