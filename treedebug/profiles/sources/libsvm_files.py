"""LIBSVM files (svmlight): a label, perhaps a query, and the entries of a row that are not 0."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError, missing_extra
from treedebug.profiles.sources.local_frames import SparseSource, WithColumns
from treedebug.profiles.sources.packed_files import unpacked
from treedebug.profiles.sources.read_errors import reading

LABEL, QUERY = "label", "qid"
_MAX_COLUMNS = 20_000
_HEAD_BYTES, _HEAD_LINES = 65_536, 20
_LINE = re.compile(rb"[-+]?[\d.]+(?:[eE][-+]?\d+)?(?:\s+(?:qid|\d+):[^\s:]+)*")


def is_libsvm(path: Path) -> bool:
    """Return whether the first lines of a file are those of a LIBSVM file."""
    with reading(path), unpacked(path) as stream:
        head = stream.read(_HEAD_BYTES)
    lines = [line.partition(b"#")[0].strip() for line in head.splitlines()[:_HEAD_LINES]]
    lines = [line for line in lines[: -1 if len(head) == _HEAD_BYTES else None] if line]
    return bool(lines) and all(_LINE.fullmatch(line) for line in lines) and any(b":" in line for line in lines)


def open_libsvm(files: Sequence[Path]) -> WithColumns:
    """Return the rows of LIBSVM files with the columns `label` and, where queries stand there, `qid`."""
    if importlib.util.find_spec("scipy") is None:
        raise missing_extra("scipy", "sklearn")
    from scipy import sparse  # noqa: PLC0415 - optional

    rows = _Rows()
    for path in files:
        with reading(path), unpacked(path) as stream:
            rest, number = b"", 0
            while block := stream.read(1 << 20):
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    number += 1
                    rows.add(line, path, number)
            rows.add(rest, path, number + 1)
    if not rows.labels:
        raise FormatError(f"{files[0]} has no rows: expected lines such as '1 3:0.5 7:2'")
    indices = np.array(rows.indices, dtype=np.int64)
    first = 1 if len(indices) and indices.min() >= 1 else 0
    n_columns = int(indices.max(initial=0)) + 1 - first
    shape = (len(rows.labels), max(n_columns, 1))
    matrix = sparse.csr_matrix((np.array(rows.values), indices - first, np.array(rows.starts)), shape=shape)
    source = SparseSource(matrix, [f"f{i + first}" for i in range(shape[1])], engine="libsvm")
    added: dict[str, NDArray[np.float64]] = {LABEL: np.array(rows.labels)}
    if rows.queries:
        if len(rows.queries) != len(rows.labels):
            raise FormatError(f"{files[0]} names a query (qid:) in some rows and not in others")
        added[QUERY] = np.array(rows.queries, dtype=np.float64)
    joined = WithColumns(source, added)
    joined.label, joined.query = LABEL, QUERY if rows.queries else ""
    joined.place = str(files[0])
    return joined


class _Rows:
    """The rows read so far, as a sparse matrix is made of."""

    def __init__(self) -> None:
        self.labels: list[float] = []
        self.queries: list[int] = []
        self.indices: list[int] = []
        self.values: list[float] = []
        self.starts: list[int] = [0]

    def add(self, line: bytes, path: Path, number: int) -> None:
        """Take in a line. Raise FormatError for one of another form."""
        fields = line.partition(b"#")[0].split()
        if not fields:
            return
        try:
            label = float(fields[0])
            pairs = [field.split(b":") for field in fields[1:]]
            if pairs and pairs[0][0] == b"qid":
                self.queries.append(int(pairs.pop(0)[1]))
            self.indices += [int(index) for index, _ in pairs]
            self.values += [float(value) for _, value in pairs]
        except ValueError as error:
            raise FormatError(
                f"{path} line {number} is none of a LIBSVM file: expected '1 3:0.5 7:2'; got {line[:60]!r}"
            ) from error
        if self.indices and not 0 <= max(self.indices[self.starts[-1] :], default=0) <= _MAX_COLUMNS:
            raise FormatError(
                f"{path} line {number} names a column beyond {_MAX_COLUMNS:,}: check a matrix of some columns"
            )
        self.labels.append(label)
        self.starts.append(len(self.indices))
