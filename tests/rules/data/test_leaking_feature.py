import numpy as np
import pandas as pd
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.column_profile import Dependence
from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.findings import Severity
from treedebug.rules.data.leaking_feature import LeakingFeature
from treedebug.testing import classes_of, data_sets, number, numbers_of, rule_test, table


def scoring(*scores, error=0.0, metric="auc", classes=(500, 500)):
    columns = [
        number(n, dependence=Dependence(metric, s, error, 800)) for n, s in zip("abcdefgh", scores, strict=False)
    ]
    label = classes_of(dict(enumerate(classes))) if metric == "auc" else numbers_of()
    return data_sets(table(*columns, label=label))


def averaged(*, score=0.3, **fields):
    usual = {"size": 2, "n_rows": 800, "slope": 0.99, "slope_error": 0.03}
    column = number("m", average=LabelAverage(**usual | fields), dependence=Dependence("auc", score, 0.0, 800))
    other = number("b", dependence=Dependence("auc", 0.2, 0.0, 800))
    return data_sets(table(column, other, label=classes_of({0: 500, 1: 500})))


test_leaking_feature = rule_test(
    LeakingFeature(),
    fires={
        "perfect": (scoring(0.3, 1.0, 0.5), {"columns": ["b"], "next_best": 0.5}),
        "nearly, and far above the next": (scoring(0.95, 0.6), {"scores": {"a": 0.95}}),
        "two together": (scoring(0.99, 0.995, 0.4), {"columns": ["b", "a"]}),
        "nearly perfect, and above others that are good": (scoring(0.965, 0.93), {"columns": ["a"]}),
        "exact averages": (averaged(n_exact=12, n_chance=0.4, slope=1.3), {"columns": ["m"], "size": 2}),
        "steps that no row contradicts": (averaged(n_expected=20.0), {"columns": ["m"], "size": 2}),
        "the only feature": (scoring(0.93), {"next_best": None}),
        "most of the variance": (scoring(0.86, 0.2, metric="r2"), {"columns": ["a"]}),
        "few rows of a class, and none is wrong": scoring(1.0, 0.96, classes=(990, 10)),
        "few rows of a class, and far above the next": scoring(0.993, 0.6, classes=(990, 10)),
    },
    silent={
        "good, but not perfect": scoring(0.89, 0.2),
        "less of the variance": scoring(0.84, 0.2, metric="r2"),
        "few rows of a class, and hardly above the next": scoring(0.993, 0.975, classes=(990, 10)),
        "few rows of a class, which many tell": scoring(1.0, 0.99, 0.98, 0.97, classes=(990, 10)),
        "few rows of one of five classes": scoring(0.98, 0.975, classes=(498, 240, 240, 12, 10)),
        "others are nearly as good": scoring(0.95, 0.93, 0.9),
        "two good ones of an easy task": scoring(0.96, 0.95, 0.7),
        "the best of a good many": scoring(0.928, 0.84),
        "exact by chance": averaged(n_exact=12, n_chance=3.0),
        "a few exact ones": averaged(n_exact=5),
        "a row contradicts the steps": averaged(n_expected=20.0, n_impossible=1),
        "few rows could": averaged(n_expected=4.0),
        "steps of another slope": averaged(n_expected=20.0, slope=0.8),
        "steps that tell nothing": averaged(n_expected=20.0, slope_error=0.3),
        "not sure": scoring(0.93, 0.1, error=0.09),
    },
    skipped={"no label": data_sets(table()), "not measured": data_sets(table(label=classes_of({0: 9, 1: 9})))},
)


def test_a_sure_leak_is_an_error():
    assert found(scoring(1.0, 0.5), LeakingFeature())[0].severity is Severity.ERROR
    assert found(scoring(0.94, 0.5), LeakingFeature())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("wrong", "expected"), [(0.02, True), (0.3, False)])
def test_a_real_table(wrong, expected):
    frame, rng = people(), np.random.default_rng(3)
    frame["reminder"] = np.where(rng.random(len(frame)) < wrong, rng.permutation(frame.paid), frame.paid).astype(str)
    findings = found_in(LeakingFeature(), frame, target="paid")
    assert [f.subject for f in findings] == (["reminder"] if expected else [])


def test_an_average_is_named_once():
    findings = found(averaged(n_exact=80, score=0.97), LeakingFeature())
    assert [f.severity for f in findings] == [Severity.ERROR]
    assert "the row itself" in findings[0].try_next[0].why


def grouped(y, size, rng):
    return pd.Series(y).groupby(rng.permutation(len(y)) // size).transform("mean").to_numpy()


@pytest.mark.parametrize("size", [2, 5])
@pytest.mark.parametrize("label", ["amount", "two classes", "five classes", "texts"])
def test_a_real_average_of_the_label(label, size):
    rng = np.random.default_rng(4)
    frame = people(1500)
    y = {
        "amount": rng.lognormal(3, 0.5, 1500),
        "two classes": frame.paid,
        "five classes": rng.integers(0, 5, 1500),
        "texts": frame.paid,
    }[label]
    frame["m"] = grouped(y, size, rng)
    frame["paid"] = np.where(y, "yes", "no") if label == "texts" else y
    few = frame.iloc[:1000]  # the rest of the groups stands elsewhere
    findings = found_in(LeakingFeature(), few, target="paid")
    assert [(f.subject, f.evidence["size"]) for f in findings] == [("m", size)]


def look_alikes():
    """Name, column and label: features that a sound table may hold."""
    rng, n = np.random.default_rng(5), 1000
    signal = rng.normal(size=n)
    y, amount = (signal + rng.normal(size=n) > 0).astype(float), np.round(20 + 5 * signal + rng.normal(size=n))
    town, fold = rng.integers(0, 40, n), rng.integers(0, 5, n)
    town_mean = np.array([amount[(town == t) & (fold != f)].mean() for t, f in zip(town, fold, strict=True)])
    near = np.abs(signal[:, None] - signal[None, :]) + np.diag(np.full(n, np.inf))
    yield "target encoding out of fold", town_mean, amount
    yield "target encoding of few levels", np.array([amount[town == t].mean() for t in town]), amount
    yield "lagged label", np.roll(np.sort(amount), 1), np.sort(amount)
    yield "prediction of whole numbers", np.round(20 + 5 * signal), amount
    yield "prediction in halves", np.round(2 * (20 + 5 * signal)) / 2, amount
    yield "mean of the five nearest others", y[near.argsort(axis=1)[:, :5]].mean(axis=1), y
    yield "probability in tenths", np.round(1 / (1 + np.exp(-1.7 * signal)), 1), y


@pytest.mark.parametrize(("column", "label"), [pytest.param(c, y, id=name) for name, c, y in look_alikes()])
def test_look_alikes(column, label):
    frame = people(1000).drop(columns="paid").assign(m=column, y=label)
    findings = found_in(LeakingFeature(min_score=1.0, min_variance=1.0, sure_score=1.0), frame, target="y")
    assert [f.message for f in findings] == []
