"""The screen while it trains: whole lines on stderr, and one status line that is rewritten in place on a terminal."""

from __future__ import annotations

import os
import sys
from typing import TextIO

_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}
_WIDEST = 100


class LiveConsole:
    """Whole lines on stderr, and at most one status line that is rewritten in place on a terminal.

    Holds no handle and no lock, so that a callback can be copied and pickled; stderr is looked up at each write. What
    cannot be written (a closed or missing stderr) is dropped: showing must never break a training.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._status = ""

    @property
    def is_terminal(self) -> bool:
        """Whether a status line can be rewritten."""
        stream = self._stream or sys.stderr
        try:
            return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"
        except (AttributeError, ValueError):
            return False

    @property
    def width(self) -> int:
        """Columns a status line may fill."""
        try:
            return min(os.get_terminal_size((self._stream or sys.stderr).fileno()).columns - 1, _WIDEST)
        except (AttributeError, ValueError, OSError):
            return 79

    def line(self, text: str, *, severity: str = "") -> None:
        """Print a line of its own, above the status line; `severity` colours its first word on a terminal."""
        if severity and self.is_terminal and "NO_COLOR" not in os.environ:
            text = text.replace(severity, f"{_COLORS[severity]}{severity}\x1b[0m", 1)
        self._write(f"{self._erase()}{text}\n{self._status}")

    def status(self, text: str) -> None:
        """Rewrite the status line (on a terminal only)."""
        blank = " " * max(0, len(self._status) - len(text))
        self._write(f"\r{text}{blank}" if not blank else f"\r{text}{blank}\r{text}")
        self._status = text

    def end_status(self) -> None:
        """Leave the status line as it stands and go to the next line."""
        if self._status:
            self._status = ""
            self._write("\n")

    def _erase(self) -> str:
        return f"\r{' ' * len(self._status)}\r" if self._status else ""

    def _write(self, text: str) -> None:
        stream = self._stream or sys.stderr
        try:
            encoding = getattr(stream, "encoding", None) or "utf-8"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (AttributeError, ValueError, OSError):
            return

    def __getstate__(self) -> dict[str, object]:
        """Drop the stream: copies write to the stderr of their own process."""
        return {"_stream": None, "_status": ""}
