"""The one place where Jinja2 is set up: every value is escaped, and a name that is missing is an error."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

from treedebug.core.errors import missing_extra
from treedebug.reports.html import embedding
from treedebug.reports.html.served import Served
from treedebug.reports.phrasing import printable

HERE = Path(__file__).parent / "assets"


def render_page(template: str, *, served: Served | None = None, **values: Any) -> str:
    """Return a page: a file that holds all it needs, or one that is served. Raise MissingExtraError without Jinja2."""
    text: str = _environment().get_template(template).render(values, served=served)
    return text


def require_jinja() -> Any:
    """Return Jinja2. Raise MissingExtraError where it is not installed."""
    try:
        return importlib.import_module("jinja2")
    except ImportError:
        raise missing_extra("Jinja2", "report") from None


@functools.cache
def _environment() -> Any:
    jinja = require_jinja()
    markup = importlib.import_module("markupsafe").Markup
    environment = jinja.Environment(
        loader=jinja.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = lambda text: printable(str(text))
    environment.globals["as_json"] = lambda data: markup(embedding.safe_json(data))
    environment.globals["script"] = lambda: markup(embedding.script())
    environment.globals["script_hash"] = embedding.script_hash
    environment.globals["style"] = lambda: markup(embedding.style())
    return environment
