import pytest

from treedebug.core.run.rate_log import RateLog, RateReason
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.rate_records import apply_rates, encode_rates


def log_of(*rounds):
    log = RateLog()
    for at in rounds:
        log.append(RateReason(at, 0.1, f"in round {at}"))
    return log


def test_a_log_is_cut_at_a_round():
    log = log_of(0, 3, 3, 7)
    assert [r.round_index for r in log.until(4)] == [0, 3, 3]
    assert (len(log.until(3)), len(log.until(0)), len(log)) == (1, 0, 4)
    log.truncate(3)
    assert [r.round_index for r in log] == [0]


def test_changes_come_in_order():
    with pytest.raises(ValueError, match="comes after"):
        log_of(3, 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"changes": [[5, 0.1, "a"], [4, 0.1, "b"]]},
        {"changes": [[5, float("nan"), "a"]]},
        {"changes": [[5, "x", "a"]]},
        {"changes": [[1]]},
        {"changes": [], "facts": [1]},
        {},
    ],
)
def test_a_malformed_record_changes_nothing(fields):
    run = RunData()
    apply_rates(run, encode_rates([RateReason(2, 0.3, "first")], {"schedule": "Linear"}))
    with pytest.raises((KeyError, TypeError, ValueError)):
        apply_rates(run, Record("rates", fields))
    log = run.stream(RateLog)
    assert (log.facts, [r.why for r in log]) == ({"schedule": "Linear"}, ["first"])
