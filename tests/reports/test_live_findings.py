import dataclasses
import io
import logging

import pytest

from tests.reports.examples import DIVERGED, OVERTRAINING, feature_finding
from tests.reports.screens import Ascii, Terminal, run_of, screen, train
from treedebug.core.findings import Severity
from treedebug.core.run.run_data import RunData
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.live_findings import LiveFindings
from treedebug.reports.progress_line import ProgressLine


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def look(listener: LiveFindings, run: RunData, *findings, n_rounds: int = 60, final: bool = False) -> None:
    """Show the listener a run of `n_rounds` rounds in which these findings stand."""
    while run.n_rounds < n_rounds:
        run.rounds.append(run.n_rounds, learning_rate=0.1, seconds=0.01, iterations=run.n_rounds + 1)
    run.findings = [f if f.detected_at else f.seen(n_rounds) for f in findings]
    listener.on_events(run, [], final=final)


def test_what_opens_is_said_once_and_what_no_longer_holds_is_withdrawn():
    out = io.StringIO()
    listener, run = LiveFindings(LiveConsole(out)), run_of()
    look(listener, run, OVERTRAINING)
    look(listener, run, OVERTRAINING, n_rounds=70)
    look(listener, run, DIVERGED, n_rounds=80)
    look(listener, run, OVERTRAINING, DIVERGED, n_rounds=100)
    lines = out.getvalue().splitlines()
    assert [line.split(" after ")[0] for line in lines] == [
        "warning CV102 overtraining", "withdrawn CV102 overtraining", "error CV101 diverged",
        "warning CV102 overtraining",
    ]  # fmt: skip
    assert lines[0].startswith("warning CV102 overtraining after 60 rounds: Validation logloss was best")
    assert lines[0].endswith("over 406 rounds; try early_stopping_rounds=20, learning_rate=0.05, or num_boost_round=94")
    assert lines[1] == "withdrawn CV102 overtraining after 80 rounds: it no longer holds"
    assert lines[2] == "error CV101 diverged after 80 rounds: The training loss is NaN."


def test_infos_wait_for_the_report():
    out = io.StringIO()
    look(LiveFindings(LiveConsole(out)), run_of(), feature_finding("age"))
    assert not out.getvalue()


def test_findings_on_features_wait_until_they_are_firm():
    out = io.StringIO()
    listener, run = LiveFindings(LiveConsole(out)), run_of()
    leak = dataclasses.replace(feature_finding("age", Severity.WARNING), code="FT306", detected_at=20)
    look(listener, run, leak, n_rounds=20)
    look(listener, run, leak, n_rounds=39)
    assert not out.getvalue()
    look(listener, run, leak, n_rounds=40)
    assert "FT306" in out.getvalue()
    late = io.StringIO()
    look(LiveFindings(LiveConsole(late)), run_of(), leak, n_rounds=21, final=True)
    assert "FT306" in late.getvalue()


def test_a_fold_and_a_run_of_several_are_named():
    out = io.StringIO()
    look(LiveFindings(LiveConsole(out)), run_of(fold=2), DIVERGED)
    look(LiveFindings(LiveConsole(out), name="fit-003"), run_of(), DIVERGED)
    first, second = out.getvalue().splitlines()
    assert "after 60 rounds (fold 2): The" in first
    assert "after 60 rounds (fit-003): The" in second


def test_it_goes_to_the_stderr_of_the_moment(capsys):
    look(LiveFindings(LiveConsole()), run_of(), DIVERGED)
    captured = capsys.readouterr()
    assert "CV101" in captured.err
    assert not captured.out
    assert "\x1b" not in captured.err


def test_every_line_goes_to_the_log_too_and_only_there_if_quiet(caplog, capsys):
    with caplog.at_level(logging.INFO, logger="treedebug"):
        listener, run = LiveFindings(None), run_of()
        look(listener, run, DIVERGED)
        look(listener, run, n_rounds=80)
    assert [(r.name, r.levelname) for r in caplog.records] == [("treedebug", "ERROR"), ("treedebug", "INFO")]
    assert capsys.readouterr().err == ""


def test_an_ascii_stream_and_a_closed_one_do_no_harm(monkeypatch):
    ascii_only = Ascii()
    look(LiveFindings(LiveConsole(ascii_only)), run_of(), feature_finding("größe\n", Severity.ERROR))
    assert r"gr\xf6\xdfe takes" in ascii_only.getvalue()
    closed = io.StringIO()
    closed.close()
    look(LiveFindings(LiveConsole(closed)), run_of(), DIVERGED)
    monkeypatch.setattr("sys.stderr", None)
    look(LiveFindings(LiveConsole()), run_of(), DIVERGED)


def test_on_a_terminal_findings_and_progress_do_not_garble_each_other(terminal):
    console = LiveConsole(terminal)
    listener, progress = LiveFindings(console), ProgressLine(console)
    run = run_of(planned=20)
    train(run, progress, 5)
    run.findings = [OVERTRAINING.seen(5)]
    listener.on_events(run, [])
    train(run, progress, 20)
    progress.close()
    progress.close()
    shown = screen(terminal.getvalue())
    assert "warning" in shown[0]
    assert shown[0].count("CV102") == 1
    assert shown[1].startswith("round 20/20, ")
    assert shown[1].endswith("1 finding: train rmse 0.05, valid rmse 0.1")
    assert shown[2:] == [""]
