"""HP516 thin-categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import experiment
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.params.category_rows import CategoryRows
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, kw_only=True)
class ThinCategories(Rule):
    """A categorical feature has so few rows a category that its splits learn the labels by heart.

    ## What it does
    Counts the categories of the categorical features. Fires for one of `min_categories` or more with fewer than
    `min_rows` training rows each, in the mean, that holds `min_gain` or more of all gain. And, after `idle_rounds`
    rounds, for one that is never split on, where its categories have fewer rows than LightGBM's `min_data_per_group`:
    a split must have that many on the side of the categories it picks.
    ## Why is this bad
    A categorical split sorts the categories by their mean label first: with few rows each, that order is the noise of
    the training labels, and the split looks far better than it is. Or the feature is lost: LightGBM asks for 100 rows
    by default, which a small table does not have.
    ## When to ignore it
    The categories differ so much that a few rows tell them apart, and validation agrees.
    """

    code = "HP516"
    name = "thin-categories"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV107", "FT301", "FT302", "FT303", "FT304", "FT305", "FT306", "TR206",
    )  # fmt: skip

    min_categories: int = param(20, "categories of the feature", ge=2, le=1_000_000)
    min_rows: float = param(30.0, "training rows a category", ge=0.0, le=1e9)
    idle_rounds: int = param(20, "rounds in which a feature must be split on", ge=1, le=1_000_000)
    min_gain: float = param(0.1, "share of all gain that the feature holds", ge=0.0, le=1.0)

    def check(self, categories: CategoryRows, params: Params, header: Header) -> Iterator[Finding]:
        """Compare rows with categories."""
        thin = [
            name
            for name, n in categories.counts.items()
            if n >= self.min_categories
            and categories.n_rows < self.min_rows * n
            and categories.gain.get(name, 0.0) >= self.min_gain
        ]
        group = params.numeric("min_data_per_group")
        yield from self._idle(categories, 100.0 if group is None else group, header)
        for name in thin:
            n, share = categories.counts[name], categories.gain[name]
            tries: tuple[Change, ...] = (change(header, "cat_smooth", 100, "pulls thin categories to the mean"),)
            if params.library == "xgboost":
                tries = (
                    experiment(f"train without {name}, or with its mean label out of fold in its place, and compare"),
                )
            elif group is not None and group < 100:
                tries = (change(header, "min_data_per_group", 100, "LightGBM's default"), *tries)
            yield self.finding(
                f"the categories of {name} have {figure(categories.n_rows / n)} rows each ({n} categories), and "
                "its splits "
                f"hold {percent(share)} of the gain: few rows a category are learned by heart",
                subject=name,
                try_next=tries,
                n_categories=n,
                share=share,
                columns=[name],
            )

    def _idle(self, categories: CategoryRows, group: float, header: Header) -> Iterator[Finding]:
        """Say which features are never split on, for no category has the rows that LightGBM asks for."""
        if header.library != "lightgbm" or categories.n_rounds < self.idle_rounds:
            return
        for name, n in categories.counts.items():
            rows = categories.n_rows / max(n, 1)
            if categories.gain.get(name, 0.0) > 0 or not 1.0 < rows < group:
                continue
            fewer = change(header, "min_data_per_group", max(int(rows / 3), 1), "what a category has")
            smooth = change(header, "cat_smooth", 1, "its default of 10 is much beside so few rows")
            yield self.finding(
                f"{name} is never split on: its {n} categories have {figure(rows)} rows each, and "
                f"{fewer.parameter}={figure(group)} asks for more",
                subject=name,
                try_next=(fewer, smooth),
                n_categories=n,
                columns=[name],
            )
