"""Which parameter values go with a finding, over many runs: one-sided Fisher's exact test of each cut, corrected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST_VALUES = 50


@dataclass(frozen=True, kw_only=True)
class ParameterLink:
    """Runs that meet a condition on one parameter have a finding far more often than the others."""

    code: str
    condition: str
    """Such as "max_depth >= 7"."""
    found_inside: int
    n_inside: int
    found_outside: int
    n_outside: int
    p_value: float
    """By chance at least as many inside, times the number of conditions tried (Bonferroni)."""


def parameter_links(params: Sequence[Mapping[str, Any]], codes: Sequence[frozenset[str]]) -> list[ParameterLink]:
    """Return for each finding the condition that goes with it best, the least likely by chance first.

    `params` and `codes` have an entry a run: its parameters, and the codes of its findings.
    """
    conditions = list(_conditions(params))
    links = []
    for code in sorted(frozenset().union(*codes)):
        has = [code in found for found in codes]
        candidates = [link for name, inside in conditions if (link := _link(code, name, inside, has, len(conditions)))]
        if candidates:
            links.append(min(candidates, key=lambda link: (link.p_value, link.condition)))
    return sorted(links, key=lambda link: link.p_value)


def _conditions(params: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[bool]]]:
    """Yield every cut of every parameter that differs, with the runs inside."""
    for name in dict.fromkeys(name for p in params for name in p):
        given = [p.get(name) for p in params]
        values = [float(v) for v in given if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(values) == len(given) and all(map(math.isfinite, values)):
            for cut in sorted(set(values))[1:_MOST_VALUES]:
                yield f"{name} >= {cut:g}", [v >= cut for v in values]
                yield f"{name} < {cut:g}", [v < cut for v in values]
        else:
            texts = [str(v) for v in given]
            distinct = sorted(set(texts))
            if 1 < len(distinct) <= _MOST_VALUES:
                yield from ((f"{name} = {value}", [t == value for t in texts]) for value in distinct)


def _link(code: str, condition: str, inside: Sequence[bool], has: Sequence[bool], n_tried: int) -> ParameterLink | None:
    n, n_inside, n_found = len(has), sum(inside), sum(has)
    found_inside = sum(i and h for i, h in zip(inside, has, strict=True))
    if found_inside * n <= n_inside * n_found:  # no more often than elsewhere
        return None
    return ParameterLink(
        code=code,
        condition=condition,
        found_inside=found_inside,
        n_inside=n_inside,
        found_outside=n_found - found_inside,
        n_outside=n - n_inside,
        p_value=min(1.0, n_tried * hypergeometric_tail(found_inside, n, n_found, n_inside)),
    )


def hypergeometric_tail(at_least: int, n: int, n_marked: int, n_drawn: int) -> float:
    """Return the probability of at least so many marked among `n_drawn` drawn from `n` without putting back."""
    ways = math.comb(n, n_drawn)
    most = min(n_marked, n_drawn)
    return sum(math.comb(n_marked, k) * math.comb(n - n_marked, n_drawn - k) for k in range(at_least, most + 1)) / ways
