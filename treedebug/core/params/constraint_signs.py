"""Which features have a monotone constraint, however it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_UNNAMED = re.compile(r"f[0-9]{1,9}")


def constraint_signs(value: Any, feature_names: Sequence[str], n_features: int) -> dict[int, int]:
    """Return -1 or 1 by feature index, from a list, a text such as `(1,0,-1)`, or a mapping by feature name."""
    signs: dict[int, int] = {}
    if isinstance(value, Mapping):
        known = {name: i for i, name in enumerate(feature_names)}
        unnamed = {name: int(name[1:]) for name in map(str, value) if _UNNAMED.fullmatch(name)}
        given = {i: sign for name, sign in value.items() if (i := known.get(name, unnamed.get(name))) is not None}
    else:
        parts = value.strip("()[] ").split(",") if isinstance(value, str) else value
        given = dict(enumerate(parts)) if isinstance(parts, list | tuple) else {}
    for i, sign in given.items():
        if i < n_features and str(sign).strip() in ("1", "-1", "+1", "1.0", "-1.0"):
            signs[i] = 1 if float(sign) > 0 else -1
    return signs
