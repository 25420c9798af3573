"""What is known of a run as it is born: its number, when, where, and with which versions."""

from __future__ import annotations

import datetime as dt
import os
import platform
import uuid
from typing import Any

from treedebug.core.run.machine_usage import host_facts
from treedebug.core.version import __version__
from treedebug.store.writing import heartbeat
from treedebug.store.writing.origin import command_line, git_state


def birth_facts() -> dict[str, Any]:
    """Return the header fields of a run that begins now, in this process."""
    return {
        "run_id": uuid.uuid4().hex,
        "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "host": {
            "name": platform.node(),
            "pid": os.getpid(),
            "platform": platform.platform(),
            "heartbeat": heartbeat.SECONDS,
            **host_facts(),
        },
        "command": command_line(),
        "git": git_state(),
        "versions": {"treedebug": __version__, "python": platform.python_version()},
    }
