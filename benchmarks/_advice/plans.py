"""What treedebug proposes: of one finding, and of a whole report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def plan_of(report: Any) -> list[Any]:
    """The changes that a report proposes together, as its `next` prints them."""
    plan = getattr(report, "plan", None)
    if plan is not None:
        return list(getattr(plan, "changes", plan))
    from treedebug.core.finding_order import related
    from treedebug.reports.phrasing import changes

    return changes(f for f, depth in related(report.findings) if not depth)


def advice_of(finding: Any) -> Sequence[Any]:
    """The changes of one finding."""
    return tuple(finding.try_next)
