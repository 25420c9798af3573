"""A run that is recorded to a URL: it arrives whole, whatever the storage does, and no round waits for it."""

from __future__ import annotations

import threading
import time

import pytest

import treedebug
from tests.properties.seismograph import as_text
from tests.properties.test_live_loaded_replayed import train_lightgbm, train_xgboost
from tests.store.remote import storage
from treedebug.cli import main
from treedebug.core.errors import ConfigError, MissingExtraError, RunExistsError
from treedebug.engine.config import Config
from treedebug.store.remote import shipment, shipper
from treedebug.store.remote.mirror import Mirror
from treedebug.store.remote.remote_place import RemotePlace, checked_url
from treedebug.store.remote.spool import spooled_runs
from treedebug.store.stop_file import STOP_NAME


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    monkeypatch.setenv("TREEDEBUG_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setattr(shipper, "SECONDS_BETWEEN", 0.05)
    monkeypatch.setattr(shipper, "LAST_WAIT", 20.0)
    storage.FAULTS.clear()
    storage.CALLS.clear()
    storage.FaultyFileSystem.store.clear()
    storage.FaultyFileSystem.pseudo_dirs[:] = [""]
    yield
    storage.FAULTS.clear()
    for thread in threading.enumerate():  # one that a test left behind would write into the next test's storage
        if thread.name == "treedebug-shipper":
            thread.join(30)


def objects():
    return sorted(storage.FaultyFileSystem.store)


def record(url, n_rounds=33, **kwargs):
    callback = treedebug.XGBoostCallback(url, config=Config(), quiet=True, **kwargs)
    return callback, train_xgboost(callback, n_rounds)


def test_the_run_arrives_whole_and_is_the_run(tmp_path):
    callback, booster = record("faulty://bucket/runs/churn")
    assert objects() == ["/bucket/runs/churn/records.treedebug"]
    local, run = callback.run, treedebug.load("faulty://bucket/runs/churn")
    assert as_text(run.findings) == as_text(local.findings)
    assert run.metrics.equals(local.metrics)
    assert run.booster().save_raw("ubj") == booster.save_raw("ubj")
    (report,) = [treedebug.check("faulty://bucket/runs/churn", config=Config())]
    assert (report.kind, report.source) == ("run", "faulty://bucket/runs/churn")


def test_both_libraries_folders_and_commands(capsys):
    record("faulty://bucket/runs/a")
    train_lightgbm(treedebug.LightGBMCallback("faulty://bucket/runs/b", config=Config(), quiet=True))
    assert sorted(treedebug.runs("faulty://bucket/runs")) == ["a", "b"]
    assert main(["check", "faulty://bucket/runs", "--fail-on", "never"]) == 0
    assert "2 runs" in capsys.readouterr().out
    assert main(["compare", "faulty://bucket/runs/a", "faulty://bucket/runs/b"]) == 0
    assert main(["watch", "faulty://bucket/runs", "--once", "--fail-on", "never"]) == 0
    assert "a: finished" in capsys.readouterr().out


def test_the_same_place_twice_is_numbered_or_refused():
    record("faulty://bucket/run", 4)
    record("faulty://bucket/run", 5)
    assert treedebug.load("faulty://bucket/run").n_rounds == 4
    assert treedebug.load("faulty://bucket/run-2").n_rounds == 5
    with pytest.raises(RunExistsError, match="already holds a run, or another training"):
        treedebug.XGBoostCallback("faulty://bucket/run", exists="error")


def test_a_second_writer_never_gets_the_same_place():
    place = RemotePlace("faulty://bucket/run")
    assert place.create("records.treedebug.writer", b'{"writer": "another"}')
    with pytest.raises(RunExistsError):
        treedebug.XGBoostCallback("faulty://bucket/run", exists="error")
    record("faulty://bucket/run", 4)
    assert "/bucket/run-2/records.treedebug" in objects()
    assert "/bucket/run/records.treedebug" not in objects()


def test_claims_of_many_writers_differ():
    places, lock = [], threading.Lock()

    def claim(n, folder):
        one = shipment.Shipment(folder, "faulty://bucket/many")
        one.claim()
        with lock:
            places.append(one.place.url)

    from treedebug.store.remote.spool import new_spool

    threads = [threading.Thread(target=claim, args=(n, new_spool("faulty://x/y"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 8


def test_a_reader_sees_a_prefix_at_any_moment():
    seen, mirror, stop = [], Mirror("faulty://bucket/run"), threading.Event()

    def read():
        while not stop.is_set():
            mirror.refresh()
            if (mirror.path / "records.treedebug").exists():
                run = treedebug.load(mirror.path)
                assert run.data.damage == ()
                seen.append(run.n_rounds)
            time.sleep(0.01)

    thread = threading.Thread(target=read)
    thread.start()
    callback = treedebug.XGBoostCallback("faulty://bucket/run", config=Config(), quiet=True, classes_every=1)
    train_xgboost(callback, 400)
    stop.set()
    thread.join()
    mirror.refresh()
    assert treedebug.load(mirror.path).n_rounds == 400
    assert seen == sorted(seen)


@pytest.mark.parametrize("fault", [OSError("no route to host"), PermissionError("Access Denied"), RuntimeError("odd")])
def test_a_storage_that_is_down_costs_no_round_and_is_synced_later(fault, capsys, monkeypatch):
    monkeypatch.setattr(shipper, "LAST_WAIT", 0.2)
    storage.FAULTS["all"] = fault
    callback = treedebug.XGBoostCallback("faulty://bucket/run", config=Config())
    train_xgboost(callback, 33)
    said = capsys.readouterr().err
    assert said.count("`treedebug sync` brings it there") == 1
    assert str(fault) in said
    assert callback.run.n_rounds == 33
    assert objects() == []
    storage.FAULTS.clear()
    assert main(["sync"]) == 0
    assert "bytes are there" in capsys.readouterr().out
    assert treedebug.load("faulty://bucket/run").n_rounds == 33
    assert list(spooled_runs(callback._setup.base)) == []
    assert main(["sync"]) == 0
    assert "nothing is spooled" in capsys.readouterr().out


def test_a_storage_that_fails_now_and_then_gets_everything():
    count = [0]

    def sometimes():
        count[0] += 1
        if count[0] % 3:
            raise OSError("SlowDown")

    storage.FAULTS["write"] = sometimes
    record("faulty://bucket/run", 60)
    assert objects() == ["/bucket/run/records.treedebug"]
    assert treedebug.load("faulty://bucket/run").n_rounds == 60


def test_a_write_that_arrived_without_being_confirmed_is_not_doubled():
    done = []

    class Odd(shipment.RemotePlace):
        def write(self, name, data):
            super().write(name, data)
            if len(done) < 3:
                done.append(name)
                raise shipment.StoreError("the answer was lost")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipment, "RemotePlace", Odd)
        record("faulty://bucket/run", 33)
    assert len(set(done)) == 1
    assert treedebug.load("faulty://bucket/run").n_rounds == 33


def test_no_round_waits_for_the_storage():
    """All that reaches the storage while it trains is done by the thread that ships."""
    storage.FAULTS["write"] = lambda: time.sleep(0.3)
    record("faulty://bucket/run", 120)
    assert {thread for _, _, thread in storage.CALLS} == {"treedebug-shipper"}


def test_a_request_to_stop_comes_through_the_storage():
    place = RemotePlace("faulty://bucket/run")
    callback = treedebug.XGBoostCallback("faulty://bucket/run", config=Config(), quiet=True)

    class Asks(treedebug.Rule):
        """Waits for the run to be there, then asks."""

        code = "MY001"
        name = "asks"

        def check(self, view: treedebug.RunView):
            if view.n_rounds == 10:
                until = time.monotonic() + 10
                while "records.treedebug.writer" not in place.sizes() and time.monotonic() < until:
                    time.sleep(0.02)
                run_id = view.header.run_id
                place.write(STOP_NAME, f'{{"run_id": "{run_id}", "best_round": 3, "reason": "far away"}}'.encode())
                while STOP_NAME in place.sizes() and time.monotonic() < until:
                    time.sleep(0.02)
            return iter(())

    callback = treedebug.XGBoostCallback("faulty://bucket/run", config=Config(), quiet=True, rules=[Asks])
    train_xgboost(callback, 120)
    run = treedebug.load("faulty://bucket/run")
    assert (run.state, run.best_round, run.data.ending["reason"]) == ("stopped", 3, "far away")


def test_a_run_that_took_the_place_of_another_is_read_anew():
    record("faulty://bucket/run", 60)
    assert treedebug.load("faulty://bucket/run").n_rounds == 60
    storage.FaultyFileSystem.store.clear()
    record("faulty://bucket/run", 5)
    assert treedebug.load("faulty://bucket/run").n_rounds == 5


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nosuch://bucket/run", "fsspec knows no storage 'nosuch'"),
        ("sftp://user:pa55word@host/run", "must hold no password"),
        ("s3://", "names no folder"),
        ("s3://bucket/run?versionId=3", "cannot be recorded to"),
    ],
)
def test_urls_it_does_not_take(url, says):
    with pytest.raises((ConfigError, MissingExtraError)) as error:
        treedebug.XGBoostCallback(url)
    assert says in str(error.value)
    assert "pa55word" not in str(error.value)


def test_a_missing_package_names_the_extra():
    with pytest.raises(MissingExtraError, match="gs"):
        checked_url("gs://bucket/run")


def test_resuming_far_away_is_refused():
    with pytest.raises(ConfigError, match="cannot be gone on with"):
        treedebug.XGBoostCallback("faulty://bucket/run", resume=True)
