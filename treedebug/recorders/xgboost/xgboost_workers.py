"""Several workers that train one XGBoost booster: each tells what rows it has, before the first round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xgboost import collective

from treedebug.recorders.caller_frames import caller_locals
from treedebug.recorders.data_facts import matrix_facts
from treedebug.recorders.worker_facts import joined_facts, worker_share
from treedebug.recorders.xgboost.xgboost_port import given_params


@dataclass(frozen=True)
class Workers:
    """What all workers told. `data`: facts of the whole by dataset; `shares`: a line a worker, for the header."""

    data: Mapping[str, dict[str, Any]]
    shares: Sequence[Mapping[str, Any]]

    @property
    def header(self) -> dict[str, Any]:
        """Header fields."""
        return {"n_workers": len(self.shares), "rank": int(collective.get_rank()), "workers": list(self.shares)}


def gathered(model: Any, module: str) -> Workers | None:
    """Return what the workers that train together have; None where one trains alone. `module` calls the callbacks."""
    if collective.get_world_size() < 2 or hasattr(model, "cvfolds"):
        return None
    frame = caller_locals(module, "train")
    training, evals = frame.get("dtrain"), list(frame.get("evals") or [])
    if training is not None and all(matrix is not training for matrix, _ in evals):
        evals.insert(0, (training, "(training data)"))
    return gather(evals, training, classes_of(frame.get("params")))


def gather(sets: Sequence[tuple[Any, str]], training: Any, n_classes: int) -> Workers:
    """Tell the other workers what this one has, and hear them.

    Every worker must call it at the same moment, as they do everything: what one of them cannot tell is left out.
    """
    mine: dict[str, Any] = {}
    for matrix, name in sets:
        try:
            mine[name] = matrix_facts(matrix, n_classes, is_training=matrix is training)
        except Exception:  # noqa: BLE001, S112 - the others wait: this dataset is left out
            continue
    me = int(collective.get_rank())
    told = [collective.broadcast((mine, worker_share(me, mine)), root) for root in range(collective.get_world_size())]
    names = [name for _, name in sets if all(name in facts for facts, _ in told)]
    return Workers(
        {name: joined_facts([facts[name] for facts, _ in told]) for name in names}, [share for _, share in told]
    )


def classes_of(given: Any) -> int:
    """Return the number of classes as the parameters say it; 0 unless it is a classification."""
    params = given_params(given)
    objective = str(params.get("objective", ""))
    if objective.startswith("multi:"):
        given = params.get("num_class", 0)
        return int(given) if str(given).isdigit() else 0
    return 2 if objective.startswith("binary:") else 0
