"""Facts of data that several workers hold, each a part of the rows: summed, so that they are of the whole."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Mapping, Sequence
from typing import Any

Facts = Mapping[str, Any]


def worker_share(rank: int, data: Mapping[str, Facts]) -> dict[str, Any]:
    """Return who this worker is, and how many rows of each dataset it has, for the header's `workers`."""
    rows = {name: facts["n_rows"] for name, facts in data.items() if "n_rows" in facts}
    return {"rank": rank, "host": platform.node(), "pid": os.getpid(), "rows": rows}


def joined_facts(parts: Sequence[Facts]) -> dict[str, Any]:
    """Return the facts of a dataset of which each worker has a part; what cannot be summed is left out."""
    held = [part for part in parts if part.get("n_rows")]
    if not held:
        return dict(parts[0]) if parts else {}
    rows = [int(part["n_rows"]) for part in held]
    joined: dict[str, Any] = {
        "n_rows": sum(rows),
        "n_features": max(int(part.get("n_features", 0)) for part in held),
        "is_training": any(part.get("is_training") for part in held),
        "label": _joined_label([part.get("label") for part in held], rows),
    }
    for name in ("present", "mean_weight"):
        if all(name in part for part in held):
            joined[name] = sum(part[name] * n for part, n in zip(held, rows, strict=True)) / sum(rows)
    if all(part.get("queries") for part in held):
        queries = [part["queries"] for part in held]
        joined["queries"] = {n: sum(q[n] for q in queries) for n in ("n_queries", "n_single")}
        joined["queries"]["largest"] = max(q["largest"] for q in queries)
    if any(part.get("starts_given") for part in held):
        joined["starts_given"] = True
    return joined


def _joined_label(labels: Sequence[Any], rows: Sequence[int]) -> dict[str, Any] | None:
    if not all(isinstance(label, Mapping) for label in labels) or len({label["kind"] for label in labels}) != 1:
        return None
    if labels[0]["kind"] == "classes":
        names = [n for n in ("counts", "weighted") if all(n in label for label in labels)]
        return {"kind": "classes"} | {n: [sum(c) for c in zip(*(x[n] for x in labels), strict=True)] for n in names}
    known = [(label, n - label["n_missing"]) for label, n in zip(labels, rows, strict=True) if "mean" in label]
    missing = {"kind": "numbers", "n_missing": sum(label["n_missing"] for label in labels)}
    n = sum(k for _, k in known)
    if not n:
        return missing
    mean = sum(label["mean"] * k for label, k in known) / n
    variance = sum((label["std"] ** 2 + (label["mean"] - mean) ** 2) * k for label, k in known) / n
    return missing | {
        "mean": mean,
        "std": math.sqrt(variance),
        "minimum": min(label["minimum"] for label, _ in known),
        "maximum": max(label["maximum"] for label, _ in known),
    }
