import lightgbm as lgb
import numpy as np
import pytest

from tests.boosters import noisy_classes
from tests.curves_of import fall, found
from tests.recorded import record_lightgbm
from treedebug.rules.params.unlinked_scores import UnlinkedScores
from treedebug.testing import curves, header, rule_test


def own(metric="auc", *, objective="custom", library="lightgbm", weight=None, **told):
    gradient = {"n_rounds": 5, "largest": 0.9, "n_not_finite": 0.0, "two_labels": 1.0} | told
    train = {"n_rows": 400, "is_training": True} | ({} if weight is None else {"mean_weight": weight})
    data = {"train": train, "valid": {"n_rows": 200, "is_training": False}}
    return curves(
        valid=fall(9), metric=metric, library=library, objective=objective, params={"objective": objective}, data=data,
        extra={"gradient": gradient},
    )  # fmt: skip


test_unlinked_scores = rule_test(
    UnlinkedScores(),
    fires={
        "a gradient of a million": (own(largest=1e6), {"largest": 1e6}),
        "a thousand": own(largest=1000.0),
        "no number": own(n_not_finite=3.0),
        "a log loss of raw scores": (own("binary_logloss"), {"metrics": ["binary_logloss"]}),
        "the shares of raw scores": own("multi_logloss"),
    },
    silent={
        "just under a thousand": own(largest=999.0),
        "labels of an amount": own("l2", largest=1e6, two_labels=0.0),
        "rows have weights": own(largest=1e6, weight=50.0),
        "a metric that only orders": own("auc"),
        "the library's objective": own("binary_logloss", objective="binary"),
        "XGBoost": own("binary_logloss", library="xgboost"),
    },
    skipped={"nothing known": header()},
)


@pytest.mark.parametrize("links", [True, False])
def test_a_real_booster(links):
    x, y = noisy_classes(400)

    def loss(scores, data):
        label = data.get_label()
        p = 1 / (1 + np.exp(-scores)) if links else np.clip(scores, 1e-6, 1 - 1e-6)
        return (p - label) / (1.0 if links else p * (1 - p)), np.ones(len(label))

    sets = [lgb.Dataset(x[300:], y[300:])]
    run = record_lightgbm({"objective": loss, "metric": "auc"}, lgb.Dataset(x[:300], y[:300]), sets)
    assert [f.subject for f in found(run, UnlinkedScores())] == ([] if links else ["gradient"])
