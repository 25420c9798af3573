"""Watched runs on a terminal and as lines."""

from __future__ import annotations

import io

import pytest

from treedebug.core.findings import Finding, Severity
from treedebug.core.report import RunGlance
from treedebug.reports.console import make_console
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.watch_lines import WatchLines
from treedebug.reports.watch_screen import sparkline, status_text, watch_screen

FOUND = Finding(code="CV102", name="overtraining", severity=Severity.WARNING, message="wasted\x1b[31m rounds")


def run(label="churn", **fields):
    return RunGlance(**{"label": label, "state": "running", "n_rounds": 120, "planned_rounds": 500} | fields)


def drawn(runs, *, width=80, height=24):
    out = io.StringIO()
    console = make_console(out, width=width, color=False)
    console.print(watch_screen(runs, width=width, height=height))
    return out.getvalue()


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1, 2, 3], "▁▅█"),
        ([3.0, 3.0], "▁▁"),
        ([], ""),
        ([float("nan"), 1.0, float("inf"), 2.0], " ▁ █"),
        ([float("nan")], " "),
        ([-1e308, 1e308], "▁▁"),
    ],
)
def test_sparkline(values, shown):
    assert sparkline(values) == shown


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    assert len(sparkline(range(1000))) == 24
    assert sparkline(range(1000))[0] + sparkline(range(1000))[-1] == "▁█"


def test_status():
    known = run(seconds_a_round=0.2, seconds_left=76.0, metric="valid logloss", last=0.1413, best=0.1397, best_round=96)
    assert status_text(known) == (
        "120 of 500 rounds, 0.2 s each, 1m16s left; valid logloss 0.1413, best 0.1397 in round 96"
    )
    assert status_text(run(planned_rounds=None)) == "120 rounds"


def test_the_screen_fits_and_hostile_text_stays_text():
    text = drawn([run(f"run-{n}[red]", findings=(FOUND,), curve=(3.0, 1.0)) for n in range(100)])
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "[red]" in text
    assert "runs more" in text
    assert "findings more: treedebug check" in text


def test_nothing_found():
    assert "nothing found yet" in drawn([run()])


def test_lines_say_what_is_new():
    out = io.StringIO()
    lines = WatchLines(LiveConsole(out))
    lines.show([run()])
    lines.show([run(n_rounds=121)])
    lines.show([run(n_rounds=160, notes=("Notify told of CV102: it",))])
    lines.show([run(n_rounds=500, state="finished", notes=("Notify told of CV102: it",))])
    said = out.getvalue().splitlines()
    assert [line.split(":")[1].strip() for line in said] == ["running", "Notify told of CV102", "running", "finished"]
