"""The page of a check, read as text: everything is there, nothing of the user's is taken for HTML."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.reports import examples
from tests.reports.html import pages_of
from treedebug.api.report import report_html
from treedebug.core.changes import Change, Plan
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.run_data import Header
from treedebug.pictures.picture import NoPicture
from treedebug.reports.html.check_page import check_page
from treedebug.reports.html.verdict import headline
from treedebug.reports.plan_code import plan_code

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028&'\""


class Page(HTMLParser):
    """Tags and text of a page; `data` is what its script draws."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.ids, self._raw, self.scripts = [], "", [], None, []
        self.feed(html)
        self.data = json.loads(self.scripts[0])

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [v for k, v in attrs if k == "id"]
        self._raw = tag if tag in ("script", "style") else self._raw

    def handle_endtag(self, tag):
        self._raw = None if tag in ("script", "style") else self._raw

    def handle_data(self, data):
        if self._raw == "script":
            self.scripts.append(data)
        elif self._raw is None:
            self.text += data


def test_what_a_check_says_is_on_the_page():
    page = Page(check_page(examples.FULL, {"roc": NoPicture("needs probabilities")}, made_by="1.2"))
    text = " ".join(page.text.split())
    for finding in examples.FULL.findings:
        assert f"{finding.code} {finding.name}" in text
        assert finding.message in text
    assert "needs class balance" in text
    assert "ROC curve: needs probabilities" in text
    assert "the trees of rounds 3 to 5 could not be read" in text
    assert "treedebug 1.2" in text
    assert len(page.ids) == len(set(page.ids))


def test_nothing_of_the_user_is_html():
    bad = replace(examples.OVERTRAINING, message=HOSTILE, subject=HOSTILE, name=HOSTILE)
    hostile = replace(
        examples.report(bad), source=HOSTILE, facts={"name": HOSTILE, "library": HOSTILE}, notes=(HOSTILE,),
        plan=Plan((Change(HOSTILE, HOSTILE, HOSTILE),)), ignored={HOSTILE: HOSTILE},
    )  # fmt: skip
    plain = Page(check_page(examples.report(examples.OVERTRAINING), {}))
    page = Page(check_page(hostile, {}))
    assert "img" not in page.tags
    assert page.tags.count("script") == plain.tags.count("script") == 2
    assert page.text.count("onerror=alert(2)") > 5


def test_the_script_is_the_one_its_policy_names():
    html = check_page(examples.CLEAN, {})
    policy = re.search(r"script-src \'(sha256-[^\']+)\'", html)[1]
    assert "'unsafe-inline'; script-src" in html
    assert policy.startswith("sha256-")
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', html) == []


def test_a_page_stays_small():
    run = pages_of.binary(n_rounds=300)
    html = report_html(run)
    assert len(html.encode()) < 800_000
    assert Page(html).data["pictures"]["learning_curves"]["n_rounds"] == 300


@pytest.mark.parametrize(
    ("header", "changes", "code"),
    [
        (
            Header(library="xgboost", params_given={"eta": 0.3}),
            (Change("eta", 0.1), Change("num_boost_round", 200)),
            ["    'eta': 0.1,", "booster = xgb.train(", "    num_boost_round=200,"],
        ),
        (
            Header(library="lightgbm"),
            (Change("early_stopping_rounds", 50, text="lgb.early_stopping(50)"),),
            ["booster = lgb.train(", "    callbacks=[lgb.early_stopping(50)],"],
        ),
        (
            Header(library="xgboost", params_given=dict.fromkeys(("validate_parameters", "n_jobs", "base_score"))),
            (Change("max_depth", 3), Change("n_estimators", 100)),
            ["model.set_params(max_depth=3, n_estimators=100)"],
        ),
        (
            Header(library="xgboost", planned_rounds=500),
            (Change("early_stopping_rounds", 50),),
            ["    num_boost_round=500,", "    early_stopping_rounds=50,"],
        ),
        (
            None,
            (Change("drop", ["a"], "it is constant", kind="data"),),
            ["X = X.drop(columns=['a'])  # it is constant"],
        ),
        (None, (Change("shuffle", True, "before a split", kind="data"),), ["# data: shuffle=True (before a split)"]),
    ],
)
def test_the_plan_is_code_of_the_users_library(header, changes, code):
    lines = plan_code(changes, header).splitlines()
    assert [line for line in lines if line in code] == code
    compile("\n".join(lines), "plan", "exec")


def test_the_verdict_is_the_cause_that_explains_most():
    def found(code, message, severity=Severity.WARNING, explains=()):
        return Finding(code=code, name="rule", severity=severity, message=message, explains=explains)

    copies, overfit = found("DA619", "columns a and b are copies"), found("CV101", "it overfits")
    wasted = found("CV102", "464 rounds only cost time", explains=("CV101",))
    note = found("SY804", "half of the time", Severity.INFO, explains=("CV104", "CV105"))
    verdict = replace(examples.FULL.verdict, findings=(copies, wasted, overfit, note))
    report = replace(examples.FULL, damage=(), verdict=verdict)
    assert headline(report).sentence == "464 rounds only cost time."
    alone = replace(report, verdict=replace(verdict, findings=(copies, note)))
    assert headline(alone).sentence == "Columns a and b are copies."
