"""Networks: loops, optimisers and schedules that do not do what they should. Rules were built on these kinds."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

import nn_bridge

from .core import Seen, situation
from .nets_ways import SGD, Adam, amount, away, error_of_classes, four, loss_on_test_rows, mlp, rows, train
from .ways import DEFAULTS, told

KIND = "networks: loop and optimiser"


@situation("huggingface/accelerate #1299", KIND, cause="set to zero before the step|wiped", misleading=away(),
           measure="log loss")  # fmt: skip
def gradients_wiped_before_the_step(mended: bool) -> Seen:
    """zero_grad() stands between backward() and step()."""
    order = ("zero", "backward", "step") if mended else ("backward", "zero", "step")
    return train(mlp(), rows(four), order=order)


@situation("pytorch/pytorch #47175", KIND, cause="zero_grad", misleading=away(), measure="log loss")
def gradients_never_zeroed(mended: bool) -> Seen:
    """zero_grad() is forgotten: gradients of all steps add up."""
    model = mlp()
    order = ("zero", "backward", "step") if mended else ("backward", "step")
    return train(model, rows(four), optimizer=SGD(model.parameters(), 0.1), order=order)


@situation("pytorch/pytorch #38639", KIND, cause="plain list|ModuleList|no optimi[sz]er holds|neither the model",
           misleading=away(), measure="log loss")  # fmt: skip
def layers_in_a_plain_list(mended: bool) -> Seen:
    """Layers kept in a Python list are not parameters of the model."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers = [nn.Linear(10, 24), nn.Linear(24, 24)]
            self.layers: Any = nn.ModuleList(layers) if mended else layers
            self.out = nn.Linear(24, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers:
                x = torch.relu(layer(x))
            return self.out(x)

    torch.manual_seed(0)
    return train(Net(), rows(four), epochs=20)


@situation("Lightning-AI/pytorch-lightning #1120", KIND, cause="unfrozen|does not hold", misleading=away(),
           measure="log loss")  # fmt: skip
def unfrozen_without_the_optimiser(mended: bool) -> Seen:
    """The backbone is unfrozen in round 3; the optimiser was made of the rest."""
    model = mlp()
    backbone = [p for layer in model[:-1] for p in layer.parameters()]
    for p in backbone:
        p.requires_grad_(False)
    optimizer = Adam(model.parameters() if mended else [p for p in model.parameters() if p.requires_grad], 3e-3)

    def unfreeze(epoch: int) -> None:
        if epoch == 3:
            for p in backbone:
                p.requires_grad_(True)

    return train(model, rows(four), optimizer=optimizer, epochs=16, each_epoch=unfreeze)


@situation("facebookresearch/mmf #104", KIND, cause="no optimi[sz]er holds", misleading=away(), measure="log loss")
def optimiser_holds_the_head_alone(mended: bool) -> Seen:
    """Only the last layer's parameters were handed to the optimiser."""
    model = mlp(width=12)
    held = model.parameters() if mended else model[-1].parameters()
    return train(model, rows(four), optimizer=Adam(held, 3e-3), epochs=20)


@situation("speechbrain/speechbrain #1396", KIND, cause="no gradient reaches|detach", misleading=away(),
           measure="log loss")  # fmt: skip
def features_are_detached(mended: bool) -> Seen:
    """The features are detached before the head."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = mlp(10, 12), nn.Linear(12, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = torch.relu(self.body(x))
            return self.head(h if mended else h.detach())

    return train(Net(), rows(four), epochs=20)


@situation("PENGLU-WashU/IMC_Denoise #11", KIND, cause=r"try lr=0\.\d+", misleading=away("rate"), measure="log loss")
def learning_rate_of_one(mended: bool) -> Seen:
    """Adam with a learning rate of 1."""
    model = mlp()
    return train(model, rows(four), optimizer=Adam(model.parameters(), 3e-3 if mended else 1.0))


@situation("ishay2b/VanillaCNN #8", KIND, cause=r"far too small|moves the weights by .*e-|try lr=", measure="log loss",
           misleading=away("rate"))  # fmt: skip
def learning_rate_of_a_millionth(mended: bool) -> Seen:
    """Adam with a learning rate of 1e-6, as for fine-tuning, from scratch."""
    model = mlp()
    return train(model, rows(four), optimizer=Adam(model.parameters(), 3e-3 if mended else 1e-6))


@situation("BVLC/caffe #1396", KIND, cause="weight_decay", misleading=away(), measure="log loss")
def weight_decay_of_a_half(mended: bool) -> Seen:
    """weight_decay=0.5 pulls all weights to zero: every row gets the same output."""
    model = mlp()
    optimizer = Adam(model.parameters(), 3e-3, weight_decay=1e-4 if mended else 0.5)
    return train(model, rows(four), optimizer=optimizer, epochs=16)


@situation("victorchall/EveryDream2trainer #175", KIND, cause="clip|max_norm|unscale", misleading=away(),
           measure="log loss")  # fmt: skip
def clipping_eats_the_gradient(mended: bool) -> Seen:
    """Gradients are clipped to a norm of 0.0001."""
    model = mlp()
    return train(model, rows(four), optimizer=SGD(model.parameters(), 0.1), clip=1.0 if mended else 1e-4)


@situation("pytorch/examples #1196", KIND, cause="unscale_", misleading=away(), measure="log loss")
def scaled_gradients_are_clipped(mended: bool) -> Seen:
    """With a GradScaler, gradients are clipped before `unscale_`: what is left is divided by 65,536."""
    data, model = rows(four), mlp()
    optimizer = SGD(model.parameters(), 0.1)
    scaler = torch.amp.GradScaler("cpu")
    with nn_bridge.TorchRecorder(model, optimizer, quiet=True, config=DEFAULTS) as recorder:
        for _ in range(12):
            for some in torch.randperm(len(data.X)).split(50):
                loss = functional.cross_entropy(model(data.X[some]), data.y[some])
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                scaler.scale(loss).backward()
                if mended:
                    scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                scaler.step(optimizer)
                scaler.update()
            with torch.no_grad():
                recorder.log("valid", loss=float(functional.cross_entropy(model(data.X_valid), data.y_valid)))
    return Seen(loss_on_test_rows(model, data, functional.cross_entropy), told(recorder.run.findings))


@situation("pytorch/pytorch #8860", KIND, cause="eps|autocast|float32", misleading=r"try (max_)?lr=|clip_grad",
           measure="error rate")  # fmt: skip
def half_weights_with_adam(mended: bool) -> Seen:
    """float16 weights with Adam's eps of 1e-8, which is 0 there: NaN after a step."""
    data, model = rows(four), mlp()
    if not mended:
        model = model.half()
        data.X, data.X_valid, data.X_test = data.X.half(), data.X_valid.half(), data.X_test.half()
    return train(model, data, lambda p, y: functional.cross_entropy(p.float(), y), test_loss=error_of_classes)


@situation("pytorch/pytorch #65417", KIND, cause="after every step|schedule", misleading=away(), measure="log loss")
def one_cycle_stepped_by_epoch(mended: bool) -> Seen:
    """OneCycleLR made for all steps is stepped once an epoch: it never leaves the warm-up."""
    model = mlp()
    optimizer = SGD(model.parameters(), 0.5)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=12 * 12)
    step = "step" if mended else "epoch"
    return train(model, rows(four), optimizer=optimizer, scheduler=scheduler, step_scheduler=step)


@situation("pytorch/vision #1261", KIND, cause="schedul|decay|rate .*(gone|fell|1e-)", misleading=away("rate"),
           measure="log loss")  # fmt: skip
def epoch_schedule_stepped_by_step(mended: bool) -> Seen:
    """ExponentialLR(0.85) meant for epochs is stepped after every batch: the rate is gone after 60 steps."""
    model = mlp()
    optimizer = SGD(model.parameters(), 0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.85)
    step = "epoch" if mended else "step"
    return train(model, rows(four), optimizer=optimizer, scheduler=scheduler, step_scheduler=step)


@situation("ScrollPrize/villa #1495", KIND, cause="schedul|rose again|horizon|cycle|T_max", misleading=away(),
           measure="log loss")  # fmt: skip
def cosine_with_the_epochs_as_horizon(mended: bool) -> Seen:
    """CosineAnnealingLR is given the number of epochs and stepped by batch: the rate falls and rises all the time."""
    model = mlp()
    optimizer = SGD(model.parameters(), 1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 144 if mended else 12)
    return train(model, rows(four, n=600), optimizer=optimizer, scheduler=scheduler)


@situation("AutoResearch/EEG-GAN #56", KIND, cause=r"that holds G", misleading=r"that holds D",
           measure="energy distance")  # fmt: skip
def generator_far_too_fast(mended: bool) -> Seen:
    """In a GAN the generator's learning rate is 300 times the discriminator's."""
    torch.manual_seed(0)

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.G, self.D = mlp(4, 2), mlp(2, 1, act=nn.LeakyReLU)

    net = Both()
    g = Adam(net.G.parameters(), 1e-3 if mended else 0.3, betas=(0.5, 0.9))
    d = Adam(net.D.parameters(), 1e-3, betas=(0.5, 0.9))
    says = functional.mse_loss
    with nn_bridge.TorchRecorder(net, [d, g], quiet=True, config=DEFAULTS, round_steps=50) as recorder:
        for _ in range(600):
            angle = torch.rand(128, 1) * 3.14
            real, z = torch.cat([angle.cos(), angle.sin()], 1), torch.randn(128, 4)
            recorder.forwarded(z)
            yes, no = net.D(real), net.D(net.G(z).detach())
            loss = says(yes, torch.ones_like(yes)) + says(no, torch.zeros_like(no))
            recorder.log("train", loss_d=loss)
            d.zero_grad()
            loss.backward()
            d.step()
            made = net.D(net.G(z))
            loss_g = says(made, torch.ones_like(made))
            g.zero_grad()
            loss_g.backward()
            g.step()
    made = net.G(torch.randn(500, 4)).detach()
    angle = torch.rand(500, 1) * 3.14
    real = torch.cat([angle.cos(), angle.sin()], 1)
    inside = (torch.cdist(made, made).mean() + torch.cdist(real, real).mean()) / 2
    return Seen(float(torch.cdist(made, real).mean() - inside), told(recorder.run.findings))


@situation("pytorch/pytorch #3814", KIND, cause="set to zero before the step|gradient.*step|step.*before.*backward",
           misleading=away(), measure="squared error")  # fmt: skip
def step_before_backward(mended: bool) -> Seen:
    """The order is zero_grad, step, backward: every step uses no gradient."""
    order = ("zero", "backward", "step") if mended else ("zero", "step", "backward")
    return train(mlp(n_out=1), rows(amount), functional.mse_loss, order=order)
