"""Numbers and names as people read them, in messages."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST = 2000
"""Characters of one text: a file of a stranger may hold names of any length."""
_WORKFLOW_COMMAND = re.compile(r"::(?=\w)|##(?=\[)")
_ROUND = re.compile(r"\bround (\d+)\b(?!\.\d)")


def round_to(value: float) -> float | int:
    """Return two significant digits, whole numbers as such."""
    short = float(f"{value:.2g}")
    return int(short) if short.is_integer() and abs(short) < 1e9 else short


def figure(value: float) -> str:
    """Return a number for a message: four significant digits."""
    return f"{value:.4g}"


def percent(share: float) -> str:
    """Return a share for a message: `3 %`, `0.4 %`."""
    value = 100.0 * share
    return f"{value:.0f} %" if value >= 10 or value == 0 else f"{value:.2g} %"


def ago(seconds: float) -> str:
    """Return a time that has passed: `3 minutes ago`."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}s ago"
    return f"{int(seconds)} seconds ago"


def iteration_named(message: str) -> str:
    """Say "round 30, LightGBM's iteration 31" where a message names its first round: LightGBM counts from 1."""
    if "LightGBM's iteration" in message:
        return message
    return _ROUND.sub(lambda found: f"{found[0]}, LightGBM's iteration {int(found[1]) + 1}", message, count=1)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return the names in a message, the rest counted."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


OF_ONE_WORKER = "is not recorded where several workers train together: the one that records sees its own rows only"
"""Follows what is left out, of a part of the rows that must not pass for the whole."""


def printable(text: str) -> str:
    """Return the text with control characters (escape codes in a feature's name) written out as in Python.

    What a CI server would read as a command (`::error::`, `##[error]`) is broken by a space, what is very long is cut.
    """
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}... ({len(text):,} characters)"
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return _WORKFLOW_COMMAND.sub(lambda found: " ".join(found[0]), text)


def one_line(text: str) -> str:
    """Return the text on one line: runs of white space become one space, other control characters are written out."""
    return printable(" ".join(text.split()))
