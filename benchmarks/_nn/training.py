"""Train a job the way people write the loop, with a recorder beside it, and say what the net is worth afterwards."""

from __future__ import annotations

import math
import time
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from _nn.data import Part
from _nn.jobs import Job

Rows = NDArray[np.float64]


class Recorder(Protocol):
    """What the loop tells a recorder."""

    def log(self, dataset: str, **metrics: Any) -> None: ...

    def predictions(self, dataset: str, outputs: Any, targets: Any) -> None: ...


def train(job: Job, model: nn.Module, optimizer: torch.optim.Optimizer, recorder: Recorder) -> dict[str, Any]:  # noqa: C901 - it is a loop as people write it
    """Facts of the training. What a fault changes in the loop stands on the job."""
    X, y = torch.as_tensor(job.train.X), torch.as_tensor(job.train.y)
    order = torch.Generator().manual_seed(job.seed)
    n_steps = job.epochs * math.ceil(job.n / job.batch)
    scheduler = job.schedule(optimizer, n_steps) if job.schedule else None
    started, shown = time.perf_counter(), np.full(len(job.valid.y), np.nan)
    for epoch in range(job.epochs):
        if job.each_epoch is not None:
            job.each_epoch(model, epoch)
        if job.train_mode:
            model.train()
        total, hits = 0.0, 0
        rows = torch.randperm(job.n, generator=order) if job.shuffle else torch.arange(job.n)
        for batch in rows.split(job.batch):
            if len(batch) < 2:
                continue
            out = model(X[batch])
            if job.final is not None:
                out = job.final(out)
            loss = job.loss(out, y[batch])
            right = int((out.detach().argmax(1) == y[batch]).sum())
            recorder.log("train", loss=loss, accuracy=right / len(batch))
            for do in job.order.split():
                _do(do, job, model, optimizer, loss)
            if scheduler is not None and job.schedule_by == "step":
                scheduler.step()
            total += float(loss.detach()) * len(batch)
            hits += right
        if scheduler is not None and job.schedule_by == "epoch":
            scheduler.step()
        if job.eval_mode:
            model.eval()
        shown = _rows(job, model, job.valid, recorder)
    return {
        "seconds": time.perf_counter() - started,
        "n_steps": n_steps,
        "train_loss": total / job.n,
        "train_accuracy": hits / job.n,
        "shown_loss": shown,
    }


def _do(what: str, job: Job, model: nn.Module, optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    if what == "zero":
        if job.zero_grad:
            optimizer.zero_grad()
    elif what == "backward":
        (loss * job.unscaled_loss).backward()
        if job.unscaled_loss != 1.0:
            _through_half(model)
    else:
        if job.clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), job.clip)
        optimizer.step()


def _through_half(model: nn.Module) -> None:
    for p in model.parameters():
        if p.grad is not None:
            p.grad = p.grad.half().float()


def _rows(job: Job, model: nn.Module, part: Part, recorder: Recorder | None) -> Rows:
    """The user's loss of each row in whatever mode the net is in; told to the recorder as validation."""
    y = torch.as_tensor(part.y)
    with torch.no_grad():
        out = model(torch.as_tensor(part.X))
        if job.final is not None:
            out = job.final(out)
        whole = float(job.loss(out, y)) if recorder is not None else 0.0
    if recorder is not None:
        recorder.log("valid", loss=whole, accuracy=float((out.argmax(1) == y).float().mean()))
        recorder.predictions("valid", out, y)
    return row_losses(out, y)


def row_losses(out: torch.Tensor, y: torch.Tensor) -> Rows:
    """(n,) cross-entropy of each row; outputs that are probabilities already are taken as such. NaN counts as 30."""
    sums = out.sum(1)
    if bool(((sums - 1).abs() < 1e-3).all()) and bool((out >= 0).all()):
        losses = functional.nll_loss(torch.log(out.clamp_min(1e-6)), y, reduction="none")
    else:
        losses = functional.cross_entropy(out.float(), y, reduction="none")
    return np.nan_to_num(losses.double().numpy(), nan=30.0, posinf=30.0).clip(max=30.0)


def assess(job: Job, model: nn.Module) -> dict[str, Rows]:
    """Loss and hit of each test row, and the loss of each validation row, all in evaluation mode."""
    model.eval()
    y = torch.as_tensor(job.test.y)
    with torch.no_grad():
        out = model(torch.as_tensor(job.test.X))
        out = out if job.final is None else job.final(out)
    wrong = (out.argmax(1) != y).double().numpy()
    return {"loss": row_losses(out, y), "wrong": wrong, "valid": _rows(job, model, job.valid, None)}
