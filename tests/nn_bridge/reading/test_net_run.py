import torch
from torch import nn
from torch.nn import functional

import nn_bridge
import treedebug

X = torch.randn(128, 6, generator=torch.Generator().manual_seed(2))


def trained(path, lr):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr)
    with nn_bridge.TorchRecorder(net, optimizer, path, quiet=True) as recorder:
        for _ in range(12):
            loss = functional.cross_entropy(net(X), (X[:, 0] > 0).long())
            recorder.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return nn_bridge.load(path)


def test_a_loaded_run_is_judged_as_any_run(tmp_path):
    loaded = trained(tmp_path / "run", 1e-7)
    assert "NN904" in {f.code for f in treedebug.check(loaded).findings}
    assert treedebug.check(loaded).findings == treedebug.check(tmp_path / "run").findings
    assert loaded.plan == treedebug.check(loaded).plan
    assert loaded.plan.params


def test_loaded_runs_are_compared_and_exported_as_any_runs(tmp_path):
    runs = [trained(tmp_path / name, lr) for name, lr in (("a", 0.1), ("b", 1e-7))]
    compared = treedebug.compare(*runs)
    assert repr(compared) == repr(treedebug.compare(tmp_path / "a", tmp_path / "b"))
    assert compared.frame[("parameters", "learning_rate")].tolist() == [0.1, 1e-07]
    exported = treedebug.export(runs[0], "csv", tmp_path / "out")
    assert (exported / "metrics.csv").exists()
