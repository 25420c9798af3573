"""`treedebug.profile` and `treedebug.check` of tables, and what a callback keeps of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.profiles.tables import split
from treedebug.core.data.data_sets import DataSets
from treedebug.reports.as_json import check_dict
from treedebug.reports.check_text import check_text


def table(n=600, seed=0, rate=0.2):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd")).assign(flag_x=1, flag_y=2)
    return x, pd.Series((rng.random(n) < rate).astype(int), name="churned")


def test_labels_apart_or_as_a_column():
    (x, y), (xv, yv) = table(), table(300, 1)
    apart = treedebug.check(x, y, valid=(xv, yv))
    inside = treedebug.check(x.assign(churned=y), target="churned", valid=xv.assign(churned=yv))
    assert [f.to_dict() for f in apart.findings] == [f.to_dict() for f in inside.findings]
    assert apart.facts == inside.facts == {
        "n_rows": 600, "n_columns": 6, "label": "churned", "task": "classes", "valid": "300 rows",
    }  # fmt: skip
    assert (apart.kind, apart.source) == ("table", "pandas table")


def test_balance_in_numbers():
    (x, y), (xv, yv) = table(), table(300, 1, rate=0.5)
    balance = treedebug.check(x, y, valid={"valid": (xv, yv), "same": (x, y)}).balance
    n = y.value_counts()
    assert balance.datasets == ("train", "valid", "same")
    assert [(r.value, r.counts[0]) for r in balance.rows] == [(0, n[0]), (1, n[1])]
    assert balance.scale_pos_weight == pytest.approx(n[0] / n[1])
    assert [r.weight for r in balance.rows] == pytest.approx([600 / (2 * n[0]), 600 / (2 * n[1])])
    assert balance.agrees == {"valid": False, "same": True}


def test_balance_reads_as_a_table():
    (x, y), (xv, yv) = table(), table(300, 1)
    text = check_text(treedebug.check(x, y, valid=(xv, yv)))
    lines = text.splitlines()
    at = lines.index("balance of the classes")
    assert lines[at + 1].split() == ["class", "train", "valid", "balancing", "weight"]
    assert lines[at + 2].split()[:2] == ["0", str(int((y == 0).sum()))]
    assert lines[at + 4].strip().startswith("to balance: scale_pos_weight=")
    assert "is_unbalance=True" in text
    assert "valid agrees" in text
    assert all(len(line) <= 80 for line in lines)


def test_many_classes_are_cut_and_counted():
    x, _ = table()
    text = check_text(treedebug.check(x, np.arange(600) % 30))
    assert "and 18 more classes" in text
    assert "scale_pos_weight" not in text


def test_no_balance_for_numbers():
    x, _ = table()
    report = treedebug.check(x, x["a"] * 3)
    assert report.balance is None
    assert "balance" not in check_dict(report)
    assert report.facts["task"] == "numbers"


def test_columns_that_a_rule_is_not_to_look_at():
    x, y = table()

    def constant(**options):
        return [f.evidence["columns"] for f in treedebug.check(x, y, select=["DA604"], **options).findings]

    assert constant() == [["flag_x", "flag_y"]]
    assert constant(ignore=["DA604:flag_x"]) == [["flag_y"]]
    assert constant(ignore=["constant-feature:flag_x", "ALL:flag_y"]) == []


def test_what_was_measured_can_be_judged_later():
    x, y = table()
    sets = treedebug.profile(x, y)
    again = DataSets.from_json(sets.to_json())
    expected = [f.code for f in treedebug.check(x, y).findings]
    assert [f.code for f in treedebug.check(again).findings] == expected
    assert [f.code for f in treedebug.check(again.train).findings] == expected


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x, y: treedebug.check(x, y, target="a"), "give the label once"),
        (lambda x, y: treedebug.check(x, y[:-1]), "600 rows, but churned has 599"),
        (lambda x, y: treedebug.check(x, y, valid=(x, y, y, y)), "tuple of 4"),
        (lambda x, y: treedebug.check(x, y, task="class"), "Did you mean 'classes'"),
        (lambda x, y: treedebug.check(x, y, tokens={"words": [0]}), "'words'"),
        (lambda x, y: treedebug.check(x, np.zeros((600, 2))), "one value a row"),
        (lambda x, y: treedebug.profile("nowhere.parquet"), "no such file"),
        (lambda x, y: treedebug.profile(object()), "got builtins.object"),
        (lambda x, y: treedebug.XGBoostCallback(data=x), "treedebug.profile"),
    ],
)
def test_bad_arguments_are_one_clear_error(call, words):
    with pytest.raises(treedebug.TreedebugError, match=words):
        call(*table())


def test_options_of_tables_do_not_fit_runs(tmp_path):
    xgboost = pytest.importorskip("xgboost")
    x, y = table()
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(x, y), 2)
    with pytest.raises(treedebug.ConfigError, match="valid= belong"):
        treedebug.check(booster, valid=x)


def train_xgboost(x, y, callback):
    xgboost = pytest.importorskip("xgboost")
    params = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}
    return xgboost.train(params, xgboost.DMatrix(x, y), 12, callbacks=[callback] if callback else []).save_raw("ubj")


def train_lightgbm(x, y, callback):
    lightgbm = pytest.importorskip("lightgbm")
    params = {"objective": "binary", "num_leaves": 7, "num_threads": 1, "verbosity": -1, "deterministic": True}
    model = lightgbm.train(params, lightgbm.Dataset(x, y), 12, callbacks=[callback] if callback else [])
    return model.model_to_string()


@pytest.mark.parametrize(
    ("train", "kind"), [(train_xgboost, treedebug.XGBoostCallback), (train_lightgbm, treedebug.LightGBMCallback)]
)
def test_a_run_keeps_what_is_known_of_its_data(train, kind, tmp_path):
    (x, y), valid = table(), table(300, 1)
    valid[0]["a"] += 2
    sets = treedebug.profile(x, y, valid=valid)
    callback = kind(tmp_path / "run", data=sets, quiet=True)
    assert train(x, y, callback) == train(x, y, None)
    live, loaded = callback.run, treedebug.load(tmp_path / "run")
    assert repr(loaded.data.stream(DataSets).to_dict()) == repr(sets.to_dict())
    assert [f.to_dict() for f in live.findings] == [f.to_dict() for f in loaded.findings]
    assert "DA610" in {f.code for f in loaded.findings}
    assert {f.code for f in treedebug.check(loaded).findings} == {f.code for f in loaded.findings}


def test_two_runs_show_what_changed_in_their_data(tmp_path):
    (x, y), (xv, yv) = table(), table(seed=1)
    xv["a"] += 2
    for name, data in (("first", (x, y)), ("second", (xv, yv))):
        train_xgboost(*data, treedebug.XGBoostCallback(tmp_path / name, data=treedebug.profile(*data), quiet=True))
    rows = {r.name: r.values for r in treedebug.compare(tmp_path / "first", tmp_path / "second").sections["data"]}
    assert rows["rows"] == (600, 600)
    assert rows["a, moved"][1] > 0.5
    assert list(rows)[2] == "a, moved"


def test_the_shell_checks_files(tmp_path, capsys):
    from treedebug.cli import main

    pytest.importorskip("pyarrow")
    train, valid = split()
    train.to_parquet(tmp_path / "train.parquet")
    valid.to_parquet(tmp_path / "valid.parquet")
    command = ["check", str(tmp_path / "train.parquet"), "--target", "y", "--valid", str(tmp_path / "valid.parquet")]
    assert main([*command, "--group", "level", "--time", "when"]) == 1
    said = capsys.readouterr()
    assert "DA606" in said.out
    assert "balance of the classes" in said.out
    assert main([*command, "--output", "github", "--fail-on", "never"]) == 0
    assert "::error title=DA" in capsys.readouterr().out
    assert main([*command, "--output", "json", "--select", "DA604:constant"]) == 0
    assert '"columns": [\n' in capsys.readouterr().out
    assert main([*command[:2], "--target", "nobody"]) == 2
    assert "has no column 'nobody'" in capsys.readouterr().err
