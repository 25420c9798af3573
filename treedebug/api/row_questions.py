"""What a run says of rows: training rows behind a prediction, new rows unlike any, parameters that labels filled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.api.replay_rounds import facts_of, numbers_of
from treedebug.api.replay_tables import to_matrix
from treedebug.core.errors import ConfigError
from treedebug.core.run.records import tree_tables
from treedebug.core.run.row_coverage import RowCoverage
from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.leaves.boosting_steps import BoostingSteps
from treedebug.leaves.effective_parameters import SmootherData, effective_parameters
from treedebug.leaves.neighbours import LeafMap, coverage
from treedebug.leaves.not_a_smoother import why_not_a_smoother
from treedebug.leaves.row_pulls import pulls

Floats = NDArray[np.float64]
_MOST_ROWS = 20_000
"""Training rows that coverage looks at; more are sampled."""
_MOST_CHECKED = 2_000
"""Held-out and new rows that a check looks at."""


class Neighbours:
    """Training rows seen through the leaves of a run's trees: made once, asked often.

        neighbours = run.neighbours(X_train, y_train)
        neighbours.nearest(X_new[:1], k=10)
        neighbours.coverage(X_new)

    Memory: 2 bytes a row and tree.
    """

    def __init__(self, run: RunData, X: Any, y: Any = None, *, weight: Any = None) -> None:
        self._run = run
        values = to_matrix(X, run)
        self._label = None if y is None else numbers_of(y, "y", len(values))
        self._weight = np.ones(len(values)) if weight is None else numbers_of(weight, "weight", len(values))
        if self._label is not None:
            self._facts, self._steps = facts_of(run), BoostingSteps(run)
            reason = why_not_a_smoother(run.header)
            if reason:
                raise ConfigError(f"how far rows pull a prediction cannot be told: {reason}; leave y out")
        self._map = LeafMap(_tables(run), values)

    def nearest(self, row: Any, k: int = 10, *, by: str = "trees") -> pd.DataFrame:
        """Return the k training rows that share most trees' leaves with a row, the likest first.

        `row` is one row (or several, then there is a column `query`), `by="gain"` counts each tree by its total gain.
        Columns: row (position in the training data), similarity in 0..1, label and influence. `influence` says how much
        higher the row's margin is because that training row is there, splits held fixed (BoostIn; Brophy et al., 2023);
        NaN without labels. Raise ConfigError for k below 1, another `by`, or a row unlike the training data.
        """
        if k < 1:
            raise ConfigError(f"k is how many training rows are wanted, 1 or more; got {k}")
        if by not in ("trees", "gain"):
            raise ConfigError(f"by is 'trees' or 'gain'; got {by!r}")
        queries = to_matrix(_as_rows(row), self._run)
        leaves, weight = self._map.of(queries), self._map.gains() if by == "gain" else None
        frames = [self._nearest(leaves[:, i], k, weight) for i in range(len(queries))]
        if len(frames) == 1:
            return frames[0]
        return pd.concat([f.assign(query=i)[["query", *f.columns]] for i, f in enumerate(frames)], ignore_index=True)

    def _nearest(self, leaves: NDArray[np.integer], k: int, weight: Floats | None) -> pd.DataFrame:
        similarity = self._map.similarity(leaves, weight)
        picked = np.argsort(-similarity, kind="stable")[:k]
        influence, label = np.full(len(picked), np.nan), np.full(len(picked), np.nan)
        if self._label is not None:
            label = self._label[picked]
            influence = pulls(
                self._map.tables,
                self._facts,
                leaves=self._map.leaves[:, picked],
                query=leaves,
                label=label,
                weight=self._weight[picked],
                steps=self._steps,
            )
        return pd.DataFrame({"row": picked, "similarity": similarity[picked], "label": label, "influence": influence})

    def coverage(self, X: Any) -> Floats:
        """Return (n_rows,) in 0..1: the share of trees that each row shares with the training row most like it.

        1.0 means that some training row falls into the same leaf in every tree. Rows far below the rest are of a kind
        that the model has not seen.
        """
        return coverage(self._map, self._map.of(to_matrix(X, self._run)))


def coverage_of(run: RunData, X_train: Any, X_new: Any) -> Floats:
    """See `Run.coverage`. At most 20,000 training rows are looked at, drawn with a fixed seed."""
    seen = LeafMap(_tables(run), _sample(to_matrix(X_train, run), _MOST_ROWS))
    return coverage(seen, seen.of(to_matrix(X_new, run)))


def row_coverage(run: RunData, rows: tuple[Any, Any, Any]) -> RowCoverage:
    """Return the coverage of held-out and of new rows, at most 2,000 each. Raise ConfigError unless three are given."""
    if not (isinstance(rows, (tuple, list)) and len(rows) == 3):
        raise ConfigError("rows is (X_train, X_valid, X_new): the training rows, held-out rows, and the new rows")
    train, held_out, new = (to_matrix(X, run) for X in rows)
    seen = LeafMap(_tables(run), _sample(train, _MOST_ROWS))
    return RowCoverage(*(coverage(seen, seen.of(_sample(X, _MOST_CHECKED))) for X in (held_out, new)))


def _sample(X: Floats, most: int) -> Floats:
    if len(X) <= most:
        return X
    return X[np.sort(np.random.default_rng(0).choice(len(X), most, replace=False))]


def effective_parameters_frame(  # noqa: PLR0913 - the rows, and how they are probed
    run: RunData, X: Any, y: Any, *, weight: Any, new: Any, n_probes: int, seed: int
) -> pd.DataFrame:
    """See `Run.effective_parameters`."""
    if n_probes < 2:
        raise ConfigError(f"n_probes is 2 or more, for a standard error; got {n_probes}")
    facts, values = facts_of(run), to_matrix(X, run)
    _same_rows(run, len(values))
    rows = SmootherData(
        values,
        None if y is None else numbers_of(y, "y", len(values)),
        np.ones(len(values)) if weight is None else numbers_of(weight, "weight", len(values)),
        None if new is None else to_matrix(new, run),
    )
    probes = np.random.default_rng(seed).choice([-1.0, 1.0], size=(n_probes, len(values)))
    found = effective_parameters(_tables(run), facts, run, rows, probes)
    frame = pd.DataFrame(
        {
            "round_index": found.rounds,
            "effective_parameters": found.values,
            "standard_error": found.errors,
        }
    )
    return frame if new is None else frame.assign(on_new_rows=found.on_new_rows)


def _same_rows(run: RunData, n_rows: int) -> None:
    trained = [f["n_rows"] for f in run.header.data.values() if f.get("is_training") and f.get("n_rows")]
    if trained and trained[0] != n_rows:
        raise ConfigError(f"X must be the training rows: the model was trained on {trained[0]:,}, X has {n_rows:,}")


def _tables(run: RunData) -> list[TreeTable]:
    return list(tree_tables(run.trees))


def _as_rows(row: Any) -> Any:
    """Return one row as a table of one row."""
    if isinstance(row, pd.Series):
        return row.to_frame().T.infer_objects()
    if isinstance(row, dict):
        return pd.DataFrame([row])
    values = row if hasattr(row, "columns") or hasattr(row, "shape") else np.asarray(row, dtype=np.float64)
    return values[None, :] if getattr(values, "ndim", 2) == 1 else values
