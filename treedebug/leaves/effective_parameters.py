"""Effective parameters of a boosted model: how far its predictions follow their own labels, round by round.

At fixed splits the prediction of a booster is a smooth function of the training labels. The sum over the rows of
d prediction / d label counts the parameters that the labels have filled: the trace of the smoother matrix (Hastie and
Tibshirani, 1990; of boosted trees, Curth, Jeffares and van der Schaar, 2023). The matrix is never formed: a few random
vectors of +-1 are pushed through the recorded leaves (Hutchinson, 1990).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.leaves.boosting_steps import BoostingSteps
from treedebug.leaves.loss_slopes import LossSlopes
from treedebug.leaves.not_a_smoother import why_not_a_smoother, why_not_these_trees
from treedebug.readers.model_facts import ModelFacts
from treedebug.readers.tree_predictions import leaves_by_tree

Floats = NDArray[np.float64]
_FULL = 1e-3
"""Cover and hessian of the rows in a leaf agree to this share unless rows are sampled; so do leaf values."""


@dataclass(frozen=True)
class EffectiveParameters:
    """One entry a recorded round."""

    rounds: list[int]
    values: list[float]
    errors: list[float]
    """Standard error of each value, from the probes."""
    on_new_rows: list[float]
    """The same as new rows see it; empty unless some are given."""


@dataclass(frozen=True, eq=False)
class SmootherData:
    """The rows that a model was trained on. `label` and `new` may be None."""

    X: Floats
    label: Floats | None
    weight: Floats
    new: Floats | None


def effective_parameters(
    tables: Iterable[TreeTable], facts: ModelFacts, run: RunData, rows: SmootherData, probes: Floats
) -> EffectiveParameters:
    """Return them for every recorded round. `probes` (n_probes, n_rows) are +-1, or the unit vectors for the exact sum.

    Raise ConfigError, with the reason, for a model whose predictions are no smooth function of its labels.
    """
    walk = _Walk(facts, run, rows, probes)
    found = EffectiveParameters([], [], [], [])
    for round_index in walk.rounds(tables):
        each = walk.traces()
        found.rounds.append(round_index)
        found.values.append(float(each.mean()))
        found.errors.append(float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else float("nan"))
        if rows.new is not None:
            found.on_new_rows.append(walk.on_new_rows())
    return found


def new_row_weights(
    tables: Iterable[TreeTable], facts: ModelFacts, run: RunData, rows: SmootherData, probes: Floats
) -> Floats:
    """Return (n_probes, n_new) what the whole model makes of each probe at the new rows: its weights on the labels.

    Averaged over models, it is that of the average. Raise ConfigError as `effective_parameters` does.
    """
    walk = _Walk(facts, run, rows, probes)
    for _ in walk.rounds(tables):
        pass
    return walk.new_response()


def _refuse(reason: str | None) -> None:
    if reason:
        raise ConfigError(f"effective parameters need leaves that are Newton steps on the labels; here {reason}")


class _Walk:
    """The derivatives of all margins along the probes, carried from round to round."""

    def __init__(self, facts: ModelFacts, run: RunData, rows: SmootherData, probes: Floats) -> None:
        _refuse(why_not_a_smoother(run.header))
        self._slopes = LossSlopes(facts)
        self._rows, self._probes = rows, probes
        self._steps = BoostingSteps(run)
        self._margin = np.full(len(rows.X), float(facts.base_margin[0]))
        self._new = rows.X[:0] if rows.new is None else rows.new
        self._new_margin = np.full(len(self._new), float(facts.base_margin[0]))
        self._tangent = np.zeros_like(probes)
        self._new_tangent = np.zeros((len(probes), len(self._new_margin)))

    def rounds(self, tables: Iterable[TreeTable]) -> Iterator[int]:
        """Yield each round once its trees are taken in."""
        first = True
        for table in tables:
            _refuse(why_not_these_trees(table))
            starts = np.flatnonzero(np.diff(table.round_index, prepend=-1))
            for a, b in zip(starts, [*starts[1:], table.n_trees], strict=True):
                one = table.select(int(a), int(b))
                start = self._steps.start_inside(one) if first else 0.0
                self._margin += start
                self._new_margin += start
                if first:
                    self._fit_start()
                first = False
                self._take(one, start)
                yield int(one.round_index[0])

    def traces(self) -> Floats:
        """Return the sum of d prediction / d label over the rows, by each probe alone."""
        response = self._slopes.hessian(self._margin) / self._slopes.label_slope()
        result: Floats = np.einsum("kn,kn,n->k", self._probes, self._tangent, response)
        return result

    def on_new_rows(self) -> float:
        """Return n times the mean squared length of a new row's weights on the labels (Curth et al., 2023)."""
        return float(len(self._rows.X) * (self.new_response() ** 2).mean())

    def new_response(self) -> Floats:
        """Return (n_probes, n_new) how predictions of the new rows move along the probes."""
        result: Floats = self._new_tangent * self._slopes.hessian(self._new_margin) / self._slopes.label_slope()
        return result

    def _fit_start(self) -> None:
        """Let every row's tangent begin with the labels' mean, where the start was fitted."""
        if not self._steps.start_is_fitted:
            return
        weight = self._rows.weight
        mean = (self._probes * weight).sum(axis=1, keepdims=True) / weight.sum()
        curvature = float(self._slopes.hessian(self._margin[:1])[0])
        self._tangent += mean * self._slopes.label_slope() / curvature
        self._new_tangent += mean * self._slopes.label_slope() / curvature

    def _take(self, table: TreeTable, bias: float) -> None:
        rows, slopes = self._rows, self._slopes
        hessian = rows.weight * slopes.hessian(self._margin)
        # Both are of the round's beginning: its trees then move margins and tangents in place.
        pull = (rows.weight * slopes.label_slope()) * self._probes
        pull -= hessian * self._tangent
        twist = rows.weight * slopes.hessian_slope(self._margin) * self._tangent if slopes.is_logistic else pull[:0]
        rate = self._steps.rate(int(table.round_index[0]), table.n_trees)
        step, tangent, new_step = np.zeros_like(self._margin), self._tangent, []
        both = zip(leaves_by_tree(table, rows.X), leaves_by_tree(table, self._new), strict=True)
        for t, (leaves, new_leaves) in enumerate(both):
            start, stop = int(table.offsets[t]), int(table.offsets[t + 1])
            local, n_nodes = leaves - start, stop - start
            cover, value = table.sum_hessian[start:stop], np.nan_to_num(table.leaf_value[start:stop]) - bias
            inside = np.bincount(local, hessian, n_nodes)
            if not np.isfinite(cover).all():  # LightGBM's tree without a split adds a constant alone
                step += value[local]
                new_step.append((value, np.zeros((len(tangent), n_nodes)), new_leaves - start))
                continue
            share = np.divide(cover, inside, out=np.ones(n_nodes), where=inside > 0)
            if rows.label is not None:
                self._compare(local, value, share, cover, rows.label, rate)
            by_node = np.empty((len(tangent), n_nodes))
            for k in range(len(tangent)):
                moved = rate * np.bincount(local, pull[k], n_nodes)
                if slopes.is_logistic:
                    moved -= value * np.bincount(local, twist[k], n_nodes)
                by_node[k] = moved * share / np.maximum(cover + self._steps.penalty, 1e-300)
                tangent[k] += by_node[k][local]
            step += value[local]
            new_step.append((value, by_node, new_leaves - start))
        self._margin += step
        for value, by_node, local in new_step:
            self._new_margin += value[local]
            self._new_tangent += by_node[:, local]

    def _compare(  # noqa: PLR0913, PLR0917 - one tree, in the numbers at hand
        self, local: NDArray[np.int64], value: Floats, share: Floats, cover: Floats, label: Floats, rate: float
    ) -> None:
        """Raise ConfigError unless the labels explain the leaf values; leaves of sampled rows are not compared."""
        gradient = self._rows.weight * self._slopes.gradient(self._margin, label)
        expected = -rate * np.bincount(local, gradient, len(value)) / np.maximum(cover + self._steps.penalty, 1e-300)
        seen = np.zeros(len(value), dtype=bool)
        seen[local] = True
        whole = seen & (np.abs(share - 1.0) <= _FULL)
        if not whole.any():
            return
        off = np.abs(expected - value)[whole]
        if float(off.max()) > _FULL * max(float(np.abs(value[whole]).max()), 1e-3):
            raise ConfigError(
                "the recorded leaf values do not follow from these labels: expected the rows and labels (and weights) "
                "that the model was trained on, in their order, and an objective whose leaves are Newton steps"
            )
