"""What re-boosting must know of a model, read from its bytes: start, rates, penalty; or why it cannot be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.core.run.tree_table import TreeTable
from treedebug.cure.row_losses import RENEWED, RowLoss
from treedebug.cure.slim.reboost import Boosting, Rows
from treedebug.readers.lightgbm.lightgbm_writer import shrinkages
from treedebug.readers.model_facts import ModelFacts
from treedebug.readers.xgboost.xgboost_steps import steps_of

Floats = NDArray[np.float64]
_USUAL_RATE = 0.1


def check_kind(facts: ModelFacts, table: TreeTable) -> None:
    """Raise ConfigError, with the reason, for a model whose trees are not made small here."""
    reason = _why_not(facts, table)
    if reason:
        raise ConfigError(f"slim leaves this model as it is: {reason}")


def _why_not(facts: ModelFacts, table: TreeTable) -> str:  # noqa: PLR0911 - one for each kind
    if facts.library == "xgboost" and facts.booster == "dart":
        return "it is a DART of XGBoost, which weighs its trees anew in every round and keeps them in another layout"
    if facts.booster == "gblinear":
        return "it is a gblinear model, which has no trees"
    if table.linear or facts.params.get("linear_tree") in (1, True):
        return "it has linear trees: their leaves are linear functions, and no split can be dropped by its gain"
    if table.leaf_vectors is not None or (facts.n_outputs > 1 and facts.n_classes < 2):
        return f"it has {facts.n_outputs} targets a row; one target, or classes, is what slim knows"
    if facts.objective in RENEWED:
        return (
            f"under objective {facts.objective!r} the library sets leaves anew, by a quantile of their rows, not by "
            "Newton's steps"
        )
    if facts.objective.startswith(("rank", "lambdarank")):
        return f"under objective {facts.objective!r} the slopes of a row depend on its query"
    return "it has no trees" if table.n_trees == 0 else ""


def boosting_of(  # noqa: PLR0913, PLR0917 - what the bytes say, and what the run adds
    raw: bytes, facts: ModelFacts, table: TreeTable, loss: RowLoss, rows: Rows | None, params: Mapping[str, Any]
) -> Boosting:
    """Return how the model's leaves were made. `params` are canonical ones of the run, where there is one."""
    is_forest = facts.average_output
    start = facts.base_margin.astype(np.float64)
    if facts.library == "lightgbm":
        penalty, rates = float(params.get("reg_lambda") or 0.0), _lightgbm_rates(raw, facts, is_forest=is_forest)
        if rows is not None and _starts_fitted(facts, params):
            start = loss.start(rows.label, rows.weight, facts.n_outputs)
    else:
        steps = steps_of(raw)
        rate = float(params.get("learning_rate") or _USUAL_RATE) if steps is None else steps.rate
        penalty = float(params.get("reg_lambda", 1.0)) if steps is None else steps.penalty
        rates = [rate] * table.n_trees
    return Boosting(
        loss=loss, start=start, rates=rates, penalty=penalty, l1=float(params.get("reg_alpha") or 0.0),
        most_step=_most_step(facts, params), averaged=is_forest, monotone=monotone_of(facts, params),
    )  # fmt: skip


def _most_step(facts: ModelFacts, params: Mapping[str, Any]) -> float:
    """Return max_delta_step, which XGBoost sets itself for counts."""
    given = params.get("max_delta_step") or facts.params.get("max_delta_step")
    return float(given or (0.7 if facts.objective == "count:poisson" else 0.0))


def _lightgbm_rates(raw: bytes, facts: ModelFacts, *, is_forest: bool) -> list[float]:
    found = shrinkages(raw)
    if is_forest:
        return [1.0] * len(found)
    if facts.booster == "dart":
        return found
    k = facts.trees_per_round
    known = [r for r in found[k:] if r != 1.0]  # trees of the first round hold the start, and say 1
    given = facts.params.get("learning_rate")
    usual = known[0] if known else float(given) if isinstance(given, int | float) else _USUAL_RATE
    return [usual] * min(k, len(found)) + [r if r != 1.0 else usual for r in found[k:]]


def _starts_fitted(facts: ModelFacts, params: Mapping[str, Any]) -> bool:
    given = params.get("boost_from_average", facts.params.get("boost_from_average", 1))
    return given not in (False, 0, "0", "false", "False")


def monotone_of(facts: ModelFacts, params: Mapping[str, Any]) -> dict[int, int]:
    """Return the constrained features with their directions. Raise ConfigError for what cannot be read."""
    given = params.get("monotone_constraints") or facts.params.get("monotone_constraints") or {}
    if isinstance(given, Mapping):
        names = facts.feature_names
        unknown = [n for n in given if str(n) not in names]
        if unknown:
            raise ConfigError(f"monotone_constraints name {unknown[0]!r}, which is no feature of the model")
        return {names.index(str(n)): int(v) for n, v in given.items() if int(v)}
    words = str(given).strip("()[] ").replace(" ", "").split(",") if isinstance(given, str | int) else given
    try:
        signs = [int(w) for w in words if str(w) != ""]
    except (TypeError, ValueError):
        raise ConfigError(f"monotone_constraints={given!r} are not read: give them as a list of -1, 0, 1") from None
    return {i: s for i, s in enumerate(signs) if s}
