"""Tree anatomy: depth, leaves, gain, leaf values and hessian mass by round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.tree_pass import QUANTILES, tree_pass

NO_TREES = "no trees were recorded"


@dataclass(frozen=True, kw_only=True, eq=False)
class TreeAnatomy(Picture):
    """The trees, in bins of rounds. Columns have shape (n_bins,); NaN for rounds without a tree."""

    name: ClassVar[str] = "tree_anatomy"
    question: ClassVar[str] = "Do the trees grow as they should, and do they still find something late in the training?"

    rounds: Ints
    """First round of each bin."""
    last_rounds: Ints
    """Last round of each bin: the same as `rounds` where a bin is one round."""
    n_trees: Ints
    depth: Floats
    """Mean over the trees of the bin, as the next three."""
    leaves: Floats
    gain: Floats
    """Of all splits of a tree."""
    sum_hessian: Floats
    """Of the root."""
    deepest: Floats
    probabilities: tuple[float, ...]
    leaf_quantiles: Floats
    """(n_bins, len(probabilities)) of the leaf values, after shrinkage."""


def tree_anatomy(run: AnyRun) -> TreeAnatomy | NoPicture:
    """Return the shape of the trees over the rounds."""
    seen = tree_pass(data_of(run))
    if seen is None:
        return NoPicture(NO_TREES)
    return TreeAnatomy(
        rounds=seen.edges[:-1],
        last_rounds=seen.edges[1:] - 1,
        n_trees=seen.n_trees,
        depth=seen.depth,
        leaves=seen.leaves,
        gain=seen.gain,
        sum_hessian=seen.sum_hessian,
        deepest=seen.deepest,
        probabilities=QUANTILES,
        leaf_quantiles=seen.leaf_quantiles,
    )
