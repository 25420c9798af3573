"""A table checked in a process of its own: read here, by Dask, by Spark; and how far two ways agree."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _data.speed import resident

CHILD = Path(__file__).with_name("large_child.py")
WAYS = ("here", "dask-1", "dask-2", "spark-1", "spark-2")
_UNLIKE = frozenset({"engine", "dtype", "place", "reading"})
"""What names the engine, and not the data."""
_OF_ORDER = frozenset({"order", "steps_by_one", "label_order", "examples", "duplicates", "conflicts", "row"})
"""What hangs on the order of the rows, which Spark does not keep."""
_ROWS = re.compile(r"rows? [\d, ]+")
_CLOSE = 1e-9


def measured(way: str, folder: Path) -> dict[str, Any]:
    """The report of the process, with its greatest memory, or why it failed."""
    with (folder / f"{way}.out").open("w+") as out, (folder / f"{way}.err").open("w+") as err:
        child = subprocess.Popen([sys.executable, str(CHILD), way, str(folder)], stdout=out, stderr=err)
        peak = 0
        while child.poll() is None:
            peak = max(peak, sum(map(resident, family(child.pid))))
            time.sleep(0.2)
        out.seek(0)
        err.seek(0)
        said, lines = out.read().strip().splitlines(), err.read().strip().splitlines()
    if child.returncode or not said:
        return {"way": way, "failed": (lines or ["no word"])[-1][:300]}
    return {"way": way, "peak_gb": round(peak / 1e9, 2), **json.loads(said[-1])}


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def differences(first: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """Whether the findings say the same, but for the numbers of rows, and which numbers of the profiles do not."""
    mine, theirs = dict(leaves(first["profile"])), dict(leaves(one["profile"]))
    unlike = [place for place in {**mine, **theirs} if not same(mine.get(place), theirs.get(place))]
    told = [f"{p}: {mine.get(p)} / {theirs.get(p)}" for p in unlike if not _OF_ORDER & set(p.split("/"))]
    said, before = (sorted(_ROWS.sub("row", " ".join(f)) for f in x["findings"]) for x in (one, first))
    return {
        "same_findings": said == before,
        "n_findings": len(said),
        "n_numbers": len(theirs),
        "n_other": len(told),
        "n_of_order": len(unlike) - len(told),
        "other": told,
        "other_findings": sorted(set(said) ^ set(before)),
    }


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and text of a profile with where it stands."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in _UNLIKE:
                yield from leaves(part, f"{place}/{name}")
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from leaves(part, f"{place}/{i}")
    else:
        yield place, value


def same(one: Any, two: Any) -> bool:
    """Sums in another order differ in their last digits."""
    if isinstance(one, float) and isinstance(two, int | float):
        return math.isclose(one, two, rel_tol=_CLOSE, abs_tol=1e-12) or (math.isnan(one) and math.isnan(two))
    return bool(one == two)
