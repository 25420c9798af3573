import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import fall, found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.core.findings import Severity
from treedebug.rules.params.degenerate_early_stopping import DegenerateEarlyStopping
from treedebug.testing import curves, ending, header, labels, rule_test

TRAIN = labels([500, 500])


def guarded(valid, *, metric="logloss", patience=10, library="xgboost", run=None, **fields):
    params = {"objective": "binary:logistic", "eval_metric": [metric]}
    data = TRAIN | valid
    return header(run=run, library=library, data=data, params=params, early_stopping_rounds=patience, **fields)


def stopped(first, second, *, patience=10, library="lightgbm", only=False, planned=200):
    run = curves(valid=first, metric="binary_error", library=library)
    for k, value in enumerate(second):
        run.evals.append(k, "valid", "auc", float(value))
    best = int(np.argmin(first))
    return ending(guarded(labels([200, 200], dataset="valid"), run=run, patience=patience, library=library,
                          planned_rounds=planned, stopping={"first_metric_only": only}), best_round=best)  # fmt: skip


def creeping(delta, ends=None):
    values = np.r_[np.linspace(0.69, 0.3, 20), np.linspace(0.299, 0.21, 10) if ends is None else ends]
    run = guarded(labels([200, 200], dataset="valid"), run=curves(valid=values, metric="logloss"), planned_rounds=200,
                  stopping={"min_delta": delta})  # fmt: skip
    return ending(run, best_round=19)


def impatient(rate, patience=5, *, useful=4):
    values = np.r_[np.linspace(0.5, 0.45, useful), np.full(patience, 0.46)]
    run = curves(valid=values, metric="error")
    facts = labels([200, 200], dataset="valid")
    run = guarded(facts, metric="error", patience=patience, run=run, planned_rounds=400)
    run.header.params["learning_rate"] = rate
    return ending(run, best_round=useful - 1)


def first_of(own, *, only=True, **given):
    run = header(run=curves(valid=fall(20), metric="binary_logloss"), params_given=given)
    for k in range(20):
        run.evals.append(k, "valid", own, 0.5 + 0.01 * k)
    return guarded(
        labels([200, 200], dataset="valid"), run=run, library="lightgbm", stopping={"first_metric_only": only}
    )


STALLS = np.r_[np.linspace(0.5, 0.2, 6), np.full(25, 0.21)]
RISES = np.linspace(0.5, 0.8, 31)

test_degenerate_early_stopping = rule_test(
    DegenerateEarlyStopping(),
    fires={
        "one class": (guarded(labels([0, 300], dataset="valid")), {"kind": "one class"}),
        "one label": (
            guarded({"valid": {"n_rows": 100, "label": {"kind": "numbers", "mean": 3.0, "std": 0.0}}}),
            {"kind": "one label"},
        ),
        "forty rows": (guarded(labels([20, 20], dataset="valid")), {"kind": "few rows"}),
        "31 rows of a small table": guarded(labels([15, 16], dataset="valid") | labels([40, 40])),
        "forty rows, a part too small of a small table": guarded(labels([20, 20], dataset="valid") | labels([61, 61])),
        "nine of the rare class, and auc": guarded(labels([500, 9], dataset="valid"), metric="auc"),
        "another metric still rose": (stopped(STALLS, RISES), {"kind": "another metric"}),
        "an improvement must be large": (creeping(0.01), {"kind": "min_delta"}),
        "five small rounds": (impatient(0.02), {"kind": "short patience"}),
        "it never moved": (stopped(np.full(31, 0.2), RISES), {"kind": "standing"}),
        "the objective's metric comes first": (first_of("profit"), {"kind": "first metric"}),
    },
    silent={
        "five large rounds": impatient(0.1),
        "fifty small rounds": impatient(0.02, 50),
        "five small rounds after thirty": impatient(0.02, useful=30),
        "the first metric was asked for": first_of("profit", metric="binary_logloss"),
        "two metrics of the library's": first_of("auc"),
        "any metric decides": first_of("profit", only=False),
        "an improvement must be larger than the last ones by far": creeping(0.01, ends=np.linspace(0.3, 0.2999, 10)),
        "no least improvement": creeping(None),
        "a least improvement, and no patience left anyway": creeping(0.01, ends=np.full(12, 0.31)),
        "forty rows, a quarter of a small table": guarded(labels([20, 20], dataset="valid") | labels([60, 60])),
        "fifty rows": guarded(labels([25, 25], dataset="valid")),
        "ten of the rare class": guarded(labels([500, 10], dataset="valid"), metric="auc"),
        "nine of it, and log loss": guarded(labels([500, 9], dataset="valid")),
        "no early stopping": guarded(labels([0, 300], dataset="valid"), patience=None),
        "both stalled": stopped(STALLS, np.r_[np.linspace(0.5, 0.8, 6), np.full(25, 0.79)]),
        "late": stopped(np.r_[fall(60), np.full(10, 0.5)], np.linspace(0.5, 0.8, 70)),
        "still running": ending(stopped(STALLS, RISES), ended=False),
        "all rounds were trained": stopped(STALLS, RISES, planned=31, patience=50),
    },
    skipped={"nothing known": header()},
)


@pytest.mark.parametrize("own", [True, False])
def test_an_own_objective_leaves_raw_scores_to_the_metric(own):
    run = stopped(np.full(31, 0.2), np.full(31, 0.5))
    run.header.objective = "custom" if own else "binary"
    (finding,) = found(run, DegenerateEarlyStopping())
    assert ("raw scores" in finding.message) is own


def test_a_set_of_one_class_is_an_error():
    assert found(guarded(labels([0, 300], dataset="valid")), DegenerateEarlyStopping())[0].severity is Severity.ERROR


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 4))
    y = (x[:, 0] + 0.5 * rng.normal(size=900) > 0).astype(int)
    other = np.zeros(300) if sick else y[600:]
    d, dv = xgb.DMatrix(x[:600], y[:600]), xgb.DMatrix(x[600:], other)
    run = record_xgboost({"objective": "binary:logistic"}, d, [dv], early_stopping_rounds=5)
    assert bool(found(run, DegenerateEarlyStopping())) is sick
    sets = [lgb.Dataset(x[:600], y[:600]), lgb.Dataset(x[600:], other)]
    stop = lgb.early_stopping(5, verbose=False)
    run = record_lightgbm({"objective": "binary", "metric": "binary_logloss"}, sets[0], sets[1:], callbacks=[stop])
    assert bool(found(run, DegenerateEarlyStopping())) is sick
