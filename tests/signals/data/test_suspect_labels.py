import math

import numpy as np
import pytest

from treedebug.core.run.margin_log import MarginLog, MarginRecord
from treedebug.core.run.run_data import Header, RunData
from treedebug.engine.resolve import Resolver
from treedebug.signals.data.noise_rate import noise_fit, noise_share, parts_of, surest
from treedebug.signals.data.suspect_labels import MarginSuspects
from treedebug.testing import margins


def slow_noise_share(parts, n_classes):
    """Value by value, row by row."""
    others = [1.0] if n_classes == 2 else np.geomspace(1, n_classes - 1, 5).tolist()
    middle = float(np.median([lead for lead, _, _ in parts]))
    weights = []
    for noise in np.linspace(0, 0.6, 61):
        for steep in np.geomspace(0.1, 20, 24):
            for other in others:
                fit = 0.0
                for lead, n, wrong in parts:
                    right = 1 / (1 + other * math.exp(-steep * lead / middle))
                    agrees = (1 - noise) * right + noise / (n_classes - 1) * (1 - right)
                    agrees = min(max(agrees, 1e-9), 1 - 1e-9)
                    fit += wrong * math.log(1 - agrees) + (n - wrong) * math.log(agrees)
                weights.append((noise, fit))
    best = max(fit for _, fit in weights)
    total = sum(math.exp(fit - best) for _, fit in weights)
    mean = sum(noise * math.exp(fit - best) for noise, fit in weights) / total
    square = sum((noise - mean) ** 2 * math.exp(fit - best) for noise, fit in weights) / total
    return mean, math.sqrt(square)


def drawn(n, noise, *, seed=5, steepness=3.0):
    rng = np.random.default_rng(seed)
    lead = np.abs(rng.normal(size=n))
    right = rng.random(n) < 1 / (1 + np.exp(-steepness * lead))
    return parts_of(lead, right ^ (rng.random(n) >= noise))


@pytest.mark.parametrize("n_classes", [2, 4])
def test_noise_share_against_a_slow_twin(n_classes):
    parts = drawn(130, 0.3)
    assert noise_share([noise_fit(parts, n_classes)]) == pytest.approx(slow_noise_share(parts, n_classes))


def test_parts_are_the_surest_rows_first():
    parts = parts_of(np.array([1.0, 5.0, 3.0]), np.array([True, False, True]))
    assert parts == ((5.0, 1, 0), (3.0, 1, 1), (1.0, 1, 1))
    assert surest(parts) == (0, 1)
    assert [n for _, n, _ in drawn(47, 0.1)] == [3] * 7 + [2] * 13


def test_the_estimate_is_the_noise_that_was_put_in():
    for noise in (0.0, 0.1, 0.3):
        mean, deviation = noise_share([noise_fit(drawn(40_000, noise), 2)])
        assert mean == pytest.approx(noise, abs=0.015)
        assert deviation < 0.02


def test_two_looks_are_surer_than_one():
    fits = [noise_fit(drawn(600, 0.2, seed=s), 2) for s in (1, 2)]
    assert noise_share(fits)[1] < min(noise_share([f])[1] for f in fits)


def suspects(run):
    return Resolver(run.at(run.n_rounds)).get(MarginSuspects)


def test_rows_come_by_the_area_under_their_margin():
    """Records are not evenly spaced: each stands for the rounds nearest to it, and late ones do not count."""
    run = margins(train=[0.0, 0.0, 0.0], valid=[1.0, 1.0], n_rounds=1)
    log = run.ensure_stream(MarginLog)
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
    for record in run.ensure_stream(MarginLog).of("train"):
        object.__setattr__(record, "n_rows", 300)
    assert suspects(run).rows.tolist() == [100, 0, 200]


def test_a_run_without_margins_has_no_such_stream():
    run = RunData(Header())
    assert run.stream(MarginLog) is None
    assert run.ensure_stream(MarginLog) is run.stream(MarginLog)
