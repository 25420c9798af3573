import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.api import run_folder
from treedebug.store.file_format import FILE_NAME


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two runs of different depth, and a file that is no record."""
    top = tmp_path_factory.mktemp("search")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = (X[:, 0] + rng.normal(size=200) > 0).astype(int)
    train, valid = xgb.DMatrix(X[:100], y[:100]), xgb.DMatrix(X[100:], y[100:])
    for depth in (2, 3):
        xgb.train(
            {"objective": "binary:logistic", "max_depth": depth, "nthread": 1}, train, 5, evals=[(valid, "valid")],
            callbacks=[treedebug.XGBoostCallback(top / f"depth-{depth}", quiet=True)], verbose_eval=False,
        )  # fmt: skip
    return top


def test_runs_are_read_when_they_are_asked_for(folder, monkeypatch):
    read = []
    load = run_folder.load
    monkeypatch.setattr(run_folder, "load", lambda path: read.append(path) or load(path))
    runs = treedebug.runs(folder)
    assert list(runs) == ["depth-2", "depth-3"]
    assert len(runs) == 2
    assert read == []
    assert runs["depth-3"].params["max_depth"] == 3
    assert runs["depth-3"] is runs["depth-3"]
    assert len(read) == 1
    with pytest.raises(KeyError):
        runs["depth-4"]


def test_the_frame_has_a_row_a_run(folder):
    frame = treedebug.runs(folder).frame
    assert list(frame.index) == ["depth-2", "depth-3"]
    assert list(frame["params.max_depth"]) == [2, 3]
    for place, run in treedebug.runs(folder).items():
        values = run.metrics.query("dataset == 'valid'")["value"]
        assert frame.loc[place, "best"] == values.min()
        assert frame.loc[place, "best_round"] == values.argmin()
        assert frame.loc[place, "last"] == values.iloc[-1]
        assert frame.loc[place, "n_rounds"] == 5
    assert set(frame["state"]) == {"finished"}


def test_a_run_that_cannot_be_read_is_a_row_too(folder, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / FILE_NAME).write_bytes(b"not a record at all, and long enough to be one")
    frame = treedebug.runs(tmp_path).frame
    assert frame.loc["bad", "state"].startswith("unreadable: ")


def test_it_shows_itself(folder):
    shown = repr(treedebug.runs(folder))
    assert shown.startswith("<2 runs below ")
    assert "  depth-2" in shown.splitlines()


def test_findings_show_themselves_a_line_each(folder):
    run = treedebug.runs(folder)["depth-2"]
    assert repr(run.findings) in ("no findings", "\n".join(map(str, run.findings)))
    finding = treedebug.Finding(
        code="CV102", name="overtraining", severity=treedebug.Severity.WARNING, message="worse since", subject="valid"
    )
    assert str(finding) == "warning CV102 overtraining (valid): worse since"


def test_a_comparison_is_a_table_with_a_frame(folder):
    compared = treedebug.compare(folder)
    assert list(compared.frame.index) == ["depth-2", "depth-3"]
    assert list(compared.frame[("parameters", "max_depth")]) == [2, 3]
    assert "max_depth" in repr(compared)


def test_a_run_knows_what_its_user_calls_it(tmp_path):
    data = xgb.DMatrix(np.arange(20.0).reshape(10, 2), np.arange(10) % 2)
    callback = treedebug.XGBoostCallback(
        tmp_path / "a", name="deeper", tags=["baseline", "x"], description="why", quiet=True
    )
    xgb.train({"objective": "binary:logistic", "nthread": 1}, data, 2, callbacks=[callback])
    header = treedebug.load(tmp_path / "a").header
    assert (header.name, header.tags, header.description) == ("deeper", ["baseline", "x"], "why")
    assert header.command
    frame = treedebug.runs(tmp_path).frame
    assert (frame.loc["a", "name"], frame.loc["a", "tags"]) == ("deeper", "baseline,x")
    assert treedebug.check(tmp_path / "a").facts["name"] == "deeper"


@pytest.mark.parametrize("given", [{"name": 3}, {"tags": "baseline"}, {"tags": [3]}, {"description": None}])
def test_names_and_tags_are_texts(given):
    with pytest.raises(treedebug.ConfigError, match=next(iter(given))):
        treedebug.XGBoostCallback(None, **given)
