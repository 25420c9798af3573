"""What an objective puts out and takes in, where that is not what is watched or given: the known cases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from treedebug.core.findings import Severity
from treedebug.core.phrases import figure, listed
from treedebug.core.run.run_data import Header
from treedebug.signals.curves.metric_facts import base_name
from treedebug.signals.params.label_scale import label_values
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.watched_sets import WatchedSets

Misfit = tuple[str, str, Severity, str]
"""Kind, message, severity, and the objective that would fit ("" if it is not the objective's fault)."""
_OF_PROBABILITIES = ("logloss", "error", "rmse", "mae")
_OF_OWN = ("logloss", "binary_logloss", "error", "binary_error", "mlogloss", "multi_logloss")
_OF_SCORES = ("logloss", "auc", "aucpr")


def of_outputs(params: Params, guard: WatchedSets) -> Iterator[Misfit]:
    """Raw scores and classes where probabilities are read."""
    watched = {m: base_name(m) for m in guard.metrics}
    yield from _of_own(params, watched)
    if params.objective == "binary:logitraw":
        wrong = [m for m, base in watched.items() if base in _OF_PROBABILITIES]
        message = (
            "objective=binary:logitraw predicts raw scores (log odds of any size), and no probabilities: "
            "XGBClassifier's predict_proba hands them on as they are"
        )
        message += f"; {listed(wrong)} takes them for probabilities too, and means nothing" if wrong else ""
        yield "raw scores", message, Severity.WARNING, "binary:logistic"
    elif params.objective == "binary:hinge":
        wrong = [m for m, base in watched.items() if base in _OF_SCORES]
        message = f"objective=binary:hinge predicts 0 or 1 and nothing between, and {listed(wrong)} needs scores"
        if wrong:
            yield "raw scores", message, Severity.WARNING, "binary:logistic"


def _of_own(params: Params, watched: dict[str, str]) -> Iterator[Misfit]:
    """Metrics of the library's, of probabilities, beside an objective of the user's own: its predictions are raw."""
    base = str(params.effective.get("objective") or "")
    if params.objective != "custom" or (params.library == "xgboost" and base.startswith(("binary:", "multi:"))):
        return
    named = " ".join(str(value) for name, value in params.given.items() if name in ("eval_metric", "metric", "metrics"))
    wrong = [m for m, kind in watched.items() if kind in _OF_OWN and m in named]
    if not wrong:
        return
    link = "softmax" if wrong[0].startswith("m") else "sigmoid"
    message = (
        "with an objective of your own all predictions are raw scores, those that the objective and the metrics are "
        f"given as well as those of predict(): {listed(wrong)} takes them for probabilities. Apply the "
        f"{link} yourself: in the objective, in a metric of your own, and to the predictions"
    )
    yield "raw scores", message, Severity.WARNING, ""


def of_inputs(params: Params, header: Header) -> Iterator[Misfit]:
    """Grades and times that the library refuses."""
    facts = header.training_facts()
    if params.objective == "survival:aft" and facts.get("label") and not facts.get("bounded"):
        message = (
            "survival:aft reads no labels but label_lower_bound and label_upper_bound of the DMatrix, and there are "
            "none: XGBoost refuses that. Give each time as both, and infinity as the upper bound of a censored one"
        )
        yield "bounds", message, Severity.ERROR, ""
    if params.family == "rank":
        yield from _grades(params, facts.get("label") or {})
        queries = facts.get("queries") or {}
        given, wanted = queries.get("n_weights"), queries.get("n_queries")
        if params.library == "xgboost" and given and wanted and given != wanted:
            message = (
                f"{given} sample weights were given for {wanted} queries: a ranking of XGBoost takes a weight for each "
                "query, and refuses one for each row"
            )
            yield "weights", message, Severity.ERROR, ""


def _grades(params: Params, label: dict[str, Any]) -> Iterator[Misfit]:
    """Yield negative and fractional grades, and more than two grades where the objective takes two."""
    low, high = (float(label.get(k, math.nan)) for k in ("minimum", "maximum"))
    if not math.isfinite(low + high) or params.objective == "rank:pairwise":
        return
    whole = bool((label_values(label) % 1 == 0).all()) if label.get("quantiles") else True
    if params.objective == "rank:map" and (low < 0 or high > 1 or not whole):
        message = f"rank:map takes 0 (not relevant) and 1 (relevant), and the labels go from {figure(low)} to "
        yield "grades", f"{message}{figure(high)}: XGBoost refuses that", Severity.ERROR, "rank:ndcg"
        return
    linear = params.library == "xgboost" and str(params.given.get("ndcg_exp_gain", "")).lower() in ("0", "false")
    if low < 0:
        message = f"grades of a ranking go down to {figure(low)}, and {params.objective} refuses negative ones: add "
        yield "grades", f"{message}{figure(-low)}, so that they start at 0", Severity.ERROR, ""
    elif not whole and not linear:
        some = label_values(label)
        odd = float(some[np.flatnonzero(some % 1 != 0)[0]])
        message = f"grades of a ranking are whole numbers for {params.objective}, and there is a {figure(odd)}"
        yield "grades", f"{message}: it refuses that", Severity.ERROR, ""
