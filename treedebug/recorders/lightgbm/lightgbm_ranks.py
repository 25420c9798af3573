"""Which of several machines this process is, where LightGBM trains on many: it numbers them by its list of machines."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from treedebug.recorders.worker_facts import worker_share

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


def workers_of(booster: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return header fields on the machines; LightGBM tells each of them only what it holds itself."""
    data = getattr(booster, "train_set", None)
    rows = {} if data is None else {"training": {"n_rows": int(data.num_data())}}
    rank = rank_of(params)
    return {"n_workers": len(machines_of(params)), "rank": rank, "workers": [worker_share(rank, rows)]}


def _is_local(address: str) -> bool:
    """Return whether an address is one of this machine: only then can a socket be bound to it."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.bind((address.strip("[]"), 0))
    except OSError:
        return False
    return True
