import re

import pytest

from treedebug.core.report import ComparedRow, ComparisonReport
from treedebug.reports.compare_text import comparison_text


def report(n: int = 2, labels: tuple[str, ...] = ("first", "second", "third", "fourth")) -> ComparisonReport:
    def row(name, *values, **kwargs):
        return ComparedRow(name=name, values=(values * n)[:n], **kwargs)

    return ComparisonReport(
        labels=labels[:n],
        sections={
            "parameters": (
                row("max_depth", 10, 3),
                row("gamma", 0, 0),
                row("objective", "multi:softprob", "rank:ndcg"),
            ),
            "metrics": (row("valid binary_logloss_with_a_long_name, best round", 0.123456, None, best=0),),
            "importance": (row("größe [red]x[/red]", 1, 2, unit="rank by total gain"),),
            "time": (row("a round", 1.5, 123456.7, best=0, unit="ms"),),
            "findings": (row("CV102 overtraining", True, False),),
        },
    )


@pytest.mark.parametrize("n", [2, 3, 4, 6])
@pytest.mark.parametrize("width", [80, 60])
def test_it_fits(n, width):
    labels = tuple(f"runs/experiment-{i}/fold_0" for i in range(n))
    lines = comparison_text(report(n, labels), width=width).splitlines()
    assert max(map(len, lines)) <= width


def test_only_parameters_that_differ_unless_asked():
    assert "gamma" not in comparison_text(report())
    assert "1 parameter equal, not shown" in comparison_text(report())
    assert "gamma" in comparison_text(report(), all_parameters=True)


def test_the_better_value_is_starred_so_that_it_reads_without_colour():
    text = comparison_text(report())
    assert "0.1235*" in text
    assert "1.5*" in text
    assert text.rstrip().endswith("* the better value")
    colored = comparison_text(report(), color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == text


def test_values_stand_under_their_run():
    lines = comparison_text(report()).splitlines()
    head = next(line for line in lines if "second" in line)
    depth = next(line for line in lines if "max_depth" in line)
    assert head.index("first") + len("first") == depth.index("10") + len("10")
    assert head.index("second") + len("second") == depth.rindex("3") + len("3")


def test_long_labels_become_letters_with_a_legend():
    lines = comparison_text(report(2, ("x" * 40, "y"))).splitlines()
    assert lines[0] == "A: " + "x" * 40
    assert lines[1] == "B: y"


def test_names_are_not_markup_and_nothing_is_cut():
    text = comparison_text(report(4))
    assert "größe [red]x[/red]" in text
    assert "…" not in text
    joined = "".join(text.split())
    assert "CV102overtrainingyesnoyesno" in joined


def test_nothing_differs():
    rows = (ComparedRow(name="gamma", values=(0, 0)),)
    text = comparison_text(ComparisonReport(labels=("a", "b"), sections={"parameters": rows}))
    assert "parameters (1 parameter equal, not shown)" in text
