import time

import pytest

from tests.curves_of import found
from tests.rules.system.trained import train
from treedebug.core.findings import Severity
from treedebug.core.run.eval_log import Usage
from treedebug.rules.system.costly_evaluation import CostlyEvaluation
from treedebug.testing import curves, ending, header, rounds, rule_test

NAN = float("nan")


def spent(evaluation, *, wall=0.1, n=41):
    return ending(rounds(n, seconds=wall, usage=[Usage(NAN, NAN, evaluation)] * n))


test_costly_evaluation = rule_test(
    CostlyEvaluation(),
    fires={
        "most of the time": (spent(0.09), {"share": 0.9, "seconds": 4.0}),
        "more than half": spent(0.06),
    },
    silent={
        "a tenth": spent(0.01),
        "under half": spent(0.049),
        "not half a second in all": spent(0.009, wall=0.01),
    },
    skipped={"not recorded": curves(valid=[0.5] * 60), "nothing yet": header()},
)


def test_it_matters_if_most_of_the_time_is_lost():
    assert found(spent(0.09), CostlyEvaluation())[0].severity is Severity.WARNING
    assert found(spent(0.055), CostlyEvaluation())[0].severity is Severity.INFO
    assert found(spent(60.0, wall=100.0), CostlyEvaluation())[0].severity is Severity.WARNING


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(library, sick):
    run = train(library, 10, metric=lambda: time.sleep(0.02 * sick), before_round=lambda _: time.sleep(0.003))
    assert bool(found(run, CostlyEvaluation(min_seconds=0.05))) is sick
