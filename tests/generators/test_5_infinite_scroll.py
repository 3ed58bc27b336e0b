"""5-infinite_scroll.py over HTTP: pages by key as JSON, and clear refusals."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Tuple

from support import GENERATORS, Load, Run

import pytest

Get = Callable[..., Tuple[int, Any, Dict[str, str]]]


@pytest.fixture
def people(connection: Any, seed: Any, load: Load) -> list[str]:
    """The ids of the thousand users of user_data.csv, who are in the database, in order."""
    seed.insert_data(connection, "user_data.csv")
    return [user["user_id"] for page in load("3-keyset_paginate").keyset_paginate(1000) for user in page]


@pytest.fixture
def get(load: Load) -> Get:
    """A function that sends a request to the application; it returns status, body (from JSON) and headers."""
    client = load("5-infinite_scroll").app.test_client()

    def request(path: str, method: str = "GET", **headers: str) -> tuple[int, Any, dict[str, str]]:
        with client.open(path, method=method, headers=headers, base_url="http://127.0.0.1:8000") as answer:
            body = answer.json if answer.is_json and answer.data else answer.data.decode()
            return answer.status_code, body, dict(answer.headers)

    return request


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The script, run as a learner runs it, and the port that it has chosen."""
    with subprocess.Popen(
        [sys.executable, str(GENERATORS / "5-infinite_scroll.py"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that starts the tests in the background has them ignore Ctrl-C, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line.startswith("http://127.0.0.1:")
        yield child, int(line.split("/")[2].split(":")[1])
        child.kill()


def test_next_leads_through_all_users_in_order_and_ends_with_null(people: list[str], get: Get) -> None:
    seen, after, sizes = [], "", []
    while after is not None:
        status, body, _ = get(f"/users?size=300{after and '&after=' + after}")
        assert status == 200
        sizes.append(len(body["users"]))
        seen += [user["user_id"] for user in body["users"]]
        after = body["next"]
    assert seen == people
    assert sizes == [300, 300, 300, 100]


def test_a_last_page_that_is_full_says_that_it_is_the_last(people: list[str], get: Get) -> None:
    _, body, _ = get("/users?size=1000")
    assert (len(body["users"]), body["next"]) == (1000, None)


def test_a_user_is_what_keyset_paginate_yields(people: list[str], load: Load, get: Get) -> None:
    _, body, _ = get("/users?size=2")
    assert body["users"] == next(load("3-keyset_paginate").keyset_paginate(2))


def test_without_a_size_there_are_a_hundred_users(people: list[str], get: Get) -> None:
    assert len(get("/users")[1]["users"]) == 100


def test_an_empty_table_is_an_empty_page(prodev: str, get: Get) -> None:
    assert get("/users")[:2] == (200, {"users": [], "next": None})


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("size=0", "size must be a whole number from 1 to 1000, not '0'"),
        ("size=1001", "size must be a whole number from 1 to 1000, not '1001'"),
        ("size=-5", "size must be a whole number from 1 to 1000, not '-5'"),
        ("size=", "size must be a whole number from 1 to 1000, not ''"),
        ("size=%D9%A3", "size must be a whole number from 1 to 1000, not '٣'"),
        ("page=2", "there is no parameter 'page', only after and size"),
    ],
)
def test_a_bad_question_is_400_with_a_sentence(query: str, problem: str, get: Get) -> None:
    assert get(f"/users?{query}")[:2] == (400, {"error": problem})


def test_an_unreachable_database_is_503_and_the_reason_is_in_the_terminal_only(
    get: Get, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("MYSQL_UNIX_SOCKET", str(tmp_path / "nobody"))
    assert get("/users")[:2] == (503, {"error": "the users can't be read; the terminal says why"})
    line = capsys.readouterr().out
    assert line.startswith("first page: 2002")
    assert str(tmp_path / "nobody") in line
    assert "throwaway" not in line  # a new server is no help for a script that knows only the old one


@pytest.mark.parametrize("path", ["/nothing", "/users/", "/..%2fseed.py", "/../seed.py", "/seed.py"])
def test_any_other_path_is_404_with_a_sentence(path: str, get: Get) -> None:
    status, body, _ = get(path)
    assert status == 404
    assert "not found" in body["error"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_another_method_is_405_that_says_which_are_allowed(method: str, get: Get) -> None:
    status, body, headers = get("/users", method)
    assert (status, list(body)) == (405, ["error"])
    assert "GET" in headers["Allow"]


def test_a_name_of_another_site_that_leads_here_is_refused(get: Get) -> None:
    assert get("/", Host="example.com:8000")[0] == 403
    assert get("/", Host="localhost:8000")[0] == 200


def test_the_page_loads_nothing_from_elsewhere_and_makes_no_markup_of_names(get: Get) -> None:
    status, page, headers = get("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "://" not in page
    assert "innerHTML" not in page


@pytest.mark.parametrize("path", ["/", "/users", "/nothing"])
def test_no_browser_guesses_what_an_answer_is(path: str, prodev: str, get: Get) -> None:
    assert get(path)[2]["X-Content-Type-Options"] == "nosniff"


def test_a_line_is_printed_for_each_page(
    people: list[str], get: Get, capsys: pytest.CaptureFixture[str]
) -> None:
    get("/users?size=3")
    get(f"/users?size=3&after={people[2]}")
    get("/users?size=3&after=zz%1b[31m%0azz")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("first page: 3 users, ")
    assert second.startswith(f"page after {people[2]}: 3 users, ")
    assert second.endswith(" ms")
    assert third.startswith(r"page after zz\x1b[31m\nzz: 0 users, ")


def test_a_browser_that_leaves_in_the_middle_is_no_error(people: list[str], server: Any) -> None:
    child, port = server
    for _ in range(5):
        with closing(socket.create_connection(("127.0.0.1", port))) as leaver:
            leaver.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes with a reset
            leaver.sendall(b"GET /users?size=1000 HTTP/1.0\r\n\r\n")
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/users?size=1")
        assert connection.getresponse().status == 200
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=30)[1] == ""


def test_it_listens_on_this_machine_only_and_ctrl_c_stops_it_without_a_word(server: Any) -> None:
    child, port = server
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=30)
    child.send_signal(signal.SIGINT)
    output, problem = child.communicate(timeout=30)
    assert (child.returncode, output, problem) == (130, "", "")


def test_ctrl_c_does_not_wait_for_a_browser_that_says_nothing(server: Any) -> None:
    child, port = server
    with closing(socket.create_connection(("127.0.0.1", port))):
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=30) == 130


def test_it_stops_when_nobody_reads_its_lines_any_more(people: list[str], server: Any) -> None:
    child, port = server
    child.stdout.close()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection), suppress(http.client.HTTPException, OSError):
        connection.request("GET", "/users?size=1")
        connection.getresponse().read()  # it may stop before it has answered
    assert (child.wait(30), child.stderr.read()) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--page-size", "0"], "--page-size must be a whole number of at least 1, not 0"),
        (["--page-size", "1001"], "--page-size must be at most 1000, not 1001"),
        (["--port", "65536"], "--port must be at most 65535, not 65536"),
        (["--port", "-1"], "--port must be a whole number of at least 0, not -1"),
    ],
)
def test_an_impossible_number_is_one_line(run_script: Run, arguments: list[str], problem: str) -> None:
    done = run_script("5-infinite_scroll.py", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"5-infinite_scroll.py: {problem}\n"


def test_two_of_them_on_one_port_is_one_line(server: Any, run_script: Run) -> None:
    _, port = server
    done = run_script("5-infinite_scroll.py", "--port", str(port))
    problem = f"port {port}: {os.strerror(errno.EADDRINUSE)}; choose another with --port"
    assert (done.returncode, done.stderr) == (1, f"5-infinite_scroll.py: {problem}\n")


def test_the_page_size_of_the_command_line_counts(people: list[str], load: Load, get: Get) -> None:
    load("5-infinite_scroll").app.config["PAGE_SIZE"] = 7
    assert len(get("/users")[1]["users"]) == 7
