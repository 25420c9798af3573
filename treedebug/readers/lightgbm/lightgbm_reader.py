"""LightGBM's model text (`model_to_string`) as a TreeTable, as facts, and several slices as one text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.core.run.tree_table import LEAF, TreeTable
from treedebug.readers.lightgbm.lightgbm_numbers import Columns, Floats, Ints, Layout, read_categories, read_linear
from treedebug.readers.lightgbm.lightgbm_text import ModelText, columns, header_int, section_size, split_text
from treedebug.readers.model_facts import ModelFacts

_CATEGORICAL, _DEFAULT_LEFT, _MISSING_SHIFT = 1, 2, 2
_SAME_IN_ALL_SLICES = ("num_class", "num_tree_per_iteration", "max_feature_idx", "objective", "average_output")


def category_counts(raw: bytes) -> dict[str, int]:
    """How many categories each categorical feature has, by name."""
    text = split_text(raw)
    names, infos = _words(text, "feature_names"), _words(text, "feature_infos")
    found = zip(names, infos, strict=False)
    known = ((name, info.split(":")) for name, info in found if _feature_type(info) == "c")
    return {name: sum(value != "-1" for value in values) for name, values in known}  # -1 stands for missing


def read(raw: bytes, *, rounds: NDArray[np.int64] | None = None, first_tree: int = 0, counts: bool = True) -> TreeTable:
    """Read a model text, whole or a slice of rounds; `rounds` numbers its iterations, `first_tree` its first tree.

    Of a tree that never split, LightGBM keeps no hessian (NaN here) and not always a row count (then -1). Without
    `counts` no row count is read (all -1).
    """
    text = split_text(raw)
    n_trees, per_round = len(text.trees), text.trees_per_round
    if rounds is None:
        rounds = np.arange(text.n_rounds)
    if len(rounds) != text.n_rounds:
        raise FormatError(f"expected a model text of {len(rounds)} rounds, got one of {text.n_rounds}")
    lines = Columns(columns(text.trees), n_features=text.n_features)
    at = Layout(lines)
    features = lines.ints(b"split_feature", at.n_splits)
    lines.check_features(b"split_feature", features)
    left, right = at.children(at.left), at.children(at.right)
    decision = _decisions(lines, at)
    thresholds = lines.floats(b"threshold", at.n_splits)
    categorical = (decision & _CATEGORICAL) > 0
    sum_hessian, n_rows = _masses(lines, at, counts=counts)
    return TreeTable(
        library="lightgbm",
        offsets=at.offsets,
        round_index=np.repeat(np.asarray(rounds, dtype=np.int64), per_round),
        tree_index=np.arange(first_tree, first_tree + n_trees),
        class_index=np.arange(n_trees) % per_round,
        weight=np.ones(n_trees),
        feature=at.place(features, None, fill=LEAF, dtype=np.int64),
        threshold=at.place(np.where(categorical, np.nan, thresholds), None, fill=np.nan, dtype=np.float64),
        left=at.place(left, None, fill=LEAF, dtype=np.int64),
        right=at.place(right, None, fill=LEAF, dtype=np.int64),
        default_left=at.place((decision & _DEFAULT_LEFT) > 0, None, fill=False, dtype=np.bool_),
        missing_type=at.place((decision >> _MISSING_SHIFT) & 3, None, fill=0, dtype=np.int8),
        depth=at.depth(left, right),
        split_gain=at.place(lines.floats(b"split_gain", at.n_splits, default=0.0), None, fill=0.0, dtype=np.float64),
        sum_hessian=sum_hessian,
        n_rows=n_rows,
        leaf_value=at.place(None, lines.floats(b"leaf_value", at.n_leaves), fill=np.nan, dtype=np.float64),
        categories=read_categories(lines, at, categorical=categorical, thresholds=thresholds),
        linear=read_linear(lines, at),
    )


def _decisions(lines: Columns, at: Layout) -> Ints:
    decision = lines.ints(b"decision_type", at.n_splits, default=0)
    if len(decision) and (decision.min() < 0 or decision.max() > np.iinfo(np.int8).max):
        raise FormatError("expected 'decision_type=' between 0 and 127: damaged")
    return decision


def _masses(lines: Columns, at: Layout, *, counts: bool) -> tuple[Floats, Ints]:
    """Return the hessian mass and rows of every node."""
    hessian = at.place(
        lines.floats(b"internal_weight", at.n_splits, default=np.nan),
        lines.floats(b"leaf_weight", at.n_leaves, default=np.nan),
        fill=np.nan,
        dtype=np.float64,
    )
    # A tree without a split is written with zeros where LightGBM never filled in the numbers: absent, not zero.
    alone = at.offsets[:-1][at.n_splits == 0]
    hessian[alone] = np.where(hessian[alone] == 0, np.nan, hessian[alone])
    if not counts:
        return hessian, np.full(len(hessian), -1, dtype=np.int64)
    n_rows = at.place(
        lines.ints(b"internal_count", at.n_splits, default=-1),
        lines.ints(b"leaf_count", at.n_leaves, default=-1),
        fill=-1,
        dtype=np.int64,
    )
    n_rows[alone] = np.where(n_rows[alone] == 0, -1, n_rows[alone])
    return hessian, n_rows


def facts(raw: bytes) -> ModelFacts:
    """Return what the model text says of itself, besides its trees."""
    text = split_text(raw)
    header, params = text.header, _params(text.tail)
    objective, _, rest = header.get("objective", "custom").partition(" ")
    n_outputs, n_classes = text.trees_per_round, header_int(header, "num_class", least=1)
    names = _words(text, "feature_names")
    _pandas_categories(text.tail)
    return ModelFacts(
        library="lightgbm",
        version=header.get("version", ""),
        booster=_booster(params, averaged="average_output" in header),
        objective=objective,
        n_rounds=text.n_rounds,
        n_trees=len(text.trees),
        trees_per_round=text.trees_per_round,
        n_features=text.n_features,
        n_classes=2 if objective == "binary" else n_classes if n_classes > 1 else 0,
        n_outputs=n_outputs,
        feature_names=names,
        feature_types=[_feature_type(info) for info in _words(text, "feature_infos")],
        base_margin=np.zeros(n_outputs),
        average_output="average_output" in header,
        params=params,
        objective_params={key: value or "1" for key, _, value in (word.partition(":") for word in rest.split())},
    )


def _words(text: ModelText, key: str) -> list[str]:
    # LightGBM writes spaces in feature names as underscores, so a space always separates.
    words = text.header.get(key, "").split(" ")
    if len(words) != text.n_features:
        raise FormatError(f"expected {text.n_features} words on '{key}=' (max_feature_idx + 1), got {len(words)}")
    return words


def _feature_type(info: str) -> str:
    """Return XGBoost's letters: q quantitative, c categorical, none for one value only (never used)."""
    if info == "none":
        return "none"
    return "q" if info.startswith("[") else "c"


def _booster(params: dict[str, Any], *, averaged: bool) -> str:
    booster = str(params.get("boosting", "rf" if averaged else "gbdt"))
    return "goss" if booster == "gbdt" and params.get("data_sample_strategy") == "goss" else booster


def _params(tail: bytes) -> dict[str, Any]:
    section = tail.partition(b"\nparameters:\n")[2].partition(b"\nend of parameters")[0]
    params: dict[str, Any] = {}
    for line in section.decode("utf-8", "replace").split("\n"):
        key, found, value = line.strip()[1:-1].partition(":")
        if found:
            params[key] = _number(value.strip())
    return params


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _pandas_categories(tail: bytes) -> Any:
    line = tail.partition(b"\npandas_categorical:")[2].partition(b"\n")[0]
    try:
        return json.loads(line or b"null")
    except (ValueError, RecursionError):
        raise FormatError("expected a JSON list on the last line, 'pandas_categorical:': cut off or damaged") from None


def join(raws: Sequence[bytes]) -> bytes:
    """Return one model text with the trees of all slices, in order, as LightGBM itself would have written it.

    Header, parameters and pandas categories are those of the last slice, the most recent.
    """
    texts = [split_text(raw) for raw in raws]
    if not texts:
        raise FormatError("expected at least one slice of a model to join, got none")
    last = texts[-1]
    for i, text in enumerate(texts):
        for key in _SAME_IN_ALL_SLICES:
            if text.header.get(key) != last.header.get(key):
                raise FormatError(
                    f"expected slices of one booster, but slice {i} says {key}={text.header.get(key)!r} "
                    f"and the last one {last.header.get(key)!r}"
                )
    _pandas_categories(last.tail)
    return assembled([tree for text in texts for tree in text.trees], last)


def assembled(trees: list[bytes], last: ModelText) -> bytes:
    """Return a model text of tree sections, with the head and tail of `last`, and sizes and importances anew."""
    sizes = " ".join(str(section_size(i, tree)) for i, tree in enumerate(trees)).encode()
    head, _, after = last.head.partition(b"\ntree_sizes=")
    parts = [head, b"\ntree_sizes=" + sizes + b"\n" + after.partition(b"\n")[2]] if after else [last.head]
    for i, tree in enumerate(trees):
        parts += [b"Tree=%d\n" % i, tree, b"\n"]
    return b"".join([*parts, b"end of trees\n\n", _importances(trees, last), _after_importances(last.tail)])


def _importances(trees: list[bytes], text: ModelText) -> bytes:
    """Return the section of feature importances.

    A slice's own covers the first rounds of the booster, whatever the slice.
    """
    lines = Columns(columns(trees, (b"num_leaves", b"split_feature", b"split_gain")), n_features=text.n_features)
    n_splits = lines.one_per_tree(b"num_leaves") - 1
    features = lines.ints(b"split_feature", n_splits)
    lines.check_features(b"split_feature", features)
    gains = lines.floats(b"split_gain", n_splits, default=0.0)
    # Counts of splits, as Python's model_to_string writes by default; LightGBM does not read the section back.
    values = np.bincount(features[gains > 0], minlength=text.n_features)
    names = _words(text, "feature_names")
    order = [int(i) for i in np.argsort(-values, kind="stable") if values[i] > 0]
    return ("feature_importances:\n" + "".join(f"{names[i]}={values[i]}\n" for i in order)).encode()


def _after_importances(tail: bytes) -> bytes:
    _, _, rest = tail.partition(b"\nfeature_importances:\n")
    cut = 0 if rest.startswith(b"\n") else rest.find(b"\n\n") + 1
    return rest[cut:]
