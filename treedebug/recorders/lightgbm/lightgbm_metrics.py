"""What LightGBM tells of a round: its evaluation results under distinct names, and the learning rate in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def numbered(names: Iterable[str]) -> list[str]:
    """Names made distinct: of equal ones the second becomes `name (2)`."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def named_values(
    results: Iterable[Sequence[Any]], evaluated: Sequence[str]
) -> tuple[dict[tuple[str, str], float], dict[str, bool]]:
    """Evaluation results by (dataset, metric), and the direction of each metric, where the library tells it.

    Two datasets of one name stay apart (the second is `name (2)`), and so do two metrics of one name on one dataset.
    """
    found = [(r[0], r[1], r[2], r[3]) for r in results]
    values = {(str(dataset), str(metric)): as_float(value) for dataset, metric, value, _ in found}
    if len(values) == len(found) and len(set(evaluated)) == len(evaluated):
        return values, {str(metric): bool(higher) for _, metric, _, higher in found if higher is not None}
    return _apart(found, evaluated)


def _apart(
    found: Sequence[tuple[Any, Any, Any, Any]], evaluated: Sequence[str]
) -> tuple[dict[tuple[str, str], float], dict[str, bool]]:
    """`named_values` where names come more than once."""
    copies, n_results = Counter(evaluated), Counter(str(r[0]) for r in found)
    place: Counter[str] = Counter()
    values: dict[tuple[str, str], float] = {}
    directions: dict[str, bool] = {}
    for dataset, metric, value, higher in found:
        name, label = str(dataset), str(metric)
        which = place[name] * max(1, copies[name]) // n_results[name]
        place[name] += 1
        name = name if which == 0 else f"{name} ({which + 1})"
        n = 1
        while (name, label) in values:
            n += 1
            label = f"{metric} ({n})"
        values[name, label] = as_float(value)
        if higher is not None:
            directions[label] = bool(higher)
    return values, directions


class LearningRate:
    """The learning rate in force: of several spellings, the one that was set last."""

    def __init__(self) -> None:
        self._seen: dict[str, Any] = {}
        self._rate = float("nan")

    def now(self, params: Mapping[str, Any]) -> float:
        """Return the rate, from the booster's parameters as they stand."""
        given = {n: params[n] for n in ("learning_rate", "eta", "shrinkage_rate") if n in params}
        changed = [n for n, value in given.items() if self._seen.get(n) != value]
        self._seen = given
        if changed:
            self._rate = as_float(given[changed[0]])
        return self._rate


def as_float(value: Any) -> float:
    """Return a number; NaN for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
