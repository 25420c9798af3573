"""Header fields as a file gives them, checked before anything trusts them: kinds, sizes and the library's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treedebug.core.errors import FormatError
from treedebug.store.header_shapes import misplaced

_LIBRARIES = ("", "xgboost", "lightgbm", "torch", "sklearn", "keras")
_MOST = {"n_features": 1 << 22, "n_classes": 1 << 16, "trees_per_round": 1 << 20, "start_round": 1 << 20}
"""Numbers that arrays are as long as; a header with a larger one is refused."""
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("run_id", "name", "description", "command", "library", "booster", "objective", "started"), str),
    **dict.fromkeys(("params", "params_given", "versions", "host", "data", "git", "search", "extra"), Mapping),
    **dict.fromkeys(("feature_names", "feature_types", "tags"), list),
    **dict.fromkeys(("n_features", "n_classes", "trees_per_round", "start_round"), int),
    **dict.fromkeys(("planned_rounds", "early_stopping_rounds", "fold"), (int, type(None))),
    "slow_rounds": bool,
}


def checked_header(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a header record.

    Raise FormatError for a library that treedebug does not record, ValueError for a field of another kind or size than
    a recorder writes.
    """
    checked = dict(fields)
    library = checked.get("library", "")
    if library not in _LIBRARIES:
        raise FormatError(f"expected a run of xgboost, lightgbm or a network; its header says {str(library)[:40]!r}")
    for name, value in checked.items():
        kind = _KINDS.get(name)
        if kind is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise ValueError(f"header field {name} is {value!r:.60}")
        if name in _MOST and not 0 <= value <= _MOST[name]:
            raise ValueError(f"header field {name} is {value!r:.60}, over {_MOST[name]}")
    for name in ("feature_names", "feature_types", "tags"):
        if not all(isinstance(text, str) for text in checked.get(name, ())):
            raise ValueError(f"header field {name} holds more than texts")
    place = misplaced(checked)
    if place is not None:
        raise ValueError(f"header field {place:.80} holds what no recorder writes there")
    return checked
