"""`treedebug.report`: pages of runs, models and tables, and one clear message where there can be none."""

import builtins
import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import treedebug
from tests.reports.html import pages_of
from treedebug.cli import main
from treedebug.core.errors import FormatError, MissingExtraError, RunNotFoundError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("runs")
    pages_of.binary(n_rounds=20, path=top / "a")
    return top


def text(path):
    return path.read_text(encoding="utf-8")


def test_a_run_by_its_path_and_by_itself(folder, tmp_path):
    run = treedebug.load(folder / "a")
    first = text(treedebug.report(folder / "a", tmp_path / "a.html"))
    assert text(run.report(tmp_path / "b.html")) == first
    assert run.findings[0].message in first.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")


def test_a_model_needs_no_training_data(folder, tmp_path):
    booster = treedebug.load(folder / "a").booster()
    booster.save_model(tmp_path / "model.ubj")
    page = text(treedebug.report(tmp_path / "model.ubj", tmp_path / "m.html"))
    assert "report of a saved model" in page
    assert "Importance of each kind" in page
    assert "report of a saved model" in text(treedebug.report(booster, tmp_path / "m2.html"))


def test_a_table_and_its_profile(tmp_path):
    table = pd.DataFrame({"a": np.arange(60.0), "b": [1.0] * 60, "y": [0, 1] * 30})
    table.to_csv(tmp_path / "t.csv", index=False)
    page = text(treedebug.report(tmp_path / "t.csv", tmp_path / "t.html", target="y"))
    assert "DA604" in page
    assert text(treedebug.report(treedebug.profile(table, target="y"), tmp_path / "p.html")).count("DA604") > 1


def test_a_run_without_rounds_a_damaged_one_and_one_that_still_trains(folder, tmp_path, capsys):
    record = (folder / "a" / "records.treedebug").read_bytes()
    for name, data in (("cut", record[: len(record) // 2]), ("flipped", record[:2000] + b"\0" * 40 + record[2040:])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "records.treedebug").write_bytes(data)
        assert text(treedebug.report(tmp_path / name, tmp_path / f"{name}.html"))
    assert "The record is damaged" in text(tmp_path / "flipped.html")
    empty = treedebug.Run(treedebug.RunData())
    assert "No round is recorded yet" in text(empty.report(tmp_path / "empty.html"))


def test_a_run_that_is_being_written_has_a_page(tmp_path):
    x = np.random.default_rng(0).normal(size=(60, 3))
    train = xgb.DMatrix(x, x[:, 0] > 0)
    made = {}

    class Look(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            if epoch == 30:
                made["page"] = text(callback.run.report(tmp_path / "page.html"))

    callback = treedebug.XGBoostCallback(tmp_path / "run", quiet=True)
    xgb.train(
        {"nthread": 1}, train, 31, evals=[(train, "train")], callbacks=[callback, Look()], verbose_eval=False
    )  # fmt: skip
    assert re.search(r"<p class=\"facts\">.*running", made["page"])
    assert "Learning curves" in made["page"]


def test_a_newer_format_a_missing_run_and_a_folder_of_runs(folder, tmp_path):
    record = (folder / "a" / "records.treedebug").read_bytes()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "records.treedebug").write_bytes(record[:8] + b"\x09\0\0\0" + record[12:])
    with pytest.raises(FormatError, match="newer"):
        treedebug.report(tmp_path / "new", tmp_path / "x.html")
    with pytest.raises(RunNotFoundError, match="no run, saved model or table"):
        treedebug.report(tmp_path / "nothing", tmp_path / "x.html")
    with pytest.raises(RunNotFoundError, match="below it"):
        treedebug.report(folder, tmp_path / "x.html")
    shutil.copytree(folder / "a", tmp_path / "several" / "a")
    shutil.copytree(folder / "a", tmp_path / "several" / "b")
    said = re.escape(f"treedebug compare {tmp_path / 'several'} --html {tmp_path / 'x.html'}")
    with pytest.raises(RunNotFoundError, match=f"holds 2 runs.*{said}"):
        treedebug.report(tmp_path / "several", tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()


def test_without_jinja_the_extra_is_named(folder, tmp_path, monkeypatch):
    real = builtins.__import__
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'treedebug\[report\]'"):
        treedebug.report(folder / "a", tmp_path / "x.html")
    assert builtins.__import__ is real


def test_the_command(folder, tmp_path, capsys):
    target = tmp_path / "a.html"
    assert main(["report", str(folder / "a"), "-o", str(target)]) == 0
    assert capsys.readouterr().out.strip() == str(target)
    target.write_text("mine", encoding="utf-8")
    assert main(["report", str(folder / "a"), "-o", str(target)]) == 2
    assert "is no report of treedebug" in capsys.readouterr().err
    assert main(["report", str(folder / "a"), "-o", str(target), "--force"]) == 0
    assert main(["compare", str(folder / "a"), str(folder / "a"), "--html", str(tmp_path / "c.html")]) == 0
    assert main(["export", str(folder / "a"), "--to", "csv", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "metrics.csv").exists()


def test_a_pipeline_s_model(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3))
    model = xgb.XGBRegressor(n_estimators=5, n_jobs=1).fit(x, x[:, 0])
    assert "report of a saved model" in text(treedebug.report(model, tmp_path / "m.html"))
