"""The list of runs as a page: its filters, its columns, and the rows that were asked for."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from treedebug.core.errors import ConfigError
from treedebug.core.version import __version__
from treedebug.live.listed_run import ListedRun
from treedebug.live.run_index import RunIndex
from treedebug.live.run_query import COLUMNS, PAGE, Choices, RunQuery, choices_of, value_of
from treedebug.reports.html.list_page import list_page
from treedebug.reports.html.served import Served
from treedebug.reports.phrasing import plural, printable, short

_NUMBERS = ("rounds", "best", "in round", "seconds")
_MOST_PARAMETERS = 6
"""Parameters that have a column, those with most values first."""
_LONGEST = 40


class ListView:
    """Draws the list; what its filters offer is counted once for each version of the index."""

    def __init__(self, index: RunIndex) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._choices: tuple[int, Choices] = (-1, choices_of(()))

    def page(self, asked: Mapping[str, str]) -> str:
        """Return the page of an address."""
        query, version = RunQuery.of(asked), self._index.version
        runs = list(self._index.runs.values())
        problem = self._index.error
        try:
            chosen = query.chosen(runs)
        except ConfigError as error:
            problem, chosen = str(error), []
        offered = self._offered(version, runs)
        names = [n for n in offered.parameters if n not in COLUMNS][:_MOST_PARAMETERS]
        first = (query.page - 1) * PAGE
        return list_page(
            Served(events="/events/runs", version=version, links=()),
            made_by=__version__,
            title=printable(str(self._index.given)),
            query=query,
            is_filtered=any((query.text, query.finding, query.status, query.metric, query.where)),
            choices=offered,
            said=self._said(len(chosen), len(runs)),
            problem=problem,
            heads=[_head(query, name) for name in _columns(names)],
            rows=[_row(run, names) for run in chosen[first : first + PAGE]],
            pages=_pages(query, len(chosen)),
            empty="No run fits what was asked for." if runs else "There is no run here yet; the page waits for one.",
        )

    def _offered(self, version: int, runs: Sequence[ListedRun]) -> Choices:
        with self._lock:
            if self._choices[0] != version:
                self._choices = (version, choices_of(runs))
            return self._choices[1]

    def _said(self, n_chosen: int, n_runs: int) -> str:
        n_whole = self._index.n_whole
        shown = plural(n_runs, "run") if n_chosen == n_runs else f"{n_chosen} of {plural(n_runs, 'run')}"
        rest = f"; {n_whole} read so far, metrics and findings of the others are to come" if n_whole < n_runs else ""
        return f"{shown}{rest}"


def _columns(names: Sequence[str]) -> list[str]:
    """Return all columns in order: those of parameters stand beside the findings that may come of them."""
    known = list(COLUMNS)
    after = known.index("findings") + 1
    return [*known[:after], *names, *known[after:]]


def _head(query: RunQuery, name: str) -> dict[str, Any]:
    """Return a column's heading: pressed once it sorts, pressed again the other way round."""
    is_sorted = query.sort == name
    down = not query.is_descending if is_sorted else name in {"started", "rounds", "seconds"}
    return {
        "text": name,
        "href": _address(query, sort=name, is_descending=down, page=1),
        "sorted": ("descending" if query.is_descending else "ascending") if is_sorted else "",
        "is_number": name in _NUMBERS,
    }


def _row(run: ListedRun, names: Sequence[str]) -> dict[str, Any]:
    cells = [_cell(name, value_of(run, name)) for name in _columns(names) if name != "run"]
    name = str(run.row.get("name") or "")
    label = run.place if run.place != "." else run.path.name
    return {"id": run.id, "label": f"{name} ({label})" if name and name != label else label, "cells": cells}


def _cell(name: str, value: Any) -> dict[str, Any]:
    text = "" if value is None else short(value)
    if name == "started":
        text = text[:16].replace("T", " ")  # to the minute
    text = text.replace(",", ", ") if name == "findings" else text
    is_number = name in _NUMBERS or (isinstance(value, int | float) and not isinstance(value, bool))
    return {"text": text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…", "is_number": is_number}


def _pages(query: RunQuery, n_runs: int) -> list[dict[str, Any]]:
    last = max(1, -(-n_runs // PAGE))
    near = sorted({1, last, *range(max(1, query.page - 2), min(last, query.page + 2) + 1)})
    return [{"text": str(p), "href": _address(query, page=p), "is_this": p == query.page} for p in near]


def _address(query: RunQuery, **changed: Any) -> str:
    wanted = dataclasses.replace(query, **changed)
    parts = {
        "text": wanted.text, "finding": wanted.finding, "status": wanted.status, "metric": wanted.metric,
        "where": wanted.where, "sort": wanted.sort, "order": "down" if wanted.is_descending else "up",
        "page": str(wanted.page) if wanted.page > 1 else "",
    }  # fmt: skip
    return "/?" + urlencode({k: v for k, v in parts.items() if v})
