"""`treedebug nearest`: as `run.nearest`, from files."""

from __future__ import annotations

import json

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.cli import main


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nearest")
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"size": rng.normal(size=300), "colour": pd.Categorical(rng.choice(["red", "blue"], 300))})
    y = X["size"] * np.where(X["colour"] == "red", 1, -1)
    callback = treedebug.LightGBMCallback(folder / "run", quiet=True)
    lgb.train(
        {"verbose": -1, "num_threads": 1, "boost_from_average": True}, lgb.Dataset(X, y), 15, callbacks=[callback]
    )
    X.assign(label=y).to_parquet(folder / "train.parquet")
    X.iloc[40:43].to_csv(folder / "new.csv", index=False)
    return folder, X, y


def test_the_files_say_what_the_frames_say(recorded, capsys):
    folder, X, _ = recorded
    arguments = [str(folder / "run"), "--data", str(folder / "train.parquet"), "--rows", str(folder / "new.csv")]
    assert main(["nearest", *arguments, "--row", "1", "-k", "3", "--output", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    wanted = treedebug.load(folder / "run").nearest(X, X.iloc[41:42], 3)
    assert [r["row"] for r in rows] == wanted["row"].tolist()
    assert rows[0] | {"row": 41} == {"row": 41, "similarity": 1.0, "label": "NaN", "influence": "NaN"}


def test_lines_say_who_stands_behind_the_row(recorded, capsys):
    folder, _, _ = recorded
    assert main(["nearest", str(folder / "run"), "--data", str(folder / "train.parquet"), "--row", "7", "-k", "2"]) == 0
    assert "row 7 shares 100 % of the trees with training row" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--row", "300"], "0 to 299"), (["--target", "labl"], "no column 'labl'"), (["-k", "0"], "1 or more")],
)
def test_mistakes_are_one_line(recorded, capsys, more, said):
    folder, _, _ = recorded
    assert main(["nearest", str(folder / "run"), "--data", str(folder / "train.parquet"), *more]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
