"""All pictures of a run, and of a comparison, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from treedebug.core.findings import Finding
from treedebug.pictures.calibration import calibration
from treedebug.pictures.class_curves import class_curves
from treedebug.pictures.compared_curves import compared_curves
from treedebug.pictures.confusion import confusion
from treedebug.pictures.data_profile import data_profile
from treedebug.pictures.error_by_label_bin import error_by_label_bin
from treedebug.pictures.importance_bars import importance_bars
from treedebug.pictures.importance_heatmap import importance_heatmap
from treedebug.pictures.importance_ranks import importance_ranks
from treedebug.pictures.learning_curves import learning_curves
from treedebug.pictures.parallel_coordinates import parallel_coordinates
from treedebug.pictures.parameters import parameters
from treedebug.pictures.pareto import pareto
from treedebug.pictures.picture import AnyRun, NoPicture, Picture
from treedebug.pictures.ranking_by_query_size import ranking_by_query_size
from treedebug.pictures.residuals import predicted_vs_true, residuals
from treedebug.pictures.roc import precision_recall, roc
from treedebug.pictures.score_histogram import score_histogram
from treedebug.pictures.time_by_round import time_by_round
from treedebug.pictures.tree_anatomy import tree_anatomy

OF_A_RUN: dict[str, Callable[[Any], Picture | NoPicture]] = {
    "learning_curves": learning_curves,
    "tree_anatomy": tree_anatomy,
    "importance_heatmap": importance_heatmap,
    "importance_bars": importance_bars,
    "class_curves": class_curves,
    "confusion": confusion,
    "roc": roc,
    "precision_recall": precision_recall,
    "calibration": calibration,
    "score_histogram": score_histogram,
    "residuals": residuals,
    "predicted_vs_true": predicted_vs_true,
    "error_by_label_bin": error_by_label_bin,
    "ranking_by_query_size": ranking_by_query_size,
    "time_by_round": time_by_round,
}
"""In the order of the page; `parameters` and `data_profile` take the findings too, `one_tree` a round."""

OF_SEVERAL: dict[str, Callable[[Sequence[AnyRun], Sequence[str]], Picture | NoPicture]] = {
    "compared_curves": compared_curves,
    "importance_ranks": importance_ranks,
    "pareto": pareto,
    "parallel_coordinates": parallel_coordinates,
}


def pictures_of(run: AnyRun, findings: Sequence[Finding] | None = None) -> dict[str, Picture | NoPicture]:
    """Return every picture of a run by name, or why there is none."""
    found = {name: make(run) for name, make in OF_A_RUN.items()}
    return {**found, "parameters": parameters(run, findings), "data_profile": data_profile(run, findings or ())}


def pictures_of_several(runs: Sequence[AnyRun], labels: Sequence[str]) -> dict[str, Picture | NoPicture]:
    """Return every picture of a comparison by name, or why there is none."""
    return {name: make(runs, labels) for name, make in OF_SEVERAL.items()}
