"""Builders of a network's run, statistic by statistic: a healthy one, of which a test changes what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nn_bridge.record.network_facts import LayerFacts, LossFacts, NetFacts, OptimizerFacts, ParamFacts
from nn_bridge.record.tensor_streams import TensorKey, TensorLog
from treedebug.core.run.run_data import Header, RunData
from treedebug.testing import ending, rounds

PER_ROUND = 4
MATRICES = ("fc1.weight", "fc2.weight", "out.weight")
_USUAL: dict[str, dict[str, float]] = {
    "weight": {"mean_abs": 0.1, "mean": 0.0, "var": 0.01, "zero_share": 0.0, "max": 0.3, "nonfinite_share": 0.0},
    "gradient": {"mean_abs": 0.01, "norm": 0.5, "mean": 0.0, "var": 1e-4, "zero_share": 0.1, "nonfinite_share": 0.0},
    "update": {"mean_abs": 1e-4, "nonfinite_share": 0.0},
    "activation": {"mean": 0.1, "var": 1.0, "zero_share": 0.0, "nonfinite_share": 0.0},
    "input": {"mean": 0.0, "var": 1.0, "zero_share": 0.0, "nonfinite_share": 0.0},
    "loss": {"value": 1.3},
    "labels": {"entropy": 1.3},
    "mode": {"eval_mode_share": 0.0, "train_mode_share": 0.0, "carried": 0.0},
}
_LAYERS = {"activation": ("fc1", "fc2", "out"), **dict.fromkeys(("weight", "gradient", "update"), MATRICES)}
HEALTHY = {(x, k, s): v for k, row in _USUAL.items() for x in _LAYERS.get(k, ("",)) for s, v in row.items()}
"""Layer, kind, statistic -> the value of a healthy net."""
Values = float | Sequence[float]


def matrix(name: str, n_units: int = 64, fan_in: int = 48, **fields: Any) -> ParamFacts:
    """A weight matrix as PyTorch draws it."""
    usual: dict[str, Any] = {
        "var": 1.0 / (3.0 * fan_in),
        "requires_grad": True,
        "in_optimizer": True,
        "is_matrix": True,
    }
    module, _, role = name.rpartition(".")
    usual |= {"module": module, "role": role, "dtype": "float32", "shape": (n_units, fan_in), "n": n_units * fan_in}
    return ParamFacts(name=name, **usual | {"n_units": n_units, "fan_in": fan_in} | fields)


def facts(**fields: Any) -> NetFacts:
    """fc1 - ReLU - fc2 - ReLU - out, four classes, SGD at 0.1."""
    layers = (
        LayerFacts(name="fc1", type="Linear", is_weighted=True, activation="relu", feeds=("fc2",)),
        LayerFacts(name="act1", type="ReLU", is_weighted=False, activation="relu"),
        LayerFacts(name="fc2", type="Linear", is_weighted=True, activation="relu", feeds=("out",)),
        LayerFacts(name="act2", type="ReLU", is_weighted=False, activation="relu"),
        LayerFacts(name="out", type="Linear", is_weighted=True, activation=""),
    )
    usual = NetFacts(
        layers=layers,
        params=(matrix("fc1.weight"), matrix("fc2.weight", 64, 64), matrix("out.weight", 4, 64)),
        optimizers=(OptimizerFacts(type="SGD", n_params=6, groups=({"lr": 0.1, "n": 6},)),),
        loss=loss(),
        is_complete=True,
    )
    return replace(usual, **fields)


def loss(**fields: Any) -> LossFacts:
    """The first step of a sound classification of four classes."""
    usual = LossFacts(
        function="cross_entropy", first=1.45, n_classes=4, n_rows=32, reduction="mean", last_layers=("out",),
        row_sum_deviation=1.2, row_min=-0.7, is_plain=True, n_outputs=4, targets="classes",
    )  # fmt: skip
    return replace(usual, **fields)


def net(
    changed: Mapping[tuple[str, str, str], Values | None] | None = None,
    *,
    n_steps: int = 20,
    every: int = 1,
    net_facts: NetFacts | None = None,
    silent: Mapping[str, Sequence[bool] | np.ndarray] | None = None,
    ended: bool = True,
    **header: Any,
) -> RunData:
    """A healthy run of `n_steps` sampled steps, four a round; a value, or one for each step, replaces a statistic.

    After the first ten `every` steps lie between two sampled ones.

    None takes a statistic out. `silent` gives the silent units of a layer, at every step.
    """
    values = {**HEALTHY, **(changed or {})}
    kept = {TensorKey(*key): _each(v, n_steps) for key, v in values.items() if v is not None}
    log, run = TensorLog(), RunData(Header(library="torch", slow_rounds=True, n_classes=4))
    label = {"kind": "classes", "counts": [250, 250, 250, 250]}
    run.header.update({"data": {"train": {"n_rows": 1000, "label": label, "is_training": True}}} | header)
    for i in range(n_steps):
        step = i + max(i - 9, 0) * (every - 1)
        log.append(step, i // PER_ROUND, tuple(kept), np.array([column[i] for column in kept.values()]))
        for layer, mask in (silent or {}).items():
            log.append_silent(layer, step=step, round_index=i // PER_ROUND, mask=np.array(mask, dtype=np.bool_))
    run.add_stream(TensorLog, log)
    run.add_stream(NetFacts, facts() if net_facts is None else net_facts)
    return ending(rounds(-(-n_steps // PER_ROUND), run=run), ended=ended)


def _each(value: Values, n: int) -> Sequence[float]:
    return [float(value)] * n if isinstance(value, int | float) else list(value)


BARE = RunData(Header(library="xgboost"))
"""A run without tensors: every rule on networks is skipped."""


def saturation_cases(function, *, other):
    """The three sides of a rule on one squashing function: what `rule_test` takes."""
    key = ("act1", "activation", "saturated_share")

    def squashing(values, name=function):
        layers = tuple(replace(x, activation=name) if x.name == "act1" else x for x in facts().layers)
        return net({key: values}, net_facts=facts(layers=layers))

    return {
        "fires": {
            "from the start": (squashing(0.9), {"layer": "act1", "saturated_share": 0.9, "first_step": 0}),
            "from a step on": (squashing([0.1] * 14 + [0.6] * 6), {"first_step": 14}),
        },
        "silent": {
            "just under half": squashing(0.49),
            "four steps": squashing([0.1] * 16 + [0.9] * 4),
            "it recovered": squashing([0.9] * 4 + [0.1] * 16),
            "the other function": squashing(0.95, other),
        },
        "skipped": {"no network": BARE, "no such layer": net()},
    }
