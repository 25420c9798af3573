"""What users really pass to LightGBM: odd names, odd metrics, odd labels, odd sets."""

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.recorders.lightgbm_matrix import BASE, train
from treedebug.core.errors import ConfigError
from treedebug.recorders.lightgbm.lightgbm_metrics import LearningRate, named_values, numbered

pytestmark = pytest.mark.filterwarnings("ignore")


def recorder(path=None, **kwargs):
    return treedebug.LightGBMCallback(path, quiet=True, **kwargs)


def sets(n=3, labels=None):
    rng = np.random.default_rng(5)
    parts = []
    for _ in range(n):
        X = rng.normal(size=(90, 3))
        score = X[:, 0] + rng.normal(size=90)
        parts.append((X, labels(score) if labels else score))
    data = lgb.Dataset(*parts[0])
    return [data, *(lgb.Dataset(*p, reference=data) for p in parts[1:])]


def fit(valid_sets, callback, *, train_set, params=None, **kwargs):
    log = {}
    callbacks = [callback, lgb.record_evaluation(log)]
    booster = lgb.train({**BASE, **(params or {})}, train_set, 5, valid_sets=valid_sets, callbacks=callbacks, **kwargs)
    return booster, log


def test_metrics_of_any_name_and_value(tmp_path):
    rounds = iter(range(100))

    def odd(prediction, data):
        return [
            ("-", np.float32(next(rounds)), True),
            ("größe", float("nan"), False),
            ("a b:c@d-e", float("inf"), True),
        ]

    trained = train("gbdt", [recorder(tmp_path)], feval=[odd, lambda p, d: ("none", None, None)])
    run = treedebug.load(tmp_path)
    evals = run.data.evals
    for metric in ("-", "größe", "a b:c@d-e"):
        np.testing.assert_array_equal(evals.series("valid", metric).values, trained.log["valid"][metric])
    assert np.isnan(evals.series("valid", "none").values).all()
    assert evals.higher_is_better("-") is True
    assert evals.higher_is_better("größe") is False
    assert not run.notes


def test_two_metrics_of_one_name(tmp_path):
    callback = recorder(tmp_path)
    train("gbdt", [callback], feval=lambda p, d: [("l2", 1.0, False), ("l2", 2.0, False)])
    assert callback.run.data.evals.metrics() == ["l2", "l2 (2)", "l2 (3)"]
    assert callback.run.data.evals.series("valid", "l2 (3)").values.tolist() == [2.0] * 7


def test_two_validation_sets_of_one_name():
    data, *valid = sets(labels=lambda s: (s > 0).astype(float))
    callback = recorder(classes_every=1)
    params = {"objective": "binary", "metric": ["auc", "binary_logloss"]}
    _, log = fit(valid, callback, train_set=data, params=params, valid_names=["v", "v"])
    evals = callback.run.data.evals
    assert evals.datasets() == ["v", "v (2)"]
    assert evals.series("v", "auc").values.tolist() == log["v"]["auc"][::2]
    assert evals.series("v (2)", "auc").values.tolist() == log["v"]["auc"][1::2]
    assert set(callback.run.header.data) == {"training", "v", "v (2)"}
    assert set(callback.run.data.classes.datasets()) == {"training", "v", "v (2)"}


@pytest.mark.parametrize("evaluated", [False, True])
def test_a_validation_set_named_like_the_training_set(evaluated):
    data, valid, _ = sets()
    given, names = ([data, valid], ["training", "training"]) if evaluated else ([valid], ["training"])
    callback = recorder()
    fit(given, callback, train_set=data, valid_names=names)
    run = callback.run
    training = {n for n, facts in run.header.data.items() if facts["is_training"]}
    assert training == ({"training"} if evaluated else {"(training data)"})
    assert run.data.evals.datasets() == (["training", "training (2)"] if evaluated else ["training"])
    assert run.data.evals.training == ({"training"} if evaluated else set())


@pytest.mark.parametrize("case", ["no validation set", "training set only"])
def test_few_sets(case, tmp_path):
    callback = recorder(tmp_path)
    train(case, [callback])
    assert callback.run.n_rounds == 7
    assert len(callback.run.trees) == 7
    report = treedebug.check(callback.run)
    assert not [r for r in report.verdict.findings if "crash" in r.message]


def test_names_are_kept_and_replay_goes_by_them(tmp_path):
    rng = np.random.default_rng(0)
    names = ["crédit net", "日本", "plain"]
    frame = pd.DataFrame(rng.normal(size=(120, 3)), columns=names)
    y = frame["plain"] * 2 + frame["crédit net"]
    callback = recorder(tmp_path)
    booster = lgb.train(BASE, lgb.Dataset(frame, y), 5, callbacks=[callback])
    run = treedebug.load(tmp_path)
    assert run.header.feature_names == booster.feature_name() == ["crédit_net", "日本", "plain"]
    assert set(run.importance()["feature"]) <= set(booster.feature_name())
    expected = booster.predict(frame)
    np.testing.assert_array_equal(run.replay(frame[names[::-1]]).margin(4)[:, 0], expected)


def test_replay_recodes_categories_as_the_booster_does(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"k": pd.Categorical(rng.choice(list("abcd"), 200)), "x": rng.normal(size=200)})
    y = frame["k"].cat.codes * 1.0 + frame["x"]
    booster = lgb.train({**BASE, "min_data_per_group": 5}, lgb.Dataset(frame, y), 5, callbacks=[recorder(tmp_path)])
    other = pd.DataFrame({"k": pd.Categorical(["d", "b", "z", None, "d"]), "x": [0.0, 1, 2, 3, 4]})
    run = treedebug.load(tmp_path)
    np.testing.assert_array_equal(run.replay(other).margin(4)[:, 0], booster.predict(other))
    texts = other.astype({"k": object})
    with pytest.raises(ConfigError, match="category"):
        run.replay(texts)


def test_labels_above_0_are_the_positive_class():
    data, valid, _ = sets(labels=lambda s: np.where(s > 0, 3.0, -2.0))
    callback = recorder(classes_every=1)
    fit([valid], callback, train_set=data, params={"objective": "binary"})
    label = valid.get_label() > 0
    assert callback.run.header.data["valid_0"]["label"]["counts"] == [int((~label).sum()), int(label.sum())]
    assert callback.run.data.classes.last("valid_0").confusion.sum(axis=1).tolist() == [(~label).sum(), label.sum()]
    assert not callback.run.notes


def test_a_string_of_a_learning_rate():
    callback = recorder()
    train("gbdt", [callback], params={"learning_rate": "0.05"})
    assert set(callback.run.rounds["learning_rate"]) == {0.05}


def test_of_several_spellings_the_one_set_last_holds():
    rate, params = LearningRate(), {"learning_rate": 0.1}
    assert rate.now(params) == 0.1
    params["eta"] = 0.2
    assert rate.now(params) == 0.2
    assert rate.now(params) == 0.2
    params["learning_rate"] = np.float32(0.5)
    assert rate.now(params) == 0.5
    assert np.isnan(LearningRate().now({}))


def test_numbered_names():
    assert numbered(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]
    results = [("v", "x", 1, True), ("v", "y", 2, False), ("v", "x", 3, True), ("v", "y", 4, False)]
    assert named_values(results, ["v", "v"])[0] == {
        ("v", "x"): 1.0, ("v", "y"): 2.0, ("v (2)", "x"): 3.0, ("v (2)", "y"): 4.0,
    }  # fmt: skip
    assert named_values([("v", "x", 1, None)], ["v"]) == ({("v", "x"): 1.0}, {})
