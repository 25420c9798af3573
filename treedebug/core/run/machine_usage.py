"""What a round takes of the machine: CPU time, memory, evaluation. About 1.5 microseconds a round."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from treedebug.core.run.eval_log import Usage

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of `ru_maxrss`."""
_NAN = float("nan")


class UsageMeter:
    """Reads the process's counters once a round."""

    def __init__(self) -> None:
        self._cpu = _NAN
        self._updated = _NAN
        self._counters()

    def updated(self) -> None:
        """Take the time at the end of the boosting step."""
        self._updated = time.perf_counter()

    def read(self, now: float) -> Usage:
        """Return the usage since the last reading; `now` is the time of the round's end."""
        evaluation, self._updated = now - self._updated, _NAN
        before = self._cpu
        memory = self._counters()
        return Usage(self._cpu - before, memory, evaluation)

    def _counters(self) -> float:
        if resource is None:
            self._cpu = time.process_time()
            return _NAN
        used = resource.getrusage(resource.RUSAGE_SELF)
        self._cpu = used.ru_utime + used.ru_stime
        return float(used.ru_maxrss * _UNIT)


def host_facts() -> dict[str, Any]:
    """Return cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return {"n_cpus": len(affinity(0)) if affinity is not None else os.cpu_count()}
