"""Labels, means and calls that differ between training and validation: the known cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.changes import Change, question
from treedebug.core.findings import Severity
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import faster, longer, reweighted, setting
from treedebug.signals.classes.calibration import MeanProbability
from treedebug.signals.classes.class_balance import CalledShares, standing
from treedebug.signals.classes.label_shift import LabelShift
from treedebug.signals.curves.metric_facts import class_counts, class_weights, odds_factor


def worst(bad: NDArray[np.bool_], shift: NDArray[np.float64]) -> tuple[int, ...] | None:
    """Where the shift is largest among the bad ones, None if none is; of two classes it names the positive one."""
    if not bad.any():
        return None
    size = np.where(bad, np.abs(shift), -1.0)
    at = np.unravel_index(np.flatnonzero(size >= size.max() - 1e-9)[-1], size.shape)
    return tuple(int(i) for i in at)


@dataclass(frozen=True)
class Shift:
    """One way in which predictions or labels are off."""

    message: str
    subject: str
    evidence: dict[str, Any]
    rounds: tuple[int, int] | None = None
    severity: Severity = Severity.WARNING
    changes: tuple[Change, ...] = ()


def of_labels(labels: LabelShift, *, sigmas: float, odds: float, amount: float) -> Shift | None:
    """Labels that differ between both datasets: by `odds`, or for amounts by `amount` standard deviations."""
    shift = labels.validated - labels.trained
    far = odds_factor(labels.validated, labels.trained) >= odds if labels.of_classes else abs(shift) >= amount
    at = worst(far & (labels.sigmas >= sigmas), shift)
    if at is None:
        return None
    mine, theirs = float(labels.validated[at]), float(labels.trained[at])
    what = (
        f"class {at[0]} has {percent(mine)} of the rows of {labels.dataset} and {percent(theirs)}"
        if labels.of_classes
        else f"the labels average {figure(mine)} in {labels.dataset} and {figure(theirs)}"
    )
    message = (
        f"{what} in the training data: a model of the one is off on the other; draw both from the same rows, or weight "
        "the training rows as they will come in use"
    )
    many = float(min(labels.sigmas[at], 1e6))
    return Shift(message, labels.dataset, {"trained": theirs, "validated": mine, "sigmas": many})


def of_means(  # noqa: PLR0913 - limits by name
    mean: MeanProbability, header: Header, *, sigmas: float, odds: float, looks: int, since: int
) -> Shift | None:
    """A mean probability that is off its share of the labels in `looks` records in a row, from a round on."""
    if mean.rounds[-1] < since:
        return None
    shift = standing(mean.every - mean.labelled, looks)
    far = odds_factor(mean.labelled + shift, np.broadcast_to(mean.labelled, shift.shape)) >= odds
    late = (mean.rounds >= since)[:, None]
    at = worst(far & late & (abs(shift) >= sigmas * mean.error), shift)
    if at is None:
        return None
    labelled, predicted = float(mean.labelled[at[1]]), float(mean.labelled[at[1]] + shift[at])
    severity, why, changes = cause(header, mean, at[1])
    message = (
        f"class {at[1]} is predicted with a mean probability of {percent(predicted)} on {mean.dataset}, where "
        f"{percent(labelled)} of the rows have it: {why}"
    )
    many = float(min(abs(shift[at]) / max(float(mean.error[at[1]]), 1e-12), 1e6))
    evidence = {"class_index": at[1], "predicted": predicted, "labelled": labelled, "sigmas": many}
    return Shift(message, mean.dataset, evidence, (int(mean.rounds[at[0]]), mean.round_index), severity, changes)


def of_calls(called: CalledShares, *, sigmas: float, least: float, looks: int) -> Shift | None:
    """A class that is called more or less often than on the training data, in `looks` records in a row."""
    shift = called.validated - called.trained
    sure = abs(standing(shift / called.error, looks)) >= sigmas
    at = worst(sure & (abs(standing(shift, looks)) >= least), shift)
    if at is None:
        return None
    mine, theirs = float(called.validated[at]), float(called.trained[at])
    message = (
        f"class {at[1]} is called for {percent(mine)} of the rows of {called.dataset}, but for {percent(theirs)} of "
        f"the training rows, by the same trees: the rows of {called.dataset} are not like the training rows; compare "
        "the columns of both"
    )
    many = float(min(abs(shift[at] / called.error[at]), 1e6))
    evidence = {"class_index": at[1], "predicted": mine, "trained": theirs, "sigmas": many}
    return Shift(message, called.dataset, evidence, (int(called.rounds[at[0]]), int(called.rounds[-1])))


def cause(header: Header, mean: MeanProbability, c: int) -> tuple[Severity, str, tuple[Change, ...]]:
    """Why the mean probability of a class is off, and what to do."""
    label, n_rounds = header.training_label(), mean.round_index + 1 - header.start_round
    counts, weights = class_counts(label), class_weights(label)
    if reweighted(header):
        plain = (question("Do you need probabilities? Calibrate them on rows apart, or train with equal weights."),)
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
    if rate is not None and rate * n_rounds < 3.0:  # e**-3 is left
        more = (*faster(header, n_rounds), *longer(header, 2 * (mean.round_index + 1)))
        return Severity.WARNING, f"{n_rounds} rounds at {figure(rate)} have not brought the mean there", more
    return Severity.WARNING, f"the rows of {mean.dataset} are not like the training rows, or the model is off", ()
