"""`slim` on small boosters of both libraries: smaller, no worse on validation, read by the library, or refused."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import ConfigError, FormatError
from treedebug.cure.model_source import source_of
from treedebug.cure.slim import child
from treedebug.cure.slim.model_file import last_margin
from treedebug.readers.lightgbm import lightgbm_reader

RNG = np.random.default_rng(3)
N = 700
X = RNG.normal(size=(N, 5))
X[:, 3] = RNG.integers(0, 8, N)
X[RNG.random(X.shape) < 0.06] = np.nan
SIGNAL = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 3] % 3) - 1 + RNG.normal(size=N)
LABELS = {
    "two": (SIGNAL > 0).astype(float), "three": np.digitize(SIGNAL, [-0.7, 0.7]).astype(float), "number": SIGNAL,
    "count": np.floor(np.exp(np.clip(SIGNAL, -3, 2))),
}  # fmt: skip
TRAIN, VALID, NEW = slice(0, 350), slice(350, 600), slice(600, N)

XGBOOST = {
    "two classes": ("two", {"objective": "binary:logistic"}),
    "weighted": ("two", {"objective": "binary:logistic", "scale_pos_weight": 2.0}),
    "three classes": ("three", {"objective": "multi:softprob", "num_class": 3}),
    "numbers": ("number", {"objective": "reg:squarederror"}),
    "counts": ("count", {"objective": "count:poisson"}),
    "categories": ("number", {"objective": "reg:squarederror", "max_cat_to_onehot": 1}),
    "forest": ("two", {"objective": "binary:logistic", "num_parallel_tree": 3, "subsample": 0.6}),
    "monotone": ("number", {"monotone_constraints": "(1,0,0,0,0)"}),
}
LIGHTGBM = {
    "two classes": ("two", {"objective": "binary"}),
    "unbalanced": ("two", {"objective": "binary", "is_unbalance": True}),
    "three classes": ("three", {"objective": "multiclass", "num_class": 3}),
    "numbers": ("number", {"objective": "regression"}),
    "counts": ("count", {"objective": "poisson"}),
    "categories": ("number", {"objective": "regression", "max_cat_to_onehot": 1, "min_data_per_group": 5}),
    "forest": ("two", {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}),
    "dart": ("number", {"objective": "regression", "boosting": "dart", "drop_rate": 0.4}),
    "monotone": ("number", {"objective": "regression", "monotone_constraints": [1, 0, 0, 0, 0]}),
}


def boosters() -> list[tuple[str, str]]:
    return [("xgboost", n) for n in XGBOOST] + [("lightgbm", n) for n in LIGHTGBM]


def trained(library: str, name: str, n_rounds: int = 30) -> tuple[object, np.ndarray]:
    label, params = (XGBOOST if library == "xgboost" else LIGHTGBM)[name]
    y = LABELS[label]
    if library == "xgboost":
        types = ["q", "q", "q", "c" if name == "categories" else "q", "q"]
        data = xgb.DMatrix(X[TRAIN], y[TRAIN], feature_types=types, enable_categorical=True)
        return xgb.train({"nthread": 1, "max_depth": 5, "eta": 0.4, **params}, data, n_rounds), y
    columns = [3] if name == "categories" else "auto"
    data = lgb.Dataset(X[TRAIN], y[TRAIN], categorical_feature=columns)
    quiet = {"verbosity": -1, "num_threads": 1, "num_leaves": 20, "learning_rate": 0.3, "min_data_in_leaf": 3}
    return lgb.train({**quiet, **params}, data, n_rounds), y


def slimmed(booster: object, y: np.ndarray, **more: object) -> treedebug.Slimmed:
    return treedebug.slim(booster, valid=(X[VALID], y[VALID]), data=(X[TRAIN], y[TRAIN]), **more)


@pytest.fixture(autouse=True)
def unasked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for each case costs a second; `test_the_library_answers` starts them."""
    if "library_answers" not in request.node.name:
        monkeypatch.setattr("treedebug.cure.slim.slim.checked", lambda *_: None)


@pytest.mark.parametrize(("library", "name"), boosters())
def test_it_is_smaller_and_the_library_predicts_what_was_computed(library: str, name: str) -> None:
    booster, y = trained(library, name)
    found = slimmed(booster, y)
    assert found.after.n_leaves < found.before.n_leaves
    assert found.after.loss <= found.stopped.loss
    small = source_of(found.booster)
    ours = last_margin(small, X[NEW])
    if library == "xgboost":
        types = found.booster.feature_types
        theirs = found.booster.predict(xgb.DMatrix(X[NEW], feature_types=types), output_margin=True)
    else:
        theirs = found.booster.predict(X[NEW], raw_score=True) / (found.after.n_rounds if name == "forest" else 1)
    np.testing.assert_allclose(ours, np.reshape(theirs, ours.shape), atol=1e-6 if library == "xgboost" else 1e-12)
    loss = found.loss_name
    assert found.after.loss == pytest.approx(mean_loss(loss, last_margin(small, X[VALID]), y[VALID]), rel=2e-3)


def mean_loss(name: str, margin: np.ndarray, y: np.ndarray) -> float:
    if name == "squared error":
        return float(((margin[:, 0] - y) ** 2).mean())
    if name == "Poisson loss":
        mu = np.exp(margin[:, 0])
        return float((mu - y * margin[:, 0] + np.where(y > 0, y * np.log(np.maximum(y, 1e-9)) - y, 0)).mean())
    if margin.shape[1] == 1:
        margin = np.column_stack([np.zeros(len(y)), margin])
    p = np.exp(margin - margin.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return float(-np.log(p[np.arange(len(y)), y.astype(int)]).mean())


@pytest.mark.parametrize(("library", "suffix"), [("xgboost", "ubj"), ("xgboost", "json"), ("lightgbm", "txt")])
def test_the_library_answers_for_the_file(library: str, suffix: str, tmp_path) -> None:
    booster, y = trained(library, "categories")
    path = tmp_path / f"small.{suffix}"
    found = slimmed(booster, y, out=path)
    assert path.read_bytes() == found.raw
    assert (path.read_bytes()[1:2] == b'"') == (suffix == "json")
    assert "read back by" in str(found)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_monotone_constraints_hold(library: str) -> None:
    booster, y = trained(library, "monotone")
    constraint = {} if library == "lightgbm" else {"monotone": None}
    run_params = {"monotone_constraints": "(1,0,0,0,0)"}
    source = source_of(booster)
    source.run.header.params |= run_params
    found = slimmed(source.run, y)
    rows = np.repeat(np.nan_to_num(X[NEW])[:40], 30, axis=0)
    rows[:, 0] = np.tile(np.linspace(-3, 3, 30), 40)
    margin = last_margin(source_of(found.booster), rows)[:, 0].reshape(40, 30)
    assert (np.diff(margin, axis=1) >= -1e-6).all(), constraint


def test_a_forest_of_lightgbm_is_still_an_average() -> None:
    booster, y = trained("lightgbm", "forest")
    found = slimmed(booster, y)
    assert lightgbm_reader.facts(found.raw).average_output


def test_without_training_rows_it_is_only_cut() -> None:
    booster, y = trained("xgboost", "two classes", 60)
    found = treedebug.slim(booster, valid=(X[VALID], y[VALID]))
    assert found.method.startswith("cut after round")
    assert found.after.n_leaves <= found.stopped.n_leaves < found.before.n_leaves


def test_fewer_digits_move_no_threshold_to_speak_of() -> None:
    booster, y = trained("lightgbm", "numbers")
    small = treedebug.slim(booster, valid=(X[VALID], y[VALID]))
    new = np.nan_to_num(np.random.default_rng(8).normal(size=(4000, 5)))
    before = booster.predict(new, num_iteration=small.after.n_rounds, raw_score=True)
    after = lgb.Booster(model_str=small.raw.decode()).predict(new, raw_score=True)
    assert small.after.n_bytes < small.stopped.n_bytes
    assert (np.abs(after - before) > 0.001 * before.std()).mean() < 0.02  # 0.06 with any number between the two values


def test_features_without_a_split_are_left_out_on_request() -> None:
    y = np.nan_to_num(X[:, 0]) + 0.1 * RNG.normal(size=N)
    names = [f"x{i}" for i in range(5)]
    data = xgb.DMatrix(X[TRAIN], y[TRAIN], feature_names=names)
    booster = xgb.train({"nthread": 1, "max_depth": 4, "gamma": 0.5}, data, 20)
    found = slimmed(booster, y, drop_unused=True, keep=["x4"])
    assert found.columns is not None
    assert {0, 4} <= set(found.columns)
    assert len(found.columns) < 5
    assert found.booster.feature_names == [names[c] for c in found.columns]
    with pytest.raises(ConfigError, match="nonsense"):
        slimmed(booster, y, drop_unused=True, keep=["nonsense"])


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"booster": "dart"}, "DART"), ({"objective": "reg:absoluteerror"}, "quantile"),
        ({"multi_strategy": "multi_output_tree"}, "targets"),
    ],
)  # fmt: skip
def test_what_xgboost_trains_otherwise_is_refused(params: dict, reason: str) -> None:
    y = np.column_stack([SIGNAL, SIGNAL]) if "multi_strategy" in params else SIGNAL
    booster = xgb.train({"nthread": 1, **params}, xgb.DMatrix(X[TRAIN], y[TRAIN]), 3)
    with pytest.raises(ConfigError, match=reason):
        slimmed(booster, SIGNAL)


@pytest.mark.parametrize(
    ("params", "reason"), [({"linear_tree": True}, "linear trees"), ({"objective": "quantile"}, "quantile")]
)
def test_what_lightgbm_trains_otherwise_is_refused(params: dict, reason: str) -> None:
    booster = lgb.train({"verbosity": -1, "num_threads": 1, **params}, lgb.Dataset(X[TRAIN], SIGNAL[TRAIN]), 3)
    with pytest.raises(ConfigError, match=reason):
        slimmed(booster, SIGNAL)


def test_a_small_validation_set_is_refused_and_rows_of_training_are_left_out() -> None:
    booster, y = trained("xgboost", "two classes", 20)
    with pytest.raises(ConfigError, match="90 rows; below 100"):
        treedebug.slim(booster, valid=(X[350:440], y[350:440]), data=(X[TRAIN], y[TRAIN]))
    rare = np.where(np.arange(N) % 50 == 0, 1.0, 0.0)
    with pytest.raises(ConfigError, match="5 rows of class 1"):
        treedebug.slim(booster, valid=(X[VALID], rare[VALID]), data=(X[TRAIN], y[TRAIN]))
    mixed = (np.concatenate([X[VALID], X[:30]]), np.concatenate([y[VALID], y[:30]]))
    found = treedebug.slim(booster, valid=mixed, data=(X[TRAIN], y[TRAIN]))
    assert found.n_valid == 250
    assert "30 of 280 rows of valid stand in data" in str(found)


def test_a_model_that_the_library_cannot_read_is_not_handed_over(tmp_path) -> None:
    path = tmp_path / "broken.ubj"
    path.write_bytes(b"{L")
    with pytest.raises(FormatError, match="nothing is handed over"):
        child.check_file(path, "xgboost", X[:5], np.zeros((5, 1)))
    booster, _ = trained("xgboost", "numbers", 2)
    good = tmp_path / "good.ubj"
    booster.save_model(good)
    with pytest.raises(FormatError, match="beside what was computed"):
        child.check_file(good, "xgboost", X[:5], np.full((5, 1), 7.0))


def test_a_frame_with_categories_and_texts_as_labels(tmp_path) -> None:
    frame = pd.DataFrame(
        {"a": np.nan_to_num(X[:, 0]), "b": pd.Categorical(np.nan_to_num(X[:, 3]).astype(int).astype(str))}
    )
    y = np.where(SIGNAL > 0, "yes", "no")
    model = xgb.XGBClassifier(n_estimators=25, n_jobs=1, enable_categorical=True, max_cat_to_onehot=1)
    model.fit(frame[:350], (SIGNAL[:350] > 0).astype(int))
    found = treedebug.slim(
        model, valid=(frame[350:600], y[350:600]), data=(frame[:350], y[:350]), out=tmp_path / "m.ubj"
    )
    assert found.after.n_leaves < found.before.n_leaves
