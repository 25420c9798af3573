"""Damaged is not clean: what check says of a run that is not all there, and what `booster()` makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.readers.xgboost_boosters import raw_of
from treedebug.api.saved_models import model_as_run, read_model_file
from treedebug.cli import main
from treedebug.core.errors import FormatError
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import Header
from treedebug.readers.xgboost.ubjson import encode
from treedebug.store import run_records as kinds
from treedebug.store.disk_store import DiskSink
from treedebug.store.file_format import FILE_HEAD, FILE_NAME

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))
Y = (X[:, 0] + RNG.normal(size=200) > 0).astype(float)


def recorded(path: Path, n: int = 8) -> Path:
    callback = treedebug.XGBoostCallback(path)
    data = xgb.DMatrix(X, Y)
    xgb.train({"objective": "binary:logistic", "nthread": 1, "max_depth": 2}, data, n, callbacks=[callback])
    return path / FILE_NAME


def of_trees(path: Path, raw: bytes, *, library: str = "xgboost", booster: str = "gbtree", n: int = 3) -> treedebug.Run:
    """A run whose record is whole, with these bytes for trees."""
    sink = DiskSink(path)
    rows = [kinds.RoundRow(i, 0.1, 0.01, i + 1) for i in range(n)]
    batch = TreeBatch(library, raw, np.arange(n), 0)
    revision = [kinds.encode_revision(n - 1, library, raw)] if booster == "dart" else []
    header = kinds.encode_header(Header(run_id="r", library=library, booster=booster, n_features=4))
    sink.append([header, *kinds.encode_rounds(rows), kinds.encode_trees(batch), *revision])
    sink.append([kinds.encode_end(state="finished", best_round=None, reason="", n_rounds=n)])
    sink.close()
    return treedebug.load(path)


def test_a_flipped_bit_is_not_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = recorded(tmp_path / "run")
    assert main(["check", str(tmp_path / "run"), "--fail-on", "never"]) == 0
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    capsys.readouterr()
    assert main(["check", str(tmp_path / "run"), "--fail-on", "never"]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "is damaged from byte" in captured.err
    assert "--damaged ok" in captured.err
    assert "damaged from byte" in " ".join(captured.out.split())
    assert main(["check", str(tmp_path / "run"), "--fail-on", "never", "--damaged", "ok"]) == 0
    report = treedebug.check(tmp_path / "run")
    assert len(report.damage) == 1


@pytest.mark.parametrize("raw", [b"", FILE_HEAD, FILE_HEAD + b"\0" * 64])
def test_an_empty_record_is_not_clean(tmp_path: Path, raw: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE_NAME).write_bytes(raw)
    assert main(["check", str(tmp_path)]) == 2
    assert "the record is empty" in capsys.readouterr().err
    assert main(["check", str(tmp_path), "--damaged", "ok"]) == 0


def test_damaged_trees_skip_the_rules_on_trees_with_that_reason(tmp_path: Path) -> None:
    of_trees(tmp_path / "run", b"{L not a model")
    report = treedebug.check(tmp_path / "run")
    assert not report.verdict.crashed
    (damage,) = report.damage
    assert "the recorded trees cannot be read" in damage
    assert damage in {s.reason for s in report.verdict.skipped}


def test_booster_of_damaged_trees_is_a_format_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        of_trees(tmp_path / "xgboost", b"{L not a model").booster()
    whole = lgb.train({"verbose": -1, "objective": "binary", "num_threads": 1}, lgb.Dataset(X, Y), 3).model_to_string()
    assert of_trees(tmp_path / "whole", whole.encode(), library="lightgbm").booster().num_trees() == 3
    broken = whole.replace("leaf_value=", "leaf_value=x", 1).encode()
    for booster in ("gbdt", "dart"):
        with pytest.raises(FormatError):
            of_trees(tmp_path / booster, broken, library="lightgbm", booster=booster).booster()


def test_what_the_library_refuses_is_a_format_error(tmp_path: Path) -> None:
    top = json.loads(raw_of("hist", "json"))
    top["learner"]["objective"]["name"] = "no:such"
    n = len(top["learner"]["gradient_booster"]["model"]["iteration_indptr"]) - 1
    run = of_trees(tmp_path / "run", encode(top), n=n)
    with pytest.raises(FormatError, match="xgboost refuses them"):
        run.booster()


def changed(**params: str) -> bytes:
    top = json.loads(raw_of("hist", "json"))
    top["learner"]["learner_model_param"].update(params)
    return json.dumps(top).encode()


@pytest.mark.parametrize("count", ["100000000", "1000000000000", "4611686018427387903"])
def test_a_model_of_impossibly_many_features_is_refused(tmp_path: Path, count: str) -> None:
    (tmp_path / "model.json").write_bytes(changed(num_feature=count))
    with pytest.raises(FormatError, match="features"):
        read_model_file(tmp_path / "model.json")


def test_a_split_on_an_impossible_feature_is_refused() -> None:
    top = json.loads(changed(num_feature="0"))
    trees = top["learner"]["gradient_booster"]["model"]["trees"]
    trees[0]["split_indices"][0] = 2**31 - 1
    with pytest.raises(FormatError, match="2147483647"):
        model_as_run(json.dumps(top).encode())


def test_the_rounds_of_gblinear_cost_nothing() -> None:
    top = json.loads(changed())
    model = {"boosted_rounds": 10**12, "param": {}, "weights": [0.1] * 4}
    top["learner"]["gradient_booster"] = {"model": model, "name": "gblinear"}
    run = model_as_run(json.dumps(top).encode())
    assert run.n_rounds == 0
    assert any("1,000,000,000,000 rounds" in n.message for n in run.notes)


def test_salvage_brings_back_rounds_behind_the_damage_and_no_trees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink = DiskSink(tmp_path / "run")
    sink.append([kinds.encode_header(Header(run_id="r", library="xgboost", n_features=4))])
    for i in range(20):
        sink.append(kinds.encode_rounds([kinds.RoundRow(i, 0.1, 0.01, i + 1, {("valid", "auc"): i / 20})]))
        sink.append([kinds.encode_trees(TreeBatch("xgboost", bytes([i]), np.array([i]), i))])
    sink.append([kinds.encode_end(state="finished", best_round=None, reason="", n_rounds=20)])
    sink.close()
    file = tmp_path / "run" / FILE_NAME
    raw = bytearray(file.read_bytes())
    at = raw.index(b'"start":7')
    raw[at] ^= 1
    file.write_bytes(raw)
    before = bytes(raw)
    assert main(["salvage", str(tmp_path / "run"), "-o", str(tmp_path / "new")]) == 0
    assert "12 records behind them are here" in capsys.readouterr().out
    new = treedebug.load(tmp_path / "new")
    assert sorted(new.metrics["round_index"]) == [i for i in range(20) if i != 7]
    assert new.data.trees.rounds.tolist() == list(range(7))  # type: ignore[attr-defined]
    assert not new.data.ended
    assert "13 of kind 'trees'" in new.data.damage[0]
    with pytest.raises(treedebug.NotRecordedError):
        new.booster(10)
    assert file.read_bytes() == before
    assert main(["salvage", str(tmp_path / "run"), "-o", str(tmp_path / "new")]) == 2
    recorded(tmp_path / "whole")
    assert main(["salvage", str(tmp_path / "whole"), "-o", str(tmp_path / "other")]) == 2
    assert not (tmp_path / "other").exists()
