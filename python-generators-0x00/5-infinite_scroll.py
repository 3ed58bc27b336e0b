#!/usr/bin/env python3
"""Show a table in the browser as an endless list: a page is fetched when you scroll near it.

Each request is one step of script 3's generator, `next(keyset_paginate(size, after))`, and the answer says
which id the next request has to send. The browser remembers it, the server remembers nothing. A generator
kept alive for each visitor would hold a connection, and nobody would tell it that the visitor has left.
"""

from __future__ import annotations

import importlib
import re
import time
from typing import Any

import common
from common import User, id_from_text, id_to_text
from web import local_app, note, serve

import mysql.connector
from flask import abort, request, send_file

keyset_paginate = importlib.import_module("3-keyset_paginate").keyset_paginate

MAX_SIZE = 1000  # users in an answer
app = local_app()
app.config["PAGE_SIZE"] = 100


@app.get("/")
def page() -> Any:
    return send_file("infinite_scroll.html")


@app.get("/users")
def users() -> dict[str, Any]:
    """Answer with the users after the id `after`, and with the id to ask for next, null at the end."""
    for name in set(request.args) - {"after", "size"}:
        abort(400, f"there is no parameter {name!r}, only after and size")
    after = request.args.get("after")
    size = request.args.get("size", str(app.config["PAGE_SIZE"]))
    if not (re.fullmatch("[0-9]{1,4}", size) and 1 <= int(size) <= MAX_SIZE):
        abort(400, f"size must be a whole number from 1 to {MAX_SIZE}, not {size!r}")
    return fetch(int(size), after)


def fetch(size: int, after: str | None) -> dict[str, Any]:
    """Return what the answer is made of, and print a line about it."""
    user_id = None if after is None else id_from_text(after)
    title = "first page" if after is None else f"page after {ascii(after)[1:-1]}"  # ascii: no line breaks
    start = time.perf_counter()
    try:
        # One user more than asked for tells whether there is a next page.
        found: list[User] = next(keyset_paginate(size + 1, user_id), [])  # [] if there is no page at all
    except (OSError, ValueError, mysql.connector.Error) as error:
        note(f"{title}: {error.__cause__ or error}")  # the cause, as the remedies are for the next start
        abort(503, "the users can't be read; the terminal says why")
    milliseconds = 1000 * (time.perf_counter() - start)
    # Ids as text, because the numbers of a browser are exact only up to 2**53.
    answer = [{**user, "user_id": id_to_text(user["user_id"])} for user in found[:size]]
    note(f"{title}: {len(answer)} users, {milliseconds:.1f} ms")
    return {"users": answer, "next": answer[-1]["user_id"] if len(found) > size else None}


def demo(port: int, page_size: int) -> None:
    common.check_size("--port", port, least=0, most=65535)
    app.config["PAGE_SIZE"] = common.check_size("--page-size", page_size, most=MAX_SIZE)
    serve(app, port)


if __name__ == "__main__":
    command_line = common.parser(__doc__)
    command_line.add_argument("--port", type=int, default=8000, metavar="N", help="default: 8000; 0: any")
    command_line.add_argument("--page-size", type=int, default=100, metavar="N", help="default: 100 users")
    common.run(demo, command_line)
