"""Later tables are checked against a saved profile, without the table it was made of."""

import numpy as np
import pytest

import treedebug
from tests.rules.data.real import people


@pytest.fixture
def saved(tmp_path):
    treedebug.profile(people(1500), target="paid").save(tmp_path / "train.profile.json")
    return tmp_path / "train.profile.json"


def codes(frame, saved, **options):
    report = treedebug.check(frame, target="paid", reference=saved, **options)
    assert not report.verdict.crashed
    return {f.code for f in report.findings}


def test_a_table_like_it_passes(saved):
    for seed in range(5):
        assert codes(people(800, seed=seed + 10), saved) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: f.drop(columns="age"), "DA609"),
        (lambda f: f.assign(age=f.age.where(np.arange(len(f)) % 3 > 0)), "DA609"),
        (lambda f: f.assign(age=f.age + 15), "DA610"),
        (lambda f: f.assign(town=np.where(np.arange(len(f)) % 2, "Ashby", f.town)), "DA610"),
        (lambda f: f.assign(town=np.where(np.arange(len(f)) % 9, f.town, "Elsewhere")), "DA615"),
        (lambda f: f.assign(age=f.age.map("about {}".format)), "DA614"),
    ],
)
def test_what_differs_is_said(saved, change, code):
    assert code in codes(change(people(800, seed=3)), saved)


def test_labels_are_not_needed(saved):
    report = treedebug.check(people(800, seed=3).drop(columns="paid").assign(age=1.0), reference=saved)
    assert "DA610" in {f.code for f in report.findings}


def test_what_is_no_profile_is_refused(tmp_path):
    (tmp_path / "x.json").write_text("[1, 2]")
    with pytest.raises(treedebug.FormatError, match="profile"):
        treedebug.check(people(), target="paid", reference=tmp_path / "x.json")
    with pytest.raises(treedebug.RunNotFoundError, match="no profile"):
        treedebug.check(people(), target="paid", reference=tmp_path / "none.json")
    with pytest.raises(treedebug.ConfigError, match="valid="):
        treedebug.check(people(), target="paid", reference=tmp_path / "x.json", valid=people())


def test_a_check_saves_the_profile_that_later_tables_are_checked_against(tmp_path):
    path = tmp_path / "train.profile.json"
    treedebug.check(people(1500), target="paid", save_profile=path)
    assert treedebug.TableSchema.load(path).train.n_rows == 1500
    assert codes(people(800, seed=4), path) == set()
    assert "DA610" in codes(people(800, seed=4).assign(age=lambda f: f.age + 15), path)


def test_findings_are_a_frame():
    report = treedebug.check(people(800).assign(always=1.0), target="paid")
    frame = report.frame
    assert list(frame["code"]) == [f.code for f in report.findings]
    assert {"name", "severity", "subject", "message", "try_next"} <= set(frame.columns)
    (constant,) = (f for f in report.findings if f.code == "DA604")
    assert frame.loc[frame["code"] == "DA604", "severity"].item() == constant.severity.label
