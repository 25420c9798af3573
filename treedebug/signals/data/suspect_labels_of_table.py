"""Labels that out-of-fold predictions contradict, before any training: how many look wrong, and which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.data.table_profile import Suspect
from treedebug.engine.resolve import Missing
from treedebug.signals.data.checked_tables import TrainingTable
from treedebug.signals.data.noise_rate import Parts, surest

_BLIND = 0.6
_OVERLAP = 0.1
"""Share of rows that equal another in all but the label: the classes overlap, and any label may be right."""


@dataclass(frozen=True, eq=False)
class ProfileSuspects:
    """Rows of the training data whose label is probably wrong, and how often sure predictions are contradicted."""

    suspects: tuple[Suspect, ...]
    """Most suspicious first, at most 100."""
    n_rows: int
    """Rows judged."""
    parts: Parts
    """Of all rows judged."""
    n_classes: int
    base_accuracy: float = 0.0
    """Of always guessing the most frequent class."""
    conflicting_share: float = 0.0
    """Of the rows that equal another in all but the label."""
    counts: tuple[float, ...] = ()
    """Rows of each class, as labelled."""

    @property
    def is_blind(self) -> bool:
        """Whether the surest predictions are contradicted nearly as often as a guess, or the classes overlap anyway."""
        wrong, rows = surest(self.parts)
        return self.conflicting_share > _OVERLAP or wrong >= _BLIND * (1.0 - self.base_accuracy) * rows

    @classmethod
    def measure(cls, table: TrainingTable) -> Self:
        """Raise Missing where no out-of-fold predictions were made."""
        found = table.profile.noise
        if found is None or not found.sureness:
            reason = table.profile.unmeasured.get("noise", "needs the label: name its column with target=")
            raise Missing(reason)
        repeats = table.profile.repeats
        conflicting = repeats.n_conflicting / max(table.profile.n_rows, 1) if repeats is not None else 0.0
        return cls(
            found.suspects, found.n_rows, found.sureness, max(found.n_classes, 2), found.base_accuracy, conflicting,
            tuple(float(c.count) for c in label.classes) if (label := table.profile.label) is not None else (),
        )  # fmt: skip
