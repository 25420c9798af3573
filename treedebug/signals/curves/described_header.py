"""The header with what the class balance tells of data without a description, such as the batches of a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from treedebug.core.run.class_log import ClassLog, ClassRecord
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.run_data import Header


@dataclass(frozen=True, eq=False)
class Described:
    """The run's header; `data` also holds the datasets whose labels are known from their class balance alone.

    Of an evaluation its latest record counts, which is of all its rows. Training batches are looked at now and then:
    their records add up, and `n_rows` is left out.
    """

    header: Header

    @classmethod
    def measure(cls, header: Header, log: ClassLog, evals: EvalLog) -> Self:
        """Return never Missing: the header itself where it tells all, or nothing was counted."""
        unknown = [d for d in log.datasets() if not header.data.get(d, {}).get("label")]
        told = {d: _facts(log.of(d), is_training=evals.is_training(d)) | header.data.get(d, {}) for d in unknown}
        return cls(dataclasses.replace(header, data={**header.data, **told}) if told else header)


def _facts(records: Sequence[ClassRecord], *, is_training: bool) -> dict[str, Any]:
    last = records[-1]
    alike = [r for r in records if len(r.confusion) == len(last.confusion)] if is_training else [last]
    counts = np.sum([r.confusion.sum(axis=1) for r in alike], axis=0)
    weighted = np.sum([r.label_weight for r in alike], axis=0)
    label = {"kind": "classes", "counts": counts.tolist()}
    if not np.array_equal(counts, weighted):
        label["weighted"] = weighted.tolist()
    return {"label": label, "is_training": is_training} | ({} if is_training else {"n_rows": last.n_rows})
