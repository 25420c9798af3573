"""What deepchecks, evidently, cleanlab and skore say of the planted faults and the clean tables of `data.py`.

    python benchmarks/data_peers.py                        a table a kind, report half (about 20 minutes)
    python benchmarks/data_peers.py --tool cleanlab        this peer alone, and treedebug
    python benchmarks/data_peers.py --data FOLDER --page docs/data-benchmark.md

Each peer runs in an environment of its own, made below `--cache` on the first call, as its documentation begins: every
check of its suites or presets with the limits that it comes with. A fault counts as found if a check that looks for
such a flaw does not pass, whatever it names; which check looks for what stands in `_data/peer_words.py`. A clean table
has an alarm if any check does not pass. Faults that are not in a table (an index in another order, a sparse matrix) are
left out.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _common import RESULTS, describe, machine, put, save, share, table, two
from _data import plan, tables
from _data.cases import Case, Unfit, fresh, shelf, split
from _data.catalog import KINDS
from _data.judging import clean, planted
from _data.peer_words import KINDS_OF_ISSUES
from _data.peers import environment
from _data.tallies import LEVELS

CHILD = Path(__file__).parent / "_data" / "peer_child.py"
MOST_ROWS = 4500
"""Larger tables are left out: deepchecks takes minutes on them."""
HEADINGS = ("tool", "faults", "found", "mild", "severe", "clean tables", "with an alarm", "alarms a table", "failed on",
            "median s")  # fmt: skip


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder of tables (.csv, .svm) to use as well")
    parser.add_argument("--tool", action="append", choices=tuple(KINDS_OF_ISSUES), help="only this peer (repeatable)")
    parser.add_argument("--half", choices=("tune", "report"), default="report", help="which tables")
    parser.add_argument("--spread", type=int, default=1, help="tables a kind")
    parser.add_argument("--clean", type=int, default=30, help="clean tables at most")
    parser.add_argument("--cache", type=Path, default=RESULTS / "data-peers", help="where the environments are")
    parser.add_argument("--from", type=Path, dest="earlier", help="the results of an earlier call (its JSON)")
    parser.add_argument("--page", type=Path, help="put the figures on this page (docs/data-benchmark.md)")
    parser.add_argument("--json", type=Path, help="where to write the results")
    return parser.parse_args()


def write(case: Case, folder: Path, about: dict[str, Any]) -> None:
    """The case as files that any tool reads."""
    folder.mkdir(parents=True)
    case.train.to_csv(folder / "train.csv", index=False)
    if case.valid is not None:
        case.valid.to_csv(folder / "valid.csv", index=False)
    roles = {"target": case.target, "is_classes": case.table.is_classes, "time": case.options.get("time")}
    (folder / "about.json").write_text(json.dumps(about | roles), encoding="utf-8")


def cases(args: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Write every case; what treedebug says of each."""
    found, _ = tables.load(args.data)
    mine = [t for t in found if t.half == args.half and len(t.frame) <= MOST_ROWS and not t.tokens]
    facts: list[dict[str, Any]] = []
    for group in plan.groups(mine, seeds=1, spread=args.spread):
        base = split(group.table, group.seed)
        for kind in group.kinds:
            for severe in LEVELS:
                case = fresh(base)
                try:
                    KINDS[kind].plant(case, severe, np.random.default_rng([base.seed, severe, 7]))
                except Unfit:
                    continue
                if case.given is not None or case.options.get("for_nets"):
                    continue
                about = {"kind": kind, "severe": severe, "table": base.table.name, "right": sorted(KINDS[kind].right)}
                judged = planted(base, kind, severe)
                facts.append(about | {"hit": judged["hit"], "seconds": judged["seconds"]})
                write(case, folder / f"{len(facts) - 1:04d}", about)
    step = max(len(mine) // args.clean, 1)
    for one in mine[::step]:
        case = next(c for c in shelf(one, 0) if c.variant == "split")
        judged = clean(case)
        loud = [s for s in judged["said"] if s["severity"] in ("warning", "error")]
        about = {"kind": "", "severe": False, "table": one.name, "right": []}
        facts.append(about | {"alarms": len(loud), "seconds": judged["seconds"]})
        write(case, folder / f"{len(facts) - 1:04d}", about)
    return facts


def ask(tool: str, folder: Path, python: Path) -> list[dict[str, Any]]:
    """What a peer says of every case: its issues, or why it failed, and the seconds."""
    done = subprocess.run(
        [str(python), "-W", "ignore", str(CHILD), tool, str(folder)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"case"')]
    if not lines:
        raise SystemExit(f"{tool} said nothing: {done.stderr.strip()[-500:]}")
    return [json.loads(line) for line in lines]


def judged_by(tool: str, facts: list[dict[str, Any]], said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each case with whether this peer found it."""
    words = KINDS_OF_ISSUES[tool]
    rows = []
    for answer in said:
        fact = facts[int(answer["case"])]
        codes = {code for issue in answer["issues"] for code in words.get(issue, "").split()}
        rows.append(
            {k: fact[k] for k in ("kind", "severe", "table")}
            | {"hit": bool(codes & set(fact["right"])), "alarms": len(answer["issues"])}
            | {k: answer[k] for k in ("issues", "seconds", "error")}
        )
    return rows


def line(tool: str, rows: list[dict[str, Any]]) -> list[str]:
    faults = [r for r in rows if r["kind"]]
    sound = [r for r in rows if not r["kind"]]
    return [
        tool, str(len(faults)), two(share(r["hit"] for r in faults)),
        two(share(r["hit"] for r in faults if not r["severe"])), two(share(r["hit"] for r in faults if r["severe"])),
        str(len(sound)), two(share(r["alarms"] > 0 for r in sound)),
        two(sum(r["alarms"] for r in sound) / max(len(sound), 1)), str(sum(bool(r.get("error")) for r in rows)),
        two(float(np.median([r["seconds"] for r in rows]))),
    ]  # fmt: skip


def by_kind(results: dict[str, list[dict[str, Any]]]) -> str:
    """A line a kind: of how many faults each tool found how many."""
    rows = []
    for kind in sorted({r["kind"] for r in results["treedebug"] if r["kind"]}):
        counts = [[r["hit"] for r in mine if r["kind"] == kind] for mine in results.values()]
        rows.append([kind, str(len(counts[0])), *[str(sum(c)) for c in counts]])
    return table(("fault", "planted", *results), rows)


def asked(args: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Make the cases, and ask every tool of each."""
    with tempfile.TemporaryDirectory(prefix="treedebug-peers-") as place:
        facts = cases(args, Path(place))
        results = {"treedebug": facts}
        for tool in args.tool or KINDS_OF_ISSUES:
            python, why = environment(args.cache, tool)
            if python is None:
                print(f"{tool}: {why}")
                continue
            results[tool] = judged_by(tool, facts, ask(tool, Path(place), python))
            print(f"{tool} done", flush=True)
    return results


def main() -> None:
    args = arguments()
    warnings.simplefilter("ignore")
    earlier = args.earlier and json.loads(args.earlier.read_text(encoding="utf-8"))["results"]
    results = earlier or asked(args)
    text = (
        f"{describe(machine())}\n\n{table(HEADINGS, [line(*item) for item in results.items()])}\n\n{by_kind(results)}"
    )
    print(text)
    print(f"written to {save('data_peers', results, args.json)}")
    if args.page:
        put(args.page, "peers", text)


if __name__ == "__main__":
    main()
