import lightgbm as lgb
import pytest

from tests.recorded import record_lightgbm, smooth
from treedebug.api.boosted_run import Run
from treedebug.api.check import check
from treedebug.core.phrases import iteration_named


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("best in round 35 (0.1), worse since round 40", "best in round 35, LightGBM's iteration 36 (0.1), worse since round 40"),
        ("20 rounds, none of them round", "20 rounds, none of them round"),
        ("round 2.5 of it", "round 2.5 of it"),
        ("round 3, LightGBM's iteration 4", "round 3, LightGBM's iteration 4"),
    ],
)  # fmt: skip
def test_lightgbm_counts_from_one(message, named):
    assert iteration_named(message) == named


def test_a_finding_on_lightgbm_names_its_iteration_beside_the_round():
    x, y = smooth(400)
    train = lgb.Dataset(x[:60], y[:60])
    params = {"objective": "regression", "learning_rate": 0.9, "num_leaves": 31, "min_data_in_leaf": 1}
    run = Run(record_lightgbm(params, train, [train.create_valid(x[60:], y[60:])], 60))
    found = [f.message for f in check(run) if "in round" in f.message]
    best = int(run.metrics.query("dataset == 'valid'").set_index("round_index")["value"].idxmin())
    assert found
    assert all(f"round {best}, LightGBM's iteration {best + 1}" in message for message in found)
    assert all(message in [f.message for f in run.findings] for message in found)
