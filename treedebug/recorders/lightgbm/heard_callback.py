"""HeardCallback: hear of what another callback of a LightGBM training raises, such as a pruned trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lightgbm.callback import EarlyStopException

from treedebug.recorders.method_hook import tell


class HeardCallback:
    """Stand for a callback of the library's list, in its place; `failed` hears of what it raises but early stopping."""

    def __init__(self, callback: Any, failed: Callable[[BaseException], None]) -> None:
        self._callback = callback
        self._failed = failed

    def __call__(self, env: Any) -> None:
        """Call it, and pass on what it raises."""
        try:
            self._callback(env)
        except EarlyStopException:
            raise
        except BaseException as error:
            tell(self._failed, error)
            raise

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the callback itself: `order`, `stopping_rounds`."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._callback, name)
