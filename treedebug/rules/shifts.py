"""Why predictions are off in the mean, and labels that differ between training and validation: in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.findings import Change, Severity
from treedebug.core.run import Header
from treedebug.rules.advice import change, figure, percent, reweighted, setting
from treedebug.signals.calibration import MeanProbability
from treedebug.signals.labels import LabelShift
from treedebug.signals.metrics import class_counts, class_weights


def worst(bad: NDArray[np.bool_], shift: NDArray[np.float64]) -> tuple[int, ...] | None:
    """Where the shift is largest among the bad ones, None if none is; of two classes it names the positive one."""
    if not bad.any():
        return None
    size = np.where(bad, np.abs(shift), -1.0)
    at = np.unravel_index(np.flatnonzero(size >= size.max() - 1e-9)[-1], size.shape)
    return tuple(int(i) for i in at)


def of_labels(labels: LabelShift, c: int) -> str:
    """The message for labels that differ."""
    mine, theirs = float(labels.validated[c]), float(labels.trained[c])
    what = (
        f"class {c} has {percent(mine)} of the rows of {labels.dataset} and {percent(theirs)}"
        if labels.of_classes
        else f"the labels of {labels.dataset} are {figure(mine)} in the mean and {figure(theirs)}"
    )
    return (
        f"{what} in the training data: what is learned from the one is off on the other; draw both from the same "
        "rows, or weight the training rows like those of later use"
    )


def cause(header: Header, mean: MeanProbability, c: int) -> tuple[Severity, str, tuple[Change, ...]]:
    """Why the mean probability of a class is off, and what to do."""
    label, n_rounds = header.training_label(), mean.round_index + 1 - header.start_round
    counts, weights = class_counts(label), class_weights(label)
    if reweighted(header):
        plain = (change(header, "scale_pos_weight", 1, "or calibrate the probabilities afterwards"),)
        return Severity.INFO, "the class weights set in the parameters shift the odds", plain
    if counts is not None and counts.sum() > 0 and c < len(counts):
        share = float(counts[c] / counts.sum())
        if weights is not None and weights.sum() > 0 and abs(float(weights[c] / weights.sum()) - share) > share / 4:
            return Severity.INFO, "the sample weights shift the odds", ()
        if abs(share - float(mean.labelled[c])) > share / 4 and (share > mean.labelled[c]) == (
            mean.predicted[c] > mean.labelled[c]
        ):
            return Severity.WARNING, f"in the training data it is {percent(share)}, so the two differ in kind", ()
    rate = setting(header, "learning_rate")
    if rate is not None and rate * n_rounds < 3.0:  # noqa: PLR2004 - e**-3 is left
        more = (change(header, "n_estimators", 2 * (mean.round_index + 1), "the mean has not arrived yet"),)
        return Severity.WARNING, f"{n_rounds} rounds at {figure(rate)} have not brought the mean there", more
    return Severity.WARNING, f"the rows of {mean.dataset} are not like the training rows, or the model is off", ()
