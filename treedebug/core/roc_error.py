"""How uncertain an area under the ROC curve is, from the rows of the two kinds (Hanley and McNeil 1982)."""

from __future__ import annotations


def area_variance(area: float, n_up: float, n_down: float) -> float:
    """Return its variance, of an area under a half that of its mirror image, and never that of a perfect one."""
    a = min(max(area, 1.0 - area, 0.5), 0.999)
    q1, q2 = a / (2.0 - a), 2.0 * a * a / (1.0 + a)
    rows = max(n_up, 1.0) * max(n_down, 1.0)
    return (a * (1.0 - a) + (n_up - 1.0) * (q1 - a * a) + (n_down - 1.0) * (q2 - a * a)) / rows
