"""What forbids nearly every split: limits beside what there is to split, too few rows, monotone constraints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from treedebug.core.findings import Change, Severity
from treedebug.core.phrases import figure, listed, percent, round_to
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import change
from treedebug.signals.features.dominance import Dominance
from treedebug.signals.params.monotone_constraints import ConstraintDirections, ConstraintUse
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.split_scale import TrainingScale

_FEW = 5.0
"""Splits on a free feature, before its number means anything."""
_HALF = 0.5
_SMALL_WEIGHT = 0.2
"""Mean sample weight from which on it is what makes the hessian small."""
_TRAVEL = 1.5
"""Learning rate times rounds, before a model can be expected to have learned."""


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """What HP506 says of one parameter."""

    subject: str
    message: str
    severity: Severity
    changes: tuple[Change, ...]
    evidence: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A parameter, the library's default, and what there is of what it limits."""

    name: str
    usual: float
    whole: float
    what: str
    bound: float
    """Share of `whole` from which on it blocks."""


def of_limits(limits: Iterator[Limit], scale: TrainingScale, params: Params, header: Header) -> Iterator[Blocker]:
    """Parameters that ask for more than there is."""
    for limit in limits:
        value, whole = params.numeric(limit.name), limit.whole
        if value is None or not whole > 0 or value <= 0:
            continue
        if value < limit.bound * whole:
            yield from _of_classes(limit, value, scale, header)
            continue
        most = 0.5 if limit.name.startswith("min_child") else 1.0
        never = value > most * whole and limit.name != "reg_lambda"
        if scale.has_split and never:
            continue  # the trees prove the estimate wrong
        elsewhere = params.family == "pseudohuber" and value <= limit.usual  # see HP511
        better = change(header, limit.name, _mild(limit), "leaves room for splits")
        yield Blocker(
            subject=limit.name,
            message=f"{better.parameter}={figure(value)} is {_beside(value / whole)} {limit.what}, {figure(whole)}: "
            + ("no split is possible" if never else "hardly a split is possible")
            + _why(limit, scale),
            severity=Severity.ERROR if never else Severity.WARNING,
            changes=() if elsewhere else (better,),
            evidence={"value": value, "available": whole, "share": value / whole},
        )


def _of_classes(limit: Limit, value: float, scale: TrainingScale, header: Header) -> Iterator[Blocker]:
    """A leaf must hold more than two fifths of what the trees of some classes have to split."""
    mass = scale.class_mass
    if mass is None or limit.name != "min_child_weight" or value <= limit.usual:
        return
    blocked = [int(k) for k in np.argsort(mass) if 0 < mass[k] < 2.5 * value]
    if not blocked:
        return
    better = change(header, limit.name, round_to(min(limit.usual, mass[blocked[0]] / 50.0)), "leaves room for splits")
    which = f"class {blocked[0]}" if len(blocked) == 1 else f"{len(blocked)} classes, least of class {blocked[0]}"
    yield Blocker(
        subject=limit.name,
        message=f"{better.parameter}={figure(value)} is over two fifths of the hessian of {which} "
        f"({figure(float(mass[blocked[0]]))}): hardly a split is possible in its trees",
        severity=Severity.WARNING,
        changes=(better,),
        evidence={"value": value, "classes": blocked[:100], "available": float(mass[blocked[0]])},
    )


def _beside(share: float) -> str:
    return f"{percent(share)} of" if share <= 10 else "far more than"


def _why(limit: Limit, scale: TrainingScale) -> str:
    """Small sample weights make a small hessian."""
    if limit.name not in ("min_child_weight", "reg_lambda") or scale.mean_weight > _SMALL_WEIGHT:
        return ""
    return f" (the sample weights are {figure(scale.mean_weight)} in the mean: scale them to a mean of 1)"


def of_sampling(scale: TrainingScale, params: Params, header: Header, min_drawn: int) -> Iterator[Blocker]:
    """Too few rows for a tree."""
    if params.sampled >= 1.0 or scale.drawn >= min_drawn:
        return
    share = change(header, "subsample", min(1.0, round_to(min_drawn * 4 / scale.n_rows)), "more rows")
    how = f"{share.parameter}={figure(params.sampled)} draws"
    if "goss" in (params.booster, params.effective.get("data_sample_strategy")):
        share = Change("top_rate", min(0.5, round_to(min_drawn * 4 / scale.n_rows)), "more rows")
        how = f"goss, by top_rate and other_rate ({figure(params.sampled)} together), draws"
    yield Blocker(
        subject="subsample",
        message=f"{how} {scale.drawn:.0f} of {scale.n_rows} rows for a tree",
        severity=Severity.WARNING,
        changes=(share,),
        evidence={"value": params.sampled, "available": scale.drawn},
    )


def of_columns(params: Params, header: Header, min_left: int) -> Iterator[Blocker]:
    """So few columns a tree that it cannot know what goes together: both libraries round, LightGBM to two at least."""
    share, n = params.numeric("colsample_bytree") or 1.0, header.n_features or 0
    least = min(2, n) if params.library == "lightgbm" else 1
    left = max(round(share * n) if params.library == "lightgbm" else int(share * n), least)
    if share > _HALF or not 0 < left < min(min_left, n):
        return
    better = change(header, "colsample_bytree", 1.0, "every tree sees all features")
    yield Blocker(
        subject="colsample_bytree",
        message=f"{better.parameter}={figure(share)} leaves a tree {left} of {n} features: it cannot see what only "
        "several features tell together, and without the strong ones it fits noise",
        severity=Severity.WARNING,
        changes=(better,),
        evidence={"value": share, "available": left},
    )


def of_constraints(use: ConstraintUse, header: Header, min_use: float, min_gone: float) -> Iterator[Blocker]:
    """Monotone constraints that the trees avoid, or under which nothing is learned."""
    avoided = use.features[use.use < min_use] if use.free_splits >= _FEW else use.features[:0]
    blind = not use.free_splits and use.gone is not None and use.gone < min_gone
    if use.travel < _TRAVEL or not (len(avoided) or blind):
        return
    names = [header.feature_name(int(i)) for i in (use.features if blind else avoided)]
    if blind:
        said = f"all {len(names)} features are under monotone constraints, and {percent(use.gone or 0.0)} of the "
        said += "validation loss is gone"
    else:
        said = f"{listed(names)}, under monotone constraints, hardly split the data: the least "
        said += f"{figure(float(use.use.min()))} times as often as a free feature does"
    yield Blocker(
        subject="monotone_constraints",
        message=f"{said}. Do the constraints point the way the data do?",
        severity=Severity.WARNING,
        changes=(Change("monotone_constraints", None, "then compare the validation metric"),),
        evidence={"features": names[:100], "use": [float(u) for u in use.use[:100]], "gone": use.gone},
    )


def of_interactions(params: Params, top: Dominance | None, min_gone: float) -> Iterator[Blocker]:
    """Interaction constraints under which nothing is learned."""
    name = "interaction_constraints"
    if top is None or top.gone is None or top.travel < _TRAVEL or top.gone >= min_gone or not params.was_given(name):
        return
    yield Blocker(
        subject=name,
        message=f"{name} keep features apart, and {percent(top.gone)} of the validation loss is gone: all features of "
        "one branch must stand in one group, so what more of them tell together cannot be learned. Do the groups hold "
        "what belongs together?",
        severity=Severity.WARNING,
        changes=(Change(name, None, "then compare the validation metric"),),
        evidence={"gone": top.gone},
    )


def of_directions(known: ConstraintDirections, min_against: float, min_errors: float) -> Iterator[Blocker]:
    """Monotone constraints that point against what the training data show."""
    against = -known.signs * known.correlations
    wrong = against >= max(min_against, min_errors / max(known.n_rows, 1) ** 0.5)
    if not wrong.any():
        return
    order = [int(i) for i in (-against).argsort() if wrong[i]]
    told = [
        f"{known.names[i]} ({'rising' if known.signs[i] > 0 else 'falling'}, rank correlation with the label "
        f"{known.correlations[i]:+.2f})"
        for i in order
    ]
    yield Blocker(
        subject="direction of monotone_constraints",
        message=f"monotone constraints point against the data: {listed(told)}",
        severity=Severity.WARNING,
        changes=(Change("monotone_constraints", None, "or turn them around, if that is what was meant"),),
        evidence={"features": [known.names[i] for i in order[:100]],
                  "correlations": [float(known.correlations[i]) for i in order[:100]]},
    )  # fmt: skip


def _mild(limit: Limit) -> float | int:
    """The library's default, or a fiftieth of what there is if that is less."""
    small = min(limit.usual, limit.whole / 50.0)
    return max(1, int(small)) if limit.name == "min_child_samples" else round_to(small)
