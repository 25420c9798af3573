"""What the targets of a loss are: classes, amounts, probabilities; and on which scale."""

from __future__ import annotations

from typing import Any

import torch

from nn_bridge.record.network_facts import AMOUNTS, CLASSES, CODES, FLAGS, ONE_HOT

_MATRIX = 2
_MAX_CODES = 50


@torch.no_grad()
def describe_targets(scores: torch.Tensor, targets: torch.Tensor) -> dict[str, Any]:
    """Return the fields of `LossFacts` on targets: their kind, and range, mean and spread where they are amounts."""
    facts: dict[str, Any] = {"n_outputs": int(scores.shape[-1]) if scores.dim() >= _MATRIX else 1}
    if not targets.is_floating_point():
        return facts | {"targets": CLASSES}
    values = targets.detach().float()
    finite = values[torch.isfinite(values)]
    if not finite.numel():
        return facts
    facts |= {
        "targets": _kind(values, finite), "target_min": float(finite.min()), "target_max": float(finite.max()),
        "target_mean": float(finite.mean()), "target_std": float(finite.std(correction=0)),
        "output_std": float(scores.detach().float().std(correction=0)),
    }  # fmt: skip
    return facts


def _kind(values: torch.Tensor, finite: torch.Tensor) -> str:
    is_whole = bool((finite == finite.floor()).all()) and finite.min() >= 0
    if not is_whole or finite.numel() != values.numel():
        return AMOUNTS
    if finite.max() <= 1:
        is_rows = values.dim() >= _MATRIX and values.shape[1] > 1
        return ONE_HOT if is_rows and bool((values.sum(1) == 1).all()) else FLAGS
    n = len(torch.unique(finite))
    is_dense = _MATRIX < n <= _MAX_CODES and n == int(finite.max()) + 1
    return CODES if is_dense and values.numel() == values.shape[0] else AMOUNTS
