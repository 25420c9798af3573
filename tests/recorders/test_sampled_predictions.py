"""Sampled predictions: those of the booster, after the last and the best round, the same live and loaded."""

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.boosters import halves, noisy_classes
from tests.recorded import smooth
from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.margin_log import kept_rows
from treedebug.core.run.prediction_log import MARGIN, MOST_ROWS, SCORE, VALUE, PredictionLog
from treedebug.recorders.prediction_meter import LabelErrors, PredictionMeter, ToldRows
from treedebug.testing.same_runs import fingerprint


def trained(path, params, train, valid, n_rounds=60, *, weight=None, **more):
    callback = treedebug.XGBoostCallback(path, quiet=True)
    dtrain, dvalid = xgb.DMatrix(*train), xgb.DMatrix(*valid, weight=weight)
    booster = xgb.train(
        {"nthread": 1, "verbosity": 0, **params}, dtrain, n_rounds, evals=[(dtrain, "train"), (dvalid, "valid")],
        callbacks=[callback], verbose_eval=False, **more,
    )  # fmt: skip
    return callback.run, booster, dvalid


def test_xgboosts_are_those_of_the_last_and_the_best_round(tmp_path):
    train, valid = halves(*noisy_classes(900, 6))
    weight = np.linspace(0.5, 2.0, len(valid[1]))
    run, booster, dvalid = trained(tmp_path / "run", {"objective": "binary:logistic"}, train, valid, weight=weight)
    log = run.data.stream(PredictionLog)
    assert log.datasets() == ["valid"]
    best, last = log.of("valid")
    assert (best.round_index, last.round_index) == (run.data.evals.best_round(), 59)
    for record in (best, last):
        assert record.scale == MARGIN
        expected = booster.predict(dvalid, output_margin=True, iteration_range=(0, record.round_index + 1))
        np.testing.assert_array_equal(record.scores[:, 0], expected)
    np.testing.assert_array_equal(log.rows["valid"].labels, valid[1])
    np.testing.assert_array_equal(log.rows["valid"].weights, weight.astype(np.float32))
    loaded = treedebug.load(tmp_path / "run").data
    assert fingerprint(loaded) == fingerprint(run.data)
    np.testing.assert_array_equal(loaded.stream(PredictionLog).rows["valid"].rows, np.arange(450))


def test_the_best_round_is_written_once_where_it_is_the_last(tmp_path):
    train, valid = halves(*noisy_classes(900, 6))
    run, *_ = trained(None, {"objective": "binary:logistic", "eta": 0.01}, train, valid, 7)
    assert [r.round_index for r in run.data.stream(PredictionLog)] == [6]


def test_a_long_prediction_is_not_made_again(monkeypatch):
    monkeypatch.setattr("treedebug.recorders.xgboost.xgboost_port.MOST_WORK", 10)
    train, valid = halves(*noisy_classes(900, 6))
    run, booster, dvalid = trained(None, {"objective": "binary:logistic"}, train, valid)
    best, _ = run.data.stream(PredictionLog).of("valid")
    assert abs(best.round_index - run.data.evals.best_round()) <= 10
    expected = booster.predict(dvalid, output_margin=True, iteration_range=(0, best.round_index + 1))
    np.testing.assert_array_equal(best.scores[:, 0], expected)


@pytest.mark.parametrize(
    ("params", "scale"),
    [
        ({"objective": "binary"}, MARGIN), ({"objective": "multiclass", "num_class": 3}, MARGIN),
        ({"objective": "multiclassova", "num_class": 3}, "probability"), ({"objective": "regression"}, VALUE),
        ({"objective": "poisson"}, VALUE), ({"objective": "quantile"}, SCORE),
    ],
)  # fmt: skip
def test_lightgbms_are_those_of_the_booster(params, scale, tmp_path):
    x, y = smooth(800, level=5.0)
    y = (y > 5.0).astype(float) + (y > 7.0) * ("num_class" in params) if "binary" in str(params) or "multi" in str(
        params) else np.abs(y)  # fmt: skip
    callback = treedebug.LightGBMCallback(tmp_path / "run", quiet=True)
    train = lgb.Dataset(x[:400], y[:400])
    valid = train.create_valid(x[400:], y[400:])
    booster = lgb.train(
        {"num_threads": 1, "verbosity": -1, **params}, train, 15, valid_sets=[train, valid],
        valid_names=["train", "valid"], callbacks=[callback],
    )  # fmt: skip
    record = callback.run.data.stream(PredictionLog).of("valid")[-1]
    assert (record.scale, record.round_index) == (scale, 14)
    p = booster.predict(x[400:]).reshape(400, -1)
    scores = record.scores.astype(float)
    if scale == MARGIN and scores.shape[1] == 1:
        scores = 1.0 / (1.0 + np.exp(-scores))
    elif scale == MARGIN:
        scores = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores, p, rtol=1e-4, atol=1e-6)
    assert fingerprint(treedebug.load(tmp_path / "run").data) == fingerprint(callback.run.data)


def test_errors_by_label_are_recorded_at_the_rounds_of_class_balance():
    x, y = smooth(800)
    run, booster, dvalid = trained(None, {"max_depth": 3}, (x[:400], y[:400]), (x[400:], y[400:]))
    records = run.data.stream(LabelErrorLog).of("valid")
    assert [r.round_index for r in records] == [0, 1, 2, 3, 4, 9, 19, 39, 59]
    p, y = booster.predict(dvalid, iteration_range=(0, 10)).astype(float), dvalid.get_label().astype(float)
    place = np.searchsorted(records[5].edges[1:-1], y, side="right")
    np.testing.assert_allclose(records[5].mean_error, [(p - y)[place == i].mean() for i in range(8)], atol=1e-6)


@pytest.mark.parametrize("params", [{"booster": "dart", "rate_drop": 0.3}, {"booster": "gblinear"}])
def test_boosters_that_change_what_they_built(params):
    train, valid = halves(*noisy_classes(600, 6))
    run, booster, dvalid = trained(None, {"objective": "binary:logistic", **params}, train, valid, 20)
    last = run.data.stream(PredictionLog).of("valid")[-1]
    np.testing.assert_allclose(last.scores[:, 0], booster.predict(dvalid, output_margin=True), rtol=1e-6)


def test_training_data_alone_is_sampled():
    train, _ = halves(*noisy_classes(600, 6))
    callback = treedebug.XGBoostCallback(None, quiet=True)
    dtrain = xgb.DMatrix(*train)
    xgb.train({"objective": "binary:logistic"}, dtrain, 5, evals=[(dtrain, "train")], callbacks=[callback],
              verbose_eval=False)  # fmt: skip
    assert callback.run.data.stream(PredictionLog).datasets() == ["train"]


def test_a_custom_objective_has_scores_and_no_pictures():
    train, valid = halves(*noisy_classes(600, 6))
    run, *_ = trained(None, {}, train, valid, 5, obj=lambda p, d: (p - d.get_label(), np.ones_like(p)))
    assert {r.scale for r in run.data.stream(PredictionLog)} == {SCORE}


def test_rows_and_queries_are_bounded():
    meter = PredictionMeter("valid", ToldRows(100_000, np.arange(100_000)))
    assert len(meter.rows.labels) == MOST_ROWS
    np.testing.assert_array_equal(meter.rows.rows, kept_rows(100_000, MOST_ROWS))
    np.testing.assert_array_equal(meter.kept(np.arange(100_000.0))[:, 0], meter.rows.rows)
    many = PredictionMeter("valid", ToldRows(50_000, np.arange(50_000) % 100), n_classes=100)
    assert len(many.rows.labels) == 4000
    sizes = np.random.default_rng(0).integers(1, 50, 4000)
    n = int(sizes.sum())
    ranked = PredictionMeter("valid", ToldRows(n, np.zeros(n), query_sizes=sizes)).rows
    assert MOST_ROWS * 0.9 < len(ranked.labels) <= MOST_ROWS
    starts = dict(zip((np.cumsum(sizes) - sizes).tolist(), sizes.tolist(), strict=True))
    assert all(starts[s] == k for s, k in zip(ranked.query_starts.tolist(), ranked.query_sizes.tolist(), strict=True))
    assert len(ranked.rows) == len(ranked.labels)
    assert (np.diff(ranked.rows) > 0).all()


@pytest.mark.parametrize("label", [None, [], [1.0, 2.0], [[1.0], [2.0], [3.0]], [0.0, 1.0, 7.0], [0.0, 0.5, 1.0]])
def test_labels_that_are_no_column_of_classes(label):
    with pytest.raises(ValueError, match="are not recorded"):
        PredictionMeter("valid", ToldRows(3, label), n_classes=2)


@pytest.mark.parametrize("labels", [[2.0] * 9, [np.nan] * 9, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 5.0]])
def test_labels_that_hardly_differ_have_few_bins(labels):
    rows = PredictionMeter("valid", ToldRows(9, labels)).rows
    found = LabelErrors(rows)
    assert len(found.edges) in (0, 2, 3)
