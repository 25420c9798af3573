"""Judge recorded runs with all rules as they are now, those in preview too, as the live training would have."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from _faults.baselines import fired
from _faults.notes import OWN
from treedebug.api.known_rules import chosen_rules
from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import Severity
from treedebug.core.run.run_data import RunData
from treedebug.engine.config import Config
from treedebug.engine.evaluate import replay
from treedebug.readers.library_readers import read_batch
from treedebug.store.load_run import load_data


def judge(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a trained run with what the rules and the baselines say of it.

    Twice: with what was known of the data before training, and, under `alone`, from the run alone. `findings` in the
    order of the report; `first_warning` is the number of rounds when the first warning or error
    stood, also one that was taken back later (then its code is in `taken_back`). What is true of the table without any
    fault `is_own`, and warns of nothing.
    """
    if facts["state"] != "trained":
        return facts
    run = load_data(Path(facts["folder"]), read_batch)
    _ = run.summary
    told = _told(run, facts["table"])
    run.drop_stream(DataSets)
    return facts | told | {"alone": _told(run, facts["table"]), "baselines": fired(run)}


def _told(run: RunData, data: str) -> dict[str, Any]:
    started = time.perf_counter()
    timeline = replay(run, chosen_rules(Config(preview=True)))
    seconds = time.perf_counter() - started
    verdict = timeline.verdict
    opened = [e for e in timeline.events if e.kind == "opened" and (data, e.finding.code) not in OWN]
    loud = [e for e in opened if e.finding.severity >= Severity.WARNING]
    standing = {f.code for f in verdict.findings if f.severity >= Severity.WARNING}
    return {
        "findings": [
            {
                "code": f.code, "severity": f.severity.label, "message": f.message, "subject": f.subject,
                "detected_at": f.detected_at, "rows": f.evidence.get("rows"),
                "is_own": (data, f.code) in OWN,
            }
            for f in verdict.findings
        ],
        "first_warning": min((e.n_rounds for e in loud), default=None),
        "taken_back": sorted({e.finding.code for e in loud} - standing),
        "crashed": [f"{c.code}: {c.error}" for c in verdict.crashed],
        "skipped": {s.code: s.reason for s in verdict.skipped},
        "rules_seconds": seconds,
    }  # fmt: skip
