#!/usr/bin/env python3
"""Show a table in the browser as an endless list: a page is fetched when its reader comes near it.

Each request is one step of the generator of task 3, `next(keyset_paginate(size, after))`, and the answer
names the id that the next one has to send. That id is all there is to remember, and the browser remembers
it: a stateless cursor. A generator kept alive for each visitor would hold a connection that long, would be
lost with the process, and nobody would tell it that the visitor has left.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import importlib
import json
import os
import re
import reprlib
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable
from urllib.parse import parse_qs

import common
from users import UUID

import mysql.connector

keyset_paginate = importlib.import_module("3-keyset_paginate").keyset_paginate

MOST = 1000  # users in an answer
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "infinite_scroll.html")


class Server(ThreadingHTTPServer):
    """Serves the page and the users, on 127.0.0.1 alone: neither asks who you are."""

    daemon_threads = True  # Ctrl-C does not wait for a browser

    def __init__(self, port: int, page_size: int) -> None:
        self.page_size = page_size
        self.failure: OSError | None = None
        with open(PAGE, encoding="utf-8") as file:
            self.page = file.read()
        # The page may run its own script and its own style, nothing else, and ask only this server.
        script, style = hash_of("script", self.page), hash_of("style", self.page)
        self.policy = (
            f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; img-src data:;"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        super().__init__(("127.0.0.1", port), Handler)

    def note(self, line: str) -> None:
        """Print a line; if nobody reads it any more, stop."""
        try:
            print(line, flush=True)
        except OSError as error:
            self.failure = error
            self.shutdown()

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):  # the browser has left: no error of ours
            print(f"{type(error).__name__}: {error}", file=sys.stderr)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    timeout = 10  # seconds, for a client that connects and says nothing

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        host = re.sub(r":\d+$", "", self.headers.get("Host", "127.0.0.1"))
        if host not in ("127.0.0.1", "localhost"):  # another site's name that leads here (DNS rebinding)
            self.answer_json(403, {"error": "this server is for 127.0.0.1 only"})
        elif path == "/":
            self.answer(200, "text/html; charset=utf-8", self.server.page)
        elif path == "/users":
            self.answer_users(query)
        else:
            self.answer_json(404, {"error": "there are only / and /users"})

    def answer_users(self, query: str) -> None:
        try:
            size, after = read_query(query, self.server.page_size)
        except ValueError as error:
            self.answer_json(400, {"error": str(error)})
            return
        title = f"page after {after}" if after else "first page"
        start = time.perf_counter()
        try:
            # One user more than asked for tells whether there is a next page.
            users: list[common.User] = next(keyset_paginate(size + 1, after), [])
        except (OSError, ValueError, mysql.connector.Error) as error:
            self.server.note(f"{title}: {error}")
            self.answer_json(503, {"error": "the database does not answer"})
            return
        milliseconds = 1000 * (time.perf_counter() - start)
        more = len(users) > size
        users = users[:size]
        self.server.note(f"{title}: {len(users)} users, {milliseconds:.1f} ms")
        self.answer_json(200, {"users": users, "next": users[-1]["user_id"] if more else None})

    def answer_json(self, status: int, body: dict[str, Any], **headers: str) -> None:
        self.answer(status, "application/json", json.dumps(body, ensure_ascii=False), **headers)

    def answer(self, status: int, kind: str, text: str, **headers: str) -> None:
        content = text.encode()
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), **headers}
        headers["Content-Security-Policy"] = self.server.policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Cache-Control"] = "no-store"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer every other method, which http.server looks up as do_POST, do_DELETE and so on."""
        if not name.startswith("do_"):
            raise AttributeError(name)
        return lambda: self.answer_json(405, {"error": f"{name[3:]} is not allowed, only GET"}, Allow="GET")

    def log_message(self, format: str, *values: object) -> None:
        """Print nothing: a line for each page is enough."""


def read_query(query: str, page_size: int) -> tuple[int, str | None]:
    """Return size and after of a query string, or raise ValueError with a sentence about what is wrong."""
    found = parse_qs(query, keep_blank_values=True, max_num_fields=10)
    for name, values in found.items():
        if name not in ("after", "size"):
            raise ValueError(f"there is no parameter {reprlib.repr(name)}, only after and size")
        if len(values) > 1:
            raise ValueError(f"{name} is given {len(values)} times")
    (size,), (after,) = found.get("size", [str(page_size)]), found.get("after", [None])
    if not (re.fullmatch("[0-9]{1,4}", size) and 1 <= int(size) <= MOST):
        raise ValueError(f"size must be a whole number from 1 to {MOST}, not {reprlib.repr(size)}")
    if after is not None and not UUID.fullmatch(after.lower()):
        raise ValueError(f"after must be a user_id, not {reprlib.repr(after)}")
    return int(size), after


def hash_of(tag: str, page: str) -> str:
    """Return what allows the inline content of this tag, and no other (Content Security Policy, level 3)."""
    content = page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def demo(arguments: argparse.Namespace) -> None:
    if not 0 <= arguments.port < 65536:
        raise ValueError(f"--port must be from 0 (any free one) to 65535, not {arguments.port}")
    if common.check_size("--page-size", arguments.page_size) > MOST:
        raise ValueError(f"--page-size must be at most {MOST}, not {arguments.page_size}")
    try:
        server = Server(arguments.port, arguments.page_size)
    except OSError as error:
        raise OSError(f"port {arguments.port}: {error.strerror}; choose another with --port") from error
    with server:
        print(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C stops)", flush=True)
        server.serve_forever()
    if server.failure:
        raise server.failure


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--port", type=int, default=8000, metavar="N", help="default: 8000; 0: any")
    command_line.add_argument("--page-size", type=int, default=100, metavar="N", help="default: 100 users")
    common.run(demo, command_line)
