import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_xgboost, smooth
from treedebug.core.findings import Severity
from treedebug.rules.params.vanishing_hessian import VanishingHessian
from treedebug.testing import grown, header, leaf, rule_test, trees


def own(tree, objective="custom", n_rows=1000, **params):
    data = {"train": {"n_rows": n_rows, "is_training": True, "label": {"kind": "numbers"}}}
    params = {"objective": objective, "reg_lambda": 1.0, "min_child_weight": 1.0, **params}
    library = params.pop("library", "xgboost")
    return trees([tree] * 5, run=header(objective=objective, data=data, params=params, library=library))


test_vanishing_hessian = rule_test(
    VanishingHessian(),
    fires={
        "divided by the rows": (own(leaf(hessian=2.0)), {"hessian": 0.002}),
        "none at all": own(leaf(hessian=0.0)),
        "LightGBM, which keeps no hessian of a root": own(leaf(hessian=float("nan")), library="lightgbm"),
        "drawn rows": own(leaf(hessian=2.0), subsample=0.5),
    },
    silent={
        "LightGBM, and a tree has split": own(grown(1, hessian=500), library="lightgbm"),
        "a hessian of 1 a row": own(grown(1, hessian=500)),
        "just over a hundredth": own(leaf(hessian=10.1)),
        "penalties of the same scale": own(leaf(hessian=2.0), reg_lambda=0.001, min_child_weight=0.001),
        "no root has one": own(leaf(hessian=float("nan"))),
    },
    skipped={
        "the library's objective": own(leaf(hessian=2.0), "reg:squarederror"),
        "nothing known": header(),
    },
)


@pytest.mark.parametrize(("hessian", "severity"), [(1.0, None), (1.0 / 600, Severity.WARNING), (0.0, Severity.ERROR)])
def test_a_real_booster(hessian, severity):
    x, y = smooth()
    run = record_xgboost(
        {}, xgb.DMatrix(x, y), obj=lambda p, d: ((p - d.get_label()) * hessian, np.full(p.size, hessian))
    )
    assert [f.severity for f in found(run, VanishingHessian())] == ([] if severity is None else [severity])
