"""python-generators-0x00/throwaway_mysql.py: a private server for a command, and nothing left behind."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Callable, Iterator

from support import GENERATORS, Load, Run, run, skip_without_server_program

import mysql.connector
import pytest

THROWAWAY = [sys.executable, str(GENERATORS / "throwaway_mysql.py")]


@pytest.fixture(scope="module", autouse=True)
def server_program() -> None:
    """A program to start: mysqld or mariadbd."""
    skip_without_server_program()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty temporary folder with a short path, where servers make theirs."""
    path = Path(tempfile.mkdtemp())
    monkeypatch.setenv("TMPDIR", str(path))
    yield path
    shutil.rmtree(path)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds, or fail."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "this did not happen within 30 seconds"


def is_running(pid: int) -> bool:
    """Tell whether a process runs; a zombie, which has ended but was not waited for, does not."""
    if Path("/proc/self/stat").exists():
        with suppress(FileNotFoundError, ProcessLookupError):
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def server_pid(folder: Path) -> int:
    """Return the process id of the one server that runs in this folder."""
    (pid_file,) = folder.glob("mysql-*/pid")
    return int(pid_file.read_text())


def test_arguments_input_output_and_exit_status_are_passed_on(run_script: Run) -> None:
    command = ["sh", "-c", 'cat; echo "$1"; echo problem >&2; exit 7', "sh", "--help me"]
    done = run_script("throwaway_mysql.py", *command, input="from stdin\n")
    assert (done.returncode, done.stdout, done.stderr) == (7, "from stdin\n--help me\n", "problem\n")


def test_a_command_that_dies_of_a_signal_gives_128_and_its_number(run_script: Run) -> None:
    assert run_script("throwaway_mysql.py", "sh", "-c", "kill -9 $$").returncode == 137


def test_a_command_that_does_not_exist_is_one_line_and_status_127(run_script: Run) -> None:
    done = run_script("throwaway_mysql.py", "no-such-command", env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 127
    assert done.stderr == "throwaway_mysql.py: there is no command 'no-such-command'\n"


def test_without_a_command_it_runs_a_shell(run_script: Run) -> None:
    environment = {"SHELL": "/bin/sh"}
    done = run_script("throwaway_mysql.py", input="echo $MYSQL_USER; exit 5\n", env=environment)
    assert (done.returncode, done.stdout) == (5, "root\n")


@pytest.mark.parametrize("arguments", [["--help"], []])
def test_the_guardian_is_no_command_for_people(run_script: Run, arguments: list[str]) -> None:
    done = run_script("throwaway_guardian.py", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "throwaway_mysql.py starts it" in done.stderr


@pytest.mark.parametrize("client", ["mariadb", "mysql"])
def test_the_client_of_the_readme_finds_the_server(run_script: Run, client: str) -> None:
    if not shutil.which(client):
        pytest.skip(f"there is no program {client}")
    done = run_script(
        "throwaway_mysql.py", client, "--no-defaults", "--user=root", "-N", "-e", "SELECT 6 * 7"
    )
    assert (done.returncode, done.stdout) == (0, "42\n")


def test_as_a_context_manager_it_gives_settings_and_cleans_up(load: Load, folder: Path) -> None:
    with load("throwaway_mysql").ThrowawayServer() as settings:
        pid = server_pid(folder)
        connection = mysql.connector.connect(
            unix_socket=settings["MYSQL_UNIX_SOCKET"],
            user=settings["MYSQL_USER"],
            password=settings["MYSQL_PASSWORD"],
            collation="utf8mb4_general_ci",
        )
        with closing(connection), closing(connection.cursor()) as cursor:
            cursor.execute("SELECT @@tmpdir, @@skip_networking, @@character_set_server")
            ((tmpdir, skip_networking, character_set),) = cursor.fetchall()
        assert Path(tmpdir).parent == Path(settings["MYSQL_UNIX_SOCKET"]).parent
        assert skip_networking == 1
        assert Path(tmpdir).parent.stat().st_mode & 0o777 == 0o700  # only its user can reach the socket
        assert character_set == "utf8mb4"  # so that a plain CREATE DATABASE can hold every name
    assert not is_running(pid)
    assert list(folder.iterdir()) == []


def test_two_at_once_have_servers_of_their_own(load: Load, folder: Path) -> None:
    throwaway = load("throwaway_mysql")
    with throwaway.ThrowawayServer() as first, throwaway.ThrowawayServer() as second:
        assert first["MYSQL_UNIX_SOCKET"] != second["MYSQL_UNIX_SOCKET"]
        assert len(list(folder.iterdir())) == 2
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_after_a_signal(folder: Path, number: signal.Signals) -> None:
    command_line = [*THROWAWAY, "sh", "-c", "echo $$; exec sleep 600"]
    # A shell that starts the tests in the background has them ignore Ctrl-C, and that is inherited.
    listen = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, preexec_fn=listen) as child:
        command = int(child.stdout.readline())  # type: ignore[union-attr]
        server = server_pid(folder)
        child.send_signal(number)
        child.wait(timeout=30)
    wait_until(lambda: not list(folder.iterdir()))
    assert not is_running(server)
    wait_until(lambda: not is_running(command))
    assert child.returncode == (-number if number == signal.SIGKILL else 128 + number)


def test_nothing_is_left_after_sigkill_while_the_server_is_installed(folder: Path) -> None:
    with subprocess.Popen([*THROWAWAY, "true"]) as child:
        wait_until(lambda: list(folder.glob("mysql-*/data/*")))
        child.kill()
    wait_until(lambda: not list(folder.iterdir()))


def parent_of(pid: int) -> int:
    """Return the process id of the parent of a process."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        pytest.skip("this system has no /proc")
    return int(stat.read_text().rpartition(")")[2].split()[1])


def test_nothing_is_left_when_the_process_that_guards_the_server_is_killed(folder: Path) -> None:
    with subprocess.Popen([*THROWAWAY, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdin.write(b"ready\n")  # type: ignore[union-attr]
        child.stdin.flush()  # type: ignore[union-attr]
        assert child.stdout.readline() == b"ready\n"  # type: ignore[union-attr]
        server = server_pid(folder)
        guardian = parent_of(server)
        assert guardian not in (child.pid, os.getpid(), 1)
        os.kill(guardian, signal.SIGKILL)
        child.stdin.close()  # type: ignore[union-attr]
        assert child.wait(timeout=30) == 0
    wait_until(lambda: not is_running(server))
    assert list(folder.iterdir()) == []


def test_the_name_of_the_temporary_folder_does_not_matter(run_script: Run, folder: Path) -> None:
    strange = folder / "[ü] it's $HOME; #1 (*)"
    strange.mkdir()
    program = "import os; print(os.environ['MYSQL_UNIX_SOCKET'])"
    command = [sys.executable, "-c", program]
    done = run_script("throwaway_mysql.py", *command, env={"TMPDIR": str(strange)})
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout).parent.parent == strange
    assert list(strange.iterdir()) == []


def test_the_scripts_find_the_server_through_the_environment_in_a_checkout_of_any_name(
    tmp_path: Path,
) -> None:
    checkout = tmp_path / "my project [ü]"
    shutil.copytree(GENERATORS, checkout, ignore=shutil.ignore_patterns("__pycache__"))
    server = checkout / "throwaway_mysql.py"
    elsewhere = {
        "MYSQL_HOST": "no.such.host",
        "MYSQL_PORT": "1",
        "MYSQL_USER": "nobody",
        "MYSQL_PASSWORD": "x",
    }
    done = run(server, sys.executable, checkout / "seed.py", cwd=tmp_path, env=elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1000 users added" in done.stdout


def test_a_long_temporary_folder_is_not_used_for_the_socket(load: Load, tmp_path: Path, folder: Path) -> None:
    long = folder / ("x" * 90)
    long.mkdir()
    os.environ["TMPDIR"] = str(long)  # the fixture folder restores it
    with load("throwaway_mysql").ThrowawayServer() as settings:
        assert len(os.fsencode(settings["MYSQL_UNIX_SOCKET"])) <= 103
    assert list(long.iterdir()) == []


def test_without_a_server_program_it_says_what_to_install(
    load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    throwaway = load("throwaway_mysql")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(load("throwaway_guardian"), "PLACES", str(tmp_path))
    with pytest.raises(
        FileNotFoundError, match=r"neither mariadbd nor mysqld is installed.*sudo apt install"
    ):
        throwaway.ThrowawayServer().__enter__()


def fake_server(folder: Path, script: str) -> dict[str, str]:
    """Put programs called mariadbd and mariadb-install-db first in PATH, and return the environment."""
    for name in ("mariadbd", "mariadb-install-db"):
        program = folder / name
        program.write_text(f'#!/bin/sh\n[ "$2" = --version ] && echo MariaDB && exit\n{script}\n')
        program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_a_server_that_does_not_start_is_an_error_with_the_end_of_its_log(
    run_script: Run, folder: Path, tmp_path: Path
) -> None:
    environment = fake_server(tmp_path, "echo 'the disk is full' >&2; exit 1")
    done: Any = run_script("throwaway_mysql.py", "true", env=environment)
    assert done.returncode == 1
    assert done.stderr == "throwaway_mysql.py: the server did not start:\nthe disk is full\n\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("attempt", range(5))
def test_a_server_that_dies_at_once_still_gets_its_last_words_out(
    attempt: int, run_script: Run, folder: Path, tmp_path: Path
) -> None:
    environment = fake_server(tmp_path, "exit 1")
    done: Any = run_script("throwaway_mysql.py", "true", env=environment)
    assert (done.returncode, done.stderr) == (1, "throwaway_mysql.py: the server did not start:\n\n")


def test_help_works_without_the_connector(run_script: Run, tmp_path: Path) -> None:
    (tmp_path / "mysql.py").write_text("raise ModuleNotFoundError('gone', name='mysql')")
    done = run_script("throwaway_mysql.py", "--help", env={"PYTHONPATH": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "Lend a private, empty MySQL or MariaDB server" in done.stdout


def test_where_the_system_is_like_windows_it_says_so_in_one_line(run_python: Any) -> None:
    script = """
        import sys, throwaway_mysql
        sys.argv = ["throwaway_mysql.py", "true"]
        sys.exit(throwaway_mysql.main())
    """
    done = run_python(script, prefix="import os, signal; del os.killpg, os.geteuid, signal.SIGHUP\n")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr.startswith("throwaway_mysql.py: a throwaway server can't run on Windows; use WSL")
    assert done.stderr.count("\n") == 1
