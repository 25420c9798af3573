import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.params.unguarded_rounds import UnguardedRounds
from treedebug.testing import header, labels, rule_test

BOTH = labels([50, 50]) | labels([50, 50], dataset="valid")


def planned(rounds, rate=0.1, *, patience=None, data=None, library="xgboost", **params):
    return header(
        library=library, planned_rounds=rounds, early_stopping_rounds=patience, data=BOTH if data is None else data,
        params={"learning_rate": rate, **params},
    )  # fmt: skip


test_unguarded_rounds = rule_test(
    UnguardedRounds(),
    fires={
        "no early stopping": (planned(1000), {"planned": 1000, "travel": 100.0, "has_validation": True}),
        "nothing is watched": (planned(1000, data=labels([50, 50])), {"has_validation": False}),
        "endless patience": planned(500, patience=500),
        "two hundred": planned(200),
        "nothing to stop on": planned(1000, patience=10, data={}),
    },
    silent={
        "early stopping": planned(1000, patience=20),
        "one round fewer": planned(199),
        "a forest": planned(1000, num_parallel_tree=100),
        "LightGBM's parameter": planned(1000, library="lightgbm", early_stopping_round=20),
        "continued for a few rounds": header(run=planned(1000), start_round=900),
    },
    skipped={"unknown rounds": header(params={"learning_rate": 0.1}), "nothing known": header()},
)


def test_far_too_many_rounds_are_a_warning_and_others_worth_knowing():
    assert found(planned(1000), UnguardedRounds())[0].severity is Severity.WARNING
    assert found(planned(1000, 0.01), UnguardedRounds())[0].severity is Severity.INFO
    assert found(planned(400), UnguardedRounds())[0].severity is Severity.INFO
    assert found(planned(400, data=labels([50, 50])), UnguardedRounds())[0].severity is Severity.WARNING
    assert found(planned(340, data=labels([50, 50])), UnguardedRounds())[0].severity is Severity.INFO
    assert str(found(planned(1000), UnguardedRounds())[0].try_next[0]) == "early_stopping_rounds=50"


@pytest.mark.parametrize("patience", [None, 5, 200])
def test_a_real_booster_that_is_validated(patience):
    """Without early stopping the curve tells; a patience that cannot run out is said all the same."""
    table = halves(*noisy_classes(200))
    for run in (
        train_xgboost({"objective": "binary:logistic", "max_depth": 2}, *table, 200, early_stopping=patience),
        train_lightgbm({"objective": "binary", "num_leaves": 4}, *table, 200, early_stopping=patience),
    ):
        assert bool(found(run, UnguardedRounds())) is (patience == 200)
