import io

import pytest

from tests.reports.screens import Terminal, run_of, train
from treedebug.reports import progress_line
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.progress_line import ProgressLine


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_on_a_terminal_it_draws_at_most_ten_times_a_second(terminal, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress_line.time, "monotonic", lambda: now[0])
    run, progress = run_of(planned=1000), ProgressLine(LiveConsole(terminal))
    for i in range(1000):
        now[0] = i / 1000
        train(run, progress, i + 1)
    assert 9 <= terminal.getvalue().count("round ") <= 11


def test_the_status_line_fits_the_terminal(terminal):
    run, progress = run_of(planned=10), ProgressLine(LiveConsole(terminal))
    for i in range(30):
        run.evals.append(0, f"dataset_{i}", "a_long_metric_name", 1.0)
    train(run, progress, 1)
    line = terminal.getvalue().replace("\r", "")
    assert len(line) <= 79
    assert "valid rmse 2" in line


def test_speed_and_time_left(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress_line.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    run, progress = run_of(planned=100), ProgressLine(LiveConsole(out))
    train(run, progress, 1)
    now[0] = 30.0
    train(run, progress, 10)
    assert "round 10/100, 3.33 s each, 5m00s left: train rmse 0.1" in out.getvalue()


@pytest.mark.parametrize(
    ("planned", "start", "last", "shown"),
    [
        (50, 0, 50, [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]),
        (3, 0, 3, [1, 2, 3]),
        (120, 100, 120, [101, 102, 104, 106, 108, 110, 112, 114, 116, 118, 120]),
        (1000, 0, 237, [1, 100, 200, 237]),
        (None, 0, 1200, [1, 10, 20, 50, 100, 200, 500, 1000, 1200]),
    ],
)
def test_in_a_log_a_plain_line_now_and_then(planned, start, last, shown):
    out = io.StringIO()
    run, progress = run_of(planned=planned, start=start), ProgressLine(LiveConsole(out))
    train(run, progress, last)
    progress.close()
    lines = out.getvalue().splitlines()
    assert [int(line.split()[1].split("/")[0].strip(",:")) for line in lines] == shown
    assert "\r" not in out.getvalue()


def test_of_several_folds_the_first_speaks(terminal):
    out = io.StringIO()
    folds = [run_of(planned=10, fold=i) for i in range(3)]
    progress = ProgressLine(LiveConsole(out))
    for i in range(10):
        for run in folds:
            train(run, progress, i + 1)
    progress.close()
    assert len(out.getvalue().splitlines()) == 10


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_round_that_is_not_drawn_writes_nothing(stream, monkeypatch):
    monkeypatch.setattr(progress_line, "_SECONDS_BETWEEN", 1000.0)
    out = stream()
    run, progress = run_of(planned=10**9), ProgressLine(LiveConsole(out))
    train(run, progress, 1)
    drawn = out.getvalue()
    train(run, progress, 500)
    assert out.getvalue() == drawn
