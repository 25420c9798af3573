"""One table, library and seed: train each configuration, ask treedebug, do what it says, judge on unseen rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _data.table import Table

import treedebug
from _advice.follow import NotFollowedError, contradictions, followed, in_use
from _advice.judging import compared
from _advice.plans import advice_of, plan_of
from _advice.recipes import XGBOOST, Recipe, configurations
from _advice.splits import Split, split
from _advice.training import Outcome, train

DATA = "before training"
DATA_ON = ("defaults", "tuned")
"""Configurations on which advice about the table itself is followed."""


@dataclass(frozen=True)
class Work:
    """What one process does at a time."""

    table: Table
    library: str
    seed: int
    parts: bool = True
    """Follow each change of a finding alone too."""
    before: bool = False
    """Follow the plan for the table alone, which stands before any training."""


class Kitchen:
    """Trains each recipe once on one split."""

    def __init__(self, rows: Split) -> None:
        self.rows = rows
        self._known: dict[str, Outcome] = {}
        self.n_trainings = 0

    def cook(self, recipe: Recipe, callback: Any = None) -> Outcome:
        key = recipe.key
        if callback is not None or key not in self._known:
            self.n_trainings += 1
            self._known[key] = train(recipe, self.rows, callback)
        return self._known[key]


def run(work: Work) -> list[dict[str, Any]]:
    """The facts of each configuration: what was said, what following it brought."""
    rows = split(work.table, work.seed)
    kitchen = Kitchen(rows)
    about = {"table": work.table.name, "half": work.table.half, "task": work.table.task, "library": work.library,
             "seed": work.seed}  # fmt: skip
    facts = []
    table_report = table_check(rows)
    for name, recipe in configurations(work.library, rows):
        if work.before and name not in DATA_ON:
            continue
        before = kitchen.n_trainings
        user = kitchen.cook(recipe, recorder := _recorder(work.library))
        stopped = kitchen.cook(recipe.stopped())
        judge = Judge(kitchen, recipe, {"user": user, "stopped": stopped}, recorder.run.params, parts=work.parts)
        if work.before:
            facts.append(about | {"config": name, "table_plan": judge.plan(table_report)})
            continue
        report = treedebug.check(recorder.run)
        every = treedebug.check(recorder.run, config=treedebug.Config(preview=True))
        default = {f.key for f in report.findings}
        facts.append(
            about
            | {
                "config": name,
                "user": _facts(user),
                "stopped": _facts(stopped) | compared(stopped, user),
                "findings": [judge.finding(f, is_default=f.key in default) for f in every.findings],
                "plan": judge.plan(report),
                "full_plan": judge.plan(every),
            }
        )
        if name in DATA_ON:
            judged = [judge.finding(f, is_default=True) for f in table_report.findings]
            facts[-1] |= {"table_findings": judged, "table_plan": judge.plan(table_report)}
        facts[-1]["n_trainings"] = kitchen.n_trainings - before
    return facts


def table_check(rows: Split) -> Any:
    """What is said of the table before any training."""
    (X, y), valid = rows.raw
    return treedebug.check(X, y, valid=valid, task="classes" if rows.n_classes else "numbers")


def _recorder(library: str) -> Any:
    """No rules while it trains: the run is judged afterwards, as the live training would have been."""
    kind = treedebug.XGBoostCallback if library == XGBOOST else treedebug.LightGBMCallback
    with Path(os.devnull).open("w", encoding="utf-8") as sink, redirect_stderr(sink):
        return kind(None, quiet=True, config=treedebug.Config(select=()))


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {"loss": outcome.mean, "auc": outcome.auc, "leaves": outcome.leaves, "rounds": outcome.rounds,
            "seconds": outcome.seconds}  # fmt: skip


class Judge:
    """Follows advice given on one training, and compares with the user's run and with early stopping."""

    def __init__(
        self,
        kitchen: Kitchen,
        recipe: Recipe,
        bases: Mapping[str, Outcome],
        effective: Mapping[str, Any],
        *,
        parts: bool,
    ) -> None:
        self._kitchen, self._recipe, self._bases = kitchen, recipe, bases
        self._effective, self._parts = effective, parts

    def finding(self, finding: Any, *, is_default: bool) -> dict[str, Any]:
        """A finding's advice, whole and change by change."""
        changes, columns = advice_of(finding), tuple(map(str, finding.evidence.get("columns", ())))
        return {
            "code": finding.code,
            "severity": finding.severity.label,
            "is_default": is_default,
            "whole": self.judged(changes, columns),
            "parts": [self._part(c, columns) for c in changes],
        }

    def _part(self, change: Any, columns: tuple[str, ...]) -> dict[str, Any]:
        """One change alone: trained where asked for, else only looked at."""
        name = str(change.parameter)
        if self._parts:
            return {"parameter": name, **self.judged([change], columns)}
        return {"parameter": name, "in_use": [name] if in_use(self._recipe, change, self._effective) else []}

    def plan(self, report: Any) -> dict[str, Any]:
        """The changes of a report together."""
        changes = plan_of(report)
        by_name = {id(c): f for f in report.findings for c in advice_of(f)}
        columns = tuple(str(c) for f in by_name.values() for c in f.evidence.get("columns", ()))
        said = [c for f in report.findings for c in advice_of(f)]
        return {
            **self.judged(changes, columns, skip=True),
            "codes": [f.code for f in report.findings],
            "contradictions": contradictions(self._recipe, changes, self._effective),
            "differing": contradictions(self._recipe, said, self._effective),
        }

    def judged(self, changes: Sequence[Any], columns: tuple[str, ...] = (), *, skip: bool = False) -> dict[str, Any]:
        """What following the changes brings. `skip`: leave out those that cannot be followed, instead of all."""
        result: dict[str, Any] = {
            "changes": [f"{c.parameter}={c.value!r}"[:120] for c in changes],
            "in_use": [str(c.parameter) for c in changes if in_use(self._recipe, c, self._effective)],
        }
        recipe, reasons = self._recipe, []
        for change in changes:
            try:
                recipe = followed(recipe, [change], columns)
            except NotFollowedError as reason:
                reasons.append(str(reason))
        result["not_followed"] = reasons
        if not changes or (reasons and not skip):
            return result
        if recipe.key == self._recipe.key:
            outcome = self._bases["user"]
        else:
            try:
                outcome = self._kitchen.cook(recipe)
            except Exception as error:  # noqa: BLE001 - whatever a library says of advice is a result
                return result | {"error": f"{type(error).__name__}: {error}"[:200]}
        result |= {"refused": outcome.refused, "rounds": outcome.rounds, "loss": outcome.mean}
        if outcome.refused and len(changes) == 1:  # nothing was followed, so nothing can be judged
            return result
        return result | {name: compared(outcome, base) for name, base in self._bases.items()}
