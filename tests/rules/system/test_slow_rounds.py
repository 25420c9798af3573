import time

import pytest

from tests.curves_of import found
from tests.rules.system.trained import train
from treedebug.core.findings import Severity
from treedebug.core.run.eval_log import Usage
from treedebug.rules.system.slow_rounds import SlowRounds
from treedebug.testing import ending, header, rounds, rule_test

USUAL = [0.1] * 60


def timed(seconds):
    return ending(rounds(len(seconds), seconds=seconds))


def with_slow(value, at=(30, 40)):
    return [value if k in at else s for k, s in enumerate(USUAL)]


test_slow_rounds = rule_test(
    SlowRounds(),
    fires={
        "two rounds hang": (timed(with_slow(3.0)), {"n_slow": 2, "slowest_round": 30}),
        "rounds grow": (timed([0.05 * (k + 1) for k in range(60)]), {"first": 0.2}),
    },
    silent={
        "even": timed(USUAL),
        "only the first, which prepares": timed([9.0, *USUAL]),
        "no time to speak of": timed([s / 100 for s in with_slow(3.0)]),
        "a tenth of the time, not more": timed(with_slow(0.35)),
        "uneven by nature": timed([0.1, 0.5] * 30),
        "a little slower at the end": timed([0.1 + 0.003 * k for k in range(60)]),
        "twenty rounds": timed(with_slow(3.0, at=(10, 15))[:20]),
    },
    skipped={"a saved model": ending(rounds(60, seconds=float("nan"))), "nothing yet": header()},
)


def test_it_is_only_worth_knowing_unless_much_is_lost():
    assert found(timed(with_slow(3.0)), SlowRounds())[0].severity is Severity.INFO
    assert found(timed(with_slow(30.0)), SlowRounds())[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("cpu", "severity", "words"),
    [(30.0, Severity.WARNING, "which callback works"), (0.1, Severity.INFO, "the process waited")],
)
def test_rounds_in_which_the_process_waits_are_no_fault_of_the_training(cpu, severity, words):
    seconds = with_slow(30.0)
    usage = [Usage(cpu if s > 1 else 0.1) for s in seconds]
    finding = found(ending(rounds(60, seconds=seconds, usage=usage)), SlowRounds())[0]
    assert (finding.severity, words in finding.message) == (severity, True)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(library, sick):
    run = train(library, 40, before_round=lambda k: time.sleep(0.3 if sick and k == 20 else 0.002))
    assert bool(found(run, SlowRounds(min_seconds=0.2))) is sick
