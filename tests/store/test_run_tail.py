"""RunTail: what comes is read once, and a run that is replaced is read anew."""

from __future__ import annotations

import shutil

import treedebug
from tests.properties.test_live_loaded_replayed import train_xgboost
from treedebug.core.run.records import Record
from treedebug.readers.library_readers import read_batch
from treedebug.store.disk_store import DiskSink, DiskSource
from treedebug.store.memory_store import MemorySink
from treedebug.store.run_tail import RunTail


def test_nothing_new_is_nothing_read(tmp_path):
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "run", quiet=True), 12)
    tail = RunTail(DiskSource(tmp_path / "run"), read_batch)
    assert tail.advance()
    assert not tail.advance()
    assert (tail.run.n_rounds, tail.run.summary.n_rounds) == (12, 12)
    assert tail.run.findings == []
    assert [f.key for f in tail.recorded.findings] == [f.key for f in treedebug.load(tmp_path / "run").findings]


def test_a_run_that_was_started_anew(tmp_path):
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "run", quiet=True), 60)
    tail = RunTail(DiskSource(tmp_path / "run"), read_batch)
    tail.advance()
    shutil.rmtree(tmp_path / "run")
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "run", quiet=True), 4)
    assert tail.advance()
    assert (tail.restarts, tail.run.n_rounds) == (1, 4)


def test_a_malformed_record_is_a_note():
    sink = MemorySink()
    sink.append([Record("rounds", {"start": "x"}), Record("finding", {"code": 5}), Record("strange", {})])
    tail = RunTail(sink, read_batch)
    assert tail.advance()
    assert [n.is_damage for n in tail.run.notes] == [True, True]


def test_half_an_append_waits(tmp_path):
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "run", quiet=True), 12)
    file = tmp_path / "run" / "records.treedebug"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    tail = RunTail(DiskSource(tmp_path / "run"), read_batch)
    tail.advance()
    assert not tail.run.ended
    file.write_bytes(whole)
    tail.advance()
    assert (tail.run.n_rounds, tail.run.ended, tail.restarts) == (12, True, 0)
    DiskSink(tmp_path / "run", resume=True).close()
