"""What the rules cost: all of them, those in preview too, evaluated live at every check round of a long training.

    python benchmarks/rules_cost.py             1,000 rounds, both libraries, 2 and 5 classes (about a minute)
    python benchmarks/rules_cost.py --rounds N

CPU time inside the watcher while it trains, in microseconds a rule and round; the bar is 15. Below it, each rule
replayed alone over the finished run: what it takes together with all signals it asks for. Signals are measured once
a check and shared, so that the rules alone add up to more than all together.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _common import describe, machine, save, table
from _trainings import CALLBACKS, TRAININGS

from treedebug.api.known_rules import chosen_rules
from treedebug.core.run.run_data import RunData
from treedebug.engine.config import Config
from treedebug.engine.evaluate import replay
from treedebug.engine.rule import Rule
from treedebug.engine.watcher import Watcher

BAR = 15.0
"""Microseconds a rule and round."""
REPEATS = 3


class Stopwatch:
    """CPU seconds that the watchers have taken since the last reset."""

    def __init__(self) -> None:
        self.seconds = 0.0
        inner = Watcher.on_check

        def timed(watcher: Watcher, *args: Any, **options: Any) -> Any:
            started = time.thread_time()
            try:
                return inner(watcher, *args, **options)
            finally:
                self.seconds += time.thread_time() - started

        Watcher.on_check = timed  # type: ignore[method-assign] - only within this process


def live(library: str, n_classes: int, rounds: int, watch: Stopwatch) -> tuple[list[float], RunData]:
    """CPU seconds of all rules in each of a few trainings, and the last run."""
    train, seconds, run = TRAININGS[library](2_000, rounds, n_classes, 6), [], RunData()
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as place:
            callback = CALLBACKS[library](Path(place) / "run", quiet=True, config=Config(preview=True))
            watch.seconds = 0.0
            train([callback], 1)
            run = callback.run.data
            _ = run.summary
            seconds.append(watch.seconds)
    return seconds, run


def alone(run: RunData, rule: Rule) -> float:
    """CPU seconds of one rule at all check rounds, with its signals; the best of a few."""
    found = []
    for _ in range(REPEATS):
        started = time.thread_time()
        replay(run, [rule])
        found.append(time.thread_time() - started)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--slowest", type=int, default=15, help="rules shown; all are in the JSON")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    rules, watch = chosen_rules(Config(preview=True)), Stopwatch()
    rows, per_rule = [], {rule.code: {} for rule in rules}
    for library in TRAININGS:
        for n_classes in (2, 5):
            seconds, run = live(library, n_classes, args.rounds, watch)
            cost = statistics.median(seconds) / len(rules) / args.rounds * 1e6
            name = f"{library}, {n_classes} classes"
            rows.append([name, args.rounds, statistics.median(seconds), cost, "yes" if cost <= BAR else "NO"])
            for rule in rules:
                per_rule[rule.code][name] = alone(run, rule) / args.rounds * 1e6
    print(f"{describe(machine())}; {len(rules)} rules\n")
    print(table(["training", "rounds", "seconds", "µs a rule and round", f"at most {BAR:g}"], rows))
    ranked = sorted(per_rule.items(), key=lambda item: -max(item[1].values()))
    print("\nEach rule alone, with all its signals, in µs a round; the slowest first\n")
    print(table(["rule", *[row[0] for row in rows]], [[c, *v.values()] for c, v in ranked[: args.slowest]]))
    keys = ("training", "rounds", "seconds", "us_a_rule_and_round", "within")
    results = {"n_rules": len(rules), "bar": BAR, "all": [dict(zip(keys, r, strict=True)) for r in rows]}
    print(f"\nwritten to {save('rules_cost', results | {'alone': dict(ranked)}, args.json)}")


if __name__ == "__main__":
    main()
