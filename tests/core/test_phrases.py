import lightgbm as lgb
import numpy as np
import pytest

from tests.recorded import record_lightgbm
from treedebug.api.boosted_run import Run
from treedebug.api.check import check
from treedebug.core.phrases import iteration_named


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("best in round 35 (0.1), then round 40", "best in round 35, LightGBM's iteration 36 (0.1), then round 40"),
        ("20 rounds, none of them round", "20 rounds, none of them round"),
        ("round 2.5 of it", "round 2.5 of it"),
        ("round 3, LightGBM's iteration 4", "round 3, LightGBM's iteration 4"),
    ],
)  # fmt: skip
def test_lightgbm_counts_from_one(message, named):
    assert iteration_named(message) == named


def test_a_finding_on_lightgbm_names_its_iteration_beside_the_round():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 6))
    y = (x[:, 0] + x[:, 1] + rng.normal(size=400) > 0).astype(int)
    train = lgb.Dataset(x[:200], y[:200])
    params = {"objective": "binary", "learning_rate": 0.1, "num_leaves": 15}
    run = Run(record_lightgbm(params, train, [train.create_valid(x[200:], y[200:])], 120))
    found = [f.message for f in check(run) if " round " in f.message]
    best = int(run.metrics.query("dataset == 'valid'").set_index("round_index")["value"].idxmin())
    assert found
    assert any(f"round {best}, LightGBM's iteration {best + 1}" in message for message in found)
    assert all("LightGBM's iteration" in message for message in found)
    assert all(message in [f.message for f in run.findings] for message in found)
