"""Labels that out-of-fold predictions contradict, before any training: how many look wrong, and which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from treedebug.core.profile import LabelNoise, Suspect
from treedebug.engine.resolve import Missing
from treedebug.signals.data import TrainingTable

_NOISE = np.linspace(0.0, 0.6, 61)
_STEEPNESS = np.geomspace(0.1, 20.0, 24)
_SUREST = 0.25


@dataclass(frozen=True, eq=False)
class ProfileSuspects:
    """Rows of the training data whose label is probably wrong, and how much wrong there seems to be."""

    suspects: tuple[Suspect, ...]
    """Most suspicious first, at most 100."""
    n_suspects: int
    n_rows: int
    """Rows judged."""
    noise: float
    """Estimated share of the labels that are wrong, see `noise_share`."""
    noise_deviation: float
    """Standard deviation of that estimate."""
    contradicted: float
    """Share with another label than the predicted one, of the quarter of the rows predicted most surely."""
    model: str

    @classmethod
    def measure(cls, table: TrainingTable) -> Self:
        """Raises Missing where no out-of-fold predictions were made."""
        found = table.profile.noise
        if found is None or not found.sureness:
            reason = table.profile.unmeasured.get("noise", "needs the label: name its column with target=")
            raise Missing(reason)
        noise, deviation = noise_share(found)
        return cls(found.suspects, found.n_suspects, found.n_rows, noise, deviation, _contradicted(found), found.model)


def noise_share(found: LabelNoise) -> tuple[float, float]:
    """Estimated share of labels that are wrong whatever the row, and its standard deviation.

    Where the classes merely overlap, the surest predictions are hardly ever contradicted; where labels are wrong at
    random, even the surest are, at the rate of the noise. So the label agrees with probability
    right (1 - noise) + (1 - right) noise / (n_classes - 1), where right, the chance that the prediction is, rises with
    the log odds as a logistic curve. The estimate is the mean of the noise given the rows (Bayes), with all values up
    to 0.6, and all steepnesses of the curve, equally likely before.
    """
    lead, sizes, wrong = np.array(found.sureness, dtype=np.float64).T
    n_classes = max(found.n_classes, 2)
    scaled = lead / max(float(np.median(lead)), 1e-12)
    others = np.geomspace(1.0, n_classes - 1.0, 1 if n_classes == 2 else 5)  # noqa: PLR2004 - one other class
    right = 1.0 / (1.0 + others[:, None, None] * np.exp(-np.minimum(_STEEPNESS[:, None] * scaled, 700.0)))
    noise = _NOISE[:, None, None, None]
    agrees = np.clip((1.0 - noise) * right + noise / (n_classes - 1) * (1.0 - right), 1e-9, 1.0 - 1e-9)
    fit = ((sizes - wrong) * np.log(agrees) + wrong * np.log1p(-agrees)).sum(axis=-1)
    weight = np.exp(fit - fit.max()).sum(axis=(1, 2))
    weight /= weight.sum()
    mean = float((_NOISE * weight).sum())
    return mean, float(np.sqrt((np.square(_NOISE - mean) * weight).sum()))


def _contradicted(found: LabelNoise) -> float:
    """Of the surest parts that make up a quarter of the rows."""
    rows = wrong = 0
    for _, n, contradicted in found.sureness:
        if rows >= _SUREST * found.n_rows:
            break
        rows, wrong = rows + n, wrong + contradicted
    return wrong / max(rows, 1)
