"""The test that a fault is one: the net, or what was reported of it, is worse than the healthy twin's.

Every test is at the 1 % level and on the run itself, so that a run is kept or dropped by what happened to it.

* loss: the mean cross-entropy of the test rows is higher than the twin's on the same rows (one-sided paired t).
* error: the same of the share of wrong test rows.
* balanced: as loss, with each class weighing the same.
* trust: the validation loss that was shown is not that of a sound evaluation of the same rows: in evaluation mode,
  or, where the validation rows themselves are at fault, not that of the test rows (Welch).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from _nn.catalog import BALANCED, ERROR, TRUST

LEVEL = 0.01
Rows = NDArray[np.float64]


def is_harmful(how: str, mine: dict[str, Rows], twin: dict[str, Rows], labels: Rows) -> tuple[bool, float]:
    """Whether the run is kept, and the p value that decided."""
    if how == TRUST:
        paired = paired_p(np.abs(mine["shown"] - mine["valid"]))
        welch = float(stats.ttest_ind(mine["shown"], mine["loss"], equal_var=False).pvalue)
        return min(paired, welch) < LEVEL, min(paired, welch)
    difference = mine["wrong"] - twin["wrong"] if how == ERROR else mine["loss"] - twin["loss"]
    if how == BALANCED:
        counts = np.bincount(labels.astype(int))
        difference = difference * len(labels) / (np.count_nonzero(counts) * counts[labels.astype(int)])
    p = paired_p(difference)
    return p < LEVEL, p


def paired_p(difference: Rows) -> float:
    """Return the one-sided p value of a mean above 0."""
    if difference.std() == 0:
        return 0.0 if difference[0] > 0 else 1.0
    return float(stats.ttest_1samp(difference, 0.0, alternative="greater").pvalue)
