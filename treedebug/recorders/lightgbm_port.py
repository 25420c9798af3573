"""What a live LightGBM booster tells: trees as model text, parameters, data facts, class balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.classes import ClassRecord
from treedebug.core.params import canonical_params
from treedebug.core.run import FINISHED, INTERRUPTED
from treedebug.readers import lightgbm as reader
from treedebug.recorders.classmeter import ClassMeter, label_summary


class LightGBMPort:
    """Implements BoosterPort."""

    has_trees = True
    rescales = False

    def __init__(self, booster: Any, *, planned: int | None, custom_objective: bool = False) -> None:
        self.booster = booster
        self.trees_per_round = int(booster.num_model_per_iteration())
        self._planned = planned
        self._custom_objective = custom_objective
        self._meters: list[tuple[int, ClassMeter]] | None = None
        self._n_classes = 0
        self._last_round = -1
        self._problems: list[tuple[str, str]] = []

    def iterations(self) -> int:
        """Boosting iterations in the booster; stands still in a round without a split."""
        return int(self.booster.current_iteration())

    def fetch(self, start: int, stop: int) -> bytes:
        """Model text of iterations `start` to `stop`."""
        text = self.booster.model_to_string(start_iteration=start, num_iteration=stop - start)
        return bytes(text.encode("utf-8"))

    def weights(self) -> NDArray[np.float64] | None:
        """None: LightGBM rescales the leaf values themselves."""
        return None

    def describe(self) -> dict[str, Any]:
        """Header fields."""
        facts = reader.facts(self.fetch(0, 1))
        self.rescales = facts.booster == "dart"
        self._n_classes = 0 if self._custom_objective else facts.n_classes
        names = list(self.booster.feature_name())
        return {
            "booster": facts.booster,
            "objective": "custom" if self._custom_objective else facts.objective,
            "params": canonical_params(facts.params, "lightgbm"),
            "n_features": len(names),
            "feature_names": names,
            "feature_types": [],
            "n_classes": self._n_classes,
            "trees_per_round": self.trees_per_round,
            "data": self._data_facts(),
        }

    def _sets(self) -> list[tuple[int, Any, str]]:
        """(data index, Dataset, name) of the training data, then the validation sets."""
        name = str(getattr(self.booster, "_train_data_name", "training"))
        valid = getattr(self.booster, "valid_sets", [])
        names = getattr(self.booster, "name_valid_sets", [])
        found = [(0, getattr(self.booster, "train_set", None), name)]
        return [s for s in found if s[1] is not None] + [
            (i, d, str(n)) for i, (d, n) in enumerate(zip(valid, names, strict=False), 1)
        ]

    def _data_facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for index, data, name in self._sets():
            try:
                label = label_summary(data.get_label(), data.get_weight(), self._n_classes)
                facts[name] = {
                    "n_rows": int(data.num_data()),
                    "n_features": int(data.num_feature()),
                    "is_training": index == 0,
                    "label": label,
                }
            except Exception as error:  # noqa: BLE001 - raw data may have been freed
                self._problems.append(("data", f"facts of {name!r} are not recorded: {error}"))
        return facts

    def shortcomings(self) -> Sequence[tuple[str, str]]:
        """What this training does not give."""
        return self._problems

    def classes(self, round_index: int) -> Sequence[ClassRecord]:
        """Class balance from the scores LightGBM keeps for its training and validation data anyway."""
        if self._n_classes < 2:  # noqa: PLR2004 - not a classification
            return ()
        if self._meters is None:
            self._meters = [
                (i, ClassMeter(name, d.get_label(), d.get_weight(), self._n_classes)) for i, d, name in self._sets()
            ]
        # The one place where scores are to be had without predicting again; LightGBM's own `feval` reads them here.
        predict = getattr(self.booster, "_Booster__inner_predict")  # noqa: B009 - name-mangled
        return [m.measure(round_index, predict(data_idx=i), scale="probability") for i, m in self._meters]

    def note_round(self, round_index: int) -> None:
        """The latest round the library told of."""
        self._last_round = round_index

    def ended_how(self) -> tuple[str, int | None]:
        """LightGBM announces no end: all rounds done, or a best iteration set, is a finished training."""
        best = int(getattr(self.booster, "best_iteration", 0) or 0)
        if best > 0:
            return FINISHED, best - 1
        done = self._planned is not None and self._last_round + 1 >= self._planned
        return (FINISHED if done else INTERRUPTED), None

    def release(self) -> None:
        """Let go of the booster and the data."""
        self.booster = None
        self._meters = None


def learning_rate_of(params: Mapping[str, Any]) -> float:
    """The learning rate in force, under whichever alias; LightGBM's default otherwise."""
    for name in ("learning_rate", "eta", "shrinkage_rate"):
        value = params.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return 0.1
