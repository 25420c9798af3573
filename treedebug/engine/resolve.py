"""From the types a rule asks for to the values it gets: streams of the run, and signals measured once a view."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

from treedebug.core.data.data_sets import DataSets
from treedebug.core.errors import ConfigError
from treedebug.core.run.margin_log import MarginLog
from treedebug.core.run.rate_log import RateLog
from treedebug.core.run.row_coverage import RowCoverage
from treedebug.core.run.run_data import ComparedRun, Header, Pulse, RunData, RunView
from treedebug.core.run.tree_summary import TreeSummary


class Missing(Exception):  # noqa: N818 - not an error: the reason why a rule is skipped
    """A signal cannot be measured on this run; the text tells the user what to record or pass."""

    def __init__(self, reason: str, *, is_elsewhere: bool = False, is_settled: bool = False) -> None:
        super().__init__(reason)
        self.is_elsewhere = is_elsewhere
        """No run of this kind can have it: it belongs to another kind of training, or to two runs."""
        self.is_settled = is_settled or is_elsewhere
        """No later round of this run will have it either."""


_NEEDS: dict[type, tuple[str, str]] = {
    TreeSummary: ("trees", "no trees were recorded"),
    MarginLog: ("margins", "needs the margin of each training row: pass row_margins=True to the callback"),
    Pulse: ("", "looks at the files of a run that has not ended: treedebug check RUN, while it trains"),
    RateLog: ("", "judges a schedule of the learning rate: treedebug.ScheduleCallback(...)"),
    ComparedRun: ("", "judges two runs: treedebug compare RUN RUN"),
    RowCoverage: ("", "looks at new rows: treedebug.check(run, rows=(X_train, X_valid, X_new))"),
    DataSets: ("data", "needs the data: treedebug.check(table, target=...), or the callback's data="),
}

_OF_TREES = ("xgboost", "lightgbm")


class Resolver:
    """Resolves types for one view, each once. `RunView` and `RunData` stand for themselves.

    A stream of another package may say in a class attribute `MISSING` why a run has none, and what to do.
    """

    def __init__(self, view: RunView) -> None:
        self._view = view
        self._known: dict[type, Any] = {RunView: view, RunData: view.run}

    def get(self, kind: type) -> Any:
        """Return the stream or signal of a type. Raise Missing, with a reason the user can act on."""
        found = self._found(kind)
        if isinstance(found, Missing):
            raise _again(found)
        return found

    def _found(self, kind: type) -> Any:
        """Return the stream or signal of a type, or the reason why there is none."""
        found = self._known.get(kind)
        if found is None:
            try:
                found = self._measure(kind)
            except Missing as reason:
                found = _again(reason)
            self._known[kind] = found
        return found

    def _measure(self, kind: type) -> Any:
        measure = getattr(kind, "measure", None)
        if measure is not None:
            try:
                return measure(**self.arguments(measure))
            except Missing as missing:
                # The header of a booster's training is complete when the rules first look.
                missing.is_settled |= self._view.header.library in _OF_TREES and _reads_header_alone(measure)
                raise
        stream = self._view.stream(kind)
        if stream is None:
            topic, reason = _NEEDS.get(kind, ("", getattr(kind, "MISSING", f"this run has no {kind.__name__}")))
            noted = _noted(self._view.run, topic)
            is_elsewhere = not noted and self._is_elsewhere(kind)
            # A network's inputs come step by step: a later round may have them.
            settled = kind is DataSets and self._view.header.library in _OF_TREES
            raise Missing(noted or reason, is_elsewhere=is_elsewhere, is_settled=settled)
        return stream

    def _is_elsewhere(self, kind: type) -> bool:
        """Return whether a stream that is missing belongs to another kind of training than this one, or to two runs."""
        if kind in (ComparedRun, RateLog, RowCoverage):
            return True
        if hasattr(kind, "MISSING"):  # of another package: in a training of its own it may come in a later round
            return self._view.header.library in _OF_TREES
        return kind in (TreeSummary, MarginLog) and self._view.header.library not in ("", *_OF_TREES)

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Return values for every typed argument of `function`; an optional one (`X | None`) gets None when missing."""
        values: dict[str, Any] = {}
        for name, (kind, optional) in needs(function).items():
            found = self._found(kind)
            if isinstance(found, Missing):
                if not optional:
                    raise _again(found)
                found = None
            values[name] = found
        return values


def _again(reason: Missing) -> Missing:
    """Return a new one that says the same: the traceback of the old holds frames of the training."""
    return Missing(str(reason), is_elsewhere=reason.is_elsewhere, is_settled=reason.is_settled)


def needs(function: Callable[..., Any]) -> dict[str, tuple[type, bool]]:
    """Return (type, is optional) of each argument of a rule's `check` or a signal's `measure`. Raise ConfigError."""
    return _needs(getattr(function, "__func__", function))


def reads(function: Callable[..., Any], stream: type) -> bool:
    """Return whether a rule's `check`, or a signal that it needs, reads this stream."""
    return any(
        kind is stream or ((measure := getattr(kind, "measure", None)) is not None and reads(measure, stream))
        for kind, _ in needs(function).values()
    )


def reads_only(function: Callable[..., Any], streams: set[type]) -> bool:
    """Return whether a rule's `check`, with all the signals it needs, reads only these streams, optional ones aside."""
    kinds = [kind for kind, optional in needs(function).values() if not optional]
    return all(
        kind in streams or ((measure := getattr(kind, "measure", None)) is not None and reads_only(measure, streams))
        for kind in kinds
    )


@functools.cache
def _reads_header_alone(function: Callable[..., Any]) -> bool:
    return all(
        kind is Header or ((measure := getattr(kind, "measure", None)) is not None and _reads_header_alone(measure))
        for kind, _ in needs(function).values()
    )


@functools.cache
def _needs(function: Callable[..., Any]) -> dict[str, tuple[type, bool]]:
    if not inspect.isfunction(function):
        raise ConfigError(f"expected a method with typed arguments, got {function!r}")
    where = f"{function.__module__}.{function.__qualname__}"
    try:
        hints = typing.get_type_hints(function)
    except Exception as error:
        raise ConfigError(
            f"{where}: cannot resolve an argument type ({error}); annotate with names that are defined or imported at "
            "the top of the module, not inside a function or under TYPE_CHECKING"
        ) from error
    code = function.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    return {name: _unwrap(hints.get(name), f"{where}: argument {name!r}") for name in names}


def _unwrap(hint: Any, where: str) -> tuple[type, bool]:
    kinds = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        kinds = [k for k in typing.get_args(hint) if k is not type(None)]
    if hint is None or len(kinds) != 1 or not inspect.isclass(kinds[0]):
        came = "no type" if hint is None else f"the type {hint}"
        raise ConfigError(
            f"{where} has {came}; annotate it with the one signal or stream it needs, e.g. `log: treedebug.EvalLog`, "
            "or `log: treedebug.EvalLog | None` if the rule can do without"
        )
    return kinds[0], kinds[0] is not hint


def _noted(run: RunData, topic: str) -> str:
    return next((n.message for n in reversed(run.notes) if topic and n.topic == topic), "")
