"""Tables with a label, as the commands that cure models read them."""

from __future__ import annotations

import argparse
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.profiles.sources.rows_frame import rows_frame


def add_label_options(parser: argparse.ArgumentParser) -> None:
    """Declare --target and --weight."""
    parser.add_argument("--target", metavar="COLUMN", required=True, help="the label")
    parser.add_argument("--weight", metavar="COLUMN", help="sample weights")


def labelled_table(path: str, args: argparse.Namespace) -> tuple[Any, ...]:
    """Return the features, labels and, where named, weights of a file. Raise ConfigError for a missing column."""
    frame = rows_frame(path)
    roles = [name for name in (args.target, args.weight) if name is not None]
    for name in roles:
        if name not in frame.columns:
            raise ConfigError(f"{path} has no column {name!r}; it has {', '.join(map(str, frame.columns[:20]))}")
    return (frame.drop(columns=roles), *(frame[name] for name in roles))
