"""What others would have said of the same runs, with the thresholds they publish.

None of the four runs on these nets as it is (two are bound to Keras, one to a cloud service): their rules are written
here after their documentation, papers and published code, and given what nn_bridge recorded, at its sampled steps,
where the originals look once an epoch or every 500 steps. Left out is what they say of pictures' shapes, of Keras'
`from_logits`, and what needs a second run.

* SageMaker Debugger, documented defaults: VanishingGradient (mean abs gradient under 1e-7), ExplodingTensor (NaN or
  infinity), AllZero (all of a tensor), UnchangedTensor (np.allclose over three steps, here: of the weights' means),
  WeightUpdateRatio (update over weight over 10 or under 1e-8), PoorWeightInitialization (variance of activations
  between layers 10 times apart), SaturatedActivation (half of a layer's units at the ends), DeadRelu (half of a
  layer's units inactive), LossNotDecreasing (under 0.1 % in ten steps), Overfit ((validation - training) / training
  over 0.1), Overtraining (patience 5 on training and 10 on validation, delta 0.01), TensorVariance (weights, under
  1e-7 or over 10), ClassImbalance (10 rows for one), Confusion (diagonal under 0.9, or an entry beside it over 0.1).
* AutoTrainer (ICSE 2021), its published defaults: only if accuracy stays under 0.7 or gains less than 0.01 in every
  epoch: dying ReLU (70 % of the gradient zero), exploding (first over last layer's gradient norm over 70), vanishing
  (under 1e-3, and under 1e-4 itself), slow; else oscillating accuracy (0.03, in a fifth of the epochs); NaN always.
  Looks from 30 % on.
* DeepDiagnosis (ICSE 2022), its published callback: numerical errors, dead nodes (70 %), saturation (half at 5 or
  beyond), vanishing (mean abs gradient under 1e-7), loss unchanged for 5 epochs, accuracy for 20, invalid loss or
  accuracy.
* UMLAUT (CHI 2021), its published heuristics: inputs outside -1..1, NaN, learning rate outside 1e-7..0.01, validation
  loss up while training loss falls, validation accuracy over 0.95 or over the training accuracy, missing activations.
"""

from __future__ import annotations

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import TensorLog
from treedebug.core.run.run_data import RunData

CAUSES = {
    "VanishingGradient": "NN902", "ExplodingTensor": "NN911", "AllZero": "NN905", "UnchangedTensor": "NN907",
    "WeightUpdateRatio": "NN904", "PoorWeightInitialization": "NN901", "SaturatedActivation": "NN908",
    "DeadRelu": "NN910", "LossNotDecreasing": "CV104", "Overfit": "CV101", "Overtraining": "CV102",
    "TensorVariance": "NN906", "ClassImbalance": "CL401", "Confusion": "CL402",
    "dying ReLU": "NN910", "exploding": "NN903", "vanishing": "NN902", "slow": "CV104", "oscillating": "CV107",
    "not a number": "NN911", "numerical": "NN911", "dead node": "NN910", "saturated": "NN908", "unchanged": "CV104",
    "invalid": "CV105", "input range": "NN917", "learning rate": "NN904", "overfitting": "CV101",
    "suspicious accuracy": "CV109", "missing activation": "NN916",
}  # fmt: skip
"""The code of ours that names the same flaw."""
PEERS = ("SageMaker Debugger", "AutoTrainer", "DeepDiagnosis", "UMLAUT")
Floats = np.ndarray


def alarms(run: RunData) -> dict[str, list[str]]:
    """The names of what each of the four would have raised, sorted."""
    log, facts = run.stream(TensorLog), run.stream(NetFacts)
    if log is None or facts is None:
        return {peer: [] for peer in PEERS}
    with np.errstate(all="ignore"):
        found = [rule(run, log, facts) for rule in (_debugger, _autotrainer, _deepdiagnosis, _umlaut)]
    return {peer: sorted(k for k, v in one.items() if v) for peer, one in zip(PEERS, found, strict=True)}


def _curve(run: RunData, dataset: str, metric: str) -> Floats:
    try:
        return run.evals.series(dataset, metric).values
    except KeyError:
        return np.empty(0)


def _all(log: TensorLog, kind: str, statistic: str) -> Floats:
    """(n_steps, n_layers) of a kind, NaN where not sampled."""
    return log.table(kind, statistic).values


def _weights(log: TensorLog, facts: NetFacts, kind: str, statistic: str) -> Floats:
    known = set(log.layers(kind))
    return log.table(kind, statistic, [p.name for p in facts.matrices() if p.name in known]).values


def _broken(log: TensorLog) -> bool:
    return any(
        (_all(log, kind, "nonfinite_share") > 0).any() for kind in ("weight", "gradient", "activation", "update")
    )


def _debugger(run: RunData, log: TensorLog, facts: NetFacts) -> dict[str, bool]:
    train, valid = _curve(run, "train", "loss"), _curve(run, "valid", "loss")
    n = min(len(train), len(valid))
    steps = log.series("", "loss", "value").values
    ratio = _weights(log, facts, "update", "mean_abs") / _weights(log, facts, "weight", "mean_abs")
    means = _all(log, "weight", "mean")
    same = np.isclose(means[1:], means[:-1]) if len(means) > 1 else np.zeros((0, 1), dtype=bool)
    last = set(facts.loss.last_layers)
    hidden = [x.name for x in facts.layers if x.is_weighted and x.name not in last]
    spread = log.table("activation", "var", hidden).values
    silent = [log.silent(name).masks.mean(axis=1) for name in log.silent_layers()]
    variance = _weights(log, facts, "weight", "var")
    falls = [(a - b) / abs(a) for a, b in zip(steps[:-10], steps[10:], strict=True)] if len(steps) > 10 else []
    return {
        "VanishingGradient": bool((_weights(log, facts, "gradient", "mean_abs") < 1e-7).any()),
        "ExplodingTensor": _broken(log),
        "AllZero": any((_all(log, kind, "zero_share") == 1).any() for kind in ("weight", "gradient", "activation")),
        "UnchangedTensor": bool(len(same) > 2 and (same[2:] & same[1:-1] & same[:-2]).any()),
        "WeightUpdateRatio": bool(((ratio > 10) | (ratio < 1e-8)).any()),
        "PoorWeightInitialization": bool(
            spread.size and (np.fmax.reduce(spread, axis=1) > 10 * np.fmin.reduce(spread, axis=1)).any()
        ),
        "SaturatedActivation": bool((_all(log, "activation", "saturated_share") > 0.5).any()),
        "DeadRelu": any((shares > 0.5).any() for shares in silent),
        "LossNotDecreasing": any(f < 0.001 for f in falls),
        "Overfit": bool(((valid[:n] - train[:n]) / np.abs(train[:n]) > 0.1).any()),
        "Overtraining": bool(n and ((_waits(train[:n]) >= 5) & (_waits(valid[:n]) >= 10)).any()),
        "TensorVariance": bool(((variance < 1e-7) | (variance > 10)).any()),
        **_classes(run),
    }


def _classes(run: RunData) -> dict[str, bool]:
    matrices = [r.confusion for r in run.classes.of("valid")]
    shares = [m / np.maximum(m.sum(axis=1, keepdims=True), 1) for m in matrices]
    rows = sum((r.confusion.sum(axis=1) for r in run.classes.of("train")), np.zeros(1))
    present = rows[rows > 0]
    return {
        "ClassImbalance": bool(len(present) > 1 and present.max() > 10 * present.min()),
        "Confusion": any((np.diag(s) < 0.9).any() or (s - np.diag(np.diag(s)) > 0.1).any() for s in shares),
    }


def _waits(curve: Floats, delta: float = 0.01) -> Floats:
    best, wait, waits = np.inf, 0, []
    for value in curve:
        best, wait = (value, 0) if value < best - delta else (best, wait + 1)
        waits.append(wait)
    return np.array(waits)


def _autotrainer(run: RunData, log: TensorLog, facts: NetFacts) -> dict[str, bool]:  # noqa: PLR0911 - as it decides
    train, valid = _curve(run, "train", "accuracy"), _curve(run, "valid", "accuracy")
    losses = np.concatenate([_curve(run, "train", "loss"), _curve(run, "valid", "loss")])
    if not np.isfinite(losses).all() or _broken(log) or (losses > 1e5).any():
        return {"not a number": True}
    late = log.table("gradient", "norm").rounds >= 0.3 * run.n_rounds
    if not len(train) or not len(valid) or not late.any():
        return {}
    stuck = max(valid) < 0.7 or max(train) < 0.7
    gain = max(float(np.diff(c).max(initial=0)) for c in (train, valid))
    if not stuck and gain >= 0.01:
        return {"oscillating": _swings(train, 0.03) >= 0.2 * len(train)}
    norms = _weights(log, facts, "gradient", "norm")[-int(late.sum()) :]
    rate, zeros = norms[:, 0] / norms[:, -1], _weights(log, facts, "gradient", "zero_share")[-int(late.sum()) :]
    if (np.nanmean(zeros, axis=1) >= 0.7).any():
        return {"dying ReLU": True}
    if (rate > 70).any():
        return {"exploding": True}
    if ((rate < 1e-3) & (norms[:, 0] < 1e-4)).any():
        return {"vanishing": True}
    return {"slow": gain < 0.01}


def _swings(curve: Floats, least: float) -> int:
    high = [b for a, b, c in zip(curve, curve[1:], curve[2:], strict=False) if b >= a and b >= c]
    low = [b for a, b, c in zip(curve, curve[1:], curve[2:], strict=False) if b <= a and b <= c]
    return sum(h - m >= least for h, m in zip(high, low, strict=False))


def _deepdiagnosis(run: RunData, log: TensorLog, facts: NetFacts) -> dict[str, bool]:
    loss, accuracy = _curve(run, "train", "loss"), _curve(run, "train", "accuracy")
    outputs = _all(log, "activation", "mean")
    relu = [x.name for x in facts.layers if x.type == "ReLU"]
    dead = log.table("activation", "zero_share", [n for n in relu if n in log.layers("activation")]).values
    return {
        "numerical": _broken(log) or bool((outputs == 0).any()),
        "dead node": bool(len(dead) and (dead[-1] >= 0.7).any()),
        "saturated": bool((_all(log, "activation", "saturated_share") > 0.5).any()),
        "vanishing": bool((_weights(log, facts, "gradient", "mean_abs") < 1e-7).any()),
        "unchanged": _stands(loss, 5) or _stands(accuracy, 20),
        "invalid": not np.isfinite(loss).all() or bool((accuracy == 0).any()),
    }


def _stands(curve: Floats, n: int) -> bool:
    return any(np.ptp(curve[k : k + n]) == 0 for k in range(0, len(curve) - n + 1, n))


def _umlaut(run: RunData, log: TensorLog, facts: NetFacts) -> dict[str, bool]:
    low, high = log.series("", "input", "min").values, log.series("", "input", "max").values
    train, valid = _curve(run, "train", "loss"), _curve(run, "valid", "loss")
    n = min(len(train), len(valid))
    hits, shown = _curve(run, "train", "accuracy"), _curve(run, "valid", "accuracy")
    late = slice(3, min(len(hits), len(shown)))
    rates = [float(g["lr"]) for o in facts.optimizers for g in o.groups if "lr" in g]
    return {
        "input range": bool((low < -1).any() or (high > 1).any()),
        "not a number": not np.isfinite(train).all(),
        "learning rate": any(r > 0.01 or r < 1e-7 for r in rates),
        "overfitting": bool(((np.diff(valid[:n]) > 0) & (np.diff(train[:n]) <= 0)).any()),
        "suspicious accuracy": bool(((shown[late] > 0.95) | (shown[late] > hits[late])).any()),
        "missing activation": any(x.is_linear_to for x in facts.layers),
    }
