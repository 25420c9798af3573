"""Rows as the cure takes them: `(X, y)` or `(X, y, weight)`, in the columns and codes of the model's training."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.api.replay_rounds import numbers_of
from treedebug.api.replay_tables import to_matrix
from treedebug.core.errors import ConfigError
from treedebug.core.run.run_data import RunData
from treedebug.readers.xgboost.xgboost_join import category_encoder

Floats = NDArray[np.float64]
FEWEST_ROWS, FEWEST_OF_A_CLASS = 100, 20
"""Of a validation set: below, its noise decides and not the models."""


class Labelled(NamedTuple):
    """Rows with labels and weights."""

    X: Floats
    label: Floats
    weight: Floats

    def take(self, at: NDArray[Any]) -> Labelled:
        """Return some of the rows."""
        return Labelled(self.X[at], self.label[at], self.weight[at])

    def sampled(self, most: int) -> Labelled:
        """Return at most so many rows, drawn at random, always the same ones."""
        if len(self.label) <= most:
            return self
        return self.take(np.sort(np.random.default_rng(0).permutation(len(self.label))[:most]))


def labelled(given: Any, run: RunData, name: str, classes: list[Any] | None = None) -> Labelled:
    """Return rows as numbers. Raise ConfigError for anything but (X, y) or (X, y, weight) that fit the model."""
    rows, y, weight = unpacked(given, name)
    X = to_matrix(rows, run)
    label = _codes(y, classes) if classes else numbers_of(y, f"y of {name}", len(X))
    check_labels(label, len(X), name)
    weights = np.ones(len(X)) if weight is None else numbers_of(weight, f"weight of {name}", len(X))
    return Labelled(X, label, weights)


def unpacked(given: Any, name: str) -> tuple[Any, Any, Any]:
    """Return X, y and the weight or None. Raise ConfigError for anything but (X, y) or (X, y, weight)."""
    if not (isinstance(given, tuple | list) and len(given) in (2, 3)):
        raise ConfigError(f"{name} is (X, y) or (X, y, weight); got {type(given).__name__}")
    return given[0], given[1], given[2] if len(given) == 3 else None


def check_labels(label: Floats, n_rows: int, name: str) -> None:
    """Raise ConfigError for labels that are missing, or too many or few."""
    if label.shape != (n_rows,):
        raise ConfigError(f"{name} has {n_rows} rows and {len(label)} labels")
    if not np.isfinite(label).all():
        raise ConfigError(f"{int((~np.isfinite(label)).sum())} labels of {name} are missing: remove these rows")


def classes_of(*labels: Any) -> list[Any] | None:
    """Return the kinds of labels that are texts or truth values, sorted as scikit-learn does; None of numbers."""
    values = [np.asarray(y) for y in labels if y is not None]
    if not any(v.dtype.kind in "OUSb" for v in values):
        return None
    return sorted({x for v in values for x in v.ravel().tolist()}, key=lambda x: (str(type(x)), x))


def _codes(y: Any, classes: list[Any]) -> Floats:
    place = {c: float(i) for i, c in enumerate(classes)}
    return np.array([place.get(v, np.nan) for v in np.asarray(y).ravel().tolist()])


def with_encoder(run: RunData, raw: bytes) -> None:
    """Let a frame's categories be translated where a model file of XGBoost says how."""
    if run.header.library == "xgboost" and "category_encoder" not in run.header.extra and raw[:1] == b"{":
        encoder = category_encoder(raw)
        if encoder is not None:
            run.header.extra["category_encoder"] = base64.b64encode(encoder).decode()


class TooFew(NamedTuple):
    """What a set has, in words, and how many it takes at least."""

    words: str
    least: int


def too_few(label: Floats, n_classes: int, name: str) -> TooFew | None:
    """Return what a set that judges has too few of; None of one that is large enough."""
    if len(label) < FEWEST_ROWS:
        return TooFew(f"{name} has {len(label)} rows", FEWEST_ROWS)
    if n_classes >= 2:
        counts = np.bincount(label.astype(np.int64), minlength=n_classes)
        if counts.min() < FEWEST_OF_A_CLASS:
            return TooFew(f"{name} has {counts.min()} rows of class {counts.argmin()}", FEWEST_OF_A_CLASS)
    return None


def check_enough(rows: Labelled, n_classes: int, name: str) -> None:
    """Raise ConfigError for a set that is too small to judge by."""
    few = too_few(rows.label, n_classes, name)
    if few is not None:
        more = "rows" if few.least == FEWEST_ROWS else "of them"
        raise ConfigError(
            f"{few.words}; below {few.least} chance decides which model looks better: give more {more}, or let fix "
            "judge by cross-validation"
        )
