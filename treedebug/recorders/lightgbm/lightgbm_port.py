"""What a live LightGBM booster tells: trees as model text, parameters, data facts, class balance."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.params.parameter_names import canonical_params
from treedebug.core.phrases import OF_ONE_WORKER
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.margin_log import MarginRecord
from treedebug.core.run.prediction_log import PROBABILITY, SCORE, SHARE, VALUE
from treedebug.core.run.run_data import FINISHED, INTERRUPTED
from treedebug.readers.lightgbm import lightgbm_reader as reader
from treedebug.recorders.class_counter import ClassMeter
from treedebug.recorders.data_facts import dataset_facts, prediction_facts
from treedebug.recorders.gradient_facts import GradientMeter
from treedebug.recorders.label_directions import add_directions
from treedebug.recorders.lightgbm.lightgbm_metrics import numbered
from treedebug.recorders.margin_meter import RowMeter
from treedebug.recorders.prediction_meter import ToldRows
from treedebug.recorders.prediction_sampler import PredictionSampler
from treedebug.recorders.raw_columns import raw_facts

_OWN_METRICS = "LightGBM evaluates on each machine's own rows: the curves are those of the first machine"
_UNEVALUATED = "(training data)"
AMOUNTS = ("regression", "regression_l1", "huber", "fair", "poisson", "mape", "gamma", "tweedie")
"""Objectives whose prediction is what the label should be."""


class LightGBMPort:
    """Implements BoosterPort. `evaluates_training` says whether the training data is among `train`'s `valid_sets`."""

    has_trees = True
    rescales = False
    has_trees_at_end = False
    is_digested_whole = True

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        booster: Any,
        *,
        planned: int | None,
        is_cv: bool = False,
        custom_objective: bool = False,
        evaluates_training: bool = False,
        is_part: bool = False,
    ) -> None:
        self.booster = booster
        self.trees_per_round = int(booster.num_model_per_iteration())
        self.offset = 0
        """Round index of the run less LightGBM's iteration."""
        self._planned = planned
        self._is_cv = is_cv
        self._custom_objective = custom_objective
        self._evaluates_training = evaluates_training
        self._is_part = is_part
        """One of several machines, which sees its own rows only."""
        train = getattr(booster, "train_set", None)
        self.gradient = (
            GradientMeter(train.get_label(), self.trees_per_round) if custom_objective and train is not None else None
        )
        self._best_score = getattr(booster, "best_score", None)
        self._meters: list[tuple[int, ClassMeter]] = []
        self._sampler: PredictionSampler | None = None
        self._rows: list[tuple[int, RowMeter]] = []
        self._n_classes = 0
        self._objective = ""
        self._last_iteration = -1
        self._problems: list[tuple[str, str]] = []

    def iterations(self) -> int:
        """Boosting iterations in the booster; stands still in a round without a split."""
        return int(self.booster.current_iteration())

    def fetch(self, start: int, stop: int) -> bytes:
        """Model text of iterations `start` to `stop`."""
        text = self.booster.model_to_string(start_iteration=start, num_iteration=stop - start)
        return bytes(text.encode("utf-8"))

    def digests(self, raw: bytes, start: int, stop: int) -> list[float]:  # noqa: ARG002 - to write trees costs more
        """Return the value of each tree's first leaf: models that were shuffled, refitted or cut differ in some."""
        first, last = start * self.trees_per_round, stop * self.trees_per_round
        return [float(self.booster.get_leaf_output(i, 0)) for i in range(first, min(last, self.booster.num_trees()))]

    def final_facts(self) -> dict[str, Any]:
        """Return what the user's own objective gave, if there is one."""
        return {} if self.gradient is None or not self.gradient.facts else {"gradient": self.gradient.facts}

    def weights(self) -> NDArray[np.float64] | None:
        """None: LightGBM rescales the leaf values themselves."""
        return None

    def describe(self) -> dict[str, Any]:
        """Header fields."""
        first = self.fetch(0, 1)
        facts = reader.facts(first)
        self.rescales = facts.booster == "dart"
        self._n_classes = 0 if self._custom_objective else facts.n_classes
        self._objective = "custom" if self._custom_objective else facts.objective
        names = list(self.booster.feature_name())
        fields: dict[str, Any] = {
            "booster": facts.booster,
            "objective": self._objective,
            "params": canonical_params(facts.params, "lightgbm"),
            "n_features": len(names),
            "feature_names": names,
            "feature_types": facts.feature_types,
            "n_classes": self._n_classes,
            "trees_per_round": self.trees_per_round,
            "data": {} if self._is_part else self._data_facts(reader.category_counts(first)),
        }
        if self._is_part:
            for topic, what in (("data", "what is known of the data"), ("classes", "class balance")):
                self._problems.append((topic, f"{what} {OF_ONE_WORKER}"))
            self._problems.append(("metrics", _OWN_METRICS))
        else:
            self._make_meters()
            bounds = fields["params"].get("monotone_constraints")
            add_directions(fields, bounds, getattr(self.booster, "train_set", None))
        return fields

    def _sets(self) -> list[tuple[int, Any, str]]:
        """(data index, Dataset, name) of the training data, then the validation sets, named as by `named_values`."""
        train = getattr(self.booster, "train_set", None)
        valid = list(getattr(self.booster, "valid_sets", []))
        names = [str(n) for n in getattr(self.booster, "name_valid_sets", [])]
        if train is None or any(d is train for d in valid):  # `cv` evaluates the training data as one more set
            return [(i, d, n) for i, (d, n) in enumerate(zip(valid, numbered(names), strict=False), 1)]
        name = str(getattr(self.booster, "_train_data_name", "training"))
        if not self._evaluates_training and name in names:
            labels = [_UNEVALUATED, *numbered(names)]
        else:
            labels = numbered([name, *names])
        return [(i, d, n) for i, (d, n) in enumerate(zip([train, *valid], labels, strict=False))]

    def evaluated(self) -> list[str]:
        """Names of the evaluated datasets as LightGBM has them, in its order; a name may come twice."""
        names = [str(n) for n in getattr(self.booster, "name_valid_sets", [])]
        return [str(self.booster._train_data_name), *names] if self._evaluates_training else names  # noqa: SLF001 - LightGBM has no public name for it

    def _label(self, data: Any) -> Any:
        label = data.get_label()
        # LightGBM's binary objective takes any label above 0 for the positive class.
        return label if label is None or self._objective != "binary" else (np.asarray(label) > 0).astype(np.float64)

    def _data_facts(self, categories: Mapping[str, int]) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for _, data, name in self._sets():
            try:
                is_training = data is self.booster.train_set
                facts[name] = dataset_facts(data, self._label(data), self._n_classes, is_training=is_training)
                if is_training:
                    facts[name] |= raw_facts(
                        data, getattr(self.booster, "params", {}), list(self.booster.feature_name())
                    )
                if is_training and categories:
                    facts[name]["categories"] = dict(categories)
            except Exception as error:  # noqa: BLE001 - raw data may have been freed
                self._problems.append(("data", f"facts of {name!r} are not recorded: {error}"))
        return facts

    def _make_meters(self) -> None:
        if self._n_classes < 2:  # not a classification
            return
        for index, data, name in self._sets():
            try:
                meter = ClassMeter(name, self._label(data), data.get_weight(), self._n_classes)
                self._meters.append((index, meter))
            except Exception as error:  # noqa: BLE001 - one odd dataset is no reason to leave out the others
                self._problems.append(("classes", str(error)))

    def shortcomings(self) -> Sequence[tuple[str, str]]:
        """What this training does not give."""
        return self._problems

    def classes(self, round_index: int, *, evaluated: bool, training: bool) -> Sequence[ClassRecord]:
        """Class balance from the scores LightGBM keeps for its training and validation data anyway."""
        if not self._meters:
            return ()
        return [
            m.measure(round_index, self._predicted(i), scale="probability")
            for i, m in self._meters
            if (training if i == 0 and len(self._meters) > 1 else evaluated)
        ]

    def _predicted(self, index: int) -> NDArray[np.float64]:
        """The one place where scores are to be had without predicting again; LightGBM's own `feval` reads them here."""
        predict = getattr(self.booster, "_Booster__inner_predict")  # noqa: B009 - name-mangled
        return np.asarray(predict(data_idx=index))

    def meter_rows(self, most: int) -> Sequence[RowMeter]:
        """Margins of classes, residuals of amounts; other objectives and custom ones have none."""
        if self._is_part:
            self._problems.append(("margins", f"row margins {OF_ONE_WORKER}"))
            return ()
        if self._n_classes < 2 and self._objective not in AMOUNTS:  # no classification
            self._problems.append(
                ("margins", f"row margins are not recorded: they are not defined for objective {self._objective}")
            )
            return ()
        for index, data, name in self._sets():
            try:
                self._rows.append((index, RowMeter(name, self._label(data), self._n_classes, most=most)))
            except Exception as error:  # noqa: BLE001 - what is odd in one dataset is no concern of the others
                self._problems.append(("margins", str(error)))
        return [meter for _, meter in self._rows]

    def margins(self, round_index: int) -> Sequence[MarginRecord]:
        """From the scores LightGBM keeps for its training and validation data anyway."""
        scale = "share" if self._objective == "multiclass" else "probability"
        return [meter.measure(round_index, self._predicted(index), scale=scale) for index, meter in self._rows]

    def sampler(self) -> PredictionSampler:
        """Predictions off the scores LightGBM keeps for its validation data anyway."""
        kinds = {"binary": PROBABILITY, "multiclass": SHARE, "multiclassova": PROBABILITY}
        scale = kinds.get(self._objective, VALUE if self._objective in AMOUNTS else SCORE)
        training = self.booster.train_set
        sets = [s for s in self._sets() if s[1] is not training] or (self._sets() if self._evaluates_training else [])
        sets = [] if self._is_part else sets
        # LightGBM keeps the scores of the last round alone, and mostly not the data: nothing is predicted again.
        self._sampler = PredictionSampler(lambda index, _: self._predicted(index), scale=scale)
        told = ((i, n, functools.partial(self._told_rows, d)) for i, d, n in sets)
        self._sampler.add(told, self._n_classes, self._problems)
        return self._sampler

    def _told_rows(self, data: Any) -> ToldRows:
        return ToldRows(int(data.num_data()), self._label(data), data.get_weight(), data.get_group())

    def predictions(self) -> dict[str, dict[str, Any]]:
        """Summaries of the validation predictions now, by dataset."""
        if self._n_classes > 2 or self.trees_per_round > 1 or self._is_part:
            return {}
        sets = [s for s in self._sets() if s[1] is not self.booster.train_set]
        return {name: prediction_facts(self._predicted(index), self._label(data)) for index, data, name in sets}

    def note_iteration(self, iteration: int) -> None:
        """The latest iteration the library told of."""
        self._last_iteration = iteration

    def ended_how(self) -> tuple[str, int | None]:
        """LightGBM announces no end, but `train` sets `best_score` then, and `cv` a best iteration if it stopped."""
        best = int(getattr(self.booster, "best_iteration", 0) or 0)
        if best > 0:
            return FINISHED, best - 1 + self.offset
        if self._is_cv:
            over = self._planned is not None and self._last_iteration + 1 >= self._planned
        else:
            over = getattr(self.booster, "best_score", None) is not self._best_score
        return (FINISHED if over else INTERRUPTED), None

    def release(self) -> None:
        """Let go of the booster and the data."""
        self.booster = self._best_score = None
        self._meters, self._rows = [], []
        if self._sampler is not None:
            self._sampler.release()
