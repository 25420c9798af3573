"""Parameters as this user types them, and the values that this training already uses."""

from __future__ import annotations

from typing import Any

from treedebug.core.params.parameter_names import DEFAULTS, canonical_name, known_names, number
from treedebug.core.run.run_data import Header

ROUNDS, PATIENCE, RATE = "n_estimators", "early_stopping_rounds", "learning_rate"
_XGBOOST = {ROUNDS: "num_boost_round", RATE: "eta"}
_LIGHTGBM = {
    ROUNDS: "num_boost_round",
    "min_child_weight": "min_sum_hessian_in_leaf",
    "min_child_samples": "min_data_in_leaf",
    "min_split_gain": "min_gain_to_split",
    "reg_lambda": "lambda_l2",
    "reg_alpha": "lambda_l1",
    "subsample": "bagging_fraction",
    "subsample_freq": "bagging_freq",
    "colsample_bytree": "feature_fraction",
}
_WRAPPERS = {"xgboost": ("validate_parameters", "n_jobs", "base_score"), "lightgbm": ("subsample_for_bin", "reg_alpha")}
"""Names that only the scikit-learn wrappers hand over all at once."""
_ARGUMENTS = frozenset((ROUNDS, PATIENCE, "maximize", "num_boost_round"))
"""Of the call, not among the parameters."""


def is_wrapped(header: Header) -> bool:
    """Return whether the training was called through the library's scikit-learn wrapper."""
    names = _WRAPPERS.get(header.library)
    return names is not None and all(name in header.params_given for name in names)


def spelled(header: Header, canonical: str) -> str:
    """Return a canonical parameter name as this user spells it, else as the interface that was called does."""
    if is_wrapped(header):
        return canonical
    for given in _own(header):
        if plain_name(given, header) == canonical:
            return given
    native = {"xgboost": _XGBOOST, "lightgbm": _LIGHTGBM}.get(header.library, header.extra.get("spelling", {}))
    return str(native.get(canonical, canonical))


def _own(header: Header) -> list[str]:
    """Names as given, without the number of rounds that LightGBM's `train` puts last among them itself."""
    names = list(header.params_given)
    is_put = header.library == "lightgbm" and header.planned_rounds and names and names[-1] == "num_iterations"
    return names[:-1] if is_put else names


def typed(header: Header, canonical: str, value: Any) -> str:
    """Return what the user types, where that is not `name=value`; else ""."""
    given = any(plain_name(name, header) == canonical for name in header.params_given)
    if header.library == "lightgbm" and canonical == PATIENCE and not given:
        return f"lgb.early_stopping({value})"
    return ""


def plain_name(name: str, header: Header) -> str:
    """Return the canonical name behind any spelling of a parameter or an argument of the training."""
    own = {v: k for k, v in (header.extra.get("spelling") or {}).items()}
    canonical = canonical_name(own.get(name, name), header.library)
    if canonical in ("num_boost_round", "num_iterations", "epochs"):
        return ROUNDS
    return PATIENCE if canonical == "early_stopping_round" else canonical


def value_in_use(header: Header, name: str) -> Any:
    """Return what the training uses for a parameter, the library's default included; None where that is not known."""
    canonical = plain_name(name, header)
    if canonical == ROUNDS:
        return None if header.planned_rounds is None else header.planned_rounds - header.start_round
    if canonical == PATIENCE:
        return header.early_stopping_rounds
    if canonical in header.params:
        return number(header.params[canonical])
    given = [v for n, v in header.params_given.items() if plain_name(n, header) == canonical and v is not None]
    return number(given[-1]) if given else DEFAULTS.get(header.library, {}).get(canonical)


def is_in_use(header: Header, name: str, value: Any) -> bool:
    """Return whether the training already uses this value."""
    now = value_in_use(header, name)
    if now is None or isinstance(value, list | tuple | dict):
        return False
    numbers = isinstance(now, int | float) and isinstance(value, int | float)
    return abs(now - value) <= 1e-9 * max(1.0, abs(now)) if numbers else str(now) == str(value)


def is_refused(header: Header, name: str, value: Any) -> bool:
    """Return whether the library does not take it: the name is another library's, or the value should be a number."""
    usual = DEFAULTS.get(header.library, {}).get(plain_name(name, header))
    if isinstance(usual, int | float) and not isinstance(number(value), int | float):
        return True
    mine = (known_names(header.library), _ARGUMENTS)
    known = any(n in names for n in (name, plain_name(name, header)) for names in mine)
    return not known and header.library in DEFAULTS and is_parameter(name)


def is_parameter(name: str) -> bool:
    """Return whether a library of boosted trees takes an argument of that name; else it is done to the data."""
    return name in _ARGUMENTS or any(name in known_names(library) for library in DEFAULTS)
