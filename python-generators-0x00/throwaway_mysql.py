#!/usr/bin/env python3
"""Lend a private, empty MySQL or MariaDB server to one command, and leave nothing behind.

    python3 throwaway_mysql.py python3 seed.py     a server for as long as seed.py runs
    python3 throwaway_mysql.py                     a server for as long as a shell runs

The command finds its server through MYSQL_* in the environment. Three processes take part: this one
runs the command, a guardian makes a folder and starts the server in it, and the server serves. This
process and the guardian each hold one end of a lifeline, a pair of connected sockets. However this
process ends, even by SIGKILL, the system closes its end, and the guardian removes server and folder.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from types import FrameType

START_TIMEOUT = 120  # seconds; the first start of a server writes more than 100 MB
SOCKET_PATH_LIMIT = 103  # bytes, on macOS; Linux allows 107
PLACES = "/usr/sbin:/usr/libexec:/usr/local/bin:/usr/local/sbin:/usr/local/mysql/bin:/opt/homebrew/bin"
HOW_TO_INSTALL = (
    "neither mysqld nor mariadbd is installed; get one with 'sudo apt install mariadb-server-core"
    " mariadb-client-core' (Debian, Ubuntu), 'sudo dnf install mariadb-server' (Fedora),"
    " 'sudo pacman -S mariadb' (Arch) or 'brew install mariadb' (macOS)"
)
# The guardian's command line does not name this file, so 'pkill -9 -f throwaway_mysql' spares it.
GUARDIAN = "import os, runpy; runpy.run_path(os.environ['GUARDIAN'], run_name='guardian')"


def find_program(*names: str) -> str:
    """Return the path of the first of these programs that is installed, or raise FileNotFoundError."""
    folders = os.environ.get("PATH", os.defpath) + os.pathsep + PLACES
    for name in names:
        program = shutil.which(name, path=folders)
        if program:
            return program
    raise FileNotFoundError(HOW_TO_INSTALL)


def server_script(folder: str) -> str:
    """Return the shell command that fills `folder` with an empty database, then becomes its server."""
    program = find_program("mariadbd", "mysqld")
    version = subprocess.check_output([program, "--no-defaults", "--version"], text=True)
    options = ["--no-defaults", f"--datadir={folder}/data"]
    if os.geteuid() == 0:
        options.append("--user=root")  # neither server runs as root unless it is told to
    if "MariaDB" in version:
        # Without --rpm, root's installer would change the owner of the machine's own PAM helper.
        install = [find_program("mariadb-install-db", "mysql_install_db"), *options, "--rpm"]
        install += ["--skip-test-db", "--auth-root-authentication-method=normal"]
    else:
        options += ["--secure-file-priv=NULL", "--mysqlx=0"]
        install = [program, *options, "--initialize-insecure"]
    serve = [program, *options, f"--socket={folder}/sock", f"--pid-file={folder}/pid"]
    serve += ["--skip-networking", "--skip-log-bin"]
    serve += ["--max-allowed-packet=64M", "--innodb-buffer-pool-size=256M"]
    # Nothing here has to survive a crash, so nothing waits for the disk.
    serve += ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]
    return f"{shlex.join(install)} && exec {shlex.join(serve)}"


def new_folder() -> str:
    """Make a folder that only its user can enter, with a path short enough for a socket in it."""
    folder = tempfile.mkdtemp(prefix="mysql-")
    if len(os.fsencode(f"{folder}/sock")) > SOCKET_PATH_LIMIT:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="mysql-", dir="/tmp")
    os.mkdir(f"{folder}/data")
    os.mkdir(f"{folder}/tmp")
    return folder


def kill_group(leader: int) -> None:
    """Kill a process and those that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def remove_folder(folder: str) -> None:
    """Remove a folder, even while processes that were just killed still write their last bytes."""
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.05)


def guard() -> None:
    """Be the guardian: start a server in a new folder, and remove both when either end comes."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.ExitStack() as undo:
        folder = new_folder()
        undo.callback(remove_folder, folder)
        log = undo.enter_context(open(f"{folder}/log", "wb+"))
        server = subprocess.Popen(
            ["sh", "-c", server_script(folder)],
            # A starting MariaDB empties the temporary folder that it uses: give it one of its own.
            env={**os.environ, "TMPDIR": f"{folder}/tmp"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        undo.callback(kill_group, server.pid)
        threading.Thread(target=wait_for_the_end, args=[server.pid], daemon=True).start()
        os.write(1, f"{server.pid} {folder}\n".encode())
        server.wait()
        log.seek(0)
        last_words = log.read()[-2000:]
    os.write(1, last_words)


def wait_for_the_end(server: int) -> None:
    """When the lifeline is cut, kill the server and hang up on the command, if one was still running."""
    command = b"0"
    while received := os.read(0, 100):
        command = received.split()[-1]
    kill_group(server)
    if int(command):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(command), signal.SIGHUP)


class ThrowawayServer:
    """A private server for the length of a with block, which receives its MYSQL_* settings.

    Entering raises FileNotFoundError when no server program is installed, RuntimeError with the end
    of the server's log when it does not start, and TimeoutError when it does not answer.
    """

    def __enter__(self) -> dict[str, str]:
        find_program("mariadbd", "mysqld")
        self._lifeline, theirs = socket.socketpair()
        self._guardian = subprocess.Popen(
            [sys.executable, "-c", GUARDIAN],
            env={**os.environ, "GUARDIAN": os.path.abspath(__file__)},
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            start_new_session=True,  # Ctrl-C in the terminal is not meant for the guardian
        )
        theirs.close()
        self._server, self._folder = 0, ""
        try:
            return self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise

    def _wait_until_ready(self) -> dict[str, str]:
        """Return the settings of the server once it has answered a query; an open port proves nothing."""
        import mysql.connector  # here: the guardian has no use for it

        first_line = self._lifeline.recv(4096).decode()
        if not first_line[:1].isdigit():
            raise RuntimeError(f"no server could be started: {first_line}")
        server, self._folder = first_line.rstrip("\n").split(" ", 1)
        self._server = int(server)
        path = f"{self._folder}/sock"
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self._guardian.poll() is not None:
                raise RuntimeError(f"the server did not start:\n{self._lifeline.recv(4096).decode()}")
            with contextlib.suppress(mysql.connector.Error):
                connection = mysql.connector.connect(
                    unix_socket=path, user="root", password="", collation="utf8mb4_general_ci"
                )
                with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
                    cursor.execute("SELECT 1")
                    cursor.fetchall()
                # MYSQL_UNIX_PORT is for the programs mysql and mariadb, where no option file overrides it.
                names = ("MYSQL_UNIX_SOCKET", "MYSQL_UNIX_PORT")
                return {**dict.fromkeys(names, path), "MYSQL_USER": "root", "MYSQL_PASSWORD": ""}
            time.sleep(0.05)
        raise TimeoutError(f"the server did not answer within {START_TIMEOUT} seconds")

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
            if number != signal.SIGINT or not in_foreground():  # the terminal has sent the command its own
                child.send_signal(number)

        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        environment = {**os.environ, **settings}
        # The new process itself names itself to the guardian, so that it never runs unknown to it.
        child = subprocess.Popen(command, env=environment, preexec_fn=self._tell_guardian)
        status = child.wait()
        self._tell_guardian(0)
        return status if status >= 0 else 128 - status

    def _tell_guardian(self, command: int | None = None) -> None:
        """Tell the guardian that this process is the command, or, with 0, that the command has ended."""
        with contextlib.suppress(BrokenPipeError):
            self._lifeline.sendall(b"%d " % (os.getpid() if command is None else command))


def in_foreground() -> bool:
    """Tell whether this process belongs to the group that a terminal sends its Ctrl-C to."""
    with contextlib.suppress(OSError), open("/dev/tty") as terminal:
        return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    return False


def main() -> int:
    import common  # says so when the connector is missing

    parser = common.parser(__doc__)
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


if __name__ == "guardian":
    try:
        guard()
    except BrokenPipeError:
        pass  # nobody is left to read the server's last words
    except (OSError, subprocess.SubprocessError) as error:
        os.write(1, str(error).encode())
elif __name__ == "__main__":
    sys.exit(main())
