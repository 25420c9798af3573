"""What theory tells of trees, against the truth: effective parameters, nearest rows, coverage, curves, averaging.

    python benchmarks/theory.py [--only parameters cost coverage curves averaging] [--data FOLDER] [--docs PAGE]

`--data` adds the real tables of a folder (see benchmarks/README in docs/benchmark.md); `--docs` puts the tables into a
page. The interval of learning curves was set on the tables of the half `design` (benchmarks/_advice/tables.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from _advice.tables import half_of
from _common import describe, machine, put, save, table
from _theory import rows, tables

PARTS = ("parameters", "cost", "coverage", "curves", "averaging")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--docs", type=Path, metavar="PAGE")
    args = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        made: dict[str, Callable[[], Any]] = {
            "parameters": lambda: list(rows.parameters(place)),
            "cost": lambda: [rows.cost(place)],
            "coverage": lambda: list(tables.coverage(args.data, place)),
            "curves": lambda: list(tables.curves(args.data)),
            "averaging": lambda: list(tables.averaging(args.data)),
        }
        for part in args.only:
            results[part] = made[part]()
            print(f"\n## {part}\n\n{_table(results[part])}\n\n{_sum(part, results[part])}", flush=True)
    print(f"\n{describe(machine())}")
    print(save("theory", results))
    if args.docs:
        for part, found in results.items():
            made_by = f"`python benchmarks/theory.py --only {part}`, {describe(machine())}."
            put(args.docs, part, f"{_table(found)}\n\n{_sum(part, found)}\n\n{made_by}")
    return 0


def _table(found: list[dict[str, Any]]) -> str:
    return table(list(found[0]), [list(row.values()) for row in found])


def _sum(part: str, found: list[dict[str, Any]]) -> str:
    n = len(found)
    if part == "parameters":
        return f"{sum(abs(f['off_in_se']) <= 3 for f in found)} of {n} within 3 standard errors of the exact sum."
    if part == "coverage":
        return (
            f"{sum(f['alarm_on_ordinary'] for f in found)} of {n} ordinary splits raise FT307, "
            f"{sum(f['found_shuffled'] for f in found)} of {n} shuffled ones do."
        )
    if part == "curves":
        halves = {half: [f["inside"] for f in found if half_of(f["table"]) == half] for half in ("design", "report")}
        return "; ".join(f"{half}: {sum(v)} of {len(v)} doublings inside" for half, v in halves.items())
    if part == "averaging":
        return f"{sum(abs(f['off']) <= 0.05 for f in found)} of {n} within 5 %."
    return ""


if __name__ == "__main__":
    raise SystemExit(main())
