"""Reports made by hand, with everything in them that reports stumble over."""

from treedebug.core.findings import Change, Crashed, Finding, Severity, Skipped, Verdict
from treedebug.core.report import CheckReport
from treedebug.core.run.run_data import Header
from treedebug.engine.plan import make_plan

OVERTRAINING = Finding(
    code="CV102",
    name="overtraining",
    severity=Severity.WARNING,
    message="Validation logloss was best in round 93 and has since given back 12 % of its gain, over 406 rounds.",
    rounds=(93, 499),
    subject="valid logloss",
    evidence={"best_round": 93, "regret": 0.12345678, "last": float("nan"), "worst": float("inf")},
    try_next=(
        Change(
            "early_stopping_rounds",
            20,
            "stop when the validation metric has not improved for twenty rounds",
            group="slow",
        ),
        Change("learning_rate", 0.05, group="slow"),
        Change("num_boost_round", 94, "stop at the best round", group="cut"),
    ),
    detected_at=110,
)
DIVERGED = Finding(
    code="CV101", name="diverged", severity=Severity.ERROR, message="The training loss is NaN.", rounds=(17, 17)
)
SKIPPED = (
    Skipped("CL401", "one-class", "needs class balance: pass the datasets in `evals=`"),
    Skipped("CL402", "two-class", "needs class balance: pass the datasets in `evals=`"),
    Skipped("TR201", "stumps", "no trees were recorded"),
)
CRASHED = (Crashed("MY001", "my-rule", "ZeroDivisionError: division by zero"),)
HEADER = Header(library="xgboost", params={"learning_rate": 0.3}, planned_rounds=500)
FACTS = {"library": "xgboost", "booster": "gbtree", "objective": "binary:logistic", "n_rounds": 500}


def feature_finding(feature: str, severity: Severity = Severity.INFO) -> Finding:
    return Finding(
        code="FE301",
        name="dominant-feature",
        severity=severity,
        message=f"Feature {feature} takes 93 % of the gain.",
        subject=feature,
    )


def report(*findings: Finding, source: str = "runs/churn", **verdict) -> CheckReport:
    given = {"silent": ("AA001", "AA002"), **verdict}
    return CheckReport(
        source=source,
        kind="run",
        facts=FACTS,
        verdict=Verdict(500, findings, **given),
        plan=make_plan(findings, HEADER),
        notes=("the trees of rounds 3 to 5 could not be read",),
    )


FULL = report(DIVERGED, OVERTRAINING, feature_finding("größe [red]"), skipped=SKIPPED, crashed=CRASHED)
CLEAN = report()
