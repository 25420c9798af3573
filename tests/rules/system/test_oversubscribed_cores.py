import os

import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_xgboost, smooth
from treedebug.rules.system.oversubscribed_cores import OversubscribedCores
from treedebug.testing import header, rule_test


def threads(n, cores=4, *, name="nthread", library="xgboost"):
    return header(library=library, host={"n_cpus": cores}, params_given={name: n}, params={"objective": "x"})


test_oversubscribed_cores = rule_test(
    OversubscribedCores(),
    fires={
        "four times as many": (threads(16), {"threads": 16, "n_cpus": 4}),
        "half as many again": threads(6),
        "LightGBM's name": threads(16, name="num_threads", library="lightgbm"),
        "the wrapper's": threads(16, name="n_jobs"),
    },
    silent={
        "as many": threads(4),
        "one more": threads(5),
        "all there are": threads(-1),
        "not said": threads(16, name="max_depth"),
    },
    skipped={"cores unknown": header(params_given={"nthread": 16}), "nothing known": header()},
)


@pytest.mark.parametrize("times", [1, 4])
def test_a_real_booster(times):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    x, y = smooth(200)
    run = record_xgboost({"nthread": times * cores}, xgb.DMatrix(x, y), n_rounds=2)
    assert bool(found(run, OversubscribedCores())) is (times > 1)
