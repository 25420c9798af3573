import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.curves_of import found
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import LabelNoise, Suspect
from treedebug.core.findings import Severity
from treedebug.engine.config import Config
from treedebug.rules.data.suspected_label_noise import SuspectedLabelNoise
from treedebug.signals.data.noise_rate import parts_of
from treedebug.testing import classes_of, curves, data_sets, header, margins, number, rule_test, table


def rows(n, *, noise=0.0, steepness=4.0, seed=0, sure=1.0):
    """(n,) margins of rows whose classes overlap near the boundary, the first share of the labels turned round."""
    rng = np.random.default_rng(seed)
    lead = np.abs(rng.normal(size=n))
    right = rng.random(n) < 1 / (1 + np.exp(-steepness * lead))
    turned = np.arange(n) < noise * n
    return sure * np.where(right ^ turned, lead, -lead)


def run(*, n=1200, sure=1.0, rounds=25, start=0, **shape):
    train, valid = rows(1000, **shape), rows(n, sure=sure, seed=1, **shape)
    return margins(train=train, valid=valid, n_rounds=rounds, start_round=start)


def three_classes(*, noise):
    """Leads of three or more classes: a wrong row's own class may be far behind the second."""
    parts = {"train": rows(1000, noise=noise), "valid": rows(1200, noise=noise, seed=1)}
    own = {name: np.where(v < 0, 2 * v, v) for name, v in parts.items()}
    return margins(**own, leads={name: np.abs(v) for name, v in parts.items()}, n_classes=3)


def with_table(noise, *, steepness=4.0, n=1000, run=None):
    """A table measured before training, or a run that was given it."""
    margin = rows(n, noise=noise, steepness=steepness, seed=2)
    suspects = tuple(Suspect(i, "no", "yes", 0.9, 0.1) for i in range(100))
    found = LabelNoise(
        n_rows=n, n_suspects=300, suspects=suspects, accuracy=0.8, base_accuracy=0.5, model="lightgbm", n_classes=2,
        sureness=parts_of(np.abs(margin), margin < 0),
    )  # fmt: skip
    sets = data_sets(table(number("x"), label=classes_of({"no": n // 2, "yes": n // 2}), noise=found))
    if run is None:
        return sets
    run.add_stream(DataSets, sets.stream(DataSets))
    return run


test_suspected_label_noise = rule_test(
    SuspectedLabelNoise(),
    fires={
        "a fifth is wrong": (run(noise=0.2), {"contradicted": 0.17}),
        "an eighth, beyond doubt": run(noise=0.125, n=6000),
        "a third is wrong": run(noise=0.35),
        "a fifth, and the classes overlap": run(noise=0.2, steepness=2.0),
        "three classes": three_classes(noise=0.2),
        "a table": (with_table(0.2), {"suggested": ["yes"] * 100}),
        "a table, clean but for a few": with_table(0.06, steepness=30.0),
        "a table and a run": (with_table(0.2, run=run(noise=0.2)), {"suggested": []}),
        "too early, but the table tells": with_table(0.2, run=run(noise=0.2, rounds=5)),
        "the table tells what few rows held out do not": with_table(0.2, run=run(noise=0.2, n=50)),
    },
    silent={
        "nothing is wrong": run(),
        "a few are wrong": run(noise=0.05),
        "the classes overlap widely": run(steepness=1.6),
        "a table, nothing wrong": with_table(0.0),
        "a table whose classes overlap": with_table(0.0, steepness=1.6),
        "three classes, nothing wrong": three_classes(noise=0.0),
        "too few rows held out": run(noise=0.35, n=50),
        "too early": run(noise=0.35, rounds=19),
        "too early after a continued training": run(noise=0.35, rounds=19, start=30),
        "learnt by heart": run(noise=0.35, sure=0.3),
        "mostly wrong where it is surest": run(noise=0.7),
    },
    skipped={
        "no margins": curves(valid=[0.5] * 20),
        "a table of amounts": data_sets(table(number("x"))),
        "amounts": header(run=run(noise=0.3), n_classes=1),
        "no validation set": margins(train=rows(400, noise=0.3)),
        "no training data": margins(valid=rows(400, noise=0.3)),
        "not a number": margins(train=np.full(400, np.nan), valid=rows(400)),
    },
)


def test_overlap_that_looks_like_noise_is_only_worth_knowing():
    finding = found(run(steepness=0.7), SuspectedLabelNoise())[0]
    assert finding.severity is Severity.INFO
    assert "or the classes overlap" in finding.message
    assert found(run(noise=0.2), SuspectedLabelNoise())[0].severity is Severity.WARNING


def test_the_rows_listed_are_those_turned_round():
    finding = found(run(noise=0.2, steepness=8.0), SuspectedLabelNoise())[0]
    listed = np.array(finding.evidence["rows"])
    assert len(listed) == finding.evidence["n_suspects"]
    assert (listed < 200).mean() > 0.8  # the first 200 rows are turned round; one in ten stands near the boundary
    assert finding.try_next[0].value == listed[:10].tolist()
    assert finding.evidence["noise"] == pytest.approx(0.2, abs=0.03)
    few = found(run(noise=0.2, steepness=8.0), SuspectedLabelNoise(most_rows=7))[0].evidence
    assert few["rows"] == listed[:7].tolist()
    assert few["n_suspects"] == len(listed)


def test_a_row_that_is_wrong_early_and_learnt_later_is_suspected():
    train = np.tile(rows(300, noise=0.2), (25, 1))
    train[:, 7] = np.linspace(-9.0, 1.0, 25)
    finding = found(margins(train=train, valid=rows(1200, noise=0.2, seed=1)), SuspectedLabelNoise())[0]
    assert finding.evidence["rows"][0] == 7


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(library, sick):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(1600, 6))
    y = (X[:, 0] > 0).astype(float)
    X[:, :2] += 0.7 * np.sign(X[:, :1])  # a valley between the classes, as there is where they are of different kinds
    flipped = rng.random(1600) < (0.2 if sick else 0.0)
    findings = found(trained(library, X, np.where(flipped, 1 - y, y)), SuspectedLabelNoise())
    assert bool(findings) is sick
    if sick:
        listed = np.array(findings[0].evidence["rows"])
        assert flipped[:1000][listed].mean() > 0.7


def trained(library, X, y):
    given = {"row_margins": True, "quiet": True, "config": Config()}
    if library == "xgboost":
        callback = treedebug.XGBoostCallback(**given)
        train, valid = xgb.DMatrix(X[:1000], y[:1000]), xgb.DMatrix(X[1000:], y[1000:])
        xgb.train(
            {"objective": "binary:logistic", "nthread": 1, "max_depth": 3, "eta": 0.1}, train, 40,
            evals=[(train, "train"), (valid, "valid")], callbacks=[callback], verbose_eval=False,
        )  # fmt: skip
    else:
        callback = treedebug.LightGBMCallback(**given)
        train = lgb.Dataset(X[:1000], y[:1000])
        lgb.train(
            {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 7}, train, 40,
            valid_sets=[lgb.Dataset(X[1000:], y[1000:], reference=train)], callbacks=[callback],
        )  # fmt: skip
    return callback.run.data


def test_the_price_of_wrong_labels_is_told_in_rows():
    sets = with_table(0.2)
    (told,) = found(sets, SuspectedLabelNoise())
    assert "of the rows: mending the labels of 1,000 rows is worth about" in told.message


def test_of_a_rare_class_it_is_told_what_is_left():
    margin = rows(1000, noise=0.2, seed=2)
    noise = LabelNoise(
        n_rows=1000, n_suspects=300, suspects=(Suspect(0, "no", "yes", 0.9, 0.1),), accuracy=0.8, base_accuracy=0.5,
        model="lightgbm", n_classes=2, sureness=parts_of(np.abs(margin), margin < 0),
    )  # fmt: skip
    sets = data_sets(table(number("x"), label=classes_of({"no": 750, "yes": 250}), noise=noise))
    (told,) = found(sets, SuspectedLabelNoise())
    assert "rows labelled as the rarer class belong to it" in told.message
