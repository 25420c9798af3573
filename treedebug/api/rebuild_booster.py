"""A working booster of the rounds so far, from the recorded trees."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError, NotRecordedError, missing_extra
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import RunData
from treedebug.readers.library_readers import join_raw, read_batch, read_facts
from treedebug.readers.lightgbm.lightgbm_text import check_for_lightgbm
from treedebug.readers.xgboost.xgboost_join import stored_encoder
from treedebug.store.record_decoders import LIBRARIES
from treedebug.store.recorded_trees import RecordedTrees, StoredBatch


def rebuild_booster(run: RunData, round_index: int) -> Any:
    """Return the booster as it was after a round.

    xgboost.Booster or lightgbm.Booster, predicting exactly as it did then.

    Raise NotRecordedError for a round, or a booster, whose trees were not recorded; FormatError for damaged trees;
    MissingExtraError without the library.
    """
    trees = run.trees
    if not isinstance(trees, RecordedTrees) or not trees.is_recorded:
        reason = next((n.message for n in run.notes if n.topic == "trees"), "this run has no trees")
        raise NotRecordedError(reason)
    known = min(run.n_rounds, trees.covered) if not run.ended else run.n_rounds
    if not 0 <= round_index < known:
        raise NotRecordedError(
            f"round {round_index} is not recorded: rounds count from 0, and the trees of {known} are recorded "
            f"(0 to {known - 1})"
        )
    library = run.header.library
    if library == "lightgbm" and run.header.booster == "dart":
        return _revised(trees, round_index)
    weights = None
    if run.header.booster == "dart":
        weights = trees.weights_at(round_index)
        if weights is None:
            raise _not_a_snapshot(trees, round_index)
    raws = []
    for batch in trees.batches():
        keep = int((batch.rounds <= round_index).sum())
        if keep == 0:
            break
        stored = batch.stored_rounds if isinstance(batch, StoredBatch) else batch.rounds
        _read(batch.raw, batch.library, stored, batch.first_tree)
        raws.append(batch.raw if keep == len(stored) else _cut(batch.raw, batch.library, keep))
    if not raws:
        raise NotRecordedError(f"no round up to {round_index} added a tree: there is no booster to rebuild")
    encoder = run.header.extra.get("category_encoder")
    cats = stored_encoder(encoder)[0] if encoder else None
    return load_booster(join_raw(raws, library, weights=weights, cats=cats), library)


def _revised(trees: RecordedTrees, round_index: int) -> Any:
    revision = trees.revision_at(round_index)
    if revision is None:
        raise _not_a_snapshot(trees, round_index)
    _read(revision.raw, "lightgbm", None)
    return load_booster(revision.raw, "lightgbm")


def _read(raw: bytes, library: str, rounds: NDArray[np.int64] | None, first_tree: int = 0) -> None:
    """Raise FormatError for trees that our own reader refuses: a library may crash on them."""
    if rounds is None:
        rounds = np.arange(read_facts(raw, library).n_rounds)
    read_batch(TreeBatch(library, raw, rounds, first_tree))


def _not_a_snapshot(trees: RecordedTrees, round_index: int) -> NotRecordedError:
    rounds = trees.snapshot_rounds
    nearest = sorted(rounds, key=lambda r: (abs(r - round_index), r))[:3]
    listed = ", ".join(map(str, sorted(nearest))) or "none"
    return NotRecordedError(
        f"DART changes earlier trees in every round, and their weights after round {round_index} are not recorded; "
        f"the nearest rounds recorded: {listed}. Pass dart_every=1 to the callback to record every round."
    )


def _cut(raw: bytes, library: str, n_iterations: int) -> bytes:
    booster = load_booster(raw, library)
    try:
        if library == "xgboost":
            return bytes(booster[:n_iterations].save_raw("ubj"))
        return bytes(booster.model_to_string(num_iteration=n_iterations).encode("utf-8"))
    except Exception as error:
        raise _refused(library, error) from error


def library_module(library: str) -> Any:
    """Return xgboost or lightgbm. Raise MissingExtraError without it, FormatError for any other name."""
    if library not in LIBRARIES:  # whatever a file says, nothing else is imported
        raise FormatError(f"expected a run of {' or '.join(LIBRARIES)}, got {library!r}")
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise missing_extra(library, library) from error


def load_booster(raw: bytes, library: str) -> Any:
    """Return a model's bytes as its library's booster.

    Raise MissingExtraError without the library, FormatError for bytes that it refuses.
    """
    module = library_module(library)
    if library == "lightgbm":
        check_for_lightgbm(raw)
    try:
        if library == "xgboost":
            return module.Booster(model_file=bytearray(raw))
        return module.Booster(model_str=raw.decode("utf-8"))
    except Exception as error:
        raise _refused(library, error) from error


def _refused(library: str, error: Exception) -> FormatError:
    reason = str(error).partition("\nStack trace")[0]  # XGBoost adds its own
    return FormatError(f"the recorded trees are damaged: {library} refuses them: {reason:.300}")
