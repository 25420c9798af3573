"""MLPRecorder: records scikit-learn's MLPClassifier and MLPRegressor, trained by `partial_fit`."""

from __future__ import annotations

import math
import os
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nn_bridge.reading.net_run import NetRun
from nn_bridge.record.network_facts import LayerFacts, LossFacts, NetFacts, OptimizerFacts, ParamFacts
from nn_bridge.record.start_net_run import NetPlace, open_place, what_ends_python
from nn_bridge.record.tensor_streams import ACTIVATION, INPUT, LOSS, UPDATE, WEIGHT, TensorKey
from nn_bridge.recorders.with_block import WithBlock
from nn_bridge.statistics.tensor_sums import STATISTICS, array_statistics, symmetry
from treedebug.core.errors import ConfigError, StoreError
from treedebug.core.protocols import Action
from treedebug.engine.config import Config
from treedebug.engine.judging import Judging
from treedebug.engine.rule import Rule

_FUNCTIONS = {"relu": "relu", "tanh": "tanh", "logistic": "sigmoid", "identity": ""}
_ROWS = 1000
"""Rows whose activations are measured."""
_SATURATED = 5.0
Arrays = dict[str, NDArray[Any]]


class MLPRecorder(WithBlock):
    """Records `model` while its `partial_fit` is called through the recorder; a step is one call.

        with nn_bridge.MLPRecorder(MLPClassifier(), "runs/mlp") as recorder:
            for epoch in range(50):
                recorder.partial_fit(X, y, classes=classes)
                recorder.log("valid", accuracy=model.score(X_valid, y_valid))

    Weights, updates, activations, silent units and the loss; scikit-learn gives no gradients away. Other arguments are
    as those of `TorchRecorder`. Raises ConfigError unless the model is an MLPClassifier or MLPRegressor.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        model: Any,
        path: str | os.PathLike[str] | None = None,
        *,
        rules: Sequence[Rule | type[Rule]] = (),
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        config: Config | None = None,
        actions: Sequence[Action] = (),
        exists: str = "number",
        quiet: bool = False,
    ) -> None:
        if not all(hasattr(model, name) for name in ("partial_fit", "hidden_layer_sizes", "activation")):
            came = f"the class {model.__name__}, no object of it" if isinstance(model, type) else type(model).__name__
            if getattr(model, "solver", "") == "lbfgs" and hasattr(model, "hidden_layer_sizes"):
                came += " whose solver is lbfgs, which has no partial_fit: use solver='adam' or 'sgd'"
            raise ConfigError(f"expected an MLPClassifier or MLPRegressor of scikit-learn; got {came}")
        self.model = model
        settings = {k: v for k, v in model.get_params().items() if v is None or isinstance(v, bool | int | float | str)}
        fields = {"library": "sklearn", "booster": type(model).__name__, "params": settings, "n_features": 0}
        judging = Judging(rules, select, ignore, config, actions)
        self._place = open_place(path, fields, judging, quiet=quiet, round_steps=None, exists=exists)
        self._guard = self._place.journal.faults.guard
        self._end = weakref.finalize(self, _end_unclosed, self._place)

    def partial_fit(self, X: Any, y: Any, **settings: Any) -> Self:
        """Train one pass over the rows, as `model.partial_fit` does, and record what it changed."""
        if self._place.journal.ended:
            raise StoreError("partial_fit: this recorder is closed; call the model's own partial_fit")
        before = _weights(self.model)
        self.model.partial_fit(X, y, **settings)
        self._guard("tensors", self._record, X, np.asarray(y), before)
        return self

    def log(self, dataset: str, /, **metrics: float) -> None:
        """Record the metrics of an evaluation, which ends the round with the next step."""
        if self._place.journal.ended:
            raise StoreError("log: this recorder is closed; what comes after its `with` block is not recorded")
        wrong = {k: v for k, v in metrics.items() if not _is_number(v)}
        if wrong or not isinstance(dataset, str):
            raise ConfigError(
                f"log takes a dataset's name and numbers: log('valid', accuracy=0.9); got {wrong or dataset}"
            )
        self._guard("rounds", self._place.journal.evaluation, dataset, {k: float(v) for k, v in metrics.items()})

    @property
    def should_stop(self) -> bool:
        """Whether an action wants the training to end."""
        self._guard("rounds", self._place.journal.begin_step)
        return self._place.stop.asked

    @property
    def run(self) -> NetRun:
        """What was recorded so far."""
        if not self._place.journal.ended:
            self._guard("rounds", self._place.journal.begin_step)
            self._guard("store", self._place.journal.write)
        return NetRun(self._place.data(), self._place.path)

    def _close(self, interrupted: str) -> None:
        self._end.detach()
        self._place.end(interrupted=interrupted)

    def _record(self, given: Any, y: NDArray[Any], before: Arrays) -> None:
        journal, now, X = self._place.journal, _weights(self.model), _rows(given)
        journal.begin_step()
        step, function = journal.n_steps, _FUNCTIONS.get(self.model.activation, "?")
        loss = float(self.model.loss_)
        if not step:
            facts = _facts(self.model, before or now, function, loss)
            journal.facts(replace(facts, are_initial=bool(before)))
            journal.header(_header(self.model, X.shape[1]))
        outputs, inputs = _activations(now, X[:_ROWS], function)
        if _is_of_classes(self.model, y):
            journal.predictions("train", *_called(self.model, outputs["output"], y[:_ROWS]))
        parts: dict[str, Arrays] = {WEIGHT: before or now, ACTIVATION: outputs, INPUT: {"": X}}
        if before:
            parts[UPDATE] = {name: now[name] - before[name] for name in now}
        values: dict[TensorKey, float] = {TensorKey("", LOSS, "value"): loss}
        for kind, arrays in parts.items():
            for name, row in zip(arrays, array_statistics(list(arrays.values())), strict=True):
                values |= {TensorKey(name, kind, s): float(v) for s, v in zip(STATISTICS, row, strict=True)}
        silent = {n: ~(x != 0).any(axis=0) for n, x in outputs.items() if function == "relu" and n != "output"}
        values |= {TensorKey(n, ACTIVATION, "silent_share"): float(mask.mean()) for n, mask in silent.items()}
        if function in ("tanh", "sigmoid"):
            shares = {n: float((np.abs(z) >= _SATURATED).mean()) for n, z in inputs.items()}
            values |= {TensorKey(n, ACTIVATION, "saturated_share"): v for n, v in shares.items()}
        journal.tensors(step, tuple(values), np.fromiter(values.values(), dtype=np.float64))
        journal.silent(step, silent)
        journal.training("train", "loss", loss)
        journal.end_step(float(self.model.get_params().get("learning_rate_init", math.nan)))


def _end_unclosed(place: NetPlace) -> None:
    place.end(interrupted=what_ends_python())


def _rows(X: Any) -> NDArray[Any]:
    """Return rows as an array, of a sparse matrix the first ones."""
    return np.asarray(X.tocsr()[:_ROWS].toarray() if hasattr(X, "tocsr") else X)


def _header(model: Any, n_features: int) -> dict[str, Any]:
    """Record what the first call has shown of the task."""
    n_classes = len(getattr(model, "classes_", ()))
    means = {"metrics": {"loss": "mlogloss"}} if model.loss == "log_loss" and n_classes else {}
    return {"n_classes": n_classes, "n_features": n_features, "extra": means}


def _is_of_classes(model: Any, y: NDArray[Any]) -> bool:
    """Return whether each row has one class; else it is a regression, or there are several labels a row."""
    return len(getattr(model, "classes_", ())) > 1 and y.ndim == 1


def _called(model: Any, z: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count rows by label (down) and prediction (across) and sum probabilities, of outputs before their function."""
    k, label = len(model.classes_), np.searchsorted(model.classes_, y)
    both = np.hstack([np.zeros_like(z), z]) if k == 2 and z.shape[1] == 1 else z  # one output for two
    with np.errstate(all="ignore"):
        raised = np.exp(both - both.max(axis=1, keepdims=True))
        probability = raised / raised.sum(axis=1, keepdims=True)
    counts = np.bincount(label * k + both.argmax(axis=1), minlength=k * k).reshape(k, k)
    return counts.astype(np.int64), probability.sum(axis=0)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _weights(model: Any) -> Arrays:
    """Return copies of the weights, by parameter; none before the first call."""
    coefs, intercepts = getattr(model, "coefs_", ()), getattr(model, "intercepts_", ())
    names = _names(len(coefs))
    arrays = {f"{n}.weight": c.T.copy() for n, c in zip(names, coefs, strict=True)}
    return arrays | {f"{n}.bias": b.copy() for n, b in zip(names, intercepts, strict=True)}


def _names(n_layers: int) -> list[str]:
    return [*(f"hidden {i}" for i in range(n_layers - 1)), "output"][:n_layers]


def _activations(weights: Arrays, X: NDArray[Any], function: str) -> tuple[Arrays, Arrays]:
    """Return the outputs of every layer, and the inputs of the hidden layers' function."""
    outputs: Arrays = {}
    inputs: Arrays = {}
    names = [n.removesuffix(".weight") for n in weights if n.endswith(".weight")]
    x = X.astype(np.float64)
    with np.errstate(all="ignore"):
        for name in names:
            z = x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
            if name == "output":
                outputs[name] = z
                break
            inputs[name] = z
            x = outputs[name] = _applied(function, z)
    return outputs, inputs


def _applied(function: str, z: NDArray[Any]) -> NDArray[Any]:
    if function == "relu":
        return np.asarray(np.maximum(z, 0.0))
    if function == "tanh":
        return np.asarray(np.tanh(z))
    return np.asarray(1.0 / (1.0 + np.exp(-z))) if function == "sigmoid" else z


def _facts(model: Any, weights: Arrays, function: str, loss: float) -> NetFacts:
    names = _names(len(model.coefs_))
    layers = tuple(
        LayerFacts(name=n, type="Linear", is_weighted=True, activation=function if n != "output" else "",
                   feeds=tuple(names[i + 1 : i + 2]), is_linear_to=() if function else tuple(names[i + 1 : i + 2]))
        for i, n in enumerate(names)
    )  # fmt: skip
    params = tuple(_param(name, array) for name, array in weights.items())
    optimizer = OptimizerFacts(type=str(model.solver), n_params=len(params), groups=({"lr": model.learning_rate_init},))
    n_classes = len(getattr(model, "classes_", ()))
    named = {"log_loss": "cross_entropy", "squared_error": "mse"}
    loss_facts = LossFacts(
        function=named.get(model.loss, model.loss), first=loss, n_classes=n_classes, last_layers=("output",),
        reduction="mean",
    )  # fmt: skip
    return NetFacts(layers=layers, params=params, optimizers=(optimizer,), loss=loss_facts, is_complete=True)


def _param(name: str, array: NDArray[Any]) -> ParamFacts:
    module, _, role = name.rpartition(".")
    row = dict(zip(STATISTICS, array_statistics([array])[0].tolist(), strict=True))
    is_matrix = role == "weight"
    known: dict[str, Any] = symmetry(array) if is_matrix else {}
    if is_matrix:
        known |= {"n_units": array.shape[0], "fan_in": array.shape[1]}
    return ParamFacts(
        name=name, module=module, role=role, shape=tuple(array.shape), dtype=str(array.dtype), n=array.size,
        requires_grad=True, in_optimizer=True, is_matrix=is_matrix, mean=row["mean"], var=row["var"],
        zero_share=row["zero_share"], nonfinite_share=row["nonfinite_share"], **known,
    )  # fmt: skip
