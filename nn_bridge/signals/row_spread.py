"""How far the outputs of the weighted layers vary from row to row, once a round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import ACTIVATION, OUTPUT, TensorLog
from treedebug.engine.resolve import Missing

_FEWEST = 4


@dataclass(frozen=True)
class RowSpread:
    """A layer's spread over rows, at first and over the last two measurements."""

    layer: str
    """"" for what the net returns."""
    first: float
    """Standard deviation over the rows, root mean square over the units."""
    last: float
    """The largest of the last two."""
    first_share: float
    """The standard deviation of the rows' directions, at most 1."""
    last_share: float
    first_round: int
    last_round: int


@dataclass(frozen=True)
class RowSpreads:
    """The layers whose outputs were measured in four rounds or more, in the order of the net; then the net itself."""

    found: tuple[RowSpread, ...]

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raise Missing where no layer was measured so often."""
        names = [x.name for x in facts.layers if x.is_weighted]
        places = [*((name, ACTIVATION) for name in names), ("", OUTPUT)]
        found = [one for name, kind in places if (one := _spread(log, name, kind)) is not None]
        if not found:
            raise Missing(f"needs {_FEWEST} rounds with the outputs of a weighted layer")
        return cls(tuple(found))


def _spread(log: TensorLog, name: str, kind: str) -> RowSpread | None:
    series = log.series(name, kind, "row_std")
    share = log.series(name, kind, "row_share")
    if len(share.values) != len(series.values):
        return None  # a recorder writes both at once; a damaged record may hold one
    known = np.flatnonzero(np.isfinite(series.values))
    known = known[np.unique(series.rounds[known], return_index=True)[1]]  # one a round
    values, shares, rounds = series.values[known], share.values[known], series.rounds[known]
    if len(values) < _FEWEST or not (values > 0).all():  # zeros are a dead layer's
        return None
    return RowSpread(
        name, float(values[0]), float(values[-2:].max()), float(shares[0]), float(shares[-2:].max()),
        int(rounds[0]), int(rounds[-1]),
    )  # fmt: skip
