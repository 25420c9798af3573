"""TensorLog: what goes in comes out, cut at any round."""

from __future__ import annotations

import numpy as np
import pytest

from nn_bridge.record.network_facts import LayerFacts, LossFacts, NetFacts, OptimizerFacts, ParamFacts
from nn_bridge.record.tensor_streams import Histogram, TensorKey, TensorLog

KEYS = tuple(TensorKey(layer, "gradient", s) for layer in ("a", "b") for s in ("norm", "mean"))


def log_of(n_steps: int) -> TensorLog:
    log = TensorLog()
    for step in range(n_steps):
        log.append(step * 10, step // 2, KEYS, np.array([step, -step, 2.0 * step, 0.5]))
        log.append_silent("a", step=step * 10, round_index=step // 2, mask=np.array([step > 1, False]))
    return log


def test_a_series_has_every_sampled_step():
    series = log_of(3).series("b", "gradient", "norm")
    assert series.steps.tolist() == [0, 10, 20]
    assert series.rounds.tolist() == [0, 0, 1]
    assert series.values.tolist() == [0.0, 2.0, 4.0]


def test_a_series_never_recorded_is_empty():
    assert len(log_of(3).series("c", "gradient", "norm").steps) == 0
    assert log_of(3).table("weight", "norm").values.shape == (0, 0)


def test_until_cuts_every_part():
    log = log_of(6)
    log.append_histogram("a", "weight", Histogram(50, 2, np.zeros(64, int), 3, np.zeros(64, int), 0))
    cut = log.until(2)
    assert cut.series("a", "gradient", "norm").steps.tolist() == [0, 10, 20, 30]
    assert cut.steps.tolist() == [0, 10, 20, 30]
    assert cut.silent("a").masks[:, 0].tolist() == [False, False, True, True]
    assert cut.histograms("a", "weight") == []
    assert log.until(3).histogram_keys() == [("a", "weight")]


def test_a_view_of_round_zero_has_nothing():
    cut = log_of(4).until(0)
    assert cut.keys() == []
    assert cut.layers("gradient") == []
    assert cut.silent_layers() == []


def test_a_table_joins_layers_that_were_sampled_apart():
    log = log_of(2)
    log.append(20, 1, (TensorKey("c", "gradient", "norm"),), np.array([7.0]))
    table = log.table("gradient", "norm")
    assert table.layers == ("a", "b", "c")
    assert table.steps.tolist() == [0, 10, 20]
    assert table.values[:, 2] == pytest.approx([np.nan, np.nan, 7.0], nan_ok=True)
    assert table.values[2, 0] != table.values[2, 0]


def test_truncate_forgets():
    log = log_of(6)
    log.truncate(1)
    assert log.steps.tolist() == [0, 10]
    assert len(log.silent("a").steps) == 2


def test_facts_read_back_as_written():
    facts = NetFacts(
        layers=(LayerFacts(name="fc", type="Linear", is_weighted=True, activation="relu", feeds=("out",)),),
        params=(ParamFacts(name="fc.weight", module="fc", role="weight", shape=(3, 2), dtype="float32", n=6,
                           requires_grad=True, in_optimizer=True, is_matrix=True, shared_with=("head.weight",)),),
        optimizers=(OptimizerFacts(type="SGD", n_params=2, groups=({"lr": 0.1, "n": 2},)),),
        loss=LossFacts(function="cross_entropy", first=2.3, n_classes=10, row_sum_deviation=1.0, row_min=0.0),
        is_complete=True,
    )  # fmt: skip
    assert NetFacts.from_dict(facts.to_dict()) == facts
    assert facts.param("head.weight") is facts.params[0]
    assert facts.activation_of("fc.weight") == "relu"
    assert facts.activation_of("nothing") == "?"


def test_facts_of_a_newer_version_are_read():
    facts = NetFacts.from_dict({"layers": [{"name": "a", "type": "T", "is_weighted": False, "novel": 1}], "novel": 2})
    assert facts.layers[0].name == "a"


@pytest.mark.parametrize("data", [
    {"loss": {"broadcast": 3}}, {"loss": {"first": "2.3"}}, {"loss": {"n_rows": True}},
    {"params": [{"name": "w", "module": "", "role": "weight", "shape": [2, "x"], "dtype": "f", "n": 2,
                 "requires_grad": True, "in_optimizer": True}]},
    {"params": [{"name": "w", "module": "", "role": "weight", "shape": [2], "dtype": "f", "n": 2,
                 "requires_grad": True, "in_optimizer": True, "var": {"0": 1}}]},
    {"layers": [{"name": "a", "type": "T", "is_weighted": False, "feeds": 5}]},
    {"optimizers": [{"type": "SGD", "n_params": 2, "groups": [5]}]},
])  # fmt: skip
def test_facts_of_another_kind_are_malformed(data):
    with pytest.raises(ValueError, match="is"):
        NetFacts.from_dict(data)
