"""Slices of an XGBoost model, put together again as the model they came from."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.readers.xgboost import ubjson
from treedebug.readers.xgboost.ubjson import encode, encode_int, encode_length
from treedebug.readers.xgboost.xgboost_file import Model, floats, member, parse_model


def join(raws: Sequence[bytes], *, weights: NDArray[np.float64] | None = None, cats: bytes | None = None) -> bytes:
    """Return successive slices, in UBJSON, as one model file with all their rounds.

    Everything but the trees (attributes, feature names, base_score) is the last slice's. `weights` (n_trees,) replace
    those that DART's slices had when they were cut, for later rounds change them. `cats` is what `category_encoder`
    found in the unsliced model: XGBoost 3.2 leaves it out of slices.
    """
    if not raws:
        raise FormatError("expected at least one slice to join, got none")
    raws = [bytes(raw) for raw in raws]
    models = [parse_model(raw, collect=False) for raw in raws]
    last = models[-1]
    for model in models:
        _check_same(model, last)
    parts = {
        "gbtree_model_param": encode(
            dict(member(last.body, "gbtree_model_param")) | {"num_trees": str(_n_trees(models))}
        ),
        "iteration_indptr": encode(_iterations(models)),
        "tree_info": encode([info for model in models for info in model.tree_info().tolist()]),
        "trees": _trees(raws, models),
    }
    if last.booster == "dart":
        parts["weight_drop"] = encode(_weights(models, weights))
    elif weights is not None:
        raise FormatError(f"weights are DART's, but these slices are of a {last.booster} model")
    if cats is not None and "cats" in last.spans:
        parts["cats"] = cats
    return _replaced(raws[-1], last, parts)


def category_encoder(raw: bytes) -> bytes | None:
    """Return the part of a model file (UBJSON) that maps a frame's categories to the training's, for `join`.

    None if the model was not trained on a data frame with categories, or if `raw` is a slice. Boosters have it from
    their first round on, and it stays as it is.
    """
    model = parse_model(raw, collect=False)
    if "cats" not in model.spans or not member(model.body, "cats").get("enc"):
        return None
    start, stop = model.spans["cats"]
    return bytes(raw[start:stop])


def stored_encoder(text: str) -> tuple[bytes, list[Any]]:
    """Return what a header keeps of `category_encoder`, as bytes and as the list of its columns. Raise FormatError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise FormatError(f"the recorded categories are damaged: {error}") from error
    found = ubjson.decode(raw)
    columns = found.get("enc") if isinstance(found, dict) else None
    if not isinstance(columns, list):
        raise FormatError("the recorded categories are damaged: they list no columns")
    return raw, columns


def _n_trees(models: list[Model]) -> int:
    return sum(model.n_trees for model in models)


def _iterations(models: list[Model]) -> list[int]:
    offsets = [0]
    for model in models:
        before = offsets[-1]
        offsets += (model.iterations()[1:] + before).tolist()
    return offsets


def _weights(models: list[Model], weights: NDArray[np.float64] | None) -> list[float]:
    if weights is None:
        weights = np.concatenate([model.weights() for model in models])
    if len(weights) != _n_trees(models):
        raise FormatError(f"the slices have {_n_trees(models)} trees, but {len(weights)} weights were given")
    return [float(weight) for weight in floats(weights)]


def _trees(raws: list[bytes], models: list[Model]) -> bytes:
    """Return all trees, numbered from 0."""
    parts = [b"[#" + encode_length(_n_trees(models))]
    index = 0
    for raw, model in zip(raws, models, strict=True):
        for span in model.forest.spans:
            parts += (raw[span.start : span.id_start], encode_int(index), raw[span.id_stop : span.stop])
            index += 1
    return b"".join(parts)


def _replaced(raw: bytes, model: Model, parts: dict[str, bytes]) -> bytes:
    pieces, place = [], 0
    for key, (start, stop) in sorted(model.spans.items(), key=lambda item: item[1]):
        pieces += [raw[place:start], parts.get(key, raw[start:stop])]
        place = stop
    return b"".join([*pieces, raw[place:]])


def _check_same(model: Model, last: Model) -> None:
    """Slices of one booster agree in all this; joining others would give a model that predicts nonsense."""
    if not model.spans:
        raise FormatError(
            "expected slices with trees in UBJSON (save_raw('ubj')), found another format or a gblinear model"
        )
    for path in (
        ("gradient_booster", "name"),
        ("objective", "name"),
        ("learner_model_param", "num_class"),
        ("learner_model_param", "num_feature"),
        ("learner_model_param", "num_target"),
    ):
        ours, theirs = member(model.learner, *path), member(last.learner, *path)
        if ours != theirs:
            raise FormatError(f"the slices are of different models: {path[-1]} is {ours!r} and {theirs!r}")
