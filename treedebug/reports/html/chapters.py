"""The chapters of a run's page, in the order in which they are read, and the pictures of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from treedebug.pictures.picture import NoPicture, Picture
from treedebug.reports.html.sentences import sentence

AnyPicture = Picture | NoPicture
_TITLES = {
    "learning_curves": "Learning curves",
    "tree_anatomy": "The trees over the rounds",
    "one_tree": "Single trees",
    "importance_heatmap": "Importance over the rounds",
    "importance_bars": "Importance of each kind",
    "class_curves": "Recall and precision of each class",
    "confusion": "Confusion matrix",
    "roc": "ROC curve",
    "precision_recall": "Precision and recall",
    "calibration": "Calibration",
    "score_histogram": "Predicted probabilities",
    "residuals": "Residuals",
    "predicted_vs_true": "Predicted and true",
    "error_by_label_bin": "Error by label",
    "ranking_by_query_size": "Ranking by query size",
    "time_by_round": "Time by round",
    "layer_norms": "Gradients, weights and updates",
    "activation_shares": "Activations",
    "kernel_regime": "Does the net learn features?",
    "value_histograms": "Sizes of the values",
    "latent_space": "Latent space",
    "saliency": "Saliency",
    "data_profile": "Columns and labels",
    "score_differences": "Differences and chance",
    "fold_scores": "Folds",
    "compared_curves": "Curves of the runs",
    "parallel_coordinates": "Parameters of the runs",
    "pareto": "What the metric costs",
    "importance_ranks": "Ranks of the features",
}
_CHAPTERS = (
    ("Learning curves", ("learning_curves",)),
    ("Trees", ("tree_anatomy", "one_tree")),
    ("Features", ("importance_heatmap", "importance_bars")),
    ("Classes", ("class_curves", "confusion")),
    ("Probabilities", ("roc", "precision_recall", "calibration", "score_histogram")),
    ("Errors", ("residuals", "predicted_vs_true", "error_by_label_bin")),
    ("Ranking", ("ranking_by_query_size",)),
    ("Network", ("layer_norms", "activation_shares", "kernel_regime", "value_histograms")),
    ("What the network sees", ("latent_space", "saliency")),
    ("Time", ("time_by_round",)),
    ("Data", ("data_profile",)),
)
_COLUMNS = {
    "tree_anatomy": 3,
    "class_curves": 3,
    "confusion": 2,
    "time_by_round": 2,
    "layer_norms": 3,
    "activation_shares": 3,
    "kernel_regime": 3,
    "data_profile": 2,
    "compared_curves": 2,
    "pareto": 2,
}
"""Charts side by side on a wide screen, where there are several."""
_SIDE_BY_SIDE = ("Probabilities", "Errors", "What the network sees")
"""Chapters whose pictures stand side by side there."""


@dataclass(frozen=True)
class Drawing:
    """One picture on the page. A chapter's only picture has no title of its own."""

    name: str
    title: str
    question: str
    sentence: str
    columns: int


@dataclass(frozen=True)
class Chapter:
    """Pictures under one heading."""

    id: str
    title: str
    drawings: tuple[Drawing, ...]
    is_side_by_side: bool


def chapters(pictures: Mapping[str, Mapping[str, Any]], plan: tuple[Any, ...] = _CHAPTERS) -> tuple[Chapter, ...]:
    """Return the chapters that have a picture; `pictures` are as JSON, by name."""
    made = (_chapter(title, [(n, pictures[n]) for n in names if n in pictures]) for title, names in plan)
    return tuple(c for c in made if c.drawings)


def _chapter(title: str, drawn: list[tuple[str, Mapping[str, Any]]]) -> Chapter:
    drawings = tuple(
        Drawing(
            name=name,
            title=_TITLES.get(name, name) if len(drawn) > 1 else "",
            question=str(picture["question"]),
            sentence=sentence(name, picture),
            columns=_COLUMNS.get(name, 1),
        )
        for name, picture in drawn
    )
    return Chapter(title.lower().replace(" ", "-"), title, drawings, title in _SIDE_BY_SIDE and len(drawings) > 1)


def missing(pictures: Mapping[str, AnyPicture]) -> list[tuple[str, str]]:
    """Return (picture, what it needs) of the pictures that could not be made."""
    return [(_TITLES.get(n, n), p.reason) for n, p in pictures.items() if isinstance(p, NoPicture)]
