import math

import numpy as np
import pytest

from tests.curves_of import fall
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.classes.label_shift import LabelShift
from treedebug.signals.curves.gain_transfer import Transfer
from treedebug.signals.curves.metric_facts import odds_factor, power, rows_behind
from treedebug.testing import curves, header, labels

LN2 = math.log(2)
BOTH = labels([100, 100]) | labels([50, 50], dataset="valid")


def measured(kind, run):
    return Resolver(run.at(run.n_rounds, final=True)).get(kind)


def test_shares_of_a_constant_prediction():
    transfer = measured(Transfer, curves(train=[LN2, LN2 / 2, LN2 / 4], valid=[LN2, 0.9 * LN2, 1.1 * LN2], data=BOTH))
    assert transfer.train == pytest.approx([1, 0.5, 0.25])
    assert transfer.valid == pytest.approx([1, 0.9, 1.1])
    assert (transfer.train_gain, transfer.valid_gain) == pytest.approx((0.75, 0.1))
    assert transfer.gap == pytest.approx(0.85)
    assert transfer.noise == pytest.approx(math.sqrt(LN2 / 100) / LN2)
    assert [transfer.reached(x) for x in (0.6, 0.25 + 1e-9, 0.1)] == [1, 2, None]
    assert transfer.bounded


def test_a_metric_that_is_better_the_higher():
    transfer = measured(Transfer, curves(train=[0.5, 0.75, 1.0], valid=[0.5, 0.4, 0.6], metric="auc", data=BOTH))
    assert transfer.train == pytest.approx([1, 0.5, 0])
    assert transfer.valid == pytest.approx([1, 1.2, 0.8])


def test_without_a_bound_training_is_the_unit():
    transfer = measured(Transfer, curves(train=[3.0, 2.0, 1.0], valid=[3.0, 2.5, 2.8], metric="poisson-nloglik"))
    assert transfer.train == pytest.approx([1, 0.5, 0])
    assert transfer.valid == pytest.approx([1, 0.75, 0.9])
    assert not transfer.bounded


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_in_any_unit(unit):
    spread = {"kind": "numbers", "mean": 0.0, "std": 5.0 * unit}
    data = {n: {"n_rows": 100, "is_training": n == "train", "label": spread} for n in ("train", "valid")}
    run = curves(train=unit * fall(30, top=5), valid=unit * fall(30, top=5, floor=2), metric="rmse", data=data)
    transfer = measured(Transfer, run)
    assert transfer.valid_gain == pytest.approx(1 - fall(30, top=5, floor=2)[-1] / 5)
    assert transfer.noise == pytest.approx(0.1)


def test_labels_of_classes_and_amounts():
    shift = measured(LabelShift, header(data=labels([60, 40]) | labels([20, 80], dataset="valid")))
    assert shift.trained == pytest.approx([0.6, 0.4])
    assert shift.validated == pytest.approx([0.2, 0.8])
    assert shift.sigmas[1] == pytest.approx(0.4 / math.sqrt(0.6 * 0.4 * 2 / 100))
    weighted = labels([60, 40], weighted=[20.0, 80.0]) | labels([20, 80], dataset="valid")
    assert measured(LabelShift, header(data=weighted)).trained == pytest.approx([0.2, 0.8])
    amounts = {
        n: {"n_rows": 100, "is_training": n == "train", "label": {"kind": "numbers", "mean": m, "std": 2.0}}
        for n, m in (("train", 1.0), ("valid", 3.0))
    }
    shift = measured(LabelShift, header(data=amounts))
    assert (float(shift.sigmas[0]), shift.spread, shift.of_classes) == (pytest.approx(2 / math.sqrt(0.08)), 2.0, False)


@pytest.mark.parametrize("data", [{}, labels([1, 2]), {"valid": {"n_rows": 3}} | labels([1, 2])])
def test_labels_of_only_one_side(data):
    with pytest.raises(Missing):
        measured(LabelShift, header(data=data))


def test_odds_and_rows():
    factor = odds_factor(np.array([0.5, 0.2, 0.5, 0.3]), np.array([0.2, 0.5, 0.5, 0.0]))
    assert factor == pytest.approx([4, 4, 1, 1])
    assert [power(m) for m in ("rmse", "l2", "logloss")] == [2, 1, 1]
    some = header(data=labels([90, 10], dataset="valid")).header
    assert [rows_behind(some, "valid", m) for m in ("logloss", "auc")] == [100, 20]
    assert rows_behind(some, "other", "auc") == 0
