"""Errors of a regression by size of the label, over the rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.run.label_error_log import LabelErrorLog, LabelErrorRecord
from treedebug.pictures.class_curves import validation_first
from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.residuals import NOT_AMOUNTS
from treedebug.pictures.thinning import evenly

_MOST_ROUNDS = 120


@dataclass(frozen=True, kw_only=True, eq=False)
class ErrorsOf:
    """One dataset. Matrices have shape (n_rounds, n_bins)."""

    dataset: str
    is_training: bool
    rounds: Ints
    edges: Floats
    """(n_bins + 1,) of the labels."""
    n_rows: Ints
    """(n_bins,)"""
    mean_error: Floats
    """Prediction less label: under 0 where the model predicts too little."""
    mean_absolute_error: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class ErrorByLabelBin(Picture):
    """Errors by bin of the label, validation first."""

    name: ClassVar[str] = "error_by_label_bin"
    question: ClassVar[str] = "Which labels does the model miss, and does more training help them?"

    datasets: tuple[ErrorsOf, ...]


def error_by_label_bin(run: AnyRun) -> ErrorByLabelBin | NoPicture:
    """Return the errors by bin of the label over the rounds."""
    data = data_of(run)
    log = data.stream(LabelErrorLog)
    if data.header.n_classes:
        return NoPicture(NOT_AMOUNTS)
    if log is None or not len(log):
        return NoPicture("no errors by label were recorded: they need a regression and a validation set")
    names = validation_first(log.datasets(), data.evals.is_training)
    return ErrorByLabelBin(
        datasets=tuple(_of(n, log.of(n), is_training=data.evals.is_training(n)) for n in names),
    )


def _of(dataset: str, records: list[LabelErrorRecord], *, is_training: bool) -> ErrorsOf:
    last = records[-1]
    same = [r for r in records if len(r.edges) == len(last.edges)]
    kept = [same[i] for i in evenly(len(same), _MOST_ROUNDS)]
    return ErrorsOf(
        dataset=dataset,
        is_training=is_training,
        rounds=np.array([r.round_index for r in kept], dtype=np.int64),
        edges=last.edges,
        n_rows=last.n_rows,
        mean_error=np.array([r.mean_error for r in kept]),
        mean_absolute_error=np.array([r.mean_absolute_error for r in kept]),
    )
