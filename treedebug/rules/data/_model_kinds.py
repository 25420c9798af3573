"""What a model makes of a fact of its table: trees mind neither scale nor columns without information."""

from __future__ import annotations

from treedebug.core.run.run_data import Header

_TREES = ("xgboost", "lightgbm")
_LINEAR = ("gblinear",)


def trains_trees(header: Header) -> bool:
    """Return whether a booster of trees is trained; False of a network, and of a table before any training."""
    return header.library in _TREES and header.booster not in _LINEAR


def may_train_trees(header: Header) -> bool:
    """The same, and True of a table before any training."""
    return not header.library or trains_trees(header)
