"""Every Display draws a real run, and what it drew holds the picture's numbers."""

import functools
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from xgboost import XGBClassifier

import treedebug
from tests.boosters import noisy_classes
from tests.pictures.real_runs import amounts, binary, digits, ranking
from treedebug import plots
from treedebug.core.errors import ConfigError, MissingExtraError, NotRecordedError
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.run_data import RunData
from treedebug.testing import curves, grown, trees

mpl.use("Agg")
import matplotlib.pyplot as plt

PANELS = {"TreeAnatomyDisplay", "ClassCurvesDisplay", "ResidualsDisplay", "CapacityDisplay"}
OF_RUNS = ("ComparedCurvesDisplay", "ImportanceRanksDisplay", "ParetoDisplay", "ParallelCoordinatesDisplay")
RUNS = {
    "ErrorByLabelBinDisplay": amounts, "ResidualsDisplay": amounts, "PredictedVsTrueDisplay": amounts,
    "RankingByQuerySizeDisplay": ranking,
}  # fmt: skip


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    frame["y"] = (x[:, 0] > 0).astype(int)
    return treedebug.profile(frame, target="y")


def two():
    runs = [curves(train=[3.0, 2.0], valid=[3.0, 2.0 + k], params={"max_depth": k}) for k in range(2)]
    for k, run in enumerate(runs):
        trees([grown(2, features=[k, 0])], run=run)
    return runs


@functools.cache
def trained():
    return trained_on(*noisy_classes(300, 8, noise=1.0))


def trained_on(X, y):
    recorder = treedebug.XGBoostCallback(None, quiet=True)
    params = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}
    xgb.train(params, xgb.DMatrix(X, y), 12, callbacks=[recorder])
    return recorder.run, X, y


@functools.cache
def learning_curve():
    X, y = noisy_classes(700, 8, noise=1.0)
    model = XGBClassifier(max_depth=2, n_estimators=5, n_jobs=1)
    return treedebug.learning_curve(model, X[:400], y[:400], valid=(X[400:], y[400:]), seeds=2)


@functools.cache
def capacity():
    _, X, y = trained()
    runs = {depth: trained_on(X, y)[0] for depth in (1, 2)}
    return treedebug.capacity_curve(
        lambda size, seed: runs[size], [1, 2], X=X, y=y, test=(X[:60], y[:60]), members=(2,)
    )


def made(name):  # noqa: PLR0911 - each is made in its own way
    display = getattr(plots, name)
    if name in OF_RUNS:
        return display.from_runs(two())
    if name == "DataProfileDisplay":
        return display.from_run(table())
    if name == "OneTreeDisplay":
        return display.from_run(binary()[0], 3)
    if name in ("LossByRowsDisplay", "CapacityDisplay"):
        return display.from_curve(learning_curve() if name == "LossByRowsDisplay" else capacity())
    if name in ("CoverageDisplay", "EffectiveParametersDisplay"):
        run, X, _ = trained()
        return display.from_run(run, X, *([X[:50], 9 * X[:40]] if name == "CoverageDisplay" else []))
    if name.startswith("Contribution"):
        x = np.random.default_rng(0).normal(size=(60, 8))
        more = {"rounds": (2, 40)} if name == "ContributionChangeDisplay" else {}
        return display.from_run(binary()[0], x, **more)
    return display.from_run(RUNS.get(name, binary)()[0])


@pytest.mark.parametrize("name", plots.__all__)
def test_every_display_draws_itself(name):
    display = made(name)
    assert display.plot() is display
    assert display.figure_ is display.ax_.figure
    display.figure_.canvas.draw()


@pytest.mark.parametrize("name", plots.__all__)
def test_every_display_draws_into_given_axes(name):
    figure, axes = plt.subplots(1, 2)
    display = made(name).plot(ax=axes[1])
    assert display.figure_ is figure
    assert (display.ax_ is axes[1]) is (name not in PANELS)
    figure.canvas.draw()


def test_curves_are_the_pictures():
    display = plots.LearningCurveDisplay.from_run(binary()[0]).plot(linewidth=4.0)
    by_name = {c.dataset: c for c in display.picture.curves}
    assert [line.get_label() for line in display.lines_] == ["train", "valid"]
    for line in display.lines_:
        np.testing.assert_array_equal(line.get_xdata(), by_name[line.get_label()].rounds)
        np.testing.assert_array_equal(line.get_ydata(), by_name[line.get_label()].values)
        assert line.get_linewidth() == 4.0
    assert display.ax_.get_title(loc="left").startswith(f"Best in round {display.picture.best_round} of 60")


def test_a_learning_curve_shows_the_next_doubling_with_its_interval():
    curve = learning_curve()
    display = plots.LossByRowsDisplay.from_curve(curve).plot()
    assert display.picture.rows.tolist() == [25, 50, 100, 200, 400]
    assert display.next_.lines[0].get_xdata().tolist() == [800]
    assert display.law_.get_ydata()[-1] == pytest.approx(curve.law.at(800))


def test_rows_unlike_any_in_training_rise_first():
    display = made("CoverageDisplay").plot()
    assert display.picture.held_out[:-1].max() == 0.0  # training rows themselves
    assert (display.picture.new >= display.picture.held_out).all()
    assert display.picture.new[-1] == 1.0


def test_effective_parameters_are_the_frame():
    run, X, y = trained()
    frame = run.effective_parameters(X, y, new=X[:50])
    display = plots.EffectiveParametersDisplay.from_run(run, X, y, new=X[:50]).plot()
    np.testing.assert_array_equal(display.line_.get_ydata(), frame["effective_parameters"])
    assert display.ax_.get_title(loc="left").endswith("of 300 rows after round 11")


def test_findings_are_drawn_on_the_curves():
    run = binary()[0]
    display = plots.LearningCurveDisplay.from_run(run).plot()
    written = {text.get_text() for text in display.ax_.texts}
    expected = {f"{f.code} {f.name.replace('-', ' ')}" for f in run.findings if f.code.startswith("CV")}
    assert expected
    assert written == set(sorted(expected)[:3])
    bare = plots.LearningCurveDisplay.from_run(run, findings=[]).plot()
    assert not bare.ax_.texts


def test_a_blamed_feature_is_coloured_and_named():
    found = Finding(code="FT302", name="dominant-feature", severity=Severity.WARNING, message="m", subject="f0")
    for kind in (plots.ImportanceBarsDisplay, plots.ImportanceHeatmapDisplay):
        display = kind.from_run(binary()[0], findings=[found]).plot()
        ticks = {t.get_text(): t.get_color() for t in display.ax_.get_yticklabels()}
        assert "f0  FT302" in ticks
        assert ticks["f0  FT302"] != ticks["f1"]


@pytest.mark.parametrize("kind", ["total_gain", "mean_cover"])
def test_bars_are_the_pictures(kind):
    display = plots.ImportanceBarsDisplay.from_run(binary()[0]).plot(kind=kind)
    values = display.picture.values[display.picture.kinds.index(kind)]
    np.testing.assert_array_equal([b.get_width() for b in display.bars_], values)
    with pytest.raises(ConfigError, match="Did you mean 'total_gain'"):
        display.plot(kind="totalgain")


def test_the_heatmap_is_the_pictures():
    display = plots.ImportanceHeatmapDisplay.from_run(binary()[0]).plot(cmap="viridis")
    np.testing.assert_allclose(display.mesh_.get_array().reshape(display.picture.share.shape) / 100.0,
                               display.picture.share)  # fmt: skip
    assert display.mesh_.get_cmap().name == "viridis"


def test_anatomy_is_the_pictures():
    display = plots.TreeAnatomyDisplay.from_run(binary()[0]).plot()
    for panel in ("depth", "leaves", "gain", "sum_hessian"):
        np.testing.assert_array_equal(display.lines_[panel].get_ydata(), getattr(display.picture, panel))
    np.testing.assert_array_equal(display.lines_["leaf_values"].get_ydata(), display.picture.leaf_quantiles[:, 3])


def test_class_curves_and_the_matrix_are_the_pictures():
    display = plots.ClassCurvesDisplay.from_run(digits()[0]).plot()
    shown = display.picture.datasets[0]
    np.testing.assert_array_equal(display.lines_[-3].get_ydata(), shown.recall[:, 0])
    matrix = plots.ConfusionDisplay.from_run(binary()[0]).plot(role="best")
    counts = matrix.picture.matrices[1].counts
    assert [int(t.get_text()) for t in matrix.ax_.texts] == counts.reshape(-1).tolist()
    with pytest.raises(ConfigError, match="there is valid last, valid best, train last"):
        matrix.plot(dataset="test")


@pytest.mark.parametrize("kind", ["RocDisplay", "PrecisionRecallDisplay"])
def test_rank_curves_are_the_pictures(kind):
    display = getattr(plots, kind).from_run(binary()[0]).plot()
    for line, curve in zip(display.lines_, display.picture.curves, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), curve.x)
        np.testing.assert_array_equal(line.get_ydata(), curve.y)
        assert f"{curve.area:.3g}" in line.get_label()
    many = getattr(plots, kind).from_run(digits()[0]).plot()
    assert [line.get_label().split(":")[0] for line in many.lines_] == [
        f"class {c.class_index}" for c in many.picture.curves if c.role == "last"
    ]


def test_probabilities_are_the_pictures():
    display = plots.CalibrationDisplay.from_run(binary()[0]).plot()
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), display.picture.curves[0].observed)
    histogram = plots.ScoreHistogramDisplay.from_run(binary()[0]).plot()
    for stairs, counts in zip(histogram.stairs_, histogram.picture.histograms[0].counts, strict=True):
        np.testing.assert_array_equal(stairs.get_data().values, counts)


def test_amounts_are_the_pictures():
    display = plots.ResidualsDisplay.from_run(amounts()[0]).plot()
    shown = display.picture.datasets[0]
    np.testing.assert_array_equal(display.points_.get_offsets(), np.column_stack([shown.predicted, shown.residual]))
    np.testing.assert_array_equal(display.stairs_.get_data().values, shown.counts)
    against = plots.PredictedVsTrueDisplay.from_run(amounts()[0]).plot()
    true = against.picture.datasets[0]
    np.testing.assert_array_equal(against.points_.get_offsets(), np.column_stack([true.true, true.predicted]))
    errors = plots.ErrorByLabelBinDisplay.from_run(amounts()[0]).plot()
    for k, line in enumerate(errors.lines_):
        np.testing.assert_array_equal(line.get_ydata(), errors.picture.datasets[0].mean_absolute_error[:, k])


def test_the_ranking_is_the_pictures():
    display = plots.RankingByQuerySizeDisplay.from_run(ranking()[0]).plot()
    np.testing.assert_array_equal(display.bars_[0].get_ydata(), display.picture.datasets[0].ndcg)


def test_the_tree_has_a_point_a_leaf():
    display = plots.OneTreeDisplay.from_run(binary()[0], 3).plot()
    leaf = np.isnan(display.picture.gain)
    np.testing.assert_array_equal(display.leaves_.get_array(), display.picture.value[leaf])
    np.testing.assert_array_equal(display.leaves_.get_offsets()[:, 0], display.picture.x[leaf])


def test_parameters_are_a_table():
    display = plots.ParametersDisplay.from_run(binary()[0]).plot()
    cells = display.table_.get_celld()
    first = display.picture.parameters[0]
    assert cells[1, 0].get_text().get_text() == first.parameter
    assert first.blamed_by[0] in cells[1, 3].get_text().get_text()


def test_what_a_column_tells_is_a_bar():
    display = plots.DataProfileDisplay.from_run(table()).plot()
    scores = [max(c.score, 0.0) * 100 for c in display.picture.columns]
    np.testing.assert_allclose([b.get_width() for b in display.bars_], scores)


def test_compared_runs_are_the_pictures():
    display = plots.ComparedCurvesDisplay.from_runs(two(), ["a", "b"]).plot(by="seconds")
    best_first = display.lines_[::-1]
    assert [line.get_label().split(":")[0] for line in best_first] == ["a", "b"]
    np.testing.assert_array_equal(best_first[0].get_ydata(), display.picture.curves[0].values)
    pareto = plots.ParetoDisplay.from_runs(two()).plot(by="leaves")
    np.testing.assert_array_equal(pareto.points_.get_offsets()[:, 1], pareto.picture.values)
    ranks = plots.ImportanceRanksDisplay.from_runs(two()).plot()
    np.testing.assert_array_equal([line.get_ydata() for line in ranks.lines_], ranks.picture.ranks)
    with pytest.raises(ConfigError, match="by is rounds or seconds; got 'hours'"):
        display.plot(by="hours")


def test_names_are_shown_as_they_stand():
    run = curves(train=[1.0, 0.5], valid=[1.0, 0.6])
    run.evals.append(0, "_a $x_1$ " + "b" * 300, "logloss", 1.0)
    display = plots.LearningCurveDisplay.from_run(run).plot()
    display.figure_.canvas.draw()
    texts = [t.get_text() for t in display.ax_.get_legend().get_texts()]
    assert any(t.startswith(r" _a \$x_1\$ bbb") and t.endswith("...") for t in texts)


def test_nothing_to_draw_says_why():
    with pytest.raises(NotRecordedError, match=r"nothing to draw: no metric was recorded: pass `evals=`"):
        plots.LearningCurveDisplay.from_run(RunData())
    with pytest.raises(ConfigError, match="the metrics are logloss; got 'auc'"):
        plots.LearningCurveDisplay.from_run(binary()[0]).plot(metric="auc")


@pytest.mark.parametrize("name", ["LearningCurveDisplay", "TreeAnatomyDisplay", "TimeByRoundDisplay"])
def test_one_round_is_drawn(name):
    run = curves(train=[1.0], valid=[1.0])
    trees([grown(2)], run=run)
    getattr(plots, name).from_run(run).plot().figure_.canvas.draw()


def test_importing_them_loads_no_matplotlib():
    script = "import sys, treedebug; treedebug.plots.RocDisplay; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtraError, match=r"treedebug\[plots\]"):
        plots.LearningCurveDisplay.from_run(binary()[0]).plot()


def test_panels_need_axes_of_a_grid():
    ax = plt.figure().add_axes((0.1, 0.1, 0.8, 0.8))
    with pytest.raises(ValueError, match="need Axes of a grid"):
        plots.TreeAnatomyDisplay.from_run(binary()[0]).plot(ax=ax)
