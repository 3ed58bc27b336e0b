"""5-infinite_scroll over HTTP: pages by key as JSON, clear refusals, and a page that cannot be abused."""

from __future__ import annotations

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Tuple

from support import GENERATORS, Load

import pytest

SCRIPT = GENERATORS / "5-infinite_scroll.py"

Get = Callable[..., Tuple[int, Any, Dict[str, str]]]


@pytest.fixture
def people(prodev: str, load: Load) -> list[str]:
    """The ids of the thousand users of user_data.csv, who are in the database, in order."""
    seed = load("seed")
    with closing(seed.connect_to_prodev()) as connection:
        seed.insert_data(connection, "user_data.csv")
    return [user["user_id"] for page in load("3-keyset_paginate").keyset_paginate(1000) for user in page]


@pytest.fixture
def server(load: Load) -> Iterator[Any]:
    """A server of the script on a free port, with 100 users a page."""
    with load("5-infinite_scroll").Server(0, 100) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def get(server: Any) -> Get:
    """A function that sends a request and returns the status, the body (JSON is decoded) and the headers."""

    def request(path: str, method: str = "GET", **headers: str) -> tuple[int, Any, dict[str, str]]:
        with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)) as connection:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            kind = answer.getheader("Content-Type")
            body = json.loads(text) if kind == "application/json" and text else text
            return answer.status, body, dict(answer.getheaders())

    return request


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


def test_without_a_size_the_page_size_of_the_command_line_counts(people: list[str], get: Get) -> None:
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
        ("after=17", "after must be a user_id, not '17'"),
        ("after=", "after must be a user_id, not ''"),
        ("size=1&size=2", "size is given 2 times"),
        ("page=2", "there is no parameter 'page', only after and size"),
    ],
)
def test_a_bad_question_is_400_with_a_sentence(query: str, problem: str, get: Get) -> None:
    assert get(f"/users?{query}")[:2] == (400, {"error": problem})


def test_an_unreachable_database_is_503_and_the_reason_is_in_the_terminal(
    get: Get, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("MYSQL_UNIX_SOCKET", str(tmp_path / "nobody"))
    assert get("/users")[:2] == (503, {"error": "the database does not answer"})
    assert capsys.readouterr().out.startswith("first page: no connection to MySQL at")


@pytest.mark.parametrize("path", ["/nothing", "/users/", "/..%2fseed.py", "/../seed.py", "/seed.py"])
def test_any_other_path_is_404(path: str, get: Get) -> None:
    assert get(path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
def test_any_other_method_is_405(method: str, get: Get) -> None:
    status, _, headers = get("/users", method)
    assert (status, headers["Allow"]) == (405, "GET")


def test_a_name_of_another_site_that_leads_here_is_refused(get: Get) -> None:
    assert get("/", Host="example.com:8000")[0] == 403
    assert get("/", Host="localhost:8000")[0] == 200


def test_the_page_cannot_be_framed_or_sniffed_and_loads_nothing_from_elsewhere(get: Get) -> None:
    status, page, headers = get("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "://" not in page
    assert "innerHTML" not in page


def test_a_line_is_printed_for_each_page(
    people: list[str], get: Get, capsys: pytest.CaptureFixture[str]
) -> None:
    get("/users?size=3")
    get(f"/users?size=3&after={people[2]}")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("first page: 3 users, ")
    assert second.startswith(f"page after {people[2]}: 3 users, ")
    assert second.endswith(" ms")


def test_a_browser_that_leaves_in_the_middle_is_no_error(
    people: list[str], server: Any, get: Get, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):
        with closing(socket.create_connection(("127.0.0.1", server.server_port))) as leaver:
            leaver.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes with a reset
            leaver.sendall(b"GET /users?size=1000 HTTP/1.0\r\n\r\n")
    assert get("/users?size=1")[0] == 200
    assert capfd.readouterr().err == ""


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the script as a learner does, on a terminal that can send Ctrl-C."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_ctrl_c_stops_it_without_a_word() -> None:
    with start("--port", "0") as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("http://127.0.0.1:")
        child.send_signal(signal.SIGINT)
        output, problem = child.communicate(timeout=30)
    assert (child.returncode, output, problem) == (130, "", "")


def test_it_stops_when_nobody_reads_its_lines_any_more(people: list[str]) -> None:
    with start("--port", "0") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        port = int(child.stdout.readline().split("/")[2].split(":")[1])
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
        (["--port", "70000"], "--port must be from 0 (any free one) to 65535, not 70000"),
    ],
)
def test_an_impossible_number_is_one_line(run_script: Any, arguments: list[str], problem: str) -> None:
    done = run_script("5-infinite_scroll.py", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"5-infinite_scroll.py: {problem}\n"


def test_two_of_them_on_one_port_is_one_line(server: Any, run_script: Any) -> None:
    done = run_script("5-infinite_scroll.py", "--port", str(server.server_port))
    problem = f"port {server.server_port}: {os.strerror(errno.EADDRINUSE)}; choose another with --port"
    assert (done.returncode, done.stderr) == (1, f"5-infinite_scroll.py: {problem}\n")
