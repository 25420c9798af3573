"""A JSON file that holds a table: a list of objects, or one object in the shapes that pandas writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from treedebug.core.errors import FormatError
from treedebug.profiles.sources.json_lines import JsonLinesSource
from treedebug.profiles.sources.local_frames import FrameSource
from treedebug.profiles.sources.packed_files import unpacked
from treedebug.profiles.sources.read_errors import reading
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.source import TableSource

_EXPECTED = "expected a list of objects, one for each row (records), an object a line, or columns by name"


def open_json(path: Path, options: ReadOptions = PLAIN) -> TableSource:
    """Return the table of a JSON file. Raise FormatError for any other JSON."""
    with reading(path):
        with unpacked(path) as stream:
            text = stream.read().decode(options.encoding or "utf-8-sig")
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg == "Extra data":
                return JsonLinesSource([path], options)
            raise FormatError(f"{path} is no JSON: {error}; {_EXPECTED}") from error
        except RecursionError as error:
            raise FormatError(f"{path} is nested too deeply to be a table; {_EXPECTED}") from error
        frame = _frame(value)
        if frame is None:
            raise FormatError(f"{path} holds no table; {_EXPECTED}")
        if not len(frame):
            raise FormatError(f"{path} has no rows; {_EXPECTED}")
        source = FrameSource(frame, "json")
    source.place = str(path)
    return source


def _frame(value: Any) -> pd.DataFrame | None:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        columns, schema = value.get("columns"), value.get("schema")
        frame = pd.DataFrame(value["data"], columns=columns if isinstance(columns, list) else None)
        index = schema.get("primaryKey") if isinstance(schema, dict) else None
        return frame.drop(columns=[n for n in index if n in frame]) if isinstance(index, list) else frame
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return pd.DataFrame(value)
    if isinstance(value, dict) and value and all(isinstance(column, dict | list) for column in value.values()):
        return pd.DataFrame(value)
    return None
