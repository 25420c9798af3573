"""What a guess costs is known of networks too: those that learn nothing are told from those that do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.nn import functional

import nn_bridge
import treedebug
from nn_bridge.model.loss_graph import is_plain, read_graph
from treedebug.engine.config import Config
from treedebug.engine.evaluate import Timeline, evaluate, replay
from treedebug.engine.resolve import Resolver
from treedebug.engine.rule_selection import chosen_rules
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import EvalLoss

N_EPOCHS = 12
CLASSES = torch.tensor([0, 0, 0, 1, 1, 2]).repeat(70)
"""Of 420 rows, the first 300 for training; every six rows have the same shares."""
INPUTS = torch.randn(420, 6, generator=torch.Generator().manual_seed(3)) + functional.one_hot(CLASSES, 6)


def trained(path=None, *, dead=False, predictions=True, regression=False):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1 if regression else 3))
    if dead:
        nn.init.constant_(net[0].bias, -50.0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.2)
    targets = INPUTS[:, :1] if regression else CLASSES
    loss_of = functional.mse_loss if regression else functional.cross_entropy
    with nn_bridge.TorchRecorder(net, optimizer, path, quiet=True, select=["CV", "CL"]) as recorder:
        for _ in range(N_EPOCHS):
            for rows in torch.randperm(300).split(30):
                loss = loss_of(net(INPUTS[rows]), targets[rows])
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                out = net(INPUTS[300:])
            recorder.log("valid", loss=float(loss_of(out, targets[300:])))
            if predictions and not regression:
                recorder.predictions("valid", out, targets[300:])
    return recorder.run


def measured(run, kind):
    return Resolver(run.data.at(run.n_rounds, final=True)).get(kind)


def entropy(classes):
    shares = np.bincount(classes) / len(classes)
    return float(-(shares * np.log(shares)).sum())


@pytest.mark.parametrize("predictions", [True, False])
def test_a_net_that_only_guesses_is_told_from_one_that_learns(predictions):
    dead, healthy = trained(dead=True, predictions=predictions), trained(predictions=predictions)
    for run in (dead, healthy):
        # without labels of its own, validation is compared with the shares of the training batches that were seen
        guess, first = entropy(CLASSES), run.data.evals.series("valid", "loss").values[0]
        expected = pytest.approx(guess, abs=1e-6) if predictions else pytest.approx(max(guess, first), abs=0.03)
        assert measured(run, EvalLoss).baseline == expected
        assert measured(run, EvalLoss).perfect == 0.0
    found = {f.code: f for f in dead.findings}
    assert "both stayed near a constant prediction" in found["CV103"].message
    assert "CV103" not in {f.code for f in healthy.findings}


def test_what_is_known_of_the_data():
    data = measured(trained(), Described).header.data
    label = {"kind": "classes", "counts": [60, 40, 20]}
    assert data["valid"] == {"label": label, "is_training": False, "n_rows": 120}
    counts = data["train"]["label"]["counts"]
    assert sum(counts) % 30 == 0
    assert np.array(counts) / sum(counts) == pytest.approx([1 / 2, 1 / 3, 1 / 6], abs=0.05)


def test_a_regression_has_no_guess():
    run = trained(regression=True)
    assert measured(run, EvalLoss).baseline is None
    assert measured(run, EvalLoss).perfect is None
    assert measured(run, Described).header.data == {}


@pytest.mark.parametrize("dead", [True, False])
def test_live_loaded_and_replayed_agree(tmp_path, dead):
    live = trained(tmp_path / "r", dead=dead)
    rules = chosen_rules(Config(select=("CV", "CL"), preview=True))
    loaded = nn_bridge.load(tmp_path / "r")
    verdicts = [replay(loaded.data, rules).verdict, Timeline()]
    verdicts[1].advance(evaluate(live.data.at(live.n_rounds, final=True), rules))
    assert [f.code for f in verdicts[0].findings] == [f.code for f in verdicts[1].verdict.findings]
    reported = treedebug.check(tmp_path / "r", select=["CV", "CL"]).findings
    assert [f.to_dict() for f in reported] == [f.to_dict() for f in live.findings]


def test_a_perceptron_of_scikit_learn():
    X, y = INPUTS.numpy(), np.array(["a", "b", "c"])[CLASSES.numpy()]
    runs = []
    for rate in (1e-6, 0.02):
        model = MLPClassifier((16,), random_state=0, learning_rate_init=rate)
        with nn_bridge.MLPRecorder(model, quiet=True, select=["CV", "CL"]) as recorder:
            for _ in range(15):
                recorder.partial_fit(X[:300], y[:300], classes=["a", "b", "c"])
                probability = model.predict_proba(X[300:])[np.arange(120), CLASSES[300:].numpy()]
                recorder.log("valid", loss=float(-np.log(probability).mean()))
        runs.append(recorder.run)
        record = runs[-1].data.classes.last("train")
        hits = model.predict(X[:300]) == y[:300]
        assert int(np.trace(record.confusion)) == hits.sum()
        assert record.mean_probability == pytest.approx(model.predict_proba(X[:300]).mean(axis=0))
        first = runs[-1].data.evals.series("valid", "loss").values[0]
        assert measured(runs[-1], EvalLoss).baseline == pytest.approx(max(entropy(CLASSES[:300]), first))
    still, moving = ({f.code for f in run.findings} for run in runs)
    assert "CV103" in still
    assert "CV103" not in moving


def test_a_perceptron_of_two_classes():
    X, y = INPUTS.numpy(), INPUTS[:, 0].numpy() > 0
    model = MLPClassifier((4,), random_state=0)
    with nn_bridge.MLPRecorder(model, quiet=True) as recorder:
        recorder.partial_fit(X, y, classes=[False, True])
        recorder.log("valid", accuracy=0.5)
    record = recorder.run.data.classes.last("train")
    assert int(np.trace(record.confusion)) == (model.predict(X) == y).sum()
    assert record.mean_probability == pytest.approx(model.predict_proba(X).mean(axis=0))


SCORES = torch.randn(24, 3, generator=torch.Generator().manual_seed(1), requires_grad=True)
LABELS = CLASSES[:24]
HALVES = (LABELS > 0).float()
LINE = SCORES[:, 0]
PIXELS = SCORES.reshape(2, 3, 4, 3)
MEAN = functional.cross_entropy(SCORES, LABELS)
LOSSES = {
    "mean": (MEAN, True),
    "log probabilities": (functional.nll_loss(SCORES.log_softmax(1), LABELS), True),
    "pixels": (functional.cross_entropy(PIXELS, LABELS.reshape(2, 4, 3)), True),
    "some ignored": (functional.cross_entropy(SCORES, torch.where(LABELS == 2, -100, LABELS)), True),
    "by hand": (functional.cross_entropy(SCORES, LABELS, reduction="none").mean(), True),
    "two classes": (functional.binary_cross_entropy_with_logits(LINE, HALVES), True),
    "two classes, probabilities": (functional.binary_cross_entropy(LINE.sigmoid(), HALVES), True),
    "class weights": (functional.cross_entropy(SCORES, LABELS, torch.tensor([1.0, 3.0, 9.0])), False),
    "weight of one class": (
        functional.binary_cross_entropy_with_logits(LINE, HALVES, pos_weight=torch.tensor(4.0)), False,
    ),
    "smoothed": (functional.cross_entropy(SCORES, LABELS, label_smoothing=0.2), False),
    "sum": (functional.cross_entropy(SCORES, LABELS, reduction="sum"), False),
    "penalty": (MEAN + 0.1 * SCORES.square().mean(), False),
    "two tasks": (MEAN + functional.cross_entropy(SCORES.flip(1), LABELS), False),
    "a share of it": (MEAN / 4, False),
    "squares": (functional.mse_loss(LINE, HALVES), False),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_only_a_mean_cross_entropy_is_one(name):
    loss, expected = LOSSES[name]
    assert is_plain(read_graph(loss, {}).function, loss) is expected
