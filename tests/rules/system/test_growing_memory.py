from types import SimpleNamespace

import numpy as np
import pytest

from tests.curves_of import found
from tests.rules.system.trained import train
from treedebug.core.run import machine_usage
from treedebug.core.run.eval_log import Usage
from treedebug.rules.system.growing_memory import GrowingMemory
from treedebug.testing import ending, header, rounds, rule_test

MIB = 2**20


def peaks(values, **fields):
    used = [Usage(0.1, v * MIB) for v in values]
    return ending(rounds(len(used), usage=used, run=header(**fields)))


GROWING = np.linspace(500, 2000, 61)

test_growing_memory = rule_test(
    GrowingMemory(),
    fires={
        "steadily": (peaks(GROWING), {"start": 875.0, "end": 2000.0, "a_round": 25.0}),
        "far from its end": peaks(GROWING, planned_rounds=1000),
    },
    silent={
        "even": peaks([500.0] * 61),
        "at the start only": peaks(np.minimum(GROWING, 875)),
        "one jump": peaks(np.where(np.arange(61) < 30, 500, 1500)),
        "a little": peaks(np.linspace(5000, 5300, 61)),
        "small": peaks(np.linspace(100, 300, 61)),
        "nineteen rounds": peaks(GROWING[:19]),
    },
    skipped={"not recorded": ending(rounds(60))},
)


def test_it_looks_ahead():
    message = found(peaks(GROWING, planned_rounds=100), GrowingMemory())[0].message
    assert "at the planned end it will be 2975 MiB" in message


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(library, sick, monkeypatch):
    """The counter is a stand-in: the peak of a process does not fall again, so tests would hinder each other."""
    asked = []

    class Counter:
        RUSAGE_SELF = 0

        @staticmethod
        def getrusage(_):
            asked.append(1)
            grown = 32 * len(asked) if sick else 0
            return SimpleNamespace(ru_utime=0.0, ru_stime=0.0, ru_maxrss=1024 * (500 + grown))

    monkeypatch.setattr(machine_usage, "resource", Counter)
    monkeypatch.setattr(machine_usage, "_UNIT", 1024)
    assert bool(found(train(library, 30), GrowingMemory())) is sick
