import json

import numpy as np
import pytest

from tests.reports.examples import FULL, OVERTRAINING, report
from treedebug.core.findings import Finding
from treedebug.core.report import ComparedRow, ComparisonReport
from treedebug.reports.as_json import checks_json, comparison_json, dumps


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not standard JSON")


def read(text: str):
    return json.loads(text, parse_constant=refuse)


def test_findings_come_back_as_they_were():
    first = read(checks_json([FULL]))["reports"][0]
    again = [Finding.from_dict(f) for f in first["findings"]]
    assert [(f.key, f.severity, f.rounds, f.try_next, f.message) for f in again] == [
        (f.key, f.severity, f.rounds, f.try_next, f.message) for f in FULL.findings
    ]


def test_nan_and_infinity_are_strings_that_float_reads():
    evidence = read(checks_json([report(OVERTRAINING)]))["reports"][0]["findings"][0]["evidence"]
    assert evidence == {"best_round": 93, "regret": 0.12345678, "last": "NaN", "worst": "Infinity"}
    assert np.isnan(float(evidence["last"]))
    assert float(evidence["worst"]) == float("inf")


def test_the_schema_is_stable():
    data = read(checks_json([FULL], failed=[("runs/none", "there is no run")], made_by="1.2"))
    assert list(data) == ["format", "version", "treedebug", "reports", "failed"]
    assert (data["format"], data["version"], data["treedebug"]) == ("treedebug-check", 1, "1.2")
    assert data["failed"] == [{"source": "runs/none", "error": "there is no run"}]
    one = data["reports"][0]
    assert list(one) == [
        "source", "kind", "facts", "n_rounds", "summary", "findings", "skipped", "crashed", "silent", "notes",
        "plan", "ignored", "recorded", "known", "score",
    ]  # fmt: skip
    assert one["summary"] == {"error": 1, "warning": 1, "info": 1, "silent": 2, "skipped": 3, "crashed": 1}
    assert one["crashed"] == [{"code": "MY001", "name": "my-rule", "error": "ZeroDivisionError: division by zero"}]


def test_a_comparison_has_its_rows():
    rows = (ComparedRow(name="valid rmse", values=(1.0, float("nan")), best=0, unit="m"),)
    data = read(comparison_json(ComparisonReport(labels=("a", "b"), sections={"metrics": rows})))
    assert data["labels"] == ["a", "b"]
    assert data["sections"]["metrics"] == [
        {"name": "valid rmse", "values": [1.0, "NaN"], "best": 0, "unit": "m", "differs": True}
    ]


@pytest.mark.parametrize(
    ("value", "read_back"),
    [
        (np.float32(0.5), 0.5), (np.int64(3), 3), (np.array([1.0, np.nan]), [1.0, "NaN"]), ((1, 2), [1, 2]),
        ({1: -np.inf}, {"1": "-Infinity"}), (object, "<object>"), ("größe", "größe"), ("\udc80", "\udc80"),
    ],
)  # fmt: skip
def test_whatever_comes_is_written(value, read_back):
    text = dumps(value)
    assert text.isascii()
    assert read(text) == read_back
