"""Labels that the model contradicts: how many there are by the rows held out, and which by the rows trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.margins import MarginLog, MarginRecord, kept_rows
from treedebug.core.run import Header
from treedebug.engine.resolve import Missing

Floats = NDArray[np.float64]

AREA_ROUNDS = 60
"""The area under the margin is taken over these first rounds: later ones learn the wrong labels by heart."""
_BINS = 20
_NOISE = np.linspace(0.0, 0.6, 31)
_STEEPNESS = np.geomspace(0.1, 20.0, 24)


@dataclass(frozen=True, eq=False)
class LabelSuspects:
    """Rows whose label is probably wrong, most suspicious first, and how much wrong there seems to be.

    `rows`, `areas` (n_rows,): row numbers of the training data in order of the area under their margin, the lowest
    first, and that area (mean margin over the first rounds), after Pleiss et al., "Identifying Mislabeled Data using
    the Area Under the Margin Ranking", 2020.
    """

    source: str
    """Where the predictions come from."""
    rows: NDArray[np.int64]
    areas: Floats
    noise: float
    """Estimated share of the labels that are wrong, see `noise_share`."""
    noise_deviation: float
    """Standard deviation of that estimate."""
    contradicted: float
    """Share with another label than the predicted one, of the quarter of the held-out rows predicted most surely."""
    transfer: float
    """Confidence on the rows held out over that on the training rows (medians): small where much is learnt by heart."""
    n_held_out: int
    n_rounds: int
    """Rounds trained so far."""

    @classmethod
    def measure(cls, log: MarginLog, header: Header) -> Self:
        """Raises Missing unless the margins of classes were kept, of the training data and of a validation set."""
        if header.n_classes < 2:  # noqa: PLR2004 - a classification
            raise Missing("judges labels that are classes; run.margins has the residuals of amounts")
        training = [d for d in log.datasets() if header.data.get(d, {}).get("is_training")]
        held_out = [d for d in log.datasets() if d not in training]
        if not training:
            raise Missing("needs the margins of the training data: see the notes of the run")
        if not held_out:
            raise Missing("needs a validation set: pass one in `evals=` (LightGBM: `valid_sets=`)")
        mine, theirs = log.of(training[0]), log.of(held_out[-1])
        area, own = _area(mine, "margin", header), _area(mine, "lead", header)
        lead, is_wrong = _area(theirs, "lead", header), _area(theirs, "margin", header) < 0
        if not (len(area) and len(lead) and np.isfinite(area).all() and np.isfinite(lead).all()):
            raise Missing("the margins are not finite")
        order = np.argsort(area, kind="stable")
        noise, deviation = noise_share(lead, is_wrong, header.n_classes)
        surest = np.argsort(-lead, kind="stable")[: max(len(lead) // 4, 1)]
        return cls(
            source="the margins of the run",
            rows=kept_rows(mine[0].n_rows, len(area))[order],
            areas=area[order],
            noise=noise,
            noise_deviation=deviation,
            contradicted=float(is_wrong[surest].mean()),
            transfer=float(np.median(lead) / max(float(np.median(own)), 1e-12)),
            n_held_out=len(lead),
            n_rounds=mine[-1].round_index + 1 - header.start_round,
        )


def _area(records: list[MarginRecord], column: str, header: Header) -> Floats:
    """(n_kept,) mean of the margins, or of the leads, over the first rounds."""
    first = header.start_round
    kept = [r for r in records if r.round_index < first + AREA_ROUNDS] or records[:1]
    at = np.array([r.round_index for r in kept], dtype=np.float64)
    # Every record stands for the rounds nearer to it than to another one.
    ends = np.concatenate([at[:1] - 0.5, (at[1:] + at[:-1]) / 2.0, at[-1:] + 0.5])
    values = [r.margin if column == "margin" else r.lead if r.lead is not None else np.abs(r.margin) for r in kept]
    weights = np.diff(ends)
    total = sum(w * v.astype(np.float64) for w, v in zip(weights, values, strict=True))
    return np.asarray(total / weights.sum())


def noise_share(lead: Floats, is_wrong: NDArray[np.bool_], n_classes: int) -> tuple[float, float]:
    """Estimated share of labels that are wrong whatever the row, and its standard deviation, from held-out rows.

    `lead` (n,) is how sure the model is of its prediction, `is_wrong` (n,) whether the label is another one. Where the
    classes merely overlap, the surest predictions are hardly ever contradicted; where labels are wrong at random, even
    the surest are, at the rate of the noise. So the label agrees with probability
    right (1 - noise) + (1 - right) noise / (n_classes - 1), where right, the chance that the prediction is, rises with
    the lead as a logistic curve. The estimate is the mean of the noise given the rows (Bayes), with all values up to
    0.6, and all steepnesses of the curve, equally likely before.
    """
    order = np.argsort(-lead, kind="stable")
    cuts = np.linspace(0, len(lead), min(_BINS, len(lead)) + 1).astype(np.int64)
    sizes = np.diff(cuts).astype(np.float64)
    wrong = np.add.reduceat(is_wrong[order].astype(np.float64), cuts[:-1])
    scaled = np.add.reduceat(lead[order], cuts[:-1]) / sizes / max(float(np.median(lead)), 1e-12)
    others = np.geomspace(1.0, n_classes - 1.0, 1 if n_classes == 2 else 5)  # noqa: PLR2004 - one other class
    right = 1.0 / (1.0 + others[:, None, None] * np.exp(-np.minimum(_STEEPNESS[:, None] * scaled, 700.0)))
    noise = _NOISE[:, None, None, None]
    agrees = np.clip((1.0 - noise) * right + noise / (n_classes - 1) * (1.0 - right), 1e-9, 1.0 - 1e-9)
    fit = ((sizes - wrong) * np.log(agrees) + wrong * np.log1p(-agrees)).sum(axis=-1)
    weight = np.exp(fit - fit.max()).sum(axis=(1, 2))
    weight /= weight.sum()
    mean = float((_NOISE * weight).sum())
    return mean, float(np.sqrt((np.square(_NOISE - mean) * weight).sum()))
