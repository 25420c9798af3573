"""The figures as tables of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from _common import describe, median, percent, table, two

from _cure import tallies

WORDS = {
    "fix": "`fix`, 5 trainings", "random": "random search, 5 trainings", "tpe": "Optuna's TPE, 5 trainings",
    "slim": "`slim`", "update": "XGBoost `process_type=update`", "refit": "LightGBM `refit`",
    "lasso": "lasso over whole trees", "smaller": "`fix --goal smaller`, 4 trainings",
    "user": "500 rounds, not stopped",
}  # fmt: skip


def signed(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{100 * value:+.{digits}f} %"


def figures(cells: Sequence[Mapping[str, Any]], info: dict[str, Any], command: str) -> str:
    """All that is said of a half."""
    some = [dict(c) for c in cells]
    names = sorted({c["table"] for c in some})
    seeds = sorted({c["seed"] for c in some})
    about = (
        f"{len(some)} runs: {len(names)} tables ({', '.join(names)}), both libraries, seeds "
        f"{', '.join(map(str, seeds))}; made with `{command}` on {describe(info)}. Every figure is against the user's "
        "parameters (the library's defaults, at most 500 rounds) with `early_stopping_rounds=50`, on test rows that no "
        "step has seen; z is the difference of the mean loss in standard errors of the paired difference by row; "
        f"less than {tallies.NOTHING:.2%} of the loss is no difference."
    )
    n_refused = sum("refused" in c["slim"] for c in some)
    about += (
        f" In {n_refused} runs the validation set is too small for `slim`, which refuses: no change. "
        "`fix` judges by folds there, and its last model learns from both sets (so `--goal smaller` keeps nothing "
        "there)."
    )
    lines = [
        about, "",
        _bars(some), "", _cures(some), "", "The same by library:", "", _by_library(some), "",
        "`fix` against the searches, by table (mean of its runs; ahead or behind by more than 0.5 % of the loss):", "",
        _duels(some), "", "What `fix` tried, and why:", "", _kinds(some), "", _speed(some), "", "By table:", "",
        _tables(some),
    ]  # fmt: skip
    return "\n".join(lines)


def _bars(cells: list[dict[str, Any]]) -> str:
    rows = []
    for name, value, sense, bar in tallies.bars(cells):
        met = value is not None and (value <= bar if sense == "<=" else value >= bar)
        shown = "" if value is None else f"{value:.3g}"
        rows.append((name, shown, f"{sense} {bar:g}", "met" if met else "missed"))
    return table(("what was promised", "figure", "bar", ""), rows)


_HEADS = ("", "runs", "loss, median", "mean", "leaves", "bytes", "z <= 1", "worse, z > 2", "better, z < -2",
          "error rate", "CPU s")  # fmt: skip


def _row(name: str, f: Mapping[str, Any]) -> tuple[Any, ...]:
    size = (f"x{two(f['leaves'])}", "" if f["bytes"] is None else f"x{two(f['bytes'])}")
    rate = "" if f["error_gain"] is None else f"{f['error_gain']:+.4f}"
    counts = (percent(f["within_one"]), f["worse"], f["better"])
    return (name, f["n"], signed(f["relative"]), signed(f["mean_relative"]), *size, *counts, rate, two(f["seconds"]))


def _cures(cells: list[dict[str, Any]]) -> str:
    found = [(n, tallies.of(cells, n)) for n in tallies.CURES]
    return table(_HEADS, [_row(WORDS[n], f) for n, f in found if f is not None])


def _by_library(cells: list[dict[str, Any]]) -> str:
    rows = [_row(f"{WORDS[n]}, {lib}", f) for n in ("fix", "slim", "smaller")
            for lib, f in tallies.by_library(cells, n).items()]  # fmt: skip
    return table(_HEADS, rows)


def _duels(cells: list[dict[str, Any]]) -> str:
    rows = [(WORDS[d["rival"]], d["n"], d["ahead"], d["behind"], signed(d["median"])) for d in
            (tallies.duel(cells, "fix", r) for r in ("random", "tpe"))]  # fmt: skip
    return table(("against", "tables", "ahead", "behind", "median difference"), rows)


def _kinds(cells: list[dict[str, Any]]) -> str:
    return table(("trial", "why", "tried", "better on validation", "chosen"), tallies.kinds(cells))


def _speed(cells: list[dict[str, Any]]) -> str:
    some = [c["slim"] for c in cells if "before" in c["slim"]]
    if not some:
        return "Times of prediction were not taken."
    one = median(s["after"]["row"] / s["before"]["row"] for s in some)
    many = median(s["after"]["rows"] / s["before"]["rows"] for s in some)
    return (
        f"Prediction after `slim`, {len(some)} models of seed 0, on a busy machine: one row alone takes x{two(one)} "
        f"of the time, all test rows at once go x{two(many)} as fast."
    )


def _tables(cells: list[dict[str, Any]]) -> str:
    rows = []
    for name in sorted({c["table"] for c in cells}):
        mine = [c for c in cells if c["table"] == name]
        row = [name, len(mine)]
        for cure in ("fix", "slim", "smaller"):
            z = ", ".join(f"{c[cure]['z']:+.1f}" for c in mine)
            row += [signed(sum(c[cure]["relative"] for c in mine) / len(mine)),
                    f"x{two(median(c[cure]['leaves'] for c in mine))}", z]  # fmt: skip
        kept = sorted({str(c["fix"].get("kept") or "nothing") for c in mine})
        rows.append((*row, ", ".join(kept)))
    heads = ["table", "runs"]
    for cure in ("fix", "slim", "smaller"):
        heads += [f"{cure}: loss", "leaves", "z of each run"]
    return table((*heads, "kept by fix"), rows)
