"""Where the processes of the tasks come from: each is a fork of one process that has imported all they need.

Importing it takes a fifth of a second, and a fork a few milliseconds. That process, the nursery, starts with the
first task, and ends when the checker does, however that ends.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from array import array
from contextlib import suppress
from functools import lru_cache
from threading import Lock
from typing import Any, NoReturn

ONE_AT_A_TIME = Lock()  # for threads that check


class Process:
    """The process of a task: its process id, where it reports, and how it ended."""

    def __init__(self, request: dict[str, Any], words: int, variables: dict[str, str]) -> None:
        """Start one that takes this request; it prints into the file `words`.

        `variables` is the environment of the nursery, if this is the first one.
        """
        lifeline, self.lifeline = os.pipe()  # when it is closed, the process ends
        self.reports, reports = os.pipe()
        self.news, news = os.pipe()  # its process id, and then its exit status
        with ONE_AT_A_TIME:
            control = nursery(**variables)
        rights = array("i", [lifeline, reports, words, news])
        control.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        for descriptor in (lifeline, reports, news):
            os.close(descriptor)
        os.write(self.lifeline, json.dumps(request).encode() + b"\n")
        self.pid = int(read_line(self.news))
        self.status: int | None = None

    def kill(self) -> int:
        """End the process and all that it started; return its exit status, or -N if signal N ended it."""
        if self.status is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self.status = int(read_line(self.news))
            for descriptor in (self.lifeline, self.reports, self.news):
                os.close(descriptor)
        return self.status


@lru_cache(maxsize=None)
def nursery(**variables: str) -> socket.socket:
    """Start the nursery; return the socket through which processes are asked of it."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [*without_network(), sys.executable, "-m", "checker.child"],
        cwd="/",
        env=variables,
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is not meant for it
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


@lru_cache(maxsize=None)
def without_network() -> tuple[str, ...]:
    """Return the command that takes the network from a process, where Linux lets its user do that."""
    for command in (("unshare", "--net"), ("unshare", "--net", "--map-root-user")):
        with suppress(OSError):
            if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode == 0:
                return command
    return ()


# What follows runs in the nursery.


def serve() -> dict[str, Any]:
    """Fork a process for each request on stdin, until the checker ends; return the request in the new process."""
    control = socket.socket(fileno=0)
    while True:
        _, rights, _, _ = control.recvmsg(1, socket.CMSG_SPACE(4 * array("i").itemsize))
        if not rights:
            break
        descriptors = array("i", rights[0][2]).tolist()
        if not os.fork():
            return supervise(control.detach(), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    with suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)


def supervise(control: int, lifeline: int, reports: int, words: int, news: int) -> dict[str, Any]:
    """Fork once more and return the request in the new process; here, report its id and its exit status."""
    process = os.fork()
    with suppress(OSError):
        os.setpgid(process, process)  # whichever of the two comes first
    if process:
        for descriptor in (control, lifeline, reports, words):
            os.close(descriptor)
        tell_how_it_ends(process, news)
    os.close(news)
    for number, descriptor in enumerate((lifeline, reports, words)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    request: dict[str, Any] = json.loads(read_line(0))
    return request


def tell_how_it_ends(process: int, news: int) -> NoReturn:
    with suppress(BrokenPipeError):  # the checker has ended
        os.write(news, b"%d\n" % process)
        status = os.waitpid(process, 0)[1]
        os.write(news, b"%d\n" % (-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)))
    os._exit(0)


def read_line(descriptor: int) -> bytes:
    """Return the next line; nothing of what follows it is read."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            raise EOFError("the process of a task did not start")
        line += byte
    return line
