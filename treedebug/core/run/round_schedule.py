"""Rounds at which things happen, fixed by the round number and never by the clock.

Live, loaded and replayed runs agree only because every evaluation, every snapshot and every class balance happens
at rounds that anyone can compute again.
"""

from __future__ import annotations

from collections.abc import Iterator

_FEW = 40
_FIRST = (1, 10, 20)
_DENSE_CLASSES = 5


def is_check_round(n_rounds: int, *, slow: bool = False) -> bool:
    """Return whether the rules look at the run when `n_rounds` rounds are recorded.

    1, when parameters and data facts are known; then 10, 20, 40, 80, 160 and so on, each twice the one before: a look
    costs as much as several rounds on a few thousand rows. Rounds that are `slow` (epochs of a network, few and long)
    are looked at one by one up to the tenth, every second up to 20, every fourth up to 40, then at 60, 80, 120, 160.
    """
    if slow and n_rounds <= _FEW:
        return n_rounds > 0 and n_rounds % (1 if n_rounds <= _FEW // 4 else 2 if n_rounds <= _FEW // 2 else 4) == 0
    if n_rounds <= _FIRST[-1]:
        return n_rounds in _FIRST
    doubled = n_rounds // _FIRST[-1]
    return n_rounds % _FIRST[-1] == 0 and (
        _is_power_of_two(doubled) or (slow and doubled % 3 == 0 and _is_power_of_two(doubled // 3))
    )


def _is_power_of_two(n: int) -> bool:
    return n > 0 and n & (n - 1) == 0


def check_rounds(n_rounds: int, *, slow: bool = False, after: int = 0) -> Iterator[int]:
    """Yield all check rounds over `after` up to and including `n_rounds`, in order; their number is logarithmic."""
    for n in range(max(after, 0) + 1, min(n_rounds, _FEW) + 1):
        if is_check_round(n, slow=slow):
            yield n
    doubled = _FIRST[-1]
    while doubled <= n_rounds:
        for n in (doubled, doubled // 2 * 3)[: 1 + slow]:  # 20, 40, 80, ...; slow 20, 30, 40, 60, 80, 120, ...
            if max(_FEW, after) < n <= n_rounds:
                yield n
        doubled *= 2


def is_margin_round(n_rounds: int, *, dense: int) -> bool:
    """Return whether row margins are recorded when `n_rounds` rounds are: the first `dense`, then check rounds."""
    return n_rounds <= dense or is_check_round(n_rounds)


def is_class_round(round_index: int, *, every: int | None = None) -> bool:
    """Return whether class balance is recorded in this round; `every=1` for all.

    The first five and the tenth, then every twentieth up to 200 rounds, every fortieth up to 400, and so on.
    """
    n_rounds = round_index + 1
    if every is not None:
        return n_rounds % every == 0
    if n_rounds <= _DENSE_CLASSES or n_rounds == _FIRST[1]:
        return True
    step = _FIRST[-1]
    while n_rounds > 10 * step:
        step *= 2
    return n_rounds % step == 0
