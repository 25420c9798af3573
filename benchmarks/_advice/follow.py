"""Follow advice: a recipe and changes make the recipe that does what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from _advice.edits import EDITS
from _advice.names import canonical, number
from _advice.recipes import LIGHTGBM, Edit, Recipe

ROUNDS, PATIENCE = "n_estimators", "early_stopping_rounds"
NOT_TRAINING = {
    "callbacks": "an experiment on time", "resume": "about the callback", "evals": "about time", "folds": "asks for cv",
    "nfold": "asks for cv", "valid": "asks for other rows", "add_columns": "asks for other columns",
    "deterministic": "about repeating", "num_threads": "about repeating", "nthread": "about repeating",
    "maximize": "about a metric", "weight": "asks for other weights", "clip": "asks for other weights",
    "drop_rows": "asks for other weights", "class_names": "about names", "time": "asks for another split",
    "relabel": "about the numbers of classes", "tokens": "about sequences",
    "review_rows": "asks a person", "split_at": "asks for another split", "max_length": "about sequences",
}  # fmt: skip
"""Advice that no training follows by itself, and why."""


class NotFollowedError(ValueError):
    """Why a change cannot be followed without a person."""


def followed(recipe: Recipe, changes: Iterable[Any], columns: tuple[str, ...] = ()) -> Recipe:
    """The recipe after all changes. `columns` are those of the finding. Raises NotFollowedError."""
    for change in changes:
        recipe = _one(recipe, change, columns)
    return recipe


def _one(recipe: Recipe, change: Any, columns: tuple[str, ...]) -> Recipe:
    name, value = str(change.parameter), change.value
    same = canonical(name, recipe.library)
    if same == ROUNDS:
        return replace(recipe, rounds=int(value))
    if same == PATIENCE:
        return replace(recipe, patience=int(value))
    if name in EDITS:
        value = tuple(value) if isinstance(value, list) else value
        return replace(recipe, edits=(*recipe.edits, Edit(name, value, columns)))
    if name in NOT_TRAINING:
        raise NotFollowedError(f"{name}: {NOT_TRAINING[name]}")
    left = {k: v for k, v in recipe.params.items() if canonical(k, recipe.library) != same}
    if value is None:
        return replace(recipe, params=left)
    return replace(recipe, params={**left, name: value})


def in_use(recipe: Recipe, change: Any, effective: Mapping[str, Any]) -> bool:
    """Whether the change says what the training did already, by default or by the user's word."""
    same = canonical(str(change.parameter), recipe.library)
    if same == ROUNDS:
        return bool(recipe.rounds == change.value)
    if same == PATIENCE:
        return bool(recipe.patience == change.value)
    if same not in effective or isinstance(change.value, list | tuple | dict):
        return False
    now, then = number(effective[same]), number(change.value)
    if isinstance(now, int | float) and isinstance(then, int | float):
        return abs(now - then) <= 1e-6 * max(1.0, abs(now))
    return bool(str(now) == str(then))


def contradictions(recipe: Recipe, changes: Iterable[Any], effective: Mapping[str, Any]) -> list[str]:
    """What cannot be meant together: two values of one parameter, or smaller steps in no more rounds."""
    by_name: dict[str, list[Any]] = {}
    for change in changes:
        by_name.setdefault(canonical(str(change.parameter), recipe.library), []).append(change.value)
    found = [f"{name}: {values}" for name, values in by_name.items() if len({repr(v) for v in values}) > 1]
    rate = number(effective.get("learning_rate", 0.1 if recipe.library == LIGHTGBM else 0.3))
    slower = [v for v in by_name.get("learning_rate", ()) if v < 0.9 * rate]
    rounds = by_name.get(ROUNDS, [recipe.rounds])[0]
    waits = PATIENCE in by_name
    if slower and rounds < recipe.rounds * rate / slower[0] / 1.5 and not (waits and rounds > recipe.rounds):
        found.append(f"learning_rate {rate:g} -> {slower[0]:g} in {rounds} of {recipe.rounds} rounds")
    return found
