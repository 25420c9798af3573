"""Whatever the run, a picture holds a bounded number of marks, and its JSON is standard."""

import json
import math

import numpy as np
import pytest

from tests.pictures.real_runs import amounts, binary, digits, ranking
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.prediction_log import MARGIN, PredictionLog, PredictionRecord, SampledRows
from treedebug.core.run.run_data import Header, RunData
from treedebug.pictures.gallery import pictures_of, pictures_of_several
from treedebug.pictures.picture import NoPicture, Picture
from treedebug.testing import classes, curves, grown, trees

MOST_BYTES = 100_000


def written(picture):
    return json.dumps(picture.to_dict(), allow_nan=False)


@pytest.mark.parametrize("make", [binary, digits, amounts, ranking])
def test_real_runs_are_written_as_standard_json(make):
    for name, picture in pictures_of(make()[0]).items():
        if not isinstance(picture, NoPicture):
            assert picture.name == name
            assert picture.question.endswith("?")
            assert len(written(picture)) < MOST_BYTES


def test_ten_thousand_rounds_of_three_thousand_features():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=10_000)
    run = curves(train=noise, valid=noise, n_features=3000)
    trees([grown(2, features=[k % 3000]) for k in range(2000)], run=run)
    for name, picture in pictures_of(run).items():
        if not isinstance(picture, NoPicture):
            assert len(written(picture)) < MOST_BYTES, name


def test_a_hundred_classes():
    rng = np.random.default_rng(0)
    counts = [rng.integers(0, 9, (100, 100)) for _ in range(300)]
    run = classes(counts, n_classes=100)
    log = run.ensure_stream(PredictionLog)
    labels = rng.integers(0, 100, 4000).astype(np.float32)
    log.set_rows(SampledRows(dataset="valid", n_rows=4000, labels=labels))
    log.append(PredictionRecord(299, "valid", MARGIN, rng.normal(size=(4000, 100)).astype(np.float32)))
    found = pictures_of(run)
    for name in ("class_curves", "confusion", "roc", "precision_recall", "calibration", "score_histogram"):
        assert isinstance(found[name], Picture), name
        assert len(written(found[name])) < MOST_BYTES, name


def test_an_empty_run_has_a_reason_for_each():
    found = pictures_of(RunData())
    assert all(isinstance(p, NoPicture) and p.reason for p in found.values())


def test_hostile_names_and_numbers():
    name = "<script>$x_{1}$\n" + "a" * 300
    run = curves(train=[math.inf, math.nan, 1.0], valid=[1e300, -1e300, math.nan], feature_names=[name, "\u202eabc"])
    trees([grown(1, features=[0]), grown(1, features=[1])], run=run)
    run.header.params = {name: object(), "max_depth": math.nan}
    run.findings = [Finding(code="FT302", name="dominant-feature", severity=Severity.INFO, message="", subject=name)]
    for picture in pictures_of(run, run.findings).values():
        if not isinstance(picture, NoPicture):
            assert "NaN" not in written(picture)


def test_fifty_runs():
    runs = [curves(train=[1.0, 0.5], valid=[1.0, 0.6 + k / 100], params={"max_depth": k}) for k in range(60)]
    for run in runs:
        trees([grown(2)], run=run)
    found = pictures_of_several(runs, [f"run {k}" for k in range(60)])
    for name, picture in found.items():
        assert isinstance(picture, Picture), name
        assert len(written(picture)) < MOST_BYTES


def test_one_run_is_no_comparison():
    found = pictures_of_several([RunData(Header())], ["a"])
    assert all(isinstance(p, NoPicture) for p in found.values())
