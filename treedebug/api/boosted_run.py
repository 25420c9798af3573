"""Run: one recorded training, to read, replay and rebuild, while it trains and for ever after."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.api import run_frames
from treedebug.api.contributions import change_of, contributions_of, swarm_of
from treedebug.api.open_run import open_run
from treedebug.api.rebuild_booster import rebuild_booster
from treedebug.api.replay_rounds import Replay, replay_run
from treedebug.api.row_questions import Neighbours, coverage_of, effective_parameters_frame
from treedebug.api.run_page import report_run
from treedebug.core.changes import Plan
from treedebug.core.errors import NotRecordedError
from treedebug.core.run.margin_log import MarginLog
from treedebug.core.run.rate_log import RateLog
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.records import tree_tables
from treedebug.core.run.tree_table import TreeTable
from treedebug.engine.plan import make_plan
from treedebug.pictures.contribution_swarm import ContributionChange, ContributionSwarm
from treedebug.reports.html.notebook import run_card


class Run(Recorded):
    """What was recorded of one training. Frames are pandas; rounds count from 0 over the booster's whole life."""

    # -- facts -----------------------------------------------------------------------------------------------------

    @property
    def params(self) -> dict[str, Any]:
        """Effective parameters under their canonical names (the scikit-learn wrapper's)."""
        return dict(self.header.params)

    @property
    def params_given(self) -> dict[str, Any]:
        """Parameters as the user spelled them."""
        return dict(self.header.params_given)

    @property
    def best_round(self) -> int | None:
        """The best round as early stopping or an action set it; None otherwise."""
        return self.data.ending.get("best_round") if self.data.ending else None

    @property
    def plan(self) -> Plan:
        """What to do next, made of all findings so far: it can be followed as it stands."""
        return make_plan(self.findings, self.header)

    # -- frames ----------------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> pd.DataFrame:
        """A row a value: round_index, dataset, metric, value."""
        return run_frames.metrics_frame(self.data.evals)

    @property
    def rounds(self) -> pd.DataFrame:
        """A row a round: round_index, learning_rate, seconds, n_iterations."""
        log = self.data.rounds
        return pd.DataFrame(
            {
                "round_index": log.rounds,
                "learning_rate": log.learning_rate,
                "seconds": log.seconds,
                "n_iterations": log.iterations,
            }
        )

    @property
    def rate_changes(self) -> pd.DataFrame:
        """A row a change of the learning rate by a schedule: round_index, learning_rate, why. Empty without one."""
        return run_frames.rate_changes_frame(self.data.stream(RateLog) or RateLog())

    @property
    def trees(self) -> pd.DataFrame:
        """A row a tree: round_index, tree_index, class_index, depth, n_leaves, n_nodes, total_gain, leaf values, ..."""
        return run_frames.trees_frame(self.tables())

    def nodes(self, round_index: int) -> pd.DataFrame:
        """Return a row a node of the trees of one round. Raise NotRecordedError if the round is not recorded."""
        for table in self.tables():
            start, stop = table.round_index.searchsorted([round_index, round_index + 1])
            if stop > start:
                return run_frames.nodes_frame(table.select(int(start), int(stop)), self.header)
        if 0 <= round_index < self.n_rounds:
            raise NotRecordedError(f"round {round_index} added no tree, or its trees are not recorded")
        raise NotRecordedError(f"round {round_index} is not recorded: there are {self.n_rounds}, from 0")

    def importance(self, kind: str = "total_gain", *, cumulative: bool = False) -> pd.DataFrame:
        """Return a row for each feature used in a round: round_index, feature, value.

        `kind` is total_gain, mean_gain, n_splits, total_cover or mean_cover (summed or averaged over the splits on the
        feature). `cumulative` counts from the first round on, as the libraries' own importances do.
        """
        return run_frames.importance_frame(self.tables(), kind, self.header, cumulative=cumulative)

    @property
    def classes(self) -> pd.DataFrame:
        """A row a class, dataset and recorded round: label_share, predicted_share, recall, precision, ..."""
        return run_frames.classes_frame(self.data.classes)

    @property
    def margins(self) -> pd.DataFrame:
        """A row a row of the data, dataset and recorded round: label, margin, loss; needs `row_margins=True`.

        `row` is its position in the dataset. A margin below zero: the model contradicts the label. Of a regression it
        is minus the absolute residual, and `loss` is NaN.
        """
        return run_frames.margins_frame(self.data.stream(MarginLog) or MarginLog(), n_classes=self.header.n_classes)

    # -- trees -----------------------------------------------------------------------------------------------------

    def tables(self) -> Iterator[TreeTable]:
        """Yield the recorded trees as flat arrays, a batch of rounds at a time."""
        return tree_tables(self.data.trees)

    def booster(self, round_index: int | None = None) -> Any:
        """Return the booster as it was after a round (default: the last), predicting exactly as it did then.

        An xgboost.Booster or lightgbm.Booster. Raise NotRecordedError, or MissingExtraError without the library.
        """
        return rebuild_booster(self.data, self.n_rounds - 1 if round_index is None else round_index)

    def replay(
        self,
        X: Any,
        y: Any = None,
        *,
        weight: Any = None,
        metrics: Sequence[str] | Mapping[str, Callable[..., float]] | None = None,
    ) -> Replay:
        """Predict any data at every round from the recorded trees, at the cost of one tree a round; see `Replay`.

        With labels, the pictures that need predictions (ROC, calibration, residuals) then have those of this data.
        """
        return replay_run(self.data, X, y, weight=weight, metrics=metrics)

    # -- pages -----------------------------------------------------------------------------------------------------

    def report(self, path: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Check the run and write a page that shows it; return the page's path. See `treedebug.report`."""
        return report_run(self, path, force=force)

    def _repr_html_(self) -> str:
        """Return the run as a notebook shows it."""
        return run_card(self)

    # -- rows ------------------------------------------------------------------------------------------------------

    def nearest(self, X_train: Any, row: Any, k: int = 10, *, y: Any = None, by: str = "trees") -> pd.DataFrame:
        """Return the k training rows that stand behind the prediction of a row: a row each, the likest first.

        Columns: row, similarity (share of trees with the same leaf), label, influence; see `Neighbours.nearest`, which
        is faster for many questions: `run.neighbours(X_train, y_train).nearest(row)`.
        """
        return Neighbours(self.data, X_train, y).nearest(row, k, by=by)

    def neighbours(self, X_train: Any, y: Any = None, *, weight: Any = None) -> Neighbours:
        """Return the training rows as the trees see them, to ask which are nearest to a row."""
        return Neighbours(self.data, X_train, y, weight=weight)

    def coverage(self, X_train: Any, X_new: Any) -> NDArray[np.float64]:
        """Return (n_new,) in 0..1: the share of trees that a new row shares with the training row most like it.

        Low values mark rows of a kind that the model has not seen, also where each column by itself looks usual.
        Compare with the values of held-out rows of training time. At most 20,000 training rows are looked at.
        """
        return coverage_of(self.data, X_train, X_new)

    def effective_parameters(  # noqa: PLR0913 - the training rows, and how they are probed
        self, X: Any, y: Any = None, *, weight: Any = None, new: Any = None, n_probes: int = 8, seed: int = 0
    ) -> pd.DataFrame:
        """Return how many parameters the labels have filled after each round: the sum of d prediction / d label.

        Columns: round_index, effective_parameters, standard_error (of `n_probes` random probes; Hutchinson, 1990), and
        with other rows `new` on_new_rows (Curth et al., 2023). `X` are the training rows; with `y` the recorded leaves
        are checked against the labels first. Splits are held fixed, so this is a ruler for runs and rounds, never a
        penalty, a variance or a stopping rule.

        Raise ConfigError, with the reason, for a model that is no smooth function of its labels (an L1 penalty, clipped
        or linear leaves, DART, an objective other than squared error or log loss of two classes).
        """
        return effective_parameters_frame(self.data, X, y, weight=weight, new=new, n_probes=n_probes, seed=seed)

    def contributions(self, X: Any, *, round_index: int | None = None) -> pd.DataFrame:
        """Return SHAP values of the booster as of a round: row, feature, value, bias; of several classes also class.

        By the library's own `pred_contribs`: the values of a row and its bias sum up to its raw score.
        Raise NotRecordedError for a round without record, MissingExtraError without the library.
        """
        return contributions_of(self.data, X, round_index).frame()

    def contribution_swarm(self, X: Any, *, round_index: int | None = None, class_index: int = 0) -> ContributionSwarm:
        """Return the contributions as a picture: the strongest features on a sample of the rows."""
        return swarm_of(self.data, X, round_index, class_index)

    def contribution_change(self, X: Any, *, rounds: tuple[int, int], class_index: int = 0) -> ContributionChange:
        """Return what changed in the contributions between two rounds, as a picture."""
        return change_of(self.data, X, rounds, class_index)


def as_run(recorded: Recorded) -> Run:
    """Return any recorded run, of a network too, as one that is read with `load`."""
    return recorded if isinstance(recorded, Run) else Run(recorded.data, recorded.path)


def load(path: str | os.PathLike[str]) -> Run:
    """Return the run recorded at a path or URL, in any process, during or after the training.

    Raise RunNotFoundError (which lists the runs below the path, if there are any), FormatError, and ConfigError for
    anything but a path.
    """
    return Run(*open_run(path))
