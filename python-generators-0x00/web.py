"""What script 5 needs besides its lesson: a Flask application for this machine only, and its server."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
from typing import Any, NoReturn

import common

with common.needed("flask"):
    from flask import Flask, abort, request
    from werkzeug.exceptions import HTTPException
    from werkzeug.serving import make_server


def local_app() -> Flask:
    """Return an application that answers this machine only, and errors as JSON: {"error": a sentence}."""
    app = Flask(__name__)
    app.before_request(refuse_other_hosts)
    app.register_error_handler(HTTPException, explain)
    app.after_request(forbid_guessing)
    return app


def refuse_other_hosts() -> None:
    """Refuse requests for another host: somebody's site may have a name that leads here (DNS rebinding)."""
    if request.host.split(":")[0] not in ("127.0.0.1", "localhost"):
        abort(403, "this server is for 127.0.0.1 only")


def explain(error: HTTPException) -> Any:
    """Answer an error with its sentence as JSON, and with the headers that belong to it."""
    response = error.get_response()
    response.data = json.dumps({"error": error.description})
    response.content_type = "application/json"
    return response


def forbid_guessing(response: Any) -> Any:
    """Let no browser take JSON for a page because of what is in it."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def note(line: str) -> None:
    """Print a line; if nobody reads the lines any more, stop."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os._exit(0)  # sys.exit would end only this request


def serve(app: Flask, port: int) -> NoReturn:
    """Serve an application on 127.0.0.1 until Ctrl-C."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        why = os.strerror(error.errno or 0)  # without the address, which create_server adds
        raise OSError(f"port {port}: {why}; choose another with --port") from error
    with listener, make_server("127.0.0.1", port, app, threaded=True, fd=listener.fileno()) as server:
        print(f"http://127.0.0.1:{server.port}/  (Ctrl-C stops)", flush=True)
        server.serve_forever()
    # Ctrl-C has ended it, and werkzeug has swallowed the KeyboardInterrupt. Python itself can crash at its
    # end if other threads are still printing: so no end.
    os._exit(128 + signal.SIGINT)
