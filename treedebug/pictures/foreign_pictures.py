"""Pictures of runs that another package records: its entry points make them, and say where its findings show.

`treedebug.pictures` names functions that return the pictures of a run by name; `treedebug.places` names mappings like
`evidence_marks.PLACES`. They are asked only about runs of other libraries than the boosters'.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from treedebug.core.run.run_data import RunData
from treedebug.pictures.evidence_marks import PLACES, Place
from treedebug.pictures.picture import NoPicture, Picture

PICTURES, WHERE = "treedebug.pictures", "treedebug.places"
_OURS = ("xgboost", "lightgbm", "")


def is_foreign(run: RunData) -> bool:
    """Return whether the run is of no booster that treedebug records."""
    return run.header.library not in _OURS


def foreign_pictures(run: RunData) -> dict[str, Picture | NoPicture]:
    """Return the pictures of the packages that record such runs; empty for the run of a booster."""
    found: dict[str, Picture | NoPicture] = {}
    for entry in entry_points(group=PICTURES) if is_foreign(run) else ():
        found |= entry.load()(run)
    return found


def places_of(run: RunData) -> Mapping[str, tuple[Place, ...]]:
    """Return where the findings of a run show."""
    known = dict(PLACES)
    for entry in entry_points(group=WHERE) if is_foreign(run) else ():
        known |= entry.load()
    return known
