"""Slices of XGBoost boosters, joined, are the booster again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.readers.xgboost_boosters import TABLE, case, every_case, raw_of, table_of, xgb
from treedebug.core.errors import FormatError
from treedebug.readers.xgboost import xgboost_reader as reader
from treedebug.readers.xgboost.xgboost_join import stored_encoder


@every_case
@pytest.mark.parametrize("step", [1, 3])
def test_joined_slices_are_the_whole_booster(name: str, step: int) -> None:
    booster, data = case(name).booster, case(name).data
    n_rounds = booster.num_boosted_rounds()
    starts = range(0, n_rounds, step if n_rounds < 50 else 7 * step)
    slices = [bytes(booster[i : min(i + starts.step, n_rounds)].save_raw("ubj")) for i in starts]
    joined = reader.join(slices, cats=reader.category_encoder(raw_of(name)))
    assert joined == raw_of(name)
    again = xgb.Booster(model_file=bytearray(joined))
    np.testing.assert_array_equal(again.predict(data), booster.predict(data))
    n_half = len(slices) // 2 + 1
    half = xgb.Booster(model_file=bytearray(reader.join(slices[:n_half])))
    np.testing.assert_array_equal(half.predict(data), booster[: min(n_half * starts.step, n_rounds)].predict(data))
    n_seen, tables = 0, []
    for i, raw in zip(starts, slices, strict=True):
        stop = min(i + starts.step, n_rounds)
        tables.append(reader.read(raw, rounds=np.arange(i, stop), first_tree=n_seen))
        n_seen += tables[-1].n_trees
    for key in ("round_index", "tree_index", "class_index", "weight"):
        np.testing.assert_array_equal(np.concatenate([getattr(t, key) for t in tables]), getattr(table_of(name), key))


def test_join_with_the_weights_dart_has_now() -> None:
    name = "dart"
    whole, data = case(name).booster, case(name).data
    cut_early = []

    class Cut(xgb.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            cut_early.append(bytes(model[epoch : epoch + 1].save_raw("ubj")))
            return False

    params = {"nthread": 1, "max_depth": 3, "booster": "dart", "rate_drop": 0.5, "seed": 3}
    booster = xgb.train(params, data, 8, callbacks=[Cut()])
    assert bytes(booster.save_raw("ubj")) == raw_of(name)
    stale = xgb.Booster(model_file=bytearray(reader.join(cut_early)))
    assert not np.array_equal(stale.predict(data), whole.predict(data))
    assert reader.join(cut_early, weights=reader.dart_weights(raw_of(name))) == raw_of(name)


def test_category_encoder_is_there_from_the_first_round_and_recodes() -> None:
    found = []

    class Look(xgb.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            found.append(reader.category_encoder(bytes(model.save_raw("ubj"))))
            assert reader.category_encoder(bytes(model[epoch : epoch + 1].save_raw("ubj"))) is None
            return False

    whole, data = case("categories, partition").booster, case("categories, partition").data
    booster = xgb.train({"max_depth": 3, "max_cat_to_onehot": 1}, data, 4, callbacks=[Look()])
    assert found[0] is not None
    assert len(set(found)) == 1
    assert reader.category_encoder(raw_of("hist")) is None
    slices = [bytes(booster[i : i + 1].save_raw("ubj")) for i in range(4)]
    again = xgb.Booster(model_file=bytearray(reader.join(slices, cats=found[0])))
    other = TABLE.assign(letter=TABLE.letter.cat.reorder_categories(list("hgfedcba")))
    shuffled = xgb.DMatrix(other, enable_categorical=True)
    np.testing.assert_array_equal(again.predict(shuffled), whole.predict(data))


def test_join_keeps_the_last_attributes() -> None:
    booster = case("hist").booster.copy()
    slices = []
    for i in range(5):
        booster.set_attr(last=str(i))
        slices.append(bytes(booster[i : i + 1].save_raw("ubj")))
    assert xgb.Booster(model_file=bytearray(reader.join(slices))).attributes() == {"last": "4"}
    assert reader.facts(slices[-1]).attributes == {"last": "4"}


def test_join_refuses_what_does_not_fit() -> None:
    hist, dart = raw_of("hist"), raw_of("dart")
    for slices, weights, match in (
        ([], None, "at least one"),
        ([hist, dart], None, "different models"),
        ([hist, raw_of("one feature")], None, "num_feature"),
        ([raw_of("hist", "json")], None, "UBJSON"),
        ([hist], np.ones(5), "DART"),
        ([dart], np.ones(3), "3 weights"),
    ):
        with pytest.raises(FormatError, match=match):
            reader.join(slices, weights=weights)


@pytest.mark.parametrize("text", ["?", "abcde", "e30=", "WwA=", "", "eyJh"])
def test_a_damaged_encoder_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        stored_encoder(text)
