"""What a live XGBoost booster tells: trees by slice, parameters, data facts, class balance."""

from __future__ import annotations

import base64
import functools
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.params.parameter_names import canonical_params, number
from treedebug.core.phrases import OF_ONE_WORKER
from treedebug.core.plain_json import plain
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.margin_log import MarginRecord
from treedebug.core.run.prediction_log import MARGIN, SCORE, VALUE
from treedebug.core.run.run_data import INTERRUPTED
from treedebug.readers.xgboost import xgboost_reader as reader
from treedebug.recorders.class_counter import ClassMeter
from treedebug.recorders.data_facts import matrix_facts, prediction_facts
from treedebug.recorders.label_directions import add_directions
from treedebug.recorders.margin_meter import RowMeter
from treedebug.recorders.prediction_sampler import PredictionSampler
from treedebug.recorders.xgboost.xgboost_config import flattened, metrics_of
from treedebug.recorders.xgboost.xgboost_samples import (
    MOST_WORK,
    categories_of,
    labels_of,
    predict_with,
    rows_of,
    weights_of,
)

_CLASS_OBJECTIVES = ("binary:", "multi:", "reg:logistic")
AMOUNTS = (
    "reg:squarederror", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror", "reg:gamma", "reg:tweedie",
    "count:poisson",
)  # fmt: skip
"""Objectives whose prediction is what the label should be."""


class XGBoostPort:
    """Implements BoosterPort.

    `evals` are (DMatrix, name) pairs cached by the booster; `training` is the training DMatrix; `rewrites` tells that
    the trees of a finished model are rewritten (process_type="update"), which its configuration does not say.
    """

    trees_per_round = 1
    has_trees = True
    rescales = False
    is_digested_whole = False

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        booster: Any,
        *,
        evals: Sequence[tuple[Any, str]],
        training: Any = None,
        custom_objective: bool = False,
        rewrites: bool = False,
        of_all: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        self.booster = booster
        self._of_all = of_all
        """Facts of the data of all workers, by dataset, where several train together; this one sees a part."""
        self._evals = list(evals)
        self._training = training
        self._custom_objective = custom_objective
        self.has_trees_at_end = rewrites
        self._meters: dict[str, tuple[Any, ClassMeter]] = {}
        self._rows: dict[str, tuple[Any, RowMeter]] = {}
        self._margins: dict[int, NDArray[np.floating]] = {}
        """Of the datasets that were asked for in this round."""
        self._sampler: PredictionSampler | None = None
        self._n_classes = 0
        self._objective = ""
        self._problems: list[tuple[str, str]] = []

    def iterations(self) -> int:
        """Boosting rounds in the booster; asked for anew in each round, before its predictions are."""
        self._margins.clear()
        return int(self.booster.num_boosted_rounds())

    def fetch(self, start: int, stop: int) -> bytes:
        """UBJSON of a slice: the cost depends on the slice alone, not on the rounds before it."""
        return bytes(self.booster[start:stop].save_raw("ubj"))

    def digests(self, raw: bytes, start: int, stop: int) -> list[float]:  # noqa: ARG002 - the slice tells it
        """Return the checksum of the slice's trees; attributes of the model, before and behind them, may change."""
        view = memoryview(raw)[raw.find(b"gradient_booster") : raw.rfind(b"learner_model_param")]
        return [zlib.crc32(view)]

    def final_facts(self) -> dict[str, Any]:
        """Return trees a round, read from the model that was rewritten; nothing of another."""
        if not self.has_trees_at_end:
            return {}
        facts = reader.facts(self.fetch(0, 1))
        self.trees_per_round = facts.trees_per_round
        return {"trees_per_round": facts.trees_per_round, "n_classes": facts.n_classes}

    def weights(self) -> NDArray[np.float64] | None:
        """DART's weight of every tree."""
        return reader.dart_weights(bytes(self.booster.save_raw("ubj")))

    def describe(self) -> dict[str, Any]:
        """Header fields; a booster without trees is recognised by its configuration."""
        config = json.loads(self.booster.save_config())["learner"]
        flat = flattened(config)
        name = str(config["gradient_booster"]["name"])
        self.has_trees = name != "gblinear" and not self.has_trees_at_end
        self.rescales = name == "dart"
        objective = str(config["objective"]["name"])
        self._objective = "custom" if self._custom_objective else objective
        fields: dict[str, Any] = {
            "booster": name,
            "objective": self._objective,
            "params": canonical_params(
                {**flat, "objective": objective, "booster": name, "eval_metric": metrics_of(config)}, "xgboost"
            ),
            "n_features": int(self.booster.num_features()),
            "feature_names": list(self.booster.feature_names or []),
            "feature_types": list(self.booster.feature_types or []),
        }
        if self.has_trees:
            facts = reader.facts(self.fetch(0, 1))
            self.trees_per_round = facts.trees_per_round
            fields |= {"trees_per_round": facts.trees_per_round, "n_classes": facts.n_classes}
            # Slices leave out the encoder of string categories; without it a rebuilt booster would not re-code frames.
            encoder = reader.category_encoder(bytes(self.booster.save_raw("ubj")))
            if encoder is not None:
                fields["category_encoder"] = base64.b64encode(encoder).decode("ascii")
        else:
            n_class = number(flat.get("num_class", 0)) or 0
            fields["n_classes"] = n_class or 2 * objective.startswith("binary:")
            reason = "the booster is gblinear, which has no trees"
            rest = "metrics alone are recorded"
            if self.has_trees_at_end:
                reason = "process_type='update' rewrites the trees of a finished model"
                rest = "they are recorded at the end, once, as they are then"
            self._problems.append(("trees", f"{reason}: {rest}"))
        classes = objective.startswith(_CLASS_OBJECTIVES) and not self._custom_objective
        self._n_classes = int(fields["n_classes"]) if classes else 0
        if self._of_all is not None:
            fields["data"] = dict(self._of_all)
            self._problems.append(("classes", f"class balance {OF_ONE_WORKER}"))
            return fields
        fields["data"] = self._data_facts(int(fields["n_classes"]))
        add_directions(fields, flat.get("monotone_constraints"), self._training)
        if self._n_classes >= 2:  # a classification
            self._make_meters()
        return fields

    def _data_facts(self, n_classes: int) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for matrix, name in self._sets():
            if name in facts:
                self._problems.append(("data", f"two datasets are called {name!r}: the last one counts"))
            try:
                facts[name] = matrix_facts(matrix, n_classes, is_training=matrix is self._training)
                if matrix is self._training:
                    facts[name] |= categories_of(self.booster, matrix)
            except Exception as error:  # noqa: BLE001 - a foreign or freed DMatrix
                self._problems.append(("data", f"facts of {name!r} are not recorded: {error}"))
        return facts

    def _sets(self) -> list[tuple[Any, str]]:
        """The evaluated datasets, and the training data where it is not among them."""
        if self._training is None or any(d is self._training for d, _ in self._evals):
            return self._evals
        return [(self._training, "(training data)"), *self._evals]

    def meter_rows(self, most: int) -> Sequence[RowMeter]:
        """Margins of classes, residuals of amounts; other objectives and custom ones have none."""
        if self._of_all is not None:
            self._problems.append(("margins", f"row margins {OF_ONE_WORKER}"))
            return ()
        if self._n_classes < 2 and self._objective not in AMOUNTS:  # no classification
            self._problems.append(
                ("margins", f"row margins are not recorded: they are not defined for objective {self._objective}")
            )
            return ()
        if self._training is None:
            advice = "row margins of the training data are not recorded: train with xgboost.train, or a wrapper of it"
            self._problems.append(("margins", advice))
        for matrix, name in self._sets():
            try:
                self._rows[name] = matrix, RowMeter(name, labels_of(matrix), self._n_classes, most=most)
            except Exception as error:  # noqa: BLE001 - what is odd in one dataset is no concern of the others
                self._problems.append(("margins", str(error)))
        return [meter for _, meter in self._rows.values()]

    def margins(self, round_index: int) -> Sequence[MarginRecord]:
        """From the predictions the booster has cached (training data counts as cached, evaluated or not)."""
        classes = self._n_classes > 0
        return [
            m.measure(round_index, self.booster.predict(d, output_margin=classes, validate_features=False))
            for d, m in self._rows.values()
        ]

    def _make_meters(self) -> None:
        for matrix, name in self._evals:
            try:
                label = labels_of(matrix)
                if label is None:
                    raise ValueError(f"class balance of {name!r} is not recorded: it has no labels")  # noqa: TRY301 - noted below like XGBoost's own errors
                self._meters[name] = matrix, ClassMeter(name, label, weights_of(matrix), self._n_classes)
            except Exception as error:  # noqa: BLE001 - what is odd in one dataset is no concern of the others
                self._problems.append(("classes", str(error)))

    def shortcomings(self) -> Sequence[tuple[str, str]]:
        """What this training does not give, and what the user can do."""
        if not self._evals and self._n_classes >= 2 and self._of_all is None:  # a classification
            self._problems.append(
                ("classes", "class balance needs the eval sets: pass evals=[(dtrain, 'train'), ...] to the callback")
            )
        return self._problems

    def classes(self, round_index: int, *, evaluated: bool, training: bool) -> Sequence[ClassRecord]:
        """Class balance from the margins the booster has cached for its eval sets."""
        return [
            meter.measure(
                round_index,
                self._margin(matrix),
                scale="margin",
            )
            for matrix, meter in self._meters.values()
            if (training if matrix is self._training and len(self._meters) > 1 else evaluated)
        ]

    def _margin(self, matrix: Any) -> NDArray[np.floating]:
        if id(matrix) not in self._margins:
            self._margins[id(matrix)] = self.booster.predict(matrix, output_margin=True, validate_features=False)
        return self._margins[id(matrix)]

    def sampler(self) -> PredictionSampler:
        """Predictions that the booster has cached, or makes again: but a DART's trees are not what they were."""
        again = self.has_trees and not (self.rescales or self.has_trees_at_end)
        scale = MARGIN if self._n_classes > 1 else VALUE if self._objective in AMOUNTS else SCORE
        if self._objective == "binary:hinge":  # tells classes, and no probability
            scale = SCORE
        raw = scale != VALUE
        predict = predict_with(lambda: self.booster, raw=raw)
        self._sampler = PredictionSampler(
            lambda matrix, n_rounds: self._margin(matrix) if raw and n_rounds is None else predict(matrix, n_rounds),
            scale=scale,
            most_work=MOST_WORK // max(self.trees_per_round, 1) if again else 0,
        )
        sets = [s for s in self._evals if s[0] is not self._training] or self._evals
        sets = sets if self._of_all is None else []  # of one worker's rows alone they would pass for those of all
        told = ((m, n, functools.partial(rows_of, m)) for m, n in sets)
        self._sampler.add(told, self._n_classes, self._problems)
        return self._sampler

    def predictions(self) -> dict[str, dict[str, Any]]:
        """Summaries of the validation predictions now, by dataset."""
        if self._n_classes > 2 or self._of_all is not None:
            return {}
        sets = [(m, n) for m, n in self._evals if m is not self._training]
        seen = {n: (self.booster.predict(m, validate_features=False), labels_of(m)) for m, n in sets}
        return {n: prediction_facts(values, labels) for n, (values, labels) in seen.items() if values.ndim == 1}

    def ended_how(self) -> tuple[str, int | None]:
        """XGBoost announces every end but an exception or an interrupt."""
        return INTERRUPTED, None

    def release(self) -> None:
        """Let go of the booster and the data."""
        self.booster = self._training = None
        self._evals, self._meters, self._rows, self._margins = [], {}, {}, {}
        if self._sampler is not None:
            self._sampler.release()


def given_params(params: Any) -> dict[str, Any]:
    """Parameters as the user spelled them; XGBoost takes a dict or a list of pairs, where a metric may come twice."""
    pairs = params.items() if isinstance(params, Mapping) else (params or [])
    given: dict[str, Any] = {}
    for key, value in pairs:
        name, held = str(key), plain(value)
        repeated = name == "eval_metric" and name in given
        given[name] = [*([given[name]] if isinstance(given[name], str) else given[name]), held] if repeated else held
    return given
