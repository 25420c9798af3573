"""Training the policy on generated matrices, and the one that was trained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from treedebug.schedules.learning.policy import Policy, Search, cross_entropy, read_policy
from treedebug.schedules.nmf.ceiling import THETA, Floats
from treedebug.schedules.nmf.factorize import factorize

_FILE = Path(__file__).with_name("policy.json")
_WORST = 1e3
"""The log loss of a factorisation that diverged."""


def generated(seed: int, *, m: int = 40, n: int = 60, rank: int = 5, scale: float = 1.0) -> Floats:
    """Return a matrix (m, n) of that rank with gamma factors and a twentieth of noise, none below 0, times `scale`."""
    rng = np.random.default_rng(seed)
    product = rng.gamma(1.0, 1.0, (m, rank)) @ rng.gamma(1.0, 1.0, (rank, n))
    return np.asarray(scale * np.maximum(product + 0.05 * product.std() * rng.standard_normal((m, n)), 0.0))


def train_policy(  # noqa: PLR0913 - each has a default
    problems: Sequence[Floats],
    *,
    rank: int = 5,
    n_steps: int = 300,
    most: float = THETA,
    search: Search | None = None,
    seed: int = 0,
) -> Policy:
    """Fit a policy to matrices by the cross-entropy method; its reward is minus the log of the final loss.

    Of `problems` each generation draws `search.n_problems`. `most` over 1.40 leaves the proof: `factorize` then needs
    `clip=False`. The same seed gives the same policy.
    """
    search = search or Search()
    rng = np.random.default_rng(seed)
    draws = [rng.choice(len(problems), search.n_problems) for _ in range(search.n_generations)]

    def score(theta: Floats, generation: int) -> float:
        policy = Policy(tuple(map(float, theta)), most)
        found = [
            factorize(
                problems[i], rank, rate=policy, n_steps=n_steps, clip=most <= THETA, seed=generation * 100 + k
            ).loss
            for k, i in enumerate(draws[generation])
        ]
        return sum(math.log(loss) if math.isfinite(loss) and loss > 0 else _WORST for loss in found) / len(found)

    theta = cross_entropy(score, search, rng)
    about = f"cross-entropy method, {search.n_rollouts} factorisations of {len(problems)} matrices in {n_steps} steps"
    return Policy(tuple(map(float, theta)), most, len(problems), about)


def trained_policy() -> Policy:
    """Return the policy that comes with treedebug, trained on generated matrices and never over the ceiling."""
    return read_policy(_FILE.read_text(encoding="utf-8"))
