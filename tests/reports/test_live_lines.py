import copy
import io
import pickle
import time

import pytest

from tests.reports.examples import DIVERGED, OVERTRAINING, feature_finding
from treedebug.core.findings import FindingEvent, Severity
from treedebug.core.run.run_data import Header, RunData
from treedebug.reports import live_lines
from treedebug.reports.live_lines import LiveConsole, LiveFindings, ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Ascii(io.StringIO):
    encoding = "ascii"

    def write(self, text: str) -> int:
        text.encode("ascii")
        return super().write(text)


def screen(written: str) -> list[str]:
    """What a terminal shows: a carriage return goes back to the first column, and what stands there is overwritten."""
    lines = [""]
    for part in written.split("\n"):
        for piece in part.split("\r"):
            lines[-1] = piece + lines[-1][len(piece) :]
        lines.append("")
    return [line.rstrip() for line in lines[:-1]]


def run_of(planned: int | None = None, start: int = 0, **header) -> RunData:
    return RunData(Header(planned_rounds=planned, start_round=start, **header))


def train(run: RunData, progress: ProgressLine, n_rounds: int) -> None:
    for i in range(run.n_rounds or run.header.start_round, n_rounds):
        run.rounds.append(i, learning_rate=0.1, seconds=0.01, iterations=i + 1)
        run.evals.append(i, "train", "rmse", 1 / (i + 1))
        run.evals.append(i, "valid", "rmse", 2 / (i + 1))
        progress.on_round(run)


def event(kind, finding, n_rounds=60):
    return FindingEvent(kind, finding, n_rounds)


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_only_what_opens_is_said_and_only_once():
    out = io.StringIO()
    listener = LiveFindings(LiveConsole(out))
    run = run_of()
    listener.on_events(run, [event("opened", OVERTRAINING), event("changed", DIVERGED)])
    listener.on_events(run, [event("closed", OVERTRAINING)])
    listener.on_events(run, [event("opened", OVERTRAINING), event("opened", DIVERGED, 70)])
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("warning CV102 overtraining after 60 rounds: Validation logloss was best")
    assert lines[0].endswith("over 406 rounds; try early_stopping_rounds=20, learning_rate=0.05, or num_boost_round=94")
    assert lines[1] == "error CV101 diverged after 70 rounds: The training loss is NaN."


def test_a_fold_is_named():
    out = io.StringIO()
    LiveFindings(LiveConsole(out)).on_events(run_of(fold=2), [event("opened", DIVERGED)])
    assert "after 60 rounds (fold 2): The" in out.getvalue()


def test_what_is_only_worth_knowing_waits_for_the_report():
    stream = io.StringIO()
    LiveFindings(LiveConsole(stream)).on_events(run_of(), [event("opened", feature_finding("age", Severity.INFO))])
    assert not stream.getvalue()


def test_it_goes_to_the_stderr_of_the_moment(capsys):
    LiveFindings().on_events(run_of(), [event("opened", DIVERGED)])
    captured = capsys.readouterr()
    assert "CV101" in captured.err
    assert not captured.out
    assert "\x1b" not in captured.err


def test_an_ascii_stream_and_a_closed_one_do_no_harm(monkeypatch):
    ascii_only = Ascii()
    LiveFindings(LiveConsole(ascii_only)).on_events(
        run_of(), [event("opened", feature_finding("größe\n", Severity.WARNING))]
    )
    assert r"gr\xf6\xdfe takes" in ascii_only.getvalue()
    closed = io.StringIO()
    closed.close()
    LiveFindings(LiveConsole(closed)).on_events(run_of(), [event("opened", DIVERGED)])
    monkeypatch.setattr("sys.stderr", None)
    console = LiveConsole()
    LiveFindings(console).on_events(run_of(), [event("opened", DIVERGED)])
    train(run_of(), ProgressLine(console), 3)


def test_callbacks_that_hold_them_can_be_copied_and_pickled(terminal):
    console = LiveConsole(terminal)
    pair = (LiveFindings(console), ProgressLine(console))
    for again in (copy.deepcopy(pair), pickle.loads(pickle.dumps(pair))):  # noqa: S301 - our own
        assert again[0]._console is again[1]._console


def test_on_a_terminal_findings_and_progress_do_not_garble_each_other(terminal):
    console = LiveConsole(terminal)
    listener, progress = LiveFindings(console), ProgressLine(console)
    run = run_of(planned=20)
    train(run, progress, 5)
    run.findings = [OVERTRAINING]
    listener.on_events(run, [event("opened", OVERTRAINING)])
    train(run, progress, 20)
    progress.close()
    progress.close()
    shown = screen(terminal.getvalue())
    assert "warning" in shown[0]
    assert shown[0].count("CV102") == 1
    assert shown[1].startswith("round 20/20, ")
    assert shown[1].endswith("1 finding: train rmse 0.05, valid rmse 0.1")
    assert shown[2:] == [""]


def test_on_a_terminal_it_draws_at_most_ten_times_a_second(terminal, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(live_lines.time, "monotonic", lambda: now[0])
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
    monkeypatch.setattr(live_lines.time, "monotonic", lambda: now[0])
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
def test_a_round_that_is_not_drawn_costs_next_to_nothing(stream, monkeypatch):
    monkeypatch.setattr(live_lines, "_SECONDS_BETWEEN", 1000.0)
    run, progress = run_of(planned=10**9), ProgressLine(LiveConsole(stream()))
    train(run, progress, 1)
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(2000):
            progress.on_round(run)
        best = min(best, (time.perf_counter() - began) / 2000)
    assert best < 5e-6
