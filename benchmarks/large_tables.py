"""Is a large table the same on one machine, on Dask and on Spark, and does time fall with the workers?

    python benchmarks/large_tables.py --rows 2000000                     a table of Parquet files, five ways
    python benchmarks/large_tables.py --page docs/data-benchmark.md      20,000,000 rows, and the figures on the page
    python benchmarks/large_tables.py --rows 20000 --way here --way dask-2

A training and a validation table (a tenth as many rows) of 20 columns with planted faults are written as Parquet files,
and checked in processes of their own: read here, by Dask with one and two workers, by Spark with one and two cores. The
findings and every number of the profiles are compared with those read here. Workers are started before the clock runs.
Memory is the greatest sum over the process and all that it started.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from _common import describe, machine, put, save, table
from _data.large_sets import write
from _data.large_ways import WAYS, differences, measured

HEADINGS = ("way", "seconds", "CPU here", "peak memory (GB)", "findings", "numbers", "others", "of order")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--file-rows", type=int, default=500_000, help="rows of a Parquet file")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this way (may be repeated)")
    parser.add_argument("--folder", type=Path, help="where the table is, or is written to and left, with what each "
                        "way found: a way that is there is not run again")  # fmt: skip
    parser.add_argument("--json", type=Path, help="where to write the results")
    parser.add_argument("--page", type=Path, help="put the figures on this page")
    return parser.parse_args()


def compared(args: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """What each way found, and how it differs from the first."""
    found: list[dict[str, Any]] = []
    for way in args.way or WAYS:
        kept = folder / f"{way}.json"
        one = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else measured(way, folder)
        if "failed" not in one:
            kept.write_text(json.dumps(one), encoding="utf-8")
        if "profile" in one:
            first = next((f for f in found if "profile" in f), one)
            one |= differences(first, one)
        found.append(one)
        print(json.dumps({k: v for k, v in one.items() if k not in ("profile", "findings")}), flush=True)
    return [{k: v for k, v in one.items() if k != "profile"} for one in found]


def shown(found: list[dict[str, Any]]) -> str:
    rows = []
    for one in found:
        if "failed" in one:
            rows.append([one["way"], one["failed"], *[""] * (len(HEADINGS) - 2)])
            continue
        said = f"{one['n_findings']}, {'the same' if one['same_findings'] else 'others'}"
        spent = [round(one["seconds"], 1), round(one["cpu"], 1), one["peak_gb"]]
        rows.append([one["way"], *spent, said, one["n_numbers"], one["n_other"], one["n_of_order"]])
    return table(HEADINGS, rows)


def main() -> None:
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="treedebug-large-") as made:
        folder = args.folder or Path(made)
        size = write(folder, args.rows, args.file_rows)
        about = f"{args.rows:,} training and {args.rows // 10:,} validation rows x 20 columns, {size:.2f} GB in memory"
        found = compared(args, folder)
    save("large-tables", {"table": about, "ways": found}, args.json)
    text = f"{about}; {describe(machine())}.\n\n{shown(found)}"
    print(text)
    if args.page:
        put(args.page, "large", text)


if __name__ == "__main__":
    main()
