import json

import pytest

from treedebug.cli import demo_command, main


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_the_demo_finds_the_planted_problem_and_does_better_with_the_proposal(library, tmp_path, capsys):
    pytest.importorskip(library)
    pytest.importorskip("sklearn")
    keep = tmp_path / "runs"
    assert main(["demo", "--library", library, "--keep", str(keep)]) == 0
    captured = capsys.readouterr()
    assert "warning" in captured.err
    assert "train again with" in captured.out
    assert max(map(len, captured.out.splitlines())) <= 80
    rows = {row.name: row for row in demo_command.compare(keep / "first", keep / "second").sections["metrics"]}
    assert rows["valid rmse, last"].best == 1
    assert main(["check", str(keep), "--output", "json"]) == 1
    reports = json.loads(capsys.readouterr().out)["reports"]
    assert "CV101" in [finding["code"] for finding in reports[0]["findings"]]
    assert not reports[1]["summary"]["warning"]
    assert main(["demo", "--keep", str(keep)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_without_a_booster_the_error_names_the_extra(monkeypatch, capsys):
    monkeypatch.setattr(demo_command.importlib.util, "find_spec", lambda name: None)
    assert main(["demo"]) == 2
    assert "pip install 'treedebug[xgboost]'" in capsys.readouterr().err
    assert main(["demo", "--library", "lightgbm"]) == 2
    assert "pip install 'treedebug[lightgbm]'" in capsys.readouterr().err
