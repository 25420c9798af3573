"""The model to be cured: of a run, a file, a booster or a fitted estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from treedebug.api.check_subject import recognise
from treedebug.api.rebuild_booster import rebuild_booster
from treedebug.api.saved_models import model_bytes
from treedebug.api.subject import MODEL, TABLE
from treedebug.core.errors import ConfigError, NotRecordedError
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.cure.tables import with_encoder
from treedebug.readers.library_readers import read_batch, read_facts
from treedebug.readers.model_facts import ModelFacts


@dataclass(frozen=True, eq=False)
class ModelSource:
    """A model's bytes, and what is known of it."""

    name: str
    raw: bytes
    facts: ModelFacts
    run: RunData
    table: TreeTable


def source_of(target: Any) -> ModelSource:
    """Return the model behind a run or its path, a model file, a booster or a fitted estimator.

    Raise ConfigError for a table, NotRecordedError for a run without trees.
    """
    found = recognise(target)
    if found.kind == TABLE:
        raise ConfigError("slim takes a run, a saved model or a booster; got a table")
    raw = next((b.raw for b in found.run.trees.batches()), None) if found.kind == MODEL else None
    return read_source(raw or raw_of(found.run), found.source, found.run)


def read_source(raw: bytes, name: str, run: RunData) -> ModelSource:
    """Return a model of its bytes."""
    library = run.header.library
    facts = read_facts(raw, library)
    with_encoder(run, raw)
    table = read_batch(TreeBatch(library, raw, np.arange(facts.n_rounds), 0))
    return ModelSource(name, raw, facts, run, table)


def n_leaves_of(raw: bytes, library: str) -> int:
    """Return the leaves of all trees of a model."""
    n_rounds = read_facts(raw, library).n_rounds
    return int(read_batch(TreeBatch(library, raw, np.arange(n_rounds), 0)).is_leaf.sum())


def raw_of(run: RunData) -> bytes:
    """Return the bytes of the whole model that a record holds."""
    if run.n_rounds == 0 or run.header.booster == "gblinear":
        raise NotRecordedError(next((n.message for n in run.notes if n.topic == "trees"), "there are no trees"))
    raw = model_bytes(rebuild_booster(run, run.n_rounds - 1))
    if raw is None:
        raise NotRecordedError("the trees of this run cannot be put together")
    return raw
