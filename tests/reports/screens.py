"""Screens to write on, and runs that grow."""

from __future__ import annotations

import io

from treedebug.core.run.run_data import Header, RunData
from treedebug.reports.progress_line import ProgressLine


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
