"""The one order in which findings are shown: causes before their symptoms, the worst family first.

Everything here takes time linear in the number of findings, but for sorting: there may be one a feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from treedebug.core.findings import Finding, worst_first

Key = tuple[str, str]


def related(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """Return the findings in order, each with its depth: 0, or one more than that of the cause it stands under.

    Most severe first, a cause before its symptoms and as severe as the worst of them. A symptom stands under the first
    of its causes; where findings explain each other, the more severe one is the cause, or the one of the lower code.
    """
    ranked = sorted(findings, key=worst_first)
    causes = _without_circles(_causes(ranked), ranked)
    below: dict[Key | None, list[Finding]] = {}
    for finding in ranked:
        below.setdefault(causes[finding.key], []).append(finding)
    worst = _worst(below)
    ordered: list[tuple[Finding, int]] = []
    waiting = _families(below.get(None, ()), worst, 0)
    while waiting:
        finding, depth = waiting.pop()
        ordered.append((finding, depth))
        waiting += _families(below.get(finding.key, ()), worst, depth + 1)
    return ordered


def families(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return each finding that no other one explains, with all that stands under it, in the order of `related`."""
    found: list[list[Finding]] = []
    for finding, depth in related(findings):
        if depth:
            found[-1].append(finding)
        else:
            found.append([finding])
    return found


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in the order of `related`."""
    return [finding for finding, _ in related(findings)]


def is_cause(cause: Finding, symptom: Finding) -> bool:
    """Return whether one finding explains the other.

    It says so, and if both are about columns, they have one in common.
    """
    if symptom.is_root or symptom.code not in cause.explains or cause.code == symptom.code:
        return False
    mine, theirs = _columns(cause), _columns(symptom)
    return not mine or not theirs or not set(mine).isdisjoint(theirs)


def _columns(finding: Finding) -> list[str]:
    columns = finding.evidence.get("columns")
    return [str(c) for c in columns] if isinstance(columns, list | tuple) else []


def _causes(ranked: Sequence[Finding]) -> dict[Key, Key | None]:
    """Return each finding's first cause, as `is_cause` tells."""
    of_any: dict[str, int] = {}  # code of a symptom -> rank of its first cause, whatever that is about
    of_all: dict[str, int] = {}  # the same of causes that are about no column, and so about all
    of_column: dict[tuple[str, str], int] = {}
    for rank, cause in enumerate(ranked):
        columns = _columns(cause)
        for code in cause.explains:
            if code != cause.code:
                of_any.setdefault(code, rank)
                if not columns:
                    of_all.setdefault(code, rank)
                for column in columns:
                    of_column.setdefault((code, column), rank)
    causes: dict[Key, Key | None] = {}
    for symptom in ranked:
        columns = _columns(symptom)
        ranks = [of_any.get(symptom.code)] if not columns else [of_all.get(symptom.code)]
        ranks += [of_column.get((symptom.code, column)) for column in columns]
        known = [] if symptom.is_root else [rank for rank in ranks if rank is not None]
        causes[symptom.key] = ranked[min(known)].key if known else None
    return causes


def _without_circles(causes: Mapping[Key, Key | None], ranked: Sequence[Finding]) -> dict[Key, Key | None]:
    """Return the same with each circle broken at its first member."""
    rank = {finding.key: i for i, finding in enumerate(ranked)}
    broken = dict(causes)
    done: set[Key] = set()
    for finding in ranked:
        path: dict[Key, int] = {}
        at: Key | None = finding.key
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = broken[at]
        if at is not None and at in path:
            circle = list(path)[path[at] :]
            broken[min(circle, key=lambda key: rank[key])] = None
        done.update(path)
    return broken


def _worst(below: Mapping[Key | None, Sequence[Finding]]) -> dict[Key, int]:
    """Return the worst severity in each finding's family, itself included."""
    worst: dict[Key, int] = {}
    reached = list(below.get(None, ()))
    for finding in reached:  # grows while it is walked: causes before their symptoms
        reached.extend(below.get(finding.key, ()))
    for finding in reversed(reached):
        worst[finding.key] = max([int(finding.severity), *(worst[s.key] for s in below.get(finding.key, ()))])
    return worst


def _families(findings: Sequence[Finding], worst: Mapping[Key, int], depth: int) -> list[tuple[Finding, int]]:
    """Findings that stand side by side, the one to show first last."""
    return [(f, depth) for f in sorted(findings, key=lambda f: -worst[f.key])][::-1]
