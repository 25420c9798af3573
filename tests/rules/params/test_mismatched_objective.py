import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.recorders.class_counter import label_summary
from treedebug.rules.params.mismatched_objective import MismatchedObjective
from treedebug.testing import header, labels, rule_test

RNG = np.random.default_rng(0)


def numbers(values, goal="reg:squarederror", library="xgboost", **fields):
    values = np.asarray(values, dtype=float)
    facts = {"n_rows": len(values), "label": label_summary(values, None, 0), "is_training": True}
    params = {"objective": goal, **fields.pop("params", {})}
    return header(library=library, data={"train": facts}, params=params, **fields)


def counted(counts, objective, *, valid=None, library="xgboost"):
    data = labels(counts) | ({} if valid is None else labels(valid, dataset="valid"))
    return header(library=library, data=data, params={"objective": objective})


def weighed(n_weights, n_queries):
    run = numbers([0, 1, 2, 3] * 25, "rank:ndcg")
    sizes = {"n_queries": n_queries, "n_single": 0, "largest": 30, "n_weights": n_weights}
    run.header.data["train"]["queries"] = sizes
    return run


test_mismatched_objective = rule_test(
    MismatchedObjective(),
    fires={
        "squared error on 0 and 1": (numbers([0, 1] * 50), {"kind": "binary label"}),
        "LightGBM's default on 0 and 1": numbers([0, 0, 1] * 50, "regression", "lightgbm"),
        "squared error on classes": (numbers([0, 1, 2] * 50), {"kind": "whole labels"}),
        "three classes for binary": (numbers([0, 1, 2] * 50, "binary", "lightgbm"), {"kind": "not binary"}),
        "nothing to learn": (numbers([3.5] * 50), {"kind": "constant label"}),
        "one class": (counted([100, 0], "binary:logistic"), {"kind": "one class"}),
        "a class that validation has": counted([50, 50, 0], "multi:softprob", valid=[9, 9, 9]),
        "a class but for nine rows": (counted([9, 991], "binary:logistic"), {"kind": "one class"}),
        "a class that training has hardly of": (
            counted([98, 100, 2], "multi:softprob", valid=[20, 20, 20]), {"kind": "starved class"}
        ),
        "a class that nobody has": counted([50, 50, 0], "multi:softprob"),
        "classes from 1": (
            numbers([1, 2, 3, 4] * 25, "multi:softprob", params={"num_class": 4}), {"kind": "class numbers"}
        ),
        "zeros far below all others": (numbers([*[0.0] * 10, *(50 + RNG.normal(size=90))]), {"kind": "zeros apart"}),
        "raw scores for probabilities": (numbers([0, 1] * 47, "binary:logitraw"), {"kind": "raw scores"}),
        "a hinge and an AUC": (
            numbers([0, 1] * 46, "binary:hinge", params={"eval_metric": "auc"}), {"kind": "raw scores"}
        ),
        "a log loss of one's own raw scores": (
            numbers(RNG.uniform(size=90), "custom", objective="custom",
                    params={"eval_metric": "logloss", "objective": "reg:squarederror"},
                    params_given={"eval_metric": "logloss"}), {"kind": "raw scores"}
        ),
        "times without bounds": (numbers(RNG.exponential(size=61), "survival:aft"), {"kind": "bounds"}),
        "grades below zero": (numbers([-2, 0, 1] * 20, "rank:ndcg"), {"kind": "grades"}),
        "LightGBM's grades with a fraction": numbers([0.5, 1, 2] * 20, "lambdarank", "lightgbm"),
        "a weight for each row of a ranking": (weighed(100, 5), {"kind": "weights"}),
        "three grades for a mean average precision": numbers([0, 1, 2] * 21, "rank:map"),
        "negative counts": (numbers([-1.5, 2.0] * 50, "count:poisson"), {"kind": "negative label"}),
        "gamma at zero": numbers([0.0, 2.5] * 50, "reg:gamma"),
        "far from zero": (numbers(1e9 + RNG.normal(size=99)), {"kind": "precision"}),
        "grades that LightGBM refuses": (numbers(range(73), "lambdarank", "lightgbm"), {"kind": "grades"}),
        "grades that XGBoost refuses": (numbers(range(33), "rank:ndcg"), {"kind": "grades"}),
        "twenty grades": (numbers(range(20), "lambdarank", "lightgbm"), {"kind": "grades"}),
        "flags for times": (numbers([0, 1] * 50, "survival:cox"), {"kind": "flags"}),
        "a median that most labels are": (numbers([*[0.0] * 62, *range(1, 39)], "quantile", "lightgbm",
                                                  params={"alpha": 0.5}), {"kind": "atom"}),
        "of XGBoost's quantiles": numbers(
            [*[0.0] * 62, *range(1, 39)], "reg:quantileerror", params={"quantile_alpha": 0.5}
        ),
        "of the absolute error": numbers([*[0.0] * 62, *range(1, 39)], "reg:absoluteerror"),
        "log loss on a regression": numbers(RNG.normal(size=99), params={"eval_metric": ["logloss"]}),
    },
    silent={
        "times, some censored": numbers([*RNG.exponential(size=60), *-RNG.exponential(size=60)], "survival:cox"),
        "a quantile above them": numbers([*[0.0] * 62, *range(1, 39)], "quantile", "lightgbm", params={"alpha": 0.9}),
        "just under half of the labels": numbers([*[0.0] * 48, *range(1, 53)], "reg:absoluteerror"),
        "the mean of such labels": numbers([*[0.0] * 62, *range(1, 39)]),
        "zeros beside amounts that reach down to them": numbers([*[0.0] * 30, *(5 * RNG.random(90))]),
        "numbers": numbers(RNG.normal(size=98)),
        "five grades": numbers([0, 1, 2, 3, 4] * 20, "lambdarank", "lightgbm"),
        "eleven grades": numbers(range(12), "rank:ndcg"),
        "gains of one's own": numbers(range(73), "lambdarank", "lightgbm", params_given={"label_gain": [*range(73)]}),
        "a hinge and an error": numbers([0, 1] * 44, "binary:hinge", params={"eval_metric": "error"}),
        "pairs of any numbers": numbers(RNG.normal(size=60), "rank:pairwise"),
        "a fraction and a linear gain": numbers([0.5, 1, 2] * 22, "rank:ndcg", params_given={"ndcg_exp_gain": False}),
        "a weight for each query": weighed(5, 5),
        "two grades": numbers([0, 1] * 40, "rank:map"),
        "a linear gain": numbers(range(20), "rank:ndcg", params_given={"ndcg_exp_gain": False}),
        "pairs have no gain": numbers(range(73), "rank:pairwise"),
        "large numbers": numbers(1e9 * RNG.normal(size=97)),
        "whole amounts": numbers(np.arange(100)),
        "ratings without a zero": numbers([1, 2, 3, 4, 5] * 20),
        "two values that are not 0 and 1": numbers([1, 2] * 50),
        "shares": numbers(RNG.uniform(size=96)),
        "binary": counted([50, 50], "binary:logistic"),
        "a rare class of ten rows": counted([10, 990], "binary:logistic", valid=[4, 390]),
        "rare in validation too": counted([98, 100, 2], "multi:softprob", valid=[49, 50, 1]),
        "fewer, not far fewer": counted([90, 90, 20], "multi:softprob", valid=[20, 20, 20]),
        "a small table": counted([20, 9], "binary:logistic"),
        "all classes": counted([50, 50, 50], "multi:softprob", valid=[9, 9, 0]),
        "counts": numbers([0, 1, 4] * 50, "count:poisson"),
        "rmse": numbers(RNG.normal(size=95), params={"eval_metric": ["rmse", "mae"]}),
        "one's own objective": numbers([0, 1] * 49, "custom"),
    },
    skipped={"nothing known": header()},
)  # fmt: skip


def test_it_names_the_objective_that_fits():
    finding = found(numbers([0, 1] * 50, "regression", "lightgbm"), MismatchedObjective())[0]
    assert (finding.severity, str(finding.try_next[0])) == (Severity.WARNING, "objective='binary'")
    assert found(numbers([0, 1, 2] * 50), MismatchedObjective())[0].severity is Severity.WARNING
    rare_counts = [0] * 80 + [1] * 15 + [2] * 4 + [3]
    assert found(numbers(rare_counts), MismatchedObjective())[0].severity is Severity.INFO


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    table = halves(*noisy_classes(200))
    goals = ("reg:squarederror", "regression") if sick else ("binary:logistic", "binary")
    for train, goal in zip((train_xgboost, train_lightgbm), goals, strict=True):
        run = train({"objective": goal}, *table, 3)
        assert bool(found(run, MismatchedObjective())) is sick
