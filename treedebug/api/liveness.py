"""Whether a training that has not ended is still at it: by its process, and by its last sign of life."""

from __future__ import annotations

import datetime as dt
import math
import os
import platform
import time
from pathlib import Path
from typing import Any

from treedebug.core.run.beat import Beat
from treedebug.core.run.run_data import Header, Pulse, RunData
from treedebug.store.file_format import FILE_NAME

_BEATS = 4
"""Beats that a file system of the network may keep back; a writer that is silent for longer is dead."""
_SLACK = 60.0
"""Seconds by which the clock may have been set since."""
_STATES = {"alive": "running", "gone": "killed"}
UNKNOWN = "running or killed"


def pulse(path: str, run: RunData) -> Pulse | None:
    """Return the pulse of a run's files; None if they cannot be looked at (a run in memory)."""
    place = Path(path)
    try:
        written = (place / FILE_NAME if place.is_dir() else place).stat().st_mtime
    except OSError:
        return None
    silent = max(time.time() - written, 0.0)
    beat = run.stream(Beat)
    idle = beat.idle_seconds if beat is not None and beat.n_rounds == run.n_rounds else 0.0
    return Pulse(silent + max(idle, 0.0), _process(run.header, silent))


def state_of(run: RunData, beat: Pulse | None) -> str:
    """Return how a training ended; of one without an end "running" or "killed", and both where neither is known."""
    if run.ending:
        return str(run.ending.get("state", UNKNOWN))
    return UNKNOWN if beat is None else _STATES.get(beat.process, UNKNOWN)


def _process(header: Header, silent: float) -> str:
    """Return whether the writer's process is there: "alive", "gone", or "" where that cannot be told."""
    pid, every = header.host.get("pid"), _seconds(header.host.get("heartbeat"))
    says_so = every is not None and silent <= _BEATS * every
    if header.host.get("name") == platform.node() and isinstance(pid, int) and os.name != "nt":
        return _of_this_machine(pid, "" if says_so else header.started)
    return "" if every is None else "alive" if says_so else "gone"


def _seconds(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) and value > 0 else None


def _of_this_machine(pid: int, started: str) -> str:
    """Look for a process; one that began after `started` has taken over the number of another ("": whenever)."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return "gone"
    except OSError:
        pass
    return "gone" if _is_younger(pid, started) else "alive"


def _is_younger(pid: int, started: str) -> bool:
    """Return whether the process began after the run did; Linux tells."""
    try:
        uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        ticks = float(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
        age = uptime - ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - dt.datetime.fromisoformat(started).timestamp() > age + _SLACK
    except (OSError, ValueError, IndexError, OverflowError):
        return False
