"""MethodHook: listen to one method of one object, without a trace afterwards.

Some moments have no callback: LightGBM replaces the booster's trees at the end of `train` (and cuts them to the best
round), XGBoost's learning rate changes inside `set_param`, and `cv` throws the folds' own metrics away. A hook stands
in the object's `__dict__` in front of the class's method, calls it, and tells what happened. It is removed as soon as
it has served. Should the object be pickled meanwhile, the hook pickles as the plain bound method.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class MethodHook:
    """Stand before `owner.method` and call `before(*args)` and `after(result, *args)`, whose errors are dropped."""

    def __init__(
        self,
        owner: Any,
        method: str,
        *,
        before: Callable[..., None] | None = None,
        after: Callable[..., None] | None = None,
    ) -> None:
        self._owner = owner
        self._method = method
        self._function = getattr(type(owner), method)
        self._before = before
        self._after = after
        owner.__dict__[method] = self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The method itself, with the listeners around it."""
        # try/except costs nothing where nothing is raised; contextlib.suppress would cost a microsecond a round.
        if self._before is not None:
            try:  # noqa: SIM105 - see above
                self._before(*args, **kwargs)
            except Exception:  # noqa: BLE001, S110 - a listener must not disturb the training
                pass
        result = self._function(self._owner, *args, **kwargs)
        if self._after is not None:
            try:  # noqa: SIM105 - see above
                self._after(result, *args, **kwargs)
            except Exception:  # noqa: BLE001, S110 - the same
                pass
        return result

    def remove(self) -> None:
        """Leave the object as it was; safe twice."""
        if self._owner.__dict__.get(self._method) is self:
            del self._owner.__dict__[self._method]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the plain method: a pickled booster needs no treedebug to be read."""
        return functools.partial, (self._function, self._owner)
