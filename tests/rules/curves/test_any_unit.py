"""Rules on a curve say the same in any unit, and of a metric that is better the higher."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curves_of import fall, noisy, turn
from treedebug.engine.evaluate import evaluate
from treedebug.rules import BUILTIN
from treedebug.testing import curves

RULES = [rule() for rule in BUILTIN if rule.code.startswith("CV")]
LEARNED = fall(120, floor=0.05, tau=30)
SHAPES = {
    "turns up": (LEARNED, turn(120)),
    "stalls": (LEARNED, noisy(fall(120, tau=5), 0.0005)),
    "noisy": (LEARNED, noisy(fall(120), 0.02)),
    "cut off": (fall(50, tau=30, floor=0.05), fall(50, tau=30)),
    "straight": (np.linspace(0.7, 0.6, 50), np.linspace(0.7, 0.62, 50)),
    "flat": (np.full(60, 0.6), np.full(60, 0.6) + 1e-9 * np.arange(60)),
    "diverges": (turn(80, best=20, slope=0.02), turn(80, best=20, slope=0.02)),
    "at once": (fall(60, top=0.7, floor=0.001, tau=3), fall(60, top=0.7, floor=0.002, tau=3)),
    "descends twice": (LEARNED, fall(120, tau=40) + 0.15 * np.exp(-(((np.arange(120) - 45) / 12) ** 2))),
    "useless": (fall(60, floor=0.2), 0.7 + 0.003 * np.abs(np.arange(60) - 2)),
}


def said(train, valid, metric, std=None):
    label = {"kind": "numbers", "mean": 0.0, "std": std}
    data = {n: {"n_rows": 4000, "is_training": n == "train", "label": label} for n in ("train", "valid")}
    params = {"learning_rate": 0.1, "max_depth": 4}
    run = curves(
        train=train, valid=valid, metric=metric, data=data if std else {}, params=params, library="xgboost",
        planned_rounds=len(train),
    )  # fmt: skip
    verdict = evaluate(run.at(run.n_rounds, final=True), RULES)
    assert not verdict.crashed
    return [(f.code, f.severity, f.subject.replace(metric, ""), f.rounds) for f in verdict.findings]


def test_each_shape_is_found_by_some_rule():
    codes = {shape: {code for code, *_ in said(*pair, "rmse", 0.7)} for shape, pair in SHAPES.items()}
    assert all(codes.values()), codes
    assert set().union(*codes.values()) >= {"CV101", "CV102", "CV104", "CV105", "CV106", "CV107", "CV109", "CV110"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_any_unit(shape, unit):
    train, valid = SHAPES[shape]
    assert said(train * unit, valid * unit, "rmse", 0.7 * unit) == said(train, valid, "rmse", 0.7)


@pytest.mark.parametrize("shape", SHAPES)
def test_mirrored(shape):
    """A score that falls short of 1 by the loss (`r2`, perfect at 1) says what the loss itself (`mae`) says."""
    train, valid = SHAPES[shape]
    assert [f for f in said(1 - train, 1 - valid, "r2") if f[0] not in SCALED] == [
        f for f in said(train, valid, "mae") if f[0] not in SCALED
    ]


SCALED = ("CV104", "CV105")
"""They compare with the first value itself, which the mirror does not keep."""


@settings(max_examples=25)
@given(st.floats(-6, 6), st.integers(0, 1000))
def test_any_unit_of_any_curve(exponent, seed):
    rng, unit = np.random.default_rng(seed), 10.0**exponent
    train = fall(60, floor=float(rng.uniform(0, 0.6)), tau=float(rng.uniform(2, 60)))
    valid = noisy(
        turn(60, best=int(rng.integers(1, 60)), slope=float(rng.uniform(0, 0.01))), float(rng.uniform(0, 0.02)), seed
    )
    assert said(train * unit, valid * unit, "rmse", 0.7 * unit) == said(train, valid, "rmse", 0.7)
