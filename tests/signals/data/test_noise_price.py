"""Wrong labels counted in rows: known values, and against rows drawn."""

from __future__ import annotations

import numpy as np
import pytest

from treedebug.signals.data.noise_price import noise_price


def test_a_tenth_of_wrong_labels_costs_36_percent_of_the_rows():
    price = noise_price((1250, 1250), 0.1)
    assert (price.n_rows, price.worth, price.new_rows) == (2500, 1600, 1406)
    assert price.rare_precision == pytest.approx(0.9)


def test_of_a_rare_class_little_is_left():
    rng = np.random.default_rng(0)
    true = rng.random(400_000) < 0.023
    labelled = true ^ (rng.random(len(true)) < 0.1)
    price = noise_price((int((~labelled).sum()), int(labelled.sum())), 0.1)
    assert price.rare_precision == pytest.approx(true[labelled].mean(), abs=0.01)
    assert price.rare_precision == pytest.approx(0.175, abs=0.02)


@pytest.mark.parametrize("counts", [(), (10.0,), (5.0, 5.0, 5.0), (10.0, 0.0)])
def test_it_is_known_of_two_classes_only(counts):
    assert noise_price(counts, 0.1) is None


def test_more_noise_than_the_rare_class_has_rows_leaves_none_of_it():
    assert noise_price((950, 50), 0.2).rare_precision == 0.0
    assert noise_price((500, 500), 0.48) is None
