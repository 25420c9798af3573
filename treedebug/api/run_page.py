"""The page of a recorded training, or of a saved model: its check, its pictures, and some of its trees."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from treedebug.api.check_run import check_run
from treedebug.api.known_rules import chosen_rules
from treedebug.api.subject import RUN, Subject
from treedebug.core.report import CheckReport
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.run_data import RunData
from treedebug.core.version import __version__
from treedebug.engine.config import Config, settle
from treedebug.pictures.foreign_pictures import foreign_pictures, is_foreign, places_of
from treedebug.pictures.gallery import pictures_of
from treedebug.pictures.learning_curves import deciding_loss
from treedebug.pictures.one_tree import OneTree, one_tree
from treedebug.pictures.picture import Picture
from treedebug.pictures.thinning import evenly
from treedebug.reports.html.check_page import check_page
from treedebug.reports.html.served import Served
from treedebug.reports.html.templates import require_jinja
from treedebug.reports.html.written_pages import check_target, write_page

_MOST_ROUNDS = 8
_MOST_CLASSES = 3
_MOST_NODES = 3000


def report_run(
    run: Recorded, path: str | os.PathLike[str], *, force: bool = False, config: Config | None = None
) -> Path:
    """Check a run and write its page; see `treedebug.report`."""
    require_jinja()
    check_target(Path(path), force=force)
    settings = settle(config)
    found = Subject(RUN, str(run.path or "run in memory"), run.data)
    checked = replace(check_run(found, chosen_rules(settings)), ignored=settings.ignore)
    return write_page(run_html(run.data, checked), path, force=force)


def run_html(run: RunData, checked: CheckReport, served: Served | None = None) -> str:
    """Return the page of a run that was checked, or the same page as a server hands it out."""
    pictures = pictures_of(run, checked.findings)
    if is_foreign(run):  # what it lacks because it is no booster's is not missed
        pictures = {**{name: p for name, p in pictures.items() if isinstance(p, Picture)}, **foreign_pictures(run)}
    return check_page(
        checked,
        pictures,
        header=run.header,
        trees=_some_trees(run),
        places=places_of(run),
        made_by=__version__,
        served=served,
    )


def _some_trees(run: RunData) -> tuple[OneTree, ...]:
    """Return the trees of some rounds: the first, the best, the last, and those between, as many as stay readable."""
    found: list[OneTree] = []
    n_nodes = 0
    for tree in _trees_of(run, sorted(_rounds(run))):
        n_nodes += len(tree.x)
        if n_nodes > _MOST_NODES and found:
            break
        found.append(tree)
    return tuple(sorted(found, key=lambda t: (t.round_index, t.tree)))


def _rounds(run: RunData) -> set[int]:
    start = run.header.start_round
    spread = {start + int(i) for i in evenly(run.n_rounds - start, _MOST_ROUNDS)}
    loss = deciding_loss(run)
    return spread if loss is None else {*spread, loss.best_round}


def _trees_of(run: RunData, rounds: list[int]) -> Iterator[OneTree]:
    ends = [r for r in (rounds[:1] + rounds[-1:]) if rounds]
    for round_index in dict.fromkeys([*ends, *rounds]):
        for number in range(_MOST_CLASSES):
            tree = one_tree(run, round_index, number)
            if not isinstance(tree, OneTree):
                break
            yield tree
