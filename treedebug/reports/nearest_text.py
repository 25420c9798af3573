"""The training rows behind a prediction, as lines."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from treedebug.core.phrases import figure, percent


def print_nearest(rows: pd.DataFrame, console: Console, *, row: int, by: str) -> None:
    """Print what `nearest` found for one row: the likest first, with labels and pulls where they are known."""
    labelled = bool(rows["label"].notna().any())
    counted = "of the trees" if by == "trees" else "of the gain"
    top = rows.iloc[0]
    console.print(
        f"row {row} shares {percent(float(top['similarity']))} {counted} with training row {int(top['row'])}, "
        f"{percent(float(rows['similarity'].iloc[-1]))} with the last one shown"
    )
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in ("training row", "alike", *(("label", "pulls the margin by") if labelled else ())):
        table.add_column(title, justify="right")
    columns = (rows[name].to_numpy(dtype=np.float64) for name in ("row", "similarity", "label", "influence"))
    for at, alike, label, pull in zip(*columns, strict=True):
        table.add_row(f"{at:.0f}", percent(alike), *((figure(label), f"{pull:+.3g}") if labelled else ()))
    console.print(table)
