import pytest

from treedebug.core.report import ComparedRow, ComparisonReport, Score
from treedebug.reports.compare_text import comparison_text


def comparison(n, *, higher=False):
    values = [0.5 + ((7 * i) % n) / 1000 for i in range(n)]
    return ComparisonReport(
        labels=tuple(f"search/trial-{i:03d}" for i in range(n)),
        scores=tuple(
            Score(dataset="valid", metric="m", higher_is_better=higher, best=v, best_round=i, last=v)
            for i, v in enumerate(values)
        ),
        sections={
            "parameters": (
                ComparedRow(name="max_depth", values=tuple(i % 5 for i in range(n))),
                ComparedRow(name="a_parameter_with_a_name_that_takes_the_width", values=tuple(range(n))),
                ComparedRow(name="gamma", values=(0,) * n),
            ),
            "training": (ComparedRow(name="rounds", values=(100,) * n),),
            "size": (ComparedRow(name="leaves", values=tuple(1000 + i for i in range(n))),),
        },
    )


@pytest.mark.parametrize("n", [5, 13, 50])
def test_every_run_has_one_line_with_its_best_value_whole(n):
    report = comparison(n)
    lines = comparison_text(report).splitlines()
    assert max(map(len, lines)) <= 80
    for label, score in zip(report.labels, report.scores, strict=True):
        (line,) = [x for x in lines if x.startswith(f"{label} ")]
        assert f"{score.best:#.4g}" in line.split()


@pytest.mark.parametrize("higher", [False, True])
def test_the_best_stands_first(higher):
    report = comparison(9, higher=higher)
    lines = [x for x in comparison_text(report).splitlines() if x.startswith("search/")]
    values = [float(line.split()[1]) for line in lines]
    assert values == sorted(values, reverse=higher)


def test_columns_that_do_not_fit_are_left_out_whole():
    text = comparison_text(comparison(5))
    assert "max_depth" in text
    assert "a_parameter_with" not in text
    assert "gamma" not in text


def test_runs_without_the_metric_stand_last():
    report = comparison(6)
    cut = ComparisonReport(labels=report.labels, scores=(None, *report.scores[1:]), sections=report.sections)
    lines = [x for x in comparison_text(cut).splitlines() if x.startswith("search/")]
    assert lines[-1].split()[:2] == ["search/trial-000", "-"]
