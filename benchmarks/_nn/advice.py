"""Numeric advice is followed: the faulty job is trained again with the numbers of its plan, and judged on test rows."""

from __future__ import annotations

import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from _nn.catalog import KINDS
from _nn.harm import LEVEL, paired_p
from _nn.jobs import Job, sound
from _nn.nets import Shape
from _nn.training import assess, train

CURED, IMPROVED, NOTHING, HARMED = "cured", "improved", "nothing", "harmed"
OUTCOMES = (CURED, IMPROVED, NOTHING, HARMED)
_CURED_SHARE = 0.9
"""Of the test loss that the fault cost."""


class Silent:
    """A recorder that records nothing."""

    def log(self, dataset: str, **metrics: Any) -> None:
        """Take nothing in."""

    def predictions(self, dataset: str, outputs: Any, targets: Any) -> None:
        """Take nothing in."""


def numbers_of(plan: Any) -> dict[str, float]:
    """The changes of a plan that are numbers which a job can follow."""
    return {
        c.parameter: float(c.value)
        for c in plan
        if isinstance(c.value, int | float) and not isinstance(c.value, bool) and c.parameter in _FOLLOW
    }


def _rate(job: Job, value: float) -> None:
    job.lr = value


def _decay(job: Job, value: float) -> None:
    job.weight_decay = value


def _clip(job: Job, value: float) -> None:
    job.clip = value


def _batch(job: Job, value: float) -> None:
    job.batch = int(value)


def _epochs(job: Job, value: float) -> None:
    job.epochs = int(value)


def _eps(job: Job, value: float) -> None:
    job.eps = value


def _dropout(job: Job, value: float) -> None:
    shape = job.shape
    job.shape = Shape(activation=shape.activation, depth=shape.depth, norm=shape.norm, dropout=value)


_FOLLOW = {
    "lr": _rate, "max_lr": _rate, "weight_decay": _decay, "clip_grad_norm_": _clip, "max_norm": _clip,
    "batch_size": _batch, "epochs": _epochs, "eps": _eps, "dropout": _dropout, "p": _dropout,
}  # fmt: skip


def followed(facts: dict[str, Any], cache: Path) -> dict[str, Any] | None:
    """What came of a faulty run's numbers; None where its plan has none."""
    numbers = facts.get("numbers") or {}
    if not numbers or facts["kind"] not in KINDS or not facts.get("kept"):
        return None
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    kind = KINDS[facts["kind"]]
    net, data = facts["setup"].split("-")
    job = sound(net, data, facts["seed"], kind.recipe, raw=kind.raw)
    kind.inject(job, np.random.default_rng([facts["seed"], zlib.crc32(f"{kind.name} {facts['setup']}".encode())]))
    for name, value in numbers.items():
        _FOLLOW[name](job, value)
    model = job.make_net()
    train(job, model, job.make_optimizer(model), Silent())
    mine = assess(job, model)["loss"]
    place = cache / facts["setup"] / str(facts["seed"])
    theirs = np.load(place / kind.name / "rows.npz")["loss"]
    was, now, best = float(theirs.mean()), float(mine.mean()), facts["twin_loss"]
    return {
        "kind": kind.name, "setup": facts["setup"], "half": facts["half"], "seed": facts["seed"], "numbers": numbers,
        "loss": was, "followed": now, "healthy": best, "outcome": _outcome(theirs, mine, best),
    }  # fmt: skip


def _outcome(theirs: Any, mine: Any, best: float) -> str:
    was, now = float(theirs.mean()), float(mine.mean())
    if paired_p(mine - theirs) < LEVEL:
        return HARMED
    if was - now >= _CURED_SHARE * (was - best):
        return CURED
    return IMPROVED if paired_p(theirs - mine) < LEVEL else NOTHING
