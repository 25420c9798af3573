"""What treedebug proposes: of one finding, and of a whole report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from treedebug.core.changes import first_way


def plan_of(report: Any) -> list[Any]:
    """The changes that a report proposes together, as its `next` prints them."""
    return list(report.plan)


def advice_of(finding: Any) -> Sequence[Any]:
    """The changes of one finding, in the way it prefers; questions and experiments are left to the user."""
    return first_way(finding.try_next)
