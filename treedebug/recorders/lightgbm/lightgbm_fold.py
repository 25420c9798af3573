"""One booster of a LightGBM training, and what is heard of it between two calls of the library's one hook."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from treedebug.core.protocols import StopRequest
from treedebug.recorders.lightgbm.lightgbm_metrics import LearningRate, as_float, named_values
from treedebug.recorders.lightgbm.lightgbm_port import LightGBMPort
from treedebug.recorders.method_hook import MethodHook
from treedebug.recorders.session import Session


class LightGBMFold:
    """A booster (in `cv` that of one fold), with its session, and what was heard since its last recorded round."""

    def __init__(
        self,
        booster: Any,
        port: LightGBMPort,
        session: Session,
        stop: StopRequest,
        *,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.port = port
        self.session = session
        self.stop = stop
        self.first = 0
        """Round index of the first round to come, less LightGBM's iteration of it."""
        self.n_updates = 0
        self.is_alone = True
        """No other fold is trained between this one's boosting step and its evaluation."""
        self.heard: dict[str, list[Any]] = {}
        self._params = getattr(booster, "params", {})
        self._rate = LearningRate()
        self._rate.now(self._params)
        self.learning_rate: float | None = None
        """Of the round under way; None in the first, for which only the model itself can tell."""
        self.hooks = [
            MethodHook(booster, "update", before=self._before_update, after=self._after_update, failed=failed),
            *(
                MethodHook(booster, name, after=functools.partial(self._hear, name), failed=failed)
                for name in ("eval_train", "eval_valid")
            ),
        ]

        if port.gradient is not None:
            self.hooks.append(MethodHook(booster, "_Booster__boost", before=self._hear_gradient, failed=failed))

    def _hear_gradient(self, *args: Any, **named: Any) -> None:
        if self.port.gradient is not None:
            gradient, hessian = args or (named["grad"], named["hess"])
            self.port.gradient.hear(gradient, hessian)

    def _before_update(self, *_: Any, **__: Any) -> None:
        # Schedules may set the rate of the next round before or after us: only here it is the rate of this one.
        self.learning_rate = self._rate.now(self._params)
        self.heard = {}

    def _after_update(self, *_: Any, **__: Any) -> None:
        self.n_updates += 1
        if self.is_alone:
            self.session.updated()

    def _hear(self, method: str, found: Sequence[Any], *_: Any, **__: Any) -> None:
        self.heard.setdefault(method, list(found))  # later ones in the round are a user's own

    def record(self, iteration: int, results: Sequence[Any]) -> None:
        """Record the round that is done, with its evaluation results."""
        values, directions = named_values(results, self.port.evaluated())
        for metric, higher in directions.items():
            self.session.run.evals.directions.setdefault(metric, higher)
        self.port.note_iteration(iteration)
        if self.learning_rate is None or self.learning_rate != self.learning_rate:
            self.session.describe()
            self.learning_rate = as_float(self.session.run.header.params.get("learning_rate"))
        self.session.record_round(iteration + self.first, values, learning_rate=self.learning_rate)
        self.n_updates = 0
        self.heard = {}

    def record_hidden(self) -> None:
        """Record the last round where a callback before ours ended the training: the hooks alone know it."""
        if self.n_updates and not self.session.ended:
            results = self.heard.get("eval_train", []) + self.heard.get("eval_valid", [])
            self.record(self.session.run.n_rounds - self.first, results)

    def remove_hooks(self) -> None:
        """Leave the booster as it was."""
        for hook in self.hooks:
            hook.remove()
