"""Matrix factorisation: rules tuned with as many rollouts as the policy's search took, on matrices held out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from treedebug import schedules as s
from treedebug.schedules.learning.policy import Policy, Search
from treedebug.schedules.nmf import factorize, generated, train_policy, trained_policy

TRAIN, HELD = range(16), range(1000, 1020)
WORST = math.log(1e3)
ALWAYS = (50.0, 0.0, 0.0, 0.0, 0.0, 0.0)
VARIANTS: dict[str, dict[str, Any]] = {
    "same": {}, "bigger": {"m": 80, "n": 120, "rank": 8}, "times 10": {"scale": 10.0}, "900 steps": {"n_steps": 900},
}  # fmt: skip
Make = Callable[[tuple[float, ...]], Any]
"""From the tuned numbers to a rate, a schedule or a policy."""

RULES: dict[str, tuple[Make, tuple[tuple[float, ...], ...]]] = {
    "constant": (lambda p: p[0], ((1e-4, 3e-2),)),
    "step decay": (lambda p: s.Step(p[0], factor=p[1], every=6), ((1e-4, 3e-2), (0.2, 1.0))),
    "cosine": (lambda p: s.Cosine(p[0], p[0] * p[1]), ((1e-4, 3e-2), (1e-3, 1.0))),
    "greedy": (lambda p: s.GreedyLR(p[0], factor=p[1], patience=0), ((1e-4, 3e-2), (0.5, 0.98))),
    "c / L": (lambda p: Policy(ALWAYS, p[0]), ((0.3, 30.0),)),
    "c / L, falling": (
        lambda p: Policy((p[1], -p[2], 0.0, 0.0, 0.0, 0.0), p[0]),
        ((0.3, 30.0), (0.1, 10.0), (0.01, 5.0)),
    ),
}
"""Each rule, and the range (log-uniform) of each of its numbers. None is clipped: the ceiling is not theirs."""


def log_loss(rate: Any, seed: int, *, clip: bool, n_steps: int = 300, **shape: Any) -> float:
    """log of the final relative loss; that of a thousand where it diverged."""
    with np.errstate(all="ignore"):
        loss = factorize(
            generated(seed, **shape), shape.get("rank", 5), rate=rate, n_steps=n_steps, clip=clip, seed=seed
        ).loss
    return min(math.log(loss), WORST) if math.isfinite(loss) and loss > 0 else WORST


def tuned(name: str, rollouts: int, seed: int = 0) -> tuple[float, ...]:
    """The best of random settings by successive halving, on the training matrices, within a budget of rollouts."""
    make, ranges = RULES[name]
    rng = np.random.default_rng([seed, len(name)])
    n = rollouts // 12  # n settings on 4 matrices, half on 4 more, ... : under 12 n in all
    alive = [tuple(float(np.exp(rng.uniform(*np.log(r)))) for r in ranges) for _ in range(n)]
    scores = {p: [] for p in alive}
    used, at = 0, 0
    while len(alive) > 1:
        matrices = [TRAIN[(at + k) % len(TRAIN)] for k in range(4)]
        for p in alive:
            scores[p] += [log_loss(make(p), i, clip=False) for i in matrices]
            used += len(matrices)
        alive = sorted(alive, key=lambda p: float(np.mean(scores[p])))[: max(len(alive) // 2, 1)]
        at += 4
    assert used <= rollouts
    return alive[0]


def learned(most: float) -> Policy:
    """The policy, by the search whose rollouts the rules get too."""
    return train_policy([generated(i) for i in TRAIN], most=most, seed=0)


NAMES = (*RULES, "ceiling 1.40 / L", "2 / L", "policy that comes along", "policy up to 12 / L", "divergences")


def result(name: str) -> dict[str, Any]:
    """Tune, or learn, one rule; return its numbers, rollouts, and log losses on the matrices held out."""
    if name == "divergences":
        return {"rule": name, **divergences()}
    budget = Search().n_rollouts
    numbers: tuple[float, ...] = ()
    used, clip = 0, False
    make: Callable[[tuple[float, ...]], Any]
    if name in RULES:
        make, numbers, used = RULES[name][0], tuned(name, budget), budget
    elif name == "policy up to 12 / L":
        make, numbers, used = (lambda p: Policy(p, 12.0)), learned(12.0).theta, budget
    elif name == "policy that comes along":
        make, used, clip = (lambda _: trained_policy()), budget, True
    else:
        make, clip = (lambda _: None if name.startswith("ceiling") else Policy(ALWAYS, 2.0)), name.startswith("ceiling")
    found = {
        variant: [log_loss(make(numbers), i, clip=clip, **shape) for i in HELD] for variant, shape in VARIANTS.items()
    }
    return {"rule": name, "numbers": list(numbers), "rollouts": used, "log_losses": found}


def divergences(n: int = 1000) -> dict[str, Any]:
    """Rollouts at the ceiling and of the policy over scales from 0.1 to 100 and many shapes: how many ended badly."""
    rng = np.random.default_rng(7)
    bad = {"ceiling": 0, "policy": 0}
    for k in range(n):
        scale = float(10 ** rng.uniform(-1, 2))
        m, columns, rank = int(rng.integers(5, 50)), int(rng.integers(5, 60)), int(rng.integers(1, 8))
        X = generated(10_000 + k, m=m, n=columns, rank=rank, scale=scale)
        for name, rate in (("ceiling", None), ("policy", trained_policy())):
            found = factorize(X, rank, rate=rate, n_steps=150, seed=k)
            bad[name] += not (
                math.isfinite(found.loss) and found.loss < 1.0 and found.losses[-1] < found.losses[0] * 1.01
            )
    return {"rollouts": n, **bad}
