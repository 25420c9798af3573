import dataclasses

from tests.reports.examples import CLEAN, FULL, OVERTRAINING, feature_finding, report
from treedebug.core.findings import Severity
from treedebug.reports.github import check_github, command


def test_the_command_is_escaped():
    assert command("warning", "a, b: 50 %", "x: 1, y\r\n100 %") == (
        "::warning title=a%2C b%3A 50 %25::x: 1, y%0D%0A100 %25"
    )


def test_each_severity_has_its_command():
    given = report(*(feature_finding("f", severity) for severity in reversed(Severity)))
    starts = [line.split(" ")[0] for line in check_github(given).splitlines()]
    assert starts == ["::error", "::warning", "::notice", "treedebug:"]


def test_a_finding_is_one_line_with_message_numbers_and_changes():
    line = check_github(report(OVERTRAINING)).splitlines()[0]
    assert line.startswith(
        "::warning title=CV102 overtraining::runs/churn, valid logloss, rounds 93 to 499: Validation"
    )
    assert "12 %25 of" in line
    assert "%0Abest_round=93" in line
    assert "%0Atry early_stopping_rounds=20 (stop when" in line


def test_a_name_cannot_smuggle_in_a_command():
    lines = check_github(report(feature_finding("a\n::error::b"), source="x\n::error::y")).splitlines()
    assert len(lines) == 2
    assert not lines[1].startswith("::")


def test_crashes_are_errors_and_the_summary_is_plain():
    lines = check_github(FULL).splitlines()
    assert "::error title=MY001 my-rule crashed::runs/churn: ZeroDivisionError: division by zero" in lines
    assert lines[-1].startswith("treedebug: runs/churn: 1 error, 1 warning, 1 info in 500 rounds")
    assert check_github(CLEAN) == "treedebug: runs/churn: nothing found in 500 rounds; 2 rules silent\n"


def test_causes_and_symptoms_name_each_other():
    cause = dataclasses.replace(OVERTRAINING, code="CV101", name="overfitting", explains=("CV102",))
    first, second = check_github(report(cause, OVERTRAINING)).splitlines()[:2]
    assert "%0Aexplains CV102" in first
    assert "%0Aa symptom of CV101 overfitting" in second
