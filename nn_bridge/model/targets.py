"""What the targets of a loss are: classes, amounts, probabilities; and on which scale."""

from __future__ import annotations

import math
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
        return facts | {"targets": CLASSES} | _commonest(targets)
    values = targets.detach().float()
    finite = values[torch.isfinite(values)]
    if not finite.numel():
        return facts
    facts |= {
        "targets": _kind(values, finite), "target_min": float(finite.min()), "target_max": float(finite.max()),
        "target_mean": float(finite.mean()), "target_std": float(finite.std(correction=0)),
        "output_std": float(scores.detach().float().std(correction=0)),
    }  # fmt: skip
    return facts | ({"target_evenness": _evenness(finite)} if facts["targets"] == CODES else {})


def _commonest(targets: torch.Tensor) -> dict[str, Any]:
    values, counts = torch.unique(targets.detach(), return_counts=True)
    if not len(values):
        return {}
    at = int(counts.argmax())
    return {"common_target": int(values[at]), "common_share": float(counts[at]) / targets.numel()}


def _evenness(codes: torch.Tensor) -> float:
    share = torch.bincount(codes.long()).float() / codes.numel()
    return float(-(share * share.clamp_min(1e-12).log()).sum()) / math.log(len(share))


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
