"""What to try, in order: a recipe that helps most trainings, then directions, first those that the record asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from treedebug.core.changes import LOWER, PARAMETER, Change, first_way
from treedebug.core.findings import Finding
from treedebug.core.params.user_spelling import PATIENCE, ROUNDS, plain_name
from treedebug.core.run.run_data import Header
from treedebug.cure.fix.settings import Training
from treedebug.cure.fix.trial import RECIPE, Trial

MOST_ROUNDS = 2000
_SLOWER, _LEAST_RATE = 8.0, 0.01
_SHARE, _LESS = 0.7, 0.5
"""Of rows and of columns that each tree sees."""
_FEW_COLUMNS = 8
"""Below so many each tree sees all columns: a tree without the one that matters learns nothing."""
_SIZE = {"xgboost": "max_depth", "lightgbm": "num_leaves"}
_SMALL, _LARGE = {"xgboost": 3, "lightgbm": 6}, {"xgboost": 8, "lightgbm": 63}
_SMALLEST = {"xgboost": (2, 3, 4, 6), "lightgbm": (4, 8, 15, 31)}
_RATE_OF_SMALL = 0.3


def first_trial(training: Training) -> Trial:
    """Return the training as the user does it, stopped early."""
    return Trial("as-it-was", {}, training.rounds, reason="the reference: the parameters as they are, stopped early")


def better_plan(training: Training, n_features: int, findings: Sequence[Finding], header: Header) -> Iterator[Trial]:
    """Yield trials for a lower loss: the recipe, then the directions, those first that a finding asks for."""
    recipe = _recipe(training, n_features)
    yield Trial(
        "recipe", recipe, MOST_ROUNDS, RECIPE, "slower, each tree on a part of the rows and columns, thicker leaves"
    )
    asked = _asked(findings, header)
    moves = _directions(training, n_features, recipe)
    first = [name for name in asked if name in moves]
    for direction in (*first, *(name for name in moves if name not in first)):
        finding = asked.get(direction)
        reason, changes = moves[direction]
        yield Trial(
            direction, changes, MOST_ROUNDS, RECIPE if finding is None else finding.code,
            reason if finding is None else f"{reason}: {finding.message}",
        )  # fmt: skip
    yield from _dropped(findings, recipe, header)


def smaller_plan(training: Training) -> Iterator[Trial]:
    """Yield trials for few leaves: fast learning, small trees, each on a part of the rows and columns."""
    name = _SIZE[training.library]
    for size in _SMALLEST[training.library]:
        changes: dict[str, Any] = {
            "learning_rate": _RATE_OF_SMALL,
            "subsample": 0.8,
            "colsample_bytree": 0.8,
            name: size,
        }
        if training.library == "lightgbm":
            changes["subsample_freq"] = 1
        yield Trial(f"small-{size}", changes, MOST_ROUNDS, RECIPE, f"{name} {size}, then made small")


def _recipe(training: Training, n_features: int) -> dict[str, Any]:
    rate = float(training.value("learning_rate") or 0.3)
    slow = min(rate, max(rate / _SLOWER, _LEAST_RATE))
    columns = _SHARE if n_features >= _FEW_COLUMNS else 1.0
    changes: dict[str, Any] = {
        "learning_rate": float(f"{slow:.3g}"), "subsample": min(_SHARE, float(training.value("subsample") or 1.0)),
        "colsample_bytree": min(columns, float(training.value("colsample_bytree") or 1.0)),
    }  # fmt: skip
    if training.library == "xgboost":
        return changes | {"min_child_weight": max(4.0, float(training.value("min_child_weight") or 1.0))}
    return changes | {"subsample_freq": 1, "reg_lambda": max(5.0, float(training.value("reg_lambda") or 0.0))}


def _directions(training: Training, n_features: int, recipe: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return name -> what is done and the changes, in the order that did best on the design half of the benchmark."""
    size, library = _SIZE[training.library], training.library
    small = {**recipe, size: _SMALL[library]}
    less = {"subsample": _LESS, **({"colsample_bytree": _LESS} if n_features >= _FEW_COLUMNS else {})}
    thick = {"min_child_weight": 10.0} if library == "xgboost" else {"reg_lambda": 20.0}
    return {
        "smaller-trees": ("smaller trees", small),
        "less-of-the-rows": ("smaller trees, each on half of the rows", {**small, **less}),
        "all-columns": ("each tree sees all columns", {**recipe, "colsample_bytree": 1.0}),
        "larger-trees": ("larger trees", {**recipe, size: _LARGE[library]}),
        "thicker-leaves": ("thicker leaves", {**recipe, **thick}),
        "as-it-was-slower": ("slower alone", {"learning_rate": recipe["learning_rate"]}),
    }


def _asked(findings: Sequence[Finding], header: Header) -> dict[str, Finding]:
    """Return the directions that findings ask for, with the first finding of each, where the loss is to fall."""
    found: dict[str, Finding] = {}
    for finding in findings:
        for change in first_way(finding.try_next):
            name = _direction(change, header)
            if name and change.effect.loss in ("", LOWER):
                found.setdefault(name, finding)
    return found


def _direction(change: Change, header: Header) -> str:
    if change.kind != PARAMETER or change.parameter == "drop":
        return ""
    name = plain_name(change.parameter, header)
    if name in (ROUNDS, PATIENCE):
        return ""
    if name in ("max_depth", "num_leaves", "max_leaves"):
        now = header.params.get(name)
        larger = isinstance(now, int | float) and isinstance(change.value, int | float) and change.value > now > 0
        return "larger-trees" if larger else "smaller-trees"
    if name in ("min_child_weight", "min_child_samples", "reg_lambda"):
        return "thicker-leaves"
    return "less-of-the-rows" if name in ("subsample", "colsample_bytree") else ""


def _dropped(findings: Sequence[Finding], recipe: dict[str, Any], header: Header) -> Iterator[Trial]:
    """Yield the recipe without the columns that a finding says to leave out."""
    for finding in findings:
        for change in first_way(finding.try_next):
            if change.parameter == "drop" and change.effect.loss in ("", LOWER):
                names = change.value if isinstance(change.value, list | tuple) else [change.value]
                known = tuple(str(n) for n in names if not header.feature_names or str(n) in header.feature_names)
                if known:
                    yield Trial(
                        "without-" + "-".join(known)[:40], recipe, MOST_ROUNDS, finding.code, finding.message, known
                    )
