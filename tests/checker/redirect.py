"""Connections that lead to our databases, whatever file, host, user or password the learner's code names."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from checker.recorder import Recorder, TrackedConnection

# Options that say where a server is and who asks, as opposed to how a connection behaves.
PLACE = """host port user username password passwd password1 password2 password3 unix_socket database db
    charset collation auth_plugin failover option_files option_groups allow_local_infile_in_path""".split()

# Seconds that SQLite waits for a lock, 5 by default: a thread that locks itself out waits in vain.
LOCK_TIMEOUT = 1.0


class Redirection:
    """Where connections lead: `database` is a file, and `mysql_name` what every name of a database means.

    With an empty `mysql_name` the names stay as they are; with an empty `socket` there is no MySQL.
    """

    def __init__(self, recorder: Recorder, database: Path, socket: str, secrets: set[str]) -> None:
        self.recorder = recorder
        self.database = database
        self.socket = socket
        self.secrets = secrets
        self.mysql_name = ""
        self.open_sqlite = sqlite3.connect  # the checker's own way in
        self.other_names: set[Path] = set()
        self.linked: set[Path] = set()  # those of them that led to our database when they were last seen
        self.names: list[str] = []  # of all the databases in SQLite that were opened
        self.lock = threading.Lock()

    def install(self) -> None:
        for module in (sqlite3, sqlite3.dbapi2, sys.modules["_sqlite3"]):  # some import that one
            module.connect = self.connect_sqlite  # type: ignore[attr-defined]
        self.redirect_mysql()
        sys.addaudithook(self.notice_csv)

    def connect_sqlite(self, database: Any, *args: Any, **options: Any) -> Any:
        """Let every database but those in memory be ours."""
        name = os.fsdecode(database)
        is_theirs = not sys._getframe(1).f_globals.get("__name__", "").startswith("checker.")
        if is_theirs:
            self.recorder.sources.add("SQLite")
        self.names.append(name)
        self.recorder.at_home |= self.notice_elsewhere(name) and is_theirs
        if not (name in ("", ":memory:") or "mode=memory" in name or str(self.database) in name):
            self.let_it_exist(name)
            database = self.database
            options["uri"] = False
        if is_theirs and (args or "timeout" in options):
            timeout = args[0] if args else options["timeout"]
            if timeout < 0.5:
                self.recorder.impatient.append((sys._getframe(1).f_code.co_filename, timeout))
        if args:
            args = (min(args[0], LOCK_TIMEOUT), *args[1:])
        else:
            options["timeout"] = min(options.get("timeout", LOCK_TIMEOUT), LOCK_TIMEOUT)
        factory = options.pop("factory", None)
        if len(args) > 4:  # timeout, detect_types, isolation_level, check_same_thread, factory
            factory, args = args[4], (*args[:4],)
        if factory is None:
            factory = TrackedConnection
        elif not issubclass(factory, TrackedConnection):
            factory = type(factory.__name__, (factory, TrackedConnection), {})
        connection = self.open_sqlite(database, *args, factory=factory, **options)
        self.recorder.follow(connection)
        return connection

    def let_it_exist(self, name: str) -> None:
        """Let a file of this name be there, as after any sqlite3.connect: some code looks for it, or removes it.

        If it was removed since the last time, so was our database.
        """
        path = Path(os.path.abspath(name))
        if path == self.database or self.database.parent.parent not in path.parents:
            return
        with self.lock:
            if path in self.linked and not os.path.lexists(path):
                self.remove_database()
            with suppress(OSError):  # it is there, or its folder is not
                path.symlink_to(self.database)
            if os.path.lexists(path):
                self.other_names.add(path)
                self.linked.add(path)

    def begin_afresh(self) -> None:
        """Let a name that was removed mean nothing for the next database."""
        self.remove_database()
        self.linked = {path for path in self.linked if os.path.lexists(path)}

    def let_others_exist(self) -> None:
        """Let each name of a database that was ever opened be there again: some code looks before it connects."""
        for path in self.other_names:
            with suppress(OSError):
                path.symlink_to(self.database)
        self.linked = {path for path in self.other_names if os.path.lexists(path)}

    def remove_database(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.database.with_name(self.database.name + suffix).unlink()

    def notice_elsewhere(self, name: str) -> bool:
        """Remember the name of a database that is not the users.db beside the solution; tell whether it is."""
        path = Path(os.path.normpath(self.database.parent / re.sub(r"^file:(//)?|\?.*", "", name)))
        if name in ("", ":memory:") or "mode=memory" in name:
            shown = "a database in memory"
        elif path == self.database or self.is_neighbours(path):
            return True
        else:
            up = os.path.relpath(path, self.database.parent)
            far = name if os.path.isabs(name) else path.name
            shown = repr(up if up.count("..") < 3 else far)
        if shown not in self.recorder.elsewhere:
            self.recorder.elsewhere.append(shown)
        return False

    def is_neighbours(self, path: Path) -> bool:
        """Tell whether a path is the users.db of another exercise folder: the same table, filled there."""
        is_in_the_repository = self.database.parent.parent in path.parents
        return is_in_the_repository and path.name == self.database.name and path.parent.is_dir()

    def redirect_mysql(self) -> None:
        """Let every connection, also one of a pool, reach our server, or none where there is none."""
        from mysql.connector.abstracts import MySQLConnectionAbstract
        from mysql.connector.errors import InterfaceError

        real = MySQLConnectionAbstract.config
        redirection = self

        def config(self: Any, **options: Any) -> None:
            redirection.recorder.sources.add("MySQL")
            if not redirection.socket:
                raise InterfaceError("there is no MySQL server for this exercise, which is about SQLite")
            redirection.secrets.update(str(options[n]) for n in options if "pass" in n and options[n])
            names = [name for name in ("database", "db") if name in options]
            database = options[names[0]] if names else None
            options = {name: options[name] for name in options if name not in PLACE and "ssl" not in name}
            options.update(unix_socket=redirection.socket, user="root", password="")
            if names and (database or redirection.mysql_name):
                options["database"] = redirection.mysql_name or database
            redirection.recorder.mysql.append(weakref.ref(self))
            real(self, collation="utf8mb4_general_ci", **options)

        MySQLConnectionAbstract.config = config

    def notice_csv(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open":
            return
        name = str(arguments[0])
        if name.endswith(".csv"):
            self.recorder.sources.add("CSV")
        if (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR) and not name.startswith("/dev/"):
            frame: FrameType | None = sys._getframe(1)
            while frame and "/exercise/" not in frame.f_code.co_filename:
                frame = frame.f_back
            if frame and not isinstance(arguments[0], int):
                self.recorder.written.append(os.path.basename(name))
