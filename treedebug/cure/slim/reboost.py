"""Boosting once more on fixed structures: each tree in its turn loses weak splits and gets the leaves of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.cure.row_losses import RowLoss, Slopes
from treedebug.cure.slim.structure import Structure, Tree

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """How the leaves are made: as the library made them, but for what is given here."""

    loss: RowLoss
    start: Floats
    """(n_outputs,) the margin before the first tree."""
    rates: Sequence[float]
    """A learning rate a tree."""
    penalty: float
    l1: float = 0.0
    most_step: float = 0.0
    """Where a step is clipped, before the learning rate; 0: nowhere (max_delta_step)."""
    least_gain: float = 0.0
    """A part of a tree is kept where its splits gain more than this each."""
    averaged: bool = False
    """A random forest of LightGBM: every tree from the start, the mean of all votes."""
    monotone: Mapping[int, int] = field(default_factory=dict)
    """Feature -> 1 rising, -1 falling."""

    def weight(self, gradient: float, hessian: float, rate: float) -> float:
        """Return a leaf's value."""
        below = hessian + self.penalty
        step = -self._shrunk(gradient) / below if below > 0 else 0.0
        return rate * (min(max(step, -self.most_step), self.most_step) if self.most_step else step)

    def score(self, gradient: float, hessian: float) -> float:
        """Return twice what a leaf takes off the loss."""
        below = hessian + self.penalty
        return self._shrunk(gradient) ** 2 / below if below > 0 else 0.0

    def _shrunk(self, gradient: float) -> float:
        if not self.l1:
            return gradient
        return max(gradient - self.l1, 0.0) if gradient > 0 else min(gradient + self.l1, 0.0)


class Grown(NamedTuple):
    """One tree with new leaves. Nodes below a dropped split have its value."""

    tree: Tree
    values: Floats
    """(n_nodes,)"""
    is_split: list[bool]
    n_leaves: int
    gains: list[float]
    hessians: list[float]


class Rows(NamedTuple):
    """The rows that teach."""

    label: Floats
    weight: Floats


class Round(NamedTuple):
    """What a round of re-boosting gave."""

    trees: list[Grown]
    valid: Floats
    """(n_valid, n_outputs) margin on the validation rows, after this round."""


def reboost(structure: Structure, rows: Rows, boosting: Boosting) -> Iterator[Round]:
    """Yield the rounds one after the other. Validation rows are only predicted."""
    margin = np.repeat(boosting.start[None, :], len(rows.label), axis=0)
    valid = np.repeat(boosting.start[None, :], structure.n_valid, axis=0)
    votes = np.zeros_like(valid)
    slopes = _weighted(boosting.loss, margin, rows)
    n_before = 0
    for n_rounds, trees in enumerate(structure.rounds, 1):
        if not boosting.averaged and n_rounds > 1:
            slopes = _weighted(boosting.loss, margin, rows)
        grown = []
        for i, tree in enumerate(trees):
            k = tree.class_index
            new = _grow(tree, slopes.gradient[:, k], slopes.hessian[:, k], boosting, boosting.rates[n_before + i])
            if not boosting.averaged:
                margin[:, k] += new.values[tree.train]
            votes[:, k] += new.values[tree.valid]
            grown.append(new)
        n_before += len(trees)
        yield Round(grown, valid + (votes / n_rounds if boosting.averaged else votes))


def _weighted(loss: RowLoss, margin: Floats, rows: Rows) -> Slopes:
    if loss.slopes is None:
        raise ConfigError(f"the {loss.name} has no Newton steps")
    gradient, hessian = loss.slopes(margin, rows.label)
    return Slopes(gradient * rows.weight[:, None], hessian * rows.weight[:, None])


def _grow(tree: Tree, gradient: Floats, hessian: Floats, boosting: Boosting, rate: float) -> Grown:
    g = np.bincount(tree.train, weights=gradient, minlength=tree.n_nodes).tolist()
    h = np.bincount(tree.train, weights=hessian, minlength=tree.n_nodes).tolist()
    gains, keep = _pruned(tree, g, h, boosting)
    values = (
        _bounded(tree, g, h, keep, boosting, rate) if boosting.monotone else _plain(tree, g, h, keep, boosting, rate)
    )
    n_leaves = 1 + sum(keep[i] for i in tree.splits)
    return Grown(tree, np.array(values), keep, n_leaves, gains, h)


def _pruned(tree: Tree, g: list[float], h: list[float], boosting: Boosting) -> tuple[list[float], list[bool]]:
    """Sum up the slopes from the leaves; return each split's gain, and which are kept.

    The smallest tree of the least loss + `least_gain` * splits, as in cost-complexity pruning (Breiman et al., 1984).
    """
    score, least = boosting.score, boosting.least_gain
    gains, keep, best = [0.0] * tree.n_nodes, [False] * tree.n_nodes, [0.0] * tree.n_nodes
    scores = [score(a, b) for a, b in zip(g, h, strict=True)]
    for i in reversed(tree.splits):
        left, right = tree.left[i], tree.right[i]
        g[i], h[i] = g[left] + g[right], h[left] + h[right]
        scores[i] = score(g[i], h[i])
        gains[i] = 0.5 * (scores[left] + scores[right] - scores[i])
        total = gains[i] + best[left] + best[right] - least
        if total > 0:
            best[i], keep[i] = total, True
    return gains, _reachable(tree, keep)


def _reachable(tree: Tree, keep: list[bool]) -> list[bool]:
    """Return which splits are kept and hang below kept ones alone."""
    under = [True] * tree.n_nodes
    for i in tree.splits:
        keep[i] = keep[i] and under[i]
        under[tree.left[i]] = under[tree.right[i]] = keep[i]
    return keep


def _plain(  # noqa: PLR0913, PLR0917 - the sums and the kept splits of one tree
    tree: Tree, g: list[float], h: list[float], keep: list[bool], boosting: Boosting, rate: float
) -> list[float]:
    values = [0.0] * tree.n_nodes
    values[0] = boosting.weight(g[0], h[0], rate)
    for i in tree.splits:
        left, right = tree.left[i], tree.right[i]
        if keep[i]:
            values[left] = boosting.weight(g[left], h[left], rate)
            values[right] = boosting.weight(g[right], h[right], rate)
        else:
            values[left] = values[right] = values[i]
    return values


def _bounded(  # noqa: PLR0913, PLR0917 - the same
    tree: Tree, g: list[float], h: list[float], keep: list[bool], boosting: Boosting, rate: float
) -> list[float]:
    """As `_plain`, with the bounds that keep constrained features monotone; a split that would break them is dropped.

    Below a split on such a feature all leaves of one side stay on their side of the middle, as in XGBoost.
    """
    values = [0.0] * tree.n_nodes
    bounds = [(-np.inf, np.inf)] * tree.n_nodes
    values[0] = boosting.weight(g[0], h[0], rate)
    for i in tree.splits:
        left, right = tree.left[i], tree.right[i]
        low, high = bounds[i]
        a = min(max(boosting.weight(g[left], h[left], rate), low), high)
        b = min(max(boosting.weight(g[right], h[right], rate), low), high)
        sign = boosting.monotone.get(tree.features[i], 0)
        if keep[i] and sign * (b - a) < 0:
            keep[i] = False
        if not keep[i]:
            values[left] = values[right] = values[i]
            _drop_below(tree, i, keep)
            continue
        values[left], values[right] = a, b
        middle = 0.5 * (a + b)
        bounds[left] = (low, middle) if sign > 0 else (middle, high) if sign < 0 else bounds[i]
        bounds[right] = (middle, high) if sign > 0 else (low, middle) if sign < 0 else bounds[i]
    return values


def _drop_below(tree: Tree, node: int, keep: list[bool]) -> None:
    waiting = [tree.left[node], tree.right[node]]
    while waiting:
        i = waiting.pop()
        if tree.left[i] >= 0:
            keep[i] = False
            waiting += [tree.left[i], tree.right[i]]
