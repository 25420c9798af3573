"""Runs in the forms of other tools, read back by their own readers."""

import json

import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.reports.html import pages_of
from treedebug.core.errors import ConfigError, RunExistsError, StoreError

READ = {"parquet": pd.read_parquet, "csv": pd.read_csv, "json": pd.read_json}


@pytest.fixture(scope="module")
def run():
    return pages_of.binary(n_rounds=25, name="first/try", tags=["a"])


@pytest.mark.parametrize("to", list(READ))
def test_frames_read_back_the_same(run, tmp_path, to):
    out = treedebug.export(run, to, tmp_path / "out")
    metrics = READ[to](out / f"metrics.{to}")
    assert list(metrics.columns) == list(run.metrics.columns)
    assert np.allclose(metrics["value"], run.metrics["value"])
    findings = READ[to](out / f"findings.{to}")
    assert list(findings["code"]) == [f.code for f in run.findings]
    assert len(READ[to](out / f"trees.{to}")) == 25
    about = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert about["header"]["name"] == "first/try"
    assert "made by treedebug" in (out / "report.html").read_text(encoding="utf-8")


def test_tensorboard_reads_the_metrics_by_round(run, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    read = accumulator.EventAccumulator(str(treedebug.export(run, "tensorboard", tmp_path / "out")))
    read.Reload()
    known = run.metrics.query("dataset == 'valid'")
    found = read.Scalars("valid/logloss")
    assert [e.step for e in found] == known["round_index"].tolist()
    assert np.allclose([e.value for e in found], known["value"], rtol=1e-6)
    texts = {tag for tag in read.Tags()["tensors"] if tag.startswith("findings/")}
    assert len(texts) == len(run.findings)


@pytest.mark.filterwarnings("ignore")
def test_mlflow_reads_metrics_parameters_tags_and_the_report(run, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("alembic")
    out = treedebug.export(run, "mlflow", tmp_path / "out")
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{out / 'mlflow.db'}")
    (logged,) = client.search_runs([e.experiment_id for e in client.search_experiments()])
    history = client.get_metric_history(logged.info.run_id, "valid/logloss")
    known = run.metrics.query("dataset == 'valid'")
    assert sorted((m.step, m.value) for m in history) == list(zip(known["round_index"], known["value"], strict=True))
    assert logged.info.status == "FINISHED"
    assert logged.data.params["max_depth"] == "4"
    for finding in run.findings:
        assert any(finding.message[:5000] == value for value in logged.data.tags.values())
    assert [a.path for a in client.list_artifacts(logged.info.run_id)] == ["report.html"]


def test_a_folder_that_holds_something_is_left_alone(run, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunExistsError, match="holds something"):
        treedebug.export(run, "csv", tmp_path)
    assert treedebug.export(run, "csv", tmp_path, force=True) == tmp_path
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_exported_is_one_error(run, tmp_path):
    with pytest.raises(ConfigError, match=r"Did you mean 'parquet'\?"):
        treedebug.export(run, "parket", tmp_path / "out")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        treedebug.export(run, "csv", tmp_path / "file" / "out")
    with pytest.raises(treedebug.RunNotFoundError):
        treedebug.export(tmp_path / "nothing", "csv", tmp_path / "out")
