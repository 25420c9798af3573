"""StopTraining: end the training when a finding says that more rounds are wasted."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding
from treedebug.core.protocols import Knobs
from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.curves.eval_curves import EvalLoss


class StopTraining:
    """Ends the training at the first finding of the rules named, with `best_iteration` set as early stopping would.

    `on` holds codes, names, or prefixes of codes: `StopTraining(on=["CV102", "diverging-loss"])`.
    """

    def __init__(self, on: Sequence[str] = ("CV102",)) -> None:
        if isinstance(on, str) or not on or not all(isinstance(o, str) and o for o in on):
            raise ConfigError(f"StopTraining(on=...) takes a list of rule codes, e.g. on=['CV102']; got {on!r}")
        self.on = tuple(on)

    def on_findings(self, run: RunData, findings: Sequence[Finding], knobs: Knobs) -> None:
        """Ask to stop if one of the rules has fired."""
        for finding in findings:
            if any(finding.code.startswith(o.upper()) or finding.name == o.lower() for o in self.on):
                knobs.stop(best_round=_best_round(run), reason=f"{finding.code} {finding.name}")
                return

    def __repr__(self) -> str:
        """As it was made."""
        return f"StopTraining(on={list(self.on)!r})"


def _best_round(run: RunData) -> int | None:
    """The best round of the curve that early stopping would watch; None without a validation set."""
    try:
        loss: EvalLoss = Resolver(run.at(run.n_rounds)).get(EvalLoss)
    except Missing:
        return None
    return loss.best_round
