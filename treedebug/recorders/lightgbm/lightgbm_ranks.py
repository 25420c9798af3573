"""Which of several machines this process is, where LightGBM trains on many: it numbers them by its list of machines."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

_MACHINES = ("machines", "workers", "nodes")
_PORTS = ("local_listen_port", "local_port", "port")
_DEFAULT_PORT = 12400


def machines_of(params: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return (address, port) of every machine that trains; empty for a training on one."""
    given = next((params[name] for name in _MACHINES if params.get(name)), "")
    entries = given.split(",") if isinstance(given, str) else list(given)
    found = []
    for entry in entries:
        address, _, port = str(entry).strip().rpartition(":")
        if not port.isdigit():
            return []
        found.append((address, int(port)))
    return found if len(found) > 1 else []


def rank_of(params: Mapping[str, Any]) -> int:
    """Return the place of this process among the machines; 0 where there is one, or where it cannot be told."""
    port = next((int(params[name]) for name in _PORTS if name in params), _DEFAULT_PORT)
    for rank, (address, its_port) in enumerate(machines_of(params)):
        if its_port == port and _is_local(address):
            return rank
    return 0


def _is_local(address: str) -> bool:
    """Return whether an address is one of this machine: only then can a socket be bound to it."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.bind((address.strip("[]"), 0))
    except OSError:
        return False
    return True
