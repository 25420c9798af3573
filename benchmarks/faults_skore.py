"""What skore's checks say of the fault benchmark's trainings: the same rows and parameters, as estimators.

    pip install skore
    python benchmarks/faults_skore.py                      after `faults.py --quick`: its XGBoost runs (seconds a run)
    python benchmarks/faults_skore.py --page docs/benchmark.md

skore fits a scikit-learn estimator itself and looks at the result, so faults that are no estimator (objectives of the
user's own, rankings, categories, sparse rows, metrics) are left out. It is given as many rounds as the recorded
training used, the training rows, and the validation rows to test on.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import skore
import xgboost as xgb
from _common import RESULTS, percent, put, save, table, two
from _faults import tables
from _faults.catalog import KINDS
from _faults.jobs import Job, sound
from _faults.plan import HEALTHY

SAME_FLAW = {
    "SKD001": "CV101 CV102 HP503", "SKD002": "CV103 CV106 HP507", "SKD004": "CL401 DA601",
    "SKD005": "DA601 DA615 CL401",
    "SKD009": "CV103 CL405 HP506 HP505 TR203", "SKD011": "FT306 FT302 DA607", "SKD012": "FT304", "SKD013": "DA621",
}  # fmt: skip
"""Ours that name what each of skore's checks looks for."""
NO_ESTIMATOR = ("single-row-queries", "thin-categories", "mixed-sparsity", "costly-evaluation", "wrong-direction",
                "stopping-on-train", "oversubscribed-cores", "classes-from-one", "missing-class")  # fmt: skip


def job_of(run: dict[str, Any], known: dict[str, tables.Table]) -> Job | None:
    """The training of a recorded run as it was set up; None where it is no estimator."""
    job = sound(known[run["table"]], run["library"], run["seed"])
    if run["kind"] != HEALTHY:
        entropy = [run["seed"], zlib.crc32(f"{run['kind']} {run['table']}".encode()), int(run["level"] == "severe")]
        KINDS[run["kind"]].inject(job, run["level"] == "severe", np.random.default_rng(entropy))
    return None if job.own_objective is not None or run["kind"] in NO_ESTIMATOR else job


def issues(job: Job, n_rounds: int) -> list[str]:
    """The codes that skore lists as issues."""
    kind = xgb.XGBClassifier if job.is_classes and job.params.get("objective", "")[:3] != "reg" else xgb.XGBRegressor
    params = {k: v for k, v in job.params.items() if k not in ("num_class", "eval_metric")}
    report = skore.EstimatorReport(
        kind(n_estimators=n_rounds, **params),
        X_train=job.train.X, y_train=job.train.y, X_test=job.valid.X, y_test=job.valid.y,
    )  # fmt: skip
    found = report.checks.summarize().frame()
    return found[found.section == "issue"].code.tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=1000, help="stop after so many runs")
    parser.add_argument("--page", type=Path, help="put the figures on this page")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    known = {t.name: t for t in tables.load(None)[0]}
    runs = json.loads((RESULTS / "faults.json").read_text(encoding="utf-8"))["results"]["runs"]
    mine = [r for r in runs if r["library"] == "xgboost" and r["state"] == "trained" and r["table"] in known]
    mine = [r for r in mine if (r["kind"] == HEALTHY and r["level"] == "usual") or r.get("kept")]
    mine.sort(key=lambda r: zlib.crc32(f"{r['kind']} {r['table']}".encode()))
    facts, failed = [], 0
    for run in mine[: args.most]:
        job = job_of(run, known)
        if job is None:
            continue
        try:
            said = issues(job, run["n_used"])
        except Exception as error:  # noqa: BLE001 - a library that refuses says nothing
            failed += 1
            print(f"{run['kind']} on {run['table']}: {type(error).__name__}: {str(error)[:90]}")
            continue
        facts.append({"run": run, "said": said})
        print(run["kind"], run["level"], run["table"], said, flush=True)
        save("faults-skore", {"facts": facts, "failed": failed}, args.json)
    text = figures(facts, failed)
    print(text)
    if args.page:
        put(args.page, "skore", text)


def figures(facts: list[dict[str, Any]], failed: int) -> str:
    rows = []
    healthy = [f for f in facts if f["run"]["kind"] == HEALTHY]
    faulty = [f for f in facts if f["run"]["kind"] != HEALTHY]

    def ours(run: dict[str, Any]) -> list[str]:
        return [f["code"] for f in run["findings"] if f["severity"] != "info" and not f["is_own"]]

    def hit(fact: dict[str, Any]) -> bool:
        codes = {c for s in fact["said"] for c in SAME_FLAW.get(s, "").split()}
        return bool(codes & KINDS[fact["run"]["kind"]].right)

    rows = [
        ["faulty runs compared", len(faulty), len(faulty)],
        ["a right code among what is said", two(_mean(hit(f) for f in faulty)),
         two(_mean(bool(set(ours(f["run"])) & KINDS[f["run"]["kind"]].right) for f in faulty))],
        ["anything is said of a faulty run", percent(_mean(bool(f["said"]) for f in faulty)),
         percent(_mean(bool(ours(f["run"])) for f in faulty))],
        ["healthy runs compared", len(healthy), len(healthy)],
        ["issues (warnings) a healthy run", two(_mean(len(f["said"]) for f in healthy)),
         two(_mean(len(ours(f["run"])) for f in healthy))],
    ]  # fmt: skip
    note = f"\n\nskore {skore.__version__}; {failed} trainings it could not fit are left out." if failed else (
        f"\n\nskore {skore.__version__}.")  # fmt: skip
    return table(["", "skore's checks", "treedebug"], rows) + note


def _mean(values: Any) -> float | None:
    found = [float(v) for v in values]
    return sum(found) / len(found) if found else None


if __name__ == "__main__":
    main()
