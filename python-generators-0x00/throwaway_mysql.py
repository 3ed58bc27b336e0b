#!/usr/bin/env python3
"""Lend a private, empty MySQL or MariaDB server to one command, and leave nothing behind.

    python3 throwaway_mysql.py python3 seed.py     a server for as long as seed.py runs
    python3 throwaway_mysql.py                     a server for as long as a shell runs

The command finds its server through MYSQL_* in the environment. Three processes take part: this one runs the
command, a guardian makes a folder and starts the server in it, and the server serves. However this process
ends, even by SIGKILL, the guardian notices and removes server and folder.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
from types import FrameType

from throwaway_guardian import find_program, kill_group, remove_folder

# A file of its own, so that whoever kills this script by its name spares the guardian.
GUARDIAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "throwaway_guardian.py")


class ThrowawayServer:
    """A private server for the length of a with block, which receives its MYSQL_* settings.

    Entering raises FileNotFoundError when no server program is installed, and RuntimeError with the end of
    the server's log when it does not start.
    """

    def __enter__(self) -> dict[str, str]:
        find_program("mariadbd", "mysqld")
        self._lifeline, theirs = socket.socketpair()
        self._guardian = subprocess.Popen(
            [sys.executable, GUARDIAN],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            start_new_session=True,  # Ctrl-C in the terminal is not meant for the guardian
        )
        theirs.close()
        self._server, self._folder = 0, ""  # until the guardian tells
        try:
            return self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise

    def _wait_until_ready(self) -> dict[str, str]:
        with self._lifeline.makefile("rb") as news:
            line = news.readline()  # PROCESS FOLDER, and then "ready"; anything else is an error
            if line[:1].isdigit():
                server, folder = line.rstrip(b"\n").split(b" ", 1)
                self._server, self._folder = int(server), os.fsdecode(folder)
                line = news.readline()
            if line != b"ready\n":
                problem = (line + news.read()).decode(errors="replace")
                raise RuntimeError(f"the server did not start:\n{problem}")
        path = f"{self._folder}/sock"
        # The programs mysql and mariadb read MYSQL_UNIX_PORT, unless an option file names another socket.
        return {
            "MYSQL_UNIX_SOCKET": path,
            "MYSQL_UNIX_PORT": path,
            "MYSQL_USER": "root",
            "MYSQL_PASSWORD": "",
        }

    def __exit__(self, *exc_info: object) -> None:
        self._lifeline.close()
        if self._guardian.wait() != 0 and self._server:  # somebody killed the guardian
            kill_group(self._server)
            remove_folder(self._folder)

    def run(self, command: list[str], settings: dict[str, str]) -> int:
        """Run a command and return its exit status; 128 + N when signal N ended it, as a shell says."""
        child: subprocess.Popen[bytes] | None = None

        def pass_on(number: int, frame: FrameType | None) -> None:
            if child is None:
                sys.exit(128 + number)
            if number == signal.SIGINT and in_foreground():
                return  # taken for a Ctrl-C, which the terminal has sent to the command as well
            child.send_signal(number)

        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        environment = {**os.environ, **settings}
        # preexec_fn runs in the new process, before the command: so the guardian always knows its id.
        try:
            child = subprocess.Popen(
                command, env=environment, preexec_fn=lambda: self._tell_guardian(os.getpid())
            )
        except FileNotFoundError as error:
            raise FileNotFoundError(f"there is no command {command[0]!r}") from error
        status = child.wait()
        self._tell_guardian(0)
        return status if status >= 0 else 128 - status  # -N: signal N has ended it

    def _tell_guardian(self, command: int) -> None:
        """Tell the guardian the process id of the command, or 0 when it has ended."""
        with contextlib.suppress(BrokenPipeError):
            self._lifeline.sendall(b"%d\n" % command)


def in_foreground() -> bool:
    """Tell whether a Ctrl-C in the terminal reaches this process, and so the command too."""
    with contextlib.suppress(OSError), open("/dev/tty") as terminal:
        return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the command with its arguments")
    command = parser.parse_args().command
    throwaway = ThrowawayServer()
    try:
        with throwaway as settings:
            if not command:
                print("A private MySQL server runs until you leave this shell: exit", file=sys.stderr)
            return throwaway.run(command or [os.environ.get("SHELL", "/bin/sh")], settings)
    except FileNotFoundError as error:
        print(f"throwaway_mysql.py: {error}", file=sys.stderr)
        return 127
    except (OSError, RuntimeError) as error:
        print(f"throwaway_mysql.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
