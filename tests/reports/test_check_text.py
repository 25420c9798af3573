import dataclasses
import io
import re

import pytest

from tests.reports.examples import CLEAN, FULL, OVERTRAINING, feature_finding, report
from treedebug.core.findings import Change, Severity, Skipped
from treedebug.core.report import Score
from treedebug.reports.check_text import check_text, print_check
from treedebug.reports.console import make_console
from treedebug.reports.phrasing import short, summary_text


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_finding_says_what_where_by_which_numbers_and_what_to_try():
    text = flat(check_text(report(OVERTRAINING)))
    assert "warning CV102 overtraining (valid logloss, rounds 93 to 499)" in text
    assert flat(OVERTRAINING.message) in text
    assert "best_round" not in text
    assert "best_round=93, regret=0.1235, last=nan, worst=inf" in flat(check_text(report(OVERTRAINING), full=True))
    assert "try: early_stopping_rounds=20 (stop when the validation metric has not improved" in text
    assert "try: learning_rate=0.05" in text
    assert "train again with early_stopping_rounds=20, learning_rate=0.05 or instead: num_boost_round=94" in text
    assert "treedebug explain CV102" in text


def test_what_to_do_next_is_what_the_causes_propose():
    cause = dataclasses.replace(OVERTRAINING, code="CV999", explains=(OVERTRAINING.code,), try_next=(Change("lr", 1),))
    text = flat(check_text(report(cause, OVERTRAINING)))
    assert "explains CV102" in text
    assert "next train again with lr=1 more on" in text


def test_the_heading_says_what_was_checked():
    first = check_text(FULL).splitlines()[0]
    assert first == "runs/churn: xgboost gbtree, binary:logistic, 500 rounds"


def test_the_last_line_sums_up():
    last = check_text(FULL).rstrip().splitlines()[-1]
    assert last == "1 error, 1 warning, 1 info in 500 rounds; 2 rules silent, 3 skipped, 1 crashed"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (CLEAN, "nothing found in 500 rounds; 2 rules silent"),
        (report(silent=(), skipped=(Skipped("A", "a", "r"),)), "no rule could judge in 500 rounds; 0 rules silent, 1"),
        (report(OVERTRAINING, OVERTRAINING, silent=("A",)), "2 warnings in 500 rounds; 1 rule silent"),
    ],
)
def test_summaries(given, said):
    assert summary_text(given.verdict).startswith(said)


def test_skipped_rules_are_grouped_by_reason():
    lines = check_text(FULL, full=True).splitlines()
    assert "  CL401, CL402: needs class balance: pass the datasets in `evals=`" in lines
    assert "  TR201: no trees were recorded" in lines


def test_skipped_rules_take_one_line_unless_all_is_asked_for():
    (line,) = [x for x in check_text(FULL).splitlines() if "CL401" in x]
    assert line == "skipped: CL401, CL402, TR201 (--full says what each needs)"


def test_rules_of_another_kind_of_training_are_not_counted():
    networks = Skipped("NN901", "poor-initialization", "judges the training of a network", is_elsewhere=True)
    text = check_text(report(skipped=(networks, Skipped("TR201", "stumps", "no trees were recorded"))))
    assert "NN901" not in text
    assert "1 skipped" in text


def test_ignored_rules_are_listed_with_the_reason_given():
    given = dataclasses.replace(CLEAN, ignored={"FT301": "dead columns\nby design", "CV102": ""})
    assert "ignored: FT301 (dead columns by design), CV102" in check_text(given)


def test_the_score_stands_in_the_heading():
    score = Score(dataset="valid", metric="auc", higher_is_better=True, best=0.91234, best_round=35, last=0.9)
    lines = check_text(dataclasses.replace(CLEAN, score=score)).splitlines()
    assert lines[1] == "valid auc: best 0.9123 in round 35, 0.9 at the end"


def test_findings_of_rules_that_are_not_installed_are_shown_as_such():
    text = flat(check_text(dataclasses.replace(CLEAN, recorded=(OVERTRAINING,))))
    assert "warning CV102 overtraining" in text
    assert "the rule is not installed here" in text


def test_known_findings_are_shown_and_fail_nothing():
    given = dataclasses.replace(report(OVERTRAINING), known=frozenset({OVERTRAINING.key}))
    assert "known by the baseline, and no reason to fail: CV102" in check_text(given)
    assert not given.fails(Severity.WARNING)
    assert report(OVERTRAINING).fails(Severity.WARNING)


def test_a_crashed_rule_is_not_mistaken_for_a_silent_one():
    text = flat(check_text(FULL))
    assert "crashed MY001 my-rule ZeroDivisionError: division by zero" in text
    assert "--ignore MY001" in text


def test_notes_are_shown_once():
    assert check_text(FULL).count("could not be read") == 1


@pytest.mark.parametrize("width", [40, 80, 100])
def test_no_line_is_wider_than_the_console_and_none_ends_in_blanks(width):
    long_name = "x" * 130
    lines = check_text(report(*FULL.findings, feature_finding(long_name)), width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


def test_without_colour_there_are_no_escape_codes_and_with_colour_the_words_are_the_same():
    plain, colored = check_text(FULL), check_text(FULL, color=True)
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("name", ["größe [red]", "[/]", "[bold]x[/bold]", ":smile:", "a[0]", "日本"])
def test_feature_names_are_not_read_as_markup(name):
    text = check_text(report(feature_finding(name)))
    assert f"({name})" in text
    assert f"Feature {name} takes" in text


def test_control_characters_in_names_cannot_steer_the_terminal():
    text = check_text(report(feature_finding("a\x1b[2J\nb\x07")))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"a\x1b[2J\nb\x07" in text


def test_many_findings_of_one_rule_do_not_flood():
    many = report(*(feature_finding(f"f{i}") for i in range(30)))
    text = check_text(many)
    assert text.count("info FE301") == 3
    assert "and 27 more findings of FE301: f3, f4" in flat(text)
    assert "f29" in text
    assert check_text(many, full=True).count("info FE301") == 30


def test_it_prints_to_any_console():
    buffer = io.StringIO()
    print_check(FULL, make_console(buffer, width=80))
    assert buffer.getvalue() == check_text(FULL)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "-"), (True, "yes"), (7, "7"), (0.123456, "0.1235"), (123456.7, "123457"), (1e300, "1e+300"), (3.0, "3"),
        (1e-9, "1e-09"), (float("nan"), "nan"), (-float("inf"), "-inf"), ([1, 2.5], "[1, 2.5]"),
        ([1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, ... 6 in all]"), ({"a": 1.0}, "[a: 1]"), ("x\n", r"x\n"),
    ],
)  # fmt: skip
def test_short(value, said):
    assert short(value) == said


def test_symptoms_are_folded_under_their_cause():
    cause = dataclasses.replace(OVERTRAINING, code="CV101", name="overfitting", explains=("CV102",))
    text = check_text(report(cause, OVERTRAINING, feature_finding("f")))
    assert text.count("try: early_stopping_rounds=20") == 1
    assert "explains CV102 overtraining (valid logloss, rounds 93 to 499): Validation logloss was" in flat(text)
    assert "warning CV102" not in text
    assert text.index("explains CV102") < text.index("info FE301")
    assert "2 warnings, 1 info" in text
    full = check_text(report(cause, OVERTRAINING), full=True)
    assert full.count("try: early_stopping_rounds=20") == 2


def test_a_report_at_a_prompt_is_a_line_and_one_for_each_finding():
    head, *rest = repr(FULL).splitlines()
    assert head == "<CheckReport of runs/churn: 3 findings; 2 rules silent, 3 skipped>"
    assert [line.split()[:2] for line in rest] == [[f.severity.label, f.code] for f in FULL.findings]
    assert repr(CLEAN) == "<CheckReport of runs/churn: no findings; 2 rules silent>"
