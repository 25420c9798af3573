"""A candidate as a model file of its library, asked by the library before it is handed over."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from treedebug.core.errors import StoreError
from treedebug.core.run.run_data import RunData
from treedebug.cure.model_source import ModelSource, read_source
from treedebug.cure.slim.child import check_file
from treedebug.cure.slim.storage import shortened, used_columns
from treedebug.cure.slim.written_trees import WrittenTrees
from treedebug.cure.tables import Floats
from treedebug.readers.lightgbm import lightgbm_writer
from treedebug.readers.lightgbm.lightgbm_text import split_text
from treedebug.readers.tree_predictions import margins_by_round
from treedebug.readers.xgboost import xgboost_writer
from treedebug.readers.xgboost.xgboost_file import parse_model

_CLOSE = 1e-4
"""How far fewer digits may move a margin, in standard deviations of the margins."""
_ASKED = 2000
"""Rows that the library is asked about."""


@dataclass(frozen=True)
class ModelFile:
    """The new model's bytes, and what is in them."""

    small: ModelSource
    n_leaves: int
    columns: tuple[int, ...] | None
    """The features that it takes, where some were left out."""


def model_file(  # noqa: PLR0913 - the trees, and how they are written
    source: ModelSource, trees: WrittenTrees, rate: float, X: Floats, *, as_json: bool, keep: Sequence[int] | None
) -> ModelFile:
    """Return the trees in the source's own format; the margins of the rows X stay what they are.

    `keep` are features to keep beside those in use; None keeps all.
    """
    trees = shortened(trees, X, _CLOSE * float(last_margin(source, X[:_ASKED]).std()))
    columns = None if keep is None else used_columns(trees.table, keep)
    if source.facts.library == "xgboost":
        raw = xgboost_writer.with_trees(source.raw, trees.table, trees.values, as_json=as_json, columns=columns)
    else:
        raw = lightgbm_writer.with_trees(source.raw, trees.table, trees.values, shrinkage=rate, columns=columns)
    small = read_source(raw, source.name, RunData(source.run.header))
    return ModelFile(small, trees.n_leaves, None if columns is None else tuple(columns))


def last_margin(source: ModelSource, X: Floats) -> Floats:
    """Return (n_rows, n_outputs) the margin of the whole model; of a random forest the sum, as libraries return it."""
    margin = source.facts.base_margin + 0.0 * X[:, :1]
    for _, found in margins_by_round(source.table, X, source.facts):
        margin = found
    return margin


def checked(file: ModelFile, X: Floats) -> None:
    """Let the library read the file and predict X, of which it sees its own columns, in a process of its own.

    Raise FormatError where it cannot, or predicts something else.
    """
    small = file.small
    rows = X[:_ASKED] if file.columns is None else X[:_ASKED, file.columns]
    expected = last_margin(small, rows)
    if small.facts.average_output:  # LightGBM's raw score of a random forest is the sum
        expected = expected * small.facts.n_rounds
    library = small.facts.library
    suffix = ".txt" if library == "lightgbm" else ".json" if _is_json(small.raw) else ".ubj"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{suffix}"
        path.write_bytes(small.raw)
        check_file(path, library, rows, expected)


def save(raw: bytes, path: str | os.PathLike[str]) -> Path:
    """Write the model at once or not at all. Raise StoreError."""
    place = Path(path)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        beside.write_bytes(raw)
        beside.replace(place)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StoreError(f"{place} cannot be written: {error}") from error
    return place


def cut_bytes(source: ModelSource, n_trees: int) -> int:
    """Return how long the file would be with its first trees alone."""
    if source.facts.library == "lightgbm":
        return len(source.raw) - sum(len(tree) for tree in split_text(source.raw).trees[n_trees:])
    spans = parse_model(source.raw, collect=False).forest.spans
    if not spans:  # JSON
        return round(len(source.raw) * n_trees / max(source.table.n_trees, 1))
    return len(source.raw) - sum(span.stop - span.start for span in spans[n_trees:])


def _is_json(raw: bytes) -> bool:
    return raw[1:64].lstrip()[:1] in b'"}'
