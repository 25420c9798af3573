"""Networks made narrower: what is idle goes without a change, what is left proves itself on validation rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import nn_bridge
from nn_bridge.pruning.chain import chain_of
from nn_bridge.pruning.narrow import narrower, without_idle
from treedebug.core.errors import ConfigError

RNG = np.random.default_rng(2)
X = RNG.normal(size=(900, 6)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] + X[:, 2] > 0).astype(np.int64)
TRAIN, VALID = slice(0, 600), slice(600, 900)


def trained(
    *, record: bool = False, norm: bool = False, seed: int = 0
) -> tuple[nn.Sequential, nn_bridge.NetRun | None]:
    torch.manual_seed(seed)
    hidden = nn.Sequential(nn.Linear(48, 32), nn.Tanh())
    model = nn.Sequential(
        nn.Linear(6, 48),
        nn.BatchNorm1d(48) if norm else nn.Identity(),
        nn.ReLU(),
        nn.Dropout(0.1),
        hidden,
        nn.Linear(32, 2),
    )
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    rows, labels = torch.as_tensor(X[TRAIN]), torch.as_tensor(Y[TRAIN])

    def steps() -> None:
        for i in range(60):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(rows[i % 3 :: 3]), labels[i % 3 :: 3])
            loss.backward()
            optimizer.step()

    if not record:
        steps()
        return model, None
    with nn_bridge.TorchRecorder(model, optimizer) as recorder:
        steps()
    return model, recorder.run


@pytest.mark.parametrize("norm", [False, True])
def test_a_wide_network_loses_two_thirds_and_no_accuracy(norm: bool) -> None:
    model, _ = trained(norm=norm, seed=1)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    report = nn_bridge.prune_report(None, model, data=X[TRAIN], valid=(X[VALID], Y[VALID]))
    assert report.factor > 3
    assert report.difference <= report.error
    logits = report.module(torch.as_tensor(X[VALID]))
    loss = float(nn.functional.cross_entropy(logits, torch.as_tensor(Y[VALID])).detach())
    assert loss == pytest.approx(report.loss + report.difference, rel=1e-5)
    assert sum(p.numel() for p in report.module.parameters()) == report.n_left
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert "fewer" in str(report)


def test_units_that_say_the_same_on_every_row_go_without_a_change() -> None:
    model, _ = trained()
    with torch.no_grad():
        model[0].bias[:10] = -100.0  # silent behind the ReLU
        model[4][0].weight[:5] = 0.0  # the same tanh on every row
        model[4][0].bias[:5] = 0.5
        model[5].weight[:, 7] = 0.0  # nobody listens
    model.eval()
    rows = torch.as_tensor(X)
    chain, taken = without_idle(chain_of(model), rows)
    assert taken == (10, 6)
    torch.testing.assert_close(chain.module()(rows), model(rows), rtol=1e-5, atol=1e-5)
    report = nn_bridge.prune_report(None, model, data=X[TRAIN], valid=(X[VALID], Y[VALID]))
    assert report.idle == (10, 6)
    assert report.largest_change < 1e-5


def test_a_copy_of_a_unit_is_taken_first_and_its_part_goes_to_the_other() -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1)).eval()
    with torch.no_grad():
        model[0].weight[3], model[0].bias[3] = model[0].weight[5], model[0].bias[5]
    rows = torch.as_tensor(X)
    chain = narrower(chain_of(model), rows)
    assert chain is not None
    assert chain.widths == (7,)
    torch.testing.assert_close(chain.module()(rows), model(rows), rtol=1e-3, atol=1e-3)


def test_what_the_record_says_of_silent_units_is_shown() -> None:
    model, run = trained(record=True)
    report = nn_bridge.prune_report(run, model, data=X[TRAIN], valid=(X[VALID], Y[VALID]))
    assert report.silent
    assert all(0 <= n <= total for n, total in report.silent.values())


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (nn.Sequential(nn.Linear(6, 4), nn.Softmax(1), nn.Linear(4, 2)), "Softmax stands behind"),
        (nn.Sequential(nn.Linear(6, 2)), "no hidden layer"), (nn.Sequential(nn.ReLU()), "no nn.Linear"),
        (nn.TransformerEncoderLayer(6, 2), "is not an nn.Sequential"),
    ],
)  # fmt: skip
def test_networks_that_are_no_chain_are_refused(model: nn.Module, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        nn_bridge.prune_report(None, model, data=X[TRAIN], valid=(X[VALID], Y[VALID]))


def test_few_rows_judge_nothing() -> None:
    with pytest.raises(ConfigError, match="50 rows; below 100"):
        nn_bridge.prune_report(None, trained()[0], data=X[TRAIN], valid=(X[:50], Y[:50]))
