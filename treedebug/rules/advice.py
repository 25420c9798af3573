"""What to try next, in the spelling of the user's library."""

from __future__ import annotations

from typing import Any

from treedebug.core.findings import Change, Severity
from treedebug.core.params.parameter_names import canonical_name, number
from treedebug.core.phrases import round_to
from treedebug.core.run.run_data import Header
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending

_HARM = 0.15
_XGBOOST = {"n_estimators": "num_boost_round", "learning_rate": "eta"}
_LIGHTGBM = {
    "n_estimators": "num_iterations",
    "min_child_weight": "min_sum_hessian_in_leaf",
    "min_child_samples": "min_data_in_leaf",
    "min_split_gain": "min_gain_to_split",
}


def spelled(header: Header, canonical: str) -> str:
    """A canonical parameter name as this user spells it, else as the library's native interface does."""
    for given in header.params_given:
        if canonical_name(given, header.library) == canonical:
            return given
    native = {"xgboost": _XGBOOST, "lightgbm": _LIGHTGBM}.get(header.library, header.extra.get("spelling", {}))
    return str(native.get(canonical, canonical))


def change(header: Header, canonical: str, value: Any, why: str = "") -> Change:
    """A change of a parameter, spelled for the user."""
    return Change(spelled(header, canonical), value, why)


def setting(header: Header, canonical: str) -> float | None:
    """The numeric value of a parameter, or None if it is unknown or not a number."""
    value = header.params.get(canonical)
    if value is None:
        for given, raw in header.params_given.items():
            if canonical_name(given, header.library) == canonical:
                value = raw
    value = number(value)
    if isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, int | float) else None


def training_rows(header: Header) -> int | None:
    """Rows of the training data, where recorded."""
    return next((d.get("n_rows") for d in header.data.values() if d.get("is_training")), None)


def loosened(header: Header) -> bool:
    """Whether leaves may rest on less than the library asks for by default."""
    least = {"min_child_samples": 20.0, "min_child_weight": 1e-3}
    if header.library == "xgboost":
        least = {"min_child_weight": 1.0}
    given = {name: setting(header, name) for name in least}
    return any(value is not None and value < least[name] for name, value in given.items())


def reweighted(header: Header) -> bool:
    """Whether a parameter shifts the weight between the classes, so that the objective is not the plain metric."""
    scale, unbalance = setting(header, "scale_pos_weight"), header.params.get("is_unbalance")
    if unbalance is None:
        unbalance = header.params_given.get("is_unbalance", header.params_given.get("unbalance"))
    weighted = header.params_given.get("class_weight") or header.params.get("class_weight")
    return (scale is not None and scale != 1.0) or str(unbalance).lower() in ("true", "1") or bool(weighted)


def slower(header: Header) -> tuple[Change, ...]:
    """Half the learning rate, if it is high."""
    rate = setting(header, "learning_rate")
    if rate is None or rate < 0.1:  # both libraries' tuning guides end here
        return ()
    return (change(header, "learning_rate", round_to(rate / 3), "smaller steps fit noise later"),)


def simpler(header: Header) -> tuple[Change, ...]:
    """Smaller trees than now, whichever parameter bounds them in this library; or what the recorder calls simpler."""
    told = header.extra.get("simpler")
    if told is not None:
        return tuple(Change(str(name), value, str(why)) for name, value, why in told)
    if header.library == "lightgbm":
        leaves = int(setting(header, "num_leaves") or 31)
        minimum = int(setting(header, "min_child_samples") or 20)
        return (
            change(header, "num_leaves", max(leaves // 2, 4), "smaller trees fit less noise"),
            change(header, "min_child_samples", minimum * 2, "more rows behind every leaf"),
        )
    depth = int(setting(header, "max_depth") or 6)
    weight = setting(header, "min_child_weight")
    return (
        change(header, "max_depth", max(2, min(depth - 2, 6)), "smaller trees fit less noise"),
        change(header, "min_child_weight", round_to(max(5.0, (weight or 1.0) * 2)), "more data behind every leaf"),
    )


def harm(loss: EvalLoss | None, ending: Ending) -> Severity:
    """A warning where validation has worsened by more than healthy runs do after their best round; else info."""
    suffers = loss is not None and loss.regret >= _HARM and loss.worsened and not ending.allows(loss.wait)
    return Severity.WARNING if suffers else Severity.INFO
