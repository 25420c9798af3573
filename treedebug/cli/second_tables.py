"""The tables that the training data are compared with, as the shell names them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from treedebug.core.errors import ConfigError


def second_tables(valid: Sequence[str], test: Sequence[str]) -> dict[str, str] | None:
    """Return the second tables by name: "valid" and "test", or the files' names where there are several of a kind.

    Raise ConfigError for two of one name.
    """
    found: dict[str, str] = {}
    for kind, given in (("valid", valid), ("test", test)):
        for text in given:
            named, mark, path = text.partition("=")
            is_named = bool(mark) and named.isidentifier() and not Path(text).exists()
            name = named if is_named else kind if len(given) == 1 else Path(text).name.partition(".")[0]
            if name in found:
                raise ConfigError(f"two second tables are called {name!r}: name them, --{kind} a={found[name]}")
            found[name] = path if is_named else text
    return found or None
