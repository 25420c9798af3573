"""The data sets: digits and tumours come with scikit-learn, the rest is generated. Halves share no data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, make_gaussian_quantiles
from sklearn.model_selection import train_test_split

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Data:
    """`X` has shape (n, features), (n, channels, height, width), (n, steps, features), or (n, steps) for tokens."""

    name: str
    X: NDArray[np.generic]
    y: NDArray[np.int64]
    n_classes: int

    @property
    def is_tokens(self) -> bool:
        return self.X.dtype.kind == "i"


@dataclass
class Part:
    X: NDArray[np.generic]
    y: NDArray[np.int64]


def split(data: Data, seed: int, n_train: int = 800, n_valid: int = 300) -> tuple[Part, Part, Part]:
    """Train, validation and test rows, drawn anew for each seed; classes in equal shares; not scaled yet."""
    n_train, n_valid = min(n_train, int(len(data.y) * 0.5)), min(n_valid, len(data.y) // 5)
    rest, parts = np.arange(len(data.y)), []
    for size in (n_train, n_valid):
        taken, rest = train_test_split(rest, train_size=size, stratify=data.y[rest], random_state=seed)
        parts.append(Part(data.X[taken], data.y[taken]))
    return parts[0], parts[1], Part(data.X[rest[:800]], data.y[rest[:800]])


def digits() -> Data:
    bunch = load_digits()
    return Data("digits", bunch.images.astype(np.float32)[:, None], bunch.target.astype(np.int64), 10)


def tumours() -> Data:
    X, y = load_breast_cancer(return_X_y=True)
    return Data("tumours", X.astype(np.float32), y.astype(np.int64), 2)


def shells() -> Data:
    """Four classes in nested shells of ten dimensions, of which six matter: no straight line parts them."""
    X, y = make_gaussian_quantiles(n_samples=2000, n_features=6, n_classes=4, random_state=3)
    noise = np.random.default_rng(3).normal(size=(2000, 4))
    return Data("shells", np.hstack([X, noise]).astype(np.float32) * 3.0 + 5.0, y.astype(np.int64), 4)


def waves() -> Data:
    """Two channels of 16 steps: one of four wave forms with its own frequency, phase and noise."""
    rng = np.random.default_rng(1)
    n, steps = 1800, 16
    y = rng.integers(0, 4, n)
    t = np.arange(steps)[None] * rng.uniform(0.5, 0.9, (n, 1)) + rng.uniform(0, 2 * np.pi, (n, 1))
    forms = np.stack([np.sin(t), np.sign(np.sin(t)), (t / np.pi) % 2 - 1, np.abs(np.sin(t)) * 2 - 1])
    first = forms[y, np.arange(n)]
    X = np.stack([first, np.roll(first, 1, axis=1)], axis=2) + rng.normal(0, 0.15, (n, steps, 2))
    return Data("waves", (4.0 * X + 2.0).astype(np.float32), y.astype(np.int64), 4)


def shapes() -> Data:
    """Pictures of 12 x 12: a bar, a cross, a frame, a disc or stripes somewhere, with noise."""
    rng = np.random.default_rng(2)
    n, side = 1800, 12
    y = rng.integers(0, 5, n)
    X = rng.normal(0, 0.35, (n, 1, side, side))
    rows, columns = np.mgrid[:side, :side]
    for i, kind in enumerate(y):
        r, c = rng.integers(3, side - 3, 2)
        dr, dc = np.abs(rows - r), np.abs(columns - c)
        drawn = (
            (dr == 0) & (dc <= 3),
            ((dr == 0) & (dc <= 2)) | ((dc == 0) & (dr <= 2)),
            (np.maximum(dr, dc) == 2),
            (dr**2 + dc**2 <= 5),
            (dr <= 3) & (dc <= 3) & ((rows - r) % 2 == 0),
        )[kind]
        X[i, 0] += drawn
    return Data("shapes", (100.0 * X + 60.0).astype(np.float32), y.astype(np.int64), 5)


def tokens() -> Data:
    """16 tokens out of 24: which of four marks comes first decides the class; at least two marks are there."""
    rng = np.random.default_rng(4)
    n, steps = 2000, 16
    X = rng.integers(5, 24, (n, steps))
    y = np.empty(n, dtype=np.int64)
    for i in range(n):
        first, second = rng.choice(4, 2, replace=False)
        at = np.sort(rng.choice(steps, 2, replace=False))
        X[i, at] = first + 1, second + 1
        y[i] = first
    return Data("tokens", X.astype(np.int64), y, 4)


DATA: dict[str, Callable[[], Data]] = {
    "digits": digits, "waves": waves, "tumours": tumours, "shells": shells, "shapes": shapes, "tokens": tokens,
}  # fmt: skip
