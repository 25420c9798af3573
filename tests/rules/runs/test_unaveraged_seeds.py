import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost, smooth
from treedebug.rules.runs.unaveraged_seeds import UnaveragedSeeds
from treedebug.testing import compared, header, rounds, rule_test

RNG = np.random.default_rng(0)
LABELS = RNG.normal(size=200)


def seeded(seed, noise, *, labels=LABELS, rate=0.1):
    sample = (LABELS + noise * np.random.default_rng(seed).normal(size=200)).tolist()
    seen = {"mean_error": 0.0, "sample": sample, "labels": list(map(float, labels))}
    data = {"train": {"n_rows": 500, "is_training": True}, "valid": {"n_rows": 200}}
    return rounds(
        20, run=header(data=data, params={"random_state": seed, "learning_rate": rate}, predicted={"valid": seen})
    )


test_unaveraged_seeds = rule_test(
    UnaveragedSeeds(),
    fires={
        "independent noise": compared(seeded(1, 0.5), seeded(2, 0.5)),
        "a little, but it is all there is": compared(seeded(1, 0.01), seeded(2, 0.01)),
    },
    silent={
        "the same predictions": compared(
            header(run=seeded(1, 0.5), params={"random_state": 3, "learning_rate": 0.1}), seeded(1, 0.5)
        ),
    },
    skipped={
        "another parameter": compared(seeded(1, 0.5, rate=0.2), seeded(2, 0.5)),
        "other rows": compared(seeded(1, 0.5, labels=LABELS[::-1]), seeded(2, 0.5)),
        "nothing differs": compared(seeded(1, 0.5), seeded(1, 0.5)),
        "one run": seeded(1, 0.5),
    },
)


def test_what_is_promised_is_what_many_models_reach():
    x, y = smooth(1200)
    a, b = slice(0, 300), slice(300, 1200)
    predictions, runs = [], []
    for seed in range(10):
        params = {"subsample": 0.4, "colsample_bynode": 0.4, "eta": 0.3, "seed": seed, "nthread": 1}
        d, dv = xgb.DMatrix(x[a], y[a]), xgb.DMatrix(x[b], y[b])
        runs.append(record_xgboost(params, d, [dv], 30))
        predictions.append(xgb.train(params, d, 30).predict(dv))
    (finding,) = found(compared(runs[1], runs[0]), UnaveragedSeeds())
    reached = float(np.sqrt(np.mean((np.mean(predictions, axis=0) - y[b]) ** 2)))
    assert abs(finding.evidence["averaged"] - reached) < 0.1 * reached
    assert reached < 0.9 * finding.evidence["single"]


@pytest.mark.parametrize("drawn", [True, False])
def test_a_real_booster(drawn):
    x, y = smooth(800)
    runs = []
    for seed in (1, 2):
        params = {"seed": seed, "metric": "l2", "learning_rate": 0.3, "min_data_in_leaf": 3}
        params |= {"bagging_fraction": 0.4, "bagging_freq": 1, "feature_fraction": 0.5} if drawn else {}
        runs.append(record_lightgbm(params, lgb.Dataset(x[:300], y[:300]), [lgb.Dataset(x[300:], y[300:])], 30))
    assert bool(found(compared(runs[1], runs[0]), UnaveragedSeeds())) is drawn
