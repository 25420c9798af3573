"""A policy learned from trainings on the tables that were looked at before, to be tried on fresh ones."""

from __future__ import annotations

from pathlib import Path

from _schedules import boosters, tables
from treedebug import schedules as s
from treedebug.core.run.run_data import Header, RunData

SEEDS = (10, 11)
COURSES = {
    "constant .02": lambda *_: s.Constant(0.02), "constant .05": lambda *_: s.Constant(0.05),
    "constant .1": lambda *_: s.Constant(0.1), "constant .2": lambda *_: s.Constant(0.2),
    "automatic": lambda *_: s.AutomaticRate(), "rising": lambda *_: s.Linear(0.03, 0.3),
    "falling": lambda *_: s.Linear(0.2, 0.02), "greedy": lambda *_: s.GreedyLR(0.1),
}  # fmt: skip


def recorded(table: str, seed: int, name: str, rounds: int, folder: Path) -> dict:
    """Rates and validation losses of one training with XGBoost."""
    task, X, y = tables.load(table, folder)
    train, valid, test = tables.split(X, y, seed)
    loss = "rmse" if task == tables.REGRESSION else "logloss"
    schedule = COURSES[name](len(train[1]), loss, rounds)
    curves, _ = boosters._xgboost(schedule, (train, valid, test), loss, rounds, seed, False)  # noqa: SLF001 - the same
    rates = [schedule.rate(t) for t in range(rounds)]
    return {
        "table": table, "seed": seed, "course": name, "loss": loss, "n_rows": len(train[1]), "rounds": rounds,
        "rates": rates, "valid": curves["valid"],
    }  # fmt: skip


def as_run(found: dict) -> RunData:
    """The training as a recorded run."""
    facts = {"train": {"n_rows": found["n_rows"], "is_training": True}}
    run = RunData(Header(library="xgboost", planned_rounds=found["rounds"], data=facts))
    for t, (rate, value) in enumerate(zip(found["rates"], found["valid"], strict=True)):
        run.evals.append(t, "valid", found["loss"], value)
        run.rounds.append(t, learning_rate=rate, seconds=0.0, iterations=t + 1)
    return run


def policy(results: list[dict]) -> s.Policy:
    """What is learned from all of them."""
    return s.learn([as_run(found) for found in results])
