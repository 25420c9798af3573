"""Pieces of HTML for notebooks: every text is escaped, colours are those of the page around."""

from __future__ import annotations

import html

TONES = {"error": "#b3131f", "warning": "#8a5300", "info": "#1d5f8a"}
"""Colours of borders; texts keep the colour of the page around, light or dark."""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *inside: str, style: str = "") -> Html:
    """Return an element; what stands inside is escaped unless it is `Html`."""
    opened = f'<{name} style="{style}">' if style else f"<{name}>"
    return Html(f"{opened}{''.join(map(escaped, inside))}</{name}>")


def escaped(text: str) -> Html:
    """Return the text as HTML: characters that mean something there, or would reorder the text around, made plain."""
    if isinstance(text, Html):
        return text
    shown = "".join(c if c.isprintable() or c in "\n " else "\N{MIDDLE DOT}" for c in text)
    return Html(html.escape(shown))


def joined(*parts: str) -> Html:
    """Return the parts one after the other."""
    return Html("".join(map(escaped, parts)))


def card(severity: str, *inside: str) -> Html:
    """Return a block with the border of a severity."""
    color = TONES.get(severity, "currentColor")
    return tag("div", *inside, style=f"border-left:4px solid {color};padding:2px 0 2px 10px;margin:6px 0")
