import numpy as np
import pytest
import xgboost as xgb

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import fall, found
from tests.recorded import record_xgboost
from treedebug.core.findings import Severity
from treedebug.rules.params.blocking_regularization import BlockingRegularization
from treedebug.rules.trees.splitless_rounds import SplitlessRounds
from treedebug.testing import curves, header, labels, leaf, rule_test, split, trees

BINARY = labels([500, 500])  # a hessian of 250 in all
NUMBERS = {"train": {"n_rows": 1000, "is_training": True, "label": {"kind": "numbers", "mean": 0.0, "std": 0.01}}}


def binary(library="xgboost", *, data=BINARY, **params):
    goal = "binary:logistic" if library == "xgboost" else "binary"
    return header(library=library, data=data, params={"objective": goal, **params})


def regression(**params):
    return header(data=NUMBERS, params={"objective": "reg:squarederror", **params})


def drawn(library, n_features, share):
    return header(library=library, data=BINARY, n_features=n_features, params={"colsample_bytree": share})


test_blocking_regularization = rule_test(
    BlockingRegularization(),
    fires={
        "more than all the hessian": (binary(min_child_weight=300), {"available": 250.0, "share": 1.2}),
        "a sixth of the hessian": binary(min_child_weight=42),
        "a quarter of the rows": binary("lightgbm", min_child_samples=250),
        "rare positives have little hessian": binary(min_child_weight=5, data=labels([985, 15])),
        "half of the rows": (binary("lightgbm", min_child_samples=501), {"available": 1000.0}),
        "few rows and LightGBM's default": binary("lightgbm", data=labels([30, 30])),
        "rows drawn": binary("lightgbm", min_child_samples=60, subsample=0.2, subsample_freq=1),
        "more gain than there is": regression(gamma=1.0),
        "more gradient than there is": regression(reg_alpha=10),
        "lambda over the hessian": binary(reg_lambda=1000),
        "over two fifths of a rare class": header(
            data=labels([600, 350, 50]), params={"objective": "multi:softprob", "num_class": 3, "min_child_weight": 60}
        ),
        "one of three columns": (drawn("xgboost", 3, 0.3), {"available": 1}),
        "two of five, the least LightGBM draws": (drawn("lightgbm", 5, 0.2), {"available": 2}),
        "hardly a row of goss": binary("lightgbm", data_sample_strategy="goss", top_rate=0.01, other_rate=0.01),
        "hardly a row drawn": (binary(subsample=0.03), {"available": 30.0}),
        "residuals far over the slope": header(
            data={"train": {"n_rows": 1000, "is_training": True, "label": {"kind": "numbers", "mean": 0, "std": 100}}},
            params={"objective": "reg:pseudohubererror"},
        ),
    },
    silent={
        "three of ten columns": drawn("xgboost", 10, 0.3),
        "two of three": drawn("xgboost", 3, 0.7),
        "both columns": drawn("lightgbm", 2, 0.4),
        "the default": binary(),
        "a third of a rare class": header(
            data=labels([600, 350, 50]), params={"objective": "multi:softprob", "num_class": 3, "min_child_weight": 25}
        ),
        "a tenth of the hessian": binary(min_child_weight=25),
        "a fifth of the rows": binary("lightgbm", min_child_samples=200),
        "bagging that is not on": binary("lightgbm", min_child_samples=60, subsample=0.2),
        "gamma of a usual size": binary(gamma=5),
        "a small gamma on small labels": regression(gamma=0.001),
        "a hundred rows drawn": binary(subsample=0.1),
        "gblinear": binary(booster="gblinear", reg_lambda=1000),
        "one's own objective": binary(min_child_weight=300, objective="custom"),
    },
    skipped={"rows unknown": header(params={"min_child_weight": 10}), "nothing known": header()},
)


def test_no_split_at_all_is_an_error():
    assert found(binary(min_child_weight=300), BlockingRegularization())[0].severity is Severity.ERROR
    assert found(binary(min_child_weight=63), BlockingRegularization())[0].severity is Severity.WARNING


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    table = halves(*noisy_classes(800))
    for run in (
        train_xgboost({"objective": "binary:logistic", "min_child_weight": 60 if sick else 2}, *table, 8),
        train_lightgbm({"objective": "binary", "min_data_in_leaf": 210 if sick else 20}, *table, 8),
    ):
        findings = found(run, BlockingRegularization())
        assert bool(findings) is sick
        certain = any(f.severity is Severity.ERROR for f in findings)
        assert bool(found(run, SplitlessRounds())) is certain, "what is said to be impossible does not happen"


GROWN = split(0, split(1), split(2, split(3), leaf()))
TWO_FREE = {"monotone_constraints": "(0,0,1,-1)"}
ALL_HELD = {"monotone_constraints": {"a": 1, "b": -1, "c": 1, "d": 1}}


def constrained(tree, params, *, n=40, valid=None):
    run = header(
        data=labels([500, 500]) | labels([250, 250], dataset="valid"), feature_names=list("abcd"), n_features=4,
        params={"objective": "binary:logistic", "learning_rate": 0.1, "min_child_weight": 0.01, **params},
    )  # fmt: skip
    return trees([tree] * n, run=curves(valid=np.full(n, 0.69) if valid is None else valid[:n], run=run))


test_constraints_against_the_data = rule_test(
    BlockingRegularization(),
    fires={
        "avoided, though others are split": (
            constrained(split(0, split(1)), TWO_FREE), {"features": ["c", "d"], "use": [0.0, 0.0]}
        ),
        "all are held, and nothing is learned": (constrained(GROWN, ALL_HELD), {"features": ["a", "b", "c", "d"]}),
        "as LightGBM writes it": constrained(split(0, split(1)), {"monotone_constraints": [0, 0, 1, 0]}),
    },
    silent={
        "split like the others": constrained(GROWN, TWO_FREE),
        "all are held, and it learns": constrained(GROWN, ALL_HELD, valid=fall(40)),
        "no constraints": constrained(split(0, split(1)), {}),
        "all are zero": constrained(split(0, split(1)), {"monotone_constraints": [0, 0, 0, 0]}),
        "too early to tell": constrained(split(0, split(1)), TWO_FREE, n=10),
    },
    skipped={"rows unknown": header(params=TWO_FREE)},
)  # fmt: skip


GROUPS = {"interaction_constraints": "[[0, 1], [1, 2]]"}


def grouped(valid=None, *, given=True):
    run = constrained(GROWN, GROUPS, valid=valid)
    run.header.params_given = dict(GROUPS) if given else {}
    return run


test_groups_under_which_nothing_is_learned = rule_test(
    BlockingRegularization(),
    fires={"nothing is gone": grouped()},
    silent={"half of it is": grouped(fall(40, top=0.69, floor=0.3)), "not given": grouped(given=False)},
    skipped={"rows unknown": header(params=GROUPS)},
)


def pointing(bounds, effects=None, **correlations):
    data = labels([500, 500])
    data["train"] |= {"rank_correlations": correlations, "rank_rows": 1000}
    data["train"] |= {"rank_effects": effects} if effects else {}
    params = {"objective": "binary:logistic", "min_child_weight": 1, "monotone_constraints": bounds}
    return header(data=data, feature_names=["a", "b"], n_features=2, params=params)


test_constraints_that_the_run_itself_held_against_the_data = rule_test(
    BlockingRegularization(),
    fires={"a falls, and is to rise": (pointing("(1,1)", **{"0": -0.4, "1": 0.3}), {"features": ["a"]})},
    silent={
        "it rises where the others stay": pointing("(1,1)", {"0": 0.3, "1": 0.3}, **{"0": -0.4, "1": 0.3}),
        "both as they are": pointing("(-1,1)", **{"0": -0.4, "1": 0.3}),
        "hardly any correlation": pointing("(1,1)", **{"0": -0.09, "1": 0.3}),
        "not under a constraint": pointing("(0,1)", **{"0": -0.4, "1": 0.3}),
    },
    skipped={"rows unknown": header(params=TWO_FREE)},
)


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
@pytest.mark.parametrize(("first", "second", "sick"), [(1, 1, False), (-1, 1, True), (1, 0, False)])
def test_constraints_on_a_real_booster(train, first, second, sick):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(800, 5))
    target = features[:, 0] + 0.5 * features[:, 1] + 0.5 * np.abs(features[:, 2]) + 0.3 * rng.normal(size=800)
    goal = "reg:squarederror" if train is train_xgboost else "regression"
    signs = (first, second, 0, 0, 0)
    run = train(
        {"objective": goal, "max_depth": 4, "eta": 0.2, "monotone_constraints": signs}, *halves(features, target), 20
    )
    findings = found(run, BlockingRegularization())
    avoided = [f.evidence["features"] for f in findings if "use" in f.evidence]
    assert avoided == ([["f0"]] if sick else [])


@pytest.mark.parametrize(("signs", "against"), [("(1,1)", [["f0"]]), ("(-1,1)", [])])
def test_a_run_of_xgboost_knows_which_way_its_data_point(signs, against):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    run = record_xgboost({"monotone_constraints": signs}, xgb.DMatrix(x, x[:, 1] - x[:, 0]), n_rounds=2)
    findings = found(run, BlockingRegularization())
    assert [f.evidence["features"] for f in findings if "correlations" in f.evidence] == against
