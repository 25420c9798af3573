"""Replaying a run on tables as users have them: as the booster predicts, or one clear error."""

from __future__ import annotations

import re

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import xgboost as xgb

import treedebug
from treedebug.api.replay_metrics import METRICS
from treedebug.core.errors import ConfigError, NotRecordedError


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=1e-7)


def recoded(X):
    X = X.copy()
    X["colour"] = X["colour"].cat.reorder_categories(["green", "blue", "red"])
    X["shop"] = X["shop"].cat.reorder_categories([11, 3, 7])
    return X


def missing(X):
    X = X.copy()
    X["colour"] = pd.Categorical(
        X["colour"].astype(object).where(X["colour"] != "red", None), categories=["blue", "green"]
    )
    X.loc[::3, "size"] = np.nan
    return X


def extension(X):
    X = X.assign(size=X["size"].astype("Float64"), new=X["new"].astype("boolean"))
    X.loc[3, "size"] = pd.NA
    return X


def strings(X):
    return X.assign(colour=X["colour"].astype("string").astype("category"))


@pytest.mark.parametrize("change", [lambda X: X, recoded, missing, extension, strings, lambda X: X.iloc[:1]])
def test_frames_as_the_booster_takes_them(change, trained, mixed):
    _, _, run, predict = trained
    X = change(mixed[0])
    close(run.replay(X).prediction(6), predict(X))


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X[["new", "shop", "size", "colour"]],
        lambda X: X.assign(extra="text", date=pd.Timestamp("2026-01-01")),
        lambda X: pd.concat([X, X["size"].rename("other"), X["size"].rename("other")], axis=1),
    ],
)
def test_columns_are_found_by_name(change, trained, mixed):
    _, _, run, predict = trained
    close(run.replay(change(mixed[0])).prediction(6), predict(mixed[0]))


def test_codes_of_the_training_in_an_array(trained, mixed):
    _, _, run, predict = trained
    X = mixed[0]
    codes = np.column_stack([X["size"], X["colour"].cat.codes, X["shop"].cat.codes, X["new"]]).astype(float)
    close(run.replay(codes).prediction(6), predict(X))


def test_an_unknown_category(trained, mixed):
    library, _, run, predict = trained
    X = mixed[0].assign(colour=mixed[0]["colour"].cat.rename_categories({"red": "pink"}))
    if library == "lightgbm":  # it takes them for missing
        close(run.replay(X).prediction(6), predict(X))
        return
    with pytest.raises(ConfigError, match=r"'colour' has the category 'pink'.*it had 'red', 'green', 'blue'"):
        run.replay(X)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda X: X.drop(columns="size"), "X lacks 1 of the 4 columns the booster was trained on: 'size'"),
        (lambda X: X.rename(columns={"size": "Size"}), "'size'; it has 'Size', 'colour'"),
        (lambda X: pd.concat([X, X[["size"]]], axis=1), "more than one column of the name 'size'"),
        (lambda X: X.assign(colour=X["colour"].astype(object)), "category"),
        (lambda X: X.assign(shop=X["shop"].astype(int)), "category"),
        (lambda X: X.assign(size="a"), "column 'size' is of dtype .*: expected numbers, booleans or categories"),
        (lambda X: X.assign(size=pd.Timestamp("2026-01-01")), "'size' is of dtype datetime"),
    ],
)
def test_frames_that_are_not_those_of_the_training(change, words, trained, mixed):
    with pytest.raises(ConfigError, match=words):
        trained[2].replay(change(mixed[0]))


def test_any_frame_with_columns(trained, mixed):
    """Such as a polars one: by name, too."""

    class Frame:
        def __init__(self, frame):
            self.frame, self.columns = frame, list(frame.columns)

        def __getitem__(self, name):
            return self.frame[name]

    _, _, run, _ = trained
    codes = mixed[0].assign(colour=mixed[0]["colour"].cat.codes, shop=mixed[0]["shop"].cat.codes)
    if run.header.library == "xgboost":
        with pytest.raises(ConfigError, match="make it a category again"):
            run.replay(Frame(codes))
    else:
        with pytest.raises(ConfigError, match="2 columns of dtype category, X has 0"):
            run.replay(Frame(codes))


def test_categories_beyond_ascii():
    """XGBoost 3.2 cuts such names at the wrong bytes: what it mixes up must be refused, not predicted otherwise."""
    rng = np.random.default_rng(0)
    kinds = ["rot", "grün", "blau", "weiß"]
    X = pd.DataFrame({"a": rng.normal(size=90), "c": pd.Categorical(rng.choice(kinds, 90), categories=kinds)})
    callback = treedebug.XGBoostCallback(quiet=True)
    data = xgb.DMatrix(X, (X["c"] == "blau") + 0.5 * (X["c"] == "rot") + X["a"], enable_categorical=True)
    booster = xgb.train({"nthread": 1, "max_depth": 3}, data, 4, callbacks=[callback], verbose_eval=False)
    close(callback.run.replay(X).prediction(3), booster.predict(data))
    other = X.assign(c=X["c"].cat.reorder_categories(["weiß", "blau", "grün", "rot"]))
    with pytest.raises(ConfigError, match="which the training data had not"):
        callback.run.replay(other)


# -- arrays ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [sp.csr_matrix, sp.csc_matrix, sp.coo_matrix, sp.lil_matrix])
def test_sparse_tables(kind, plain):
    """Absent entries are missing to XGBoost and zero to LightGBM."""
    _, _, run, X, _, predict = plain
    table = kind(X)
    close(run.replay(table).prediction(5), predict(table.tocsr()))


def test_an_explicit_zero_is_a_zero(plain):
    _, _, run, X, _, predict = plain
    table = sp.csr_matrix(X + 1.0)
    table.data -= 1.0
    close(run.replay(table).prediction(5), predict(table))
    close(run.replay(table).prediction(5), predict(X))


@pytest.mark.parametrize("change", [np.asarray, np.float32, lambda X: X.tolist(), pd.DataFrame, np.asfortranarray])
def test_dense_tables(change, plain):
    _, _, run, X, _, predict = plain
    with_nan = np.where(X > 1.5, np.nan, X)
    close(run.replay(change(with_nan)).prediction(5), predict(np.asarray(change(with_nan))))


def test_a_frame_for_a_booster_without_names_goes_by_position(plain):
    _, _, run, X, _, predict = plain
    close(run.replay(pd.DataFrame(X, columns=list("abcd"))).prediction(5), predict(X))


def test_a_dmatrix(plain):
    library, _, run, X, _, predict = plain
    if library == "xgboost":
        close(run.replay(xgb.DMatrix(X)).prediction(5), predict(X))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (np.ones((5, 3)), r"a table of 4 columns, as the booster was trained on; got shape \(5, 3\)"),
        (np.ones(4), r"got shape \(4,\)"),
        (np.ones((2, 4, 1)), r"got shape \(2, 4, 1\)"),
        (pd.DataFrame(np.ones((5, 3))), r"got shape \(5, 3\)"),
        (None, "expected a table .* got None"),
        ("X.csv", "table of numbers .* got 'X.csv'"),
        ([[1, 2], [3]], "table of numbers"),
        ([["a", "b", "c", "d"]], "table of numbers"),
        (lgb.Dataset(np.ones((5, 4))), "not a lightgbm.Dataset"),
    ],
)
def test_what_is_no_table(table, words, plain):
    with pytest.raises(ConfigError, match=words):
        plain[2].replay(table)


def test_no_rows(plain):
    replay = plain[2].replay(np.empty((0, 4)))
    assert replay.margin(0).shape == (0, 1)


# -- labels and metrics ------------------------------------------------------------------------------------------------


def test_every_round_as_recorded(plain):
    _, _, run, X, y, _ = plain
    replay = run.replay(X, y, metrics="logloss")
    recorded = run.metrics.query("metric in ('logloss', 'binary_logloss')")["value"]
    np.testing.assert_allclose(replay.metrics["value"], recorded, rtol=1e-5)
    assert replay.metrics["round_index"].tolist() == list(range(6))
    pd.testing.assert_frame_equal(
        replay.classes.drop(columns=["dataset", "mean_probability"]),
        run.classes.drop(columns=["dataset", "mean_probability"]), check_dtype=False,
    )  # fmt: skip


def test_labels_may_be_a_column(plain):
    _, _, run, X, y, _ = plain
    wanted = run.replay(X, y).metrics
    for label in (y[:, None], pd.DataFrame({"y": y}), pd.Series(y, dtype="Int64"), y.astype(bool), y.tolist()):
        pd.testing.assert_frame_equal(run.replay(X, label).metrics, wanted)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"y": np.ones(3)}, r"X has 120 rows, but y has shape \(3,\): give one entry a row"),
        ({"y": 1.0}, "y has shape"),
        ({"y": ["yes"] * 120}, "y must be numbers, as in training"),
        ({"y": np.full(120, 2.0)}, "whole numbers from 0 to 1"),
        ({"y": np.full(120, np.nan)}, "whole numbers from 0 to 1"),
        ({"y": np.ones(120), "weight": np.ones(2)}, "weight has shape"),
        ({"metrics": ["auc"]}, "metrics need labels"),
        ({"y": np.ones(120), "metrics": ["aucc"]}, "Did you mean 'auc'?"),
        ({"y": np.ones(120), "metrics": [print]}, "replay knows the metrics"),
        ({"y": np.ones(120), "metrics": {"mine": 3}}, "must be a function"),
    ],
)
def test_labels_and_metrics_that_cannot_be(arguments, words, plain):
    with pytest.raises(ConfigError, match=words.replace("?", r"\?")):
        plain[2].replay(plain[3], **arguments)


def test_metrics_of_the_user(plain):
    _, _, run, X, y, _ = plain
    found = run.replay(X, y, metrics={"above": lambda y, p: (p > 0.5).mean(), "n": lambda y, p: len(y)}).metrics
    assert found["metric"].tolist() == ["above", "n"] * 6
    assert set(found.query("metric == 'n'")["value"]) == {120.0}


def test_a_round_that_is_not_there(plain):
    replay = plain[2].replay(plain[3])
    for wrong in (-1, 6):
        with pytest.raises(NotRecordedError, match=f"round {wrong} "):
            replay.margin(wrong)
    with pytest.raises(NotRecordedError, match=re.escape("run.replay(X, y)")):
        replay.confusion(0)
    assert replay.metrics.empty
    assert replay.classes.empty


def test_metrics_against_scikit_learn():
    from sklearn import metrics as sk

    rng = np.random.default_rng(0)
    y, p = (rng.random(60) > 0.4).astype(float), rng.random(60).round(1).clip(0.1, 0.9)
    many, shares = rng.integers(0, 3, 60).astype(float), rng.dirichlet([1, 1, 1], 60)
    for w in (np.ones(60), rng.random(60), rng.integers(0, 2, 60).astype(float)):
        named = {
            "logloss": (y, p, sk.log_loss(y, p, sample_weight=w)),
            "error": (y, p, 1 - sk.accuracy_score(y, p > 0.5, sample_weight=w)),
            "auc": (y, p, sk.roc_auc_score(y, p, sample_weight=w)),
            "mlogloss": (many, shares, sk.log_loss(many, shares, sample_weight=w)),
            "merror": (many, shares, 1 - sk.accuracy_score(many, shares.argmax(1), sample_weight=w)),
            "rmse": (y, p, sk.root_mean_squared_error(y, p, sample_weight=w)),
            "mae": (y, p, sk.mean_absolute_error(y, p, sample_weight=w)),
        }
        assert named.keys() == METRICS.keys()
        for name, (label, prediction, wanted) in named.items():
            assert METRICS[name](label, prediction, w) == pytest.approx(wanted), name
    assert np.isnan(METRICS["auc"](np.ones(3), np.ones(3), np.ones(3)))


def test_weights_count_in_the_metrics(plain):
    _, _, run, X, y, _ = plain
    twice = np.where(np.arange(120) < 60, 2.0, 1.0)
    again = run.replay(np.vstack([X, X[:60]]), np.concatenate([y, y[:60]])).metrics
    np.testing.assert_allclose(run.replay(X, y, weight=twice).metrics["value"], again["value"])


def test_nothing_to_replay():
    callback = treedebug.XGBoostCallback(quiet=True)
    data = xgb.DMatrix(np.ones((5, 2)), np.arange(5.0))
    xgb.train({"booster": "gblinear", "nthread": 1}, data, 2, callbacks=[callback], verbose_eval=False)
    with pytest.raises(NotRecordedError, match="gblinear"):
        callback.run.replay(np.ones((5, 2)))
