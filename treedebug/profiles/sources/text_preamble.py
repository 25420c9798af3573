"""Lines before the table in a text file: comments, a title, Excel's `sep=`, the attributes of a KEEL or ARFF file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from treedebug.core.errors import FormatError

_ATTRIBUTE = re.compile(r"@attribute\s+('[^']*'|\"[^\"]*\"|[^\s{\[]+)", re.IGNORECASE)
_OUTPUTS = re.compile(r"@outputs?\s+(.+)", re.IGNORECASE)
_EXCEL = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_MOST = 20
_FIELDS = 3
"""Fields of a header that a title may stand above."""
Split = Callable[[str], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Preamble:
    """What stands before the header, or before the rows if `names` are known."""

    n_lines: int = 0
    names: tuple[str, ...] = ()
    label: str = ""
    sep: str | None = None
    missing: tuple[str, ...] = ()
    """Texts that stand for a missing value."""
    quote: str = '"'
    said: str = ""


def attributes(lines: Sequence[str], path: Path) -> Preamble | None:
    """Return what a KEEL or ARFF file says of its columns; None for any other. Raise FormatError without rows."""
    first = next((line.strip() for line in lines if line.strip() and not line.lstrip().startswith("%")), "")
    if not first.lower().startswith("@relation"):
        return None
    start = next((i for i, line in enumerate(lines) if line.strip().lower() == "@data"), None)
    names = [m[1].strip("'\"") for line in lines[:start] if (m := _ATTRIBUTE.match(line.strip()))]
    if start is None or not names:
        raise FormatError(f"{path} begins like a KEEL or ARFF file, but has no @attribute or no @data line")
    rows = [line for line in lines[start + 1 :] if line.strip()]
    if rows and rows[0].lstrip().startswith("{"):
        raise FormatError(f"{path} is a sparse ARFF file: save it with every value, or as LIBSVM")
    outputs = next((m[1] for line in lines[:start] if (m := _OUTPUTS.match(line.strip()))), "")
    label = outputs.split(",")[0].strip()
    return Preamble(
        n_lines=start + 1,
        names=tuple(names),
        label=label if label in names else "",
        sep=",",
        missing=("?", "<null>"),
        quote="'" if any("'" in line for line in rows) and not any('"' in line for line in rows) else '"',
        said="a KEEL or ARFF file: its @attribute lines name the columns",
    )


def leading_lines(lines: Sequence[str], split_by: Callable[[Sequence[str]], Split]) -> Preamble:
    """Return what to leave out before the header. `split_by` finds how lines are split."""
    marked = _EXCEL.fullmatch(lines[0]) if lines else None
    if marked is not None:
        return Preamble(n_lines=1, sep=marked[1])
    n_comments = next((i for i, line in enumerate(lines) if not line.lstrip().startswith("#")), 0)
    if 0 < n_comments < len(lines):
        split = split_by(lines[n_comments:])
        n_fields = len(split(lines[n_comments]))
        n_lines = n_comments - (
            n_fields > 1 and len(split(lines[n_comments - 1])) == n_fields
        )  # the last is the header
        if n_lines:
            return Preamble(n_lines=n_lines, said=f"{_lines(n_lines)} of comment left out above the header")
    n_titles = _titles(lines, split_by)
    if n_titles:
        return Preamble(n_lines=n_titles, said=f"{_lines(n_titles)} left out above the header: {lines[0][:40]!r}")
    return Preamble()


def _titles(lines: Sequence[str], split_by: Callable[[Sequence[str]], Split]) -> int:
    """Return how many lines of one field stand above a header of several, that all lines below it have, too."""
    for n in range(1, min(_MOST, len(lines) - 2)):
        split = split_by(lines[n:])
        if sum(bool(field.strip()) for field in split(lines[n - 1])) > 1:
            return 0
        header = [field.strip() for field in split(lines[n])]
        if len(header) >= _FIELDS and all(header) and not any(_is_number(field) for field in header):
            return n if all(len(split(line)) == len(header) for line in lines[n + 1 :] if line.strip()) else 0
    return 0


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _lines(n: int) -> str:
    return "1 line" if n == 1 else f"{n} lines"
