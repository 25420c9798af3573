"""DA625 changed-relation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import experiment
from treedebug.core.data.label_traces import Relation
from treedebug.core.findings import Change, Finding
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import MOST, concerned, told
from treedebug.signals.data.checked_tables import Split, Splits
from treedebug.signals.data.set_drift import rows_a_group


@dataclass(frozen=True, kw_only=True)
class ChangedRelation(Rule):
    """What a feature says of the label is not the same in another set.

    ## What it does
    Learns the mean label in bins of each feature on one half of the training rows, and ranks the other half and the
    other set by it. Fires when the areas under the two ROC curves differ by `min_change` or more and by `min_errors`
    standard errors, also when the training rows are weighted so that the feature is spread as in the other set. Where
    no feature changed, nor is spread otherwise by `max_drift`, the same of a small booster on all of them together.
    ## Why is this bad
    The model uses what it learned where it no longer holds. The usual reasons: the mean label of categories was taken
    over the training rows, each row's own label included; an encoder was fitted anew for the other set, so that its
    codes mean something else; two columns were swapped; labels and rows were joined in another order.
    ## When to ignore it
    The world has changed between the sets, and the score should say how the model copes.
    """

    code = "DA625"
    name = "changed-relation"
    explains = ("CV101", "CV102", "CV108", "DA610")

    min_change: float = param(0.05, "difference of the areas under the ROC curves", ge=0.0, le=1.0)
    min_errors: float = param(5.0, "the same in standard errors", ge=0.0, le=1000.0)

    max_drift: float = param(0.15, "distance of the distributions that explains a worse area", ge=0.0, le=1.0)

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare the areas of every column."""
        if not any(s.between.relations for s in splits):
            raise Missing("needs labels in both sets, of 100 rows or more and 25 of each class")
        for split in splits:
            if found := self._changed(split):
                phrases = [f"{r.column} ({r.train:.2f} in training, {r.other:.2f} in {split.name})" for r in found]
                yield self.finding(
                    f"the label depends on other values than in training: {told(phrases)}; the numbers are areas under "
                    "the ROC curve of the column alone",
                    subject=split.name,
                    try_next=(Change("encode", [r.column for r in found[:MOST]],
                                     f"fit encoders once, on training rows, target means out of fold; "
                                     f"look how {split.name} was made"),),
                    **concerned([r.column for r in found]),
                    areas={r.column: [r.train, r.other] for r in found[:MOST]},
                )  # fmt: skip

            elif (joint := self._together(split)) is not None:
                yield self.finding(
                    f"together the columns say something else of the label than in training, and each alone the "
                    f"same: a small booster learned on half of the training rows ranks the other half with an area "
                    f"under the ROC curve of {joint.train:.2f}, and {split.name} with {joint.other:.2f}: another "
                    f"relation, or labels and columns that were joined otherwise",
                    subject=split.name,
                    try_next=(
                        experiment(f"train with some rows of {split.name}", "if they are what the model is for"),
                    ),
                    areas={"together": [joint.train, joint.other]},
                )

    def _together(self, split: Split) -> Relation | None:
        joint = split.between.together
        drifts = [d.distance for d in (*split.between.drifts, split.between.label_drift) if d is not None]
        by_heart = any(c.one_label is not None for c in split.train.columns) or split.train.group
        if joint is None or by_heart or max(drifts, default=0.0) > self.max_drift:
            return None
        far = joint.train - joint.other >= self.min_change and joint.z >= self.min_errors
        return joint if far else None

    def _changed(self, split: Split) -> list[Relation]:
        rows_each = max(rows_a_group(split), 1.0) ** 0.5
        found = [
            r
            for r in split.between.relations
            if abs(r.z) / rows_each >= self.min_errors and abs(r.train - r.other) >= self.min_change
        ]
        return sorted(found, key=lambda r: -abs(r.z))
