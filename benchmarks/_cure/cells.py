"""One table, library and seed: cure the user's run, let the rivals try, judge all on rows that nothing has seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import optuna
import xgboost as xgb
from _advice.recipes import OBJECTIVES, XGBOOST
from _advice.splits import split
from _data.table import Table
from _faults.tables import MULTI

import treedebug
from _cure import rivals
from _cure.rivals import Candidate
from treedebug.core.errors import ConfigError
from treedebug.cure.fix import cure
from treedebug.cure.fix.sets import RowSet
from treedebug.cure.fix.timing import rows_a_second, seconds_a_row
from treedebug.cure.model_source import raw_of
from treedebug.cure.row_losses import RowLoss, row_loss
from treedebug.cure.slim import slim as slim_module
from treedebug.readers.library_readers import read_facts

ROUNDS = 500
TIMED_SEED = 0


@dataclass(frozen=True)
class Work:
    """What one process does at a time."""

    table: Table
    library: str
    seed: int


def run(work: Work) -> dict[str, Any]:
    """The facts of one cell. That the libraries answer for the files is tested elsewhere: a process each costs most."""
    slim_module.checked = cure.checked = lambda *_: None
    return _Cell(work).facts()


class _Cell:
    def __init__(self, work: Work) -> None:
        self.work, self.rows = work, split(work.table, work.seed)
        self.params = {"objective": OBJECTIVES[work.library][self.rows.task]}
        if self.rows.task == MULTI:
            self.params["num_class"] = self.rows.n_classes
        started = time.process_time()
        self.run = self._recorded()
        self.user_seconds = time.process_time() - started
        raw = raw_of(self.run.data)
        self.loss: RowLoss = row_loss(read_facts(raw, work.library))
        self.user = rivals.judged(raw, work.library, self.rows, self.loss)
        self.stopped, self.seconds = timed(lambda: self._train({}))

    def facts(self) -> dict[str, Any]:
        w, s = self.work, self.stopped
        n = [len(p.y) for p in (self.rows.train, self.rows.valid, self.rows.test)]
        about = {"table": w.table.name, "half": w.table.half, "task": w.table.task, "library": w.library}
        about |= {"seed": w.seed, "n": n}
        found: dict[str, Any] = {
            "stopped": {"loss": float(s.test.mean()), "leaves": s.leaves, "bytes": s.n_bytes, "rounds": s.rounds,
                        "seconds": self.seconds},
            "user": self.compared(self.user), "fix": self.fixed("better", 5), "smaller": self.fixed("smaller", 4),
            "slim": self.slimmed(), **self.searches(), **self.other_slims(),
        }  # fmt: skip
        return about | found

    # -- ours ------------------------------------------------------------------------------------------------------

    def fixed(self, goal: str, budget: int) -> dict[str, Any]:
        t, v = self.rows.train, self.rows.valid
        call = lambda: treedebug.fix(self.run, data=(t.X, t.y), valid=(v.X, v.y), goal=goal, budget=budget, threads=1)
        try:
            report, seconds = timed(call)
        except ConfigError as reason:
            return self.compared(self.stopped) | {"refused": str(reason)[:200]}
        found = rivals.judged(report.raw, self.work.library, self.rows, self.loss)
        kept = None if report.kept is None else report.kept.trial.name
        own = self.compared(found) | {"kept": kept, "seconds": seconds, "notes": list(report.notes)}
        return own | {"why": None if report.kept is None else report.kept.trial.why,
                      "tried": [[r.trial.name, r.trial.why, r.verdict] for r in report.results]}  # fmt: skip

    def slimmed(self) -> dict[str, Any]:
        t, v = self.rows.train, self.rows.valid
        try:
            small, seconds = timed(lambda: treedebug.slim(self.run, data=(t.X, t.y), valid=(v.X, v.y)))
        except ConfigError as reason:
            return self.compared(self.stopped) | {"refused": str(reason)[:200]}
        found = rivals.judged(small.raw, self.work.library, self.rows, self.loss, leaves=small.after.n_leaves)
        facts = self.compared(found) | {"seconds": seconds, "method": small.method}
        if self.work.seed == TIMED_SEED:
            part = RowSet(self.rows.test.X.to_numpy(), self.rows.test.y)
            for name, raw in (("before", self.stopped.raw), ("after", small.raw)):
                facts[name] = {"row": seconds_a_row(raw, part, self.work.library),
                               "rows": rows_a_second(raw, part, self.work.library)}  # fmt: skip
        return facts

    # -- others ----------------------------------------------------------------------------------------------------

    def searches(self) -> dict[str, Any]:
        seed, found = self.work.seed, {}
        samplers = {
            "random": optuna.samplers.RandomSampler(seed=seed),
            "tpe": optuna.samplers.TPESampler(seed=1000 + seed, n_startup_trials=2),
        }
        for name, sampler in samplers.items():
            tried, seconds = timed(lambda s=sampler: rivals.searched(self._train, self.work.library, s))
            best = min([self.stopped, *tried], key=lambda c: float(c.valid.mean()))
            found[name] = self.compared(best) | {"seconds": seconds}
        return found

    def other_slims(self) -> dict[str, Any]:
        s, w = self.stopped, self.work
        if w.library == XGBOOST:
            name, own = "update", rivals.updated(s, self.params, self.rows, self.loss)
        else:
            name, own = "refit", rivals.refitted(s, self.rows, self.loss)
        return {name: self._smallest(own), "lasso": self._smallest(rivals.lasso(s, w.library, self.rows, self.loss))}

    def _smallest(self, some: Iterable[Candidate]) -> dict[str, Any] | None:
        """The smallest that validation finds no worse than the model stopped early; of equal ones the best."""
        found = list(some)
        if not found:
            return None
        good = [c for c in found if c.valid.mean() <= self.stopped.valid.mean()]
        return self.compared(min(good, key=lambda c: (c.leaves, c.valid.mean()), default=self.stopped)) | {
            "taken": bool(good)
        }

    # -- the trainings ---------------------------------------------------------------------------------------------

    def _train(self, params: dict[str, Any]) -> Candidate:
        rounds = rivals.MOST_ROUNDS if params else ROUNDS
        whole, seed = {**self.params, **params}, self.work.seed
        return rivals.trained(whole, self.work.library, self.rows, self.loss, rounds, seed=seed)

    def _recorded(self) -> Any:
        """The user's run: the library's defaults, 500 rounds, no early stopping, recorded in memory."""
        t, v = self.rows.train, self.rows.valid
        quiet = {"quiet": True, "config": treedebug.Config(select=())}
        if self.work.library == XGBOOST:
            data, valid = (xgb.DMatrix(p.X, p.y, nthread=1) for p in (t, v))
            evals = [(data, "train"), (valid, "valid")]
            callback = treedebug.XGBoostCallback(None, evals=evals, **quiet)
            params = {**self.params, "nthread": 1, "seed": self.work.seed}
            xgb.train(params, data, ROUNDS, evals=evals, callbacks=[callback], verbose_eval=False)
            return callback.run
        params = {**self.params, "verbosity": -1, "num_threads": 1, "seed": self.work.seed}
        data = lgb.Dataset(t.X, t.y, params={"verbosity": -1})
        callback = treedebug.LightGBMCallback(None, **quiet)
        valid = lgb.Dataset(v.X, v.y, reference=data)
        lgb.train(params, data, ROUNDS, valid_sets=[data, valid], valid_names=["train", "valid"], callbacks=[callback])
        return callback.run

    def compared(self, found: Candidate) -> dict[str, Any]:
        """A model against the one stopped early, on the test rows."""
        base = self.stopped
        away = found.test - base.test
        error = float(away.std(ddof=1) / np.sqrt(len(away)))
        mean = float(away.mean())
        return {
            "loss": float(found.test.mean()), "relative": mean / abs(float(base.test.mean())),
            "z": mean / error if error > 0 else 0.0, "leaves": found.leaves / base.leaves,
            "bytes": found.n_bytes / base.n_bytes if found.n_bytes else None, "error_rate": found.error_rate,
            "error_gain": found.error_rate - base.error_rate,
        }  # fmt: skip


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """The result, and the CPU seconds of it."""
    started = time.process_time()
    found = call()
    return found, time.process_time() - started
