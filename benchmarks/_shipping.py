"""Trainings that ship to a real S3 (moto's server) and are killed in every phase; and the bytes that shipping takes.

Each training runs in a fork of a process that has everything imported. It is killed at a random write request (the
claim, a part, the joined file, the removal of a part; half of the requests still arrive), or at a random moment.
Meanwhile a reader looks again and again. Then the spool is read, synced, and compared with what arrived.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import s3fs  # noqa: F401 - here, and not in every fork
import xgboost as xgb
from _common import RESULTS

import treedebug
from tests.store.remote.storage import STORAGES, Proxy
from treedebug.cli import main as treedebug_main
from treedebug.core.errors import TreedebugError
from treedebug.store.file_format import FILE_NAME
from treedebug.store.remote import shipper
from treedebug.store.remote.mirror import Mirror

MOTO = STORAGES["moto"]
ROUNDS = 150
PHASES = ("spool", "claim", "part", "joining", "cleaning up")
"""When a training is killed: at a random moment, or at a request of its kind."""


class _Told(xgb.callback.TrainingCallback):
    """Tells the parent when a round is done, before the recorder sees it."""

    def __init__(self, pipe: int, pause: float) -> None:
        self.pipe, self.pause = pipe, pause

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        time.sleep(self.pause)
        os.write(self.pipe, f"{epoch} {time.monotonic():.6f}\n".encode())
        return False


def _train(url: str, pipe: int, pause: float, n_rounds: int = ROUNDS) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    data = xgb.DMatrix(X, (X[:, 0] > 0).astype(float), nthread=1)
    callbacks = [_Told(pipe, pause), treedebug.XGBoostCallback(url, quiet=True)]
    params = {"nthread": 1, "objective": "binary:logistic", "verbosity": 0}
    xgb.train(params, data, n_rounds, evals=[(data, "train")], verbose_eval=False, callbacks=callbacks)


def _forked(port: int, work: Callable[[], Any]) -> int:
    """The process that does the work, with its storage at a port."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.environ.update(MOTO.variables(port))
        code = int(work() or 0)
    finally:
        os._exit(code)


def _phase(method: str, path: str) -> str:
    name = path.partition("?")[0].rpartition("/")[2]
    if method == "DELETE" or "delete" in path:
        return "cleaning up"
    return "claim" if name.endswith(".writer") else "part" if ".part-" in name else "joining"


def _killed(n: int, server: int, proxy: Proxy, spool: Path) -> dict[str, Any]:
    """Train, kill, read, sync; what came of it."""
    rng = random.Random(n)
    url = MOTO.url(f"run-{n}")
    wanted = PHASES[n % len(PHASES)]
    done = {"left": rng.randrange(1, 4) if wanted in {"part", "cleaning up"} else 1, "killed": 0.0}
    child = 0

    def fault(method: str, path: str) -> Any:
        if method not in {"PUT", "POST", "DELETE"} or done["killed"] or _phase(method, path) != wanted:
            return None
        done["left"] -= 1
        if done["left"]:
            return None
        os.kill(child, signal.SIGKILL)
        done["killed"] = time.monotonic()
        return None if rng.random() < 0.5 else "cut"

    proxy.fault = fault
    source, sink = os.pipe()
    child = _forked(proxy.port, lambda: _train(url, sink, 0.004))
    os.close(sink)
    if wanted == "spool":
        threading.Timer(rng.uniform(0.2, 1.0), lambda: _kill_now(child, done)).start()
    damage = _read_until_over(url, child)
    was_killed, done["killed"] = bool(done["killed"]), done["killed"] or time.monotonic()
    with os.fdopen(source) as pipe:
        told = [line.split() for line in pipe.read().splitlines(keepends=True) if line.endswith("\n")]
    proxy.fault = lambda method, path: None
    held = _rounds_in(spool)
    code = os.waitstatus_to_exitcode(os.waitpid(_forked(server, lambda: treedebug_main(["sync"])), 0)[1])
    run = _arrived(url)
    arrived = -1 if run is None else run.n_rounds
    lost = [float(at) for epoch, at in told if int(epoch) >= arrived]
    return {
        "phase": wanted if was_killed else "not killed: it was over",
        "reader saw damage": damage or (run is not None and bool(run.data.damage)),
        "not what the spool held": held is not None and arrived != held,
        "sync failed": code != 0,
        "seconds lost": max((done["killed"] - at for at in lost), default=0.0),
    }


def _kill_now(child: int, done: dict[str, Any]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
        done["killed"] = time.monotonic()


def _read_until_over(url: str, child: int) -> bool:
    """Look at the run again and again while it is written; whether it was ever damaged."""
    mirror = Mirror(url)
    while True:
        pid, _ = os.waitpid(child, os.WNOHANG)
        if mirror.refresh() and treedebug.load(mirror.path).data.damage:
            return True
        if pid:
            return False
        time.sleep(0.05)


def _rounds_in(spool: Path) -> int | None:
    found = list(spool.rglob(FILE_NAME))
    return treedebug.load(found[0].parent).n_rounds if found else None


def _arrived(url: str) -> Any:
    for place in (url, f"{url}-2"):
        with contextlib.suppress(TreedebugError):
            return treedebug.load(place)
    return None


def kills(first: int, n: int) -> list[dict[str, Any]]:
    """What `n` kills came to, by phase."""
    shipper.SECONDS_BETWEEN, shipper.LAST_WAIT = 0.05, 10.0
    results = []
    with MOTO.server() as server:
        os.environ.update(MOTO.variables(server))
        proxy = Proxy(server)
        for i in range(first, first + n):
            with tempfile.TemporaryDirectory() as temporary:
                os.environ["TREEDEBUG_SPOOL"] = temporary
                results.append(_killed(i, server, proxy, Path(temporary)))
                print(i, results[-1], flush=True)
        proxy.close()
    return results


def kills_so_far(first: int, n: int) -> list[dict[str, Any]]:
    """The table of these kills and of those of earlier pieces, which are kept beside the other results."""
    file = RESULTS / "kills.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    known |= {str(first + i): found for i, found in enumerate(kills(first, n))}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known), encoding="utf-8")
    return by_phase(list(known.values()))


def by_phase(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a phase."""
    phases = Counter(r["phase"] for r in results)
    rows = []
    for phase in (*PHASES, "not killed: it was over"):
        of = [r for r in results if r["phase"] == phase]
        if of:
            counts = {k: sum(r[k] for r in of) for k in ("reader saw damage", "not what the spool held", "sync failed")}
            lost = max(r["seconds lost"] for r in of)
            rows.append({"killed during": phase, "kills": phases[phase], **counts, "most seconds lost": f"{lost:.2f}"})
    return rows


def shipped_bytes() -> list[dict[str, Any]]:
    """Bytes and requests that a run of object storage takes, beside the bytes of its record."""
    results = []
    with MOTO.server() as server, tempfile.TemporaryDirectory() as spool:
        os.environ.update({**MOTO.variables(server), "TREEDEBUG_SPOOL": spool})
        for seconds, pause in ((10.0, 0.1), (1.0, 0.01)):
            shipper.SECONDS_BETWEEN = seconds
            proxy, url = Proxy(server), MOTO.url(f"bytes-{seconds}")
            source, sink = os.pipe()
            child = _forked(proxy.port, lambda p=pause, s=sink, u=url: _train(u, s, p, 300))
            os.close(sink)
            with os.fdopen(source) as pipe:
                pipe.read()
            os.waitpid(child, 0)
            proxy.close()
            writes = [size for method, _, size in proxy.requests if method in {"PUT", "POST"}]
            run = treedebug.load(url)
            record = Path(run.path, FILE_NAME).stat().st_size
            results.append(
                {
                    "seconds between objects": seconds,
                    "rounds": run.n_rounds,
                    "record, bytes a round": record // 300,
                    "shipped, bytes a round": sum(writes) // 300,
                    "write requests": len(writes),
                }
            )
    return results
