import numpy as np
import pytest

from tests.boosters import halves, noisy_classes
from tests.curves_of import fall, found, noisy
from tests.rules.runs.pairs import real_pair
from treedebug.core.run.margin_log import MarginLog
from treedebug.core.run.run_data import ComparedRun
from treedebug.rules.runs.regressed_metric import RegressedMetric
from treedebug.testing import compared, curves, labels, margins, rule_test

VALID = labels([5000, 5000], dataset="valid")
FEW = labels([200, 200], dataset="valid")


def two(then, now, *, data=(VALID, VALID), metric="logloss", names=("logloss", "logloss"), **fields):
    runs = [
        curves(valid=v, metric=m, data=d, params=p)
        for v, m, d, p in zip((then, now), names, data, ({"max_depth": 6}, {"max_depth": 2}), strict=True)
    ]
    return compared(runs[1], runs[0])


def on_rows(then, now, *, differing):
    """Two runs on 400 rows of which `differing` are worse now, by as much as the curve says."""
    runs = two(then, now, data=(FEW, FEW))
    loss = float(np.min(now) - np.min(then)) * 400 / differing
    own = np.full(400, 0.5)
    worse = own.copy()
    worse[:differing] = -np.log(np.expm1(np.log1p(np.exp(-0.5)) + loss))
    for run, values in ((runs.stream(ComparedRun).run, own), (runs, worse)):
        kept = margins(valid=values, n_rounds=len(then))
        run.header.n_classes = 2
        run.add_stream(MarginLog, kept.stream(MarginLog))
    return runs


test_regressed_metric = rule_test(
    RegressedMetric(),
    fires={
        "worse": (two(fall(60), fall(60, floor=0.4)), {"changed": ["max_depth"]}),
        "a little worse on every row": (on_rows(fall(60), fall(60, floor=0.32), differing=400), {"paired": True}),
        "worse, and more is better": two(1 - fall(60), 1 - fall(60, floor=0.4), names=("auc", "auc")),
    },
    silent={
        "better": two(fall(60), fall(60, floor=0.2)),
        "equal": two(fall(60), fall(60)),
        "within the sampling noise": two(fall(60), fall(60, floor=0.303)),
        "few rows": two(
            fall(60), fall(60, floor=0.35), data=(labels([50, 50], dataset="valid"), labels([50, 50], dataset="valid"))
        ),
        "worse on few rows": on_rows(fall(60), fall(60, floor=0.32), differing=4),
        "a little worse, on rows not kept": two(fall(60), fall(60, floor=0.32), data=(FEW, FEW)),
        "within the curve's noise": two(noisy(fall(60), 0.05), noisy(fall(60, floor=0.33), 0.05, 1)),
    },
    skipped={
        "one run": curves(valid=[0.5] * 20),
        "another metric": two(fall(60), fall(60), names=("logloss", "error")),
        "other validation data": two(fall(60), fall(60), data=(VALID, labels([50, 51], dataset="valid"))),
    },
)


def test_it_goes_back_to_what_was():
    finding = found(two(fall(60), fall(60, floor=0.4)), RegressedMetric())[0]
    assert str(finding.try_next[0]) == "max_depth=6"


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(library, sick):
    now = {"max_depth": 1 if sick else 3}  # the label depends on a product: stumps cannot see it
    table = halves(*noisy_classes(4000))
    assert bool(found(real_pair(library, {"max_depth": 4}, now, 30, table=table), RegressedMetric())) is sick


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_row_by_row_on_real_boosters(library):
    table = halves(*noisy_classes(4000))
    runs = real_pair(library, {"max_depth": 4}, {"max_depth": 1}, 30, table=table, row_margins=True)
    (finding,) = found(runs, RegressedMetric())
    assert finding.evidence["paired"]
    assert "row by row" in finding.message
    same = real_pair(library, {"max_depth": 4}, {"max_depth": 4}, 30, table=table, row_margins=True)
    assert not found(same, RegressedMetric())
