"""Errors a user can act on: what was expected, what came, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TreedebugError(Exception):
    """Base class of every error raised on purpose by treedebug."""


class RunExistsError(TreedebugError, FileExistsError):
    """The path already holds a run, and a run is never overwritten."""


class RunNotFoundError(TreedebugError, FileNotFoundError):
    """There is no run (or model file) at the path."""


class FormatError(TreedebugError, ValueError):
    """A file is damaged, truncated, foreign, or written by a newer format."""


class StoreError(TreedebugError, OSError):
    """A run cannot be written or read where it was asked for: no permission, no folder, a closed store."""


class ConfigError(TreedebugError, ValueError):
    """A setting, rule code or parameter value is not one treedebug knows."""


class NotRecordedError(TreedebugError, LookupError):
    """What was asked for is not in the record (the message says why, and how to record it)."""


class MissingExtraError(TreedebugError, ImportError):
    """An optional library is needed; the message names the extra that installs it."""


def missing_extra(library: str, extra: str) -> MissingExtraError:
    """Return the error for an optional `library` that is not installed."""
    return MissingExtraError(f"this needs {library}, which is not installed: pip install 'treedebug[{extra}]'")


_ALIKE = str.maketrans("OIl", "011")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the closest of `known`, or an empty string.

    A letter O typed for a zero is no difference, nor are an l and an I for a one.
    """
    alike = {k.translate(_ALIKE): k for k in known}
    close = [alike[k] for k in difflib.get_close_matches(name.translate(_ALIKE), list(alike), n=1)]
    return f" Did you mean {close[0]!r}?" if close else ""
