"""Whether a training that has not ended is still at it: by the age of its files, and by its process."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

from treedebug.core.run.run_data import Header, Pulse
from treedebug.store.file_format import FILE_NAME


def pulse(path: str, header: Header) -> Pulse | None:
    """Return the pulse of a run's files; None if they cannot be looked at (a run in memory)."""
    place = Path(path)
    try:
        written = (place / FILE_NAME if place.is_dir() else place).stat().st_mtime
    except OSError:
        return None
    return Pulse(max(time.time() - written, 0.0), _process(header))


def _process(header: Header) -> str:
    """Return whether the writer's process is there: "alive", "gone", or "" on another machine."""
    pid = header.host.get("pid")
    if header.host.get("name") != platform.node() or not isinstance(pid, int) or os.name == "nt":
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except OSError:
        return "alive"
    return "alive"
