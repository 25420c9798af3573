"""Parameters that cannot both be meant: the known cases."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from treedebug.core.findings import Change, Severity
from treedebug.core.params.parameter_names import canonical_name, native_name, number
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import change
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.trees.tree_shape import TreeShape

Clash = tuple[str, str, Severity, tuple[Change, ...]]
"""Subject, message, severity, and what to do."""
_SHORT = 20
"""Features that a constraint is written out for."""
DEEPEST = 64
"""Levels: no tree is deeper, whatever max_depth says."""
_FATAL, _WRONG, _IDLE = Severity.ERROR, Severity.WARNING, Severity.INFO


def twice(params: Params) -> Iterator[Clash]:
    """One parameter under two names with different values."""
    seen: dict[str, tuple[str, Any]] = {}
    for name, value in params.given.items():
        native = native_name(name, params.library)
        first, other = seen.setdefault(native, (name, value))
        if number(other) != number(value) and str(other) != str(value):
            message = f"{first}={other!r} and {name}={value!r} are two names of one parameter: only one of them holds"
            yield f"{first}, {name}", message, _WRONG, (Change(first, other, f"and leave out {name}"),)


def of_sizes(params: Params, header: Header, most_unreachable: float) -> Iterator[Clash]:
    """Sizes and numbers that do not go together; `most_unreachable` is leaves asked for over those there can be."""
    name = "num_leaves" if params.library == "lightgbm" else "max_leaves"
    leaves, depth = params.numeric(name), min(params.numeric("max_depth") or 0.0, DEEPEST)
    if leaves and depth > 0 and leaves > 2**depth and params.was_given(name) and leaves != 31:
        spell = spelled(header, name)
        most = 2 ** int(depth)
        severity = _WRONG if leaves >= most_unreachable * most else _IDLE
        message = f"{spell}={figure(leaves)} cannot be reached: trees of max_depth={figure(depth)} have {most} at most"
        deeper = Change("max_depth", math.ceil(math.log2(leaves)), "room for that many leaves")
        yield f"{spell}, max_depth", message, severity, (Change(spell, most, "what the depth allows"), deeper)
    sampled = [params.numeric(n) for n in ("subsample", "colsample_bytree", "colsample_bylevel", "colsample_bynode")]
    parallel = params.numeric("num_parallel_tree") or 1
    if params.library == "xgboost" and parallel > 1 and all(s is None or s >= 1 for s in sampled):
        message = f"num_parallel_tree={figure(parallel)} without sampling rows or columns grows the same tree each time"
        changes = (
            Change("subsample", 0.8, "other rows for each tree"),
            Change("colsample_bynode", 0.8, "other columns"),
        )
        yield "num_parallel_tree, subsample", message, _WRONG, changes
    classes, multi = params.numeric("num_class") or 0, params.family == "multi"
    if multi and classes < 2:
        message = f"objective={params.objective} needs num_class, and it is not set"
        yield "num_class, objective", message, _FATAL, ()
    elif params.library == "lightgbm" and not multi and classes > 1 and params.objective not in ("custom", "none", ""):
        message = (
            f"objective={params.objective} has no classes to count, and LightGBM refuses num_class={figure(classes)}"
        )
        single = Change("num_class", 1, "what it takes")
        many = Change("objective", "multiclass", "has that many")
        yield "num_class, objective", message, _FATAL, (single if classes == 2 else many,)
    elif params.family == "binary" and classes > 2:
        message = f"objective={params.objective} has two classes, and num_class={figure(classes)}"
        better = "multiclass" if params.library == "lightgbm" else "multi:softprob"
        yield "num_class, objective", message, _FATAL, (Change("objective", better, "for that many classes"),)
    bounds = params.effective.get("monotone_constraints")
    if isinstance(bounds, list) and header.n_features and 0 < len(bounds) != header.n_features:
        message = f"{len(bounds)} monotone constraints for {header.n_features} features"
        yield "monotone_constraints", message, _FATAL, ()


def of_groups(params: Params, header: Header) -> Iterator[Clash]:
    """Interaction constraints that leave features out, or forbid every interaction."""
    name, n = "interaction_constraints", header.n_features or 0
    given = str(params.effective.get(name) or "").strip()
    named = {int(k) for k in re.findall(r"\d+", given) if int(k) < n}
    rest = [k for k in range(n) if k not in named]
    if not given or not params.was_given(name):
        return
    if params.library == "xgboost" and given == "[]":
        message = f"{name}=[] allows no feature to interact with another: every branch splits on a single one"
        yield name, message, _WRONG, (Change(name, None, "where features may interact"),)
    elif params.library == "lightgbm" and named and rest:
        message = f"{name} names {len(named)} of {n} features, and LightGBM never splits on one outside all groups"
        better = Change(name, [*_groups(given), rest], "a group of all the others")
        yield name, message, _WRONG, (better,) if n <= _SHORT else ()


def of_dropping(params: Params, header: Header) -> Iterator[Clash]:
    """Yield the clash of XGBoost's dart and a dropout that drops nothing, which is the default."""
    one = params.is_on("one_drop") and (params.numeric("skip_drop") or 0.0) < 1.0
    if params.library != "xgboost" or params.booster != "dart" or params.dropped > 0.0 or one:
        return
    rate, skip = params.numeric("rate_drop") or 0.0, params.numeric("skip_drop") or 0.0
    how = f"skip_drop={figure(skip)}" if rate > 0.0 else "rate_drop=0, the default,"
    message = (
        f"booster=dart with {how} never drops a tree: it grows the trees of gbtree, and sums all of them anew in every "
        "round, which takes longer from round to round"
    )
    changes = (Change("booster", "gbtree", "the same trees, faster"), change(header, "rate_drop", 0.1, "or drop some"))
    yield "booster, rate_drop", message, _WRONG, changes


def of_refresh(header: Header) -> Iterator[Clash]:
    """Yield the clash of rounds and trees where XGBoost rewrites a model, a tree of it in every round."""
    had, rounds = header.extra.get("rewritten_rounds"), header.planned_rounds
    if not isinstance(had, int) or rounds is None or rounds >= had:
        return
    message = (
        f"process_type=update rewrites the trees of a round of the given model in every round: {rounds} rounds keep "
        f"{rounds} of its {had}, and the trees of the others are dropped"
    )
    yield "process_type, num_boost_round", message, _WRONG, (Change("num_boost_round", had, "all of them"),)


def of_quantiles(params: Params, header: Header) -> Iterator[Clash]:
    """Yield the clash of a quantile and LightGBM's leaves that have no row beyond it; XGBoost's do no harm by it."""
    alpha, least = params.numeric("alpha"), params.numeric("min_child_samples")
    n_rows = max((d.get("n_rows") or 0 for d in header.data.values() if d.get("is_training")), default=0)
    if params.objective != "quantile" or alpha is None or not n_rows:
        return
    least, leaves = 20.0 if least is None else least, params.numeric("num_leaves") or 31.0
    beyond = min(alpha, 1.0 - alpha)
    if not 0.0 < beyond < 0.5 / max(least, 1.0) or beyond * params.sampled * n_rows > 2.0 * leaves:
        return
    spell = spelled(header, "min_child_samples")
    enough = min(math.ceil(5.0 / beyond), max(int(n_rows / 4), 1))
    message = (
        f"alpha={figure(alpha)} is a quantile that a leaf of {figure(least)} rows ({spell}) does not have: it would be "
        "its largest or smallest label, which is chance"
    )
    yield f"alpha, {spell}", message, _WRONG, (Change(spell, enough, "some rows of every leaf lie beyond it"),)


def _groups(given: str) -> list[list[int]]:
    return [[int(k) for k in re.findall(r"\d+", group)] for group in re.findall(r"\[([^\[\]]*)\]", given)]


def of_room(params: Params, header: Header, least: float) -> Iterator[Clash]:
    """Leaves asked for by hand, `least` times those that LightGBM's smallest leaf leaves room for."""
    leaves, smallest = params.numeric("num_leaves"), params.numeric("min_child_samples") or 20
    n_rows = params.sampled * max(
        (d.get("n_rows") or 0 for d in header.data.values() if d.get("is_training")), default=0
    )
    if not leaves or not params.was_given("num_leaves") or not n_rows > 0:
        return
    room = max(int(n_rows / smallest), 1)
    if leaves >= least * room:
        spell = spelled(header, "min_child_samples")
        how = "" if params.was_given("min_child_samples") else ", its default,"
        message = (
            f"{spell}={figure(smallest)}{how} leaves a tree room for {room} leaves among {figure(n_rows)} rows, and "
        )
        message += f"num_leaves={figure(leaves)} asks for far more: which of the two is meant?"
        less = Change(spell, 1 if params.is_forest else max(int(smallest / least), 1), "if larger trees were meant")
        yield f"num_leaves, {spell}", message, _WRONG, (less,)


def of_lightgbm(params: Params, header: Header) -> Iterator[Clash]:
    """What LightGBM refuses, or does without."""
    drawn = params.sampled < 1.0
    if params.booster in ("rf", "random_forest") and not drawn and (params.numeric("colsample_bytree") or 1.0) >= 1.0:
        message = (
            "a random forest without bagging or feature sampling grows the same tree every time; LightGBM refuses it"
        )
        changes = (Change("bagging_freq", 1, "draw rows"), Change("bagging_fraction", 0.632, "as a bootstrap does"))
        yield "boosting, bagging_freq", message, _FATAL, changes
    if params.booster in ("rf", "random_forest") and params.family in ("count", "positive", "tweedie"):
        message = (
            f"boosting=rf with objective={params.objective}: every tree of a forest is a full step on the logarithm, "
            "which overshoots, and no later tree corrects it"
        )
        better = Change("objective", "regression", "a forest averages amounts")
        yield "boosting, objective", message, _WRONG, (better, Change("boosting", "gbdt", "has the log link in steps"))
    if params.booster == "dart" and header.early_stopping_rounds:
        message = "LightGBM has no early stopping with boosting=dart: it trains to the last round"
        yield "boosting, early_stopping_round", message, _WRONG, (Change("boosting", "gbdt", "can be stopped early"),)
    facts = header.training_facts()
    for name, seen in list((facts.get("zeros_and_gaps") or {}).items())[:1]:
        message = (
            f"zero_as_missing makes zeros and empty cells one, and in {name} they mean different things: the mean "
            f"label is {figure(seen['label_of_zeros'])} where it is 0 and {figure(seen['label_of_gaps'])} where it is "
            "empty"
        )
        yield "zero_as_missing", message, _WRONG, (Change("zero_as_missing", value=False, why="a zero is a zero"),)
    if params.is_on("linear_tree") and params.objective == "regression_l1":
        message = "LightGBM refuses linear_tree with objective=regression_l1: its leaves are medians"
        yield (
            "linear_tree, objective",
            message,
            _FATAL,
            (Change("linear_tree", value=False, why="or another objective"),),
        )
    yield from _of_rounds(header)
    yield from _of_bins(params, header)
    if params.is_on("force_row_wise") and params.is_on("force_col_wise"):
        message = "force_row_wise and force_col_wise are both set: LightGBM refuses that"
        yield "force_row_wise, force_col_wise", message, _FATAL, ()


def _of_rounds(header: Header) -> Iterator[Clash]:
    """Rounds among the parameters, which LightGBM takes instead of the argument."""
    argument, planned = header.extra.get("rounds_argument"), header.planned_rounds
    names = [n for n in header.params_given if canonical_name(n, "lightgbm") == "n_estimators"]
    if not argument or argument == planned or len(names) != 1:
        return
    name = names[0]
    message = (
        f"{name}={planned} stands among the parameters, and LightGBM takes it instead of num_boost_round={argument}"
    )
    yield f"{name}, num_boost_round", message, _WRONG, (Change(name, argument, "if the argument was meant"),)


def _of_bins(params: Params, header: Header) -> Iterator[Clash]:
    """Parameters of the bins, given anew for a Dataset that has its bins, and whose rows are gone."""
    bins: dict[str, Any] | None = header.extra.get("bins")
    if bins is None:
        return
    for name, usual in _BINNING.items():
        asked, held = (number(p.get(name, usual)) for p in (params.effective, bins))
        fewer = name != "min_child_samples" or (float(asked or 0) < float(held or 0) and params.was_given(name))
        if asked != held and fewer:
            spell = spelled(header, name)
            message = f"the Dataset is constructed with {spell}={held!r}, and LightGBM refuses to train it with "
            message += f"{spell}={asked!r}: make a new Dataset for every trial, or keep its rows (free_raw_data=False)"
            yield spell, message, _FATAL, (Change(spell, held, "what the Dataset has"),)


_BINNING: dict[str, Any] = {
    "max_bin": 255, "min_data_in_bin": 3, "subsample_for_bin": 200_000, "use_missing": True, "zero_as_missing": False,
    "linear_tree": False, "min_child_samples": 20,
}  # fmt: skip
"""Parameters that are settled when a Dataset is constructed, with LightGBM's defaults, by canonical name."""


def of_cap(params: Params, shape: TreeShape | None, *, least_room: float, min_full: float) -> Iterator[Clash]:
    """A depth of more leaves than LightGBM's default of 31, which then ends every tree."""
    given, leaves = params.numeric("max_depth") or 0, params.numeric("num_leaves") or 31
    depth = min(given, DEEPEST)
    if shape is None or not len(shape.n_leaves) or params.was_given("num_leaves") or not params.was_given("max_depth"):
        return
    full = float((shape.n_leaves >= leaves).mean())
    if 2**depth >= least_room * leaves and full >= min_full and len(shape.n_leaves) >= 10:
        message = f"max_depth={figure(given)} has room for {2 ** int(depth)} leaves, and num_leaves, its default of "
        message += f"{figure(leaves)}, ends {percent(full)} of the trees: set both"
        better = Change("num_leaves", min(2 ** int(depth), 8 * int(leaves)), "if deeper trees were meant")
        yield "max_depth, num_leaves", message, Severity.WARNING, (better,)
