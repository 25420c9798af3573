"""What `slim` made of a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from treedebug.api.rebuild_booster import load_booster
from treedebug.core.phrases import figure


class Size(NamedTuple):
    """A model's size, and its loss on the validation rows."""

    n_rounds: int
    n_leaves: int
    n_bytes: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class Slimmed:
    """A model made small: what it was, what it is, and what that cost on the validation rows."""

    source: str
    library: str
    loss_name: str
    method: str
    before: Size
    """The model as it came."""
    stopped: Size
    """Cut at its best round on the validation rows, as early stopping would have left it."""
    after: Size
    difference: float
    """Mean loss of the validation rows less that of the cut model."""
    error: float
    """Standard error of the difference, paired by row."""
    n_valid: int
    n_candidates: int
    raw: bytes
    """The model's file."""
    path: Path | None = None
    columns: tuple[int, ...] | None = None
    """Features that the model takes, where some were left out."""
    notes: tuple[str, ...] = ()

    @property
    def booster(self) -> Any:
        """The model as its library's booster. Raise MissingExtraError without the library."""
        return load_booster(self.raw, self.library)

    def __str__(self) -> str:
        """Return a line for each size, and one for what changed."""
        names = ("as it was", "cut at its best round", "slim")
        lines = [
            f"{name:<22} {s.n_rounds:>6,} rounds {s.n_leaves:>9,} leaves {s.n_bytes:>11,} bytes   "
            f"{self.loss_name} {figure(s.loss)}"
            for name, s in zip(names, (self.before, self.stopped, self.after), strict=True)
        ]
        if self.after.n_leaves >= self.stopped.n_leaves:
            lines.append(f"nothing smaller is as good: {self.n_candidates:,} candidates were looked at")
        else:
            lines.append(
                f"{self.method}: {self.loss_name} {self.difference:+.4g} +- {self.error:.2g} on {self.n_valid:,} "
                f"validation rows, the best of {self.n_candidates:,} candidates"
            )
        if self.columns is not None:
            lines.append(f"it takes {len(self.columns)} features")
        lines += self.notes
        if self.path is not None:
            lines.append(f"written to {self.path}, read back by {self.library}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able data, without the model itself."""
        return {
            "source": self.source, "library": self.library, "loss": self.loss_name, "method": self.method,
            "before": self.before._asdict(), "stopped": self.stopped._asdict(), "after": self.after._asdict(),
            "difference": self.difference, "error": self.error, "n_valid": self.n_valid,
            "n_candidates": self.n_candidates, "path": None if self.path is None else str(self.path),
            "columns": None if self.columns is None else list(self.columns), "notes": list(self.notes),
        }  # fmt: skip
