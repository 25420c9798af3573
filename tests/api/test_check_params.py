import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import ConfigError
from treedebug.engine.config import Config

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 5))
Y = (X[:, 0] > 0).astype(float)
SOUND = {"xgboost": {"objective": "binary:logistic", "eta": 0.1}, "lightgbm": {"objective": "binary", "eta": 0.1}}


def codes(params, data=(X, Y), **kwargs):
    report = treedebug.check_params(params, data, config=Config(), **{"num_boost_round": 100, **kwargs})
    assert not report.verdict.crashed
    assert report.kind == "parameters"
    return [f.code for f in report.findings]


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("form", ["arrays", "own", "none"])
def test_sound_parameters_are_left_alone(library, form):
    own = xgb.DMatrix(X, Y) if library == "xgboost" else lgb.Dataset(X, Y)
    data = {"arrays": (X, Y), "own": own, "none": None}[form]
    assert codes(SOUND[library], data, library=library) == []
    if form == "own":
        assert codes(SOUND[library], data) == [], "the data tells the library"


def test_what_is_wrong_is_said_before_any_round():
    params = [
        ("objective", "binary:logistic"),
        ("max_dept", 3),
        ("min_child_weight", 200),
        ("eta", 0.3),
        ("learning_rate", 0.1),
    ]
    assert set(codes(params, library="xgboost")) == {"HP501", "HP502", "HP506"}
    assert codes({"objective": "regression"}, lgb.Dataset(X, Y)) == ["HP505"]
    assert codes({"objective": "binary"}, lgb.Dataset(X, Y + (X[:, 1] > 1))) == ["HP505"]
    assert codes(SOUND["xgboost"], library="xgboost", num_boost_round=1000) == ["HP503"]
    assert codes({"eta": 0.001, "objective": "binary"}, library="lightgbm") == ["HP507"]
    assert codes({"eta": 0.1, "objective": "binary", "n_iter": 5}, library="lightgbm", num_boost_round=None) == [
        "HP507"
    ]


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_the_evaluated_data_counts(library):
    make = xgb.DMatrix if library == "xgboost" else lgb.Dataset
    train, valid = make(X[:300], Y[:300]), make(X[300:], Y[300:])
    stop = {"early_stopping_rounds": 10}
    assert codes(SOUND[library], train, evals=[(train, "train"), (valid, "valid")], **stop) == []
    assert codes(SOUND[library], train, evals=[(train, "train")], **stop) == ["HP504"]
    name, loss = ("eval_metric", "logloss") if library == "xgboost" else ("metric", "binary_logloss")
    weighed = {**SOUND[library], "scale_pos_weight": 9, name: loss}
    assert codes(weighed, train, evals=[(valid, "valid")], **stop) == ["CL409", "HP508"]  # even classes


def test_a_dataset_stays_unconstructed():
    data = lgb.Dataset(X, Y)
    codes(SOUND["lightgbm"], data)
    assert data._handle is None


def test_settings_of_the_check():
    assert codes({"max_dept": 3, "eta": 0.001}, library="xgboost", select=["HP501"]) == ["HP501"]
    assert "HP501" not in codes({"max_dept": 3}, library="xgboost", ignore=["HP501"])


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"data": (X, Y)}, 'library="xgboost"'),
        ({"data": (X, Y), "library": "catboost"}, "got 'catboost'"),
        ({"data": "train.csv", "library": "xgboost"}, "builtins.str"),
    ],
)
def test_what_cannot_be_made_out(kwargs, words):
    with pytest.raises(ConfigError, match=words):
        treedebug.check_params({}, **kwargs)


def test_the_callback_says_the_same_at_the_first_round():
    params = {"objective": "binary:logistic", "nthread": 1, "min_child_weight": 200}
    train = xgb.DMatrix(X, Y)
    seen = []

    class Look(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            seen.append([f.code for f in callback.run.findings])
            return False

    callback = treedebug.XGBoostCallback(None, quiet=True, config=Config(preview=True))
    xgb.train(params, train, 3, evals=[(train, "train")], callbacks=[callback, Look()], verbose_eval=False)
    assert "HP506" in seen[0]
    assert "HP506" in codes(params, train)
