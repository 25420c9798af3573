"""JSON lines: one object a line, read by pandas a number of lines at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from treedebug.core.errors import FormatError
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.local_frames import unique_names
from treedebug.profiles.sources.packed_files import unpacked
from treedebug.profiles.sources.read_errors import reading
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.source import TableSource, batch_rows

_FIRST_LINES = 1000
_LONGEST_LINE = 16_000_000
_MAX_COLUMNS = 200_000


class JsonLinesSource(TableSource):
    """JSON lines; columns are the keys of the first 1000 objects, later ones are an error."""

    engine = "json lines"

    def __init__(self, files: Sequence[Path], options: ReadOptions = PLAIN) -> None:
        self._files = list(files)
        self._encoding = options.encoding or "utf-8-sig"
        self.place = str(files[0] if len(files) == 1 else files[0].parent)
        with reading(self._files[0]):
            self.n_bytes = sum(file.stat().st_size for file in self._files)
            first = list(islice(self._objects(self._files[0]), _FIRST_LINES))
        keys = list(dict.fromkeys(k for one in first for k in one))
        if not keys:
            raise FormatError(f"{self.place} has no rows: expected one JSON object a line")
        if len(keys) > _MAX_COLUMNS:
            raise FormatError(f"{self.place} has over {_MAX_COLUMNS} different keys: expected the columns of a table")
        self.names, self.doubled = unique_names(keys)
        self._keys = dict(zip(self.names, keys, strict=True))

    def _objects(self, path: Path) -> Iterator[dict[str, Any]]:
        """The objects of a file. Raises FormatError, naming the line."""
        with unpacked(path) as stream:
            text = io.TextIOWrapper(stream, encoding=self._encoding)
            number = 0
            while line := text.readline(_LONGEST_LINE):
                number += 1
                if not line.strip():
                    continue
                if len(line) >= _LONGEST_LINE:
                    raise FormatError(f"{path} line {number} is longer than {_LONGEST_LINE} characters")
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise FormatError(
                        f"{path} line {number} is no JSON: {error}; expected one object a line"
                    ) from error
                if not isinstance(value, dict):
                    raise FormatError(
                        f"{path} line {number} holds {type(value).__name__} and no object: expected "
                        '{"column": value, ...} a line'
                    )
                yield value

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, file after file."""
        known = set(self._keys.values())
        for path in self._files:
            with reading(path):
                objects = self._objects(path)
                while some := list(islice(objects, batch_rows(len(names)))):
                    new = {k for one in some for k in one} - known
                    if new:
                        raise FormatError(
                            f"{path} has a key that the first {_FIRST_LINES} lines lack: {min(new)!r}; "
                            "give every object the same keys"
                        )
                    frame = pd.DataFrame({n: _column([one.get(self._keys[n]) for one in some]) for n in names})
                    yield frame_batch(nw.from_native(frame, eager_only=True), names, as_text)


def _column(values: list[Any]) -> Any:
    """Values of one key as pandas infers them; nested ones as they are."""
    series = pd.Series(values, dtype=object)
    return series.infer_objects() if not any(isinstance(v, dict | list) for v in values) else series
