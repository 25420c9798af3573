import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import fall, found, noisy, turn
from treedebug.core.changes import alternatives
from treedebug.core.findings import Severity
from treedebug.engine.evaluate import evaluate
from treedebug.rules.curves.overfitting import Overfitting
from treedebug.rules.curves.overtraining import Overtraining
from treedebug.testing import curves, rule_test

FALLING = [0.69, 0.6, 0.5, 0.45, 0.4, 0.36, 0.33, 0.3]
U_SHAPED = [0.69, 0.62, 0.56, 0.5, 0.53, 0.56, 0.59, 0.62]
BEST = int(turn(120).argmin())

test_overtraining_small = rule_test(
    Overtraining(patience=4),
    fires={"validation turns up": (curves(train=FALLING, valid=U_SHAPED), {"best_round": 3, "wasted_rounds": 4})},
    silent={
        "one round short of patience": curves(train=FALLING[:7], valid=U_SHAPED[:7]),
        "both fall": curves(train=FALLING, valid=FALLING),
    },
    skipped={"no validation set": curves(train=FALLING)},
)

test_overtraining = rule_test(
    Overtraining(),
    fires={
        "no training curve is needed": (curves(valid=turn(120)), {"best_round": BEST, "wasted_rounds": 119 - BEST}),
        "mirrored metric": (curves(valid=1 - turn(120), metric="auc"), {"best_round": BEST}),
        "idle for most of the run": (curves(valid=[*fall(60), *[fall(60)[-1]] * 200]), {"best_round": 59}),
        "early stopping far too patient": curves(valid=turn(160, best=8, tau=3), early_stopping_rounds=150),
        "whatever the clock says": (curves(valid=turn(120), seconds=2.0), {"wasted_rounds": 119 - BEST}),
    },
    silent={
        "one round short of patience": curves(valid=turn(BEST + 20)),
        "early stopping as planned": curves(valid=turn(BEST + 31), early_stopping_rounds=30),
        "a noisy plateau": curves(valid=noisy(fall(120), 0.01)),
        "a new best at the end": curves(valid=[*fall(60), *[fall(60)[-1]] * 59, 0.1]),
        "perfect for a while": curves(valid=[0.1, 0.05, *[0.0] * 90], metric="error"),
    },
    skipped={"no validation set": curves(train=fall(120)), "only nan": curves(valid=[float("nan")] * 30)},
)


def test_an_idle_plateau_is_only_worth_knowing():
    assert found(curves(valid=[*fall(60), *[fall(60)[-1]] * 200]), Overtraining())[0].severity is Severity.INFO
    assert found(curves(valid=turn(200)), Overtraining())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("rate", "rounds", "expected"), [(0.5, 150, True), (0.05, 30, False)])
def test_a_real_booster(rate, rounds, expected):
    train, valid = halves(*noisy_classes())
    params = {"objective": "binary", "metric": "binary_logloss", "learning_rate": rate, "num_leaves": 15}
    findings = found(train_lightgbm(params, train, valid, rounds, classes=False), Overtraining())
    assert bool(findings) is expected
    if findings:
        (guard,), (cut,) = alternatives(findings[0].try_next)
        assert str(guard) == "lgb.early_stopping(50)"
        assert str(cut) == f"num_boost_round={findings[0].evidence['best_round'] + 1}"


@pytest.mark.parametrize(("n_rounds", "expected"), [(70, False), (140, True)])
def test_it_waits_while_next_to_nothing_is_learned(n_rounds, expected):
    rises = 1.0 - 0.03 * np.minimum(np.arange(n_rounds), 10) / 10 + 0.002 * np.maximum(np.arange(n_rounds) - 10, 0)
    known = {"valid": {"n_rows": 900, "label": {"kind": "numbers", "mean": 0.0, "std": 1.0}}}
    assert bool(found(curves(valid=rises, metric="rmse", data=known), Overtraining())) is expected
    assert found(curves(valid=rises, metric="rmse"), Overtraining())  # what a constant scores is not known


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_late_discovery_is_not_stopped(seed):
    """Two features count only together: trees find that late, after twenty and more rounds that were worse."""
    rng = np.random.default_rng(seed)
    features = np.sign(rng.normal(size=(3000, 20)))
    target = 0.5 * features[:, 0] + 1.5 * features[:, 1] * features[:, 2] + rng.normal(size=3000)
    train, valid = (features[:800], target[:800]), (features[800:], target[800:])
    run = train_xgboost({"max_depth": 2, "eta": 0.2, "eval_metric": "rmse"}, train, valid, 150, classes=False)
    assert evaluate(run.at(40), [Overtraining(slow_patience=20)]).findings
    assert not any(evaluate(run.at(k), [Overtraining()]).findings for k in (40, 60, 80, 100))
    curve = run.evals.series("valid", "rmse").values
    assert curve.min() < 0.95 * curve[:40].min()


@pytest.mark.parametrize(("best", "expected"), [(20, ["CV102", "CV101"]), (90, ["CV101", "CV102"])])
def test_the_rounds_are_the_cause_where_nothing_stopped_them(best, expected):
    run = curves(train=fall(140), valid=turn(140, best=best, tau=6))
    findings = evaluate(run.at(run.n_rounds, final=True), [Overfitting(), Overtraining()]).findings
    assert [f.code for f in findings] == expected
