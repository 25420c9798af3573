"""An XGBoost model file, decoded: the dictionaries around the trees, checked, and the trees' columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.readers.model_facts import MOST_FEATURES
from treedebug.readers.xgboost.ubjson import Decoder, Hook, Path, decode
from treedebug.readers.xgboost.xgboost_scan import Forest

_LARGEST = float(1 << 53)
_BOOSTER = ("learner", "gradient_booster")
_MODELS = ((*_BOOSTER, "model"), (*_BOOSTER, "gbtree", "model"))
"""Where the trees are: gbtree, dart."""


@dataclass(kw_only=True)
class Model:
    """A decoded model file; the trees are in `forest`."""

    learner: Mapping[str, Any]
    version: list[Any]
    forest: Forest
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Key -> bytes of its value, of what changes when slices are joined (UBJSON only)."""

    @property
    def booster(self) -> str:
        """gbtree, dart or gblinear."""
        return str(member(self.learner, "gradient_booster", "name"))

    @property
    def body(self) -> Mapping[str, Any]:
        """The dictionary around the trees."""
        path = ("gradient_booster", "gbtree", "model") if self.booster == "dart" else ("gradient_booster", "model")
        return mapping(member(self.learner, *path))

    @property
    def n_trees(self) -> int:
        """Trees in the file."""
        return len(self.forest.sizes)

    def tree_info(self) -> NDArray[np.int64]:
        """Return (n_trees,) the class each tree votes for."""
        info = integers(member(self.body, "tree_info"))
        if len(info) != self.n_trees or (info < 0).any():
            raise FormatError(f"the file has {self.n_trees} trees, and tells the class of {len(info)}")
        return info

    def iterations(self) -> NDArray[np.int64]:
        """Return (n_iterations + 1,) first tree of each iteration."""
        if "iteration_indptr" not in self.body:  # before 2.0
            parallel = number(member(self.body, "gbtree_model_param", "num_parallel_tree"))
            step = max(1, parallel) * max(1, number(member(self.learner, "learner_model_param", "num_class")))
            return np.append(np.arange(0, self.n_trees, step), self.n_trees)
        offsets = integers(self.body["iteration_indptr"])
        if len(offsets) < 1 or offsets[0] != 0 or offsets[-1] != self.n_trees or (np.diff(offsets) < 0).any():
            raise FormatError(f"the file's iterations do not divide its {self.n_trees} trees")
        return offsets

    def weights(self) -> NDArray[np.float64]:
        """Return (n_trees,) what DART multiplies each tree with; ones for other boosters."""
        if self.booster != "dart":
            return np.ones(self.n_trees)
        weights = floats(member(self.learner, "gradient_booster", "weight_drop"))
        if len(weights) != self.n_trees:
            raise FormatError(f"the file has {self.n_trees} trees, and weights for {len(weights)}")
        with np.errstate(all="ignore"):
            return weights.astype(np.float32).astype(np.float64)  # JSON's digits are those of a float32


def parse_model(raw: bytes, *, collect: bool = True) -> Model:
    """Decode a model file, UBJSON or JSON by its first bytes; `collect=False` skips over what is in the trees."""
    raw = bytes(raw)
    head = raw[:64].lstrip()
    if head[:1] != b"{" or not head[1:].lstrip():
        raise FormatError(f"expected an XGBoost model in UBJSON or JSON, found a file that starts with {raw[:8]!r}")
    model = _load_json(raw, collect=collect) if head[1:].lstrip()[:1] in b'"}' else _load_ubjson(raw, collect=collect)
    if model.booster == "gblinear":
        return model
    stated = number(member(model.body, "gbtree_model_param", "num_trees"))
    if stated != model.n_trees:
        raise FormatError(f"the file has {model.n_trees} trees, and says that it has {stated}")
    return model


def _load_ubjson(raw: bytes, *, collect: bool) -> Model:
    forest = Forest(collect=collect)
    spans: dict[str, tuple[int, int]] = {}

    def spanned(path: Path) -> Hook:
        def read_value(decoder: Decoder) -> Any:
            start = decoder.pos
            value = forest(decoder) if path[-1] == "trees" else decoder.value(path)
            spans[path[-1]] = (start, decoder.pos)
            return value

        return read_value

    inner = ("cats", "gbtree_model_param", "iteration_indptr", "tree_info", "trees")
    paths = [(*body, name) for body in _MODELS for name in inner] + [(*_BOOSTER, "weight_drop")]
    top = mapping(decode(raw, hooks={path: spanned(path) for path in paths}))
    return Model(learner=mapping(member(top, "learner")), version=_version(top), forest=forest, spans=spans)


def _load_json(raw: bytes, *, collect: bool) -> Model:
    try:
        top = mapping(json.loads(raw))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not a model XGBoost wrote: {error}") from None
    model = Model(learner=mapping(member(top, "learner")), version=_version(top), forest=Forest(collect=collect))
    if model.booster != "gblinear":
        trees = member(model.body, "trees")
        if not isinstance(trees, list):
            raise FormatError("not a model XGBoost wrote: its trees are not a list")
        for tree in trees:
            model.forest.add(tree)
    return model


def _version(top: Mapping[str, Any]) -> list[Any]:
    version = member(top, "version")
    return version if isinstance(version, list) else []


def member(values: Any, *path: str) -> Any:
    """Return the value the keys of `path` lead to. Raise FormatError if there is none."""
    for key in path:
        if not isinstance(values, Mapping) or key not in values:
            raise FormatError(f"not a model XGBoost wrote: it has no {key!r} where {'.'.join(path)!r} is expected")
        values = values[key]
    return values


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value`, which must be one."""
    if not isinstance(value, Mapping):
        raise FormatError(f"not a model XGBoost wrote: expected an object, found {type(value).__name__}")
    return value


def number(text: Any) -> int:
    """Return a parameter XGBoost writes as text."""
    try:
        value = int(text)
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"not a model XGBoost wrote: expected a number, found {str(text)[:80]!r}") from None
    if not 0 <= value < 1 << 62:
        raise FormatError(f"not a model XGBoost wrote: {text!r} is out of range")
    return value


def feature_count(learner: Mapping[str, Any]) -> int:
    """Return how many features the model has. Raise FormatError for more than treedebug reads."""
    count = number(member(learner, "learner_model_param", "num_feature"))
    if count > MOST_FEATURES:
        raise FormatError(
            f"the model says it has {count:,} features: treedebug reads models of up to {MOST_FEATURES:,}"
        )
    return count


def integers(values: Any) -> NDArray[np.int64]:
    """Return a list of integers as an array. Raise FormatError for numbers that are none."""
    array = _array(values)
    if not (np.abs(array) <= _LARGEST).all():  # NaN neither
        raise FormatError("not a model XGBoost wrote: expected a list of whole numbers")
    return array.astype(np.int64)


def floats(values: Any) -> NDArray[np.float64]:
    """Return a list of numbers as an array."""
    return _array(values)


def _array(values: Any) -> NDArray[np.float64]:
    try:
        with np.errstate(all="ignore"):
            array = np.asarray(values).astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise FormatError("not a model XGBoost wrote: expected a list of numbers") from None
    if array.ndim != 1:
        raise FormatError("not a model XGBoost wrote: expected a flat list of numbers")
    return array
