"""One table and the roles of its columns."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from _faults.tables import BINARY, MULTI


@dataclass(frozen=True)
class Table:
    """`frame` holds features and target; the roles name columns of it. `tokens`: the columns are sequences."""

    name: str
    half: str
    task: str
    frame: pd.DataFrame
    target: str
    time: str | None = None
    group: str | None = None
    weight: str | None = None
    tokens: bool = False

    @property
    def features(self) -> list[str]:
        roles = {self.target, self.time, self.group, self.weight}
        return [c for c in self.frame.columns if c not in roles]

    @property
    def is_classes(self) -> bool:
        return self.task in (BINARY, MULTI)
