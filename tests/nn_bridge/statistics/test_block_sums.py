"""Sums of many arrays at once beside those of each."""

from __future__ import annotations

import numpy as np
import pytest

from nn_bridge.statistics.block_sums import N_COLUMNS, WIDTH, BlockSums, joined, joined_sums

SIZES = (1, 5, WIDTH, WIDTH - 1, WIDTH + 1, 5000, 128 * WIDTH, 200_000, 7, 3)


def twin(array):
    """Obvious, and exact."""
    x = array.astype(np.float64)
    return [(x * x).sum(), x.sum(), np.abs(x).sum(), x.min(), x.max(), (x == 0).sum(), (~np.isfinite(x)).sum()]


def arrays_of(dtype, sizes=SIZES):
    numbers = np.random.default_rng(0)
    arrays = [numbers.normal(size=n).astype(dtype) for n in sizes]
    arrays[1][2:4] = 0
    arrays[2][:] = 0
    arrays[-2][3] = np.inf
    arrays[-1][:] = np.nan
    return arrays


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_has_the_sums_of_its_own(dtype):
    arrays = arrays_of(dtype)
    expected = np.array([twin(a) for a in arrays])
    tolerance = {"rtol": 1e-5, "atol": 1e-2} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-9}
    np.testing.assert_allclose(joined_sums(arrays), expected, **tolerance)
    block_sums = BlockSums()
    for part in (arrays[:3], arrays[3:]):
        block_sums.add_lines(part, block_sums.new(len(part)))
    np.testing.assert_allclose(block_sums.sums(), expected, **tolerance)


@pytest.mark.parametrize("n", [4, 100])  # fit in a block, and do not
def test_differences_of_joined_arrays(n):
    numbers = np.random.default_rng(1)
    before, after = ([numbers.normal(size=7000) for _ in range(n)] for _ in range(2))
    block_sums = BlockSums()
    block_sums.add_lines(after, block_sums.new(n), joined(before, (7000,) * n))
    np.testing.assert_allclose(block_sums.sums(), [twin(a - b) for a, b in zip(after, before, strict=True)])


def test_calls_and_pieces_of_one_array_are_added_up():
    block_sums, (a, b, c) = BlockSums(), np.split(np.arange(-3.0, 3.0), 3)
    one, other = block_sums.new(2)
    block_sums.add(a, one)
    block_sums.add(b.astype(np.float32), other)
    block_sums.add(c, one)
    block_sums.add_sums(np.array([twin(a)]), [other])
    np.testing.assert_allclose(block_sums.sums(), [twin(np.concatenate(x)) for x in ((a, c), (b, a))])
    assert block_sums.sums().shape == (0, N_COLUMNS)  # forgotten


def test_what_was_given_nothing_is_unknown():
    block_sums = BlockSums()
    _, second = block_sums.new(2)
    block_sums.add(np.ones(3), second)
    assert np.isnan(block_sums.sums()[0]).all()
