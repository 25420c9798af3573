"""How to weigh the classes where a parameter does not do it."""

from __future__ import annotations

_WEIGHERS = ("class_weight", "is_unbalance", "unbalance", "unbalanced_sets", "scale_pos_weight", "pos_weight")


def how_to_weigh(library: str, name: str) -> str:
    """How to weigh the classes where a parameter does not do it."""
    data = {"lightgbm": "lgb.Dataset", "xgboost": "xgb.DMatrix"}.get(library)
    if data is None or name not in _WEIGHERS:
        return ""
    return f". To weigh the classes give each row a weight: {data}(..., weight=...), or sample_weight= of fit."
