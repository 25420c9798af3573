import time

import pytest

from tests.curves_of import found
from tests.rules.system.trained import train
from treedebug.core.run.eval_log import Usage
from treedebug.rules.system.idle_cores import IdleCores
from treedebug.testing import ending, header, rounds, rule_test


def used(cpu, *, wall=1.0, n=60, n_cpus=8, **params):
    run = header(host={"n_cpus": n_cpus}, params=params)
    return ending(rounds(n, seconds=wall, usage=[Usage(cpu)] * n, run=run))


test_idle_cores = rule_test(
    IdleCores(),
    fires={
        "one of eight": (used(1.0), {"busy": 1.0, "n_cpus": 8}),
        "one thread allowed": (used(1.0, n_jobs=1), {"threads": 1}),
    },
    silent={
        "busy": used(7.0),
        "half": used(4.0),
        "one core": used(0.2, n_cpus=1),
        "short": used(1.0, n=25),
        "rounds too short to share": used(0.01, wall=0.01, n=4000),
    },
    skipped={
        "cores unknown": ending(rounds(60, usage=[Usage(1.0)] * 60)),
        "CPU time unknown": ending(rounds(60, run=header(host={"n_cpus": 8}))),
    },
)


def test_it_names_the_number_of_threads():
    assert str(found(used(1.0, n_jobs=1), IdleCores())[0].try_next[0]) == "n_jobs=8"
    assert found(used(1.0), IdleCores())[0].try_next == ()


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(library, sick):
    def work(_):
        until = time.process_time() + 0.02
        while time.process_time() < until:
            pass

    run = train(library, 12, before_round=(lambda _: time.sleep(0.1)) if sick else work)
    run.header.host["n_cpus"] = 2
    assert bool(found(run, IdleCores(min_seconds=0.1, min_round=0.01, max_busy=0.05))) is sick
