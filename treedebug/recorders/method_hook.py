"""MethodHook: listen to one method of one object, without a trace afterwards.

Some moments have no callback: LightGBM replaces the booster's trees at the end of `train` (and cuts them to the best
round), XGBoost's learning rate changes inside `set_param`, and `cv` throws the folds' own metrics away. A hook stands
in the object's `__dict__` in front of the class's method, calls it, and tells what happened. It is removed as soon as
it has served. Should the object be pickled meanwhile, the hook pickles as the plain bound method.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType
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
        result = _as_caller(sys._getframe(1))(self._function, self._owner, args, kwargs)  # noqa: SLF001 - no other way
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


def _call(function: Callable[..., Any], owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(owner, *args, **kwargs)


def _as_caller(frame: FrameType) -> Callable[..., Any]:
    """Return `_call` as a function of the caller's module, at its line: there the library's warnings point.

    Without that, `filterwarnings(module="xgboost")` would no longer know them.
    """
    return FunctionType(_code_at(frame.f_code.co_filename, frame.f_lineno), frame.f_globals)


@functools.cache
def _code_at(filename: str, line: int) -> CodeType:
    return _call.__code__.replace(co_filename=filename, co_firstlineno=line - 1)
