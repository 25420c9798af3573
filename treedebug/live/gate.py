"""Gate: what stands before every page: who may ask, under which name, and what a browser may do with the answer."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""Styles may stand in elements, for the chart library puts them there; scripts only in our own files."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server bound to `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Gate:
    """Answers 400 to a foreign Host (DNS rebinding), 405 to all but reading, 401 without the token where one is set.

    The token comes once, in the address that is printed, and is a cookie from then on.
    """

    def __init__(self, app: App, *, host: str, port: int = 0, token: str = "") -> None:
        self._app = app
        self._host = host
        self._token = token
        self._cookie = f"treedebug-{port}"  # browsers keep one jar for all ports of a machine
        self._names = frozenset(_names_of(host))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a question through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, "this page is for reading only", {"allow": "GET, HEAD"})
        elif not self._is_our_name(headers.get("host", "")):
            await _answer(send, 400, "this server does not go by that name: use the address it printed")
        elif self._token and (given := self._given(scope)):
            await self._exchange(scope, send, given)
        elif self._token and not _same(_cookie(headers.get("cookie", ""), self._cookie), self._token):
            await _answer(send, 401, "use the whole address that was printed when the server started, token included")
        else:
            await self._app(scope, receive, _with_headers(send))

    def _is_our_name(self, host: str) -> bool:
        name = _without_port(host).lower().rstrip(".")
        if name in self._names:
            return True
        if is_loopback(self._host):
            return False
        try:  # a number is never looked up, so nobody can point it elsewhere
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _given(self, scope: Scope) -> str:
        return next((v for k, v in parse_qsl(scope["query_string"].decode("latin-1")) if k == "token"), "")

    async def _exchange(self, scope: Scope, send: Send, given: str) -> None:
        """Put the token of an address into a cookie, and lead to the address without it."""
        if not _same(given, self._token):
            await _answer(send, 401, "the token is not that of this server: use the address it printed")
            return
        rest = [(k, v) for k, v in parse_qsl(scope["query_string"].decode("latin-1")) if k != "token"]
        path = quote("/" + scope["path"].lstrip("/\\"))  # never to another server, never into the next header
        target = path + (f"?{urlencode(rest)}" if rest else "")
        cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Lax"
        await _answer(send, 303, "", {"location": target, "set-cookie": cookie})


def new_token() -> str:
    """Return a random token of 256 bits."""
    return secrets.token_urlsafe(32)


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())


def _names_of(host: str) -> Iterable[str]:
    yield from (*_LOOPBACK, host.lower())
    if not is_loopback(host):
        yield socket.gethostname().lower()
        yield socket.getfqdn().lower()


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and host.count(":") == 1 else host


def _cookie(header: str, name: str) -> str:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def _with_headers(send: Send) -> Send:
    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            known = {k.lower() for k, _ in message.get("headers", [])}
            more = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
            more += [] if b"cache-control" in known else [(b"cache-control", b"no-store")]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await send(message)

    return guarded


async def _answer(send: Send, status: int, text: str, headers: dict[str, str] | None = None) -> None:
    sent = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store", **HEADERS, **(headers or {})}
    raw = [(k.encode(), v.encode("latin-1", "ignore")) for k, v in sent.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": text.encode()})
