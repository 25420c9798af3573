"""Over every kind of LightGBM training: the model is untouched, and what is recorded is what LightGBM says itself."""

import functools
import warnings
from typing import NamedTuple

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

import treedebug
from tests.recorders.lightgbm_matrix import CASES, Trained, text, train

DART = [c for c in CASES if c.startswith("dart")]
REPEATABLE = [c for c in CASES if c != "dart custom"]
"""LightGBM 4.7 itself trains DART with a custom objective differently from time to time, without any callback."""
STILL = [c for c in CASES if c not in DART]
pytestmark = pytest.mark.filterwarnings("ignore")


class Live:
    """Keeps what the booster said of itself after every round."""

    before_iteration = False
    order = 40

    def __init__(self, table):
        self.table, self.iterations, self.margins, self.predictions = table, [], [], []

    def __call__(self, env):
        # One thread, as in training: LightGBM 4.7 crashes if that changes while it grows linear trees.
        self.iterations.append(env.model.current_iteration())
        self.margins.append(env.model.predict(self.table, raw_score=True, num_threads=1))
        self.predictions.append(env.model.predict(self.table, num_threads=1))


class Recorded(NamedTuple):
    plain: str
    trained: Trained
    run: treedebug.Run
    live: Live


@functools.cache
def recorded(case):
    plain = train(case, keep_training_booster=True)
    live = Live(plain.raw)
    callback = treedebug.LightGBMCallback(classes_every=1, dart_every=1, quiet=True)
    trained = train(case, [callback, live], keep_training_booster=True)
    trained.booster.best_iteration = 0
    return Recorded(text(plain.booster), trained, callback.run, live)


@pytest.mark.parametrize("case", CASES)
def test_the_model_is_the_same_with_and_without_the_callback(case):
    r = recorded(case)
    assert text(r.trained.booster) == r.plain or case not in REPEATABLE
    assert not r.run.notes
    assert r.run.state == "finished"


@pytest.mark.parametrize("case", [c for c in REPEATABLE if CASES[c].get("_sets") != [] and "no split" not in c])
@pytest.mark.parametrize("keep", [False, True])
def test_the_model_is_the_same_with_early_stopping_and_a_schedule(case, keep):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = train(case, early=True, schedule=True, keep_training_booster=keep)
        callback = treedebug.LightGBMCallback(classes_every=1, dart_every=2, quiet=True)
        trained = train(case, [callback], early=True, schedule=True, keep_training_booster=keep)
    assert trained.booster.model_to_string() == plain.booster.model_to_string()
    assert trained.booster.best_iteration == plain.booster.best_iteration
    assert trained.booster.best_score == plain.booster.best_score
    assert not {"update", "eval_train", "eval_valid", "model_from_string"} & set(trained.booster.__dict__)
    run = callback.run
    assert run.state == "finished"
    assert run.best_round == (trained.booster.best_iteration - 1 if trained.booster.best_iteration else None)
    assert run.n_rounds == len(next(iter(next(iter(trained.log.values())).values())))
    rates = [0.2 * 0.9**r for r in range(run.n_rounds)]
    assert run.rounds["learning_rate"].tolist() == rates


@pytest.mark.parametrize("case", CASES)
def test_metrics_are_those_of_record_evaluation(case):
    r = recorded(case)
    expected = [
        (i, dataset, metric, value)
        for dataset, found in r.trained.log.items()
        for metric, values in found.items()
        for i, value in enumerate(values)
    ]
    assert sorted(expected) == sorted(r.run.metrics.itertuples(index=False, name=None))
    assert r.run.rounds["n_iterations"].tolist() == r.live.iterations


@pytest.mark.parametrize("case", CASES)
def test_trees_are_those_of_dump_model(case):
    r = recorded(case)
    run, booster = r.run, r.trained.booster
    dump = booster.dump_model(num_iteration=-1)
    assert len(run.trees) == len(dump["tree_info"])
    for row, tree in zip(run.trees.itertuples(), dump["tree_info"], strict=True):
        nodes = list(_walk(tree["tree_structure"]))
        splits = [n for n, _ in nodes if "split_gain" in n]
        assert row.tree_index == tree["tree_index"]
        assert row.class_index == tree["tree_index"] % run.header.trees_per_round
        assert row.n_leaves == tree["num_leaves"]
        assert row.depth == max(depth for _, depth in nodes)
        assert row.n_nodes == len(nodes)
        assert row.total_gain == pytest.approx(sum(n["split_gain"] for n in splits), rel=1e-4)
        if splits:
            assert row.n_rows == splits[0]["internal_count"]
            assert row.sum_hessian == pytest.approx(splits[0]["internal_weight"], rel=1e-4)
    made = np.flatnonzero(np.diff([0, *r.live.iterations]))
    assert run.trees["round_index"].tolist() == np.repeat(made, run.header.trees_per_round).tolist()


@pytest.mark.parametrize("case", STILL)
def test_nodes_are_those_of_trees_to_dataframe(case):
    r = recorded(case)
    splits = r.trained.booster.num_trees() and max(t["num_leaves"] for t in r.trained.booster.dump_model()["tree_info"])
    if splits < 2:
        pytest.skip("trees_to_dataframe refuses a model without a split")
    theirs = r.trained.booster.trees_to_dataframe()
    ours = pd.concat([r.run.nodes(i) for i in sorted(set(r.run.trees["round_index"]))])
    for tree, frame in ours.groupby("tree_index"):
        other = theirs[theirs["tree_index"] == tree]
        if len(other) == 1:
            continue
        inner = other["split_gain"].notna()
        assert (frame["depth"] + 1).sum() == other["node_depth"].sum()
        assert sorted(frame["feature"].dropna()) == sorted(other["split_feature"].dropna())
        gains = frame.loc[frame["feature"].notna(), "split_gain"]
        np.testing.assert_allclose(np.sort(gains), np.sort(other.loc[inner, "split_gain"]), rtol=1e-4)
        assert sorted(frame["n_rows"]) == sorted(other["count"])
        np.testing.assert_array_equal(np.sort(frame["leaf_value"].dropna()), np.sort(other.loc[~inner, "value"]))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("kind", "theirs"), [("n_splits", "split"), ("total_gain", "gain")])
def test_cumulative_importance_is_the_boosters_own(case, kind, theirs):
    r = recorded(case)
    frame = r.run.importance(kind, cumulative=True)
    last = frame.groupby("feature")["value"].last().to_dict() if len(frame) else {}
    expected = dict(zip(r.trained.booster.feature_name(), r.trained.booster.feature_importance(theirs), strict=True))
    assert last.keys() <= expected.keys()
    for name, value in expected.items():
        assert last.get(name, 0) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_the_booster_of_any_round_predicts_as_it_did_then(case):
    r = recorded(case)
    n = r.run.n_rounds
    for at in sorted({0, n // 3, n // 2, n - 2, n - 1} & set(range(n))):
        np.testing.assert_array_equal(r.run.booster(at).predict(r.trained.raw), r.live.predictions[at])


@pytest.mark.parametrize("case", CASES)
def test_replay_gives_the_boosters_margins_at_every_round(case):
    r = recorded(case)
    seen = []
    for at, margin in r.run.replay(r.trained.raw).margins():
        expected = r.live.margins[at].reshape(len(margin), -1)
        if r.run.header.booster == "rf":
            expected = expected / r.live.iterations[at]
        np.testing.assert_array_equal(margin, expected)
        seen.append(at)
    made = np.flatnonzero(np.diff([0, *r.live.iterations])).tolist()
    assert seen == (list(range(r.run.n_rounds)) if case in DART else made)


@pytest.mark.parametrize("case", [c for c in CASES if "num_class" in CASES[c] or CASES[c].get("objective") == "binary"])
def test_class_balance_is_that_of_the_live_predictions(case):
    r = recorded(case)
    k = r.run.header.n_classes
    label = r.trained.label if case != "labels -1 and 1" else (r.trained.label > 0).astype(int)
    replayed = None if case in DART else r.run.replay(r.trained.raw, label)
    for at, predicted in enumerate(r.live.predictions):
        if k == 2 and (np.abs(predicted - 0.5) < 1e-9).any():
            continue  # a forest's average of 0: positive or not by the last bit
        called = predicted.argmax(axis=1) if k > 2 else (predicted > 0.5).astype(int)
        confusion = sk.confusion_matrix(label, called, labels=range(k))
        records = [c for c in r.run.data.classes.of("valid") if c.round_index == at]
        assert len(records) == 1
        np.testing.assert_array_equal(records[0].confusion, confusion)
        if replayed is not None and at in set(replayed.classes["round_index"]):
            np.testing.assert_array_equal(replayed.confusion(at), confusion)
        rows = r.run.classes.query("round_index == @at and dataset == 'valid'")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            recall = sk.recall_score(label, called, labels=range(k), average=None, zero_division=np.nan)
            precision = sk.precision_score(label, called, labels=range(k), average=None, zero_division=np.nan)
        np.testing.assert_allclose(rows["recall"], recall)
        np.testing.assert_allclose(rows["precision"], precision)
        mean = predicted.mean(axis=0) if k > 2 else [1 - predicted.mean(), predicted.mean()]
        np.testing.assert_allclose(rows["mean_probability"], mean, rtol=1e-6)
        np.testing.assert_allclose(rows["predicted_share"], np.bincount(called, minlength=k) / len(called))


@pytest.mark.parametrize("case", CASES)
def test_the_header_says_what_was_trained(case):
    r = recorded(case)
    header, given = r.run.header, CASES[case]
    train_rows = given.get("_rows", 160)
    assert header.library == "lightgbm"
    assert header.versions["lightgbm"] == lgb.__version__
    assert header.n_features == r.trained.booster.num_feature()
    assert header.feature_names == r.trained.booster.feature_name()
    assert header.planned_rounds == given.get("_rounds", 7)
    assert header.early_stopping_rounds == given.get("early_stopping_round")
    assert header.trees_per_round == r.trained.booster.num_model_per_iteration()
    assert header.n_classes == given.get("num_class", 2 * (given.get("objective") == "binary"))
    assert header.params["num_leaves"] == given.get("num_leaves", 7)
    assert header.params["learning_rate"] == given.get("learning_rate", given.get("eta", 0.1))
    booster = "goss" if case == "goss" else given.get("boosting", "gbdt")
    assert header.booster == booster
    objective = "custom" if callable(given.get("objective")) else given.get("objective", "regression")
    assert header.objective == {"l1": "regression_l1"}.get(objective, objective)
    training = [name for name, facts in header.data.items() if facts["is_training"]]
    assert training == ["train" if "train" in given.get("_sets", []) else "training"]
    assert header.data[training[0]]["n_rows"] == train_rows
    assert set(header.data) - set(training) == set(given.get("_sets", ["valid"])) - {"train"}
    if header.n_classes and "valid" in header.data:
        counts = np.unique(r.trained.label, return_counts=True)[1]
        assert header.data["valid"]["label"]["counts"] == counts.tolist()


def _walk(node, depth=0):
    yield node, depth
    for child in ("left_child", "right_child"):
        if child in node:
            yield from _walk(node[child], depth + 1)
