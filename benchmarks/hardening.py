"""What treedebug promises when files, disks, processes and signals are against it: a table of attacks.

python benchmarks/hardening.py --quick            a look (about 2 minutes)
python benchmarks/hardening.py --docs             the table of docs/hardening.md (hours)
python benchmarks/hardening.py --only runs --n 5000 --keep failing
python benchmarks/hardening.py --only runs --n 5000 --first 5000 --json part-2.json; ... --join part-*.json --docs
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _common import describe, machine, save, table
from _hardening import bombs, disks, kills, mutations, scale, seeds, strangers, writers
from _hardening.cage import StoppedError
from _hardening.judging import warm_up
from _hardening.page import page
from _hardening.rows import FLAW_HEADINGS, HEADINGS, Arena, Row, joined

ATTACKS: dict[str, tuple[Callable[[Arena], Iterator[Row]], int, int]] = {
    "models": (mutations.models, 100_000, 300),
    "runs": (mutations.runs, 100_000, 200),
    "tables": (mutations.tables, 10_000, 100),
    "bombs": (bombs.bombs, 1, 1),
    "strangers": (strangers.strangers, 1000, 20),
    "kills": (kills.kills, 500, 7),
    "disks": (disks.disks, 1000, 6),
    "vanished": (disks.vanished, 10, 2),
    "writers": (writers.writers, 10, 2),
    "scale": (scale.scale, 10, 1),
}
"""Attack -> its rows, inputs tried, inputs tried by --quick."""
DOCS = Path(__file__).parents[1] / "docs" / "hardening.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few inputs of each attack")
    parser.add_argument("--n", type=int, help="inputs of each attack that makes any number of them")
    parser.add_argument("--only", action="append", choices=ATTACKS, metavar="ATTACK", help="may be repeated")
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that fail")
    parser.add_argument("--first", type=int, default=0, help="number of the first of those inputs: a part of a table")
    parser.add_argument("--seeds", type=Path, help="a folder of what is mutated, made once and used for every part")
    parser.add_argument("--join", type=Path, nargs="+", metavar="JSON", help="make the table of results written before")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path, help="where to write the results")
    parser.add_argument("--docs", action="store_true", help="write docs/hardening.md")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    if args.join:
        parts = [row for path in args.join for row in json.loads(path.read_text(encoding="utf-8"))["results"]]
        return told(joined(parts), args)
    counts = {name: args.n or (quick if args.quick else full) for name, (_, full, quick) in ATTACKS.items()}
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        arena = Arena(Path(folder), args.keep, args.seed, args.workers, counts, args.first)
        if args.seeds is not None:
            arena.seeds.symlink_to(seeds.make(args.seeds.resolve()), target_is_directory=True)
        warm_up(seeds.make(arena.seeds))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            for name in args.only or ATTACKS:
                for row in ATTACKS[name][0](arena):
                    print(f"{row.attack}: {row.failed} of {row.tried} failed", flush=True)
                    rows.append(row)
        except StoppedError as stopped:
            rows.append(stopped.row)
    return told(rows, args)


def told(rows: list[Row], args: argparse.Namespace) -> int:
    """Print the table, keep it, and write the page if asked to; 1 if there is a flaw."""
    print("\n" + describe(machine()) + "\n")
    print(table(HEADINGS, [row.cells() for row in rows]))
    flaws = [line for row in rows for line in row.lines()]
    if flaws:
        print("\n" + table(FLAW_HEADINGS, flaws))
    if args.docs:
        DOCS.write_text(page(rows, machine(), args.seed), encoding="utf-8", newline="\n")
    print(f"\nwritten to {save('hardening', [row.plain() for row in rows], args.json)}")
    return 1 if flaws else 0


if __name__ == "__main__":
    raise SystemExit(main())
