import pytest

from tests.curves_of import fall, found
from treedebug.rules.curves.stopped_by_test_set import StoppedByTestSet
from treedebug.testing import curves, ending, header, labels, rounds, rule_test


def stopped(*, name="test", counts=(60, 60), n=60, patience=20, metric="auc", more=()):
    data = labels([500, 500]) | labels(list(counts), dataset=name)
    for other in more:
        data |= labels([50, 50], dataset=other)
    params = {"objective": "binary:logistic"}
    run = header(data=data, early_stopping_rounds=patience, library="xgboost", params=params)
    for k, value in enumerate(1.0 - fall(n, top=0.4, floor=0.3)):
        run.evals.append(k, name, metric, float(value))
    return ending(rounds(n, run=run))


test_stopped_by_test_set = rule_test(
    StoppedByTestSet(),
    fires={
        "120 rows decide": (stopped(), {"n_rounds": 60}),
        "X_test": stopped(name="X_test"),
        "a hold-out": stopped(name="holdout"),
    },
    silent={
        "a validation set": stopped(name="valid"),
        "many rows": stopped(counts=(5000, 5000)),
        "no early stopping": stopped(patience=None),
        "nineteen rounds": stopped(n=19),
        "another set decides": stopped(more=("valid",)),
    },
    skipped={"no validation set": curves(train=fall(30))},
)


@pytest.mark.parametrize(("name", "expected"), [("dtest", True), ("latest", False), ("test_1", True), ("eval", False)])
def test_names(name, expected):
    assert bool(found(stopped(name=name), StoppedByTestSet())) is expected
