"""What `fix` found: every trial, what was kept, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from treedebug.api.rebuild_booster import load_booster
from treedebug.core.phrases import figure
from treedebug.cure.fix.proof import Proof
from treedebug.cure.fix.trial import KEPT, Result


@dataclass(frozen=True, kw_only=True, eq=False)
class Fixed:
    """The outcome of a cure."""

    goal: str
    library: str
    loss_name: str
    judged_by: str
    """Such as "500 validation rows" or "5 folds of 1,200 rows"."""
    results: tuple[Result, ...]
    kept: Result | None
    """The trial that was kept; None where no gain was found."""
    raw: bytes
    """The model's file: of what was kept, else the user's model cut at its best round."""
    n_leaves: int
    reference_leaves: int
    reference_loss: float
    params: Mapping[str, Any]
    """What to train with from now on, by the scikit-learn wrapper's names; the rounds among them."""
    proof: Proof | None
    notes: tuple[str, ...] = ()
    path: str | None = None
    spent: str = ""

    @property
    def booster(self) -> Any:
        """The model as its library's booster. Raise MissingExtraError without the library."""
        return load_booster(self.raw, self.library)

    @property
    def is_gain(self) -> bool:
        """Whether a trial was kept."""
        return self.kept is not None

    @property
    def tried(self) -> pd.DataFrame:
        """A row a trial: changes, why, verdict, difference, error, n_rounds, n_leaves, seconds, path."""
        names = ("name", "changes", "why", "verdict", "difference", "error", "n_rounds", "n_leaves", "seconds", "path")
        rows = [{**r.to_dict(), "changes": str(r.trial)} for r in self.results]
        return pd.DataFrame([{n: row.get(n) for n in names} for row in rows], columns=list(names))

    def __str__(self) -> str:
        """Return a line for each trial, what was kept, and the proof."""
        lines = [f"{self.loss_name} of the model stopped early: {figure(self.reference_loss)} on {self.judged_by}"]
        width = max((len(str(r.trial)) for r in self.results), default=0)
        for r in self.results:
            seconds = "" if r.trained is None else f"  {r.trained.seconds:.1f} s"
            judged = "" if r.trained is None else f"{r.difference:+.3g} +- {r.error:.2g}"
            note = f"  ({r.note})" if r.note else ""
            lines.append(f"{r.verdict:<8} {r.trial!s:<{width}}  {r.trial.why:<7} {judged:<20}{seconds}{note}")
        lines.append(self.spent)
        if self.kept is None:
            lines.append("no gain found: the model cut at its best round is what to use")
        else:
            lines.append(
                f"kept {self.kept.trial}: {self.loss_name} {self.kept.difference:+.3g} +- {self.kept.error:.2g}, "
                f"{self.n_leaves:,} leaves where the model stopped early has {self.reference_leaves:,}"
            )
        lines += self.notes
        lines.append(
            "not proved: give test=(X, y), rows that no step has seen" if self.proof is None else str(self.proof)
        )
        if self.path is not None:
            lines.append(f"written to {self.path}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able data, without the model itself."""
        proof = None
        if self.proof is not None:
            proof = {
                "n_rows": self.proof.n_rows, "loss": self.proof.loss_name,
                "models": [vars(c) for c in self.proof.contenders],
                "against": [vars(a) | {"low": a.low, "high": a.high, "verdict": a.verdict} for a in self.proof.against],
            }  # fmt: skip
        return {
            "goal": self.goal, "library": self.library, "loss": self.loss_name, "judged_by": self.judged_by,
            "tried": [r.to_dict() for r in self.results], "kept": None if self.kept is None else self.kept.trial.name,
            "params": dict(self.params), "n_leaves": self.n_leaves, "reference_leaves": self.reference_leaves,
            "reference_loss": self.reference_loss, "proof": proof, "notes": list(self.notes), "path": self.path,
            "n_kept": sum(r.verdict == KEPT for r in self.results),
        }  # fmt: skip
