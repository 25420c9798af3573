import json

import pytest

from tests.reports.examples import OVERTRAINING, feature_finding, report
from treedebug.api.baseline import apply_baseline, read_baseline
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Severity
from treedebug.reports.as_json import checks_json


@pytest.fixture
def baseline(tmp_path):
    def write(*reports):
        path = tmp_path / "known.json"
        path.write_text(checks_json(reports))
        return read_baseline(path)

    return write


def test_known_findings_fail_nothing_and_new_ones_do(baseline):
    known = baseline(report(OVERTRAINING))
    (same,) = apply_baseline([report(OVERTRAINING)], known)
    assert not same.fails(Severity.INFO)
    (more,) = apply_baseline([report(OVERTRAINING, feature_finding("age"))], known)
    assert more.fails(Severity.INFO)
    assert not more.fails(Severity.WARNING)


def test_the_same_rule_on_another_subject_is_new(baseline):
    (other,) = apply_baseline([report(feature_finding("b"))], baseline(report(feature_finding("a"))))
    assert other.fails(Severity.INFO)


def test_one_report_stands_for_any_path_several_for_their_own(baseline):
    elsewhere = report(OVERTRAINING, source="runs/tonight")
    (seen,) = apply_baseline([elsewhere], baseline(report(OVERTRAINING)))
    assert not seen.fails(Severity.INFO)
    (unseen,) = apply_baseline([elsewhere], baseline(report(OVERTRAINING, source="a"), report(source="b")))
    assert unseen.fails(Severity.WARNING)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": "other"}', "[" * 100_000, json.dumps({"format": "treedebug-check-2"})]
)
def test_another_file_is_one_clear_error(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"is not a baseline.*rite one with"):
        read_baseline(path)
    with pytest.raises(ConfigError, match="there is no baseline"):
        read_baseline(tmp_path / "none.json")


def test_odd_entries_are_passed_over(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(
        '{"format": "treedebug-check", "reports": [1, {"findings": 3}, {"source": "a", "findings": [7, {}]}]}'
    )
    assert read_baseline(path).known["a"] == {("None", "")}
