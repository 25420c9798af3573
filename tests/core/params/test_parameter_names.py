import subprocess
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from treedebug.core.params import parameter_tables
from treedebug.core.params.parameter_names import (
    DEFAULTS,
    canonical_name,
    known_names,
    native_name,
    objective_name,
    xgboost_takes,
)
from treedebug.readers.lightgbm import lightgbm_reader as reader

ROOT = Path(__file__).parents[3]


def test_the_tables_are_what_the_installed_libraries_say():
    if (lgb.__version__, xgb.__version__) != (parameter_tables.LIGHTGBM_VERSION, parameter_tables.XGBOOST_VERSION):
        pytest.skip("other versions are installed than the tables are of")
    done = subprocess.run([sys.executable, ROOT / "tools" / "param_tables.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("name", "library", "canonical"),
    [
        ("eta", "xgboost", "learning_rate"),
        ("shrinkage_rate", "lightgbm", "learning_rate"),
        ("sub_row", "lightgbm", "subsample"),
        ("min_split_loss", "xgboost", "gamma"),
        ("min_split_gain", "lightgbm", "min_split_gain"),
        ("early_stopping", "lightgbm", "early_stopping_round"),
        ("no_such_thing", "lightgbm", "no_such_thing"),
    ],
)
def test_canonical_names(name, library, canonical):
    assert canonical_name(name, library) == canonical


def test_native_names_and_objectives():
    assert native_name("subsample", "lightgbm") == "bagging_fraction"
    assert native_name("learning_rate", "xgboost") == "eta"
    assert objective_name("mse", "lightgbm") == "regression"
    assert objective_name("binary", "lightgbm") == "binary"
    assert "rate_drop" in xgboost_takes("dart", "binary:logistic")
    assert "rate_drop" not in xgboost_takes("gbtree", "binary:logistic")
    assert {"eta", "learning_rate", "lambda", "reg_lambda", "tweedie_variance_power"} <= known_names("xgboost")


def test_lightgbm_defaults():
    booster = lgb.train({"verbosity": -1}, lgb.Dataset(np.arange(80.0).reshape(40, 2), np.arange(40.0)), 1)
    told = reader.facts(booster.model_to_string().encode()).params
    for name, value in told.items():
        known = DEFAULTS["lightgbm"].get(canonical_name(name, "lightgbm"))
        if known is not None and name not in ("boosting", "objective"):
            assert str(value) in (str(known), str(int(known)) if not isinstance(known, str) else known), name
