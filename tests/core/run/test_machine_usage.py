"""CPU time, memory and evaluation time of the rounds: recorded, read back, and cheap."""

import time

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.rules.system.trained import train
from treedebug.core.run import machine_usage
from treedebug.core.run.machine_usage import UsageMeter


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_every_round_has_its_usage(library):
    log = train(library, 12, metric=lambda: time.sleep(0.005)).rounds
    assert (log.cpu_seconds >= 0).all()
    assert (np.diff(log.peak_memory) >= 0).all()
    assert log.peak_memory[0] > 1e7
    # LightGBM's callback hears of the first boosting step only when it is over
    assert (log.evaluation_seconds[1:] >= 0.005).all()
    assert (log.evaluation_seconds[1:] <= log.seconds[1:]).all()


def test_in_cv_the_evaluation_of_one_fold_cannot_be_told():
    data = xgb.DMatrix(np.arange(80.0).reshape(40, 2), np.tile([0, 1], 20))
    callback = treedebug.XGBoostCallback(None, quiet=True)
    xgb.cv({"objective": "binary:logistic", "nthread": 1}, data, 3, nfold=2, callbacks=[callback])
    assert np.isnan(callback.run.data.rounds.evaluation_seconds).all()


def test_it_is_read_back_as_it_was(tmp_path):
    data = xgb.DMatrix(np.arange(80.0).reshape(40, 2), np.tile([0, 1], 20))
    callback = treedebug.XGBoostCallback(tmp_path / "run", quiet=True)
    xgb.train({"nthread": 1}, data, 70, callbacks=[callback], verbose_eval=False)
    live, back = callback.run.data.rounds, treedebug.load(tmp_path / "run").data.rounds
    for column in ("cpu_seconds", "peak_memory", "evaluation_seconds"):
        np.testing.assert_array_equal(getattr(back, column), getattr(live, column))
        assert len(getattr(back.until(9), column)) == 9
    back.truncate(5)
    assert len(back.peak_memory) == 5


def test_without_the_systems_counters_there_is_cpu_time_alone(monkeypatch):
    monkeypatch.setattr(machine_usage, "resource", None)
    found = UsageMeter().read(time.perf_counter())
    assert found.cpu_seconds >= 0
    assert np.isnan(found.peak_memory)
    assert np.isnan(found.evaluation_seconds)
