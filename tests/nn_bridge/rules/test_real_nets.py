"""Each rule on a small net with its disease, and on a sound one; recorded as a user would record them."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

import nn_bridge
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


def mlp(activation=nn.ReLU, n_hidden=2, dropout=0.0, n_out=CLASSES, width=16):
    torch.manual_seed(0)
    layers, n_in = [], 8
    for _ in range(n_hidden):
        layers += [nn.Linear(n_in, width), activation(), *([nn.Dropout(dropout)] if dropout else [])]
        n_in = width
    return nn.Sequential(*layers, nn.Linear(width, n_out))


def normed(*, frozen=False, momentum=0.1):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16, momentum=momentum), nn.ReLU(), nn.Linear(16, CLASSES))
    for part in net[:2] if frozen else ():
        part.requires_grad_(False)
    return net


class TimesThirty(nn.Module):
    """A wide net whose output is scaled up: tiny steps of the weights are enough."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.hidden, self.out = nn.Linear(8, 256), nn.Linear(256, CLASSES)

    def forward(self, x):
        return 30.0 * self.out(torch.tanh(self.hidden(x)))


class InAList(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = [nn.Linear(8, 16)], nn.Linear(16, CLASSES)

    def forward(self, x):
        return self.out(torch.relu(self.hidden[0](x)))


class OverTheBatch(nn.Module):
    """Softmax over the rows instead of the features."""

    def __init__(self):
        super().__init__()
        self.score, self.out = nn.Linear(8, 8), nn.Linear(8, CLASSES)

    def forward(self, x):
        return self.out(x * self.score(x).softmax(0) * 50.0)


class AlwaysDropping(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(8, 16), nn.Linear(16, CLASSES)

    def forward(self, x):
        return self.out(functional.dropout(torch.relu(self.hidden(x)), 0.5))


def checked(model, loss=functional.cross_entropy):
    X, y = data(1)
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    report = nn_bridge.check(model, optimizer, lambda: loss(model(X[:BATCH]), y[:BATCH]))
    return {f.code: f for f in report.verdict.findings}


def one_cycle(optimizer):
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=30)


def scaled(factor):
    return lambda optimizer: torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


class HighFloor(torch.optim.lr_scheduler.ReduceLROnPlateau):
    """A plateau scheduler whose floor lies above the rate."""

    def __init__(self, optimizer):
        super().__init__(optimizer, min_lr=1.0)

    def step(self, metrics=1.0, epoch=None):
        super().step(metrics, epoch)


def trained(
    model=None,
    *,
    lr=0.05,
    momentum=0.9,
    weight_decay=0.0,
    scale=1.0,
    shift=0.0,
    shuffle=True,
    zero_grad=True,
    eval_mode=True,
    loss=functional.cross_entropy,
    final=None,
    labels=None,
    held=None,
    epochs=EPOCHS,
    batch=BATCH,
    accuracy=False,
    schedule=None,
    headroom=False,
    kernel=False,
):
    """The codes of what the rules on networks find, with the findings."""
    model = mlp() if model is None else model
    parameters = list(model.parameters()) if held is None else list(held(model))
    optimizer = torch.optim.SGD(parameters, lr, momentum=momentum, weight_decay=weight_decay)
    cycle = schedule(optimizer) if schedule else None
    (X, y), (Xv, yv) = data(1), data(2)
    X, Xv, y = X * scale + shift, Xv * scale + shift, y if labels is None else labels(y)
    batch_of = {}
    again = (lambda: loss(model(X[batch_of["rows"]]), y[batch_of["rows"]])) if headroom else None
    watched = {"scheduler": cycle, "headroom": again, "kernel": Xv if kernel else None}
    with TorchRecorder(model, optimizer, None, **watched, quiet=True, config=Config(select=())) as recorder:
        for _ in range(epochs):
            model.train()
            rows = torch.randperm(N) if shuffle else y.argsort(stable=True)
            for rows_of in rows.split(batch):
                batch_of["rows"] = rows_of
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
                also = {"accuracy": float((out.argmax(1) == yv).float().mean())} if accuracy else {}
                recorder.log("valid", loss=float(functional.cross_entropy(out, yv)), **also)
                recorder.predictions("valid", out, yv)
            if cycle is not None:
                cycle.step()  # once an epoch, as if it were a step
    run = recorder.run.data
    verdict = evaluate(run.at(run.n_rounds, final=True), [rule() for rule in RULES])
    assert not verdict.crashed
    assert not run.notes
    return {f.code: f for f in verdict.findings}


class Next(nn.Module):
    """Says of each token which comes next."""

    def __init__(self):
        super().__init__()
        self.embed, self.out = nn.Embedding(12, 8), nn.Linear(8, 12)

    def forward(self, x):
        return self.out(torch.relu(self.embed(x))).transpose(1, 2)


def next_tokens():
    torch.manual_seed(0)
    X = torch.randint(1, 12, (N, 9)) * (torch.arange(9) < 4)
    model = Next()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with TorchRecorder(model, optimizer, None, quiet=True, round_steps=8) as recorder:
        for rows in X.repeat(3, 1).split(BATCH):
            value = functional.cross_entropy(model(rows[:, :-1]), rows[:, 1:])
            recorder.log("train", loss=value)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
    return {f.code: f for f in recorder.run.findings}


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


def partly_shuffled(y):
    return torch.where(torch.rand(N, generator=torch.Generator().manual_seed(5)) < 0.05, shuffled(y), y)


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
    "NN920": lambda: trained(InAList()),
    "NN921": lambda: checked(mlp(n_out=1), lambda out, y: (out - y.float()).square().mean()),
    "NN922": lambda: checked(OverTheBatch()),
    "NN923": lambda: checked(mlp(), lambda out, y: functional.mse_loss(torch.tanh(out[:, 0]), 3.0 * y.float())),
    "NN924": lambda: checked(mlp(), lambda out, y: functional.mse_loss(out[:, 0], 1e5 * y.float())),
    "NN925": lambda: trained(normed(frozen=True), held=lambda model: model[3].parameters()),
    "NN926": lambda: trained(normed(momentum=1e-3), shift=4.0),
    "NN927": lambda: trained(AlwaysDropping()),
    "NN928": lambda: trained(weight_decay=5.0, lr=0.01, momentum=0.0),
    "NN929": lambda: trained(mlp(width=128), lr=0.1, labels=partly_shuffled, epochs=40, accuracy=True),
    "NN930": lambda: trained(schedule=one_cycle),
    "NN931": lambda: trained(schedule=scaled(lambda t: float(t < 4))),
    "NN932": lambda: trained(schedule=scaled(lambda t: (t + 1) / 1000)),
    "NN933": lambda: trained(schedule=HighFloor),
    "NN934": lambda: trained(schedule=lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 4)),
    "NN935": lambda: trained(loss=lambda out, y: 4.0 * out.square().mean(), epochs=60),
    "NN936": next_tokens,
    "NN940": lambda: trained(lr=1e-6, momentum=0.0, headroom=True, epochs=25),
    "NN941": lambda: trained(lr=50.0, momentum=0.0, headroom=True),
    "NN942": lambda: trained(TimesThirty(), lr=1e-4, epochs=30, kernel=True),
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
