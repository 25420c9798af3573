"""The first rounds of a booster, as its library saves them."""

from __future__ import annotations

from typing import Any


def first_rounds(booster: Any, library: str, n_rounds: int) -> bytes:
    """Return the model's first rounds: UBJSON of XGBoost, text of LightGBM."""
    if library == "xgboost":
        whole = n_rounds >= booster.num_boosted_rounds()
        return bytes((booster if whole else booster[:n_rounds]).save_raw("ubj"))
    return bytes(booster.model_to_string(num_iteration=n_rounds).encode())
