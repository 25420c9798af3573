"""The tables and pictures of docs/schedules.md, from the results as far as they were run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _common import table, two

from _schedules import boosters, claims, nets, tables
from treedebug.core.errors import ConfigError
from treedebug.schedules.comparing.paired import Paired, paired

Rows = Sequence[Mapping[str, Any]]


def unique(results: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[Mapping[str, Any]]:
    """Results, the last of each key."""
    return list({tuple(r[k] for k in keys): r for r in results}.values())


# -- boosters ----------------------------------------------------------------------------------------------------------


def tuned(found: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The constant that is best on the validation rows: three trainings."""
    return min((found[name] for name in boosters.CONSTANTS), key=lambda r: r["valid"])


def cells(results: Rows, rounds: int, library: str | None, names: Sequence[str]) -> dict[tuple, dict[str, Any]]:
    """(library, table, seed) -> schedule -> training, of the cells in which all of these schedules were run."""
    by_cell: dict[tuple, dict[str, Any]] = {}
    for r in results:
        if r["rounds"] == rounds and library in (None, r["library"]):
            by_cell.setdefault((r["library"], r["table"], r["seed"]), {})[r["schedule"]] = r
    return {cell: found for cell, found in by_cell.items() if all(name in found for name in names)}


def compared(
    results: Rows, name: str, *, rounds: int, library: str | None, fresh: bool, column: str, against: str = ""
) -> Paired | None:
    """A schedule's test loss against the tuned constant's, or another schedule's; the interval is over tables."""
    wanted = [name, *boosters.CONSTANTS, *([against] if against else [])]
    known = {
        cell: found
        for cell, found in cells(results, rounds, library, wanted).items()
        if (cell[1] in tables.FRESH) is fresh
    }
    ours = {(cell[1], hash(cell)): found[name][column] for cell, found in known.items()}
    theirs = {
        (cell[1], hash(cell)): (found[against] if against else tuned(found))["test"] for cell, found in known.items()
    }
    try:
        return paired(ours, theirs)
    except ConfigError:
        return None


def boosters_table(results: Rows, *, rounds: int, library: str | None, fresh: bool = True) -> str:
    """A row a schedule, the best mean first."""
    rows = []
    for name in (*boosters.SCHEDULES, "learned"):
        best = compared(results, name, rounds=rounds, library=library, fresh=fresh, column="test")
        last = compared(results, name, rounds=rounds, library=library, fresh=fresh, column="last")
        if best is not None and last is not None:
            figures = (f"{best.mean:+.2f}", f"{best.low:+.2f} to {best.high:+.2f}", f"{best.worst:+.1f}")
            wins = f"{best.n_lower} of {best.n_cells}"
            one = compared(
                results, name, rounds=rounds, library=library, fresh=fresh, column="test", against="constant .1"
            )
            beside = (
                "" if one is None or name == "constant .1" else f"{one.mean:+.2f} ({one.low:+.2f} to {one.high:+.2f})"
            )
            rows.append((best.mean, (name, *figures, wins, best.verdict, f"{last.mean:+.1f}", beside)))
    heads = (
        "schedule",
        "mean %",
        "95 % interval",
        "worst table",
        "lower in",
        "so it is",
        "last round %",
        "over constant .1",
    )
    return table(heads, [row for _, row in sorted(rows, key=lambda r: r[0])])


def coverage(results: Rows, rounds: int) -> str:
    """What was run, in a sentence."""
    known = {
        (r["table"], r["seed"], r["library"]) for r in results if r["rounds"] == rounds and r["table"] in tables.FRESH
    }
    n_tables, n_seeds = len({t for t, _, _ in known}), len({s for _, s, _ in known})
    libraries = " and ".join(sorted({library for *_, library in known}))
    what = f"{n_tables} tables, up to {n_seeds} seeds, {libraries}, {rounds} rounds"
    return f"{what}: {len(known)} cells of table, seed and library."


# -- nets --------------------------------------------------------------------------------------------------------------


def loss_of(r: Mapping[str, Any]) -> float:
    """The test loss, cut off a little over chance."""
    return nets.CAP if r["test"] is None else min(r["test"], nets.CAP)


def seeds_of(results: Rows, net: str) -> set[int]:
    """The seeds of which every training of a net was run; all, where none is whole."""
    counts: dict[int, int] = {}
    for r in results:
        if r["net"] == net:
            counts[r["seed"]] = counts.get(r["seed"], 0) + 1
    return {seed for seed, n in counts.items() if n == max(counts.values())}


def means(results: Rows, net: str, optimizer: str) -> dict[str, dict[float, float]]:
    """method -> rate -> mean test loss over the seeds that are whole."""
    whole = seeds_of(results, net)
    chosen = [r for r in results if r["net"] == net and r["optimizer"] == optimizer and r["seed"] in whole]
    found: dict[str, dict[float, list[float]]] = {}
    for r in chosen:
        found.setdefault(r["method"], {}).setdefault(r["lr"], []).append(loss_of(r))
    return {m: {lr: float(np.mean(v)) for lr, v in sorted(by.items())} for m, by in found.items()}


def nets_table(results: Rows, net: str) -> str:
    """A row a method: mean test loss at each rate, and the geometric mean over the rates of each optimiser."""
    by_optimizer = {o: means(results, net, o) for o in nets.RATES}
    heads = ["method"]
    for optimizer, rates in nets.RATES.items():
        heads += [*(f"{optimizer} {lr:g}" for lr in rates), "geo. mean"]
    rows = []
    for method in nets.METHODS:
        row: list[str] = [method]
        for optimizer, rates in nets.RATES.items():
            known = by_optimizer[optimizer].get(method, {})
            row += [two(known.get(lr), 3) for lr in rates]
            row.append(two(geometric(known.values()), 3) if len(known) == len(rates) else "")
        if any(row[1:]):
            rows.append(row)
    n = len(seeds_of(results, net))
    return f"{net}, {n} seed{'s' * (n > 1)}:\n\n{table(heads, rows)}"


def geometric(values: Iterable[float]) -> float | None:
    """The geometric mean."""
    found = list(values)
    return math.exp(sum(map(math.log, found)) / len(found)) if found else None


def nets_bars(results: Rows) -> str:
    """GreedyLR and hypergradient descent against constant: over all rates, and at the constant's best."""
    rows = []
    for net in nets.NETS:
        for optimizer in nets.RATES:
            known = means(results, net, optimizer)
            base = known.get("constant", {})
            if len(base) < 3:
                continue
            best = min(base, key=lambda lr: base[lr])
            for method in ("greedy, each step", "greedy, each epoch", "greedy, each step, then decay", "hypergradient"):
                ours = known.get(method, {})
                if len(ours) == len(base):
                    over = 100 * (geometric(ours.values()) / geometric(base.values()) - 1)
                    at = 100 * (ours[best] / base[best] - 1)
                    rows.append((net, optimizer, method, f"{over:+.0f} %", f"{at:+.0f} %"))
    return table(("net", "optimiser", "method", "geometric mean over the rates", "at the constant's best rate"), rows)


def decay_bars(results: Rows) -> str:
    """Greedy with a final decay against warm-up-stable-decay at every rate at which that trains."""
    rows = []
    for net in nets.NETS:
        for optimizer in nets.RATES:
            known = means(results, net, optimizer)
            ours, theirs = (known.get(m, {}) for m in ("greedy, each step, then decay", "warm-up-stable-decay"))
            row = [
                f"{lr:g}: {100 * (ours[lr] / theirs[lr] - 1):+.0f} %"
                for lr in theirs
                if lr in ours and theirs[lr] < 2.0
            ]
            if row:
                rows.append((net, optimizer, ", ".join(row)))
    return table(("net", "optimiser", "greedy with a final decay, over warm-up-stable-decay"), rows)


# -- matrix factorisation ----------------------------------------------------------------------------------------------


def nmf_table(results: Rows) -> str:
    """A row a rule: rollouts of its search, and the geometric mean of the relative loss on matrices held out."""
    rows = []
    for r in results:
        if "log_losses" not in r:
            continue
        columns = [math.exp(float(np.mean(v))) for v in r["log_losses"].values()]
        bad = sum(loss > 0.0 for v in r["log_losses"].values() for loss in v)
        numbers = (
            ", ".join(f"{x:.3g}" for x in r["numbers"]) if len(r["numbers"]) < 4 else f"{len(r['numbers'])} numbers"
        )
        rows.append((columns[0], (r["rule"], numbers, r["rollouts"], *(f"{c:.3g}" for c in columns), bad)))
    heads = (
        "rule",
        "its numbers",
        "rollouts",
        "held out",
        "80 x 120, rank 8",
        "times 10",
        "900 steps",
        "of 80 worse than nothing",
    )
    return table(heads, [row for _, row in sorted(rows, key=lambda row: row[0])])


def nmf_pairs(results: Rows, name: str) -> str:
    """A rule's log losses against each other's on the same matrices, with a bootstrap interval."""
    known = {r["rule"]: r["log_losses"]["same"] for r in results if "log_losses" in r}
    if name not in known:
        return ""
    rows = []
    rng = np.random.default_rng(3)
    for other, losses in known.items():
        if other != name:
            d = np.array(known[name]) - np.array(losses)
            low, high = np.quantile(d[rng.integers(0, len(d), (10_000, len(d)))].mean(axis=1), [0.025, 0.975])
            cells = [f"{100 * (math.exp(x) - 1):+.0f} %" for x in (d.mean(), low, high)]
            verdict = "lower" if high < 0 else "higher" if low > 0 else "no difference shown"
            rows.append((other, cells[0], f"{cells[1]} to {cells[2]}", f"{int((d < 0).sum())} of {len(d)}", verdict))
    return table((f"{name} against", "loss", "95 % interval", "lower in", "so it is"), rows)


def claims_table() -> str:
    """What transformers does, and ours."""
    return table(("input (rate before -> after)", "GreedyLR of transformers", "ours"), claims.results())


# -- pictures ----------------------------------------------------------------------------------------------------------


def draw(folder: Path, results: Mapping[str, Rows], rounds: int) -> None:
    """Draw the three pictures of the page."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "treedebug", "font.size": 9, "svg.fonttype": "none"})
    _draw_forms(folder / "schedules-forms.svg")
    if results["boosters"]:
        _draw_boosters(folder / "schedules-boosters.svg", results["boosters"], rounds)
    if results["nets"]:
        _draw_nets(folder / "schedules-nets.svg", results["nets"])


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def _draw_forms(path: Path) -> None:
    import matplotlib.pyplot as plt

    from treedebug import schedules as s

    n = 100
    shown = {
        "Linear(.03, .3)": s.Linear(0.03, 0.3), "Cosine(.3, restarts=2)": s.Cosine(0.3, restarts=2),
        "REX(.3)": s.REX(0.3),
        "WSD(.3)": s.WSD(0.3), "OneCycle(.3)": s.OneCycle(0.3), "Step(.3, every=20)": s.Step(0.3, every=20),
    }  # fmt: skip
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
    for name, schedule in shown.items():
        schedule.plan(n)
        axes[0].step(range(n), [schedule.rate(t) for t in range(n)], where="post", label=name, lw=1.2)
    rng = np.random.default_rng(4)
    losses = (
        0.4 + 0.5 * np.exp(-np.arange(n) / 15) + 0.002 * np.maximum(np.arange(n) - 45, 0) + 0.002 * rng.normal(size=n)
    )
    for name, schedule in {
        "GreedyLR(.1)": s.GreedyLR(0.1), "ReduceOnPlateau(.1)": s.ReduceOnPlateau(0.1),
        "FinalDecay(GreedyLR(.1))": s.FinalDecay(s.GreedyLR(0.1), n_steps=n),
    }.items():  # fmt: skip
        axes[1].step(
            range(n), [schedule.now, *(schedule.observe(v) for v in losses[:-1])], where="post", label=name, lw=1.2
        )
    axes[1].plot(losses * 0.3, color="0.7", lw=1, label="the loss watched (scaled)")
    for axis, title in zip(axes, ("formulas", "what is observed decides"), strict=True):
        axis.set(title=title, xlabel="step", ylabel="learning rate" if axis is axes[0] else "")
        axis.legend(fontsize=7)
    _save(figure, path)


def _draw_boosters(path: Path, results: Rows, rounds: int) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    names = [
        n for n in boosters.SCHEDULES if compared(results, n, rounds=rounds, library=None, fresh=True, column="test")
    ]
    order = sorted(
        names, key=lambda n: -compared(results, n, rounds=rounds, library=None, fresh=True, column="test").mean
    )
    for axis, column, title in zip(
        axes, ("test", "last"), ("at the best validation round", "after the last round"), strict=True
    ):
        for y, name in enumerate(order):
            d = compared(results, name, rounds=rounds, library=None, fresh=True, column=column)
            axis.plot([d.low, d.high], [y, y], color="tab:blue", lw=2)
            axis.plot(d.mean, y, "o", color="tab:blue", ms=5)
        axis.axvline(0, color="0.5", lw=1)
        axis.set(title=title, xlabel="test loss, % over the best of three constants")
    axes[0].set_yticks(range(len(order)), order)
    _save(figure, path)


def _draw_nets(path: Path, results: Rows) -> None:
    import matplotlib.pyplot as plt

    shown = (
        "constant",
        "cosine to 0",
        "warm-up-stable-decay",
        "greedy, each step",
        "greedy, each step, then decay",
        "hypergradient",
    )
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
    for axis, optimizer in zip(axes, nets.RATES, strict=True):
        known = means(results, "mlp", optimizer)
        for method in shown:
            if method in known:
                axis.plot(list(known[method]), list(known[method].values()), "o-", ms=3, lw=1.2, label=method)
        axis.set(xscale="log", yscale="log", title=optimizer, xlabel="first learning rate")
    axes[0].set_ylabel("test loss")
    axes[0].legend(fontsize=6)
    _save(figure, path)
