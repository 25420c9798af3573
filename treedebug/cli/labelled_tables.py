"""Tables with a label, as the commands that cure models read them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.profiles.sources.rows_frame import rows_frame


def add_label_options(parser: argparse.ArgumentParser) -> None:
    """Declare --target and --weight."""
    parser.add_argument("--target", metavar="COLUMN", required=True, help="the label")
    parser.add_argument("--weight", metavar="COLUMN", help="sample weights")


class LabelledTable:
    """A file's features, labels and, where named, weights. Raise ConfigError for a missing column."""

    def __init__(self, path: str, args: argparse.Namespace, *, more: Sequence[str | None] = ()) -> None:
        """Read it; `more` are columns that are no features."""
        frame = rows_frame(path)
        roles = [name for name in (args.target, args.weight) if name is not None]
        named = [*roles, *(name for name in more if name is not None)]
        for name in named:
            if name not in frame.columns:
                raise ConfigError(f"{path} has no column {name!r}; it has {', '.join(map(str, frame.columns[:20]))}")
        self.rows: tuple[Any, ...] = (frame.drop(columns=named), *(frame[name] for name in roles))
        self.columns = {name: frame[name].to_numpy() for name in named}
