"""Faults in the loop: the optimiser, the loss, the modes, what is optimised."""

from __future__ import annotations

import torch
from numpy.random import Generator
from torch import nn
from torch.nn import functional

from _nn.catalog import ERROR, TRUST, fault
from _nn.jobs import Job, Unfit
from _nn.nets import Shape

CURVES = "CV103 CV104 CV105"
"""Loss flat, still high, or rising: what the worst of these look like from outside."""


def _normed(job: Job, _: Generator) -> None:
    """The twin of faults that need layers with two modes."""
    job.shape = Shape(norm="batch", dropout=0.2)


@fault("the gradients are never set to zero", "NN903")
def missing_zero_grad(job: Job, _: Generator) -> None:
    job.zero_grad = False


@fault("the same with Adam", "NN903", recipe="adam")
def missing_zero_grad_adam(job: Job, _: Generator) -> None:
    job.zero_grad = False


@fault("model.train() is missing after the first evaluation", "NN913", nets=("mlp", "cnn", "rnn"), twin=_normed)
def missing_train_mode(job: Job, rng: Generator) -> None:
    _normed(job, rng)
    job.train_mode = False


@fault("model.eval() is missing in evaluation", "NN913", nets=("mlp", "cnn", "rnn"), twin=_normed, harm=TRUST)
def missing_eval_mode(job: Job, _: Generator) -> None:
    job.shape = Shape(norm="batch", dropout=0.4)
    job.eval_mode = False


@fault("squared error of the logits against one-hot labels", "NN914")
def squared_error(job: Job, _: Generator) -> None:
    k = job.data.n_classes
    job.loss = lambda out, y: functional.mse_loss(out, functional.one_hot(y, k).float())


@fault("absolute error of the softmax against one-hot labels", "NN914", harm=ERROR)
def absolute_error(job: Job, _: Generator) -> None:
    k = job.data.n_classes
    job.loss = lambda out, y: functional.l1_loss(out.softmax(1), functional.one_hot(y, k).float())


@fault("the loss is summed over the batch, at the learning rate of the mean", "NN914 NN904 NN903")
def summed_loss(job: Job, _: Generator) -> None:
    job.clip = None
    job.loss = lambda out, y: functional.cross_entropy(out, y, reduction="sum")


@fault("softmax before cross-entropy, which has its own", "NN914")
def softmax_twice(job: Job, _: Generator) -> None:
    job.final = lambda out: out.softmax(1)


@fault("sigmoid before cross-entropy", "NN914")
def sigmoid_before_loss(job: Job, _: Generator) -> None:
    job.final = torch.sigmoid


@fault("ReLU on the logits", "NN914 NN910")
def relu_on_logits(job: Job, _: Generator) -> None:
    job.final = torch.relu


@fault("learning rate 50 times too high", "NN904 NN903 NN911 NN910 CV105")
def high_learning_rate(job: Job, _: Generator) -> None:
    job.lr *= 50


@fault("the same with Adam", "NN904 NN903 NN911 NN910 CV105", recipe="adam")
def high_learning_rate_adam(job: Job, _: Generator) -> None:
    job.lr *= 50


@fault("learning rate 10", "NN904 NN903 NN911 NN910 CV105")
def huge_learning_rate(job: Job, _: Generator) -> None:
    job.lr = 10.0


@fault("learning rate 1e-5", "NN904")
def tiny_learning_rate(job: Job, _: Generator) -> None:
    job.lr = 1e-5


@fault("learning rate 1e-6 with Adam", "NN904", recipe="adam")
def tiny_learning_rate_adam(job: Job, _: Generator) -> None:
    job.lr = 1e-6


@fault("a schedule meant for epochs is stepped in every step: the learning rate is gone at once", "NN904")
def schedule_too_fast(job: Job, _: Generator) -> None:
    job.schedule = lambda optimizer, _: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.85)


@fault("the loss has the wrong sign", "NN914 NN903 NN911 NN904 CV105")
def flipped_sign(job: Job, _: Generator) -> None:
    job.loss = lambda out, y: -functional.cross_entropy(out, y)


@fault("gradients clipped to a norm of 0.001", "NN904")
def clipped_to_nothing(job: Job, _: Generator) -> None:
    job.clip = 1e-3


@fault("weight decay 1", "NN928 NN904 NN906 NN902 NN905")
def weight_decay_one(job: Job, _: Generator) -> None:
    job.weight_decay = 1.0


@fault("every layer but the last is frozen", "NN907")
def frozen_layers(job: Job, _: Generator) -> None:
    def freeze(model: nn.Module) -> None:
        for name, p in model.named_parameters():
            p.requires_grad_(name.startswith("head"))

    job.built.append(freeze)


@fault("the optimiser holds the last layer only", "NN907")
def unoptimised_layers(job: Job, _: Generator) -> None:
    job.optimised = lambda model: [p for n, p in model.named_parameters() if n.startswith("head")]


@fault("the optimiser was made before the last layer was replaced", "NN907")
def stale_optimizer(job: Job, _: Generator) -> None:
    job.optimised = lambda model: [p for n, p in model.named_parameters() if not n.startswith("head")]


@fault("half precision: the loss scale of 2**24 overflows the gradients and is never taken out", "NN911")
def half_overflow(job: Job, _: Generator) -> None:
    job.unscaled_loss = 2.0**24


@fault("the last layer sees a detached copy: nothing reaches the layers before", "NN907 NN902", nets=("mlp", "cnn"))
def detached_body(job: Job, _: Generator) -> None:
    def detach(model: nn.Module) -> None:
        model.head.register_forward_pre_hook(lambda _, args: (args[0].detach(),))

    job.built.append(detach)


@fault("batches of 2 rows with batch norm", "NN919", nets=("mlp", "cnn", "rnn"), twin=_normed)
def tiny_batches(job: Job, rng: Generator) -> None:
    _normed(job, rng)
    if job.n > 900:
        raise Unfit("too long")
    job.batch, job.epochs = 2, max(job.epochs // 8, 2)


@fault("zero_grad() stands between backward() and step()", "NN907")
def wiped_gradients(job: Job, _: Generator) -> None:
    job.order = "backward zero step"


@fault("the step comes before backward(): it uses no gradient", "NN907")
def step_before_backward(job: Job, _: Generator) -> None:
    job.order = "zero step backward"


@fault("Adam with a weight decay of 0.5", "NN928 NN904 NN906 NN905", recipe="adam")
def weight_decay_adam(job: Job, _: Generator) -> None:
    job.weight_decay = 0.5


@fault("OneCycleLR made for all steps is stepped once an epoch", "NN930 NN932")
def one_cycle_by_epoch(job: Job, _: Generator) -> None:
    peak = job.lr
    job.schedule = lambda optimizer, n: torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=n + 1)
    job.schedule_by = "epoch"


@fault("all but the last layer is unfrozen in the fourth epoch, the optimiser was made before", "NN907")
def unfrozen_too_late(job: Job, _: Generator) -> None:
    def freeze(model: nn.Module) -> None:
        for name, p in model.named_parameters():
            p.requires_grad_(name.startswith("head"))

    job.built.append(freeze)
    job.optimised = lambda model: [p for p in model.parameters() if p.requires_grad]
    job.each_epoch = lambda model, epoch: model.requires_grad_(True) if epoch == 3 else None


@fault("half precision weights, and Adam's eps of 1e-8", "NN911", nets=("mlp",), recipe="adam")
def half_weights(job: Job, _: Generator) -> None:
    def halve(model: nn.Module) -> None:
        model.half()
        model.register_forward_pre_hook(lambda _, args: (args[0].half(),))

    job.built.append(halve)
    job.final = torch.Tensor.float
