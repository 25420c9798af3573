"""HP522 misplaced-gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.own_gradient import OwnGradient


@dataclass(frozen=True, kw_only=True)
class MisplacedGradients(Rule):
    """The gradients of an own objective of several classes go to other rows and classes.

    ## What it does
    A gradient is negative for a row's own class, whose score is to rise. Fires if that holds in `min_right` of the rows
    when the gradients are read row by row, and in `max_read` of them or fewer as LightGBM reads a flat array: class
    after class.
    ## Why is this bad
    Rows are pushed to classes that are not theirs, and the trees learn noise.
    ## When to ignore it
    Never: return an array of (rows, classes), which cannot be misread.
    """

    code = "HP522"
    name = "misplaced-gradients"
    severity = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = (
        "CL402", "CL403", "CL404", "CL405", "CV101", "CV102", "CV103", "CV104", "CV105", "CV106", "CV107", "CV109",
        "CV111", "CV112", "HP509", "HP512", "HP513", "HP521", "TR203", "TR204", "TR205", "TR206", "DA622",
    )  # fmt: skip

    min_right: float = param(0.95, "share of the rows that are right row by row", ge=0.0, le=1.0)
    max_read: float = param(0.9, "share of the rows that are right as they are read", ge=0.0, le=1.0)

    def check(self, own: OwnGradient) -> Iterator[Finding]:
        """Compare the two ways to read the gradients."""
        read, by_rows = own.well_placed, own.well_placed_by_rows
        if read is None or by_rows is None or by_rows < self.min_right or read > self.max_read:
            return
        yield self.finding(
            f"your own objective returns its gradients flattened row by row, and LightGBM reads a flat array class "
            f"after class: {percent(read)} of the rows are drawn to their own class, and {percent(by_rows)} were meant "
            "to be; return an array of shape (rows, classes), or flatten it by columns: ravel(order='F')",
            subject="gradient",
            well_placed=read,
            well_placed_by_rows=by_rows,
        )
