"""What trainings do to their tensors besides training: none of it is hindered, and none of it ends the record."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
import warnings
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
import torch
import torch.multiprocessing
from torch import nn
from torch.nn import functional

import nn_bridge
import treedebug
from nn_bridge.record.tensor_streams import TensorLog
from nn_bridge.statistics.array_view import array_view
from nn_bridge.statistics.joined_tensors import Parameters, flat
from tests.nn_bridge.trainings import mlp, sgd


def step(net, optimizer, recorder, batch=None):
    x, y = batch or (torch.randn(6, 8), torch.arange(6) % 3)
    optimizer.zero_grad()
    loss = functional.cross_entropy(net(x), y)
    recorder.log("train", loss=loss)
    loss.backward()
    optimizer.step()


def trained_around(disturb, net=None):
    """Two steps, what disturbs, and two more; the run, and the statistics by step, kind, layer and name."""
    torch.manual_seed(0)
    net = net or mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, every=1, quiet=True) as recorder:
        for _ in range(2):
            step(net, optimizer, recorder)
        disturb(net)
        for _ in range(2):
            step(net, optimizer, recorder)
    run = recorder.run
    return run, run.tensors.set_index(["step", "kind", "layer", "statistic"])["value"]


def assert_whole(run, t):
    assert [n.message for n in run.notes] == []
    for kind, layer in (("weight", "0.weight"), ("gradient", "0.weight"), ("activation", "0")):
        assert np.isfinite([t[s, kind, layer, "norm"] for s in range(4)]).all()


@pytest.mark.parametrize("of_gradients", [False, True])
def test_memory_that_is_freed_and_taken_again(of_gradients):
    def disturb(net):
        for p in net.parameters():
            held = p.grad if of_gradients else p.detach()
            memory, values = held.untyped_storage(), held.clone()
            n = memory.nbytes()
            memory.resize_(0)
            memory.resize_(n)
            held.copy_(values)

    assert_whole(*trained_around(disturb))


def test_freed_memory_is_not_read():
    param = nn.Parameter(torch.ones(1000))
    joint = Parameters([param])
    assert joint.now().copied().sum() == 1000
    param.untyped_storage().resize_(0)
    with pytest.raises(ValueError, match="was freed"):
        joint.now()


def test_a_parameter_that_is_cut_where_it_is():
    param = nn.Parameter(torch.arange(10.0))
    joint = Parameters([param])
    assert joint.now().sizes == (10,)
    param.data = param.data[:4]
    assert joint.now().sizes == (4,)


def test_passes_within_a_transformation_are_none_of_the_training_s():
    def disturb(net):
        given = {name: p.detach() for name, p in net.named_parameters()}

        def loss(params, x, y):
            return functional.cross_entropy(torch.func.functional_call(net, params, (x[None],)), y[None])

        per_row = torch.func.vmap(torch.func.grad(loss), (None, 0, 0), randomness="different")
        per_row(given, torch.randn(5, 8), torch.arange(5) % 3)

    assert_whole(*trained_around(disturb))


def test_a_traced_net_holds_nothing_of_the_recorder():
    def disturb(net):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            net.eval()
            torch.jit.trace(net, torch.randn(5, 8))  # twice, and raises where the two differ
            net.train()

    assert_whole(*trained_around(disturb))


def test_a_net_is_sent_to_another_process_without_a_warning():
    assert_whole(*trained_around(ForkingPickler.dumps))
    assert_whole(*trained_around(copy.deepcopy))


def test_a_recorder_is_copied_with_what_holds_it(tmp_path):
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r", every=1, quiet=True) as recorder:
        step(net, optimizer, recorder)
        net.recorder = recorder
        for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):  # noqa: S301 - its own
            assert torch.equal(twin[0].weight, net[0].weight)
        step(net, optimizer, recorder)
    assert recorder.run.data.rounds.iterations.tolist() == [2]


def test_a_step_that_raised_is_made_again():
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, every=1, quiet=True) as recorder:
        step(net, optimizer, recorder)
        handle = optimizer.register_step_pre_hook(lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            step(net, optimizer, recorder)
        handle.remove()
        step(net, optimizer, recorder)
        step(net, optimizer, recorder)
    found = recorder.run.tensors
    assert found.step.nunique() == 3
    assert not found.duplicated(["step", "kind", "layer", "statistic"]).any()


def test_a_run_is_read_by_another_thread_while_it_trains(tmp_path):
    net, ended, raised = mlp(), threading.Event(), []
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r", every=1, quiet=True) as recorder:

        def look():
            while not ended.wait(0.002):
                try:
                    recorder.run  # noqa: B018 - reading it writes what is put off
                except Exception as error:
                    raised.append(error)

        reader = threading.Thread(target=look)
        reader.start()
        for i in range(150):
            step(net, optimizer, recorder)
            if i % 20 == 0:
                recorder.log("valid", loss=1.0)
        ended.set()
        reader.join()
    run = nn_bridge.load(tmp_path / "r")
    assert raised == []
    series = run.data.stream(TensorLog).series("0.weight", "gradient", "norm")
    assert series.steps.tolist() == list(range(150))
    assert (np.diff(series.rounds) >= 0).all()
    assert np.unique(run.data.rounds.rounds).tolist() == run.data.rounds.rounds.tolist()


def test_parameters_that_come_later_are_noted():
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, every=1, quiet=True) as recorder:
        step(net, optimizer, recorder)
        for _ in range(2):
            net.append(nn.Linear(3, 3))
            optimizer.add_param_group({"params": net[-1].parameters()})
            step(net, optimizer, recorder)
            step(net, optimizer, recorder)
    assert [n.message.partition(" were")[0] for n in recorder.run.notes] == ["2 parameters"]


def test_parameters_that_are_trained_later_are_recorded():
    net = mlp()
    optimizer = torch.optim.SGD(net[5].parameters(), lr=0.1)
    with nn_bridge.TorchRecorder(net, optimizer, every=1, quiet=True) as recorder:
        step(net, optimizer, recorder)
        optimizer.add_param_group({"params": net[0].parameters()})
        step(net, optimizer, recorder)
    assert [n.message for n in recorder.run.notes] == []
    t = recorder.run.tensors.set_index(["step", "kind", "layer", "statistic"])["value"]
    assert (t[0, "update", "0.weight", "norm"], t[1, "update", "0.weight", "norm"] > 0) == (0.0, True)


def test_one_optimizer_given_twice_is_one():
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, [optimizer, optimizer], quiet=True) as recorder:
        step(net, optimizer, recorder)
    assert not recorder.run.tensors.duplicated(["step", "kind", "layer", "statistic"]).any()
    assert recorder.run.data.rounds.iterations.tolist() == [1]


def test_what_would_end_the_record_is_refused():
    net = mlp()
    with pytest.raises(treedebug.ConfigError, match="planned_rounds must be a whole number >= 1, or None; got 'x'"):
        nn_bridge.TorchRecorder(net, sgd(net), planned_rounds="x")
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        with pytest.raises(treedebug.ConfigError, match=r"loss is a tensor of torch.complex64"):
            recorder.log("train", loss=torch.tensor(1j))
        with pytest.raises(treedebug.ConfigError, match=r"loss is a tensor of torch.float32 on the meta device"):
            recorder.log("valid", loss=torch.ones((), device="meta"))
        with pytest.raises(treedebug.ConfigError, match="loss is 1000"):
            recorder.log("valid", loss=10**400)
        with pytest.raises(treedebug.ConfigError, match="predictions takes the dataset's name first"):
            recorder.predictions(3, torch.ones(2, 2), torch.ones(2))


def test_an_interpreter_that_ends_on_an_error_tells_which():
    code = "import weakref; from nn_bridge.record.start_net_run import NetPlace, what_ends_python as end; "
    code += "weakref.finalize(NetPlace, lambda: print({}))"
    code = code.format("'ends by', end()")
    for end, told in (("raise ValueError('boom')", "ends by ValueError: boom"), ("pass", "ends by")):
        done = subprocess.run([sys.executable, "-c", f"{code}\n{end}"], capture_output=True, text=True, check=False)
        assert done.stdout.strip() == told


class Sparse(nn.Module):
    def forward(self, x):
        return x.to_sparse()


class Dense(nn.Module):
    def forward(self, x):
        return x.to_dense()


class Negative(nn.Module):
    """Its output has the bit that says that all signs are to be turned."""

    def forward(self, x):
        return torch.complex(x, x).conj().imag


@pytest.mark.parametrize("odd", [nn.Sequential(Sparse(), Dense()), Negative()])
def test_outputs_that_numpy_does_not_take(odd):
    net = nn.Sequential(nn.Linear(8, 4), odd, nn.Linear(4, 3))
    run, t = trained_around(lambda net: None, net)
    assert_whole(run, t)
    name = "1.0" if len(odd._modules) else "1"
    sign = 1 if len(odd._modules) else -1
    assert t[0, "activation", name, "mean"] == pytest.approx(sign * t[0, "activation", "0", "mean"], rel=1e-5)


def test_an_output_that_cannot_be_looked_at_spoils_no_other(monkeypatch):
    from nn_bridge.capture import activations

    def refuse(values):
        if values.shape[-1] == 12:
            raise RuntimeError("odd")
        return values

    monkeypatch.setattr(activations, "_fewer", refuse)
    run, t = trained_around(lambda net: None)
    assert [n.message for n in run.notes] == ["activations are no longer recorded: RuntimeError: odd"]
    assert np.isfinite([t[s, "gradient", "3.weight", "norm"] for s in range(4)]).all()


def test_a_large_sparse_gradient_is_thinned_as_a_dense_one_is():
    rows = torch.tensor([[3, 0, 3, 9]])
    held = torch.sparse_coo_tensor(rows, torch.randn(4, 7), (10, 7), check_invariants=True)
    assert torch.allclose(flat(held, 20), flat(held.to_dense(), 20))
    flags = torch.tensor([[0.0, 2.0, 0.0], [0.5, 0.0, 0.0]] * 10).to(torch.bfloat16).to_sparse()
    assert torch.equal(flat(flags, 10), flat(flags.to_dense(), 10))


@pytest.mark.parametrize(
    "tensor",
    [torch.tensor(3.0), torch.empty(0, 3), torch.ones(3, dtype=torch.bool), torch.randn(3, 4).t(), torch.randn(4)[::2]],
    ids=["one number", "empty", "flags", "transposed", "every other"],
)
def test_a_view_is_what_numpy_would_be(tensor):
    found = array_view(tensor)
    assert np.array_equal(found, tensor.clone().numpy())
    assert found.shape == tuple(tensor.shape)
