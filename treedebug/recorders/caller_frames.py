"""Read-only looks at what the library's own `train` holds but does not hand to callbacks.

XGBoost gives a callback neither the parameters, the number of rounds planned, nor the data. They stand in the frame
that called it. Reading them is best effort: without them the run has fewer facts, and says so.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Mapping
from typing import Any


def caller_locals(module: str, function: str) -> Mapping[str, Any]:
    """Local variables of the nearest calling frame of `module.function`; empty if there is none."""
    frame = sys._getframe(1)  # noqa: SLF001 - there is no public way to the caller
    while frame is not None:
        if frame.f_code.co_name == function and frame.f_globals.get("__name__") == module:
            return dict(frame.f_locals)
        frame = frame.f_back  # type: ignore[assignment]
    return {}


def has_returned(module: str, functions: Collection[str], thread: int, value: Any) -> bool:
    """Return whether a thread is certainly out of the `functions` of `module` that held `value` in a local variable.

    The stack of another thread changes while one looks at it: it tells nothing before that thread has ended.
    """
    if thread != threading.get_ident():
        return thread not in sys._current_frames()  # noqa: SLF001 - the documented way to the threads alive
    frame = sys._getframe(1)  # noqa: SLF001 - there is no public way to the caller
    while frame is not None:
        is_one = frame.f_code.co_name in functions and frame.f_globals.get("__name__") == module
        if is_one and any(local is value for local in dict(frame.f_locals).values()):
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return True
