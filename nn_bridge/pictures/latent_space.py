"""The latent space of a layer: whole outputs of some rows in two dimensions, and how well it parts the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np

from nn_bridge.record.tensor_streams import INPUT, PROBE, SALIENCY, Floats, Integers
from nn_bridge.record.whole_tensors import TensorRef, WholeTensors
from treedebug.core.errors import MissingExtraError, NotRecordedError, did_you_mean, missing_extra
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of

MOST_ROWS = 400
"""On a page: t-SNE of them takes a second."""
NOT_PROBED = "no rows were looked at: call recorder.probe(X_valid, y_valid) once the net is trained"
_FEWEST = 4
_UNKNOWN = -1
_SAME = 1e-6
"""Share of the largest number: t-SNE counts in float32."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LatentSpace(Picture):
    """Rows as a layer sees them: a point each."""

    name: ClassVar[str] = "latent_space"
    question: ClassVar[str] = "Does the layer tell the classes apart?"

    layer: str
    x: Floats
    """(n_rows,) first dimension of t-SNE."""
    y: Floats
    classes: Integers
    """(n_rows,) -1 for unknown."""
    steps: Integers
    """(n_rows,) of the optimiser, when the row was looked at."""
    own_nearest: float
    """Share of the rows whose nearest other row in the layer's outputs is of their own class; NaN without classes."""
    own_nearest_in_input: float
    """The same of the net's input, where the rows were probed."""
    largest_class: float
    """Share of the largest class: what chance would give."""
    mixed_class: int
    """The class whose rows are least often nearest to their own; -1 without classes."""
    mixed_share: float
    """Share of its rows that are."""


def latent_space(run: AnyRun, layer: str, *, most: int = MOST_ROWS, seed: int = 0) -> LatentSpace | NoPicture:
    """Return the latent space of a layer, or why there is none."""
    try:
        return space_of(data_of(run).stream(WholeTensors) or WholeTensors(), layer, most=most, seed=seed)
    except (NotRecordedError, MissingExtraError) as error:
        return NoPicture(str(error))
    except ValueError as error:
        return NoPicture(f"the record of layer {layer!r} is malformed: {error}")


def space_of(whole: WholeTensors, layer: str, *, most: int, seed: int) -> LatentSpace:
    """Return the latent space of a layer that was probed, else of the newest of its outputs that were recorded whole.

    Raise NotRecordedError without any of the layer, MissingExtraError without scikit-learn.
    """
    refs = whole.of(layer)
    if not refs:
        raise NotRecordedError(no_outputs(whole, layer))
    known, key = _KNOWN.setdefault(whole, {}), (layer, most, seed, len(refs), refs[-1].step)
    if key not in known:  # t-SNE takes a second, and the page of a run under way is made again and again
        known[key] = _space(whole, layer, refs, most=most, seed=seed)
    return known[key]


_KNOWN: WeakKeyDictionary[WholeTensors, dict[tuple[Any, ...], LatentSpace]] = WeakKeyDictionary()


def _space(whole: WholeTensors, layer: str, refs: Sequence[TensorRef], *, most: int, seed: int) -> LatentSpace:
    points, classes, steps = _rows(refs, most)
    flat = _two_dimensions(points, layer, seed)
    own = _has_own_nearest(points, classes)
    known = classes[classes != _UNKNOWN]
    names, counts = np.unique(known, return_counts=True)
    by_class = [(float(own[classes == c].mean()), int(c)) for c in names] if len(own) else []
    share, mixed = min(by_class, default=(float("nan"), _UNKNOWN))
    return LatentSpace(
        layer=layer, x=flat[:, 0], y=flat[:, 1], classes=classes, steps=steps,
        own_nearest=float(own.mean()) if len(own) else float("nan"),
        own_nearest_in_input=_of_input(whole, len(points)),
        largest_class=float(counts.max() / len(known)) if len(known) else float("nan"),
        mixed_class=mixed, mixed_share=share,
    )  # fmt: skip


def no_outputs(whole: WholeTensors, layer: str) -> str:
    """Return why a layer has no latent space, with the names of those that have one."""
    known = [name for name in whole.layers() if name]
    return (
        f"no whole tensors of {layer!r} are recorded.{did_you_mean(layer, known)} Recorded: "
        f"{', '.join(known) or 'none'}. Ask for them: recorder.probe(X_valid, y_valid, layers=[{layer!r}]), or "
        f"TorchRecorder(..., whole=[{layer!r}])"
    )


def latent_layers(run: AnyRun) -> list[str]:
    """Return the layers that have a latent space: those probed, else those whose outputs were recorded whole."""
    whole = data_of(run).stream(WholeTensors) or WholeTensors()
    named = [name for name in whole.layers() if name]
    return [name for name in named if whole.of(name, PROBE)] or named


def _two_dimensions(points: Floats, layer: str, seed: int) -> Floats:
    """Return the points as t-SNE lays them out, (n, 2). Raise MissingExtraError, NotRecordedError for too few."""
    try:
        from sklearn.manifold import TSNE  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise missing_extra("scikit-learn", "sklearn") from error
    if len(points) < _FEWEST:
        raise NotRecordedError(f"{layer!r}: {len(points)} rows are too few for a picture")
    points = _scaled(points, layer)
    perplexity = min(30.0, (len(points) - 1) / 3.0)
    flat = TSNE(n_components=2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)
    return np.asarray(flat, dtype=np.float64)


def _scaled(points: Floats, layer: str) -> Floats:
    """Return the points about 0, the largest number 1: t-SNE crashes the process where none differs."""
    found = points / max(float(np.abs(points).max()), np.finfo(np.float64).tiny)
    found = found - found.mean(axis=0)
    largest = float(np.abs(found).max())
    if largest <= _SAME:
        raise NotRecordedError(
            f"{layer!r} gives the same outputs for all of {len(points)} rows: it tells nothing apart"
        )
    return np.pad(found / largest, ((0, 0), (0, max(0, 2 - found.shape[1]))))  # two dimensions need two columns


def _rows(refs: Sequence[TensorRef], most: int) -> tuple[Floats, Integers, Integers]:
    """Return the finite rows of the latest probe, else of the newest tensors, newest first, as (n, n_features)."""
    probed = [r for r in refs if r.kind == PROBE]
    wanted = probed[-1:] or [r for r in reversed(refs) if r.kind not in (INPUT, SALIENCY)]
    parts: list[tuple[Any, Any, Any]] = []
    n, width = 0, 0
    for ref in wanted:
        tensor = ref.load()
        rows = np.asarray(tensor.values, dtype=np.float64).reshape(tensor.values.shape[0], -1)
        if n >= most or (width and rows.shape[1] != width):
            break
        width = rows.shape[1]
        labels = tensor.labels if len(tensor.labels) == len(rows) else np.full(len(rows), _UNKNOWN)
        keep = np.flatnonzero(np.isfinite(rows).all(axis=1))[: most - n]
        parts.append((rows[keep], labels[keep], np.full(len(keep), ref.step)))
        n += len(keep)
    if not n:
        raise NotRecordedError(f"no row of layer {refs[0].layer!r} is finite")
    points, classes, steps = (np.concatenate([p[i] for p in parts]) for i in range(3))
    return points, classes, steps


def _of_input(whole: WholeTensors, most: int) -> float:
    refs = whole.of("", INPUT)
    if not refs:
        return float("nan")
    tensor = refs[-1].load()
    rows = np.asarray(tensor.values, dtype=np.float64).reshape(len(tensor.values), -1)[:most]
    own = _has_own_nearest(rows, tensor.labels[:most])
    return float(own.mean()) if len(own) else float("nan")


def _has_own_nearest(points: Floats, classes: Integers) -> Floats:
    """Return (n,) 1 for a row whose nearest other row is of its class; empty where the classes are unknown."""
    if len(classes) != len(points) or len(points) < _FEWEST or (classes == _UNKNOWN).any():
        return np.empty(0)
    scaled = points - points.mean(axis=0)
    squares = (scaled**2).sum(axis=1)
    distance = squares[:, None] + squares[None, :] - 2.0 * scaled @ scaled.T
    np.fill_diagonal(distance, np.inf)
    return np.asarray(classes[distance.argmin(axis=1)] == classes, dtype=np.float64)
