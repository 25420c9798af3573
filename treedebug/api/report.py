"""`treedebug.report`: one page of HTML that shows a run, a saved model or a table, and what is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from treedebug.api.check import check
from treedebug.api.check_subject import recognise
from treedebug.api.run_page import run_html
from treedebug.api.subject import TABLE
from treedebug.core.data.data_sets import DataSets
from treedebug.core.errors import RunNotFoundError
from treedebug.core.version import __version__
from treedebug.pictures.data_profile import data_profile
from treedebug.pictures.picture import NoPicture
from treedebug.reports.html.check_page import check_page
from treedebug.reports.html.templates import require_jinja
from treedebug.reports.html.written_pages import check_target, write_page
from treedebug.store.disk_store import is_run
from treedebug.store.load_run import find_runs


def report(subject: Any, path: str | os.PathLike[str], y: Any = None, *, force: bool = False, **options: Any) -> Path:
    """Write a page that shows a run (its path, or a Run), a model, or a table, with what is wrong; return its path.

        treedebug.report("runs/churn", "churn.html")
        treedebug.report(train, "data.html", target="churned", valid=valid)

    The page is one file that asks nothing of any network. `y` and `options` are those of `treedebug.check`. An older
    page of ours is overwritten, anything else only with `force`. Raise RunExistsError or StoreError where the page
    cannot be written, MissingExtraError without Jinja2, and what `treedebug.check` raises.
    """
    require_jinja()
    check_target(Path(path), force=force)
    _check_one_run(subject, path)
    return write_page(report_html(subject, y, **options), path, force=force)


def _check_one_run(subject: Any, page: str | os.PathLike[str]) -> None:
    """Raise RunNotFoundError for a folder of several runs, which have a page of their own kind."""
    if not isinstance(subject, str | os.PathLike) or not Path(subject).is_dir() or is_run(Path(subject)):
        return
    runs = find_runs(subject)
    if len(runs) > 1:
        raise RunNotFoundError(
            f"{subject} holds {len(runs)} runs, and this page shows one, such as {runs[0]}. One page of all of them: "
            f"treedebug compare {subject} --html {page}"
        )


def report_html(subject: Any, y: Any = None, **options: Any) -> str:
    """Return the page of `report` as text."""
    found = None if y is not None else recognise(subject, has_target=options.get("target") is not None)
    if found is not None and found.kind != TABLE:
        return run_html(found.run, check(found, **options))
    checked = check(subject, y, **options)
    tables = checked.tables
    shown = data_profile(tables, checked.findings) if isinstance(tables, DataSets) else NoPicture("no table was read")
    return check_page(checked, {"data_profile": shown}, made_by=__version__)
