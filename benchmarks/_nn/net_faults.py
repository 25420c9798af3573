"""Faults of the net: how it begins, what it is made of."""

from __future__ import annotations

from collections.abc import Callable

import torch
from numpy.random import Generator
from torch import nn
from torch.nn import functional

from _nn.catalog import fault
from _nn.jobs import Job
from _nn.nets import Shape


def each_weight(change: Callable[[torch.Tensor], object]) -> Callable[[nn.Module], None]:
    """Do it to every matrix, in place; vectors (biases, norms) are left alone."""

    def apply(model: nn.Module) -> None:
        with torch.no_grad():
            for p in model.parameters():
                if p.ndim > 1:
                    change(p)

    return apply


def _normed(job: Job, _: Generator) -> None:
    """The twin of faults that need batch norm."""
    job.shape = Shape(norm="batch")


@fault("all weights start at 0.05", "NN901")
def constant_init(job: Job, _: Generator) -> None:
    job.built.append(each_weight(lambda p: p.fill_(0.05)))


@fault("all weights start at 0", "NN901 NN905")
def zero_init(job: Job, _: Generator) -> None:
    job.built.append(each_weight(torch.Tensor.zero_))


@fault("weights start a hundred times too small", "NN901")
def tiny_init(job: Job, _: Generator) -> None:
    job.built.append(each_weight(lambda p: p.mul_(0.01)))


@fault("weights start ten times too large", "NN901 NN903")
def huge_init(job: Job, _: Generator) -> None:
    job.built.append(each_weight(lambda p: p.mul_(10.0)))


@fault("weights are drawn with a standard deviation of 1, whatever the layer's size", "NN901 NN903")
def unit_normal_init(job: Job, _: Generator) -> None:
    job.built.append(each_weight(torch.Tensor.normal_))


@fault("the last layer's bias starts at 10 for one class", "NN901 NN914")
def wrong_output_bias(job: Job, _: Generator) -> None:
    def shift(model: nn.Module) -> None:
        with torch.no_grad():
            model.head.bias[-1] = 10.0

    job.built.append(shift)


@fault("eight layers of sigmoid", "NN902 NN909", nets=("mlp", "cnn"))
def sigmoid_stack(job: Job, _: Generator) -> None:
    job.shape = Shape(activation="sigmoid", depth=8)


@fault("the same with Adam", "NN902 NN909", nets=("mlp", "cnn"), recipe="adam")
def sigmoid_stack_adam(job: Job, _: Generator) -> None:
    job.shape = Shape(activation="sigmoid", depth=8)


@fault("sigmoid with weights twenty times too large", "NN909 NN901", nets=("mlp", "cnn"))
def saturated_sigmoids(job: Job, _: Generator) -> None:
    job.shape = Shape(activation="sigmoid")
    job.built.append(each_weight(lambda p: p.mul_(20.0)))


@fault("tanh on inputs 50 times too large", "NN908 DA602 NN917", nets=("mlp", "cnn"))
def saturated_tanh(job: Job, _: Generator) -> None:
    job.shape = Shape(activation="tanh")
    for part in (job.train, job.valid, job.test):
        part.X = part.X * 50


@fault("hidden biases start at -10: ReLU never opens", "NN910 NN905 NN901", nets=("mlp", "cnn"))
def dead_bias(job: Job, _: Generator) -> None:
    def sink(model: nn.Module) -> None:
        with torch.no_grad():
            for name, p in model.named_parameters():
                if name.endswith("bias") and not name.startswith("head"):
                    p.fill_(-10.0)

    job.built.append(sink)


@fault("no activation between the layers", "NN916", nets=("mlp", "cnn"))
def missing_activation(job: Job, _: Generator) -> None:
    job.shape = Shape(activation="none")


@fault("dropout of 0.99", "NN905 NN906 CV103 CV104", nets=("mlp", "cnn", "rnn"))
def dropout_of_nearly_all(job: Job, _: Generator) -> None:
    job.shape = Shape(dropout=0.99)


@fault("twenty layers without norm or shortcut", "NN902 NN901", nets=("mlp",))
def too_deep(job: Job, _: Generator) -> None:
    job.shape = Shape(depth=20)


def _recurrent(scale: float) -> Callable[[nn.Module], None]:
    def apply(model: nn.Module) -> None:
        with torch.no_grad():
            for name, p in model.named_parameters():
                if "weight_hh" in name:
                    p.mul_(scale)

    return apply


@fault("a plain ReLU recurrence with large recurrent weights, no clipping", "NN903 NN911 NN901 NN904", nets=("rnn",))
def exploding_rnn(job: Job, _: Generator) -> None:
    job.shape, job.clip = Shape(activation="relu"), None
    job.built.append(_recurrent(6.0))


@fault("a plain tanh recurrence with recurrent weights near zero", "NN902 NN912 NN901 CV103 CV104", nets=("rnn",))
def vanishing_rnn(job: Job, _: Generator) -> None:
    job.shape = Shape(activation="tanh")
    job.built.append(_recurrent(0.02))


@fault("one layer's weights start a thousand times too small", "NN901 NN902 NN912")
def one_tiny_layer(job: Job, _: Generator) -> None:
    def shrink(model: nn.Module) -> None:
        with torch.no_grad():
            matrices = [p for n, p in model.named_parameters() if p.ndim > 1 and not n.startswith("head")]
            matrices[-1].mul_(1e-3)

    job.built.append(shrink)


@fault("the layers before the last are in a plain list", "NN920 NN907", nets=("mlp", "cnn"))
def layers_in_a_list(job: Job, _: Generator) -> None:
    def hide(model: nn.Module) -> None:
        body = model.body
        del model.body
        model.__dict__["body"] = body

    job.built.append(hide)


@fault("functional dropout of 0.5 that is on in evaluation, too", "NN927")
def dropout_in_evaluation(job: Job, _: Generator) -> None:
    def drop(model: nn.Module) -> None:
        model.head.register_forward_pre_hook(lambda _, args: (functional.dropout(args[0], 0.5),))

    job.built.append(drop)


@fault("batch norm with a momentum of 0.0005: statistics are still those of the start", "NN926",
       nets=("mlp", "cnn", "rnn"), twin=_normed)  # fmt: skip
def lagging_statistics(job: Job, rng: Generator) -> None:
    def slow(model: nn.Module) -> None:
        for module in model.modules():
            if type(module).__name__.startswith("BatchNorm"):
                module.momentum = 5e-4

    _normed(job, rng)
    job.built.append(slow)
