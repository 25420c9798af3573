"""Real tables, small: what one rule finds in them."""

import numpy as np
import pandas as pd

import treedebug
from treedebug.core.data.data_sets import DataSets
from treedebug.core.run.run_data import RunData
from treedebug.engine.evaluate import evaluate


def found_in(rule, train, y=None, **options):
    """The findings of one rule on a real table."""
    run = RunData()
    run.add_stream(DataSets, treedebug.profile(train, y, **options))
    verdict = evaluate(run.at(0), [rule])
    assert not verdict.crashed, verdict.crashed
    assert not verdict.skipped, verdict.skipped
    return verdict.findings


def people(n=600, seed=0):
    """A table with amounts, categories and a label `paid` that hangs on two of them."""
    rng = np.random.default_rng(seed)
    age, income = rng.normal(45, 12, n).round(1), rng.lognormal(8, 0.5, n).round(2)
    town = rng.choice(["Ashby", "Brent", "Colne", "Derby"], n)
    paid = (age / 12 + np.log(income) + (town == "Derby") + rng.normal(0, 1.5, n) > 12).astype(int)
    return pd.DataFrame({"age": age, "income": income, "town": town, "paid": paid})
