"""StopTraining: end the training when a finding says that more rounds are wasted."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.actions.selection import Selection
from treedebug.core.findings import Finding
from treedebug.core.protocols import Knobs
from treedebug.core.run.run_data import Note, RunData
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.curves.eval_curves import EvalLoss


class StopTraining:
    """Ends the training at the first finding of the rules named, with `best_iteration` set as early stopping would.

    `on` holds codes, names, families or severities: `StopTraining(on=["CV102", "diverging-loss", "error"])`. With
    `dry_run` it only notes in the run when it would have stopped.
    """

    def __init__(self, on: Sequence[str] = ("CV102",), *, dry_run: bool = False) -> None:
        self._selection = Selection(on, "StopTraining")
        self.on = self._selection.words
        self.dry_run = dry_run

    def on_findings(self, run: RunData, findings: Sequence[Finding], knobs: Knobs) -> None:
        """Ask to stop if one of the rules has fired."""
        found = self._selection.of(findings)
        if not found:
            return
        reason = f"{found[0].code} {found[0].name}"
        if not self.dry_run:
            knobs.stop(best_round=_best_round(run), reason=reason)
            return
        said = f"StopTraining would have stopped the training for {reason} (dry_run)"
        if all(note.message != said for note in run.notes):
            run.notes.append(Note("actions", said, run.n_rounds))

    def __repr__(self) -> str:
        """As it was made."""
        return f"StopTraining(on={list(self.on)!r}{', dry_run=True' if self.dry_run else ''})"


def _best_round(run: RunData) -> int | None:
    """The best round of the curve that early stopping would watch; None without a validation set."""
    try:
        loss: EvalLoss = Resolver(run.at(run.n_rounds)).get(EvalLoss)
    except Missing:
        return None
    return loss.best_round
