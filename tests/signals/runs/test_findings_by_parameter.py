import itertools
import math

import numpy as np
import pytest

from treedebug.signals.runs.findings_by_parameter import hypergeometric_tail, parameter_links


def test_the_tail_counts_every_way_to_draw():
    marked = [True] * 4 + [False] * 5
    draws = list(itertools.combinations(marked, 3))
    for at_least in range(4):
        share = sum(sum(d) >= at_least for d in draws) / len(draws)
        assert hypergeometric_tail(at_least, 9, 4, 3) == pytest.approx(share)


def search(n=30):
    return [{"max_depth": 2 + i % 9, "booster": "dart" if i % 2 else "gbtree", "eta": 0.1} for i in range(n)]


def test_deep_trees_that_overfit_are_named():
    params = search()
    codes = [frozenset({"CV101"}) if p["max_depth"] >= 7 else frozenset() for p in params]
    (link,) = parameter_links(params, codes)
    assert (link.code, link.condition) == ("CV101", "max_depth >= 7")
    assert (link.found_inside, link.n_inside) == (12, 12)
    assert (link.found_outside, link.n_outside) == (0, 18)
    assert link.p_value < 1e-6


def test_texts_are_compared_as_texts():
    params = search()
    codes = [frozenset({"HP507"}) if p["booster"] == "dart" else frozenset() for p in params]
    assert parameter_links(params, codes)[0].condition == "booster = dart"


def test_chance_alone_is_seldom_called_a_link():
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        codes = [frozenset({"CV101"}) if rng.random() < 0.4 else frozenset() for _ in range(30)]
        alarms += any(link.p_value < 0.01 for link in parameter_links(search(), codes))
    assert alarms <= 2


@pytest.mark.parametrize("params", [[{}] * 3, [{"a": math.nan}, {"a": 1}, {"a": None}], [{"a": [1]}, {"b": {}}, {}]])
def test_odd_parameters_do_no_harm(params):
    parameter_links(params, [frozenset({"X"}), frozenset(), frozenset()])
