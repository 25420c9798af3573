"""The plan as code in the user's library, to be copied."""

from __future__ import annotations

from collections.abc import Iterable

from treedebug.core.changes import DATA, Change
from treedebug.core.params.user_spelling import PATIENCE, ROUNDS, is_wrapped, plain_name, value_in_use
from treedebug.core.run.run_data import Header
from treedebug.reports.phrasing import one_line, printable

_CALLS = {
    "xgboost": ("xgb.train", "dtrain", "evals=[(dtrain, 'train'), (dvalid, 'valid')]"),
    "lightgbm": ("lgb.train", "train_set", "valid_sets=[valid_set]"),
}
"""By library: its training, the data and what watches it."""


def plan_code(changes: Iterable[Change], header: Header | None) -> str:
    """Return the changes as code: parameters as the library takes them, what is done to the data as comments."""
    given = list(changes)
    steps = [_data_step(c) for c in given if c.kind == DATA]
    params = [c for c in given if c.kind != DATA]
    if not params:
        return "\n".join(steps)
    if header is None or header.library not in _CALLS:
        return "\n".join([*steps, *(one_line(str(c)) for c in params)])
    if steps and not is_wrapped(header):
        steps.append(f"# then make {_CALLS[header.library][1]} anew of it, and the validation data")
    return "\n".join([*steps, *(_wrapped(params) if is_wrapped(header) else _native(params, header))])


def _data_step(change: Change) -> str:
    """Return what is to be done to the data: columns to drop as pandas takes them, anything else as a comment."""
    why = one_line(change.why)
    if change.parameter == "drop" and isinstance(change.value, list | tuple):
        return f"X = X.drop(columns={_literal(change)})" + (f"  # {why}" if why else "")
    return f"# data: {one_line(str(change))}" + (f" ({why})" if why else "")


def _wrapped(params: list[Change]) -> list[str]:
    texts = [one_line(c.text) for c in params if c.text]
    values = ", ".join(f"{c.parameter}={_literal(c)}" for c in params if not c.text)
    return [*([f"model.set_params({values})"] if values else []), *(f"# {t}" for t in texts)]


def _native(params: list[Change], header: Header) -> list[str]:
    call, data, watched = _CALLS[header.library]
    arguments = [c for c in params if not c.text and plain_name(c.parameter, header) in (ROUNDS, PATIENCE)]
    callbacks = [c.text for c in params if c.text.startswith("lgb.")]
    notes = [f"# {one_line(c.text)}" for c in params if c.text and not c.text.startswith("lgb.")]
    own = [c for c in params if not c.text and c not in arguments]
    lines = [*notes, "params = {", "    **params,", *(f"    {c.parameter!r}: {_literal(c)}," for c in own), "}"]
    if not own:
        lines = notes
    shown = [f"    {name}," for name in ("params", data)] + [f"    {c.parameter}={_literal(c)}," for c in arguments]
    n_rounds = value_in_use(header, ROUNDS)
    if n_rounds is not None and all(plain_name(c.parameter, header) != ROUNDS for c in arguments):
        shown.insert(2, f"    num_boost_round={n_rounds},")  # without it the library trains its default, ten of XGBoost
    if callbacks:
        shown.append(f"    callbacks=[{', '.join(callbacks)}],")
    return [*lines, f"booster = {call}(", *shown, f"    {watched},", ")"]


def _literal(change: Change) -> str:
    return printable(repr(change.value))
