"""A fitted model is read wherever its library is: with treedebug its callback is there, without it does nothing."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import xgboost as xgb

import treedebug

X = np.random.default_rng(0).normal(size=(120, 3))
Y = (X[:, 0] > 0).astype(int)
WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("treedebug", "nn_bridge"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import pickle, numpy as np, xgboost
model = pickle.load(open(sys.argv[1], "rb"))
X = np.random.default_rng(0).normal(size=(120, 3))
print(type(model.callbacks[0]).__name__, round(float(model.predict_proba(X)[0, 1]), 6))
model.fit(X, (X[:, 0] > 0).astype(int))
again = pickle.loads(pickle.dumps(model))
assert not any(name.split(".")[0] == "treedebug" for name in sys.modules)
"""


def test_a_fitted_model_is_read_without_treedebug(tmp_path):
    callback = treedebug.XGBoostCallback(tmp_path / "run", quiet=True)
    model = xgb.XGBClassifier(n_estimators=5, n_jobs=1, callbacks=[callback]).fit(X, Y)
    with (tmp_path / "model.pickle").open("wb") as file:
        pickle.dump(model, file)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path / "model.pickle")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["TrainingCallback", str(round(float(model.predict_proba(X)[0, 1]), 6))]


def test_with_treedebug_the_callback_comes_back(tmp_path):
    callback = treedebug.XGBoostCallback(tmp_path / "run", quiet=True)
    model = xgb.XGBClassifier(n_estimators=5, n_jobs=1, callbacks=[callback]).fit(X, Y)
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):  # noqa: S301 - our own
        assert isinstance(again.callbacks[0], treedebug.XGBoostCallback)
        again.fit(X, Y)
    assert len(treedebug.runs(tmp_path / "run")) == 3
    assert pickle.loads(pickle.dumps(callback)).run.n_rounds == 5  # noqa: S301 - our own
    for run in (callback.run, treedebug.load(tmp_path / "run")):
        assert pickle.loads(pickle.dumps(run)).n_rounds == 5  # noqa: S301 - our own
