"""A saved model or a live booster as a run: trees and parameters, without metrics."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from treedebug.core.errors import ConfigError, FormatError, RunNotFoundError, StoreError
from treedebug.core.params.parameter_names import canonical_params
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import FINISHED, Header, Note, RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.readers.library_readers import library_of, read_batch, read_facts
from treedebug.store.file_format import HeldBlob
from treedebug.store.recorded_trees import BatchRef, RecordedTrees


def model_bytes(target: Any) -> bytes | None:
    """Return the model of a booster or a fitted scikit-learn wrapper, recognised without importing it.

    Return None for anything else.
    Raise ConfigError for a wrapper that is not fitted.
    """
    modules = {c.__module__.split(".")[0] for c in type(target).__mro__}
    if "xgboost" in modules:
        booster = _fitted(target, target.get_booster) if hasattr(target, "get_booster") else target
        if hasattr(booster, "save_raw"):
            return _saved(target, lambda: booster.save_raw("ubj"))
    if "lightgbm" in modules:
        booster = _fitted(target, lambda: target.booster_) if hasattr(type(target), "booster_") else target
        if hasattr(booster, "model_to_string"):
            return _saved(target, lambda: booster.model_to_string(num_iteration=-1).encode("utf-8"))
    return None


def _fitted(target: Any, booster: Callable[[], Any]) -> Any:
    try:
        return booster()
    except Exception as error:  # of scikit-learn or of the library, as it happens
        raise ConfigError(
            f"this {type(target).__name__} is not fitted, so there is no model to check: call fit first"
        ) from error


def _saved(target: Any, save: Callable[[], bytes | bytearray]) -> bytes:
    try:
        return bytes(save())
    except Exception as error:
        reason = str(error).partition("\nStack trace")[0]  # XGBoost adds its own
        raise ConfigError(
            f"this {type(target).__name__} cannot be saved, so there is no model to check: {reason}"
        ) from error


_MODEL_SUFFIXES = frozenset({".json", ".ubj", ".ubjson", ".deb", ".pkl", ".pickle", ".joblib", ".model", ".bin"})


def is_model_file(path: Path) -> bool:
    """Return whether a file is meant to hold a model: by its suffix, or by LightGBM's first line."""
    if path.suffix.lower() in _MODEL_SUFFIXES:
        return True
    with path.open("rb") as file:
        return file.read(5) in (b"tree\n", b"tree\r")


def read_model_file(path: str | os.PathLike[str]) -> RunData:
    """Return a model file (.json, .ubj, LightGBM .txt) as a run. Raise RunNotFoundError, StoreError or FormatError."""
    file = Path(path)
    try:
        raw = file.read_bytes()
    except FileNotFoundError as error:
        raise RunNotFoundError(f"there is no run or model at {file}") from error
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error}") from error
    if not raw:
        raise FormatError(f"{file} is empty: expected a saved model")
    try:
        return model_as_run(raw)
    except FormatError as error:
        raise FormatError(f"{file}: {error}") from error


def model_as_run(raw: bytes) -> RunData:
    """Return a model's bytes as a finished run without metrics."""
    library = library_of(raw)
    facts = read_facts(raw, library)
    header = Header(
        library=library,
        booster=facts.booster,
        objective=facts.objective,
        params=canonical_params(facts.params, library),
        versions={library: facts.version},
        feature_names=facts.feature_names,
        feature_types=facts.feature_types,
        n_features=facts.n_features,
        n_classes=facts.n_classes,
        trees_per_round=facts.trees_per_round,
    )
    trees = RecordedTrees(read_batch)
    run = RunData(header, trees)
    linear = facts.booster == "gblinear"
    n_rounds = 0 if linear else facts.n_rounds  # of gblinear, a number that nothing else in the file bears out
    for i in range(n_rounds):
        run.rounds.append(i, learning_rate=np.nan, seconds=np.nan, iterations=i + 1)
    run.notes.append(
        Note("metrics", "a saved model holds no metrics: the rules on curves and classes need a recorded run")
    )
    run.ending = {"state": FINISHED, "best_round": None, "reason": "", "n_rounds": n_rounds}
    if linear:
        rounds_said = f"{facts.n_rounds:,} rounds" if facts.n_rounds != 1 else "1 round"
        run.notes.append(Note("trees", f"the booster is gblinear, which has no trees; it says it had {rounds_said}"))
        return run
    if facts.n_rounds:
        rounds = np.arange(facts.n_rounds, dtype=np.int64)
        trees.add(BatchRef(library, rounds, rounds, 0, HeldBlob(raw)))
        table = read_batch(TreeBatch(library, raw, rounds, 0))
        summary = TreeSummary(max(facts.n_features, int(table.feature.max(initial=-1)) + 1))
        summary.extend(table, facts.n_rounds)
        run.add_stream(TreeSummary, summary)
    else:
        run.notes.append(Note("trees", "the model has no trees: it was saved before its first round"))
    return run
