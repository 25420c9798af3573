"""Small real boosters of every kind, trained once a session, and slow, obvious twins of what the reader does."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.xgboost import xgboost_reader as reader

xgb = pytest.importorskip("xgboost")

N_ROWS = 120
RNG = np.random.default_rng(7)
X = RNG.normal(size=(N_ROWS, 4)).astype(np.float32)
X[RNG.random(X.shape) < 0.08] = np.nan
CLEAN = np.nan_to_num(X)
SIGNAL = CLEAN[:, 0] + CLEAN[:, 1] * CLEAN[:, 2] + 0.3 * RNG.normal(size=N_ROWS)
TWO = np.column_stack([SIGNAL, CLEAN[:, 3]])
CLASSES = np.digitize(SIGNAL, [-0.5, 0.5])
POSITIVE = np.exp(SIGNAL)
TABLE = pd.DataFrame(
    {
        "letter": pd.Categorical(RNG.choice(list("abcdefgh"), N_ROWS)),
        "number": CLEAN[:, 0],
        "small": pd.Categorical(RNG.integers(0, 3, N_ROWS)),
    }
)
FROM_LETTER = TABLE.letter.cat.codes.to_numpy() % 3 + 2.0 * (TABLE.small.cat.codes.to_numpy() == 1) + 0.1 * SIGNAL


class Case(NamedTuple):
    booster: Any
    data: Any
    features: np.ndarray
    margins: np.ndarray
    dump: bool = True
    """Whether the library can dump it with statistics."""


def train(params: dict[str, Any], label: Any, *, x: Any = X, rounds: int = 5, dump: bool = True, **more: Any) -> Case:
    obj = more.pop("obj", None)
    data = xgb.DMatrix(x, label, **more)
    if params.get("objective") == "survival:aft":
        data.set_float_info("label_lower_bound", label)
        data.set_float_info("label_upper_bound", label)
    booster = xgb.train({"nthread": 1, "max_depth": 3, **params}, data, rounds, obj=obj)
    codes = x.apply(lambda c: c.cat.codes if c.dtype == "category" else c) if isinstance(x, pd.DataFrame) else x
    margins = booster.predict(data, output_margin=True)
    return Case(booster, data, np.asarray(codes, dtype=np.float32), margins.reshape(len(codes), -1), dump)


def own_objective(margins: np.ndarray, data: Any) -> tuple[np.ndarray, np.ndarray]:
    return margins - data.get_label(), np.ones_like(margins)


CASES: dict[str, Callable[[], Case]] = {
    "hist": lambda: train({"tree_method": "hist"}, SIGNAL),
    "exact pruned": lambda: train({"tree_method": "exact", "gamma": 3, "max_depth": 5}, SIGNAL),
    "exact": lambda: train({"tree_method": "exact"}, SIGNAL),
    "approx": lambda: train({"tree_method": "approx"}, SIGNAL),
    "lossguide": lambda: train({"grow_policy": "lossguide", "max_leaves": 12, "max_depth": 0}, SIGNAL),
    "deep chains": lambda: train({"grow_policy": "lossguide", "max_depth": 0, "min_child_weight": 0}, SIGNAL, rounds=2),
    "forest": lambda: train({"num_parallel_tree": 3, "subsample": 0.7}, SIGNAL),
    "many rounds": lambda: train({"max_depth": 1}, SIGNAL, rounds=140),
    "one round": lambda: train({}, SIGNAL, rounds=1),
    "one feature": lambda: train({}, SIGNAL, x=X[:, :1]),
    "one row": lambda: train({}, SIGNAL[:1], x=X[:1]),
    "roots only": lambda: train({"gamma": 1e9}, SIGNAL),
    "roots only, exact": lambda: train({"gamma": 1e9, "tree_method": "exact"}, SIGNAL),
    "monotone": lambda: train({"monotone_constraints": "(1,0,-1,0)"}, SIGNAL),
    "l1, child weight, delta": lambda: train({"alpha": 2, "min_child_weight": 5, "max_delta_step": 1}, SIGNAL),
    "no missing": lambda: train({}, SIGNAL, x=CLEAN),
    "named": lambda: train({}, SIGNAL, feature_names=["a b", "é", "trees", "x"], feature_types=["q"] * 4),
    "logistic": lambda: train({"objective": "binary:logistic", "scale_pos_weight": 3}, SIGNAL > 0.5),
    "logistic regression": lambda: train({"objective": "reg:logistic"}, (SIGNAL > 0.5) * 0.9),
    "logit raw": lambda: train({"objective": "binary:logitraw", "base_score": 0.3}, SIGNAL > 0.5),
    "hinge": lambda: train({"objective": "binary:hinge", "base_score": 0.3}, SIGNAL > 0.5),
    "softprob": lambda: train({"objective": "multi:softprob", "num_class": 3}, CLASSES),
    "softmax forest": lambda: train({"objective": "multi:softmax", "num_class": 3, "num_parallel_tree": 2}, CLASSES),
    "poisson": lambda: train({"objective": "count:poisson"}, np.round(POSITIVE)),
    "gamma": lambda: train({"objective": "reg:gamma"}, POSITIVE),
    "tweedie": lambda: train({"objective": "reg:tweedie", "base_score": 0.7}, POSITIVE),
    "cox": lambda: train({"objective": "survival:cox", "base_score": 0.4}, POSITIVE),
    "aft": lambda: train({"objective": "survival:aft"}, POSITIVE),
    "absolute error": lambda: train({"objective": "reg:absoluteerror"}, SIGNAL),
    "squared log": lambda: train({"objective": "reg:squaredlogerror"}, POSITIVE),
    "pseudo huber": lambda: train({"objective": "reg:pseudohubererror"}, SIGNAL),
    "quantiles": lambda: train({"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]}, SIGNAL),
    "ranking": lambda: train({"objective": "rank:ndcg"}, CLASSES, group=[20] * 6),
    "pairwise": lambda: train({"objective": "rank:pairwise", "base_score": 0.4}, CLASSES, group=[20] * 6),
    "custom": lambda: train({}, SIGNAL, obj=own_objective),
    "two outputs": lambda: train({}, TWO),
    "two outputs, logistic": lambda: train({"objective": "binary:logistic"}, TWO > 0),
    "vector leaves": lambda: train({"multi_strategy": "multi_output_tree"}, TWO, dump=False),
    "vector roots": lambda: train({"multi_strategy": "multi_output_tree", "gamma": 1e9}, TWO, dump=False),
    "dart": lambda: train({"booster": "dart", "rate_drop": 0.5, "seed": 3}, SIGNAL, rounds=8),
    "dart classes": lambda: train(
        {"booster": "dart", "rate_drop": 0.5, "objective": "multi:softprob", "num_class": 3}, CLASSES, rounds=6
    ),
    "categories, partition": lambda: train(
        {"max_cat_to_onehot": 1}, FROM_LETTER, x=TABLE, enable_categorical=True, rounds=4
    ),
    "categories, onehot": lambda: train(
        {"max_cat_to_onehot": 50}, FROM_LETTER, x=TABLE, enable_categorical=True, rounds=4
    ),
    "categories, dart": lambda: train({"booster": "dart"}, FROM_LETTER, x=TABLE, enable_categorical=True),
}
every_case = pytest.mark.parametrize("name", CASES)


@functools.cache
def case(name: str) -> Case:
    return CASES[name]()


@functools.cache
def raw_of(name: str, fmt: str = "ubj") -> bytes:
    return bytes(case(name).booster.save_raw(fmt))


@functools.cache
def table_of(name: str) -> TreeTable:
    return reader.read(raw_of(name))


def assert_same(a: TreeTable, b: TreeTable) -> None:
    for key, value in vars(a).items():
        other = getattr(b, key)
        if key == "categories":
            assert value.keys() == other.keys()
            assert all(np.array_equal(value[k], other[k]) for k in value)
        elif isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, other, err_msg=key)
            assert value.dtype == other.dtype
        else:
            assert value == other


def dumped_nodes(booster: Any) -> list[list[dict[str, Any]]]:
    """The live nodes of each tree from the library's JSON dump, by node id."""
    trees = []
    for text in booster.get_dump(dump_format="json", with_stats=True):
        nodes, todo = [], [json.loads(text)]
        while todo:
            node = todo.pop()
            nodes.append(node)
            todo += node.get("children", [])
        trees.append(sorted(nodes, key=lambda node: node["nodeid"]))
    return trees


def walk(tree: TreeTable, row: np.ndarray) -> int:
    """The leaf a row falls into: the slow, obvious way."""
    node = 0
    while tree.feature[node] >= 0:
        x = row[tree.feature[node]]
        if np.isnan(x):
            left = tree.default_left[node]
        elif node in tree.categories:
            left = int(x) not in tree.categories[node]
        else:
            left = x < np.float32(tree.threshold[node])
        node = int((tree.left if left else tree.right)[node])
    return node


def margins_of(table: TreeTable, features: np.ndarray, base: np.ndarray) -> np.ndarray:
    total = np.tile(base, (len(features), 1))
    for t in range(table.n_trees):
        tree = table.select(t, t + 1)
        leaves = [walk(tree, row) for row in features]
        if tree.leaf_vectors is not None:
            total += tree.weight[0] * tree.leaf_vectors[leaves]
        else:
            total[:, tree.class_index[0]] += tree.weight[0] * tree.leaf_value[leaves]
    return total
