"""Profiles are data: JSON and back without a loss, and narrower on demand."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.profiles.tables import split
from treedebug.core.data.column_choice import narrowed
from treedebug.core.data.column_profile import ColumnProfile, Sentinel
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile


@pytest.fixture(scope="module")
def sets():
    train, valid = split()
    return treedebug.profile(train, target="y", valid=valid, group="level", time="when")


def test_json_and_back(sets):
    text = sets.to_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    again = DataSets.from_json(text)
    assert repr(again.to_dict()) == repr(sets.to_dict())
    assert type(again) is DataSets
    assert DataSets(sets.train, sets.others, sets.between) == sets
    assert type(again.train.columns[0]) is ColumnProfile
    assert repr(again) == repr(sets) == "<DataSets train, valid: 1520 rows, 12 columns>"


def test_numbers_that_json_lacks():
    profile = DataProfile(
        columns=(ColumnProfile(name="x", kind="number", mean=-math.inf, sentinels=(Sentinel(-9, 2, math.nan, "low"),)),)
    )
    again = DataProfile.from_json(profile.to_json())
    assert again.columns[0].mean == -math.inf
    assert math.isnan(again.columns[0].sentinels[0].gap)
    assert type(again.columns[0].sentinels[0].value) is int


def test_what_a_newer_writer_added_is_left_out(sets):
    data = sets.to_dict()
    data["train"]["columns"][0]["brand_new"] = [1]
    assert repr(DataSets.from_dict(data)) == repr(sets)
    assert repr(DataSets.from_dict(data).to_dict()) == repr(sets.to_dict())


@pytest.mark.parametrize("text", ["[]", "{}", '{"train": 3}', "nonsense", '{"train": {"columns": [3]}}'])
def test_what_is_no_profile(text):
    with pytest.raises((TypeError, ValueError)):
        DataSets.from_json(text)


def test_a_column_by_name(sets):
    assert sets.train.column("y").n_distinct == 2
    assert sets.train.column("a").quantile(0.5) == sets.train.column("a").quantiles[8]
    with pytest.raises(KeyError):
        sets.train.column("nobody")


def test_columns_left_out_leave_no_trace(sets):
    left = narrowed(sets, lambda name: name not in ("copy", "city"))
    text = left.to_json()
    assert '"copy"' in sets.to_json()
    assert '"copy"' not in text
    assert '"city"' not in text
    assert left.train.n_columns == sets.train.n_columns - 2
    assert left.train.label == sets.train.label or left.train.label.column.name == "y"


def test_a_profile_prints_as_a_table(sets):
    lines = str(sets).splitlines()
    assert lines[1].split() == "column kind missing distinct minimum median maximum most frequent".split()  # noqa: SIM905 - as it prints
    assert lines[2].split()[:4] == ["y", "number", "-", "2"]
    assert next(line for line in lines if line.startswith("  b ")).split()[2:4] == ["11.2", "%"]
    assert "40 of its rows stand in the training data" in str(sets)
    assert lines[0] == repr(sets.train) == str(sets.train)
    wide = treedebug.profile(pd.DataFrame(np.zeros((3, 90))))
    assert "and 30 more columns" in str(wide)
