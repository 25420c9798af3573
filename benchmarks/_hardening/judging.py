"""What treedebug makes of an input, step by step: anything but an answer or one of its own errors is a flaw."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import treedebug
from _hardening import seeds
from _hardening.cage import place_of
from _hardening.rows import Flaw

_HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""Warnings that Python does not show to users."""


class Steps:
    """One input on its way; `flaws` gathers what went wrong."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def __call__(self, step: str, function: Callable[[], Any], *, may_print: bool = False) -> Any:
        """What the step returns; None if it raises, which is fine of treedebug's own errors."""
        before = os.fstat(2).st_size
        answer = None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            try:
                answer = function()
            except treedebug.TreedebugError:
                pass
            except MemoryError as error:
                self.flaws.append(Flaw("memory", f"{step}: MemoryError", place_of(error)))
            except Exception as error:  # noqa: BLE001 - what is looked for
                self.flaws.append(Flaw("error", f"{step}: {type(error).__name__}: {error}", place_of(error)))
        self._watch(step, caught)
        if not may_print and os.fstat(2).st_size > before:
            self.flaws.append(Flaw("printed", f"{step}: {_from(before)}"))
        return answer

    def _watch(self, step: str, caught: list[Any]) -> None:
        for warning in caught:
            if not issubclass(warning.category, _HIDDEN):
                place = f"{'/'.join(warning.filename.rsplit('/', 3)[1:])}:{warning.lineno}"
                self.flaws.append(Flaw("warning", f"{step}: {warning.category.__name__}: {warning.message}", place))

    def report(self, step: str, function: Callable[[], Any]) -> None:
        """A step that gives a report: no rule may have crashed in it."""
        report = self(step, function)
        for verdict in getattr(report, "verdicts", None) or ([] if report is None else [report.verdict]):
            reasons: dict[str, list[str]] = {}
            for crashed in verdict.crashed:
                reasons.setdefault(crashed.error, []).append(crashed.code)
            for error, codes in reasons.items():
                listed = ", ".join(codes[:3]) + (f" and {len(codes) - 3} more" if len(codes) > 3 else "")
                words = " ".join(w for w in error.split() if w.rstrip(":,;.").isalpha())[:60]
                words = "FormatError" if error.startswith("FormatError") else words
                self.flaws.append(Flaw("crashed rule", f"{step}: {listed}: {error}", f"rules: {words}"))


def warm_up(folder: Path) -> None:
    """Import all that checks import, so that no input pays for it."""
    for run in sorted((folder / seeds.RUNS).iterdir()):
        steps = Steps()
        steps("load", lambda run=run: treedebug.load(run).booster(), may_print=True)
        steps("compare", lambda run=run: treedebug.compare(run, run, config=treedebug.Config()))
    treedebug.check(folder / seeds.TABLES / "rows.csv", target="y")
    treedebug.check(folder / seeds.TABLES / "rows.parquet", target="y")


def _from(start: int) -> str:
    """The first line that was printed after a byte of the screen."""
    return os.pread(2, 200, start).decode("utf-8", "replace").partition("\n")[0]
