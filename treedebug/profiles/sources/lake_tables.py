"""Tables with a log of their own, Delta and Iceberg: the files that are alive, and no dead ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from treedebug.core.errors import FormatError, missing_extra
from treedebug.profiles.sources.local_frames import FrameSource
from treedebug.profiles.sources.source import TableSource

_LINE = 200


def lake_kind(path: Path) -> str:
    """Return "Delta", "Iceberg" or "": by the log in a folder. Raise FormatError for Hudi, whose log is not read."""
    if (path / "_delta_log").is_dir():
        return "Delta"
    if (path / ".hoodie").is_dir():
        raise FormatError(
            f"{path} is a Hudi table: old and dead rows lie in its files, and its log is not read here; read it with "
            "Spark (spark.read.format('hudi')) and pass the frame"
        )
    return "Iceberg" if any(path.glob("metadata/*.metadata.json")) else ""


def open_lake(path: Path, kind: str) -> TableSource:
    """Return the latest version of the table. Raise MissingExtraError without the library that reads its log."""
    source = _delta(path) if kind == "Delta" else _iceberg(path)
    source.place = str(path)
    return source


def _delta(path: Path) -> TableSource:
    try:
        from deltalake import DeltaTable  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("deltalake to read the log of a Delta table", "lake") from error
    return _read(path, "Delta", lambda: DeltaTable(str(path)).to_pyarrow_table())


def _iceberg(path: Path) -> TableSource:
    try:
        from pyiceberg.table import StaticTable  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("pyiceberg to read the log of an Iceberg table", "lake") from error
    latest = max(path.glob("metadata/*.metadata.json"), key=lambda p: (p.stat().st_mtime, p.name))
    return _read(path, "Iceberg", lambda: StaticTable.from_metadata(str(latest)).scan().to_arrow())


def _read(path: Path, kind: str, load: Any) -> TableSource:
    try:
        table = load()
    except Exception as error:  # of the library, as it happens
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:_LINE]
        raise FormatError(f"the {kind} table {path} cannot be read by its log: {reason}") from error
    return FrameSource(table, kind.lower())
