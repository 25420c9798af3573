"""One run that a page shows: read and judged as it grows, its page drawn anew when that is worth the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from treedebug.api.run_glance import glance
from treedebug.api.run_page import run_html
from treedebug.api.watched_run import UNREADABLE, WatchedRun
from treedebug.core.errors import FormatError, RunNotFoundError
from treedebug.core.report import RunGlance
from treedebug.engine.rule import Rule
from treedebug.live.listed_run import ListedRun
from treedebug.pictures.learning_curves import learning_curves
from treedebug.pictures.picture import Picture
from treedebug.reports.html.embedding import safe_json
from treedebug.reports.html.sentences import sentence
from treedebug.reports.html.served import Served
from treedebug.reports.phrasing import one_line
from treedebug.reports.watch_screen import status_text

CURVES = "learning_curves"
_SHARE = 50
"""Drawing a page anew may take one part in so many of the time."""
_RARELY = 10.0
"""Seconds between two pages of a run of which nothing new was found: its curves are sent meanwhile."""
_SOON = 2.0
"""Seconds between two pages of which the second has findings that the first has not."""
_BEFORE = "what stands here was read before"
_GONE = f"its files are gone: {_BEFORE}"


class FollowedRun:
    """A run and its page. `version` grows with what is read of it, `page_version` when its page is to be fetched."""

    def __init__(self, listed: ListedRun, rules: Sequence[Rule]) -> None:
        self.listed = listed
        self.version = 0
        self.page_version = 0
        self.asked_at = time.monotonic()
        self._watched = WatchedRun(listed.path, rules, label=listed.place)
        self._lock = threading.Lock()
        self._page: tuple[int, str] = (-1, "")
        self._strip: tuple[tuple[int, int], str] = ((-1, -1), "")
        self._shown: tuple[Any, ...] = ()
        self._shown_at, self._took = -_RARELY, 0.0
        self.poll()

    def poll(self) -> None:
        """Read and judge what came; decide whether the page is worth drawing again."""
        with self._lock:
            state = self._watched.state
            if self._watched.poll() or self._watched.state != state:
                self.version += 1
            now, look = time.monotonic(), self._look()
            if self._watched.state == UNREADABLE and self._shown:
                return  # the page keeps what was read; its status says why nothing comes
            is_news = look[1:] != self._shown[1:]
            if look != self._shown and now - self._shown_at >= max(_SOON if is_news else _RARELY, _SHARE * self._took):
                self._shown, self._shown_at = look, now
                self.page_version += 1

    @property
    def versions(self) -> tuple[int, int]:
        """`version` and `page_version`."""
        return (self.version, self.page_version)

    def page(self, served: Served) -> str:
        """Return the page. Raise RunNotFoundError or FormatError where nothing of the run can be read."""
        with self._lock:
            if self._page[0] != self.page_version:
                self._refuse_unreadable()
                began = time.monotonic()
                now = replace(served, version=self.page_version, status=self._status())
                self._page = (self.page_version, run_html(self._watched.run, self._watched.report(), now))
                self._took = time.monotonic() - began
            return self._page[1]

    def strip(self) -> str:
        """Return, as JSON, what a page shows of the run before it is drawn again: where it stands, and its curves."""
        with self._lock:
            known = self.versions
            if self._strip[0] != known:
                curves = self._curves()
                said = "" if curves is None else sentence(CURVES, curves)
                news = {"id": self.listed.id, "page": self.page_version, "status": self._status(), "sentence": said}
                self._strip = (known, safe_json({**news, "curves": curves}))
            return self._strip[1]

    def glance(self) -> RunGlance:
        """Return where the run stands."""
        with self._lock:
            return glance(self._watched)

    def drawn_curves(self) -> dict[str, Any] | None:
        """Return the learning curves as data; None where there are none."""
        with self._lock:
            return self._curves()

    def _curves(self) -> dict[str, Any] | None:
        picture = learning_curves(self._watched.run)
        return picture.to_dict() if isinstance(picture, Picture) else None

    def _look(self) -> tuple[Any, ...]:
        """Return what a page is drawn anew for; all but the first is news."""
        watched, n_rounds = self._watched, self._watched.run.n_rounds
        return (n_rounds, min(n_rounds, 2), watched.state, frozenset(f.key for f in watched.findings))

    def _status(self) -> str:
        watched = self._watched
        if watched.state == UNREADABLE:
            return _GONE if not self.listed.path.exists() else one_line(f"{watched.error}; {_BEFORE}")
        return f"{watched.state}: {status_text(glance(watched))}"

    def _refuse_unreadable(self) -> None:
        error = self._watched.error
        if error and not self._watched.run.n_rounds:
            raise (FormatError if self.listed.path.exists() else RunNotFoundError)(error)
