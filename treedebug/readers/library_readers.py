"""Which reader reads what: by the library that wrote a batch, or by what a file begins with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.lightgbm import lightgbm_reader
from treedebug.readers.model_facts import ModelFacts
from treedebug.readers.xgboost import xgboost_join, xgboost_reader


def read_batch(batch: TreeBatch) -> TreeTable:
    """Return the trees of a recorded batch. Raise FormatError for an unknown library or a damaged batch."""
    if batch.library == "xgboost":
        return xgboost_reader.read(batch.raw, rounds=batch.rounds, first_tree=batch.first_tree)
    if batch.library == "lightgbm":
        return lightgbm_reader.read(batch.raw, rounds=batch.rounds, first_tree=batch.first_tree)
    raise FormatError(f"expected trees of xgboost or lightgbm, got {batch.library!r}")


def read_live(batch: TreeBatch) -> TreeTable:
    """Return what the rules need of a batch while it trains: the same without LightGBM's row counts."""
    if batch.library == "lightgbm":
        return lightgbm_reader.read(batch.raw, rounds=batch.rounds, first_tree=batch.first_tree, counts=False)
    return read_batch(batch)


def read_facts(raw: bytes, library: str) -> ModelFacts:
    """Return what a model file or slice says of itself."""
    return xgboost_reader.facts(raw) if library == "xgboost" else lightgbm_reader.facts(raw)


def join_raw(
    raws: Sequence[bytes], library: str, *, weights: NDArray[np.float64] | None = None, cats: bytes | None = None
) -> bytes:
    """Return successive slices as one model file; `weights` (n_trees,) replaces DART's, `cats` is XGBoost's encoder."""
    if library == "xgboost":
        return xgboost_join.join(raws, weights=weights, cats=cats)
    return lightgbm_reader.join(raws)


def library_of(raw: bytes) -> str:
    """Return the library that wrote a model file. Raise FormatError for anything else, pickles included."""
    head = raw[:64].lstrip()
    if head.startswith(b"{"):
        return "xgboost"
    if head.startswith(b"tree"):
        return "lightgbm"
    if raw[:1] == b"\x80":
        raise FormatError(
            "this looks like a pickle, which treedebug never loads (loading one runs code): "
            "save a model with booster.save_model('model.ubj') or, for LightGBM, 'model.txt'; a table as Parquet or CSV"
        )
    raise FormatError(
        f"expected a model saved by XGBoost (.json, .ubj) or LightGBM (.txt); the file begins with {raw[:16]!r}"
    )
