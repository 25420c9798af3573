"""Step headroom: trainings whose rate is far too small, right, or too large; healthy nets of many kinds; its cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from _nn import zoo, zoo_images, zoo_kinds, zoo_loops, zoo_sequences, zoo_shelf  # noqa: F401 - they register kinds
from torch import nn

import nn_bridge

SMALL, LARGE = "too small", "too large"
CODES = {"NN940": SMALL, "NN941": LARGE}
_KINDS: dict[str, Callable[[Any, float], torch.optim.Optimizer]] = {
    "SGD": torch.optim.SGD,
    "momentum": lambda params, rate: torch.optim.SGD(params, rate, momentum=0.9),
    "Adam": torch.optim.Adam,
}
RUNS: dict[str, str] = {
    "SGD 0.01": SMALL, "SGD 0.1": "", "SGD 0.5": "", "SGD 2": LARGE,
    "momentum 0.01": "", "momentum 0.1": "", "momentum 0.5": LARGE, "momentum 2": LARGE,
    "Adam 0.0001": SMALL, "Adam 0.001": "", "Adam 0.01": "", "Adam 0.1": "", "Adam 1": LARGE,
}  # fmt: skip
"""What each is: too small if most of the loss is left after 300 steps, too large if it diverges, or blows up first."""
N_STEPS = 300


def rate(name: str) -> dict[str, Any]:
    """Train a small net on whole batches with one optimiser at one rate."""
    kind, lr = name.split(" ")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    X = torch.randn(256, 8)
    y = torch.sin(2.0 * X[:, :1]) + X[:, 1:2] * X[:, 2:3]
    y = (y - y.mean()) / y.std()
    model = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    optimizer = _KINDS[kind](model.parameters(), float(lr))
    losses = []
    with nn_bridge.TorchRecorder(
        model, optimizer, None, headroom=lambda: nn.functional.mse_loss(model(X), y), quiet=True
    ) as recorder:
        for _ in range(N_STEPS):
            loss = nn.functional.mse_loss(model(X), y)
            recorder.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        recorder.log("valid", loss=losses[-1])
    values = recorder.run.data.stream(nn_bridge.TensorLog).series("", "optimizer", "headroom").values
    told = [CODES[f.code] for f in recorder.run.findings if f.code in CODES]
    return {
        "loss at first": losses[0], "at the end": losses[-1], "headroom": f"{values.min():.2g} to {values.max():.3g}",
        "meant": RUNS[name], "told": ", ".join(told),
    }  # fmt: skip


HEALTHY = [name for name, kind in zoo.ZOO.items() if not kind.is_loop and kind.half == "report"]
"""The thresholds of NN940 and NN941 were set on the other half."""
_MOST_STEPS = 170


def healthy(name: str) -> dict[str, Any]:
    """Train a sound net of the zoo for its first steps, and return what headroom says."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    s = zoo.ZOO[name].make(0)
    if s.accumulate > 1:
        return {"steps": 0, "headroom": "", "told": "not measured: gradients are accumulated"}
    n = len(s.X) - len(s.X) // 5
    batches = -(-n // s.batch)
    schedule = s.schedule or torch.optim.lr_scheduler.CosineAnnealingLR(
        s.optimizer, max(s.epochs * batches, _MOST_STEPS + batches)
    )
    loss, batch, step = s.pair or s.loss, {}, 0
    most = min(_MOST_STEPS, (s.epochs - 1) * batches)
    with nn_bridge.TorchRecorder(
        s.model, s.optimizer, None, headroom=lambda: loss(s.model(batch["x"]), batch["y"]), quiet=True
    ) as recorder:
        while step < most:
            s.model.train()
            for rows in torch.randperm(n).split(s.batch):
                batch = {"x": s.X[rows] if s.augment is None else s.augment(s.X[rows]), "y": s.Y[rows]}
                value = loss(s.model(batch["x"]), batch["y"])
                recorder.log("train", loss=value)
                s.optimizer.zero_grad()
                value.backward()
                if s.clip:
                    nn.utils.clip_grad_norm_(s.model.parameters(), s.clip)
                s.optimizer.step()
                schedule.step()
                step += 1
            recorder.log("valid", loss=float(value.detach()))
    values = recorder.run.data.stream(nn_bridge.TensorLog).series("", "optimizer", "headroom").values
    told = [CODES[f.code] for f in recorder.run.findings if f.code in CODES]
    span = f"{np.nanmin(values):.2g} to {np.nanmax(values):.3g}" if len(values) else "none"
    return {"steps": step, "headroom": span, "told": ", ".join(told)}


COST = {f"MLP 64-{w}-{w}-10, batches of {b}, 2,000 steps": (w, b) for w, b in ((64, 32),)}


def cost(name: str) -> dict[str, Any]:
    """Return how long a training takes with the recorder, with headroom measured and without, in turns."""
    width, batch = COST[name]
    torch.set_num_threads(1)
    took: dict[bool, list[float]] = {False: [], True: []}
    for measured in (False, True) * 2:
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
        )  # fmt: skip
        optimizer = torch.optim.SGD(model.parameters(), 0.05)
        X, y = torch.randn(4096, 64), torch.randint(0, 10, (4096,))
        now: dict[str, torch.Tensor] = {}
        again = (lambda: nn.functional.cross_entropy(model(now["x"]), now["y"])) if measured else None  # noqa: B023 - called within the loop
        begun = time.process_time()
        with nn_bridge.TorchRecorder(model, optimizer, None, headroom=again, quiet=True) as recorder:
            for step in range(2000):
                rows = slice(step * batch % 4096, step * batch % 4096 + batch)
                now["x"], now["y"] = X[rows], y[rows]
                loss = nn.functional.cross_entropy(model(now["x"]), now["y"])
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        took[measured].append(time.process_time() - begun)
    without, with_it = (min(took[k]) for k in (False, True))
    return {"without, s": without, "with, s": with_it, "more, %": 100.0 * (with_it / without - 1.0)}
