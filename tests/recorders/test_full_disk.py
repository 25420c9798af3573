"""A disk that fills up while a training is recorded: the training goes on, and nothing recorded is lost."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.testing.file_stores import full_disk

ROUNDS = 100


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    return xgb.DMatrix(X, (X[:, 0] > 0).astype(int))


def train(data, callback, *, at=None, fill=None):
    class Filler(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            if epoch == at:
                fill()
            return False

    params = {"objective": "binary:logistic", "nthread": 1, "seed": 0}
    return xgb.train(params, data, ROUNDS, evals=[(data, "train")], callbacks=[callback, Filler()], verbose_eval=False)


def test_a_disk_full_to_the_end_keeps_the_rest_in_memory(tmp_path, data, capsys):
    callback = treedebug.XGBoostCallback(tmp_path / "run")
    with full_disk(20_000):
        booster = train(data, callback)
    assert booster.num_boosted_rounds() == ROUNDS
    run = callback.run
    assert run.n_rounds == ROUNDS
    assert run.state == "finished"
    assert np.array_equal(run.booster(ROUNDS - 1).predict(data), booster.predict(data))
    on_disk = treedebug.load(tmp_path / "run")
    assert on_disk.n_rounds < ROUNDS
    printed = capsys.readouterr().err
    assert printed.count("No space left") == 2, printed  # once when it began, once at the end
    assert "callback.run has it all" in printed


def test_a_disk_with_room_again_takes_everything(tmp_path, data, capsys):
    callback = treedebug.XGBoostCallback(tmp_path / "run")
    disk = full_disk(20_000)
    disk.__enter__()
    booster = train(data, callback, at=60, fill=lambda: disk.__exit__(None, None, None))
    run = treedebug.load(tmp_path / "run")
    assert run.n_rounds == ROUNDS
    assert run.state == "finished"
    assert np.array_equal(run.booster(80).predict(data), booster[:81].predict(data))
    assert capsys.readouterr().err.count("No space left") == 1
