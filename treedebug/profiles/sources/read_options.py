"""What a caller says of how a table on disk is written; what is not said is recognised."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from treedebug.core.errors import ConfigError

_NAMED_MARKS = {"tab": "\t", "\\t": "\t", "space": r"\s+", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How a file of rows is written."""

    sep: str | None = None
    """What separates the fields: a mark, or "tab", "space"."""
    encoding: str | None = None
    decimal: str | None = None
    """The mark before decimals: "." or ","."""
    header: bool | None = None
    """Whether the first line holds the names of the columns."""
    query: str | None = None
    """SQL that gives the table, of a data base or (through DuckDB) of files."""

    def __post_init__(self) -> None:
        """Raise ConfigError for marks and encodings that do not exist."""
        if self.sep is not None:
            mark = _NAMED_MARKS.get(self.sep.lower(), self.sep)
            if len(mark) != 1 and mark != r"\s+":
                raise ConfigError(f"sep= takes one mark, or tab or space; got {self.sep!r}")
            object.__setattr__(self, "sep", mark)
        if self.decimal not in (None, ".", ","):
            raise ConfigError(f"decimal= takes '.' or ','; got {self.decimal!r}")
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except (LookupError, ValueError) as error:
                raise ConfigError(
                    f"encoding= names an encoding, such as utf-8, latin-1, cp1252, utf-16; got {self.encoding!r}"
                ) from error


PLAIN = ReadOptions()
