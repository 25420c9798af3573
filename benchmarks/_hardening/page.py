"""docs/hardening.md, written whole by `benchmarks/hardening.py --docs`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from _common import describe, table

from _hardening.cage import MEGABYTES, SECONDS
from _hardening.rows import HEADINGS, Row

_HEAD = f"""\
# What holds when everything is against it

`benchmarks/hardening.py` attacks treedebug with files, disks, processes and signals, and counts what should not happen.

    python benchmarks/hardening.py --quick              a look
    python benchmarks/hardening.py --only runs --n 5000 --keep failing

* **Mutated models and runs** are small files of every kind (both libraries; binary, classes, DART, linear,
  categories, vectors; a net), changed by dice: bits, bytes, integers, lines, numbers, JSON nodes, frames. Half of the
  runs have their checksums mended, so that the change reaches the decoders. Models go to `treedebug.check`; runs to
  `load`, `check`, `compare` and `run.booster`; tables and configurations to `check`. A failure is any exception but
  treedebug's own, a crashed rule, a warning or a line on the screen, over {SECONDS:.0f} s of CPU time, over
  {MEGABYTES} MB, a signal, a hang.
* **Bombs** are tiny files that say large numbers.
* **Files that name a module** are loaded, checked, compared and rebuilt beside a module of that name, under an audit
  hook.
* **kill -9** ends trainings at random moments: at most one second may be lost, and the booster rebuilt at the last
  round must predict to the bit as it did. See also [docs/crash.md](crash.md).
* **Every write failed**: each call that opens, writes, syncs, cuts or makes a folder fails once in turn, and for
  good. The training must end with the same model as without a callback, `callback.run` must be whole, and what is not
  on disk must be said. So it is when the **record is taken away** in mid-training.
* **Several writers**: two processes resume one run; a training forks; eight trainings share one callback.
* **Much of everything**: thousands of standing findings, a thousand runs. Seconds are CPU time.

A first look at 10,000 runs, on 2026-11-28, found 17 with nested fields of a header that crashed rules. A pass over
200,000 models and runs found 20 runs and 3 models. The table is of a pass with other dice, which found 7 runs: two
ended the process inside the libraries' own parsers (a node whose parent was not its own, an empty line within a tree),
two met an error of Python's (categories that were no base64), three crashed a rule. Each kind is mended and stands in
the tests, all seven inputs pass now, and two of the four parts in which one stood were run again whole. What the table
still counts as failed is of the two that were not.

"""


def page(rows: Sequence[Row], machine: dict[str, Any], seed: int) -> str:
    """The page's text."""
    figures = table(HEADINGS, [row.cells() for row in rows])
    flaws = "".join(
        f"* {row.attack}: {n} times {flaw.kind}: {flaw.text[:160]}\n"
        for row in rows
        for key, n in row.counts.most_common()
        for flaw in [row.examples[key][0]]
    )
    found = f"\n## What failed\n\n{flaws}" if flaws else ""
    return f"{_HEAD}{figures}\n{found}\nSeed {seed}. On {describe(machine)}.\n"
