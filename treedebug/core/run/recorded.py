"""What can be read of every recorded training, whoever trained it."""

from __future__ import annotations

from pathlib import Path

from treedebug.core.findings import Finding, FindingList
from treedebug.core.run.run_data import Header, Note, RunData


class Recorded:
    """One recorded training: its facts, how it ended, and what was found."""

    def __init__(self, data: RunData, path: Path | None = None) -> None:
        self.data = data
        """The streams themselves, for rules and signals."""
        self.path = path

    @property
    def header(self) -> Header:
        """Library, versions, parameters, data facts, host and start time."""
        return self.data.header

    @property
    def n_rounds(self) -> int:
        """Rounds recorded so far."""
        return self.data.n_rounds

    @property
    def state(self) -> str:
        """How it ended: "finished", "stopped", "interrupted", or "running or killed" where no end was recorded."""
        return str(self.data.ending["state"]) if self.data.ending else "running or killed"

    @property
    def findings(self) -> list[Finding]:
        """What the rules reported while it trained, as it stood last. `treedebug.check` judges again."""
        return FindingList(self.data.findings)

    @property
    def notes(self) -> list[Note]:
        """What could not be recorded, and why."""
        return list(self.data.notes)

    @property
    def trained(self) -> str:
        """What was trained, in a word."""
        return self.header.library or "unknown"

    def __repr__(self) -> str:
        """Return one line: what, how many rounds, in which state, how many findings."""
        where = f" at {str(self.path)!r}" if self.path else ""
        return (
            f"<{type(self).__name__} of {self.trained}{where}: {self.n_rounds} rounds, {self.state}, "
            f"{len(self.data.standing)} findings>"
        )
