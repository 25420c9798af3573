"""Short hashes that tell whether two runs had the same parameters, and the same data."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from treedebug.core.plain_json import plain
from treedebug.core.run.run_data import Header

_DIGITS = 12


def params_hash(header: Header) -> str:
    """Return 12 hexadecimal digits over the library, its parameters and the planned rounds."""
    return _hash([header.library, header.params, header.planned_rounds])


def data_hash(header: Header) -> str:
    """Return 12 hexadecimal digits over names, sizes, labels and features of all sets; "" where none are recorded."""
    return _hash([header.feature_names, header.feature_types, header.data]) if header.data else ""


def _hash(value: Any) -> str:
    text = json.dumps(plain(value, standard=True), sort_keys=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=_DIGITS // 2).hexdigest()
