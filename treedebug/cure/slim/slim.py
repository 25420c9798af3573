"""`treedebug.slim`: the smallest model that validation finds no worse, of a finished one, without training again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from treedebug.core.errors import ConfigError
from treedebug.cure.model_source import ModelSource, source_of
from treedebug.cure.row_losses import row_loss
from treedebug.cure.shared_rows import apart, row_keys
from treedebug.cure.slim.choice import KEPT_GAIN, LUCK, Choice, boosting_start, choose
from treedebug.cure.slim.model_file import ModelFile, checked, cut_bytes, model_file, save
from treedebug.cure.slim.model_parts import boosting_of, check_kind
from treedebug.cure.slim.reboost import Rows
from treedebug.cure.slim.slimmed import Size, Slimmed
from treedebug.cure.slim.structure import structure_of
from treedebug.cure.slim.written_trees import WrittenTrees, written
from treedebug.cure.tables import Floats, Labelled, check_enough, classes_of, labelled

MOST_ROWS = 100_000
"""Rows of a set that are looked at; of more, a sample."""


def slim(  # noqa: PLR0913 - the model, the rows, how small and where to
    model: Any,
    *,
    valid: Any,
    data: Any = None,
    tolerance: float = 0.0,
    out: str | os.PathLike[str] | None = None,
    drop_unused: bool = False,
    keep: Sequence[str] = (),
) -> Slimmed:
    """Make a finished model small without training again; return what it became, or the model cut at its best round.

        small = treedebug.slim("runs/churn", data=(X, y), valid=(X_valid, y_valid), out="small.ubj")
        print(small)

    `model` is a run or its path, a model file, a booster or a fitted estimator of XGBoost or LightGBM. `valid` rows
    judge and never teach; `data`, the training rows, allow to drop splits and to boost the leaves anew on the
    structures that are there. Both are (X, y) or (X, y, weight). The smallest candidate is taken that is at most
    `tolerance` standard errors of the paired difference worse than the model at its best round, less what luck gives
    the best of many; without a tolerance it keeps a third of what the best candidate gains. `drop_unused` leaves
    features out that no split uses, but for those that `keep` names.

    The file at `out` is read and asked by the library in a process of its own before it is handed over. Raise
    ConfigError, with the reason, for a DART of XGBoost, linear trees, objectives whose leaves are no Newton steps, and
    validation sets that are too small.
    """
    if not np.isfinite(tolerance):
        raise ConfigError(f"tolerance is a number of standard errors, such as 0 or 0.5; got {tolerance}")
    source = source_of(model)
    check_kind(source.facts, source.table)
    classes = classes_of(valid[1] if isinstance(valid, tuple | list) and len(valid) > 1 else None)
    judges = labelled(valid, source.run, "valid", classes)
    teachers = None if data is None else labelled(data, source.run, "data", classes)
    return slim_rows(source, judges, teachers, tolerance=tolerance, out=out, drop_unused=drop_unused, keep=keep)


def slim_rows(  # noqa: PLR0913 - the model, the rows, and how small
    source: ModelSource,
    valid: Labelled,
    train: Labelled | None,
    *,
    tolerance: float = 0.0,
    reference: Floats | None = None,
    luck: float = LUCK,
    kept_gain: float = KEPT_GAIN,
    out: str | os.PathLike[str] | None = None,
    drop_unused: bool = False,
    keep: Sequence[str] = (),
    checks: bool = True,
) -> Slimmed:
    """Do so with rows that are numbers already; `reference` (n_valid,) are losses of another model to keep up with."""
    notes: list[str] = []
    if train is not None and reference is None:
        keys = row_keys(valid.X, valid.label), row_keys(train.X, train.label)
        found = apart(*keys, name="valid", other="data")
        if found.kept is not None:
            valid, notes = valid.take(found.kept), [found.note]
    check_enough(valid, source.facts.n_classes, "valid")
    if reference is None:
        valid = valid.sampled(MOST_ROWS)
    rows = None if train is None else train.sampled(MOST_ROWS)
    choice, trees, rate = _small(source, valid, rows, tolerance, reference, (luck, kept_gain))
    known = valid.X if rows is None else np.concatenate([valid.X, rows.X])
    kept = _columns(source, keep) if drop_unused else None
    as_json = out is not None and Path(out).suffix == ".json"
    file = model_file(source, trees, rate, known, as_json=as_json, keep=kept)
    if checks:
        checked(file, valid.X)
    path = None if out is None else save(file.small.raw, out)
    return _slimmed(source, choice, file, path, notes)


def _small(  # noqa: PLR0913, PLR0917 - one call
    source: ModelSource,
    valid: Labelled,
    train: Labelled | None,
    tolerance: float,
    reference: Floats | None,
    caution: tuple[float, float],
) -> tuple[Choice, WrittenTrees, float]:
    """Return what was looked at, the trees of what was taken, and their learning rate.

    `caution` is how far a candidate must be ahead, and the share of the best one's gain that it must keep.
    """
    loss = row_loss(source.facts)
    rows = None if train is None else Rows(train.label, train.weight * _class_weight(source, train))
    boosting = boosting_of(source.raw, source.facts, source.table, loss, rows, source.run.header.params)
    structure = structure_of(source.table, valid.X[:0] if train is None else train.X, valid.X)
    choice = choose(
        structure, boosting, loss, rows=rows, valid=Rows(valid.label, valid.weight), tolerance=tolerance,
        reference=reference, luck=caution[0], kept_gain=caution[1],
    )  # fmt: skip
    inside = boosting.start - boosting_start(boosting, structure)
    return choice, written(structure, choice.chosen, rows, inside), boosting.rates[-1]


def _slimmed(source: ModelSource, choice: Choice, file: ModelFile, path: Path | None, notes: Sequence[str]) -> Slimmed:
    n_trees = int(np.searchsorted(source.table.round_index, choice.stopped.n_rounds))
    raw = file.small.raw
    return Slimmed(
        source=source.name, library=source.facts.library, loss_name=choice.judge.loss.name, method=choice.method,
        before=Size(source.facts.n_rounds, int(source.table.is_leaf.sum()), len(source.raw), choice.full.loss),
        stopped=Size(
            choice.stopped.n_rounds, int(source.table.select(0, n_trees).is_leaf.sum()), cut_bytes(source, n_trees),
            choice.stopped.loss,
        ),
        after=Size(file.small.facts.n_rounds, file.n_leaves, len(raw), choice.chosen.loss),
        difference=choice.chosen.difference, error=choice.chosen.error, n_valid=len(choice.judge.label),
        n_candidates=choice.n_candidates, raw=raw, path=path, columns=file.columns, notes=tuple(notes),
    )  # fmt: skip


def _class_weight(source: ModelSource, train: Labelled) -> Floats:
    """Return what the training multiplied the weight of positive rows with."""
    params, facts = source.run.header.params, source.facts
    if facts.n_classes != 2 or facts.n_outputs != 1:
        return np.ones(len(train.label))
    given = facts.objective_params.get("scale_pos_weight") or params.get("scale_pos_weight") or 1.0
    factor = float(given)
    if params.get("is_unbalance") in (True, 1, "true") or facts.params.get("is_unbalance") == 1:
        n_positive = max(float((train.label > 0).sum()), 1.0)
        factor = (len(train.label) - n_positive) / n_positive
        if factor < 1.0:  # LightGBM raises the rarer class, whichever it is
            return np.where(train.label > 0, 1.0, 1.0 / max(factor, 1e-9))
    return np.where(train.label > 0, factor, 1.0)


def _columns(source: ModelSource, keep: Sequence[str]) -> list[int]:
    names = source.facts.feature_names or [f"f{i}" for i in range(source.facts.n_features)]
    unknown = [n for n in keep if n not in names]
    if unknown:
        raise ConfigError(f"keep names {unknown[0]!r}, which is no feature of the model")
    return [names.index(n) for n in keep]
