"""The pages of one run, of several side by side, and of their comparison."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from treedebug.api.boosted_run import load
from treedebug.api.compare import compare
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Severity
from treedebug.core.version import __version__
from treedebug.live.followed_run import FollowedRun
from treedebug.live.keeper import Keeper
from treedebug.reports.html.list_page import board_page
from treedebug.reports.html.served import Served
from treedebug.reports.phrasing import one_line
from treedebug.reports.watch_screen import status_text

FEWEST, MOST = 2, 50
"""Runs side by side."""
_HOME = ("All runs", "/")


class RunViews:
    """Draws the pages; of the last comparisons the page is kept until one of the runs has grown."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._lock = threading.Lock()
        self._compared: tuple[Any, str] = (None, "")

    def run(self, wanted: str) -> str:
        """Return the page of a run. Raise RunNotFoundError or FormatError where there is nothing to show."""
        run = self._keeper.follow(wanted)
        return run.page(Served(events=_events("/events/run", [wanted]), links=(_HOME,)))

    def board(self, wanted: Sequence[str]) -> str:
        """Return runs side by side. Raise ConfigError for fewer than two or more than fifty."""
        runs = self._followed(wanted)
        ids = [run.listed.id for run in runs]
        served = Served(events=_events("/events/run", ids), links=(_HOME, ("Compare them", _events("/compare", ids))))
        curves = {run.listed.id: run.drawn_curves() for run in runs}
        pictures = {name: drawn for name, drawn in curves.items() if drawn is not None}
        return board_page(served, made_by=__version__, pictures=pictures, cards=[_card(run) for run in runs])

    def compared(self, wanted: Sequence[str]) -> str:
        """Return the comparison of runs. Raise as `board` does, and what `treedebug.compare` raises."""
        runs = self._followed(wanted)
        ids = [run.listed.id for run in runs]
        with self._lock:  # one at a time: fifty runs take seconds
            known = [(run.listed.id, run.page_version) for run in runs]
            if self._compared[0] != known:
                links = (_HOME, ("Side by side", _events("/board", ids)))
                served = Served(events=_events("/events/compare", ids), version=compared_version(runs), links=links)
                self._compared = (known, compare(*(load(run.listed.path) for run in runs)).html(served))
            return self._compared[1]

    def _followed(self, wanted: Sequence[str]) -> list[FollowedRun]:
        ids = list(dict.fromkeys(wanted))
        if not FEWEST <= len(ids) <= MOST:
            raise ConfigError(
                f"{FEWEST} to {MOST} runs can stand side by side, and {len(ids)} are ticked: go back and tick"
            )
        return [self._keeper.follow(one) for one in ids]


def compared_version(runs: Sequence[FollowedRun]) -> int:
    """Return a number that grows whenever a comparison of the runs is worth drawing again."""
    return sum(run.page_version for run in runs)


def _card(run: FollowedRun) -> dict[str, Any]:
    seen = run.glance()
    worst = max((f.severity for f in seen.findings), default=None)
    return {
        "id": run.listed.id,
        "label": seen.label,
        "page": run.page_version,
        "status": f"{seen.state}: {one_line(seen.error) or status_text(seen)}",
        "findings": list({f.code: f for f in seen.findings}.values()),
        "tone": "good" if worst is None else Severity(worst).label,
    }


def _events(address: str, ids: Sequence[str]) -> str:
    return f"{address}?{urlencode([('run', one) for one in ids])}"
