"""What XGBoost's log of evaluations says: the values of each round, and the curve that decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Log = Mapping[str, Mapping[str, Sequence[Any]]]


def as_float(value: Any) -> float:
    """Return the number, or NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


class EvalHistory:
    """The log of one training. Two metrics of one name share a list in it, a value of each a round."""

    def __init__(self) -> None:
        self.log: Log = {}
        self._n_seen: dict[tuple[str, str], int] = {}
        self._n_copies: dict[tuple[str, str], int] = {}
        """Values a round: how many metrics have the name, of all datasets of the name."""
        self.n_datasets: Counter[str] = Counter()
        """How many datasets have a name; of several the last one counts."""

    def newest(self) -> dict[tuple[str, str], float]:
        """Return the values of this round; of two metrics of one name the second is called `name (2)`."""
        values: dict[tuple[str, str], float] = {}
        for dataset, metrics in self.log.items():
            for metric, history in metrics.items():
                key = dataset, metric
                new = history[self._n_seen.get(key, 0) :]
                if not new:
                    continue
                self._n_seen[key] = len(history)
                n_copies = self._n_copies.setdefault(key, len(new))
                n_metrics = max(1, n_copies // max(1, self.n_datasets[dataset]))
                for copy, value in enumerate(new[-n_metrics:], 1):
                    values[dataset, metric if copy == 1 else f"{metric} ({copy})"] = float(value)
        return values

    def score_at(self, best: int) -> float:
        """Return the value of the deciding curve at a position; NaN without one. In `cv` values are (mean, std)."""
        history, n_copies = self._deciding()
        if not history:
            return float("nan")
        at = max(0, best) * n_copies + n_copies - 1  # of two metrics of one name early stopping watches the last
        value = history[min(at, len(history) - 1)]
        return float(value[0] if isinstance(value, tuple) else value)

    def best_of_means(self, best: int | None) -> int | None:
        """Return one of the rounds that `cv` has: its folds are judged one by one but stop together."""
        n = len(self._deciding()[0])
        return None if not n else min(best if best is not None else n - 1, n - 1)

    def _deciding(self) -> tuple[Sequence[Any], int]:
        """The curve that XGBoost's own early stopping watches, the last metric of the last dataset; values a round."""
        if not self.log:
            return (), 1
        dataset = list(self.log)[-1]
        metrics = self.log[dataset]
        if not metrics:
            return (), 1
        metric = list(metrics)[-1]
        return metrics[metric], self._n_copies.get((dataset, metric), 1)
