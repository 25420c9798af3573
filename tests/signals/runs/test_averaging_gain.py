import math

import numpy as np
import pytest

from treedebug.signals.runs.averaging_gain import AveragingGain


def gain(a, b, labels, *, of_classes=False):
    a, b, labels = (np.asarray(v, dtype=float) for v in (a, b, labels))
    errors = [float(np.mean((p - labels) ** 2)) for p in (a, b)]
    return AveragingGain("valid", of_classes, sum(errors) / 2, float(np.mean((a - b) ** 2)) / 2, len(labels))


def test_members_that_say_one_or_minus_one_at_random():
    """Mean squared error 1 of each, V = 1: infinitely many of them say 0."""
    rng = np.random.default_rng(0)
    a, b = (rng.choice([-1.0, 1.0], 100_000) for _ in range(2))
    told = gain(a, b, np.zeros(100_000))
    assert told.single == 1.0
    assert told.variance == pytest.approx(1.0, abs=0.02)
    assert told.of(10**9) == pytest.approx(0.0, abs=0.02)


def test_the_average_of_two_is_exact():
    rng = np.random.default_rng(1)
    a, b, labels = rng.normal(size=(3, 50))
    assert gain(a, b, labels).of(2) == pytest.approx(np.mean(((a + b) / 2 - labels) ** 2))


def test_the_measured_case():
    """Two members of 1.112 whose average has 0.946: 20 of them have 0.797 (0.790 was measured)."""
    told = AveragingGain("valid", of_classes=True, single=1.112, variance=2 * (1.112 - 0.946), n_rows=500)
    assert told.of(20) == pytest.approx(0.797, abs=0.001)
    assert told.shown(0.25) == 0.25
    assert AveragingGain("valid", of_classes=False, single=1, variance=0, n_rows=5).shown(0.25) == math.sqrt(0.25)
