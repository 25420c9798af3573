"""The ceiling: known right values, and the theorem on random instances."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from treedebug.core.errors import ConfigError
from treedebug.schedules.nmf import THETA, balanced, ceiling, curvature, joint_step, sampled_step


def one(value):
    return np.array([[float(value)]])


def loss(W, H, X):
    return 0.5 * float(np.sum((W @ H - X) ** 2))


def test_one_number_against_zero():
    W, H, X = one(1), one(1), one(0)
    assert curvature(W, H, W @ H - X) == 3.0
    assert ceiling(W, H, X) == pytest.approx(1.40 / 3)
    for rate in (0.1, 0.3, 0.46):
        assert loss(*joint_step(W, H, X, rate), X) == pytest.approx(0.5 * (1 - rate) ** 4)


def test_one_number_against_two():
    W, H, X = one(1), one(1), one(2)
    assert ceiling(W, H, X) == pytest.approx(0.46667, abs=1e-5)
    assert ceiling(W, H, X, theta=2.0) == pytest.approx(0.66667, abs=1e-5)
    for rate in (0.2, 0.41421, 0.6):
        assert loss(*joint_step(W, H, X, rate), X) == pytest.approx(0.5 * (-1 + 2 * rate + rate**2) ** 2)
    assert loss(*joint_step(W, H, X, np.sqrt(2) - 1), X) == pytest.approx(0, abs=1e-12)
    assert loss(*joint_step(W, H, X, np.sqrt(3) - 1), X) == pytest.approx(0.5)


def test_one_block_alone_falls_below_twice_its_curvature_and_rises_above():
    W, H, X = one(1), one(2), one(0)
    for theta, falls in ((1.99, True), (2.01, False)):
        after = np.abs(W - theta / 4.0 * (W @ H - X) @ H.T)  # without projection, as W may change its sign
        assert (loss(after, H, X) < loss(W, H, X)) is falls


def instance(rng):
    m, n, r = rng.integers(1, 8, 3)
    scales = 10.0 ** rng.uniform(-2, 2, 3)
    shapes = ((m, r), (r, n), (m, n))
    return [s * rng.gamma(0.5, 1.0, shape) * (rng.random(shape) < 0.8) for s, shape in zip(scales, shapes, strict=True)]


def rises(theta, count, seed):
    rng, found = np.random.default_rng(seed), 0
    for _ in range(count):
        W, H, X = instance(rng)
        rate = ceiling(W, H, X, theta=theta)
        if np.isfinite(rate):
            found += loss(*joint_step(W, H, X, rate), X) > loss(W, H, X) * (1 + 1e-12)
    return found


def test_no_step_at_the_ceiling_raises_the_loss():
    assert rises(THETA, 10_000, 0) == 0


def test_steps_far_over_the_ceiling_do():
    assert rises(2.2, 2_000, 1) > 20


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), theta=st.floats(0.01, 1.4), exponent=st.integers(-3, 3))
def test_the_theorem_holds_at_every_scale(seed, theta, exponent):
    W, H, X = instance(np.random.default_rng(seed))
    X = X * 10.0**exponent
    rate = ceiling(W, H, X, theta=theta)
    if np.isfinite(rate):
        assert loss(*joint_step(W, H, X, rate), X) <= loss(W, H, X) * (1 + 1e-12)


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 7))
def test_a_sampled_step_lowers_the_loss_of_its_sample(seed, size):
    rng = np.random.default_rng(seed)
    W, H, X = instance(rng)
    columns = rng.choice(X.shape[1], min(size, X.shape[1]), replace=False)
    after = sampled_step(W, H, X, columns, THETA)
    scale = X.shape[1] / len(columns)
    before = scale * loss(W, H[:, columns], X[:, columns])
    assert after.loss == pytest.approx(before)
    assert scale * loss(after.W, after.H[:, columns], X[:, columns]) <= before * (1 + 1e-12)
    rest = np.setdiff1d(np.arange(X.shape[1]), columns)
    assert np.array_equal(after.H[:, rest], H[:, rest])


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([1.0, 0.1]))
def test_balancing_keeps_the_product_and_is_best(seed, share):
    W, H, _ = instance(np.random.default_rng(seed))
    w, h = balanced(W, H, share)
    np.testing.assert_allclose(w @ h, W @ H, rtol=1e-9, atol=1e-12)
    if not (W.any(axis=0) & H.any(axis=1)).all():
        return
    cost = [np.sum(a**2) + share * np.sum(b**2) for a, b in ((w, h), (W, H), (w * 1.1, h / 1.1), (w / 1.1, h * 1.1))]
    assert all(cost[0] <= c * (1 + 1e-9) for c in cost[1:])


def test_all_zero_has_no_ceiling_and_shapes_are_checked():
    assert ceiling(one(0), one(0), one(0)) == np.inf
    with pytest.raises(ConfigError, match="expected W"):
        ceiling(one(1), np.ones((2, 2)), one(1))
