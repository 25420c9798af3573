import dataclasses

from tests.reports.examples import CLEAN, DIVERGED, OVERTRAINING, report
from treedebug.api.summarize_runs import are_folds, summarize_runs
from treedebug.core.report import Score
from treedebug.reports.runs_text import runs_text


def checked(i, *findings, value=None, **facts):
    given = report(*findings, source=f"runs/r{i:03d}")
    score = None
    if value is not None:
        score = Score(dataset="valid", metric="auc", higher_is_better=True, best=value, best_round=i, last=value)
    return dataclasses.replace(given, score=score, facts={**given.facts, "state": "finished", **facts})


def summary(reports, **options):
    return summarize_runs("runs", reports, [r.source.removeprefix("runs/") for r in reports], **options)


def test_the_summary_says_what_how_often_and_which_run_is_best():
    text = runs_text(
        summary([checked(0, OVERTRAINING, value=0.5), checked(1, value=0.75), checked(2, DIVERGED, value=0.7)])
    )
    assert text.splitlines()[0] == "runs: 3 runs, 3 finished"
    assert "best valid auc: 0.75 in r001, worst 0.5 in r000; mean 0.65" in " ".join(text.split())
    assert "warning CV102 overtraining in 1 of 3 runs" in text
    assert "treedebug check runs/r002" in text  # the one with an error


def test_two_hundred_runs_take_at_most_120_lines_of_80_columns():
    reports = [checked(i, *[OVERTRAINING] * (i % 3 == 0), value=i / 200) for i in range(200)]
    lines = runs_text(summary(reports)).splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 80
    assert "... and 120 runs with fewer findings" in lines
    assert all(any(f"r{i:03d} " in line for line in lines) for i in range(0, 200, 3))


def test_folds_are_called_folds():
    reports = [checked(i, OVERTRAINING, value=0.5, fold=i) for i in range(5)]
    assert are_folds(reports)
    assert not are_folds([CLEAN, *reports])
    assert "in 5 of 5 folds" in runs_text(summary(reports, are_folds=True))


def test_long_names_end_in_what_tells_them_apart():
    reports = [dataclasses.replace(checked(i), source=f"runs/{'x' * 90}{i}") for i in range(2)]
    lines = runs_text(summary(reports)).splitlines()
    assert any(line.startswith("...") and "x0 " in line for line in lines)
    assert max(map(len, lines)) <= 100  # the hint's path is never cut


def test_runs_without_findings():
    text = runs_text(summary([checked(0), checked(1)]))
    assert "nothing found in 2 runs" in text
