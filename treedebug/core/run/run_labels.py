"""Short names of runs that are shown side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath


def run_labels(paths: Sequence[str | PurePath | None]) -> tuple[str, ...]:
    """Return a short name for each run: as few last parts of its path as are unique, or `run 2`."""
    parts = [PurePath(p).parts if p is not None else (f"run {i}",) for i, p in enumerate(paths, 1)]
    deepest = max(len(p) for p in parts)
    for depth in range(1, deepest + 1):
        labels = [str(PurePath(*p[-depth:])) for p in parts]
        if len(set(labels)) == len(labels):
            return tuple(labels)
    return tuple(f"{label} ({labels[:i].count(label) + 1})" for i, label in enumerate(labels))


def labels_of(runs: Sequence[object]) -> tuple[str, ...]:
    """Return a short name for each run, from where it was recorded."""
    return run_labels([getattr(run, "path", None) for run in runs])
