"""Which findings are shown in full: of one rule the first few; the others are only named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from treedebug.core.findings import Finding

_SAME_RULE = 3
"""Findings of one rule that are shown in full; the others are named on one line."""


def folded(findings: Iterable[Finding], *, full: bool = False) -> Iterator[tuple[Finding, list[Finding]]]:
    """Yield each finding to show in full, the last of its rule with those of the same rule that are only named."""
    by_rule: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[-finding.severity, finding.code].append(finding)
    for same in by_rule.values():
        # one more is as long as the line that would say so
        shown = same if full or len(same) <= _SAME_RULE + 1 else same[:_SAME_RULE]
        for finding in shown:
            yield finding, (same[len(shown) :] if finding is shown[-1] else [])
