import os
import time

import pytest

import treedebug
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.core.run.run_data import Header, Pulse
from treedebug.engine.config import Config
from treedebug.rules.system.stalled_training import StalledTraining
from treedebug.store.disk_store import DiskSink
from treedebug.store.run_records import RoundRow, encode_end, encode_header, encode_rounds
from treedebug.testing import curves, ending, rounds, rule_test


def idle(seconds, process="", *, slowest=0.1):
    run = ending(rounds(20, seconds=slowest), ended=False)
    run.add_stream(Pulse, Pulse(seconds, process))
    return run


test_stalled_training = rule_test(
    StalledTraining(),
    fires={
        "silent for an hour": (idle(3600.0), {"idle_seconds": 3600.0}),
        "the process is gone": (idle(120.0, "gone"), {"process": "gone"}),
        "long rounds, and ten of them": idle(601.0, slowest=60.0),
    },
    silent={
        "a moment ago": idle(1.0, "alive"),
        "under a minute": idle(59.0, "gone"),
        "its rounds are long": idle(599.0, slowest=60.0),
    },
    skipped={"nobody looked at the files": curves(valid=[0.5] * 20, ended=False)},
)


def test_a_process_that_is_gone_is_an_error():
    assert found(idle(120.0, "gone"), StalledTraining())[0].severity is Severity.ERROR
    assert found(idle(120.0, "alive"), StalledTraining())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("ended", "age", "sick"), [(False, 3600, True), (False, 5, False), (True, 3600, False)])
def test_a_real_folder(tmp_path, ended, age, sick):
    sink = DiskSink(tmp_path / "run")
    sink.append([encode_header(Header(library="xgboost", host={"pid": os.getpid()}))])
    sink.append(encode_rounds([RoundRow(k, 0.1, 0.1, k + 1) for k in range(20)]))
    if ended:
        sink.append([encode_end(state="finished", best_round=None, reason="", n_rounds=20)])
    sink.close()
    then = time.time() - age
    for file in (tmp_path / "run").iterdir():
        os.utime(file, (then, then))
    report = treedebug.check(tmp_path / "run", config=Config(select=("SY805",)))
    assert [f.code for f in report.findings] == ["SY805"] * sick
