"""The line that says how far a long table has been read."""

from __future__ import annotations

import io

import pytest

from treedebug.reports.table_progress import TableProgress


class Screen(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_nothing_is_said_within_three_seconds(clock):
    stream = io.StringIO()
    progress = TableProgress(stream, clock)
    clock.now += 2.9
    progress("train", 1_000_000)
    progress.close()
    assert stream.getvalue() == ""


def test_a_log_gets_a_line_every_ten_seconds(clock):
    stream = io.StringIO()
    progress = TableProgress(stream, clock)
    for _ in range(12):
        clock.now += 2.0
        progress("train", 131_072)
    progress("train", None)
    progress.close()
    assert stream.getvalue().splitlines() == [
        "train: 131,072 rows read (4 s)", "train: 131,072 rows read (14 s)", "train: 131,072 rows read (24 s)",
    ]  # fmt: skip


def test_on_a_terminal_one_line_is_rewritten_and_wiped(clock):
    screen = Screen()
    progress = TableProgress(screen, clock)
    clock.now += 4.0
    progress("train", 131_072)
    clock.now += 1.0
    progress("train", None)
    progress.close()
    shown = screen.getvalue()
    assert "\n" not in shown
    assert "\rtrain: 131,072 rows read (4 s)" in shown
    assert "all rows read, measuring (5 s)" in shown
    assert shown.endswith("\r")


def test_a_closed_stream_stops_nothing(clock):
    stream = io.StringIO()
    progress = TableProgress(stream, clock)
    stream.close()
    clock.now += 5.0
    progress("train", 1)
