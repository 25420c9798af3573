"""Copies that differ in an id, in the last digits or in case are copies; rows that share a value are not."""

import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.rules.data.real import people


def codes(train, valid=None, **options):
    report = treedebug.check(train, target="paid", valid=valid, **options)
    return {f.code for f in report.findings if f.code in ("DA605", "DA606")}


def overlapping():
    """Training rows, and others of which a third are training rows."""
    train, valid = people(900), people(400, seed=1)
    return train, pd.concat([valid, train.sample(200, random_state=1)], ignore_index=True)


HIDE = {
    "a running number": lambda t, start: t.assign(row_id=np.arange(start, start + len(t))),
    "a key": lambda t, start: t.assign(key=[f"k{start + i:07}" for i in range(len(t))]),
    "32 bits": lambda t, start: t.astype({"age": "float32", "income": "float32"}) if start else t,
    "case": lambda t, start: t.assign(town=t.town.str.upper() + " ") if start else t,
    "the last digit": lambda t, start: t.assign(income=t.income * (1 + 1e-12)) if start else t,
}


@pytest.mark.parametrize("how", HIDE)
def test_hidden_copies_are_found(how):
    train, valid = overlapping()
    assert "DA606" in codes(HIDE[how](train, 0), HIDE[how](valid, 50_000))
    assert "DA606" not in codes(HIDE[how](people(900), 0), HIDE[how](people(600, seed=1), 50_000))


def test_hidden_repeats_are_found():
    twice = pd.concat([people(900), people(900)[:300]], ignore_index=True).sample(frac=1, random_state=0)
    assert "DA605" in codes(twice.assign(row_id=np.arange(len(twice))))
    assert "DA605" not in codes(people(900).assign(row_id=np.arange(900)))


def test_a_column_that_is_ignored_is_not_compared():
    train, valid = overlapping()
    noise = np.random.default_rng(0)
    train, valid = train.assign(noise=noise.normal(size=900)), valid.assign(noise=noise.normal(size=600))
    assert "DA606" not in codes(train, valid)
    assert "DA606" in codes(train, valid, ignore=["DA606:noise"])


def test_rows_that_share_a_value_are_no_copies():
    frame = people(2000)
    usual = np.random.default_rng(0).random(2000) < 0.3
    frame.loc[usual, ["age", "income", "town", "paid"]] = [40.0, 0.0, "Ashby", 0]
    assert codes(frame[:1400], frame[1400:]) == set()


def test_a_column_that_repeats_later_names_no_row():
    frame = people(900).assign(number=np.append(np.arange(300), np.arange(600) % 300))
    profile = treedebug.profile(frame, target="paid")
    assert profile.train.alike.without == ()
