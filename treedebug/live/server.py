"""The server of the live page: a socket, uvicorn, and its address."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import uvicorn

from treedebug.core.errors import StoreError
from treedebug.engine.rule import Rule
from treedebug.live.app import make_app
from treedebug.live.gate import is_loopback, new_token


class LiveServer:
    """A server that listens already; `address` holds the token where one is asked for."""

    def __init__(self, bound: socket.socket, address: str, settings: uvicorn.Config) -> None:
        self.address = address
        self._bound = bound
        self._server = uvicorn.Server(settings)

    def run(self) -> None:
        """Serve until Ctrl-C, or until another thread calls `stop`."""
        self._server.run(sockets=[self._bound])

    def stop(self) -> None:
        """End `run`."""
        self._server.should_exit = True


def open_server(given: str | os.PathLike[str], rules: Sequence[Rule], *, host: str, port: int) -> LiveServer:
    """Return a server of the runs below a folder or URL. Raise StoreError where the port cannot be had."""
    bound = _bound(host, port)
    port = bound.getsockname()[1]
    token = "" if is_loopback(host) else new_token()
    settings = uvicorn.Config(
        make_app(given, rules, host=host, port=port, token=token),
        log_level="warning",
        access_log=False,  # addresses may hold the token
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return LiveServer(bound, f"http://{_name_of(host)}:{port}/" + (f"?token={token}" if token else ""), settings)


def _bound(host: str, port: int) -> socket.socket:
    try:
        kind, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(kind, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen(128)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreError(
            f"cannot listen on {host} port {port}: {why}; give another with --port (0: any free)"
        ) from error
    return bound


def _name_of(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - every address of the machine: by its name
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
