"""The server of the live page: a socket, uvicorn, and a browser."""

from __future__ import annotations

import contextlib
import importlib
import os
import socket
import webbrowser
from collections.abc import Callable, Sequence

import uvicorn

from treedebug.core.errors import StoreError
from treedebug.engine.rule import Rule
from treedebug.live.app import make_app
from treedebug.live.guard import is_loopback, new_token

_NICENESS = 10
"""Trainings on the same machine go first."""


def serve(  # noqa: PLR0913 - each is an option of the command
    given: str | os.PathLike[str],
    rules: Sequence[Rule],
    *,
    host: str,
    port: int,
    opens_browser: bool,
    say: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C; `say` gets the address to open. Raise StoreError where the port cannot be had."""
    bound = _bound(host, port)
    port = bound.getsockname()[1]
    token = "" if is_loopback(host) else new_token()
    address = f"http://{_name_of(host)}:{port}/" + (f"?token={token}" if token else "")
    settings = uvicorn.Config(
        make_app(given, rules, host=host, port=port, token=token),
        log_level="warning",
        access_log=False,  # addresses may hold the token
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    with contextlib.suppress(AttributeError, OSError):  # not everywhere
        os.nice(_NICENESS)
    say(address)
    if opens_browser:
        webbrowser.open(address)
    uvicorn.Server(settings).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    try:
        kind, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(kind, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen(128)
    except (OSError, OverflowError) as error:
        raise StoreError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; give another with --port (0: any free one)"
        ) from error
    return bound


def _name_of(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - a name for it, to be shown
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
