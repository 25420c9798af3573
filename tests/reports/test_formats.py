"""Every machine-readable form holds every finding, and no name of a stranger's breaks out of it."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from tests.reports.examples import CLEAN, FULL, OVERTRAINING, feature_finding, report
from treedebug.reports.as_markdown import escape
from treedebug.reports.formats import FORMATS

HOSTILE = "a|b`c\n::error::x##[error]\x1b[31m<script>\u202e]]>"


@pytest.mark.parametrize("name", FORMATS)
def test_every_finding_is_there_and_every_failure(name):
    text = FORMATS[name]([FULL, CLEAN], failed=[("runs/none", "there is no run")], made_by="1.2")
    assert text.endswith("\n")
    for word in ("CV102", "CV101", "FE301", "there is no run"):
        assert word in text


@pytest.mark.parametrize("name", FORMATS)
def test_no_name_breaks_out(name):
    text = FORMATS[name]([report(feature_finding(HOSTILE), source=HOSTILE)], failed=[(HOSTILE, HOSTILE)])
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "::error::x" not in text
    assert "##[error]" not in text
    if name == "markdown":
        assert "<script>" not in text


def test_sarif_is_what_its_schema_asks_for():
    data = json.loads(FORMATS["sarif"]([report(OVERTRAINING)], made_by="1.2"))
    (run,) = data["runs"]
    assert data["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"] == [
        {"id": "CV102", "name": "overtraining", "shortDescription": {"text": "overtraining"}}
    ]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("CV102", "warning")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "runs/churn"
    assert "Try early_stopping_rounds=20." in result["message"]["text"]


def test_junit_counts_what_it_lists():
    suites = ET.fromstring(FORMATS["junit"]([FULL]))  # noqa: S314 - it is ours
    (suite,) = suites
    cases = list(suite)
    assert int(suite.get("tests")) == len(cases) == 3 + 2 + 3 + 1
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) == 2
    assert int(suite.get("errors")) == len(suite.findall("testcase/error")) == 1
    assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped")) == 3


def test_markdown_is_a_table_with_symptoms_under_their_cause():
    text = FORMATS["markdown"]([FULL])
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + 3
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert escape("a_b*c") == r"a\_b\*c"
