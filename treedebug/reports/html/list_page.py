"""The pages that only a server hands out: the list of all runs, several runs side by side, and a refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.reports.html.served import Served
from treedebug.reports.html.templates import render_page
from treedebug.reports.html.written_pages import MARK


def list_page(served: Served, *, made_by: str, **shown: Any) -> str:
    """Return the list of runs; `shown` are the names in its template."""
    return _page("runs.html.j2", served, made_by, {}, shown)


def board_page(served: Served, *, made_by: str, pictures: Mapping[str, Any], cards: Sequence[Any]) -> str:
    """Return runs side by side, a card each; `pictures` are the learning curves by the run's id."""
    return _page(
        "board.html.j2", served, made_by, pictures, {"title": f"{len(cards)} runs side by side", "cards": cards}
    )


def refusal_page(served: Served, *, made_by: str, title: str, message: str) -> str:
    """Return a page that says why there is nothing to show."""
    return _page("refusal.html.j2", served, made_by, {}, {"title": title, "message": message})


def _page(template: str, served: Served, made_by: str, pictures: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    return render_page(
        template,
        served=served,
        mark=MARK,
        made_by=made_by,
        made_on=dt.datetime.now(dt.UTC).date().isoformat(),
        data={"pictures": dict(pictures), "findings": []},
        **shown,
    )
