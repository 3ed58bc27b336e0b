"""The walls around a learner's code: limits, no network, no other program, no file outside the copy changed.

None of this is a prison. It keeps honest code from doing harm by accident; it can still read what its user
can read.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from typing import Any

MEMORY = 2 << 30  # bytes of address space
FILE_SIZE = 256 << 20
CPU_SECONDS = 120
# The audit events of a change in the file system, and which of their arguments are paths.
CHANGES = {"os.remove": [0], "os.rename": [0, 1], "os.rmdir": [0], "os.mkdir": [0], "os.truncate": [0]}
CHANGES.update({"os.link": [1], "os.symlink": [1], "os.chmod": [0], "os.utime": [0]})
# Another program would be outside these walls.
PROGRAMS = ["subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "pty.spawn"]


class Walls:
    """An audit hook that refuses what leaves `home`; nothing but the checker's own end takes it down."""

    def __init__(self, home: str, socket: str) -> None:
        self.home = os.path.realpath(home)
        self.socket = socket
        self.are_up = False

    def put_up(self) -> None:
        limit_resources()
        self.are_up = True
        sys.addaudithook(self.refuse)

    def refuse(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.are_up:
            return
        if event == "socket.connect" and (not self.socket or arguments[1] != self.socket):
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
        path = os.path.realpath(path)
        if path.startswith("/dev/") and not path.startswith("/dev/shm/"):  # files in memory are files
            return True
        return path == self.home or path.startswith(self.home + os.sep)


def limit_resources() -> None:
    limits = {"RLIMIT_AS": MEMORY, "RLIMIT_FSIZE": FILE_SIZE, "RLIMIT_CPU": CPU_SECONDS, "RLIMIT_CORE": 0}
    for name, limit in limits.items():
        with suppress(AttributeError, ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(getattr(resource, name), (limit, limit))
