"""`treedebug.check_params`: judge parameters and data before the first round is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from treedebug.api.known_rules import chosen_rules
from treedebug.api.wrong_kind import kind_of, what_to_do
from treedebug.core.errors import ConfigError
from treedebug.core.params.parameter_names import DEFAULTS, canonical_params, objective_name
from treedebug.core.plain_json import plain
from treedebug.core.report import CheckReport
from treedebug.core.run.machine_usage import host_facts
from treedebug.core.run.run_data import Header, RunData
from treedebug.engine.config import Config, settle
from treedebug.engine.evaluate import evaluate
from treedebug.engine.plan import make_plan
from treedebug.engine.resolve import reads_only
from treedebug.engine.rule import Rule
from treedebug.recorders.class_counter import label_summary
from treedebug.recorders.data_facts import effective_rows, matrix_facts, mean_weight, query_facts
from treedebug.recorders.label_directions import add_directions
from treedebug.recorders.raw_columns import raw_facts

_LIBRARIES = ("xgboost", "lightgbm")


def check_params(  # noqa: PLR0913 - what `train` takes
    params: Mapping[str, Any] | Iterable[tuple[str, Any]],
    data: Any = None,
    *,
    library: str | None = None,
    num_boost_round: int | None = None,
    early_stopping_rounds: int | None = None,
    evals: Iterable[tuple[Any, str]] = (),
    rules: Sequence[Rule | type[Rule]] = (),
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    config: Config | None = None,
) -> CheckReport:
    """Judge what would go to `train`, without training: every rule that reads parameters and data facts alone.

    `data` is the training data: a DMatrix, a Dataset, or `(X, y)`; `evals` are `(data, name)` pairs, LightGBM's
    `valid_sets` with their names. `library` is "xgboost" or "lightgbm" where the data does not tell. `config`,
    `select`, `ignore` and `rules` are those of `treedebug.check`. Raise ConfigError for anything it cannot make out.
    """
    chosen = chosen_rules(settle(config, select=select, ignore=ignore).override(preview=True), rules)
    if not isinstance(params, Mapping | list | tuple):
        raise ConfigError(
            "check_params takes the dict that goes to train, such as {'max_depth': 8}; got "
            f"{kind_of(params)}{what_to_do(params)}"
        )
    name = _library(library, [data, *(d for d, _ in evals)])
    pairs = params.items() if isinstance(params, Mapping) else params
    given = {str(k): plain(v) for k, v in pairs}
    header = _header(name, given)
    header.planned_rounds = _rounds_given(header) or num_boost_round  # LightGBM takes its parameters first
    header.extra |= {"rounds_argument": num_boost_round, "bins": _bins(data)}
    header.early_stopping_rounds = early_stopping_rounds
    header.n_classes = n_classes = _n_classes(header)
    sets = [(d, n) for d, n in evals]
    if data is not None and not any(d is data for d, _ in sets):
        sets.insert(0, (data, "(training data)"))
    for one, label in sets:
        columns = [str(c) for c in getattr(getattr(one, "data", None), "columns", ())]
        raw = raw_facts(one, header.params, columns) if one is data else {}
        header.data[str(label)] = _facts(one, n_classes, is_training=one is data) | raw
        header.feature_names = header.feature_names or list(getattr(one, "feature_names", None) or [])
    header.n_features = next((f["n_features"] for f in header.data.values() if f["n_features"]), 0)
    add_directions(vars(header), header.params.get("monotone_constraints"), data)
    verdict = evaluate(RunData(header).at(0), [r for r in chosen if reads_only(r.check, {Header})])
    facts = {"library": name, "booster": header.booster, "objective": header.objective, "n_classes": n_classes}
    plan = make_plan(verdict.findings, header)
    return CheckReport(source="parameters", kind="parameters", facts=facts, verdict=verdict, plan=plan)


def _library(told: str | None, data: Sequence[Any]) -> str:
    modules = {c.__module__.split(".")[0] for d in data for c in type(d).__mro__}
    found = told or next((name for name in _LIBRARIES if name in modules), None)
    if found not in _LIBRARIES:
        raise ConfigError(
            f'library must be "xgboost" or "lightgbm"; got {told!r}'
            if told
            else 'say which library the parameters are for: check_params(..., library="xgboost"), or give a DMatrix or '
            "a Dataset as data"
        )
    return found


def _header(library: str, given: dict[str, Any]) -> Header:
    """Return the header that a callback would write, as far as it is known before the first round."""
    effective = DEFAULTS[library] | canonical_params({k: v for k, v in given.items() if v is not None}, library)
    objective = objective_name(str(effective["objective"]), library)
    booster = str(effective["booster" if library == "xgboost" else "boosting_type"])
    if objective.startswith("<"):  # a function of the user's own
        objective = "custom"
    header = Header(
        host=host_facts(), library=library, booster=booster, objective=objective, params=effective, params_given=given
    )
    header.params["objective"] = objective
    return header


def _rounds_given(header: Header) -> int | None:
    value = header.params.get("n_estimators") if header.library == "lightgbm" else None
    return value if isinstance(value, int) else None


def _bins(data: Any) -> dict[str, Any] | None:
    """Return the parameters of a Dataset that LightGBM cannot bin anew: it is constructed, and its rows are freed."""
    built = getattr(data, "_handle", None) is not None and hasattr(data, "reference")
    if not built or getattr(data, "data", None) is not None:
        return None
    return canonical_params(dict(getattr(data, "params", None) or {}), "lightgbm")


def _n_classes(header: Header) -> int:
    if header.objective.startswith("multi"):
        return int(header.params.get("num_class") or 0)
    return 2 * header.objective.startswith("binary")


def _facts(data: Any, n_classes: int, *, is_training: bool) -> dict[str, Any]:
    """Return what the header holds of a dataset. Raise ConfigError for anything but a dataset."""
    if hasattr(data, "num_row") and hasattr(data, "get_label"):  # an XGBoost DMatrix
        return matrix_facts(data, n_classes, is_training=is_training)
    queries = None
    if isinstance(data, tuple) and len(data) == 2:  # (X, y)
        table, label, weight = data[0], data[1], None
    elif hasattr(data, "get_label") and hasattr(data, "reference"):  # a LightGBM Dataset, which stays unconstructed
        table, label, weight = getattr(data, "data", None), data.label, data.weight
        queries = query_facts(getattr(data, "group", None), label)
    else:
        raise ConfigError(
            "data must be an xgboost.DMatrix, a lightgbm.Dataset, or a tuple (X, y); got "
            f"{type(data).__module__}.{type(data).__qualname__}"
        )
    facts = {
        "n_rows": _n_rows(table, label),
        "n_features": _n_features(table),
        "is_training": is_training,
        "label": label_summary(_filled(label), _filled(weight), n_classes),
        "queries": queries,
        "mean_weight": mean_weight(_filled(weight)),
        "effective_rows": effective_rows(_filled(weight)),
    }
    return {name: value for name, value in facts.items() if value is not None or name in ("n_rows", "label")}


def _filled(values: Any) -> Any:
    return None if values is None or not np.size(values) else np.asarray(values)


def _n_rows(table: Any, label: Any) -> int | None:
    shape: tuple[int, ...] = getattr(table, "shape", ())
    n_rows = shape[0] if shape else None
    return int(n_rows) if n_rows is not None else len(label) if label is not None else None


def _n_features(table: Any) -> int:
    shape: tuple[int, ...] = getattr(table, "shape", ())
    return int(shape[1]) if len(shape) > 1 else 0
