"""HP517 mixed-sparsity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.present_entries import PresentEntries


@dataclass(frozen=True, kw_only=True)
class MixedSparsity(Rule):
    """Zeros are missing in one matrix and 0 in the other.

    ## What it does
    Compares how many entries of XGBoost's training and validation matrix are there. Fires if one lacks `min_gap` or
    more of its entries and the other none at all (`full` or more are there), as happens when one was made of a sparse
    matrix, whose absent entries are missing to XGBoost, and the other of a dense array, where they are zeros.
    ## Why is this bad
    Missing values go their own way in every split, so that the same row gets another prediction in the other format.
    ## When to ignore it
    The columns of one set truly have missing values, and those of the other none.
    """

    code = "HP517"
    name = "mixed-sparsity"
    explains: ClassVar[tuple[str, ...]] = (
        "CL402", "CL403", "CL404", "CL406", "CL407", "CV101", "CV102", "CV103", "CV107", "FT302", "FT303", "FT305",
    )  # fmt: skip

    min_gap: float = param(0.2, "share of the entries that one of them lacks", ge=0.0, le=1.0)
    full: float = param(0.9999, "share of the entries that the other has", ge=0.0, le=1.0)

    def check(self, present: PresentEntries) -> Iterator[Finding]:
        """Compare the two shares."""
        least, most = sorted((present.trained, present.validated))
        if least > 1.0 - self.min_gap or most < self.full:
            return
        yield self.finding(
            f"{percent(present.trained)} of the entries of the training data are there, and "
            f"{percent(present.validated)} of those of {present.dataset}: zeros that a sparse matrix leaves out "
            "are missing "
            "in the one and 0 in the other. Make both of the same format",
            subject=present.dataset,
            try_next=(Change("missing", 0, "for both, if an absent entry means 0"),),
            trained=present.trained,
            validated=present.validated,
        )
