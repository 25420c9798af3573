"""A recorded training ends with the very bits of one that is not: weights, buffers, optimiser, random numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import nn_bridge
from tests.nn_bridge.trainings import NETS, Loop, mlp, sgd, train

OPTIMIZERS = {
    "sgd": sgd,
    "adam": lambda net: torch.optim.Adam(net.parameters(), lr=0.01),
    "adamw fused": lambda net: torch.optim.AdamW(net.parameters(), lr=0.01, fused=True),
    "adam amsgrad foreach": lambda net: torch.optim.Adam(net.parameters(), lr=0.01, amsgrad=True, foreach=True),
    "rmsprop": lambda net: torch.optim.RMSprop(net.parameters(), lr=0.01),
    "adagrad": lambda net: torch.optim.Adagrad(net.parameters(), lr=0.01),
}
LOOPS = {
    "bfloat16": Loop(amp=True),
    "scaler": Loop(scaler=True),
    "scaler and clipping": Loop(scaler=True, clip=True),
    "clipping": Loop(clip=True),
    "accumulation": Loop(micro_batches=4),
    "gradients kept": Loop(keeps_gradients=True),
    "learning rate schedule": Loop(schedule=True),
    "infinite loss": Loop(breaks=3),
    "infinite loss under a scaler": Loop(breaks=3, scaler=True),
}


def state_after(build, optimizer, loop, *, recorded, compile_it=False):
    torch.manual_seed(3)
    net = build()
    optimizers = optimizer(net)
    optimizers = optimizers if isinstance(optimizers, list) else [optimizers]
    call = torch.compile(net, backend="aot_eager") if compile_it else net
    if recorded:
        with nn_bridge.TorchRecorder(call, optimizers, every=2, dense=3, quiet=True, whole=["*"]) as recorder:
            train(net, optimizers, loop, recorder, call)
        run = recorder.run
        assert [n.message for n in run.notes if "no longer recorded" in n.message] == []
        assert len(run.tensors)
    else:
        train(net, optimizers, loop, None, call)
    held = [o.state_dict() for o in optimizers]
    return net.state_dict(), held, torch.get_rng_state(), np.random.get_state()[1].copy()


def same(one, other):
    if isinstance(one, torch.Tensor):
        return torch.equal(one.nan_to_num(7.0), other.nan_to_num(7.0))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(np.all(one == other))


def check(build, optimizer, loop, **how):
    assert same(
        state_after(build, optimizer, loop, recorded=True, **how),
        state_after(build, optimizer, loop, recorded=False, **how),
    )


@pytest.mark.parametrize("net", NETS)
def test_nets(net):
    optimizer = (lambda n: torch.optim.SGD(n.parameters(), lr=0.05)) if "sparse" in net else sgd
    check(NETS[net], optimizer, Loop())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer):
    check(mlp, OPTIMIZERS[optimizer], Loop())


@pytest.mark.parametrize("loop", LOOPS)
def test_loops(loop):
    check(mlp, sgd, LOOPS[loop])


@pytest.mark.parametrize("loop", ["scaler", "scaler and clipping", "infinite loss under a scaler"])
def test_fused_optimizers_under_a_scaler(loop):
    check(mlp, OPTIMIZERS["adamw fused"], LOOPS[loop])


def test_several_optimizers():
    check(
        mlp,
        lambda net: [torch.optim.SGD(net[:3].parameters(), lr=0.1), torch.optim.Adam(net[3:].parameters(), lr=0.01)],
        Loop(),
    )


@pytest.mark.slow
def test_a_compiled_net():
    check(mlp, sgd, Loop(), compile_it=True)
