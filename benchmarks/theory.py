"""What theory tells of trees and nets, against the truth: one part for each bar that was set for it.

    python benchmarks/theory.py --only coverage curves averaging --data FOLDER     a few parts; results are kept
    python benchmarks/theory.py --only coverage --tables magic spambase --data FOLDER
    python benchmarks/theory.py --only coverage --data FOLDER --docs docs/theory/neighbours.md
    python benchmarks/theory.py --pictures docs/theory                             and its pictures

A row that is in the result file already is not run again, so that a long part can be run in chunks; `--fresh` forgets
them. `--data` adds the real tables of a folder (see docs/benchmark.md); `--docs` puts the tables of the parts into a
page. The interval of learning curves was set on the tables of the half `design` (benchmarks/_advice/tables.py).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

from _common import RESULTS, Log, describe, machine, put, table
from _theory.parts import PARTS, Given, Part


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--tables", nargs="+", help="rows to run, by their first column; default: all")
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--docs", type=Path, metavar="PAGE")
    parser.add_argument("--place", type=Path, default=RESULTS / "theory", help="folder of the result files")
    parser.add_argument("--fresh", action="store_true", help="run what was run before, too")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="draw the pictures of docs/theory, and no more")
    args = parser.parse_args()
    if args.pictures:
        from _theory.pictures import draw

        print(*draw(args.pictures), sep="\n")
        return 0
    for name in args.only:
        part = PARTS[name]
        found = _run(part, args.place / f"{name}.jsonl", args)
        text = f"{_table(found)}\n\n{part.verdict(found)}" if part.shows_rows else part.verdict(found)
        print(f"\n## {name}\n\n{text}", flush=True)
        if args.docs and f"<!-- {name}: begin -->" in args.docs.read_text(encoding="utf-8"):
            put(args.docs, name, f"{text}\n\n`python benchmarks/theory.py --only {name}`, {describe(machine())}.")
    return 0


def _run(part: Part, file: Path, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Run the rows that are missing, and return all of the part in its order."""
    if args.fresh:
        file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        given = Given(args.data, Path(folder))
        keys = list(part.keys(given))
        log = Log(file, (part.key,))
        for key in keys:
            if not log.has(key) and (args.tables is None or key in args.tables):
                log.add({part.key: key, **part.row(key, given)})
    by_key = {row[part.key]: row for row in log.results}
    return [by_key[key] for key in keys if key in by_key]


def _table(found: list[dict[str, Any]]) -> str:
    return table(list(found[0]), [[_told(v) for v in row.values()] for row in found]) if found else "nothing was run"


def _told(value: Any) -> Any:
    return {True: "yes", False: "no", None: ""}.get(value, value) if isinstance(value, bool | None) else value


if __name__ == "__main__":
    raise SystemExit(main())
