"""What the texts of a column are, if they are not words: amounts, dates, or codes of digits."""

from __future__ import annotations

from dataclasses import dataclass

AMOUNT, DATE_TEXT, CODE = "amount", "date", "code"


@dataclass(frozen=True, kw_only=True)
class TextReading:
    """How to read the texts of a column; all of those looked at can be."""

    kind: str
    """"amount" (a number with a currency, a percent sign or marks), "date" or "code" (digits, zeros in front)."""
    example: str
    how: str
    """A format as in strptime, or what to take away before a text is a number."""
    lowest: float = float("nan")
    highest: float = float("nan")
    """Of amounts and of dates (seconds since 1970), among the texts looked at."""
