"""One booster of an XGBoost training, and what is heard of it between two of the library's hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from treedebug.core.protocols import StopRequest
from treedebug.recorders.method_hook import MethodHook
from treedebug.recorders.session import Session
from treedebug.recorders.xgboost.xgboost_metrics import EvalHistory, as_float
from treedebug.recorders.xgboost.xgboost_port import XGBoostPort


class XGBoostFold:
    """A booster (in `cv` that of one fold, `pack`), with its session.

    `rate` is the learning rate as the parameters give it; `failed` hears of what ends the training by raising.
    """

    def __init__(  # noqa: PLR0913 - what belongs to one booster
        self,
        port: XGBoostPort,
        session: Session,
        stop: StopRequest,
        *,
        rate: float,
        pack: Any = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.port = port
        self.session = session
        self.stop = stop
        self._next_rate = rate
        """As set last; of the round under way only once its boosting step begins."""
        self._rate = rate
        self._scores: dict[tuple[str, str], float] = {}
        """What `cv` evaluated in this round."""
        # Schedulers set the rate of the next round, before or after us: only at `update` is it the rate of this one.
        after = self._updated if pack is None else None
        self._hooks = [
            MethodHook(port.booster, "set_param", before=self._note_rate),
            MethodHook(port.booster, "update", before=self._begin_round, after=after, failed=failed),
        ]
        if pack is not None:
            self._hooks.append(MethodHook(pack, "eval", after=self._note_scores, failed=failed))

    def record(self, history: EvalHistory | None) -> None:
        """Record the round that is done; the metrics come from the `history` of the training, in `cv` from the fold."""
        if history is not None:
            values = history.newest()
        else:
            values, self._scores = self._scores, {}
        rate = self._rate
        if rate != rate:  # noqa: PLR0124 - NaN: not given, so the library's default holds
            self.session.describe()
            rate = as_float(self.session.run.header.params.get("learning_rate", "nan"))
        self.session.record_round(self.port.iterations() - 1, values, learning_rate=rate)

    def misses_a_round(self) -> bool:
        """Return whether the booster has a round that was not recorded."""
        booster = self.port.booster
        return booster is not None and booster.num_boosted_rounds() > self.session.run.n_rounds

    def remove_hooks(self) -> None:
        """Leave the booster as it was."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _note_rate(self, params: Any, value: Any = None) -> None:
        for key, new in _pairs(params, value):
            if key in ("learning_rate", "eta"):
                self._next_rate = as_float(new)

    def _begin_round(self, *_: Any, **__: Any) -> None:
        self._rate = self._next_rate

    def _updated(self, *_: Any, **__: Any) -> None:
        self.session.updated()

    def _note_scores(self, score: str, *__: Any, **___: Any) -> None:
        """Read a fold's "[3] train-logloss:0.5 test-logloss:0.6" (with tabs), as `xgb.cv` reads it itself."""
        for part in score.split()[1:]:
            name, _, value = part.rpartition(":")
            dataset, _, metric = name.partition("-")
            n = sum(d == dataset and m.partition(" (")[0] == metric for d, m in self._scores)
            self._scores[dataset, f"{metric} ({n + 1})" if n else metric] = float(value)


def _pairs(params: Any, value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(params, Mapping):
        return params.items()
    if isinstance(params, str):
        return [(params, value)]
    pairs: Sequence[tuple[Any, Any]] = params
    return pairs
