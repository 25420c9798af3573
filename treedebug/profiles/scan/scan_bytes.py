"""A scan as bytes and back, so that it can travel between processes: JSON and plain arrays, nothing that runs."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.profiles.scan.column_scan import ColumnScan
from treedebug.profiles.scan.distinct_values import Distinct, Tally
from treedebug.profiles.scan.moments import Moments, Order
from treedebug.profiles.scan.row_hashes import Lowest, Sample
from treedebug.profiles.scan.table_scan import TableLayout, TableScan
from treedebug.profiles.scan.token_shares import TokenScan
from treedebug.profiles.scan.weight_scan import WeightScan

_KINDS = {
    kind.__name__: kind
    for kind in (
        TableScan,
        TableLayout,
        ColumnScan,
        Distinct,
        Tally,
        Moments,
        Order,
        Lowest,
        Sample,
        TokenScan,
        WeightScan,
    )
}
_OBJECT, _ARRAY, _TUPLE, _DICT, _NUMBER = "object", "array", "tuple", "dict", "uint64"


def to_bytes(scan: TableScan) -> bytes:
    """The whole scan."""
    arrays: list[NDArray[Any]] = []
    tree = _pack(scan, arrays)
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(tree).encode("utf-8"), dtype=np.uint8)
    np.savez(buffer, text, *arrays)
    return buffer.getvalue()


def from_bytes(data: bytes) -> TableScan:
    """Read back what `to_bytes` wrote. Raises FormatError for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays = [stored[f"arr_{i}"] for i in range(len(stored.files))]
        scan = _unpack(json.loads(arrays[0].tobytes().decode("utf-8")), arrays[1:])
    except (ValueError, KeyError, IndexError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise FormatError(f"expected the bytes of a scan: {error}") from error
    if not isinstance(scan, TableScan):
        raise FormatError(f"expected the bytes of a scan, got a {type(scan).__name__}")
    return scan


def _pack(value: Any, arrays: list[NDArray[Any]]) -> Any:  # noqa: PLR0911 - one for each kind
    if value is None or isinstance(value, bool | str | int | float):
        return value
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {_ARRAY: len(arrays) - 1}
    if isinstance(value, np.generic):
        return {_NUMBER: int(value)}
    if isinstance(value, tuple):
        return {_TUPLE: [_pack(v, arrays) for v in value]}
    if isinstance(value, list):
        return [_pack(v, arrays) for v in value]
    if isinstance(value, dict):
        return {_DICT: [[_pack(k, arrays), _pack(v, arrays)] for k, v in value.items()]}
    return {_OBJECT: type(value).__name__, "parts": _pack(vars(value), arrays)}


def _unpack(tree: Any, arrays: list[NDArray[Any]]) -> Any:  # noqa: PLR0911 - one for each kind
    if isinstance(tree, list):
        return [_unpack(v, arrays) for v in tree]
    if not isinstance(tree, dict):
        return tree
    if _ARRAY in tree:
        return arrays[tree[_ARRAY]]
    if _NUMBER in tree:
        return np.uint64(tree[_NUMBER])
    if _TUPLE in tree:
        return tuple(_unpack(v, arrays) for v in tree[_TUPLE])
    if _DICT in tree:
        return {_unpack(k, arrays): _unpack(v, arrays) for k, v in tree[_DICT]}
    kind = _KINDS[tree[_OBJECT]]
    value = object.__new__(kind)
    vars(value).update(_unpack(tree["parts"], arrays))
    return value
