"""Which run is better, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.report import ComparisonReport, Score
from treedebug.reports.phrasing import one_line, plural, printable, short
from treedebug.signals.runs.candidates import Candidate
from treedebug.signals.runs.score_differences import ScoreDifference

_MOST_NAMED = 4


def compared_verdict(
    report: ComparisonReport,
    differences: Sequence[ScoreDifference | None],
    reference: int,
    candidates: Sequence[Candidate] = (),
) -> str:
    """Say "b is better than a: valid logloss 0.141 against 0.152, a difference of ...", or that chance explains it."""
    if candidates:
        return _of_candidates(candidates)
    known = [d for d in differences if d is not None]
    labels = [printable(one_line(label)) for label in report.labels]
    if not known:
        return _without_metric(report.scores)
    if len(report.labels) == 2:
        return _of_two(known[0], labels[known[0].position], labels[reference])
    return _of_many(known, labels, reference)


def _of_two(d: ScoreDifference, name: str, other: str) -> str:
    metric = f"{printable(d.dataset)} {printable(d.metric)}"
    interval = f"95 % interval {_signed(d.low)} to {_signed(d.high)}{', row by row' if d.is_paired else ''}"
    values = f"{metric} {short(d.value)} against {short(d.reference_value)}"
    if d.is_better:
        return f"{name} is better than {other}: {values}, a difference of {_signed(d.difference)} ({interval})."
    if d.is_worse:
        return f"{name} is worse than {other}: {values}, a difference of {_signed(d.difference)} ({interval})."
    return f"No difference beyond chance: {values}, a difference of {_signed(d.difference)} ({interval})."


def _of_many(known: Sequence[ScoreDifference], labels: Sequence[str], reference: int) -> str:
    first = known[0]
    head = f"{labels[reference]} is best by {printable(first.dataset)} {printable(first.metric)} "
    head += f"({short(first.reference_value)})"
    alike = [labels[d.position] for d in known if not d.is_worse]
    if not alike:
        return f"{head}, beyond chance better than each of the other {len(known)}."
    named = ", ".join(alike[:_MOST_NAMED]) + (
        f" and {len(alike) - _MOST_NAMED} more" if len(alike) > _MOST_NAMED else ""
    )
    return f"{head}, but chance explains its lead over {plural(len(alike), 'run')} of {len(known)}: {named}."


def _of_candidates(candidates: Sequence[Candidate]) -> str:
    best = candidates[0]
    said = f"{printable(best.candidate)}: {printable(best.metric)} {short(best.mean)} on average over "
    said += f"{plural(len(best.values), 'fold')}, standard deviation {short(best.deviation)}"
    if len(candidates) > 1:
        said = f"The best of {len(candidates)} candidates is {said}; the next is {printable(candidates[1].candidate)} "
        said += f"with {short(candidates[1].mean)}"
    if best.disagree:
        return f"{said}. {', '.join(map(printable, best.disagree))} disagrees with the other folds."
    return f"{said}."


def _without_metric(scores: Sequence[Score | None]) -> str:
    if any(s is not None for s in scores):
        return "The runs do not watch one metric on the same validation rows, so none can be called better."
    return "No run has a validation metric, so none can be called better."


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{short(float(f'{value:.3g}'))}"
