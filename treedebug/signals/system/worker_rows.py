"""How many training rows each worker has, where several train one booster together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing


@dataclass(frozen=True)
class WorkerRows:
    """Rows of the training data by worker, in the order of their ranks; two workers or more."""

    ranks: tuple[int, ...]
    hosts: tuple[str, ...]
    rows: tuple[int, ...]

    @classmethod
    def measure(cls, header: Header) -> Self:
        """Measure from the header. Raise Missing where one process trained alone, or the rows are not known of all."""
        n_workers = header.extra.get("n_workers")
        if not isinstance(n_workers, int) or n_workers < 2:
            raise Missing("one process trained alone: there are no workers to compare", is_settled=bool(header.library))
        known = [w for w in header.extra.get("workers") or [] if isinstance(w, Mapping)]
        names = [name for name, facts in header.data.items() if facts.get("is_training")]
        found = [(w, _rows(w, names)) for w in known]
        if len(found) < n_workers or any(n is None for _, n in found):
            raise Missing("the rows of each worker are not known: LightGBM tells a machine only of its own")
        return cls(
            tuple(int(w.get("rank", 0)) for w, _ in found),
            tuple(str(w.get("host", "")) for w, _ in found),
            tuple(n for _, n in found if n is not None),
        )


def _rows(worker: Mapping[str, Any], names: list[str]) -> int | None:
    rows = worker.get("rows")
    counts = [rows[n] for n in names if isinstance(rows, Mapping) and isinstance(rows.get(n), int)]
    return counts[0] if counts else None
