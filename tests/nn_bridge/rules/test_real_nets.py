"""Each rule on a small net with its disease, and on a sound one; recorded as a user would record them."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nn_bridge.recorders.torch import TorchRecorder
from nn_bridge.rules import RULES
from treedebug.engine.config import Config
from treedebug.engine.evaluate import evaluate

torch.set_num_threads(1)  # small nets: threads only wait for each other

N, CLASSES, EPOCHS, BATCH = 256, 4, 10, 32


def data(seed):
    made = torch.Generator().manual_seed(seed)
    X = torch.randn(N, 8, generator=made)
    return X, (X[:, 0] > 0).long() + 2 * (X[:, 1] > 0).long()


def mlp(activation=nn.ReLU, n_hidden=2, dropout=0.0):
    torch.manual_seed(0)
    layers, n_in = [], 8
    for _ in range(n_hidden):
        layers += [nn.Linear(n_in, 16), activation(), *([nn.Dropout(dropout)] if dropout else [])]
        n_in = 16
    return nn.Sequential(*layers, nn.Linear(16, CLASSES))


def trained(
    model=None,
    *,
    lr=0.05,
    momentum=0.9,
    weight_decay=0.0,
    scale=1.0,
    shuffle=True,
    zero_grad=True,
    eval_mode=True,
    loss=functional.cross_entropy,
    final=None,
    labels=None,
    held=None,
    epochs=EPOCHS,
    batch=BATCH,
):
    """The codes of what the rules on networks find, with the findings."""
    model = mlp() if model is None else model
    parameters = list(model.parameters()) if held is None else list(held(model))
    optimizer = torch.optim.SGD(parameters, lr, momentum=momentum, weight_decay=weight_decay)
    (X, y), (Xv, yv) = data(1), data(2)
    X, Xv, y = X * scale, Xv * scale, y if labels is None else labels(y)
    with TorchRecorder(model, optimizer, None, quiet=True, config=Config(select=())) as recorder:
        for _ in range(epochs):
            model.train()
            rows = torch.randperm(N) if shuffle else y.argsort(stable=True)
            for rows_of in rows.split(batch):
                if zero_grad:
                    optimizer.zero_grad()
                out = model(X[rows_of])
                value = loss(out if final is None else final(out), y[rows_of])
                recorder.log("train", loss=value)
                value.backward()
                optimizer.step()
            if eval_mode:
                model.eval()
            with torch.no_grad():
                out = model(Xv)
                recorder.log("valid", loss=float(functional.cross_entropy(out, yv)))
                recorder.predictions("valid", out, yv)
    run = recorder.run.data
    verdict = evaluate(run.at(run.n_rounds, final=True), [rule() for rule in RULES])
    assert not verdict.crashed
    assert not run.notes
    return {f.code: f for f in verdict.findings}


def filled(value, model=None, *, bias=False):
    model = mlp() if model is None else model
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, nn.Linear):
                (layer.bias if bias else layer.weight).fill_(value)
    return model


def multiplied(factor, model):
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(factor)
    return model


def shuffled(y):
    return y[torch.randperm(N, generator=torch.Generator().manual_seed(3))]


def broken_at_once(out, y):
    return functional.cross_entropy(out * float("inf"), y)


FAULTY = {
    "NN901": lambda: trained(filled(0.1)),
    "NN902": lambda: trained(mlp(nn.Sigmoid, n_hidden=8)),
    "NN903": lambda: trained(zero_grad=False),
    "NN904": lambda: trained(lr=1e-6),
    "NN905": lambda: trained(scale=0.0),
    "NN906": lambda: trained(weight_decay=1.0, momentum=0.0, lr=0.4, epochs=20),
    "NN907": lambda: trained(held=lambda model: model[4].parameters()),
    "NN908": lambda: trained(mlp(nn.Tanh), scale=50.0),
    "NN909": lambda: trained(multiplied(40.0, mlp(nn.Sigmoid))),
    "NN910": lambda: trained(filled(-10.0, bias=True)),
    "NN911": lambda: trained(loss=broken_at_once),
    "NN912": lambda: trained(mlp(nn.Sigmoid, n_hidden=8)),
    "NN913": lambda: trained(mlp(dropout=0.3), eval_mode=False),
    "NN914": lambda: trained(final=lambda out: out.softmax(1)),
    "NN915": lambda: trained(shuffle=False),
    "NN916": lambda: trained(mlp(nn.Identity)),
    "NN917": lambda: trained(scale=100.0, lr=1e-4),
    "NN918": lambda: trained(labels=shuffled, epochs=40),
    "NN919": lambda: trained(nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 4)), batch=4),
}


def test_every_rule_has_its_disease():
    assert list(FAULTY) == [rule.code for rule in RULES]


@pytest.mark.parametrize(
    "model", [mlp, lambda: mlp(nn.Tanh), lambda: mlp(dropout=0.1)], ids=["relu", "tanh", "dropout"]
)
def test_a_sound_training_raises_nothing(model):
    assert trained(model()) == {}


@pytest.mark.parametrize("code", FAULTY)
def test_the_disease_is_found(code):
    found = FAULTY[code]()
    assert code in found
    finding = found[code]
    assert finding.message
    assert finding.try_next
    assert finding.evidence
