"""Pictures of predictions agree with scikit-learn, on the rows that were recorded."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score, r2_score, roc_auc_score, roc_curve

from tests.pictures.real_runs import amounts, binary, digits, ranking
from treedebug.core.run.prediction_log import VALUE, PredictionLog
from treedebug.core.run.run_data import Header, RunData
from treedebug.pictures.calibration import calibration, wilson
from treedebug.pictures.error_by_label_bin import error_by_label_bin
from treedebug.pictures.gallery import OF_A_RUN
from treedebug.pictures.picture import NoPicture
from treedebug.pictures.predicted import predicted, probabilities
from treedebug.pictures.ranking_by_query_size import query_ndcg, ranking_by_query_size
from treedebug.pictures.residuals import predicted_vs_true, residuals
from treedebug.pictures.roc import precision_recall, roc
from treedebug.pictures.score_histogram import score_histogram


def test_curves_of_two_classes_are_scikit_learns():
    run, booster, dvalid = binary()
    y = dvalid.get_label()
    for curve, ap in zip(roc(run).curves, precision_recall(run).curves, strict=True):
        p = booster.predict(dvalid, iteration_range=(0, curve.round_index + 1))
        assert curve.area == pytest.approx(roc_auc_score(y, p), rel=1e-9)
        assert ap.area == pytest.approx(average_precision_score(y, p), rel=1e-9)
        x, t, _ = roc_curve(y, p, drop_intermediate=False)
        points = set(zip(x.round(9), t.round(9), strict=True))
        assert set(zip(curve.x.round(9), curve.y.round(9), strict=True)) <= points
        at = (p > 0.5) & (y == 1)
        assert curve.half[1] == pytest.approx(at.sum() / (y == 1).sum())
    assert [c.role for c in roc(run).curves] == ["last", "best"]
    assert roc(run).curves[1].round_index == run.data.evals.best_round()


def test_curves_of_ten_classes_are_the_worst_ones():
    run, booster, dvalid = digits()
    y, p = dvalid.get_label(), booster.predict(dvalid)
    last = [c for c in roc(run).curves if c.role == "last"]
    for curve in last:
        assert curve.area == pytest.approx(roc_auc_score(y == curve.class_index, p[:, curve.class_index]), rel=1e-6)
    recall = {c: (p[y == c].argmax(axis=1) == c).mean() for c in range(10)}
    assert {c.class_index for c in last} == set(sorted(recall, key=recall.get)[:6])


def test_bins_of_calibration_hold_every_row():
    run, booster, dvalid = binary()
    y, p = dvalid.get_label(), booster.predict(dvalid)
    curve = calibration(run).curves[0]
    assert curve.n_rows.sum() == len(y)
    assert (curve.predicted * curve.n_rows).sum() == pytest.approx(p.sum(), rel=1e-5)
    assert (curve.observed * curve.n_rows).sum() == pytest.approx(y.sum())
    assert ((curve.low <= curve.observed) & (curve.observed <= curve.high)).all()


def test_wilsons_interval():
    low, high = wilson(np.array([0.0, 0.5]), np.array([10, 100]))
    assert low[0] == 0.0
    assert high[0] == pytest.approx(0.2775, abs=1e-4)
    assert (low[1], high[1]) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))


def test_the_histogram_counts_every_row_once():
    run, booster, dvalid = binary()
    y, p = dvalid.get_label(), booster.predict(dvalid)
    shown = score_histogram(run).histograms[0]
    assert shown.counts.sum(axis=1).tolist() == [(y == 0).sum(), (y == 1).sum()]
    np.testing.assert_array_equal(shown.counts[1], np.histogram(p[y == 1].astype(float), shown.edges)[0])
    assert score_histogram(digits()[0]).histograms[0].classes == (-1,)


def test_residuals_are_label_less_prediction():
    run, _ = amounts()
    log = run.data.stream(PredictionLog)
    y, p = log.rows["valid"].labels.astype(float), log.of("valid")[-1].scores[:, 0].astype(float)
    shown, against = residuals(run).datasets[0], predicted_vs_true(run).datasets[0]
    np.testing.assert_allclose(shown.residual, y - p)
    assert shown.mean == pytest.approx((y - p).mean())
    assert shown.counts.sum() == shown.n_rows == len(y)
    assert against.r2 == pytest.approx(r2_score(y, p))
    np.testing.assert_array_equal(against.true, y)
    assert np.average(against.group_mean) == pytest.approx(p.mean(), rel=0.05)


def test_errors_by_label_are_those_of_the_rows():
    run, _ = amounts()
    log = run.data.stream(PredictionLog)
    y, p = log.rows["valid"].labels.astype(float), log.of("valid")[-1].scores[:, 0].astype(float)
    shown = error_by_label_bin(run).datasets[0]
    place = np.searchsorted(shown.edges[1:-1], y, side="right")
    own = [np.abs(p - y)[place == i].mean() for i in range(len(shown.n_rows))]
    np.testing.assert_allclose(shown.mean_absolute_error[-1], own, rtol=1e-6)
    assert shown.n_rows.sum() == len(y)
    assert shown.rounds[-1] == 59
    assert (np.diff(shown.rounds) > 0).all()


def test_ndcg_is_scikit_learns():
    run, booster, (x, y, sizes) = ranking()
    scores = booster.predict(x)
    found = query_ndcg(y, scores, sizes)
    gain, start = 2.0**y - 1.0, 0
    for size, own in zip(sizes.tolist(), found.tolist(), strict=True):
        part = slice(start, start + size)
        if len(set(y[part])) > 1:
            assert own == pytest.approx(ndcg_score([gain[part]], [scores[part]]), rel=1e-6)
        else:
            assert np.isnan(own)
        start += size
    shown = ranking_by_query_size(run).datasets[0]
    assert shown.n_queries.sum() + shown.n_left_out == len(sizes)
    whole = (shown.ndcg * shown.n_queries).sum() / shown.n_queries.sum()
    assert whole == pytest.approx(np.nanmean(found), rel=1e-5)


def test_each_task_has_its_own_pictures():
    tasks = {"binary": binary()[0], "amounts": amounts()[0], "ranking": ranking()[0]}
    drawn = {t: {n for n, make in OF_A_RUN.items() if not isinstance(make(r), NoPicture)} for t, r in tasks.items()}
    common = {"learning_curves", "tree_anatomy", "importance_heatmap", "importance_bars", "time_by_round"}
    probability = {"roc", "precision_recall", "calibration", "score_histogram"}
    assert drawn["binary"] == common | probability | {"class_curves", "confusion"}
    assert drawn["amounts"] == common | {"residuals", "predicted_vs_true", "error_by_label_bin"}
    assert drawn["ranking"] == common | {"ranking_by_query_size"}


def test_rows_without_a_number_are_left_out():
    run, *_ = binary()
    log = run.data.stream(PredictionLog)
    scores = log.of("valid")[-1].scores
    assert len(predicted(run.data)[0].label) == len(scores)
    p = probabilities(np.array([[np.nan], [0.0], [800.0], [-800.0]]), "margin")
    assert np.isnan(p[0]).all()
    np.testing.assert_allclose(p[1:, 1], [0.5, 1.0, 0.0], atol=1e-12)


def test_why_there_are_none():
    older = RunData(Header(library="xgboost", n_classes=2))
    assert "run.replay(X, y)" in roc(older).reason
    assert roc(RunData(Header(library="xgboost"))).reason == "the labels are no classes"
    assert VALUE in {r.scale for r in amounts()[0].data.stream(PredictionLog)}
