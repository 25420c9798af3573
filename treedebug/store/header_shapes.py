"""What the nested fields of a header hold, as recorders write them: kinds of values by name, to any depth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Kind = Callable[[Any], Iterator[str]]
"""Yields the place of each value that is of another kind, from where it looks: `.label.mean`."""
_LARGEST = 1 << 53
"""Whole numbers beyond are not exact as floats, and no count."""


def misplaced(fields: Mapping[str, Any]) -> str | None:
    """Return the place of the first nested value that no recorder writes there; None if there is none."""
    look = _shape({**_SHAPES, **_EXTRA, "extra": _shape(_EXTRA)})
    return next((place.removeprefix(".").removeprefix("extra.") for place in look(fields)), None)


def _holds(test: Callable[[Any], bool]) -> Kind:
    def look(value: Any) -> Iterator[str]:
        if not test(value):
            yield ""

    return look


def _maybe(kind: Kind) -> Kind:
    return lambda value: iter(()) if value is None else kind(value)


def _listed(kind: Kind) -> Kind:
    def look(value: Any) -> Iterator[str]:
        if not isinstance(value, list | tuple):
            yield ""
            return
        yield from (f"[{i}]{place}" for i, one in enumerate(value) for place in kind(one))

    return look


def _named(kind: Kind) -> Kind:
    """A mapping of names to one kind of values."""
    return _shape({}, kind)


def _whole(*names: str, kind: Kind) -> Kind:
    """A mapping that holds all these names."""
    among = _named(kind)

    def look(value: Any) -> Iterator[str]:
        yield from among(value)
        if isinstance(value, Mapping):
            yield from (f".{name}" for name in names if name not in value)

    return look


def _shape(kinds: Mapping[str, Kind], others: Kind | None = None) -> Kind:
    """A mapping with a kind for each name; other names hold anything, or `others`."""

    def look(value: Any) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield ""
            return
        for name, one in value.items():
            kind = kinds.get(name, others)
            if kind is not None:
                yield from (f".{name}{place}" for place in kind(one))

    return look


def _is_number(value: Any) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return is_whole or isinstance(value, float)


_TEXT = _holds(lambda v: isinstance(v, str))
_FLAG = _holds(lambda v: isinstance(v, bool))
_NUMBER = _holds(_is_number)
_FINITE = _holds(lambda v: _is_number(v) and math.isfinite(v))
_COUNT = _holds(lambda v: _is_number(v) and isinstance(v, int) and v >= 0)
_CHANGE = _holds(lambda v: isinstance(v, list | tuple) and len(v) == 3)
_LABEL = _shape({
    "kind": _TEXT, "n_missing": _COUNT, "n_distinct": _COUNT,
    **dict.fromkeys(("counts", "weighted", "quantiles", "spreads"), _listed(_NUMBER)),
    **dict.fromkeys(("mean", "std", "minimum", "maximum"), _NUMBER),
})  # fmt: skip
_PREDICTED = _shape({
    **dict.fromkeys(("sample", "labels"), _listed(_NUMBER)), "round_index": _COUNT, "n_not_finite": _COUNT,
}, _NUMBER)  # fmt: skip
_SHAPES: Mapping[str, Kind] = {
    "versions": _named(_TEXT),
    "search": _named(_TEXT),
    "git": _shape({"commit": _maybe(_TEXT), "dirty": _maybe(_FLAG)}),
    "host": _shape({"name": _TEXT, "platform": _TEXT, "n_cpus": _maybe(_COUNT), "pid": _COUNT, "heartbeat": _FINITE}),
    "data": _named(_shape({
        "n_rows": _COUNT, "n_features": _COUNT, "is_training": _FLAG, "starts_given": _FLAG, "label": _maybe(_LABEL),
        "label_digest": _TEXT, "present": _NUMBER, "mean_weight": _NUMBER, "effective_rows": _NUMBER,
        "start": _maybe(_NUMBER),
        **dict.fromkeys(("queries", "odd_weights", "categories"), _named(_COUNT)),
        **dict.fromkeys(("rank_correlations", "rank_effects"), _named(_NUMBER)), "rank_rows": _COUNT,
        "odd_categories": _named(_whole("negative", "fractions", "n_rows", kind=_COUNT)),
        "zeros_and_gaps": _named(_whole("zeros", "gaps", "label_of_zeros", "label_of_gaps", kind=_NUMBER)),
        "starts": _named(_NUMBER), **dict.fromkeys(("feature_weights", "bounded"), _FLAG),
    })),
}  # fmt: skip
_EXTRA: Mapping[str, Kind] = {
    "stopping": _shape({
        "dataset": _maybe(_TEXT), "metric": _maybe(_TEXT), "first_metric_only": _FLAG, "maximize": _maybe(_FLAG),
        "uses_best": _FLAG,
    }),
    "predicted": _named(_PREDICTED),
    "gradient": _named(_NUMBER),
    "metrics": _named(_TEXT),
    "spelling": _named(_TEXT),
    "simpler": _listed(_CHANGE),
    "n_workers": _COUNT,
    "workers": _listed(_shape({"rank": _COUNT, "host": _TEXT, "pid": _COUNT, "rows": _named(_COUNT)})),
    "category_encoder": _TEXT,
}  # fmt: skip
"""Fields of `Header.extra`, which a file may hold beside the others."""
