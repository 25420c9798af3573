"""Webhook: post the findings as signed JSON."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import os
import random
import re
import socket
import threading
import time
import urllib.parse
import uuid
from collections.abc import Sequence

from treedebug.actions.message import Message
from treedebug.actions.sending_action import DeliveryError, SendingAction
from treedebug.core.errors import ConfigError
from treedebug.core.version import __version__

SIGNATURE = "X-Treedebug-Signature"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_TRIED_AGAIN = {408, 425, 429}
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


class Webhook(SendingAction):
    """Posts findings as JSON to `url`: `Webhook("https://example.org/hook", on=["error"])`.

    `url` may be "$NAME": it is then taken from the environment when it is used. The body is signed with the secret in
    the environment variable `secret`: the header `X-Treedebug-Signature` holds "t=<seconds>,v1=<hex>", the HMAC-SHA256
    of "<seconds>.<body>"; `secret=None` sends unsigned. Sent again, up to `retries` times with growing pauses, where
    the network fails and after the answers 408, 425, 429 and 5xx; all within `deadline` seconds. Redirects are not
    followed. The address and the secret never come into the run, a log or an error.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        url: str,
        on: Sequence[str] = ("warning",),
        *,
        secret: str | None = "TREEDEBUG_WEBHOOK_SECRET",  # noqa: S107 - the name of a variable
        retries: int = 5,
        deadline: float = 30.0,
        once: bool = True,
        every: float = 0.0,
        dry_run: bool = False,
    ) -> None:
        if not isinstance(url, str) or not (_VARIABLE.fullmatch(url) or _is_http(url)):
            raise ConfigError("Webhook takes an http or https URL, or '$NAME' to take it from the environment")
        if secret is not None and (not isinstance(secret, str) or not secret.isidentifier()):
            raise ConfigError("Webhook(secret=...) names an environment variable that holds the secret, or is None")
        if secret is not None and not os.environ.get(secret):
            raise ConfigError(
                f"Webhook signs what it sends with the secret in the environment variable {secret}, which is not set: "
                "set it, or pass secret=None to send unsigned"
            )
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise ConfigError(f"Webhook(retries=...) takes a whole number >= 0; got {retries!r}")
        if isinstance(deadline, bool) or not isinstance(deadline, int | float) or not 0 < deadline < float("inf"):
            raise ConfigError(f"Webhook(deadline=...) takes a number of seconds above 0; got {deadline!r}")
        super().__init__(on, once=once, every=every, dry_run=dry_run)
        self._url, self._secret = url, secret
        self._retries, self._deadline = retries, float(deadline)

    def deliver(self, message: Message) -> str:
        """Post until it is taken, or the time is over."""
        target = _target(self._url)
        secret = None if self._secret is None else _from_environment(self._secret)
        ends, pause, delivery, why = time.monotonic() + self._deadline, _FIRST_PAUSE, uuid.uuid4().hex, ""
        tries = 0
        while tries <= self._retries and (left := ends - time.monotonic()) > 0:
            tries += 1
            try:
                status = _post(target, message.body, _headers(message.body, secret, delivery), left)
            except (OSError, http.client.HTTPException, ValueError) as error:
                why = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
            else:
                if 200 <= status < 300:
                    return f"answered {status}" if tries == 1 else f"answered {status} at try {tries}"
                why = f"answered {status}"
                if status < 500 and status not in _TRIED_AGAIN:
                    break
            wait = pause * random.uniform(0.75, 1.25)  # noqa: S311 - nothing here is a secret
            if tries > self._retries or time.monotonic() + wait >= ends:
                break
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)
        raise DeliveryError(f"{why or 'no answer in time'} after {tries} tr{'y' if tries == 1 else 'ies'}")


def _is_http(url: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise DeliveryError(f"the environment variable {name} is not set")
    return value


def _target(url: str) -> urllib.parse.SplitResult:
    variable = _VARIABLE.fullmatch(url)
    found = _from_environment(variable[1]) if variable else url
    if not _is_http(found):
        raise DeliveryError("the address is no http or https URL")
    return urllib.parse.urlsplit(found)


def _headers(body: bytes, secret: str | None, delivery: str) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"treedebug/{__version__}",
        "X-Treedebug-Delivery": delivery,
    }
    if secret is not None:
        now = str(int(time.time()))
        signed = hmac.new(secret.encode("utf-8"), now.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()
        headers[SIGNATURE] = f"t={now},v1={signed}"
    return headers


def _post(target: urllib.parse.SplitResult, body: bytes, headers: dict[str, str], seconds: float) -> int:
    """Return the status of the answer, whose body is not read. Raise OSError or HTTPException, in time."""
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname or "", target.port, timeout=seconds)
    path = urllib.parse.urlunsplit(("", "", target.path or "/", target.query, ""))
    # A server that sends a byte now and then would never run into the socket's own timeout.
    watchdog = threading.Timer(seconds, _cut, (connection,))
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("POST", path, body=body, headers=headers)
        return connection.getresponse().status
    finally:
        watchdog.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
