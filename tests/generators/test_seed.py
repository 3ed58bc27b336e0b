"""seed.py: the table, what gets into it as a whole or not at all, and what is said about it."""

from __future__ import annotations

import importlib
import os
import struct
import subprocess
import sys
import textwrap
import uuid
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

from support import GENERATORS, ROOT, Load, Run, pseudo_terminals

import mysql.connector
import pytest


def rows(connection: Any, columns: str = "name, email, age") -> list[tuple[Any, ...]]:
    """Return the rows of the table as another connection would see them now."""
    connection.rollback()
    with closing(connection.cursor()) as cursor:
        cursor.execute(f"SELECT {columns} FROM user_data ORDER BY email")
        return list(cursor.fetchall())


def test_the_curriculums_driver_prints_its_lines(
    load: Load, prodev: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = load("seed")
    connection = seed.connect_db()
    assert connection
    seed.create_database(connection)
    connection.close()
    print("connection successful")

    connection = seed.connect_to_prodev()
    assert connection
    seed.create_table(connection)
    seed.insert_data(connection, "user_data.csv")
    cursor = connection.cursor()
    cursor.execute(f"SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = '{prodev}';")
    if cursor.fetchone():
        print("the database is present")
    cursor.execute("SELECT * FROM user_data LIMIT 5;")
    print(len(cursor.fetchall()), "rows")
    cursor.close()
    connection.close()

    assert capsys.readouterr().out.splitlines() == [
        "connection successful",
        "Table user_data created successfully",
        "the database is present",
        "5 rows",
    ]


def test_the_table_has_the_promised_columns(connection: Any) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute("SHOW COLUMNS FROM user_data")
        columns = [(name, str(kind), null, key) for name, kind, null, key, *_ in cursor.fetchall()]
    assert columns == [
        ("user_id", "char(36)", "NO", "PRI"),
        ("name", "varchar(255)", "NO", ""),
        ("email", "varchar(255)", "NO", ""),
        ("age", "decimal(3,0)", "NO", ""),
    ]


def test_connections_use_the_c_extension_where_it_loads(connection: Any) -> None:
    import mysql.connector

    assert mysql.connector.HAVE_CEXT
    assert type(connection).__name__ == "CMySQLConnection"


def test_seeding_twice_adds_nothing(seed: ModuleType, connection: Any) -> None:
    assert seed.insert_data(connection, "user_data.csv") == 1000
    before = rows(connection, "user_id, name, email, age")
    assert seed.insert_data(connection, "user_data.csv") == 0
    assert rows(connection, "user_id, name, email, age") == before


def test_the_id_follows_from_the_email_in_lower_case(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str]
) -> None:
    assert seed.insert_data(connection, csv_file("name,email,age\nAda,Ada@Example.com,36\n")) == 1
    assert seed.insert_data(connection, csv_file("name,email,age\nNot Ada,ADA@example.COM,99\n")) == 0
    expected = str(uuid.uuid5(uuid.NAMESPACE_URL, "mailto:ada@example.com"))
    assert rows(connection, "user_id, name, email, age") == [(expected, "Ada", "Ada@Example.com", 36)]


def test_an_email_twice_in_one_file_is_one_user(
    seed: ModuleType, connection: Any, csv_file: Callable[..., str]
) -> None:
    path = csv_file("name,email,age\nAda,ada@example.com,36\nAda,ada@example.com,36\n")
    assert seed.insert_data(connection, path) == 1


def test_an_unreachable_server_is_named_with_a_way_out(
    load: Load, run_script: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("MYSQL_UNIX_SOCKET", "MYSQL_PASSWORD"):
        monkeypatch.delenv(setting, raising=False)
    for setting, value in {"HOST": "127.0.0.1", "PORT": "1", "USER": "mallory"}.items():
        monkeypatch.setenv(f"MYSQL_{setting}", value)
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:1 as user 'mallory': .*throwaway_mysql\.py"):
        load("seed").connect_db()
    done = run_script("seed.py")
    assert done.returncode == 1
    assert done.stderr.startswith("seed.py: no connection to MySQL at 127.0.0.1:1 as user 'mallory'")
    assert done.stderr.count("\n") == 1
    assert "; check MYSQL_*, or unset MYSQL_HOST to use a throwaway server with: python3 " in done.stderr
    monkeypatch.setenv("MYSQL_UNIX_SOCKET", "/nowhere")
    assert "or unset MYSQL_UNIX_SOCKET to use a throwaway server" in run_script("seed.py").stderr


def test_a_wrong_password_is_an_error_that_does_not_show_it(
    seed: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYSQL_PASSWORD", "wrong-secret")
    monkeypatch.setenv("MYSQL_USER", "nobody_here")
    with pytest.raises(ConnectionError, match="Access denied for user 'nobody_here'") as error:
        seed.connect_db()
    assert "wrong-secret" not in str(error.value)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_a_port_that_is_none_is_named(seed: ModuleType, monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.delenv("MYSQL_UNIX_SOCKET", raising=False)
    monkeypatch.setenv("MYSQL_PORT", port)
    with pytest.raises(ValueError, match=f"MYSQL_PORT must be the number of a port, not '{port}'"):
        seed.connect_db()


def test_a_missing_database_is_an_error_that_says_to_seed(
    seed: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYSQL_DATABASE", "test_of_a_missing_database")
    monkeypatch.chdir(ROOT)
    message = r"^Unknown database 'test_of_a_missing_database'.*python3 python-generators-0x00/seed\.py"
    with pytest.raises(ConnectionError, match=message):
        seed.connect_to_prodev()


def test_a_database_with_a_strange_name_is_created(seed: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"test `{uuid.uuid4().hex}`; x"
    monkeypatch.setenv("MYSQL_DATABASE", name)
    with closing(seed.connect_db()) as connection, closing(connection.cursor()) as cursor:
        seed.create_database(connection)
        seed.create_database(connection)
        cursor.execute("SHOW DATABASES")
        assert name in [row[0] for row in cursor.fetchall()]
        cursor.execute(f"DROP DATABASE `{name.replace('`', '``')}`")


def test_the_script_seeds_in_one_go_from_any_folder(
    prodev: str, run_script: Run, connection: Any, tmp_path: Path
) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(f"DROP DATABASE {prodev}")
    done = run_script("seed.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    added = f"1000 users added to {prodev}.user_data, 0 were already there; it has 1000 now"
    assert done.stdout == f"Table user_data created successfully\n{added}\n"


def test_rows_adds_exactly_that_many_made_up_users_the_same_each_time(
    run_script: Run, connection: Any, csv_file: Callable[..., str]
) -> None:
    path = csv_file("name,email,age\nAda,ada@example.com,36\n")
    done = run_script("seed.py", path, "--rows", "2345")
    assert "2346 users added" in done.stdout
    assert done.stderr == ""
    before = rows(connection, "user_id, name, email, age")
    assert len(before) == len({user_id for user_id, *_ in before}) == 2346
    assert "0 users added" in run_script("seed.py", path, "--rows", "2345").stdout
    assert rows(connection, "user_id, name, email, age") == before


def test_made_up_users_come_in_the_order_of_their_ids(load: Load) -> None:
    users = list(load("users").made_up_users(70_000))
    assert users == sorted(users)
    assert all(uuid.UUID(user_id).version == 8 and 1 <= age <= 120 for user_id, _, _, age in users)


def test_reset_empties_the_table_first(
    run_script: Run, connection: Any, csv_file: Callable[..., str]
) -> None:
    run_script("seed.py", "--rows", "10")
    done = run_script("seed.py", csv_file("name,email,age\nAda,ada@example.com,36\n"), "--reset")
    assert "1 user added" in done.stdout
    assert rows(connection) == [("Ada", "ada@example.com", 36)]


def test_rows_that_are_no_positive_number_are_refused_before_anything_is_done(
    run_script: Run, connection: Any
) -> None:
    done = run_script("seed.py", "--rows", "0")
    assert (done.returncode, done.stderr) == (
        1,
        "seed.py: --rows must be a whole number of at least 1, not 0\n",
    )
    assert rows(connection) == []


def test_ctrl_c_in_the_middle_ends_with_status_130_and_adds_nothing(
    seed: ModuleType, connection: Any
) -> None:
    # Two hundred times, since the driver crashed at one in fifty.
    script = """
        import common, seed, signal

        def demo():
            signal.signal(signal.SIGALRM, lambda number, frame: signal.raise_signal(signal.SIGINT))
            signal.signal(signal.SIGINT, signal.default_int_handler)
            connection = seed.connect_to_prodev()
            for number in range(200):
                try:
                    with seed.transaction(connection) as cursor:
                        signal.setitimer(signal.ITIMER_REAL, 0.001 + number / 20_000)
                        seed.insert_users(cursor, seed.made_up_users(1_000_000))
                except KeyboardInterrupt:
                    pass
            raise KeyboardInterrupt

        common.run(demo, common.parser(""))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, cwd=GENERATORS, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert rows(connection) == []


def test_users_are_inserted_while_they_are_read(seed: ModuleType) -> None:
    batches = []

    class Cursor:
        rowcount = 0

        def executemany(self, statement: str, batch: list[Any]) -> None:
            batches.append(len(batch))

    def users() -> Iterator[Any]:
        yield from [("id", "name", "email", 1)] * 3500
        raise ValueError("bad row")

    with pytest.raises(ValueError, match="bad row"):
        seed.insert_users(Cursor(), users())
    assert sum(batches) >= 2500
    assert max(batches) <= 1000


def test_the_script_says_how_many_were_added_were_there_and_are_there_now(
    prodev: str, run_script: Run, csv_file: Callable[..., str], people: Callable[..., None]
) -> None:
    people(20, 30)  # under ids of their own
    path = csv_file("name,email,age\nAda,ada@example.com,36\nAda,ADA@example.com,37\nBen,ben@example.com,5\n")
    done = run_script("seed.py", path)
    assert (
        done.stdout.splitlines()[1]
        == f"2 users added to {prodev}.user_data, 1 was already there; it has 4 now"
    )
    done = run_script("seed.py", path)
    assert (
        done.stdout.splitlines()[1]
        == f"0 users added to {prodev}.user_data, 3 were already there; it has 4 now"
    )
    done = run_script("seed.py", csv_file("name,email,age\nEve,eve@example.com,7\n"))
    assert (
        done.stdout.splitlines()[1]
        == f"1 user added to {prodev}.user_data, 0 were already there; it has 5 now"
    )


def test_reset_with_a_bad_file_keeps_what_was_there_whatever_engine_the_server_prefers(
    own_server: None, load: Load, run_script: Run, csv_file: Callable[..., str]
) -> None:
    with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SET GLOBAL default_storage_engine = MyISAM")
    run_script("seed.py", csv_file("name,email,age\nAda,ada@example.com,36\n"))
    done = run_script("seed.py", csv_file("name,email,age\nBen,ben@example.com,old\n"), "--reset")
    assert done.returncode == 1
    assert "people.csv:2: the age must be a whole number" in done.stderr
    assert done.stderr.count("\n") == 1
    with closing(load("seed").connect_to_prodev()) as connection:
        assert rows(connection) == [("Ada", "ada@example.com", 36)]


DO_NOT_FIT = [
    ("name VARCHAR(3)", "Adam,ada@example.com,36", "Data too long for column 'name'"),
    ("name VARCHAR(9) CHARACTER SET latin1", "Yılmaz,y@example.com,36", "Incorrect string value"),
    ("age TINYINT", "Ada,ada@example.com,150", "Out of range value for column 'age'"),
    ("user_id INT", "Ada,ada@example.com,36", "user_id"),
]


def test_a_value_that_does_not_fit_is_an_error_whatever_the_servers_sql_mode(
    own_table: None, load: Load, run_script: Run, csv_file: Callable[..., str]
) -> None:
    seed = load("seed")
    with closing(seed.connect_db()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SET GLOBAL sql_mode = ''")
    for column, row, problem in DO_NOT_FIT:
        with closing(seed.connect_to_prodev()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("DROP TABLE user_data")
            seed.create_table(connection)
            cursor.execute(f"ALTER TABLE user_data MODIFY {column}")
        done = run_script("seed.py", csv_file(f"name,email,age\nAl,ben@example.com,5\n{row}\n"))
        assert done.returncode == 1, column
        assert problem in done.stderr
        assert done.stderr.count("\n") == 1
        with closing(seed.connect_to_prodev()) as connection:
            assert rows(connection) == []


def killed_while_reading(seed: ModuleType, connection: Any, error: Exception | None) -> Iterator[Any]:
    """Yield users, and meanwhile kill the connection that they go to; then perhaps fail."""
    yield from [(f"id{number}", "Ada", "ada@example.com", 36) for number in range(2000)]
    with closing(seed.connect_db()) as other, closing(other.cursor()) as cursor:
        cursor.execute(f"KILL {connection.connection_id}")
    if error:
        raise error
    yield from [(f"more{number}", "Ada", "ada@example.com", 36) for number in range(2000)]


def test_a_connection_that_dies_while_seeding_is_an_error_of_the_driver_and_nothing_is_kept(
    seed: ModuleType, connection: Any, execute: Callable[..., Any]
) -> None:
    with pytest.raises(mysql.connector.Error), seed.transaction(connection) as cursor:
        seed.insert_users(cursor, killed_while_reading(seed, connection, None))
    assert execute("SELECT COUNT(*) FROM user_data") == [(0,)]


def test_the_first_error_is_not_hidden_by_a_rollback_that_fails(
    seed: ModuleType, connection: Any, execute: Callable[..., Any]
) -> None:
    with pytest.raises(ValueError, match="bad row"), seed.transaction(connection) as cursor:
        seed.insert_users(cursor, killed_while_reading(seed, connection, ValueError("bad row")))
    assert execute("SELECT COUNT(*) FROM user_data") == [(0,)]


def test_a_commit_that_fails_is_an_error_of_the_driver(
    seed: ModuleType, connection: Any, execute: Callable[..., Any]
) -> None:
    with pytest.raises(mysql.connector.Error), seed.transaction(connection) as cursor:
        seed.insert_users(cursor, seed.made_up_users(10))
        execute(f"KILL {connection.connection_id}")
    assert execute("SELECT COUNT(*) FROM user_data") == [(0,)]


def test_the_longest_names_fit_into_the_smallest_usual_packet(
    own_table: None, load: Load, run_script: Run, csv_file: Callable[..., str]
) -> None:
    with closing(load("seed").connect_db()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"SET GLOBAL max_allowed_packet = {1024 * 1024}")
    lines = [f"{'😀' * 255},{number:04d}{'😀' * 251},{number % 99}" for number in range(1000)]
    done = run_script("seed.py", csv_file("name,email,age\n" + "\n".join(lines)))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1000 users added" in done.stdout


def on_a_terminal(script: str) -> bytes:
    """Run lines of Python in the project folder with a terminal as stderr, and return what it showed."""
    pty = pseudo_terminals()
    terminal, theirs = pty.openpty()
    size = struct.pack("HHHH", 24, 80, 0, 0)  # a bar needs columns
    importlib.import_module("fcntl").ioctl(theirs, importlib.import_module("termios").TIOCSWINSZ, size)
    with subprocess.Popen([sys.executable, "-c", script], cwd=GENERATORS, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(terminal, 1000):
                shown += chunk
        except OSError:  # Linux reports the end of a terminal in this way
            pass
        os.close(terminal)
    assert child.returncode == 0, shown
    return shown


def test_a_terminal_sees_a_progress_bar_for_what_takes_longer_than_a_second() -> None:
    slow = "import seed, time; list(seed.with_progress((time.sleep(0.2) for _ in range(7)), total=7))"
    assert b"7/7" in on_a_terminal(slow)


def test_a_terminal_sees_no_progress_bar_for_what_is_quick() -> None:
    assert on_a_terminal("import seed; list(seed.with_progress(iter(range(3000)), total=3000))") == b""


def test_without_a_terminal_no_progress_bar_is_needed(prodev: str, run_script: Run, tmp_path: Path) -> None:
    (tmp_path / "tqdm.py").write_text("raise ModuleNotFoundError('gone', name='tqdm')")
    assert run_script("seed.py", env={"PYTHONPATH": str(tmp_path)}).returncode == 0
