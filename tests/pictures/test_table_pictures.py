"""Parameters with those that findings blame, time, and the data profile."""

import numpy as np
import pandas as pd

import treedebug
from tests.pictures.real_runs import binary
from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.eval_log import Usage
from treedebug.core.run.run_data import RunData
from treedebug.pictures.data_profile import data_profile
from treedebug.pictures.parameters import parameters
from treedebug.pictures.time_by_round import time_by_round
from treedebug.testing import header, rounds


def test_blamed_parameters_come_first_under_the_users_name():
    run = header(params={"learning_rate": 0.3, "max_depth": 6, "gamma": 0.0}, params_given={"eta": 0.3},
                 planned_rounds=500)  # fmt: skip
    found = Finding(
        code="HP507", name="unbalanced-learning-rate", severity=Severity.WARNING, message="m",
        try_next=(Change("learning_rate", 0.1), Change("eta", 0.05), Change("num_boost_round", 900)),
    )  # fmt: skip
    picture = parameters(run, [found])
    shown = {p.parameter: p for p in picture.parameters}
    assert [p.parameter for p in picture.parameters[:2]] == ["eta", "num_boost_round"]
    assert (shown["eta"].value, shown["eta"].blamed_by, shown["eta"].suggested) == (0.3, ("HP507",) * 2, (0.1, 0.05))
    assert shown["num_boost_round"].value == 500
    assert shown["eta"].is_given
    assert not shown["max_depth"].is_given


def test_findings_of_the_run_are_the_default():
    run = binary()[0]
    blamed = {c for p in parameters(run).parameters for c in p.blamed_by}
    assert blamed == {f.code for f in run.findings if any(c.kind == "parameter" for c in f.try_next)}


def test_time_is_split_into_boosting_and_evaluation():
    run = rounds(4, seconds=[5.0, 1.0, 1.0, 1.0], usage=[Usage(2.0, 1e9, 0.5)] * 4)
    picture = time_by_round(run)
    assert (picture.total_seconds, picture.total_evaluation, picture.total_boosting) == (8.0, 2.0, 6.0)
    assert (picture.usual_seconds, picture.setup_seconds) == (1.0, 4.0)
    np.testing.assert_allclose(picture.busy_cores, [0.4, 2.0, 2.0, 2.0])
    assert time_by_round(RunData()).reason.startswith("no times")


def test_columns_with_findings_come_first():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    frame = pd.DataFrame({"good": x, "empty": np.where(rng.random(300) < 0.9, np.nan, 1.0), "y": (x > 0).astype(int)})
    sets = treedebug.profile(frame, target="y")
    sets = sets if isinstance(sets, DataSets) else DataSets(sets)
    found = Finding(code="DA609", name="missing-values", severity=Severity.INFO, message="m", subject="empty")
    picture = data_profile(sets, [found])
    assert [(c.column, c.codes) for c in picture.columns] == [("empty", ("DA609",)), ("good", ())]
    assert picture.columns[0].missing_share == frame["empty"].isna().mean()
    (table,) = picture.tables
    assert (table.n_rows, table.label) == (300, "y")
    assert sum(share for _, share in table.classes) == 1.0


def test_a_run_without_a_profile_says_how():
    assert "data=" in data_profile(RunData()).reason
