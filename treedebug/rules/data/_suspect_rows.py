"""The rows whose labels are most suspicious, as DA622 lists them: by a run's margins, or by the table itself."""

from __future__ import annotations

from dataclasses import dataclass

from treedebug.core.phrases import listed
from treedebug.rules.data._column_words import shown
from treedebug.signals.data.suspect_labels import LabelSuspects


@dataclass(frozen=True)
class SuspectRows:
    """Rows of the training data, the most suspicious first; `n` of them in all, and what to say of them."""

    rows: list[int]
    n: int
    words: str
    suggested: list[str]
    """The labels that predictions suggest instead; empty where only margins are known."""


def suspect_rows(found: LabelSuspects, *, share: float, most: int, by_run: bool) -> SuspectRows:
    """A share of the training rows, at most `most`; of the table alone, those it has kept (at most 100)."""
    if by_run and found.run is not None:
        n = max(round(share * len(found.run.rows)), 1)
        rows = found.run.rows[: min(n, most)].tolist()
        words = listed([str(r) for r in rows])
        return SuspectRows(rows, n, f"most suspicious by their margins are {n} training rows, {words}", [])
    table = found.table
    n = max(round(share * table.n_rows), 1) if table is not None else 0
    some = table.suspects[: min(n, most)] if table is not None else ()
    words = listed([f"{s.row} ({shown(s.given)}, rather {shown(s.suggested)})" for s in some], 4)
    return SuspectRows([s.row for s in some], n, f"most suspicious are rows {words}", [str(s.suggested) for s in some])
