"""MLPRecorder: scikit-learn's perceptrons, by the same rules and without torch."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor

import nn_bridge
import treedebug

X, y = load_digits(return_X_y=True)
X, y = X[:600] / 16.0, y[:600]


def trained(model, path=None, n_epochs=4):
    with nn_bridge.MLPRecorder(model, path, quiet=True) as recorder:
        for _ in range(n_epochs):
            recorder.partial_fit(X[:400], y[:400], **({"classes": np.arange(10)} if hasattr(model, "score") else {}))
            recorder.log("valid", accuracy=model.score(X[400:], y[400:]))
    return recorder.run


def classifier(**settings):
    return MLPClassifier((12, 8), random_state=0, **settings)


def test_a_healthy_one(tmp_path):
    run = trained(classifier(), tmp_path / "r")
    assert run.n_rounds == 4
    assert [layer.activation for layer in run.facts.layers] == ["relu", "relu", ""]
    assert run.facts.loss.function == "cross_entropy"
    assert run.header.n_classes == 10
    kinds = set(run.tensors.kind)
    assert kinds == {"weight", "update", "activation", "input", "loss"}
    assert run.data.evals.series("train", "loss").values[-1] == pytest.approx(classifier_loss(4))
    assert not treedebug.check(tmp_path / "r").verdict.crashed
    assert not nn_bridge.load(tmp_path / "r").facts.are_initial


def classifier_loss(n_epochs):
    model = classifier()
    for _ in range(n_epochs):
        model.partial_fit(X[:400], y[:400], classes=np.arange(10))
    return model.loss_


def test_the_model_is_the_same():
    plain, watched = classifier(), classifier()
    for _ in range(4):
        plain.partial_fit(X[:400], y[:400], classes=np.arange(10))
    trained(watched)
    assert all((a == b).all() for a, b in zip(plain.coefs_, watched.coefs_, strict=True))


def test_a_saturated_one():
    model = MLPClassifier((12,), activation="tanh", random_state=0)
    with nn_bridge.MLPRecorder(model, quiet=True) as recorder:
        for _ in range(12):
            recorder.partial_fit(X[:400] * 5000.0, y[:400], classes=np.arange(10))
            recorder.log("valid", accuracy=0.1)
    frame = recorder.run.tensors
    assert frame[frame.statistic == "saturated_share"].value.min() > 0.5
    assert {f.code for f in recorder.run.findings} & {"NN908", "NN917"}


def test_too_large_steps_are_no_fault_of_the_initial_weights():
    codes = {f.code for f in trained(classifier(learning_rate_init=0.3), n_epochs=8).findings}
    assert "NN910" in codes
    assert "NN901" not in codes


def test_a_regressor_and_what_is_none():
    with nn_bridge.MLPRecorder(MLPRegressor(hidden_layer_sizes=(4,), random_state=0), quiet=True) as recorder:
        recorder.partial_fit(X, y.astype(float))
        with pytest.raises(treedebug.ConfigError, match="'loss': 'low'"):
            recorder.log("valid", loss="low")
    assert recorder.run.facts.loss.function == "mse"
    with pytest.raises(treedebug.StoreError, match="closed"):
        recorder.partial_fit(X, y)
    with pytest.raises(treedebug.StoreError, match="log: this recorder is closed"):
        recorder.log("valid", loss=1.0)
    with pytest.raises(treedebug.ConfigError, match="the class MLPRegressor, no object of it"):
        nn_bridge.MLPRecorder(MLPRegressor)
    with pytest.raises(treedebug.ConfigError, match="SGDClassifier"):
        nn_bridge.MLPRecorder(SGDClassifier())


def test_sparse_rows_are_recorded_as_dense_ones_are():
    runs = [trained_on(kind) for kind in (np.asarray, csr_matrix)]
    assert runs[0].tensors.value.tolist() == pytest.approx(runs[1].tensors.value.tolist(), rel=1e-6, abs=1e-9)
    assert [n.message for n in runs[1].notes] == []


def trained_on(kind):
    with nn_bridge.MLPRecorder(classifier(), quiet=True) as recorder:
        recorder.partial_fit(kind(X), y, classes=np.arange(10))
        recorder.partial_fit(kind(X), y)
    return recorder.run


def test_lbfgs_is_refused():
    with pytest.raises(treedebug.ConfigError, match="lbfgs, which has no partial_fit: use solver='adam'"):
        nn_bridge.MLPRecorder(classifier(solver="lbfgs"))


def test_no_torch_is_imported(tmp_path):
    trained(classifier(), tmp_path / "r", 1)
    code = (
        "import sys, nn_bridge, treedebug; nn_bridge.MLPRecorder; nn_bridge.load('r').tensors; treedebug.check('r'); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
