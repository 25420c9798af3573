"""Boosting anew on fixed structures, against a slow, obvious twin and against the libraries' own leaves."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from treedebug.core.run.records import TreeBatch
from treedebug.core.run.tree_table import TreeTable
from treedebug.cure.row_losses import RowLoss, row_loss
from treedebug.cure.slim.model_parts import boosting_of
from treedebug.cure.slim.reboost import Boosting, Rows, reboost
from treedebug.cure.slim.structure import structure_of
from treedebug.readers.library_readers import read_batch, read_facts

OBJECTIVES = [
    ("xgboost", "binary:logistic", {}), ("xgboost", "reg:squarederror", {}),
    ("xgboost", "multi:softprob", {"num_class": 3}), ("xgboost", "count:poisson", {}), ("xgboost", "reg:gamma", {}),
    ("xgboost", "reg:tweedie", {}), ("lightgbm", "binary", {"sigmoid": 1.5}), ("lightgbm", "regression", {}),
    ("lightgbm", "multiclass", {"num_class": 3}), ("lightgbm", "poisson", {}), ("lightgbm", "tweedie", {}),
    ("lightgbm", "multiclassova", {"num_class": 3}), ("lightgbm", "gamma", {}),
]  # fmt: skip


def rows(objective: str, n: int = 260, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    X[rng.random(X.shape) < 0.1] = np.nan
    signal = np.nan_to_num(X[:, 0]) + rng.normal(size=n)
    if "multi" in objective:
        return X, np.digitize(signal, [-0.6, 0.6]).astype(float)
    if "binary" in objective:
        return X, (signal > 0).astype(float)
    if "poisson" in objective:
        return X, np.floor(np.exp(np.clip(signal, -3, 2)))
    return X, np.exp(0.5 * signal) if objective.rsplit(":", maxsplit=1)[-1] in ("gamma", "tweedie") else signal


def trained(library: str, objective: str, more: dict, X: np.ndarray, y: np.ndarray, n_rounds: int = 6) -> bytes:
    if library == "xgboost":
        params = {"objective": objective, "max_depth": 3, "nthread": 1, "eta": 0.4, **more}
        return bytes(xgb.train(params, xgb.DMatrix(X, y), n_rounds).save_raw("ubj"))
    params = {"objective": objective, "num_leaves": 6, "verbosity": -1, "num_threads": 1, "learning_rate": 0.2, **more}
    params |= {"min_data_in_leaf": 5}
    return lgb.train(params, lgb.Dataset(X, y), n_rounds).model_to_string().encode()


def parts(raw: bytes, library: str, X: np.ndarray, y: np.ndarray) -> tuple[TreeTable, RowLoss, Boosting]:
    facts = read_facts(raw, library)
    table = read_batch(TreeBatch(library, raw, np.arange(facts.n_rounds), 0))
    loss = row_loss(facts)
    return table, loss, boosting_of(raw, facts, table, loss, Rows(y, np.ones(len(y))), {})


@pytest.mark.parametrize(("library", "objective", "more"), OBJECTIVES)
def test_without_pruning_the_leaves_are_those_of_the_training(library: str, objective: str, more: dict) -> None:
    X, y = rows(objective)
    table, _, boosting = parts(trained(library, objective, more, X, y), library, X, y)
    found = list(reboost(structure_of(table, X, X), Rows(y, np.ones(len(y))), boosting))
    started: set[int] = set()
    for tree in (g for one in found for g in one.trees):
        at = tree.tree.first + tree.tree.leaves
        first = library == "lightgbm" and tree.tree.class_index not in started  # it holds the start as well
        started.add(tree.tree.class_index)
        expected = table.leaf_value[at] - (boosting.start[tree.tree.class_index] if first else 0.0)
        np.testing.assert_allclose(tree.values[tree.tree.leaves], expected, rtol=2e-3, atol=2e-4)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), gain=st.floats(0, 5), penalty=st.floats(0, 5), l1=st.sampled_from([0.0, 0.3]))
def test_pruning_is_that_of_the_obvious_twin(seed: int, gain: float, penalty: float, l1: float) -> None:
    X, y = rows("binary", 80, seed)
    weight = np.random.default_rng(seed).uniform(0.5, 2, len(y))
    table, loss, boosting = parts(BINARY, "xgboost", X, y)
    boosting = Boosting(loss=loss, start=boosting.start, rates=boosting.rates, penalty=penalty, l1=l1, least_gain=gain)
    margin = np.full(len(y), boosting.start[0])
    for t, one in enumerate(reboost(structure_of(table, X, X), Rows(y, weight), boosting)):
        margin = margin + slow_tree(table, t, X, y, weight, margin, boosting)
        np.testing.assert_allclose(one.valid[:, 0], margin, rtol=1e-9, atol=1e-9)


def slow_tree(table, t, X, y, weight, margin, boosting) -> np.ndarray:
    """Row sets passed down by hand, subtrees compared by their whole objective."""
    p = 1 / (1 + np.exp(-margin))
    g, h = weight * (p - y), weight * p * (1 - p)
    start, values = int(table.offsets[t]), np.zeros(len(y))

    def shrunk(at: np.ndarray) -> float:
        total = g[at].sum()
        return np.sign(total) * max(abs(total) - boosting.l1, 0.0)

    def cost(at: np.ndarray) -> float:
        return -0.5 * shrunk(at) ** 2 / (h[at].sum() + boosting.penalty) if len(at) else 0.0

    def grow(node: int, at: np.ndarray) -> tuple[float, list[np.ndarray]]:
        if table.feature[node] < 0:
            return cost(at), [at]
        column = X[at, table.feature[node]].astype(np.float32)
        left = np.where(np.isnan(column), table.default_left[node], column < np.float32(table.threshold[node]))
        low, some = grow(start + int(table.left[node]), at[left])
        high, others = grow(start + int(table.right[node]), at[~left])
        split = low + high + boosting.least_gain
        return (split, some + others) if split < cost(at) - 1e-12 else (cost(at), [at])

    for leaf in grow(start, np.arange(len(y)))[1]:
        values[leaf] = -boosting.rates[t] * shrunk(leaf) / (h[leaf].sum() + boosting.penalty) if len(leaf) else 0.0
    return values


BINARY = trained("xgboost", "binary:logistic", {}, *rows("binary"))


@pytest.mark.parametrize(("library", "objective", "more"), OBJECTIVES)
def test_slopes_are_those_of_the_loss(library: str, objective: str, more: dict) -> None:
    X, y = rows(objective, 40)
    _, loss, boosting = parts(trained(library, objective, more, *rows(objective)), library, X, y)
    margin = np.random.default_rng(1).normal(size=(len(y), len(boosting.start)))
    g, step = loss.slopes(margin, y).gradient, 1e-5
    for k in range(margin.shape[1]):
        up, down = margin.copy(), margin.copy()
        up[:, k] += step
        down[:, k] -= step
        slope = (loss.of(up, y) - loss.of(down, y)) / (2 * step)
        factor = 2.0 if loss.name == "squared error" else 1.0
        np.testing.assert_allclose(slope, factor * g[:, k], rtol=1e-4, atol=1e-6)
