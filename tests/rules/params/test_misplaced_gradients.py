import lightgbm as lgb
import numpy as np
import pytest

from tests.curves_of import found
from tests.recorded import record_lightgbm
from treedebug.rules.params.misplaced_gradients import MisplacedGradients
from treedebug.testing import header, rule_test


def placed(read, by_rows):
    gradient = {"n_rounds": 5, "largest": 1.0, "well_placed": read, "well_placed_by_rows": by_rows}
    return header(library="lightgbm", objective="custom", extra={"gradient": gradient})


test_misplaced_gradients = rule_test(
    MisplacedGradients(),
    fires={"a third as they are read": (placed(0.33, 1.0), {"well_placed": 0.33}), "nine in ten": placed(0.9, 0.95)},
    silent={
        "as they are read": placed(1.0, 0.33),
        "either way": placed(1.0, 1.0),
        "neither way": placed(0.33, 0.94),
        "two classes": header(library="lightgbm", objective="custom", extra={"gradient": {"n_rounds": 5}}),
    },
    skipped={"no own objective": header(library="lightgbm", objective="binary"), "nothing known": header()},
)


@pytest.mark.parametrize("how", ["rows", "columns", "table"])
def test_a_real_booster(how):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4))
    y = np.argmax(x[:, :3], axis=1)

    def softmax(scores, data):
        e = np.exp(scores)
        p = e / e.sum(axis=1, keepdims=True)
        g, h = p - np.eye(3)[data.get_label().astype(int)], 2 * p * (1 - p)
        order = {"rows": "C", "columns": "F"}.get(how)
        return (g.ravel(order), h.ravel(order)) if order else (g, h)

    run = record_lightgbm({"objective": softmax, "num_class": 3, "metric": "multi_error"}, lgb.Dataset(x, y))
    assert len(found(run, MisplacedGradients())) == (how == "rows")
