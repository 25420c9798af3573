"""A rule that shows everything it can see: any difference between two ways of judging a run shows in its evidence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.class_log import ClassLog
from treedebug.core.run.eval_log import EvalLog, RoundLog
from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.prediction_log import PredictionLog
from treedebug.core.run.run_data import Header, RunView
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.evaluate import Timeline
from treedebug.engine.rule import Rule
from treedebug.store.disk_store import DiskSource
from treedebug.store.run_records import OPENED

PER_TREE = (
    "round_index",
    "class_index",
    "depth",
    "n_leaves",
    "total_gain",
    "max_gain",
    "root_hessian",
    "splits_hash",
    "min_gain",
)
LEAVES = ("max_abs_leaf", "mean_abs_leaf")


def digest(*arrays: Any) -> str:
    """Equal for arrays equal to the last bit."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Seismograph(Rule):
    """Everything recorded, in findings that come and go."""

    code = "ZZ001"
    name = "seismograph"

    def check(
        self,
        log: EvalLog,
        rounds: RoundLog,
        classes: ClassLog,
        header: Header,
        view: RunView,
        trees: TreeSummary | None,
        errors: LabelErrorLog | None,
        samples: PredictionLog | None,
    ) -> Iterator[Finding]:
        n = view.n_rounds
        curves = {f"{c.dataset} {c.metric} {c.higher_is_better}": digest(c.rounds, c.values) for c in log}
        seen = {
            "classes": [digest(r.round_index, r.confusion, r.label_weight, r.mean_probability) for r in classes],
            "errors": [digest(r.round_index, r.n_rows, r.mean_error, r.mean_absolute_error) for r in errors or ()],
            "samples": [digest(r.round_index, r.scores) for r in samples or ()],
        }
        # Told by its subject, what each look saw stands in the story, not only what the last one did.
        yield self.finding("all", subject=digest(np.array(repr((n, curves, seen)))), severity=Severity.INFO)
        yield self.finding(
            f"{n} rounds seen",
            rounds=(np.int64(0), n - 1),
            try_next=(Change("levels", (1, 2, np.float32(0.1))), Change("nan", float("nan"))),
            curves=curves,
            training=[c for c in log.datasets() if log.is_training(c)],
            timing=digest(rounds.rounds, rounds.learning_rate, rounds.seconds, rounds.iterations),
            **seen,
            features=header.feature_names,
            start=header.start_round,
            final=view.final,
            odd=(np.float64("nan"), {3: {1, 2}}, np.arange(3), np.bool_(True), float("inf"), 1e300, 0.1 + 0.2),
        )
        if trees is not None and trees.n_rounds:
            columns = PER_TREE + (() if header.booster == "dart" else LEAVES)
            sums = [v for s in trees.snapshots() for v in vars(s).values()]
            yield self.finding(
                "trees", subject="trees", severity=Severity.ERROR, n=min(trees.n_rounds, n), snapshots=digest(*sums),
                columns=digest(*(trees.column(c) for c in columns)), totals=digest(*vars(trees.totals()).values()),
            )  # fmt: skip
        yield self.finding("never changes", subject="constant", severity=Severity.INFO)
        if (n // 10) % 2 and not view.final:
            yield self.finding("odd ten", subject="comes and goes", severity=Severity.INFO, n=n)


def as_text(findings: Any) -> list[str]:
    """Findings, comparable to the last bit, NaN too."""
    return [json.dumps(f.to_dict(), sort_keys=True) for f in findings]


def story(timeline: Timeline) -> list[tuple[str, tuple[str, str], int]]:
    """What opened and closed, and when."""
    return [(e.kind, e.finding.key, e.n_rounds) for e in timeline.events]


def written_story(path: Any) -> list[tuple[str, tuple[str, str], int]]:
    """The same from the record file, where a finding that changes is opened again."""
    told, standing = [], set()
    for record in DiskSource(path).records():
        if record.kind != "finding":
            continue
        f = record.fields
        key = (f["code"], f["subject"])
        if f["event"] == OPENED and key in standing:
            continue
        (standing.add if f["event"] == OPENED else standing.discard)(key)
        told.append((f["event"], key, f["n_rounds"]))
    return told
