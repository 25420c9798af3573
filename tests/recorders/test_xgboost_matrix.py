"""Every kind of XGBoost training, recorded: the model is untouched, and the record says what the library says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from tests.recorders.xgboost_matrix import CASES, CUT, dumped_nodes, every_case, plain, raw_of, recorded, train, xgb
from treedebug import StopTraining, XGBoostCallback
from treedebug.core.errors import NotRecordedError

PAIRS = {
    "n_splits": "weight",
    "total_gain": "total_gain",
    "mean_gain": "gain",
    "total_cover": "total_cover",
    "mean_cover": "cover",
}
"""Our kinds of importance, and XGBoost's."""


@every_case
def test_model_is_the_same_to_the_last_byte(name: str) -> None:
    assert raw_of(recorded(name).booster) == plain(name)[0]
    assert recorded(name).log == plain(name)[1] or "nan" in str(plain(name)[1])


@every_case
def test_nothing_went_wrong(name: str) -> None:
    run = recorded(name).run
    assert run.state == "finished"
    assert run.n_rounds == CASES[name].rounds
    expected = {"gblinear": ["trees"], "gblinear coord": ["trees"], "two labels": ["classes"] * 2}
    assert [n.topic for n in run.notes] == expected.get(name, []), run.notes


@every_case
def test_nothing_is_left_on_the_booster(name: str) -> None:
    assert set(recorded(name).booster.__dict__) <= {"handle"}


@every_case
def test_metrics_are_those_of_the_library(name: str) -> None:
    found = recorded(name)
    log: dict = {}
    for row in found.run.metrics.itertuples():
        series = log.setdefault(row.dataset, {}).setdefault(row.metric, [])
        assert row.round_index == len(series)
        series.append(row.value)
    assert {d: dict(m) for d, m in found.log.items()} == log


@every_case
def test_trees_are_those_of_the_dump(name: str) -> None:
    found = recorded(name)
    trees = found.run.trees
    if not found.has_trees:
        assert trees.empty
        return
    if "multi_strategy" in CASES[name].params:
        # Neither the dump nor `trees_to_dataframe` knows statistics of vector leaves; the dump without them has shapes.
        shapes = [(t.count("leaf="), t.count("\n")) for t in found.booster.get_dump()]
        assert trees[["n_leaves", "n_nodes"]].apply(tuple, axis=1).tolist() == shapes
        return
    expected = dumped_nodes(found.booster)
    assert len(trees) == len(expected)
    per_round = len(expected) // CASES[name].rounds
    assert trees.round_index.tolist() == [i // per_round for i in range(len(expected))]
    assert trees.tree_index.tolist() == list(range(len(expected)))
    assert trees.depth.tolist() == [max(n.get("depth", 0) for n in _deep(t)) for t in expected]
    assert trees.n_leaves.tolist() == [sum("leaf" in n for n in t) for t in expected]
    gains = [sum(n.get("gain", 0.0) for n in t) for t in expected]
    # The dump prints nine digits of numbers that are single precision; we sum the numbers themselves.
    np.testing.assert_allclose(trees.total_gain, gains, rtol=1e-6, atol=1e-6)


def _deep(nodes):
    depth = {nodes[0]["nodeid"]: 0} if nodes else {}
    for node in nodes:
        for child in node.get("children", []):
            depth[child["nodeid"]] = depth[node["nodeid"]] + 1
    return [{"depth": d} for d in depth.values()]


@every_case
def test_nodes_are_those_of_the_frame(name: str) -> None:
    found = recorded(name)
    if not found.has_trees or "multi_strategy" in CASES[name].params:
        return
    frame = found.booster.trees_to_dataframe()
    last = CASES[name].rounds - 1
    for round_index in {0, last // 2, last}:
        ours = found.run.nodes(round_index)
        theirs = frame[frame.Tree.isin(ours.tree_index)]
        leaf = ours.feature.isna()
        assert len(ours) == len(theirs)
        assert sorted(ours.feature.fillna("Leaf")) == sorted(theirs.Feature)
        # The frame's numbers come through text and a single-precision mill: seven digits agree.
        for mine, other in (
            (ours.split_gain[~leaf], theirs.Gain[theirs.Feature != "Leaf"]),
            (ours.leaf_value[leaf], theirs.Gain[theirs.Feature == "Leaf"]),
            (ours.sum_hessian, theirs.Cover),
        ):
            np.testing.assert_allclose(np.sort(mine), np.sort(other.astype(float)), rtol=1e-6, atol=1e-7)


@every_case
@pytest.mark.parametrize("kind", PAIRS)
def test_importance_is_that_of_the_library(name: str, kind: str) -> None:
    found = recorded(name)
    if not found.has_trees:
        assert found.run.importance(kind).empty
        return
    ours = found.run.importance(kind, cumulative=True).groupby("feature").value.last().to_dict()
    theirs = found.booster.get_score(importance_type=PAIRS[kind])
    assert ours.keys() == theirs.keys()
    # XGBoost adds up in single precision, we in double: they part in the seventh digit, a little more over many rounds.
    for feature, value in theirs.items():
        assert ours[feature] == pytest.approx(value, rel=1e-5)


@every_case
def test_booster_of_a_round_predicts_as_then(name: str) -> None:
    found = recorded(name)
    if not found.has_trees:
        with pytest.raises(NotRecordedError, match="gblinear"):
            found.run.booster()
        return
    last = CASES[name].rounds - 1
    for round_index in {0, 1, last // 2, last - 1, last} & set(range(last + 1)):
        booster = found.run.booster(round_index)
        assert booster.num_boosted_rounds() == round_index + 1
        margins = booster.predict(found.dvalid, output_margin=True)
        if not found.is_dart:
            cut = found.booster[: round_index + 1]
            np.testing.assert_array_equal(booster.predict(found.dvalid), cut.predict(found.dvalid))
            np.testing.assert_array_equal(margins, cut.predict(found.dvalid, output_margin=True))
        else:
            then = found.live.margins[round_index][1]
            np.testing.assert_array_equal(margins, then)
    if not found.is_dart:
        assert len(dumped_or_none(booster)) == len(dumped_or_none(found.booster))


def dumped_or_none(booster):
    return booster.get_dump()


@every_case
def test_replay_gives_the_margins_of_every_round(name: str) -> None:
    found = recorded(name)
    if not found.has_trees:
        return
    case = CASES[name]
    if "base_margin" in case.info:
        return  # a margin of the data's own is no part of the model
    replay = found.run.replay(case.rows(train=False))
    n = 0
    for n, (round_index, margin) in enumerate(replay.margins(), 1):
        then = found.live.margins[round_index][1].reshape(margin.shape)
        # Trees are added up in single precision there and in double here.
        np.testing.assert_allclose(margin, then, rtol=2e-5, atol=2e-6)
    assert n == case.rounds


@pytest.mark.parametrize(
    "name", ["dart", "dart classes", "softprob", "softmax forest", "logit raw", "hinge", "custom metric", "weights",
             "sampling", "quantile matrix", "one round", "many rounds", "margins", "gblinear coord"]
)  # fmt: skip
def test_classes_are_those_of_live_predictions(name: str) -> None:
    found = recorded(name)
    case = CASES[name]
    records = {(r.round_index, r.dataset): r for r in found.run.data.classes}
    assert len(records) == 2 * case.rounds
    for (round_index, dataset), record in records.items():
        label = case.labels(train=dataset == "train").astype(int)
        margin = found.live.margins[round_index][dataset == "valid"]
        called = (margin > 0).astype(int) if margin.ndim == 1 else margin.argmax(axis=1)
        k = len(record.label_weight)
        np.testing.assert_array_equal(record.confusion, sk.confusion_matrix(label, called, labels=range(k)))
        recall = sk.recall_score(label, called, labels=range(k), average=None, zero_division=np.nan)
        precision = sk.precision_score(label, called, labels=range(k), average=None, zero_division=np.nan)
        np.testing.assert_allclose(record.recall, recall)
        np.testing.assert_allclose(record.precision, precision)
    if "weight" in case.info:
        weight = case.info["weight"][CUT:]
        expected = np.bincount(case.labels(train=False).astype(int), weight) / weight.sum()
        np.testing.assert_allclose(records[0, "valid"].weighted_share, expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["custom metric", "softprob", "weights"])
def test_replayed_classes_are_the_recorded_ones(name: str) -> None:
    found, case = recorded(name), CASES[name]
    weight = case.info["weight"][CUT:] if case.info else None
    log = found.run.replay(case.rows(train=False), case.labels(train=False), weight=weight).log
    ours = [r for r in found.run.data.classes if r.dataset == "valid"]
    for mine, other in zip(log, ours, strict=True):
        np.testing.assert_array_equal(mine.confusion, other.confusion)
        np.testing.assert_allclose(mine.mean_probability, other.mean_probability, rtol=1e-5)
        np.testing.assert_allclose(mine.label_weight, other.label_weight, rtol=1e-6)


NAMES = ["hist", "dart", "softprob", "parallel trees", "gblinear coord", "categories, partition", "sampling"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["early stopping", "schedule", "verbose", "before", "after"])
def test_same_bytes_beside_other_callbacks(name: str, how: str, capsys) -> None:
    def others():
        stop = xgb.callback.EarlyStopping(rounds=2, min_delta=0.05)
        schedule = xgb.callback.LearningRateScheduler(lambda epoch: 0.3 * 0.9**epoch)
        return [stop] if how in ("early stopping", "before", "after") else [schedule] if how == "schedule" else []

    more = {"verbose_eval": how == "verbose"}
    without, log, *_ = train(CASES[name], callbacks=others(), **more)
    said = capsys.readouterr().out
    callback = XGBoostCallback(quiet=True, actions=[StopTraining(on=["RC"])])
    mine = [*others(), callback] if how == "after" else [callback, *others()]
    booster, log_too, *_ = train(CASES[name], callbacks=mine, **more)
    assert raw_of(booster) == raw_of(without)
    assert log == log_too
    assert capsys.readouterr().out == said
    assert callback.run.n_rounds == booster.num_boosted_rounds() or name.startswith("gblinear")
    assert callback.run.n_rounds == len(log["valid"][next(iter(log["valid"]))])
