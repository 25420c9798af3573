"""factorize: stochastic non-negative matrix factorisation under the proved ceiling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.schedules.learning.policy import LossProgress, Policy
from treedebug.schedules.nmf.ceiling import THETA, Floats, balanced, curvature, sampled_step
from treedebug.schedules.schedule import Schedule, checked_count, checked_rate

EVERY = 10
"""Steps between two decisions of a policy or a schedule, and two balancings."""


@dataclass(frozen=True, eq=False)
class Factorization:
    """What came of it: X is about W @ H."""

    W: Floats
    """(m, rank), none below 0."""
    H: Floats
    """(rank, n), none below 0."""
    losses: Floats
    """(n_steps // 10,) ||X - WH||^2 / ||X||^2 as estimated from each ten samples."""
    rates: Floats
    """(n_steps,) rates taken."""
    loss: float
    """||X - WH||^2 / ||X||^2 at the end, of the whole matrix."""


def factorize(  # noqa: PLR0913 - each has a default
    X: Any,
    rank: int,
    *,
    rate: float | Schedule | Policy | None = None,
    n_steps: int = 300,
    batch: int | None = None,
    balance: bool = False,
    clip: bool = True,
    seed: int = 0,
) -> Factorization:
    """Factorise X (m, n), none below 0, as W (m, rank) H (rank, n) by projected steps on `batch` sampled columns.

    `rate`: None, the proved ceiling 1.40 / L at every step; a number or a schedule, a rate; a `Policy`, a share of the
    ceiling. Rates over the ceiling are cut to it, unless `clip=False`. `batch` is a tenth of the columns by default.
    With `balance` the norms of W and H are brought into proportion every ten steps.

    Raise ConfigError for a matrix that is not finite or below 0 anywhere, or numbers outside their ranges.
    """
    matrix = _checked(X)
    n = matrix.shape[1]
    rank, n_steps = checked_count("rank", rank), checked_count("n_steps", n_steps)
    size = min(checked_count("batch", batch if batch is not None else max(n // 10, 1)), n)
    rng = np.random.default_rng(seed)
    W, H = _start(matrix, rank, rng)
    total = float(np.sum(matrix * matrix))
    run = _Run(rate, n_steps, total)
    run.progress.see(float(np.sum((matrix - W @ H) ** 2)) / total)
    rates = np.zeros(n_steps)
    with np.errstate(over="ignore", invalid="ignore"):  # unclipped rates may diverge, and the loss says so
        for t in range(n_steps):
            columns = rng.choice(n, size, replace=False)
            factor = run.factor(t, _Sampled(W, H, matrix, columns))
            W, H, loss, rates[t] = sampled_step(W, H, matrix, columns, min(factor, THETA) if clip else factor)
            if not math.isfinite(loss):
                break
            if run.see(loss) and balance:
                W, H = balanced(W, H, size / n)
        end = float(np.sum((matrix - W @ H) ** 2)) / total
    return Factorization(W, H, np.array(run.losses), rates, end)


class _Sampled(NamedTuple):
    """A step about to be taken."""

    W: Floats
    H: Floats
    X: Floats
    columns: NDArray[np.int64]

    def bound(self) -> float:
        """Return L of the sampled columns."""
        part = self.H[:, self.columns]
        scale = self.X.shape[1] / len(self.columns)
        return float(scale * curvature(self.W, part, self.W @ part - self.X[:, self.columns]))


class _Run:
    """The rate of one factorisation: decided every ten steps, by what the samples since then lost in the mean."""

    def __init__(self, rate: Any, n_steps: int, total: float) -> None:
        self.progress = LossProgress()
        self.losses: list[float] = []
        self._recent: list[float] = []
        self._rate, self._n_steps, self._total = rate, n_steps, total
        self._decided = 0.0
        if isinstance(rate, Schedule):
            rate.plan(-(-n_steps // EVERY))
        elif rate is not None and not isinstance(rate, Policy):
            self._decided = checked_rate("rate", rate)

    def factor(self, t: int, sampled: _Sampled) -> float:
        """Return the factor of 1 / L for step t; for those that say a rate, that times the sample's L."""
        if self._rate is None:
            return THETA
        if isinstance(self._rate, Policy):
            if t % EVERY == 0:
                self._decided = self._rate.factor(self.progress.features(t / self._n_steps))
            return self._decided
        if isinstance(self._rate, Schedule):
            self._decided = self._rate.now
        return self._decided * sampled.bound()

    def see(self, loss: float) -> bool:
        """Take the loss of a sample; return whether ten steps are over."""
        self._recent.append(2.0 * loss / self._total)
        if len(self._recent) < EVERY:
            return False
        self.losses.append(sum(self._recent) / EVERY)
        self._recent = []
        self.progress.see(self.losses[-1])
        if isinstance(self._rate, Schedule):
            self._rate.observe(self.losses[-1])
        return True


def _start(X: Floats, rank: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return positive factors whose product has the mean of X."""
    scale = math.sqrt(float(X.mean()) / rank)
    return scale * (0.5 + rng.random((X.shape[0], rank))), scale * (0.5 + rng.random((rank, X.shape[1])))


def _checked(X: Any) -> Floats:
    matrix = np.asarray(X, dtype=np.float64)
    if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all() or (matrix < 0).any() or not matrix.any():
        raise ConfigError(
            f"expected a matrix (m, n) of finite numbers, none below 0 and not all 0; got shape {matrix.shape}"
        )
    return matrix
