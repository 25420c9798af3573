"""Label noise found before training, as DA622 tells of it: for the rule that also judges it by a run's margins."""

from __future__ import annotations

from dataclasses import dataclass

from treedebug.rules.advice import listed, percent
from treedebug.rules.columns import MOST, shown
from treedebug.signals.suspects_profile import ProfileSuspects


@dataclass(frozen=True)
class NoisyLabels:
    """What to say of a table whose labels look wrong, and of which rows (at most 100, the most suspicious first)."""

    message: str
    rows: list[int]
    given: list[str]
    suggested: list[str]


def noisy_labels(found: ProfileSuspects, *, min_noise: float, min_sure: float, min_match: float) -> NoisyLabels | None:
    """None unless the estimated share of wrong labels is `min_noise`, and `min_sure` less a standard deviation.

    Classes that merely overlap are contradicted by far more of the surest predictions than the estimate says: it must
    be `min_match` of these or more. On clean tables the estimate is 0 to 0.036 and on those with 5 % of their labels
    wrong 0.05 to 0.10 (Iris); where it is high by overlap, it is a third to two thirds of what is contradicted.
    """
    enough = found.noise >= min_noise and found.noise - found.noise_deviation >= min_sure
    if not enough or found.noise < min_match * found.contradicted or not found.suspects:
        return None
    n = max(min(round(found.noise * found.n_rows), len(found.suspects)), 1)
    some = found.suspects[:n]
    words = [f"{s.row} ({shown(s.given)}, rather {shown(s.suggested)})" for s in some]
    message = (
        f"about {percent(found.noise)} of the labels look wrong: {percent(found.contradicted)} of those predicted most "
        f"surely, out of fold, are another one; most suspicious are rows {listed(words, 4)}"
    )
    return NoisyLabels(
        message, [s.row for s in some], [str(s.given) for s in some[:MOST]], [str(s.suggested) for s in some[:MOST]]
    )
