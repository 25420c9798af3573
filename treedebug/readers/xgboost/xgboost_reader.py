"""XGBoost's model files and slices of them -> TreeTable and ModelFacts; slices -> one model again.

Reads UBJSON and JSON as XGBoost 3 writes them, without XGBoost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError, NotRecordedError
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.model_facts import ModelFacts
from treedebug.readers.xgboost.ubjson import Decoder, encode, encode_length
from treedebug.readers.xgboost.xgboost_file import feature_count, floats, mapping, member, number, parse_model
from treedebug.readers.xgboost.xgboost_join import category_encoder, join
from treedebug.readers.xgboost.xgboost_nodes import node_arrays

__all__ = ["base_margin", "category_encoder", "dart_weights", "facts", "join", "read"]

_LOGIT = ("binary:logistic", "reg:logistic")
_LOG = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft")
_MAX_OUTPUTS = 1 << 20
_DART_WEIGHTS = encode({"name": "dart"})[1:-1] + encode_length(len("weight_drop")) + b"weight_drop"
"""What stands before the weights in a DART model."""


def read(raw: bytes, *, rounds: NDArray[np.int64] | None = None, first_tree: int = 0) -> TreeTable:
    """Return the trees of a model file or slice.

    `rounds` (n_iterations,) is the round index of each iteration in it, by default counted from 0; `first_tree` is
    the `tree_index` of its first tree. Raise FormatError, or NotRecordedError for gblinear, which has no trees.
    """
    model = parse_model(raw)
    if model.booster == "gblinear":
        raise NotRecordedError("this is a gblinear model: it has weights, but no trees to look at (use booster=gbtree)")
    per_round = np.diff(model.iterations())
    rounds = np.arange(len(per_round)) if rounds is None else np.asarray(rounds, dtype=np.int64)
    if len(rounds) != len(per_round):
        raise FormatError(
            f"the file holds {len(per_round)} rounds, but {len(rounds)} round indices were recorded for it"
        )
    return TreeTable(
        library="xgboost",
        round_index=np.repeat(rounds, per_round),
        tree_index=np.arange(first_tree, first_tree + model.n_trees),
        class_index=model.tree_info(),
        weight=model.weights(),
        **node_arrays(model.forest, n_features=feature_count(model.learner)),
    )


def facts(raw: bytes) -> ModelFacts:
    """Return what the model file says of itself."""
    model = parse_model(raw, collect=False)
    learner = model.learner
    params = mapping(member(learner, "learner_model_param"))
    objective = mapping(member(learner, "objective"))
    name = str(member(objective, "name"))
    n_classes = number(params.get("num_class", "0"))
    n_outputs = max(1, n_classes, number(params.get("num_target", "1")))
    linear = model.booster == "gblinear"
    per_round = np.zeros(0, dtype=np.int64) if linear else np.diff(model.iterations())
    return ModelFacts(
        library="xgboost",
        version=".".join(str(part) for part in model.version),
        booster=model.booster,
        objective=name,
        n_rounds=number(member(model.body, "boosted_rounds")) if linear else len(per_round),
        n_trees=model.n_trees,
        trees_per_round=int(per_round.max(initial=0)),
        n_features=feature_count(learner),
        n_classes=2 if name.startswith("binary:") else n_classes,
        n_outputs=n_outputs,
        feature_names=_texts(learner.get("feature_names", [])),
        feature_types=_texts(learner.get("feature_types", [])),
        base_margin=base_margin(str(member(params, "base_score")), objective=name, n_outputs=n_outputs),
        attributes={key: str(value) for key, value in mapping(learner.get("attributes", {})).items()},
        objective_params=_objective_params(objective),
    )


def base_margin(base_score: str, *, objective: str, n_outputs: int) -> NDArray[np.float64]:
    """Return (n_outputs,) base_score, "[4.6E-1]" or "4.6E-1", as a margin, in single precision as XGBoost computes it.

    Checked against XGBoost 3.2: the logit for binary:logistic and reg:logistic, but not for binary:logitraw; the
    logarithm for counts, gamma, Tweedie and both survival objectives; the score itself for all others, which are
    multiclass, ranking, hinge, regressions, and custom objectives (filed as reg:squarederror).
    """
    given = floats(base_score.strip("[] ").split(","))
    if n_outputs > _MAX_OUTPUTS or len(given) not in (1, n_outputs):
        raise FormatError(f"the model has {n_outputs} outputs and the base_score {base_score[:80]!r}")
    with np.errstate(all="ignore"):
        scores = given.astype(np.float32)
        if objective in _LOGIT:
            # The odds in single, their logarithm in double precision: to the last bit what the C library gives XGBoost.
            odds = np.float32(1.0) / scores - np.float32(1.0)
            scores = -np.log(odds.astype(np.float64)).astype(np.float32)
        elif objective in _LOG:
            scores = np.log(scores.astype(np.float64)).astype(np.float32)
    return np.broadcast_to(scores.astype(np.float64), (n_outputs,)).copy()


def dart_weights(raw: bytes) -> NDArray[np.float64]:
    """Return (n_trees,) the weights of DART's trees now; ones for other boosters.

    Quick: reads from the end of the file.
    """
    raw = bytes(raw)
    start = raw.rfind(_DART_WEIGHTS)
    if start < 0:
        return parse_model(raw, collect=False).weights()
    head = start + len(_DART_WEIGHTS)
    decoder = Decoder(raw, pos=head)
    decoder.expect(b"[#")
    count = decoder.length()
    if count * 5 <= len(raw) - decoder.pos:
        cells = np.frombuffer(raw, dtype=[("marker", "S1"), ("value", ">f4")], count=count, offset=decoder.pos)
        if (cells["marker"] == b"d").all():
            return cells["value"].astype(np.float64)
    return floats(Decoder(raw, pos=head).value())


def _texts(values: Any) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list) else []


def _objective_params(objective: Mapping[str, Any]) -> dict[str, str]:
    """Return all parameter groups of the objective, flattened."""
    groups = [group for group in objective.values() if isinstance(group, Mapping)]
    return {str(key): str(value) for group in groups for key, value in group.items()}
