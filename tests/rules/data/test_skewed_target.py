import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.label_traces import LabelShape
from treedebug.rules.data.skewed_target import SkewedTarget
from treedebug.testing import classes_of, data_sets, numbers_of, rule_test, table


def shaped(**fields):
    usual = {"median": 10.0, "low": 1.0, "high": 40.0, "zero_share": 0.0, "top_share": 0.001, "top": 45.0,
             "below_top": 44.0, "tail": 5.0, "is_positive": True}  # fmt: skip
    return data_sets(table(label=numbers_of(shape=LabelShape(**usual | fields))))


test_skewed_target = rule_test(
    SkewedTarget(),
    fires={
        "outliers": (shaped(n_outliers=3, outlier=9e6), {"n_rows": 3, "value": 9e6}),
        "a cap": (shaped(top_share=0.05, top=40.0), {"share": 0.05}),
        "zeros": (shaped(zero_share=0.4), {"share": 0.4}),
        "a heavy tail": (shaped(tail=30.0), {"tail": 30.0}),
    },
    silent={
        "as usual": shaped(),
        "so many that they are the tail": shaped(n_outliers=20, outlier=9e6),
        "a few zeros": shaped(zero_share=0.19),
        "zeros between negative amounts": shaped(zero_share=0.4, is_positive=False),
        "a few at the top": shaped(top_share=0.009, top=40.0),
    },
    skipped={"classes": data_sets(table(label=classes_of({0: 9, 1: 9}))), "no label": data_sets(table())},
)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("none", []), ("outliers", ["outliers"]), ("cap", ["cap"]), ("zeros", ["zeros"]), ("tail", ["tail"])],
)
def test_a_real_table(fault, expected):
    frame, rng = people(1500), np.random.default_rng(2)
    y = frame.age.to_numpy() * 3 + rng.normal(0, 5, 1500)
    y = {
        "none": y,
        "outliers": np.where(np.arange(1500) % 500 == 7, y * 1e5, y),
        "cap": np.minimum(y, np.quantile(y, 0.93)),
        "zeros": np.where(rng.random(1500) < 0.4, 0.0, np.abs(y)),
        "tail": rng.lognormal(3, 2.5, 1500),
    }[fault]
    found = found_in(SkewedTarget(), frame.assign(cost=y), target="cost")
    assert [f.subject for f in found if f.subject != "outliers" or fault == "outliers"] == expected


@pytest.mark.parametrize(("largest", "expected"), [(21, []), (100_000, ["outliers"])])
def test_rare_counts_scatter_by_their_root(largest, expected):
    frame, rng = people(1500), np.random.default_rng(3)
    y = rng.poisson(0.1, 1500)
    y[7] = largest
    found = found_in(SkewedTarget(), frame.assign(claims=y), target="claims")
    assert [f.subject for f in found if f.subject == "outliers"] == expected
