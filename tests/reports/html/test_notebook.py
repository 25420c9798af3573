"""What a notebook shows: everything that matters, nothing of the user's as HTML."""

import re

import pandas as pd
import pytest

import treedebug
from tests.reports import examples
from tests.reports.html import pages_of
from treedebug.core.findings import Finding, FindingList, Severity

HOSTILE = "</div><script>alert(1)</script>\u202e<img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def run():
    return pages_of.binary(n_rounds=30, name=HOSTILE, names=pages_of.HOSTILE)


def shown(value):
    html = value._repr_html_()
    assert "<script" not in html.lower()
    assert "<img" not in html
    assert "\u202e" not in html
    return html


def test_a_run_shows_its_curve_and_its_findings(run):
    html = shown(run)
    assert "<svg" in html
    assert len(re.findall("<polyline", html)) == 2
    for finding in treedebug.check(run):
        assert finding.code in html
    assert "run.report(" in html
    assert "30 rounds" in html


def test_a_finding_and_a_list_of_them():
    bad = Finding(code="CV102", name=HOSTILE, severity=Severity.ERROR, message=HOSTILE, subject=HOSTILE)
    assert shown(bad).count("onerror=alert(2)") == 3
    assert "early_stopping_rounds=20" in shown(examples.OVERTRAINING)
    assert shown(FindingList([bad, examples.OVERTRAINING])).count("CV102") == 2
    assert "no findings" in shown(FindingList())


def test_a_check_a_comparison_and_a_profile(run):
    check = treedebug.check(run)
    assert check.findings[0].message in shown(check)
    comparison = treedebug.compare(run, pages_of.binary(n_rounds=10, seed=1))
    assert "<table>" in shown(comparison)
    assert comparison.verdict.split(":")[0] in shown(comparison)
    profile = treedebug.profile(pd.DataFrame({HOSTILE: [1.0, 2.0, 3.0], "b": ["x", "y", HOSTILE]}), noise=False)
    assert shown(profile).count("<tr>") == 3
    assert repr(check) == repr(treedebug.check(run))
