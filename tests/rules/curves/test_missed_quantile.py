import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.rules.curves.missed_quantile import MissedQuantile
from treedebug.testing import ending, header, rounds, rule_test


def predicted(share, alpha=0.9, objective="reg:quantileerror", *, n=400, ended=True):
    """A run whose validation labels lie at or below the prediction in this share of the rows."""
    below = round(share * n)
    seen = {"round_index": 9, "sample": [0.0] * n, "labels": [-1.0] * below + [1.0] * (n - below)}
    name = "alpha" if objective == "quantile" else "quantile_alpha"
    library = "lightgbm" if objective == "quantile" else "xgboost"
    run = header(
        library=library, objective=objective, params={"objective": objective, name: alpha}, predicted={"valid": seen}
    )
    return ending(rounds(10, run=run), ended=ended)


test_missed_quantile = rule_test(
    MissedQuantile(),
    fires={
        "two thirds for nine tenths": (predicted(0.66), {"alpha": 0.9, "share": 0.66}),
        "a third for one tenth, LightGBM": predicted(0.33, 0.1, "quantile"),
        "too far out": predicted(0.95, 0.8),
    },
    silent={
        "as asked": predicted(0.9),
        "off by a twentieth": predicted(0.85),
        "off by chance": predicted(0.78, n=40),
    },
    skipped={
        "while it trains": predicted(0.5, ended=False),
        "the median of an absolute error": predicted(0.3, objective="reg:absoluteerror"),
        "several quantiles": predicted(0.5, alpha="[0.1,0.9]"),
        "nothing known": header(),
    },
)


@pytest.mark.parametrize("deep", [True, False])
def test_real_boosters_that_learn_by_heart(deep):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1200, 4))
    y = x[:, 0] + rng.normal(size=1200)
    a, v = slice(0, 600), slice(600, 1200)
    depth, rate = (10, 0.3) if deep else (2, 0.1)
    d = lgb.Dataset(x[a], y[a], free_raw_data=False)
    small = {"min_data_in_leaf": 1 if deep else 60}
    runs = (
        record_xgboost(
            {"objective": "reg:quantileerror", "quantile_alpha": 0.9, "max_depth": depth, "eta": rate},
            xgb.DMatrix(x[a], y[a]), sets=[xgb.DMatrix(x[v], y[v])], n_rounds=40,
        ),
        record_lightgbm(
            {"objective": "quantile", "alpha": 0.9, "num_leaves": 2**depth, "learning_rate": rate, **small},
            d, n_rounds=40, sets=[d.create_valid(x[v], y[v])],
        ),
    )  # fmt: skip
    assert [bool(found(run, MissedQuantile())) for run in runs] == [deep, deep]
