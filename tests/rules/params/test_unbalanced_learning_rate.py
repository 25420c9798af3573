import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.params.unbalanced_learning_rate import UnbalancedLearningRate
from treedebug.testing import header, rule_test


def planned(rounds, rate, **fields):
    params = {"learning_rate": rate, **fields.pop("params", {})}
    return header(planned_rounds=rounds, params=params, **fields)


def dart(library="xgboost", rounds=100, **params):
    name = "booster" if library == "xgboost" else "boosting_type"
    return planned(rounds, 0.1, library=library, params={name: "dart", "n_estimators": rounds, **params})


test_unbalanced_learning_rate = rule_test(
    UnbalancedLearningRate(),
    fires={
        "too low": (planned(100, 0.001), {"kind": "too low", "travel": 0.1}),
        "too high": (planned(100, 1.0), {"kind": "too high"}),
        "DART drops half": (dart(rate_drop=0.5), {"kind": "dropping", "dropped": 0.5}),
        "LightGBM's DART, every round": dart("lightgbm", drop_rate=0.5, skip_drop=0.0),
        "DART, the rounds unknown": header(params={"booster": "dart", "rate_drop": 0.9}),
        "a forest of one round, shrunk": (planned(1, 0.3, params={"num_parallel_tree": 100}), {"kind": "forest"}),
        "LightGBM's default for ten rounds": planned(10, 0.1, library="lightgbm"),
    },
    silent={
        "a forest of one round at a rate of 0.8": planned(1, 0.8, params={"num_parallel_tree": 100}),
        "boosted forests": planned(20, 0.3, params={"num_parallel_tree": 5}),
        "usual": planned(100, 0.1),
        "slow and long": planned(1000, 0.01),
        "quick": planned(10, 0.3),
        "high for a few rounds": planned(19, 0.9),
        "trees are rewritten": planned(10, 0.1, params_given={"process_type": "update"}),
        "a forest": planned(1, 1.0, params={"num_parallel_tree": 100}),
        "LightGBM's forest": planned(100, 1.0, library="lightgbm", params={"boosting_type": "rf"}),
        "gblinear": planned(100, 0.9, params={"booster": "gblinear"}),
        "DART drops a tree in ten": dart(rate_drop=0.1),
        "DART drops half, every fourth round": dart(rate_drop=0.5, skip_drop=0.75),
        "LightGBM's DART": dart("lightgbm"),
        "LightGBM drops no more than fifty": dart("lightgbm", drop_rate=0.9, skip_drop=0.0, rounds=200),
        "no DART": planned(100, 0.1, params={"rate_drop": 0.9}),
        "continued": planned(105, 0.1, start_round=100),
    },
    skipped={"rounds unknown": header(params={"learning_rate": 0.1}), "nothing known": header()},
)


def test_it_names_a_rate_or_a_number_of_rounds_that_fits():
    finding = found(planned(100, 0.001), UnbalancedLearningRate())[0]
    told = [str(c) for c in finding.try_next]
    assert [c for c in told if "stopping" not in c] == ["eta=0.05", "num_boost_round=5000"]
    assert found(planned(100, 2.5), UnbalancedLearningRate())[0].severity is Severity.ERROR


def test_a_poisson_objective_damps_its_steps():
    assert not found(planned(5, 0.3), UnbalancedLearningRate())
    (finding,) = found(planned(5, 0.3, objective="count:poisson"), UnbalancedLearningRate())
    assert "max_delta_step" in finding.message


@pytest.mark.parametrize(("rate", "sick"), [(0.01, True), (1.2, True), (0.2, False)])
def test_a_real_booster(rate, sick):
    table = halves(*noisy_classes(200))
    for run in (
        train_xgboost({"objective": "binary:logistic", "max_depth": 2, "eta": rate}, *table, 30),
        train_lightgbm({"objective": "binary", "num_leaves": 4, "learning_rate": rate}, *table, 30),
    ):
        assert bool(found(run, UnbalancedLearningRate())) is sick
