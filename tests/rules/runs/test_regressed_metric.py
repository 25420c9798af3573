import pytest

from tests.boosters import halves, noisy_classes
from tests.curves_of import fall, found, noisy
from tests.rules.runs.pairs import real_pair
from treedebug.rules.runs.regressed_metric import RegressedMetric
from treedebug.testing import compared, curves, labels, rule_test

VALID = labels([5000, 5000], dataset="valid")


def two(then, now, *, data=(VALID, VALID), metric="logloss", names=("logloss", "logloss"), **fields):
    runs = [
        curves(valid=v, metric=m, data=d, params=p)
        for v, m, d, p in zip((then, now), names, data, ({"max_depth": 6}, {"max_depth": 2}), strict=True)
    ]
    return compared(runs[1], runs[0])


test_regressed_metric = rule_test(
    RegressedMetric(),
    fires={
        "worse": (two(fall(60), fall(60, floor=0.4)), {"changed": ["max_depth"]}),
        "worse, and more is better": two(1 - fall(60), 1 - fall(60, floor=0.4), names=("auc", "auc")),
    },
    silent={
        "better": two(fall(60), fall(60, floor=0.2)),
        "equal": two(fall(60), fall(60)),
        "within the sampling noise": two(fall(60), fall(60, floor=0.303)),
        "few rows": two(
            fall(60), fall(60, floor=0.35), data=(labels([50, 50], dataset="valid"), labels([50, 50], dataset="valid"))
        ),
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
