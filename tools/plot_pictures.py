"""Draw the pictures of docs/plots.md: real trainings on the tables that scikit-learn brings.

python tools/plot_pictures.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightgbm as lgb
import matplotlib as mpl
import numpy as np
import xgboost as xgb
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine, make_friedman1
from sklearn.model_selection import train_test_split
from xgboost import XGBRegressor

import treedebug
from treedebug import plots

mpl.use("Agg")
HERE = Path(__file__).parents[1] / "docs" / "plots"
_DPI = 70
Made = Callable[[], Any]


def trained(table: Any, n_rounds: int, *, seed: int = 0, **params: Any) -> tuple[treedebug.Run, Any]:
    """Return the run of a training on six tenths of a table, and the other rows."""
    x, x_valid, y, y_valid = train_test_split(table.data, table.target, test_size=0.4, random_state=seed)
    names = [str(n) for n in getattr(table, "feature_names", [])] or None
    train = xgb.DMatrix(x, y, feature_names=names)
    valid = xgb.DMatrix(x_valid, y_valid, feature_names=names)
    callback = treedebug.XGBoostCallback(None, quiet=True)
    xgb.train(
        {"nthread": 1, "seed": seed, **params}, train, n_rounds, evals=[(train, "train"), (valid, "valid")],
        callbacks=[callback], verbose_eval=False,
    )  # fmt: skip
    return callback.run, x_valid


def ranked() -> treedebug.Run:
    """Return the run of a ranking: the rows of the digits, in queries of 5 to 40, by how round their digit is."""
    table = load_digits()
    rng = np.random.default_rng(0)
    order = rng.permutation(len(table.target))
    gain = np.array([4, 0, 1, 1, 0, 1, 3, 0, 4, 3])[table.target[order]]
    sizes: list[int] = []
    while sum(sizes) < len(order):
        sizes.append(min(int(rng.integers(5, 41)), len(order) - sum(sizes)))
    half = len(sizes) * 6 // 10
    k = sum(sizes[:half])
    train = lgb.Dataset(table.data[order][:k], gain[:k], group=sizes[:half])
    valid = train.create_valid(table.data[order][k:], gain[k:], group=sizes[half:])
    callback = treedebug.LightGBMCallback(None, quiet=True)
    params = {"objective": "lambdarank", "metric": "ndcg", "num_threads": 1, "verbosity": -1, "seed": 0}
    lgb.train(params, train, 40, valid_sets=[train, valid], valid_names=["train", "valid"], callbacks=[callback])
    return callback.run


def pictures() -> Iterator[tuple[str, Any]]:
    """Yield the name of each picture, and its display, drawn."""
    cancer, _ = trained(load_breast_cancer(), 300, objective="binary:logistic", eta=0.3, max_depth=6)
    for kind in ("LearningCurve", "TreeAnatomy", "ImportanceHeatmap", "ImportanceBars", "Roc", "PrecisionRecall",
                 "Calibration", "ScoreHistogram", "TimeByRound", "Parameters"):  # fmt: skip
        yield kind, getattr(plots, f"{kind}Display").from_run(cancer).plot()
    yield "OneTree", plots.OneTreeDisplay.from_run(cancer, 0).plot()
    digits, _ = trained(load_digits(), 60, objective="multi:softprob", num_class=10, max_depth=3)
    for kind in ("ClassCurves", "Confusion"):
        yield kind, getattr(plots, f"{kind}Display").from_run(digits).plot()
    diabetes, rows = trained(load_diabetes(), 200, eta=0.1, max_depth=3)
    for kind in ("Residuals", "PredictedVsTrue", "ErrorByLabelBin"):
        yield kind, getattr(plots, f"{kind}Display").from_run(diabetes).plot()
    yield "ContributionSwarm", plots.ContributionSwarmDisplay.from_run(diabetes, rows, round_index=20).plot()
    yield "ContributionChange", plots.ContributionChangeDisplay.from_run(diabetes, rows, rounds=(20, 199)).plot()
    yield "RankingByQuerySize", plots.RankingByQuerySizeDisplay.from_run(ranked()).plot()
    wine = load_wine(as_frame=True)
    yield "DataProfile", plots.DataProfileDisplay.from_run(treedebug.profile(wine.frame, target="target")).plot()
    search = [
        (f"eta {eta}, depth {depth}", trained(load_breast_cancer(), 80, objective="binary:logistic", eta=eta,
                                              max_depth=depth)[0])
        for eta in (0.05, 0.1, 0.3) for depth in (1, 2, 4)
    ]  # fmt: skip
    labels, runs = [label for label, _ in search], [run for _, run in search]
    for kind in ("ComparedCurves", "Pareto", "ParallelCoordinates"):
        yield kind, getattr(plots, f"{kind}Display").from_runs(runs, labels).plot()
    yield "ImportanceRanks", plots.ImportanceRanksDisplay.from_runs(runs[:5], labels[:5]).plot()
    yield from _experiments()


def _experiments() -> Iterator[tuple[str, Any]]:
    """Yield what is drawn of experiments, and of a run with its rows."""
    X, y = make_friedman1(1500, n_features=10, noise=1.5, random_state=0)
    kept, test = slice(0, 300), slice(300, None)
    curve = treedebug.learning_curve(
        XGBRegressor(max_depth=3, learning_rate=0.1, n_jobs=1), X[:800], y[:800], valid=(X[800:], y[800:])
    )
    yield "LossByRows", plots.LossByRowsDisplay.from_curve(curve).plot()

    def grown(leaves: int, seed: int) -> treedebug.Run:
        callback = treedebug.LightGBMCallback(None, quiet=True)
        params = {"num_leaves": leaves, "learning_rate": 0.5, "min_data_in_leaf": 1, "feature_fraction": 0.5,
                  "seed": seed, "num_threads": 1, "verbosity": -1}  # fmt: skip
        lgb.train(params, lgb.Dataset(X[kept], y[kept]), 20, callbacks=[callback])
        return callback.run

    sizes = treedebug.capacity_curve(grown, [2, 4, 8, 16, 32], X=X[kept], y=y[kept], test=(X[test], y[test]))
    yield "Capacity", plots.CapacityDisplay.from_curve(sizes).plot()
    run = grown(8, 0)
    yield "EffectiveParameters", plots.EffectiveParametersDisplay.from_run(run, X[kept], y[kept], new=X[test]).plot()
    rng = np.random.default_rng(0)
    tied = X.copy()
    tied[:, :5] = tied[:, :1] + 0.03 * rng.normal(size=(len(X), 5))
    tied_run = treedebug.LightGBMCallback(None, quiet=True)
    lgb.train({"num_threads": 1, "verbosity": -1}, lgb.Dataset(tied[kept], y[kept]), 50, callbacks=[tied_run])
    torn = np.column_stack([rng.permutation(column) for column in tied[900:].T])
    yield "Coverage", plots.CoverageDisplay.from_run(tied_run.run, tied[kept], tied[300:900], torn).plot()


def main() -> None:
    """Write a PNG for each."""
    HERE.mkdir(parents=True, exist_ok=True)
    for name, display in pictures():
        target = HERE / f"{name}.png"
        display.figure_.savefig(target, dpi=_DPI, metadata={"Software": None})
        print(f"{target.relative_to(HERE.parents[1])}: {target.stat().st_size:,} bytes")
        mpl.pyplot.close(display.figure_)


if __name__ == "__main__":
    main()
