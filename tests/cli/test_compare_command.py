import json

import pytest

from treedebug.cli import compare_command as command
from treedebug.cli import main
from treedebug.core.findings import Finding, Severity, Verdict
from treedebug.core.report import ComparedRow, ComparisonReport

REPORT = ComparisonReport(
    labels=("a", "b"),
    sections={"parameters": (ComparedRow(name="gamma", values=(0, 0)), ComparedRow(name="max_depth", values=(10, 3)))},
)


@pytest.fixture
def paths(monkeypatch):
    seen = []
    monkeypatch.setattr(command, "compare", lambda *paths: seen.extend(paths) or REPORT)
    return seen


def test_text(paths, capsys):
    assert main(["compare", "runs/a", "runs/b"]) == 0
    assert paths == ["runs/a", "runs/b"]
    text = capsys.readouterr().out
    assert "max_depth" in text
    assert "gamma" not in text


def test_all_parameters(paths, capsys):
    main(["compare", "runs/a", "runs/b", "--all"])
    assert "gamma" in capsys.readouterr().out


def test_json(paths, capsys):
    assert main(["compare", "runs/a", "runs/b", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"] == ["a", "b"]


@pytest.mark.parametrize(("given", "said"), [(["a"], "no run at a"), (["a", "b"], "no run at a")])
def test_errors(given, said, capsys):
    assert main(["compare", *given]) == 2
    assert said in capsys.readouterr().err


def test_findings_fail_only_if_asked_to(monkeypatch, capsys):
    warning = Finding(code="RC702", name="regressed-metric", severity=Severity.WARNING, message="worse than before")
    report = ComparisonReport(labels=("a", "b"), verdicts=(Verdict(9, (warning,)),))
    monkeypatch.setattr("treedebug.cli.compare_command.compare", lambda *paths: report)
    assert [main(["compare", "a", "b", *more]) for more in ((), ("--fail-on", "warning"), ("--fail-on", "error"))] == [
        0,
        1,
        0,
    ]
    assert "warning RC702 regressed-metric  (b against a)\n  worse than before" in capsys.readouterr().out
