"""Numbers of a kernel: known values, and leaving a row out against doing it."""

from __future__ import annotations

import numpy as np
import pytest

from nn_bridge.kernels.kernel_numbers import alignment, distance, effective_rank, r2, ridge_score

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(30, 4))
KERNEL = FEATURES @ FEATURES.T


def test_a_kernel_is_at_no_distance_from_its_multiples():
    assert distance(KERNEL, 3.0 * KERNEL) == pytest.approx(0.0, abs=1e-12)
    assert distance(np.diag([1.0, 0.0]), np.diag([0.0, 1.0])) == 1.0
    assert distance(np.eye(4), np.ones((4, 4))) == pytest.approx(0.5)


def test_the_kernel_of_the_labels_is_aligned_with_them():
    y = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    assert alignment(y @ y.T + 7.0, y) == pytest.approx(1.0)
    assert alignment(np.eye(4), y) == pytest.approx(1 / 3**0.5)


def test_the_effective_rank_counts_equal_eigenvalues():
    assert effective_rank(np.eye(5)) == pytest.approx(5.0)
    assert effective_rank(np.ones((5, 5))) == pytest.approx(1.0)


@pytest.mark.parametrize("classes", [True, False])
def test_each_row_is_predicted_by_the_others(classes):
    truth = FEATURES[:, :2] @ [[1.0, 0.2], [0.1, -1.0]] + 0.3 * RNG.normal(size=(30, 2))
    y = np.eye(2)[truth.argmax(axis=1)] if classes else truth
    size = np.trace(KERNEL) / 30
    whole = KERNEL + size
    predicted = np.empty_like(y)
    for i in range(30):
        rest = np.arange(30) != i
        weights = np.linalg.solve(whole[np.ix_(rest, rest)] + 1e-3 * size * np.eye(29), y[rest])
        predicted[i] = whole[i, rest] @ weights
    by_hand = (predicted.argmax(1) == y.argmax(1)).mean() if classes else r2(predicted, y)
    assert ridge_score(KERNEL, y, classes=classes) == pytest.approx(by_hand)
