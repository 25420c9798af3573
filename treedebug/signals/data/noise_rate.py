"""How many labels are wrong whatever the row, by how often the surest predictions are contradicted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Parts = tuple[tuple[float, int, int], ...]
"""Parts of the rows, those predicted most surely first: mean lead of the prediction, rows, rows of another label."""

_PARTS = 20
_NOISE = np.linspace(0.0, 0.6, 61)
_STEEPNESS = np.geomspace(0.1, 20.0, 24)


def parts_of(lead: Floats, is_wrong: NDArray[np.bool_]) -> Parts:
    """Return twenty parts of the rows.

    `lead` (n,) says how sure each prediction is, `is_wrong` (n,) if the label differs.
    """
    order = np.argsort(-lead, kind="stable")
    cuts = [part for part in np.array_split(order, _PARTS) if len(part)]
    return tuple((float(lead[part].mean()), len(part), int(is_wrong[part].sum())) for part in cuts)


def noise_fit(parts: Parts, n_classes: int) -> Floats:
    """Return (61,) log likelihood of each share of wrong labels from 0 to 0.6.

    Where the classes merely overlap, the surest predictions are hardly ever contradicted; where labels are wrong at
    random, even the surest are, at the rate of the noise. So the label agrees with probability
    right (1 - noise) + (1 - right) noise / (n_classes - 1), where right, the chance that the prediction is, rises with
    the lead as a logistic curve, all steepnesses of which are equally likely before.
    """
    lead, sizes, wrong = np.array(parts, dtype=np.float64).T
    others = np.geomspace(1.0, max(n_classes - 1.0, 1.0), 1 if n_classes <= 2 else 5)  # one other class
    scaled = lead / max(float(np.median(lead)), 1e-12)
    right = 1.0 / (1.0 + others[:, None, None] * np.exp(-np.minimum(_STEEPNESS[:, None] * scaled, 700.0)))
    noise = _NOISE[:, None, None, None]
    agrees = np.clip((1.0 - noise) * right + noise / max(n_classes - 1, 1) * (1.0 - right), 1e-9, 1.0 - 1e-9)
    fit = ((sizes - wrong) * np.log(agrees) + wrong * np.log1p(-agrees)).sum(axis=-1).reshape(len(_NOISE), -1)
    best = fit.max()
    return np.asarray(np.log(np.maximum(np.exp(fit - best).sum(axis=1), 1e-300)) + best)


def noise_share(fits: list[Floats]) -> tuple[float, float]:
    """Return the mean of the noise given all rows (Bayes), and its standard deviation."""
    fit = sum(fits, start=np.zeros(len(_NOISE)))
    weight = np.exp(fit - fit.max())
    weight /= weight.sum()
    mean = float((_NOISE * weight).sum())
    return mean, float(np.sqrt((np.square(_NOISE - mean) * weight).sum()))


def surest(parts: Parts) -> tuple[int, int]:
    """Return (rows of another label, rows) of the surest parts that make up a quarter of the rows."""
    total, rows, wrong = sum(n for _, n, _ in parts), 0, 0
    for _, n, contradicted in parts:
        if 4 * rows >= total:
            break
        rows, wrong = rows + n, wrong + contradicted
    return wrong, rows
