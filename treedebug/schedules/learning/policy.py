"""Policy: a learned rule for the learning rate, six numbers on six features that have no unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.core.plain_json import Plain

Floats = NDArray[np.float64]
N_FEATURES = 6
_RECENT = 3
_CLIP = 5.0
"""Features are cut off here: a loss that falls to 0 must not decide alone."""
_TINY = 1e-300


@dataclass(frozen=True)
class Policy(Plain):
    """rate = `most` * reference * sigmoid(theta . features): between 0 and `most` times a reference rate.

    The reference is 1 / L, a bound on the curvature, in matrix factorisation, and the automatic rate of a booster.
    """

    theta: tuple[float, ...]
    most: float
    n_seen: int = 0
    """Runs, or generated problems, that it was fitted to."""
    about: str = ""
    """How it was fitted."""

    def __post_init__(self) -> None:
        """Raise ConfigError for other numbers."""
        if len(self.theta) != N_FEATURES or not all(map(math.isfinite, (*self.theta, self.most))) or self.most <= 0:
            raise ConfigError(
                f"a policy has {N_FEATURES} finite numbers and a factor above 0; got {self.theta!r}, {self.most!r}"
            )

    def factor(self, features: Sequence[float]) -> float:
        """Return what the reference rate is multiplied by, above 0 and at most `most`."""
        return self.most * sigmoid(sum(a * b for a, b in zip(self.theta, features, strict=True)))


@dataclass
class LossProgress:
    """How far a training is: gathers losses, and gives the six features."""

    losses: list[float] = field(default_factory=list)
    """log of the first loss, and of the last four."""

    def see(self, loss: float) -> None:
        """Take a loss. What is not finite or not above 0 is left out."""
        if math.isfinite(loss) and loss > 0.0:
            self.losses = [*self.losses[:1], *self.losses[1:][-_RECENT:], math.log(max(loss, _TINY))]

    def features(self, share: float) -> tuple[float, ...]:
        """Return the features at a share p of the budget.

        They are 1, 2p - 1, its square, log(loss / first) / 3 + 1, ten times the last log improvement, and ten times the
        mean of the last three.
        """
        p, logs = 2.0 * share - 1.0, self.losses
        fallen = (logs[-1] - logs[0]) / 3.0 + 1.0 if logs else 1.0
        gains = [a - b for a, b in pairwise(logs)][-_RECENT:]
        last = 10.0 * gains[-1] if gains else 0.0
        mean = 10.0 * sum(gains) / len(gains) if gains else 0.0
        return (1.0, p, p * p, *(min(max(x, -_CLIP), _CLIP) for x in (fallen, last, mean)))

    def state(self) -> list[float]:
        """Return what it has seen, JSON-able."""
        return list(self.losses)


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), in (0, 1), without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(max(x, -700.0)) / (1.0 + math.exp(max(x, -700.0)))


@dataclass(frozen=True)
class Search:
    """The budget of the cross-entropy method: candidates a generation, generations, those kept, and problems each."""

    n_candidates: int = 24
    n_generations: int = 12
    n_elite: int = 6
    n_problems: int = 6

    @property
    def n_rollouts(self) -> int:
        """Trainings that a search takes; baselines are to be given as many."""
        return self.n_candidates * self.n_generations * self.n_problems


def cross_entropy(score: Callable[[Floats, int], float], search: Search, rng: np.random.Generator) -> Floats:
    """Return the (6,) numbers that the cross-entropy method finds for the lowest `score(theta, generation)`.

    Rubinstein's method: draw candidates from a normal distribution, fit it to the best of them, and again; it starts at
    0 with spread 2. A score that is not finite counts as the worst.
    """
    mean, spread = np.zeros(N_FEATURES), np.full(N_FEATURES, 2.0)
    for generation in range(search.n_generations):
        drawn = mean + spread * rng.standard_normal((search.n_candidates, N_FEATURES))
        scores = np.array([score(theta, generation) for theta in drawn])
        best = drawn[np.argsort(np.where(np.isfinite(scores), scores, np.inf), kind="stable")[: search.n_elite]]
        mean, spread = best.mean(axis=0), best.std(axis=0) + 0.05
    return mean


def read_policy(data: Mapping[str, Any] | str) -> Policy:
    """Return the policy of its JSON, as text or read already. Raise ConfigError for anything else."""
    try:
        return Policy.from_json(data) if isinstance(data, str) else Policy.from_dict(data)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"expected the JSON of a policy; {error}") from error
