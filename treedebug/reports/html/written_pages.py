"""Where a page is written: never over anything but an older page of ours, unless asked to."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from treedebug.core.errors import RunExistsError, StoreError

MARK = "<!-- made by treedebug -->"
"""Stands in the first bytes of every page."""
_HEAD = 200


def write_page(html: str, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a page whole, or not at all; return its path.

    Raise RunExistsError if something else is there and `force` is not given, StoreError if it cannot be written.
    """
    target = Path(path)
    check_target(target, force=force)
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.tmp")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(html)
        beside.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise _refused(target, error) from error
    return target


def check_target(target: Path, *, force: bool = False) -> None:
    """Raise RunExistsError if a page must not be written there, StoreError if it cannot be."""
    try:
        is_folder, has_place, exists = target.is_dir(), target.parent.is_dir(), target.exists()
    except OSError as error:
        raise _refused(target, error) from error
    if is_folder:
        raise StoreError(f"{target} is a folder: give the page a file name, such as {target / 'report.html'}")
    if not has_place:
        raise StoreError(f"the folder {target.parent} does not exist: make it, or write the page elsewhere")
    if exists and not force and not _is_ours(target):
        raise RunExistsError(
            f"{target} exists and is no report of treedebug: give another name, or --force (force=True) to overwrite it"
        )


def _is_ours(target: Path) -> bool:
    try:
        with target.open("rb") as file:
            return MARK.encode() in file.read(_HEAD)
    except OSError as error:
        raise _refused(target, error) from error


def _refused(target: Path, error: OSError) -> StoreError:
    return StoreError(f"the page cannot be written to {target}: {error.strerror or error}")
