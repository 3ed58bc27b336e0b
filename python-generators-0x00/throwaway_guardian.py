"""The guardian of throwaway_mysql.py: start a server in a new folder, and remove both at the end.

It runs in a process of its own, with one end of a lifeline, a pair of connected sockets, as stdin and stdout.
It writes the server's process id and folder, then "ready", or else the end of the server's log. It reads the
process id of the command, and 0 once that has ended. However throwaway_mysql.py ends, the system closes the
other end, and the guardian removes everything.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

START_TIMEOUT = 120  # seconds; the first start of a server writes more than 100 MB
SOCKET_PATH_LIMIT = 103  # bytes, on macOS; Linux allows 107
PLACES = "/usr/sbin:/usr/libexec:/usr/local/bin:/usr/local/sbin:/usr/local/mysql/bin:/opt/homebrew/bin"
HOW_TO_INSTALL = (
    "get a server with 'sudo apt install mariadb-server-core"
    " mariadb-client-core' (Debian, Ubuntu), 'sudo dnf install mariadb-server' (Fedora),"
    " 'sudo pacman -S mariadb' (Arch) or 'brew install mariadb' (macOS)"
)


def find_program(*names: str) -> str:
    """Return the path of the first of these programs that is installed, or raise FileNotFoundError."""
    if not hasattr(os, "killpg"):  # as on Windows
        raise FileNotFoundError(
            "a throwaway server can't run on Windows; use WSL, or set MYSQL_HOST to use another server"
        )
    folders = os.environ.get("PATH", os.defpath) + os.pathsep + PLACES
    for name in names:
        program = shutil.which(name, path=folders)
        if program:
            return program
    raise FileNotFoundError(f"neither {' nor '.join(names)} is installed; {HOW_TO_INSTALL}")


def server_script(folder: str) -> str:
    """Return the shell command that fills `folder` with an empty database, then becomes its server."""
    program = find_program("mariadbd", "mysqld")
    version = subprocess.check_output([program, "--no-defaults", "--version"], text=True)
    options = ["--no-defaults", f"--datadir={folder}/data"]
    if os.geteuid() == 0:
        # Neither server runs as root unless it's told to. In two words, because --user=root makes MariaDB's
        # installer change the owner of the folder, and it fails at that if there's a space in the path.
        options += ["--user", "root"]
    if "MariaDB" in version:
        install = [find_program("mariadb-install-db", "mysql_install_db"), *options, "--rpm"]
        install += ["--skip-test-db", "--auth-root-authentication-method=normal"]
    else:
        options += ["--secure-file-priv=NULL", "--mysqlx=0"]
        install = [program, *options, "--initialize-insecure"]
    serve = [program, *options, f"--socket={folder}/sock", f"--pid-file={folder}/pid"]
    serve += ["--skip-networking", "--skip-log-bin", "--character-set-server=utf8mb4"]
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


def remove_folder(folder: str) -> None:
    """Remove a folder, even while processes that were just killed still write their last bytes."""
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.05)


def kill_group(leader: int) -> None:
    """Kill a process and those that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def greets(path: str) -> bool:
    """Tell whether a server greets whoever connects to this socket; that the file exists proves nothing."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(path)
        return connection.recv(1) != b""
    return False


def guard() -> None:
    """Start a server in a new folder, and remove both when the server ends or the lifeline is cut."""
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
        os.write(1, b"%d %s\n" % (server.pid, os.fsencode(folder)))
        deadline = time.monotonic() + START_TIMEOUT
        # Until it serves, or has died, or is killed because it takes too long.
        while server.poll() is None and not greets(f"{folder}/sock"):
            if time.monotonic() > deadline:
                kill_group(server.pid)
            time.sleep(0.05)
        if server.poll() is None:
            os.write(1, b"ready\n")
        server.wait()
        log.seek(0)
        last_words = log.read()[-2000:]
    os.write(1, last_words)  # when the folder is gone


def wait_for_the_end(server: int) -> None:
    """When the lifeline is cut, kill the server, and hang up on the command if it still runs."""
    command = 0
    with contextlib.suppress(ConnectionResetError), open(0, closefd=False) as lifeline:
        for line in lifeline:
            command = int(line)
    if command:
        with contextlib.suppress(ProcessLookupError):
            os.kill(command, signal.SIGHUP)
    kill_group(server)


if __name__ == "__main__":
    if not stat.S_ISSOCK(os.fstat(0).st_mode):
        sys.exit("throwaway_guardian.py has no command line: throwaway_mysql.py starts it, so run that")
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        guard()
    except BrokenPipeError:
        pass  # nobody is left to read the server's last words
    except (OSError, subprocess.SubprocessError) as error:
        os.write(1, str(error).encode())
