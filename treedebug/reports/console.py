"""The one place where rich is set up: no markup, no emoji, no highlighting, 80 columns unless the terminal is wider."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

from rich.console import Console
from rich.text import Text

WIDEST = 100
"""Lines longer than this are hard to read, however wide the terminal."""
STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}


def make_console(file: IO[str] | None = None, *, width: int | None = None, color: bool | None = None) -> Console:
    """Return a console on `file` (default: stdout). Text is never read as markup: feature names may hold [brackets].

    `color`: True and False force; None means on a terminal only, and not with NO_COLOR set.
    """
    settings: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False, "soft_wrap": False}
    settings["force_jupyter"] = False  # in a notebook, rich would show what is asked for as text
    if color is not None:
        settings |= {"force_terminal": color, "color_system": "standard" if color else None}
    console = Console(file=file, width=width, **settings)
    if width is None and console.width > WIDEST:
        console.width = WIDEST
    return console


def render(draw: Any, report: Any, *, width: int = 80, color: bool = False, **options: Any) -> str:
    """Return what `draw(report, console, **options)` prints, as a string."""
    buffer = io.StringIO()
    draw(report, make_console(buffer, width=width, color=color), **options)
    return buffer.getvalue()


def indented(text: Text, console: Console, *, indent: int, hang: int = 0) -> Iterator[Text]:
    """Yield the text wrapped to the console's width, as lines indented by `indent`, after the first by `hang` more."""
    lines = list(text.wrap(console, console.width - indent))
    if len(lines) > 1 and hang:
        rest = text[len(lines[0].plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
        lines[1:] = rest.wrap(console, console.width - indent - hang)
    for i, line in enumerate(lines):
        line.rstrip()
        yield Text(" " * (indent + (hang if i else 0))) + line


def print_parts(console: Console, *parts: tuple[str, str]) -> None:
    """Print (text, style) parts as one text, wrapped to the console's width; lines after the first are indented."""
    for line in indented(Text.assemble(*parts), console, indent=0, hang=2):
        console.print(line)
