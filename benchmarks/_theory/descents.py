"""Real second descents: late discoveries of greedy splits, features on two scales, and real tables, which have none."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xgboost as xgb
from torch import nn

import nn_bridge
import treedebug
from _theory.tables import usable
from treedebug.signals.curves.patience import kept_at

MATERIAL = 0.01
"""A rise, and a later gain, of this share of the loss make a second descent."""
LATE = {
    f"{n_features} features, {n_rows} rows, depth {depth}, {order} signs, seed {seed}": (
        n_features, n_rows, depth, order, seed,
    )
    for n_features, (n_rows, depth), order, seed in itertools.product(
        (6, 20), ((500, 2), (500, 3), (1000, 2), (1000, 3), (1000, 4)), (2, 3), range(3)
    )
}  # fmt: skip


def signs(n_features: int, n: int, order: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of +-1 and y = 0.5 s1 + 1.5 s2 s3 (s4) + noise: greedy splits see s1 only."""
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], size=(n, n_features))
    return X, 0.5 * X[:, 0] + 1.5 * X[:, 1 : 1 + order].prod(axis=1) + rng.normal(size=n)


def late(name: str, place: Path) -> dict[str, Any]:
    """Train once without stopping, and once stopped by CV102; return what test rows say of both."""
    n_features, n_rows, depth, order, seed = LATE[name]
    X, y = signs(n_features, n_rows, order, seed)
    Xv, yv = signs(n_features, n_rows, order, 100 + seed)
    Xt, yt = signs(n_features, 3000, order, 200 + seed)
    data, valid = xgb.DMatrix(X, y), xgb.DMatrix(Xv, yv)
    params = {"max_depth": depth, "eta": 0.3, "nthread": 1, "seed": seed}
    curve, run = _trained(params, data, valid, 400, place / "whole", xgb.DMatrix(Xt, yt))
    stopped = _trained(
        params, data, valid, 400, place / "stopped", None, [treedebug.StopTraining(on=["CV102"])]
    )[1].n_rounds  # fmt: skip
    kept = float(curve[_valid(run)[:stopped].argmin()])
    return {
        "descends": second_descent(curve), **_told(run, curve), "best": float(curve.min()), "stopped in": stopped,
        "lost by StopTraining": kept - float(curve[_valid(run).argmin()]),
    }  # fmt: skip


def _valid(run: treedebug.Run) -> np.ndarray:
    return run.metrics.query("dataset == 'valid'")["value"].to_numpy()


def _told(run: treedebug.Run, curve: np.ndarray) -> dict[str, Any]:
    """Return whether CV110 fires, and what stopping early would have lost on the test rows, in percent."""
    valid, found = _valid(run), {"CV110": "CV110" in {f.code for f in run.findings}}
    for patience in (10, 30):
        kept = float(curve[kept_at(valid, patience)[0]])
        found[f"lost by a patience of {patience}, %"] = 100.0 * (kept / float(curve[valid.argmin()]) - 1.0)
    return found


def _trained(params, data, valid, n_rounds, path, test=None, actions=()):
    recorder = treedebug.XGBoostCallback(path, quiet=True, actions=list(actions))
    found: dict[str, Any] = {}
    evals = [(valid, "valid"), *([(test, "test")] if test is not None else [])]
    # The test rows come first: the last set decides.
    xgb.train(params, data, n_rounds, evals=evals[::-1], evals_result=found, callbacks=[recorder], verbose_eval=False)
    metric = next(iter(found["valid"]))
    curve = np.asarray(found["test" if test is not None else "valid"][metric])
    return curve, recorder.run


def second_descent(curve: np.ndarray) -> bool:
    """Return whether the curve rises and later falls below what it was, each by a material share."""
    low = np.minimum.accumulate(curve)
    rise = np.maximum.accumulate(curve - low)
    later = np.minimum.accumulate(curve[::-1])[::-1]
    at = np.flatnonzero(curve - low >= MATERIAL * low)
    return bool(len(at)) and bool(rise.max() > 0) and bool((later[at] <= (1.0 - MATERIAL) * low[at]).any())


SETTINGS: dict[str, dict[str, Any]] = {
    "depth 3, eta 0.1": {"max_depth": 3, "eta": 0.1},
    "depth 6, eta 0.3": {"max_depth": 6, "eta": 0.3},
    "depth 12, eta 1": {"max_depth": 12, "eta": 1.0},
    "depth 6, eta 0.3, half of the rows": {"max_depth": 6, "eta": 0.3, "subsample": 0.5},
}
TABLES = ("phoneme", "higgs7k", "mammography", "adult", "Default")
REAL = [
    f"{table}, {noise:.0%} wrong labels, {setting}, by {metric}"
    for table, noise, setting, metric in itertools.product(TABLES, (0.0, 0.2, 0.4), SETTINGS, ("log loss", "error"))
]


def real(name: str, folder: Path | None, place: Path) -> dict[str, Any]:
    """Train on a real table, its labels partly wrong; return whether test rows see a second descent, and CV110."""
    table, noise, setting, metric = name.split(", ", 2)[0], *_parts(name)
    X, y, _ = usable(folder)[table]
    rng = np.random.default_rng(0)
    wrong = np.where(rng.random(len(y)) < noise, 1 - y, y)
    data, valid = xgb.DMatrix(X[:1200], wrong[:1200]), xgb.DMatrix(X[1200:2400], wrong[1200:2400])
    params = {
        **SETTINGS[setting], "objective": "binary:logistic", "nthread": 1,
        "eval_metric": "logloss" if metric == "log loss" else "error",
    }  # fmt: skip
    curve, run = _trained(params, data, valid, 300, place / "real", xgb.DMatrix(X[2400:], y[2400:]))
    return _told(run, curve)


def _parts(name: str) -> tuple[float, str, str]:
    _, noise, rest = name.split(", ", 2)
    setting, metric = rest.rsplit(", by ", 1)
    return float(noise.split(" ")[0].strip("%")) / 100, setting, metric


SCALES = [f"{kind}, seed {seed}" for kind, seed in itertools.product(("two scales", "scaled"), range(3))]


def two_scales(name: str) -> dict[str, Any]:
    """Train a linear net on features on two scales, or scaled; return what its run says."""
    found = descent(name)
    run = found["run"]
    codes = [f.code for f in run.findings]
    cause = next((f for f in run.findings if "CV110" in f.explains), None)
    return {
        "best": float(found["valid"].min()), "at evaluation": int(found["valid"].argmin()),
        "CV110": "CV110" in codes, "explained by": "" if cause is None else cause.code,
        "the cause stands first": cause is None or codes.index(cause.code) < codes.index("CV110"),
    }  # fmt: skip


def descent(name: str) -> dict[str, Any]:
    """Train a linear net on 70 features that hold a third of the signal and 20 that hold the rest.

    On two scales, 2 and 0.25, the 70 are learnt at once and overfit, as what the others hold is noise to them; the 20
    are learnt late (Heckel and Yilmaz, 2020). Scaled, all are learnt together.
    """
    kind, seed = name.split(", seed ")
    generator = torch.Generator().manual_seed(int(seed))
    n, fast, slow = 100, 70, 20
    scale = torch.cat([torch.full((fast,), 2.0), torch.full((slow,), 0.25)])
    shares = torch.cat([torch.full((fast,), fast**-0.5), torch.full((slow,), 2.0 * slow**-0.5)])
    signal = shares * torch.randn(fast + slow, generator=generator)

    def rows(size: int) -> tuple[torch.Tensor, torch.Tensor]:
        z = torch.randn(size, fast + slow, generator=generator)
        noise = 0.3 * torch.randn(size, 1, generator=generator)
        return z * scale if kind == "two scales" else z, (z @ signal)[:, None] + noise

    torch.set_num_threads(1)
    (X, y), (Xv, yv) = rows(n), rows(500)
    torch.manual_seed(int(seed))
    model = nn.Linear(fast + slow, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.01 if kind == "two scales" else 0.04)
    values = []
    with nn_bridge.TorchRecorder(model, optimizer, None, every=500, quiet=True) as recorder:
        for step in range(6000):
            loss = nn.functional.mse_loss(model(X), y)
            recorder.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 14 == 13:
                with torch.no_grad():
                    values.append(float(nn.functional.mse_loss(model(Xv), yv)))
                recorder.log("valid", loss=values[-1])
    return {"valid": np.asarray(values), "run": recorder.run}
