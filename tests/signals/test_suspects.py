import itertools
import math

import numpy as np
import pytest

from treedebug.core.margins import MarginRecord, margins_of
from treedebug.core.run import Header, RunData
from treedebug.engine.resolve import Resolver
from treedebug.signals.suspects import LabelSuspects, noise_share
from treedebug.testing import margins


def slow_noise_share(lead, is_wrong, n_classes):
    """Value by value, bin by bin."""
    order = sorted(range(len(lead)), key=lambda i: -lead[i])
    cuts = [int(c) for c in np.linspace(0, len(lead), min(20, len(lead)) + 1)]
    middle = float(np.median(lead))
    others = [1.0] if n_classes == 2 else np.geomspace(1, n_classes - 1, 5).tolist()
    weights = []
    for noise in np.linspace(0, 0.6, 31):
        for steep in np.geomspace(0.1, 20, 24):
            for other in others:
                fit = 0.0
                for a, b in itertools.pairwise(cuts):
                    part = order[a:b]
                    sure = sum(lead[i] for i in part) / len(part) / middle
                    right = 1 / (1 + other * math.exp(-steep * sure))
                    agrees = (1 - noise) * right + noise / (n_classes - 1) * (1 - right)
                    agrees = min(max(agrees, 1e-9), 1 - 1e-9)
                    for i in part:
                        fit += math.log(1 - agrees if is_wrong[i] else agrees)
                weights.append((noise, fit))
    best = max(fit for _, fit in weights)
    total = sum(math.exp(fit - best) for _, fit in weights)
    mean = sum(noise * math.exp(fit - best) for noise, fit in weights) / total
    square = sum((noise - mean) ** 2 * math.exp(fit - best) for noise, fit in weights) / total
    return mean, math.sqrt(square)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_noise_share_against_a_slow_twin(n_classes):
    rng = np.random.default_rng(n_classes)
    lead = np.abs(rng.normal(size=33))
    is_wrong = rng.random(33) < 0.3
    assert noise_share(lead, is_wrong, n_classes) == pytest.approx(slow_noise_share(lead, is_wrong, n_classes))


def test_the_estimate_is_the_noise_that_was_put_in():
    rng = np.random.default_rng(5)
    lead = np.abs(rng.normal(size=40_000))
    right = rng.random(40_000) < 1 / (1 + np.exp(-3.0 * lead))
    for noise in (0.0, 0.1, 0.3):
        wrong = right ^ (rng.random(40_000) >= noise)
        mean, deviation = noise_share(lead, wrong, 2)
        assert mean == pytest.approx(noise, abs=0.015)
        assert deviation < 0.02


def suspects(run):
    return Resolver(run.at(run.n_rounds)).get(LabelSuspects)


def test_rows_come_by_the_area_under_their_margin():
    """Records are not evenly spaced: each stands for the rounds nearest to it, and late ones do not count."""
    run = margins(train=[0.0, 0.0, 0.0], valid=[1.0, 1.0], n_rounds=1)
    log = margins_of(run)
    for at, values in ((1, [1, -1, 9]), (2, [1, -1, 9]), (9, [-6, 1, 9]), (59, [0, 0, 0]), (79, [-99, 99, 99])):
        log.append(MarginRecord(at, "train", 3, np.array(values, dtype=np.float32)))
        run.rounds.append(at, learning_rate=0.1, seconds=0.1, iterations=at + 1)
    found = suspects(run)
    widths = np.array([1.0, 1.0, 4.0, 28.5, 25.5])
    expected = widths @ np.array([[0, 0, 0], [1, -1, 9], [1, -1, 9], [-6, 1, 9], [0, 0, 0]]) / widths.sum()
    assert found.rows.tolist() == [0, 1, 2]
    assert found.areas.tolist() == pytest.approx(sorted(expected))
    assert found.n_rounds == 80


def test_of_a_sample_the_numbers_are_those_of_the_data():
    run = margins(train=[1.0, -1.0, 2.0], valid=[1.0, 1.0])
    for record in margins_of(run).of("train"):
        object.__setattr__(record, "n_rows", 300)
    assert suspects(run).rows.tolist() == [100, 0, 200]


def test_a_run_without_margins_has_no_such_stream():
    run = RunData(Header())
    assert run.stream(type(margins_of(margins(train=[1.0])))) is None
