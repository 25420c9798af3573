"""The proved ceiling of the rate of projected gradient steps on ||X - WH||^2 / 2, and balancing.

Both blocks step from the same point with the same rate. With R = WH - X, s = ||W||_2, t = ||H||_2 and
L = s^2 + t^2 + ||R||_F, a step with rate theta / L decreases the loss for theta <= 1.40, whatever W, H and X: along the
step f(lr) <= f(0) - lr ||G||^2 (1 - theta/2 - theta^2/8 - theta^3/54). The derivation stands in docs/schedules.md. The
ceiling is a clip and a start, not a schedule: with sampled columns a rate that stays at it ends in a floor of noise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError

Floats = NDArray[np.float64]
THETA = 1.40
"""The largest theta proved; up to 2 no increase was seen."""


class ColumnStep(NamedTuple):
    """A step: the new factors W (m, r) and H (r, n), the loss before it, and the rate taken."""

    W: Floats
    H: Floats
    loss: float
    rate: float


def curvature(W: Floats, H: Floats, R: Floats) -> float:
    """Return L = ||W||_2^2 + ||H||_2^2 + ||R||_F for W (m, r), H (r, n), R (m, n).

    The spectral norms are exact, from the (r, r) Gram matrices: power iteration would give too small ones, and a rate
    over the ceiling.
    """
    return _largest(W.T @ W) + _largest(H @ H.T) + float(np.sqrt(np.sum(R * R)))


def ceiling(W: Floats, H: Floats, X: Floats, *, theta: float = THETA) -> float:
    """Return theta / L, the largest rate proved to decrease ||X - WH||^2 / 2. Infinite where all are 0.

    Raise ConfigError for shapes that do not fit.
    """
    check_shapes(W, H, X)
    bound = curvature(W, H, W @ H - X)
    return theta / bound if bound > 0.0 else float("inf")


def joint_step(W: Floats, H: Floats, X: Floats, rate: float) -> tuple[Floats, Floats]:
    """Return both factors after a projected gradient step of both from the same point."""
    R = W @ H - X
    return np.maximum(W - rate * (R @ H.T), 0.0), np.maximum(H - rate * (W.T @ R), 0.0)


def sampled_step(W: Floats, H: Floats, X: Floats, columns: NDArray[np.int64], factor: float) -> ColumnStep:
    """Take a step on a sample of b of the n columns, its gradient scaled by n / b, with rate `factor` / L_J.

    L_J = (n / b) (||W||_2^2 + ||H_J||_2^2 + ||R_J||_F). For a factor of at most 1.40 the loss of the sample decreases.
    The loss returned is the sample's before the step, scaled by n / b.
    """
    scale = X.shape[1] / len(columns)
    part = H[:, columns]
    R = W @ part - X[:, columns]
    bound = scale * curvature(W, part, R)
    rate = factor / bound if bound > 0.0 else 0.0
    after = H.copy()
    after[:, columns] = np.maximum(part - rate * scale * (W.T @ R), 0.0)
    return ColumnStep(np.maximum(W - rate * scale * (R @ part.T), 0.0), after, 0.5 * scale * float(np.sum(R * R)), rate)


def balanced(W: Floats, H: Floats, share: float = 1.0) -> tuple[Floats, Floats]:
    """Return factors of the same product, with ||w_k||^2 = share * ||h_k||^2 for each column of W and row of H.

    Their product stays, as W D and D^-1 H for a diagonal D. Of all such pairs theirs has the least ||W||_F^2 +
    share ||H||_F^2, which bounds the curvature of a step on that share of the columns: the ceiling rises. Pairs with
    a 0 stay.
    """
    w, h = np.linalg.norm(W, axis=0), np.linalg.norm(H, axis=1)
    scale = np.sqrt(np.divide(np.sqrt(share) * h, w, out=np.ones_like(w), where=(w > 0) & (h > 0)))
    scale[(w == 0) | (h == 0)] = 1.0
    return W * scale, H / scale[:, None]


def check_shapes(W: Floats, H: Floats, X: Floats) -> None:
    """Raise ConfigError unless W (m, r), H (r, n) and X (m, n) fit."""
    if W.ndim != 2 or H.ndim != 2 or W.shape[1] != H.shape[0] or X.shape != (W.shape[0], H.shape[1]):
        raise ConfigError(f"expected W (m, r), H (r, n) and X (m, n); got {W.shape}, {H.shape} and {X.shape}")


def _largest(gram: Floats) -> float:
    return float(np.linalg.eigvalsh(gram)[-1]) if np.isfinite(gram).all() else float("inf")
