"""What a page carries: its data as JSON that cannot end the script it stands in, its script and its style."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from treedebug.core.plain_json import plain

ASSETS = Path(__file__).parent / "assets"
_CHARTS = (
    "base",
    "curves",
    "trees",
    "features",
    "classes",
    "predictions",
    "data",
    "networks",
    "sights",
    "compared",
    "page",
)
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def safe_json(data: Any) -> str:
    """Return standard JSON that reads back the same and holds no character that means something in HTML or script."""
    text = json.dumps(plain(data, standard=True), allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return text.translate(_ESCAPES)


@functools.cache
def script() -> str:
    """Return the chart library and the charts: nothing of a run is in it, so that its hash says what it is."""
    parts = ["plot.min.js", *(f"charts/{name}.js" for name in _CHARTS)]
    return "\n".join(asset(part) for part in parts)


@functools.cache
def script_hash() -> str:
    """Return the script's hash as a content security policy names it: no other script runs on the page."""
    digest = hashlib.sha256(f"\n{script()}\n".encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


@functools.cache
def style() -> str:
    """Return the style sheet."""
    return asset("page.css")


def asset(name: str) -> str:
    """Return a file of the pages."""
    return (ASSETS / name).read_text(encoding="utf-8").strip("\n")
