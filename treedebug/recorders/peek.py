"""Read-only looks at what the library's own `train` holds but does not hand to callbacks.

XGBoost gives a callback neither the parameters, the number of rounds planned, nor the data. They stand in the frame that
called it. Reading them is best effort: without them the run has fewer facts, and says so.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any


def caller_locals(module: str, function: str) -> Mapping[str, Any]:
    """Local variables of the nearest calling frame of `module.function`; empty if there is none."""
    frame = sys._getframe(1)  # noqa: SLF001 - there is no public way to the caller
    while frame is not None:
        if frame.f_code.co_name == function and frame.f_globals.get("__name__") == module:
            return dict(frame.f_locals)
        frame = frame.f_back  # type: ignore[assignment]
    return {}
