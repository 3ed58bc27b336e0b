"""The scripts as a learner runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from support import CONTEXT, ROOT, Load, Run

import pytest

SCRIPTS = {
    "0-databaseconnection.py": "(12, 'Leilani Kahale', 'leilani.kahale@example.com', 25)\n",
    "1-execute.py": "(11, 'Kirsten Lund', 'kirsten.lund@example.com', 74)\n",
    "2-transaction.py": "outer undone:    [('Ada Abara', 36), ('Bruno Keller', 52)]\n",
    "3-concurrent.py": "  (6, \"Fiona O'Rourke\", 'fiona.orourke@example.com', 67)\n",
    "4-async_stream.py": " MB\n",
}
every_script = pytest.mark.parametrize("script", SCRIPTS)


@every_script
@pytest.mark.parametrize("folder", [ROOT, CONTEXT], ids=["root", "folder"])
def test_it_seeds_a_missing_database_and_runs_from_anywhere(
    run_script: Run, script: str, folder: Path, tmp_path: Path
) -> None:
    for _ in range(2):  # and the second time is like the first
        done = run_script(script, cwd=str(folder), env={"USERS_DB": str(tmp_path / "new.db")})
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith(SCRIPTS[script])
    assert os.listdir(str(tmp_path)) == ["new.db"]


@every_script
def test_it_has_a_help(run_script: Run, script: str) -> None:
    done = run_script(script, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert script in done.stdout


@every_script
def test_a_file_that_is_no_database_is_one_line_on_stderr(
    run_script: Run, script: str, tmp_path: Path
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, this is not a database. " * 100)
    done = run_script(script, env={"USERS_DB": str(path)})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{script}: {path}: file is not a database\n"


@every_script
def test_a_reader_that_has_seen_enough_is_no_error(script: str, users_db: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-X", "dev", str(CONTEXT / script)],
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@every_script
def test_importing_it_prints_nothing_and_writes_nothing(
    load: Load, script: str, tmp_path: Path, monkeypatch: Any, capfd: Any
) -> None:
    monkeypatch.setenv("USERS_DB", str(tmp_path / "users.db"))
    assert load(script[:-3]).__doc__
    assert os.listdir(str(tmp_path)) == []
    assert capfd.readouterr() == ("", "")


def test_a_million_rows_take_no_more_memory_than_ten_thousand(run_script: Run, tmp_path: Path) -> None:
    peaks = []
    for rows in (10_000, 1_000_000):
        done = run_script("4-async_stream.py", "--rows", str(rows), env={"TMPDIR": str(tmp_path)})
        assert (done.returncode, done.stderr) == (0, "")
        count, peak = map(
            int, re.findall(r"^(\d+) users passed; peak memory (\d+) MB$", done.stdout, re.MULTILINE)[0]
        )
        assert count == rows
        peaks.append(peak)
    assert peaks[1] - peaks[0] <= 8
    assert os.listdir(str(tmp_path)) == []  # the table was a temporary one


@pytest.mark.parametrize("rows", ["0", "-5"])
def test_a_number_of_rows_below_one_is_refused(run_script: Run, rows: str) -> None:
    done = run_script("4-async_stream.py", "--rows", rows)
    assert done.returncode == 1
    assert done.stderr == f"4-async_stream.py: --rows must be a whole number of at least 1, not {rows}\n"


def test_the_measurement_runs(run_script: Run) -> None:
    done = run_script("measure.py", "--rows", "1000")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()][2:] == [
        "plain_sqlite3",
        "plain_aiosqlite",
        "async_stream_users",
    ]
