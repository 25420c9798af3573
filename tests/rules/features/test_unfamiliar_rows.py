import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import ConfigError
from treedebug.core.run.row_coverage import RowCoverage
from treedebug.rules.features.unfamiliar_rows import UnfamiliarRows
from treedebug.testing import curves, rule_test

USUAL = np.linspace(0.4, 1.0, 1000)


def seen(held_out, new):
    run = curves(valid=np.linspace(1, 0.5, 20))
    run.add_stream(RowCoverage, RowCoverage(np.asarray(held_out, dtype=float), np.asarray(new, dtype=float)))
    return run


test_unfamiliar_rows = rule_test(
    UnfamiliarRows(),
    fires={
        "a third of the rows is unlike any": (
            seen(USUAL, np.r_[np.full(100, 0.2), np.full(200, 0.8)]),
            {"unfamiliar_share": 1 / 3},
        ),
        "all rows": (seen(USUAL, np.full(50, 0.1)), {"unfamiliar_share": 1.0}),
    },
    silent={
        "rows like the held-out ones": seen(USUAL, USUAL),
        "one odd row of five": seen(USUAL, [0.1, 0.8, 0.8, 0.9, 0.7]),
        "an eighth of the rows": seen(USUAL, np.r_[np.full(125, 0.2), np.full(875, 0.8)]),
        "too few held-out rows to know what is usual": seen(USUAL[:50], np.full(50, 0.1)),
        "no new rows": seen(USUAL, []),
        "every row has a twin": seen(np.ones(500), np.ones(500)),
    },
    skipped={"nobody gave rows": (curves(valid=np.linspace(1, 0.5, 20)), "rows=(X_train, X_valid, X_new)")},
)


def test_rows_whose_columns_no_longer_go_together_are_found_and_ordinary_ones_are_not(tmp_path):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(4000, 6)) @ rng.normal(size=(6, 6)) + rng.normal(size=(4000, 1)))
    X.columns = list("abcdef")
    y = X["a"] * X["b"] + X["c"]
    data = xgb.DMatrix(X[:2000], y[:2000])
    callback = treedebug.XGBoostCallback(tmp_path / "run", evals=[(data, "train")], quiet=True)
    xgb.train({"nthread": 1}, data, 60, callbacks=[callback])
    shuffled = X[3000:].apply(rng.permutation)
    check = lambda new: treedebug.check(tmp_path / "run", rows=(X[:2000], X[2000:3000], new), select=["FT307"])
    assert [f.code for f in check(shuffled).findings] == ["FT307"]
    assert check(X[3000:]).findings == ()
    with pytest.raises(ConfigError, match="X_train, X_valid, X_new"):
        treedebug.check(tmp_path / "run", rows=(X, X))
    with pytest.raises(ConfigError, match="belong to a run"):
        treedebug.check(X, y, rows=(X, X, X))
