"""Spool: the local folders of runs on their way to object storage, with what has arrived of them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from treedebug.core.errors import StoreError
from treedebug.store.file_format import FILE_NAME
from treedebug.store.load_run import find_runs

STATE_NAME = "shipping.json"
_VARIABLE = "TREEDEBUG_SPOOL"
_MOST_BYTES = 1 << 16


@dataclass(frozen=True)
class Destination:
    """Where a spooled run goes. `claimed` is the place it has there, "" as long as it has none."""

    url: str
    claimed: str = ""
    writer: str = ""
    """Of the claim, to know it again."""


def spool_root() -> Path:
    """Return the folder of all spools: $TREEDEBUG_SPOOL, or the user's cache; it need not exist."""
    given = os.environ.get(_VARIABLE)
    if given:
        return Path(given).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME")
    try:
        home = Path(cache) if cache else Path.home() / ".cache"
    except RuntimeError:
        home = Path(tempfile.gettempdir())
    return home / "treedebug" / "spool"


def new_spool(url: str) -> Path:
    """Return a folder of its own for a run that goes to `url`. Raise StoreError if none can be made."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", url).strip("-")[-60:]
    for root in (spool_root(), Path(tempfile.gettempdir()) / "treedebug-spool"):
        folder = root / f"{slug}-{uuid.uuid4().hex[:8]}"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, mode=0o700)
            return folder
    raise StoreError(f"there is no place to spool to: set {_VARIABLE} to a folder that can be written to")


def write_destination(folder: Path, destination: Destination) -> None:
    """Keep where a spooled run goes, for a later `treedebug sync`. Raise OSError if the disk refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{STATE_NAME}.new"
    new.write_text(json.dumps(asdict(destination)), encoding="ascii")
    new.replace(folder / STATE_NAME)


def read_destination(folder: Path) -> Destination | None:
    """Return where a spooled run goes; None if that is not known."""
    try:
        with (folder / STATE_NAME).open("rb") as file:
            said = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    names = ("url", "claimed", "writer")
    if not isinstance(said, dict) or not all(isinstance(said.get(n), str) for n in names) or not said["url"]:
        return None
    return Destination(*(said[n] for n in names))


def spooled_runs(root: Path) -> Iterator[Path]:
    """Yield the folders of the runs that are spooled below a folder."""
    for folder in find_runs(root, max_depth=4):
        if (folder / STATE_NAME).is_file():
            yield folder


def drop_spool(folder: Path) -> None:
    """Remove the spool of a run that has arrived, and the folders above that it leaves empty."""
    for name in (FILE_NAME, STATE_NAME):
        with contextlib.suppress(OSError):
            (folder / name).unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()
        folder.parent.rmdir()
