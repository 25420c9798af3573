"""The server of the live page: a socket, uvicorn, and its address."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from types import FrameType

import uvicorn

from treedebug.core.errors import StoreError
from treedebug.engine.rule import Rule
from treedebug.live.app import make_app
from treedebug.live.gate import is_loopback, new_token
from treedebug.live.keeper import Keeper


class LiveServer:
    """A server that listens already; `address` holds the token where one is asked for."""

    def __init__(self, bound: socket.socket, address: str, settings: uvicorn.Config, keeper: Keeper) -> None:
        self.address = address
        self._bound = bound
        self._keeper = keeper
        self._server = _Server(settings, keeper)

    def run(self) -> None:
        """Serve until Ctrl-C, or until another thread calls `stop`."""
        self._server.run(sockets=[self._bound])

    def stop(self) -> None:
        """End `run`."""
        self._keeper.stop()
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """Has the open pages' events end at Ctrl-C: they would go on for ever."""

    def __init__(self, settings: uvicorn.Config, keeper: Keeper) -> None:
        super().__init__(settings)
        self._keeper = keeper

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._keeper.stop()
        super().handle_exit(sig, frame)


def open_server(given: str | os.PathLike[str], rules: Sequence[Rule], *, host: str, port: int) -> LiveServer:
    """Return a server of the runs below a folder or URL. Raise StoreError where the port cannot be had."""
    bound, keeper = _bound(host, port), Keeper(given, rules)
    port = bound.getsockname()[1]
    token = "" if is_loopback(host) else new_token()
    settings = uvicorn.Config(
        make_app(keeper, host=host, port=port, token=token),
        log_level="warning",
        access_log=False,  # addresses may hold the token
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return LiveServer(
        bound, f"http://{_name_of(host)}:{port}/" + (f"?token={token}" if token else ""), settings, keeper
    )


def _bound(host: str, port: int) -> socket.socket:
    bound = None
    try:
        kind, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(kind, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen(128)
    except (OSError, OverflowError) as error:
        if bound is not None:
            bound.close()
        why = getattr(error, "strerror", None) or error
        raise StoreError(
            f"cannot listen on {host} port {port}: {why}; give another with --port (0: any free)"
        ) from error
    return bound


def _name_of(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - every address of the machine: by its name
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
