import torch
from torch import nn
from torch.nn import functional

import nn_bridge
import treedebug

X = torch.randn(128, 6, generator=torch.Generator().manual_seed(2))


def test_a_loaded_run_is_judged_as_any_run(tmp_path):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.SGD(net.parameters(), 1e-7)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "run", quiet=True) as recorder:
        for _ in range(12):
            loss = functional.cross_entropy(net(X), (X[:, 0] > 0).long())
            recorder.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    loaded = nn_bridge.load(tmp_path / "run")
    assert "NN904" in {f.code for f in treedebug.check(loaded).findings}
    assert treedebug.check(loaded).findings == treedebug.check(tmp_path / "run").findings
    assert loaded.plan == treedebug.check(loaded).plan
    assert loaded.plan.params
