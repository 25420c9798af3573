"""`treedebug watch` on the command line."""

from __future__ import annotations

import pytest

import treedebug
from tests.properties.test_live_loaded_replayed import train_xgboost
from treedebug.cli import main


@pytest.fixture
def runs(tmp_path):
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "runs" / "a", quiet=True), 120, eta=0.9, max_depth=8)
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "runs" / "b", quiet=True), 6)
    return tmp_path / "runs"


def test_once_prints_what_stands(runs, capsys):
    assert main(["watch", str(runs), "--once"]) == 1
    out = capsys.readouterr().out
    assert "a: finished: 120 of 120 rounds; valid logloss" in out
    assert "warning CV102 overtraining after 120 rounds (a)" in out


def test_until_finished(runs, capsys):
    assert main(["watch", str(runs), "--until", "finished", "--fail-on", "never"]) == 0
    assert "b: finished: 6 of 6 rounds" in capsys.readouterr().out


def test_nothing_there(tmp_path, capsys):
    assert main(["watch", str(tmp_path), "--once"]) == 2
    assert "there is no run at or below" in capsys.readouterr().err


def test_what_cannot_be_read_fails(runs, capsys):
    (runs / "b" / "records.treedebug").write_bytes(b"something else entirely")
    assert main(["watch", str(runs), "--until", "finished", "--fail-on", "never"]) == 2
    assert "is not a treedebug run" in capsys.readouterr().err


@pytest.mark.parametrize("interval", ["0", "-1", "nan", "x"])
def test_intervals(interval, runs, capsys):
    assert main(["watch", str(runs), "--once", "--interval", interval]) == 2
