"""`treedebug summary`, and `treedebug check --jobs`."""

from __future__ import annotations

import json
import shutil

import pytest

import treedebug
from tests.properties.test_live_loaded_replayed import train_xgboost
from treedebug.cli import main
from treedebug.store.file_format import FILE_NAME


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    top = tmp_path_factory.mktemp("search")
    for n in range(8):
        callback = treedebug.XGBoostCallback(top / f"trial-{n}", quiet=True)
        train_xgboost(callback, 120 if n % 2 else 6, eta=0.9, max_depth=2 + 6 * (n % 2))
    return top


def test_what_many_runs_have_in_common(runs, capsys):
    assert main(["summary", str(runs)]) == 0
    out = capsys.readouterr().out
    assert "8 runs" in out
    assert "CV102 overtraining in 4 of 8 runs" in out
    assert "wasted: " in out
    assert "trial-0 " not in out
    assert "CV102: 4 of 4 runs with " in out


def test_as_json(runs, capsys):
    assert main(["summary", str(runs), "--output", "json", "--select", "CV102"]) == 0
    said = json.loads(capsys.readouterr().out)
    (found,) = said["findings"]
    assert (found["code"], len(found["sources"])) == ("CV102", 4)
    wasted = sum(
        run.n_rounds - 1 - int(run.metrics.query("dataset == 'valid'")["value"].to_numpy().argmin())
        for run in treedebug.runs(runs).values()
        if "CV102" in [f.code for f in run.findings]
    )
    assert said["effort"]["wasted_rounds"] == wasted > 0
    assert said["effort"]["rounds"] == sum(run.n_rounds for run in treedebug.runs(runs).values())


@pytest.mark.slow
def test_jobs_change_nothing(runs, capsys):
    said = []
    for jobs in ("1", "2"):
        assert main(["check", str(runs), "--output", "json", "--jobs", jobs]) == 1
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


@pytest.mark.slow
def test_jobs_and_a_run_that_cannot_be_read(tmp_path, capsys):
    for n in range(3):
        train_xgboost(treedebug.XGBoostCallback(tmp_path / str(n), quiet=True), 3)
    (tmp_path / "1" / "records.treedebug").write_bytes(b"something else entirely")
    assert main(["check", str(tmp_path), "--jobs", "2", "--fail-on", "never"]) == 2
    assert "is not a treedebug run" in capsys.readouterr().err


def test_jobs_are_one_or_more(runs, capsys):
    assert main(["check", str(runs), "--jobs", "0"]) == 2
    assert "jobs must be 1 or more" in capsys.readouterr().err


def test_no_runs(tmp_path, capsys):
    assert main(["summary", str(tmp_path / "none")]) == 2
    assert "no run" in capsys.readouterr().err


@pytest.mark.slow
def test_a_cluster_changes_nothing(runs, capsys, tmp_path):
    distributed = pytest.importorskip("distributed")
    runs = shutil.copytree(runs, tmp_path / "runs")
    assert main(["check", str(runs), "--output", "json"]) == 1
    here = json.loads(capsys.readouterr().out)
    (runs / "damaged").mkdir()
    (runs / "damaged" / FILE_NAME).write_bytes(b"no run")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert main(["check", str(runs), "--output", "json", "--dask", cluster.scheduler_address]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["reports"] == here["reports"]
    assert "damaged" in said.err


@pytest.mark.slow
def test_a_cluster_that_is_not_there(runs, capsys, monkeypatch):
    monkeypatch.setattr("treedebug.api.dask_pool._SECONDS", 1)
    assert main(["check", str(runs), "--dask", "tcp://127.0.0.1:1"]) == 2
    assert "no Dask scheduler answers at 'tcp://127.0.0.1:1'" in capsys.readouterr().err
