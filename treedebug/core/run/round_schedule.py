"""Rounds at which things happen, fixed by the round number and never by the clock.

Live, loaded and replayed runs agree only because every evaluation, every snapshot and every class balance happens
at rounds that anyone can compute again.
"""

from __future__ import annotations

from collections.abc import Iterator

_FEW = 40


def is_check_round(n_rounds: int, *, slow: bool = False) -> bool:
    """Return whether the rules look at the run when `n_rounds` rounds are recorded.

    1, when parameters and data facts are known; then 10, 20, 40, 60, 80, 100, 120, 160, 200, 240, 320, 400, 480 and so
    on, each step a fifth to a third of the rounds so far: the number of evaluations grows with the logarithm of the
    rounds, and a look costs about as much as a round on a few thousand rows. Rounds that are `slow` (epochs of a
    network, few and long) are looked at one by one up to the tenth, every second up to 20, every fourth up to 40.
    """
    if slow and n_rounds <= _FEW:
        return n_rounds > 0 and n_rounds % (1 if n_rounds <= _FEW // 4 else 2 if n_rounds <= _FEW // 2 else 4) == 0
    if n_rounds <= 20:  # the first looks
        return n_rounds in (1, 10, 20)
    step = 20
    while n_rounds > 5 * step:
        step *= 2
    return n_rounds % step == 0


def check_rounds(n_rounds: int, *, slow: bool = False) -> Iterator[int]:
    """Yield all check rounds up to and including `n_rounds`, in order."""
    return (n for n in range(1, n_rounds + 1) if is_check_round(n, slow=slow))


def is_margin_round(n_rounds: int, *, dense: int) -> bool:
    """Return whether row margins are recorded when `n_rounds` rounds are: the first `dense`, then check rounds."""
    return n_rounds <= dense or is_check_round(n_rounds)


def is_class_round(round_index: int, *, every: int | None = None) -> bool:
    """Return whether class balance is recorded in this round: the first five, then every tenth; `every=1` for all."""
    if every is not None:
        return (round_index + 1) % every == 0
    return round_index < 5 or (round_index + 1) % 10 == 0  # dense at first
