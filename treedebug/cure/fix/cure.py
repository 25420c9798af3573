"""One cure from the sets to the proof."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from treedebug.api.check import check
from treedebug.api.saved_models import model_as_run
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding
from treedebug.core.run.run_data import Header, RunData
from treedebug.cure.fix.fixed import Fixed
from treedebug.cure.fix.plan import better_plan, first_trial, smaller_plan
from treedebug.cure.fix.proof import Proof, ProvedModel, prove
from treedebug.cure.fix.race import Race
from treedebug.cure.fix.races import Pace
from treedebug.cure.fix.reference import Reference, numbers, recorded_reference, trained_reference
from treedebug.cure.fix.sets import Sets
from treedebug.cure.fix.settings import Training
from treedebug.cure.fix.smaller import Smaller, source_of_trial
from treedebug.cure.fix.trainers import Trainer, UserTrain, UserTrainer, native
from treedebug.cure.fix.trial import KEPT, CureLimits, Result, Trial, TrialModel
from treedebug.cure.model_source import n_leaves_of, read_source
from treedebug.cure.row_losses import row_loss
from treedebug.cure.slim.model_file import ModelFile, checked, save
from treedebug.readers.library_readers import read_facts


@dataclass(frozen=True)
class Wanted:
    """What the user asked for."""

    goal: str
    budget: int
    deadline: float | None
    noise: float
    tolerance: float
    limits: CureLimits
    threads: int | None
    seed: int


class Cure:
    """A cure in its steps: reference, race, choice, proof."""

    def __init__(  # noqa: PLR0913, PLR0917 - made once, by fix
        self, training: Training, run: RunData | None, sets: Sets, wanted: Wanted, train: UserTrain | None,
        place: Path | None,
    ) -> None:  # fmt: skip
        self.training, self.run, self.sets, self.wanted = training, run, sets, wanted
        self.notes = list(sets.notes)
        types = run.header.feature_types if run is not None else []
        self.trainer: Trainer = native(training, types=types, threads=wanted.threads, seed=wanted.seed)
        if train is not None:
            self.trainer = UserTrainer(train, training)
        self.place = place
        self.reference = self._reference()
        self.race = Race(
            sets, self.trainer, self.reference.loss, self.reference.honest, wanted.noise, wanted.limits, wanted.budget,
            wanted.deadline, place,
        )  # fmt: skip

    def result(self, out: Path | None) -> Fixed:
        """Race, choose, prove, write."""
        kept = self._smallest() if self.wanted.goal == "smaller" else self._best()
        if kept is not None and self.wanted.goal == "both":
            kept = self._made_small(kept)
        trained = None if kept is None else kept.trained
        if kept is not None and trained is not None and self.sets.is_cv:
            trained = self._on_all_rows(kept.trial, trained)
        raw = self.reference.raw if trained is None else trained.raw
        if kept is not None and self.wanted.goal != "better" and not self.sets.is_cv:
            self._let_the_library_answer(raw, kept)
        proof = self._proof(kept, trained)
        path = None if out is None else save(raw, out)
        return Fixed(
            goal=self.wanted.goal, library=self.training.library, loss_name=self.reference.loss.name,
            judged_by=self._judged_by(), results=tuple(self.race.results), kept=kept, raw=raw,
            n_leaves=self.reference.n_leaves if trained is None else trained.n_leaves,
            reference_leaves=self.reference.n_leaves, reference_loss=self._reference_loss(),
            params=self._params(kept, trained), proof=proof, notes=tuple(self.notes),
            path=None if path is None else str(path), spent=self._spent(),
        )  # fmt: skip

    def _let_the_library_answer(self, raw: bytes, kept: Result) -> None:
        """Check a file that we have written, and not the library."""
        run = kept.trained.run if kept.trained is not None else None
        source = read_source(raw, kept.trial.name, run or model_as_run(raw))
        _, valid = self.sets.folds[0]
        checked(ModelFile(source, 0, None), numbers(valid.without(kept.trial.drop), source).X)

    # -- the reference ---------------------------------------------------------------------------------------------

    def _reference(self) -> Reference:
        """Return the recorded model cut for nothing, else the user's parameters trained once with early stopping."""
        if self.run is not None and not self.sets.is_cv:
            return recorded_reference(self.run, self.sets)
        fits, losses, started = [], [], time.perf_counter()
        loss = None
        for i, (train, valid) in enumerate(self.sets.folds):
            trial = dataclasses.replace(first_trial(self.training), name=f"as-it-was-{i + 1}")
            fit = self.trainer(trial, train, valid, Pace(np.nan, trial.rounds, self.wanted.deadline), self.place)
            loss = loss or row_loss(read_facts(fit.raw, self.training.library))
            losses.append(loss.of(fit.margin, valid.y))
            fits.append(fit)
        if loss is None:
            raise ConfigError("there are no rows to judge by")
        seconds = time.perf_counter() - started
        first = fits[0]
        trained = TrialModel(
            first.raw, np.concatenate(losses), first.n_rounds, n_leaves_of(first.raw, self.training.library), seconds,
            first.run, first.path, first.metric, tuple(f.n_rounds for f in fits),
        )  # fmt: skip
        self.notes.append(f"the parameters as they are were trained once as the reference ({seconds:.1f} s)")
        if self.sets.is_cv:
            trained = self._on_all_rows(first_trial(self.training), trained)
        return trained_reference(trained, loss)

    def _reference_loss(self) -> float:
        return float(self.sets.weight @ self.reference.honest / self.sets.weight.sum())

    # -- the race --------------------------------------------------------------------------------------------------

    def _best(self) -> Result | None:
        header = self.run.header if self.run is not None else Header(library=self.training.library)
        width = self.sets.whole.X.shape[1] if len(self.sets.whole) else header.n_features
        self.race.run(better_plan(self.training, width, self._findings(), header))
        return self.race.winner

    def _findings(self) -> Sequence[Finding]:
        return check(self.run).findings if self.run is not None else ()

    def _smallest(self) -> Result | None:
        """Return the smallest of the user's own model and of small trainings, each made small."""
        if self.sets.is_cv:
            self.notes.append(
                "a smaller model needs validation rows, valid=(X, y): folds have no one model to make small"
            )
            return None
        smaller = Smaller(self.sets, self.reference.losses, self.wanted.tolerance)
        fewest, best = self.reference.n_leaves, None
        own = self.reference.source
        if own is not None:
            found = smaller.slimmed(own)
            if found is not None and found.after.n_leaves < fewest:
                trained = TrialModel(
                    found.raw, self.reference.losses, found.after.n_rounds, found.after.n_leaves, 0.0, self.run
                )
                trial = Trial("slim", {}, self.training.rounds, reason="the model as it is, made small")
                best = Result(trial, KEPT, found.difference, found.error, trained, found.method)
                fewest = found.after.n_leaves
        self.race.run(smaller_plan(self.training))
        for i, result in enumerate(self.race.results):
            judged, _ = smaller.judged(result, fewest)
            self.race.results[i] = judged
            if judged.verdict == KEPT and judged.trained is not None:
                best, fewest = judged, judged.trained.n_leaves
        if best is not None and best.trial.name == "slim":
            self.race.results.append(best)
        return best

    def _made_small(self, kept: Result) -> Result:
        """Return the kept trial without the leaves that it does not need."""
        if self.sets.is_cv or kept.trained is None:
            return kept
        smaller = Smaller(self.sets, kept.trained.losses, self.wanted.tolerance)
        found = smaller.slimmed(source_of_trial(kept.trained, kept.trial), kept.trial.drop)
        if found is None or found.after.n_leaves >= kept.trained.n_leaves:
            return kept
        trained = dataclasses.replace(
            kept.trained, raw=found.raw, n_leaves=found.after.n_leaves, n_rounds=found.after.n_rounds
        )
        return dataclasses.replace(kept, trained=trained, note=f"then made small: {found.method}")

    def _on_all_rows(self, tried: Trial, folds: TrialModel) -> TrialModel:
        """Train on the rows of all folds, for as many rounds as the folds needed in the mean."""
        rounds = max(1, round(float(np.mean(folds.best_rounds))))
        trial = dataclasses.replace(tried, name=f"{tried.name}-all-rows", rounds=rounds)
        whole = self.sets.whole.without(trial.drop)
        fit = self.trainer(trial, whole, None, Pace(np.nan, rounds, None), self.place)
        return dataclasses.replace(
            folds, raw=fit.raw, n_rounds=fit.n_rounds, n_leaves=n_leaves_of(fit.raw, self.training.library),
            run=fit.run, path=fit.path, drop=trial.drop,
        )  # fmt: skip

    # -- the proof -------------------------------------------------------------------------------------------------

    def _proof(self, kept: Result | None, trained: TrialModel | None) -> Proof | None:
        if self.sets.test is None:
            return None
        models = []
        if kept is not None and trained is not None:
            drop = kept.trial.drop
            models.append(ProvedModel("fixed", trained.raw, trained.n_rounds, trained.n_leaves, drop, trained.seconds))
        r = self.reference
        models.append(ProvedModel("stopped early", r.raw, r.n_rounds, r.n_leaves, (), r.seconds))
        if r.source is not None:
            whole = r.source
            models.append(
                ProvedModel("yours", whole.raw, whole.facts.n_rounds, int(whole.table.is_leaf.sum()), (), r.seconds)
            )
        return prove(models, self.sets.test, r.loss, self.training.library)

    # -- words -----------------------------------------------------------------------------------------------------

    def _judged_by(self) -> str:
        n = len(self.sets.label)
        return f"{len(self.sets.folds)} folds, {n:,} rows" if self.sets.is_cv else f"{n:,} validation rows"

    def _params(self, kept: Result | None, trained: TrialModel | None) -> dict[str, Any]:
        rounds = self.reference.n_rounds if trained is None else trained.n_rounds
        return {**self.training.params, **({} if kept is None else kept.trial.changes), "n_estimators": rounds}

    def _spent(self) -> str:
        results = self.race.results
        seconds = sum(r.trained.seconds for r in results if r.trained is not None)
        why = " (interrupted)" if self.race.interrupted else ""
        n = sum(r.trial.name != "slim" for r in results)
        where = f", recorded below {self.place}" if self.place is not None and results else ""
        return f"{n} of {self.wanted.budget} trainings in {seconds:.1f} s{why}{where}"
