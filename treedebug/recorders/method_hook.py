"""MethodHook: listen to one method of one object, without a trace afterwards.

Some moments have no callback: LightGBM replaces the booster's trees at the end of `train` (and cuts them to the best
round), XGBoost's learning rate changes inside `set_param`, and `cv` throws the folds' own metrics away. A hook stands
in the object's `__dict__` in front of the class's method, calls it, and tells what happened. It is removed as soon as
it has served. Should the object be pickled meanwhile, the hook pickles as the plain bound method.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType
from typing import Any


class MethodHook:
    """Listen to `owner.method`: `before(*args)`, `after(result, *args)`; the errors of both are dropped.

    `failed(error)` hears of what the method raises, Ctrl-C and `sys.exit` too, before it goes on to the caller. Several
    may listen to one method.
    """

    def __init__(
        self,
        owner: Any,
        method: str,
        *,
        before: Callable[..., None] | None = None,
        after: Callable[..., None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.before = before
        self.after = after
        self.failed = failed
        self._names = owner.__dict__
        self._method = method
        standing = self._names.get(method)
        listened = standing if isinstance(standing, _Listened) else _Listened(owner, getattr(type(owner), method))
        listened.hooks = (*listened.hooks, self)
        self._names[method] = listened

    def remove(self) -> None:
        """Leave the object as it was; safe twice."""
        listened = self._names.get(self._method)
        if isinstance(listened, _Listened):
            listened.hooks = tuple(hook for hook in listened.hooks if hook is not self)
            if not listened.hooks:
                del self._names[self._method]


class _Listened:
    """Stands in front of one method of one object, for all that listen to it."""

    def __init__(self, owner: Any, function: Callable[..., Any]) -> None:
        self._owner = owner
        self._function = function
        self.hooks: tuple[MethodHook, ...] = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The method itself, with the listeners around it."""
        hooks = self.hooks
        # try/except costs nothing where nothing is raised; contextlib.suppress would cost a microsecond a round.
        for hook in hooks:
            if hook.before is not None:
                try:  # noqa: SIM105 - see above
                    hook.before(*args, **kwargs)
                except Exception:  # noqa: BLE001, S110 - a listener must not disturb the training
                    pass
        try:
            result = _as_caller(sys._getframe(1))(self._function, self._owner, args, kwargs)  # noqa: SLF001 - no other way
        except BaseException as error:
            for hook in hooks:
                tell(hook.failed, error)
            raise
        for hook in hooks:
            if hook.after is not None:
                try:  # noqa: SIM105 - see above
                    hook.after(result, *args, **kwargs)
                except Exception:  # noqa: BLE001, S110 - the same
                    pass
        return result

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the plain method: a pickled booster needs no treedebug to be read."""
        return functools.partial, (self._function, self._owner)


def tell(failed: Callable[[BaseException], None] | None, error: BaseException) -> None:
    """Call the listener, whose own errors are dropped: the error under way is the one to hear of."""
    if failed is not None:
        with contextlib.suppress(Exception):
            failed(error)


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
