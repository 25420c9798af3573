"""Shapes of metric curves for the case tables."""

import numpy as np


def fall(n, *, tau=15.0, top=0.7, floor=0.3):
    """Levels off like boosting does."""
    return floor + (top - floor) * np.exp(-np.arange(n) / tau)


def turn(n, *, best=40, slope=0.002, **shape):
    """Falls, then rises from round `best` on."""
    rounds = np.arange(n)
    return fall(n, **shape) + slope * np.maximum(rounds - best, 0)


def noisy(values, scale, seed=0):
    """The curve with independent noise."""
    return values + np.random.default_rng(seed).normal(scale=scale, size=len(values))


def found(run, rule):
    """The findings of one rule at the end of a run."""
    from treedebug.engine.evaluate import evaluate

    verdict = evaluate(run.at(run.n_rounds, final=True), [rule])
    assert not verdict.crashed, verdict.crashed
    assert not verdict.skipped, verdict.skipped
    return verdict.findings
