"""SHAP contributions as of any round, and what a replay fills in."""

import numpy as np
import pytest
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from tests.pictures.real_runs import amounts, binary, digits
from treedebug.api.boosted_run import Run
from treedebug.core.errors import ConfigError, NotRecordedError
from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.prediction_log import PredictionLog
from treedebug.pictures.error_by_label_bin import error_by_label_bin
from treedebug.pictures.residuals import residuals
from treedebug.pictures.roc import roc

ROWS = np.random.default_rng(1).normal(size=(40, 8))


@pytest.mark.parametrize("round_index", [None, 0, 17])
def test_contributions_add_up_to_the_score(round_index):
    run, booster, _ = binary()
    frame = run.contributions(ROWS, round_index=round_index)
    stop = 60 if round_index is None else round_index + 1
    score = booster.predict(xgb.DMatrix(ROWS), output_margin=True, iteration_range=(0, stop))
    assert list(frame.columns) == ["row", "feature", "value", "bias"]
    by_row = frame.groupby("row")
    np.testing.assert_allclose(by_row["value"].sum() + by_row["bias"].first(), score, atol=1e-4)


@pytest.mark.parametrize("make", [digits, amounts])
def test_of_several_classes_and_of_lightgbm(make):
    run = make()[0]
    x = np.random.default_rng(0).normal(size=(11, run.header.n_features))
    frame = run.contributions(x, round_index=4)
    by_row = frame.groupby(["row", "class"] if "class" in frame else ["row"])
    total = (by_row["value"].sum() + by_row["bias"].first()).to_numpy().reshape(11, -1)
    np.testing.assert_allclose(total, run.replay(x).margin(4), atol=1e-3)
    assert ("class" in frame) is (make is digits)


def test_the_swarm_shows_the_strongest_first():
    run, booster, _ = binary()
    picture = run.contribution_swarm(ROWS, round_index=30)
    size = booster.predict(xgb.DMatrix(ROWS), pred_contribs=True, iteration_range=(0, 31))
    mean = np.abs(size[:, :-1]).mean(axis=0)
    np.testing.assert_allclose(picture.mean_absolute, np.sort(mean)[::-1], rtol=1e-5)
    np.testing.assert_allclose(picture.contribution[0], size[:, mean.argmax()], rtol=1e-4, atol=1e-6)
    assert picture.features[0] == f"f{mean.argmax()}"
    top = ROWS[:, mean.argmax()]
    np.testing.assert_allclose(picture.level[0], top.argsort().argsort() / (len(top) - 1))


def test_what_changed_between_two_rounds():
    run = binary()[0]
    picture = run.contribution_change(ROWS, rounds=(3, 50))
    assert (picture.earlier_round, picture.later_round) == (3, 50)
    change = np.abs(picture.later - picture.earlier)
    assert (np.diff(change) <= 0).all()
    early = run.contribution_swarm(ROWS, round_index=3)
    at = early.features.index(picture.features[0])
    assert early.mean_absolute[at] == picture.earlier[0]


def test_what_there_is_not():
    run = binary()[0]
    with pytest.raises(ConfigError, match="has 1 output, counted from 0; got class 1"):
        run.contribution_swarm(ROWS, class_index=1)
    with pytest.raises(NotRecordedError, match="round 60 is not recorded"):
        run.contributions(ROWS, round_index=60)
    with pytest.raises(ConfigError, match="8 columns"):
        run.contributions(ROWS[:, :3])


def older(run):
    """A run as an earlier release recorded it."""
    data = Run(run.data).data
    data.drop_stream(PredictionLog)
    data.drop_stream(LabelErrorLog)
    return run


@pytest.fixture(autouse=True)
def own_runs():
    """Replays change the runs they are of: nobody else is to see these."""
    for make in (binary, amounts):
        make.cache_clear()
    yield
    for make in (binary, amounts):
        make.cache_clear()


def test_a_replay_fills_in_what_an_older_run_lacks():
    run, booster, dvalid = binary()
    x, y = dvalid.get_data().toarray(), dvalid.get_label()
    older(run)
    assert "run.replay(X, y)" in roc(run).reason
    run.replay(x, y)
    curves = roc(run).curves
    assert [(c.dataset, c.role, c.round_index) for c in curves] == [
        ("replay", "last", 59), ("replay", "best", run.data.evals.best_round()),
    ]  # fmt: skip
    for curve in curves:
        p = booster.predict(dvalid, iteration_range=(0, curve.round_index + 1))
        assert curve.area == pytest.approx(roc_auc_score(y, p), rel=1e-9)


def test_a_replay_of_amounts_has_errors_by_label():
    run, _ = amounts()
    recorded = error_by_label_bin(run).datasets[0]
    log = run.data.stream(PredictionLog)
    scores = log.of("valid")[-1].scores
    x, y = _valid_diabetes()
    older(run).replay(x, y)
    np.testing.assert_allclose(residuals(run).datasets[0].residual, (y - scores[:, 0])[: len(y)], atol=1e-3)
    again = error_by_label_bin(run).datasets[0]
    np.testing.assert_array_equal(again.rounds, recorded.rounds)
    np.testing.assert_allclose(again.mean_absolute_error, recorded.mean_absolute_error, rtol=1e-5)


def _valid_diabetes():
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True)
    return x[250:], y[250:]
