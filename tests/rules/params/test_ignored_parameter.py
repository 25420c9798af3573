import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.core.params.parameter_names import known_names, xgboost_takes
from treedebug.rules.params.ignored_parameter import IgnoredParameter
from treedebug.testing import header, rule_test


def given(library="xgboost", versions=None, **params):
    return header(library=library, versions=versions or {}, params_given=params)


test_ignored_parameter = rule_test(
    IgnoredParameter(),
    fires={
        "misspelled": (given(max_dept=3), {"kind": "unknown", "value": 3}),
        "misspelled in LightGBM": given("lightgbm", num_leafs=15),
        "the other library's name": given(num_leaves=31),
        "an argument": given(n_estimators=100),
        "trees on a linear booster": (given(booster="gblinear", max_depth=3), {"kind": "unused"}),
        "dart's, without dart": given(rate_drop=0.3),
        "a weight that multi-class does not use": given(objective="multi:softprob", num_class=3, scale_pos_weight=5),
        "bagging without a frequency": (given("lightgbm", subsample=0.8), {"kind": "unused"}),
        "alpha is no penalty in LightGBM": given("lightgbm", objective="binary", alpha=0.5),
        "a word that was taken out": (given(tree_method="gpu_hist"), {"kind": "refused"}),
        "a word of LightGBM's": given("lightgbm", data_sample_strategy="sampling"),
        "less than nothing": (given(min_split_loss=-2.8e-17), {"kind": "refused", "value": -2.8e-17}),
        "XGBoost's objective": given("lightgbm", objective="binary:logistic"),
        "XGBoost's booster": given("lightgbm", boosting="gbtree"),
        "an unknown metric": (given("lightgbm", objective="binary", metric="f1_macro"), {"kind": "refused"}),
        "a metric of two classes": given("lightgbm", objective="multiclass", num_class=3, metric=["auc"]),
        "a metric of many classes": given("lightgbm", objective="binary", metric="multi_logloss"),
        "goss rates over 1": given("lightgbm", data_sample_strategy="goss", top_rate=0.6, other_rate=0.5),
        "a rate of 0": given("lightgbm", learning_rate=0),
        "no feature at all": given("lightgbm", feature_fraction=0.0),
        "a quantile of more than all": given("lightgbm", objective="quantile", alpha=1.0),
        "one linear tree": given("lightgbm", linear_tree=True, n_estimators=1),
        "more than all rows": given("lightgbm", bagging_fraction=1.2, bagging_freq=1),
        "a device that is not there": header(
            library="xgboost", params={"device": "cpu"}, params_given={"device": "cuda:0"}
        ),
        "a column ignored in Python": given("lightgbm", ignore_column="name:c"),
        "weights of features, and all are taken": header(
            library="xgboost",
            params_given={"max_depth": 3},
            data={"train": {"is_training": True, "feature_weights": True}},
        ),
        "goss draws itself": given("lightgbm", data_sample_strategy="goss", bagging_fraction=0.5, bagging_freq=1),
    },
    silent={
        "a column ignored in a file": given("lightgbm", ignore_column="name:c", header=True),
        "weights of features that are drawn": header(
            library="xgboost",
            params_given={"colsample_bynode": 0.5},
            params={"colsample_bynode": 0.5},
            data={"train": {"is_training": True, "feature_weights": True}},
        ),
        "a newer library may know it": given(brand_new=1, versions={"xgboost": "99.0.1"}),
        "a newer library may use it": given(rate_drop=0.3, versions={"xgboost": "99.0.1"}),
        "the device that is there": header(
            library="xgboost", params={"device": "cuda:0"}, params_given={"device": "cuda"}
        ),
        "words and bounds": given(tree_method="hist", grow_policy="lossguide", gamma=0, subsample=1.0),
        "known": given(eta=0.1, max_depth=3, reg_lambda=2, nthread=1, eval_metric="auc", verbosity=0),
        "words it knows": given(
            "lightgbm", objective="mse", boosting="gbrt", metric="auc,binary_logloss,ndcg@5", tree_learner="voting"
        ),
        "a metric of many classes, and many": given(
            "lightgbm", objective="multiclass", num_class=3, metric=["auc_mu", "multi_error", "None"]
        ),
        "goss rates of 1": given("lightgbm", data_sample_strategy="goss", top_rate=0.6, other_rate=0.4),
        "a huber scale over 1": given("lightgbm", objective="huber", alpha=60.0),
        "two linear trees": given("lightgbm", linear_tree=True, n_estimators=2),
        "aliases": given("lightgbm", eta=0.1, sub_row=0.8, subsample_freq=1, min_child_samples=5, n_jobs=1),
        "None is not given": given(max_dept=None, max_depth=3),
        "a default": given("lightgbm", subsample=1.0, scale_pos_weight=1.0, drop_rate=0.1, objective="regression"),
        "used by dart": given(booster="dart", rate_drop=0.3, max_depth=3),
        "used by binary": given("lightgbm", objective="binary", scale_pos_weight=5),
        "one's own objective may use anything": given("lightgbm", objective="custom", alpha=0.5),
    },
    skipped={
        "a saved model": header(params={"max_depth": 3}),
        "nothing known": header(),
    },
)


def test_it_says_what_was_meant():
    assert "Did you mean 'max_depth'?" in found(given(max_dept=3), IgnoredParameter())[0].message
    assert str(found(given(num_leaves=31), IgnoredParameter())[0].try_next[0]) == "max_leaves=31"
    assert "argument of xgboost.train" in found(given(n_estimators=9), IgnoredParameter())[0].message
    finding = found(given("lightgbm", subsample=0.8), IgnoredParameter())[0]
    assert str(finding.try_next[0]) == "bagging_freq=1"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("max_dept", "max_depth"), ("lerning_rate", "learning_rate"), ("subsamples", "subsample"), ("gama", "gamma"),
        ("num_leafs", "max_leaves"), ("nonsense", ""), ("nodes2", ""), ("foo", ""), ("xyz", ""), ("a", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_name_is_proposed_only_where_it_is_near(name, meant):
    (finding,) = found(given(**{name: 3}), IgnoredParameter())
    assert [c.parameter for c in finding.try_next] == ([meant] if meant else [])
    assert (f"Did you mean '{meant}'?" in finding.message) if meant else ("mean" not in finding.message)


@pytest.mark.parametrize(
    ("version", "severity"),
    [("3.2.9", Severity.WARNING), ("3.1.0", Severity.WARNING), ("", Severity.WARNING), ("3.10.0", Severity.INFO)],
)
def test_a_slip_is_only_information_where_the_library_is_newer_than_the_tables(version, severity):
    (finding,) = found(given(max_dept=3, versions={"xgboost": version}), IgnoredParameter())
    assert finding.severity is severity
    assert "Did you mean 'max_depth'?" in finding.message


@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
@pytest.mark.parametrize("objective", ["binary:logistic", "multi:softprob", "count:poisson", "reg:pseudohubererror"])
def test_xgboost_agrees(booster, objective):
    """XGBoost's own validation names exactly the parameters that this rule calls unused."""
    skip = {"updater", "process_type", "tree_method", "interaction_constraints", "monotone_constraints", "device",
            "default_direction", "opt_dense_col", "debug_synchronize", "max_cached_hist_node", "top_k",
            "feature_selector", "sampling_method"}  # fmt: skip
    skip |= {"num_target", "validate_parameters", "disable_default_eval_metric", "base_score", "objective", "booster"}
    values = {"grow_policy": "depthwise", "multi_strategy": "one_output_per_tree", "sample_type": "uniform",
              "normalize_type": "tree", "aft_loss_distribution": "normal", "lambdarank_pair_method": "mean",
              "eval_metric": "rmse", "quantile_alpha": 0.5, "num_class": 2 if "multi" in objective else 0,
              "sparse_threshold": 0.5, "refresh_leaf": 1, "tolerance": 0.1, "max_bin": 16}  # fmt: skip
    names = known_names("xgboost") - skip
    params = {n: values.get(n, 1) for n in names} | {"booster": booster, "objective": objective, "verbosity": 1}
    data = xgb.DMatrix(np.arange(20.0).reshape(10, 2), np.tile([0, 1], 5))
    with pytest.warns(UserWarning, match="are not used") as caught:
        xgb.train(params, data, 1)
    text = next(str(w.message) for w in caught if "are not used" in str(w.message))
    told = {part.strip(' "') for part in text.split("{")[1].split("}")[0].split(",")}
    assert told == names - xgboost_takes(booster, objective)


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    table = halves(*noisy_classes(200))
    name = "max_dept" if sick else "max_depth"
    with pytest.warns(UserWarning, match="not used") if sick else _nothing():
        run = train_xgboost({"objective": "binary:logistic", name: 2, "verbosity": 1}, *table, 3)
    assert bool(found(run, IgnoredParameter())) is sick
    name = "num_leafs" if sick else "num_leaves"
    run = train_lightgbm({"objective": "binary", name: 4}, *table, 3)
    assert bool(found(run, IgnoredParameter())) is sick


def test_the_wrappers_own_parameters_are_known():
    for library, wrapper in (
        ("xgboost", xgb.XGBClassifier().get_xgb_params()),
        ("lightgbm", lgb.LGBMClassifier().get_params()),
    ):
        wrapper.pop("importance_type", None)
        wrapper.pop("class_weight", None)
        wrapper.pop("n_estimators", None)
        run = header(
            library=library, params_given=wrapper, objective="binary" if library == "lightgbm" else "binary:logistic"
        )
        assert found(run, IgnoredParameter()) == ()


def _nothing():
    import contextlib

    return contextlib.nullcontext()


@pytest.mark.parametrize(("version", "n_found"), [("4.6.0", 1), ("99.0.0", 0)])
def test_a_later_lightgbm_may_know_other_metrics(version, n_found):
    run = header(library="lightgbm", params_given={"metric": "pinball_of_two"}, versions={"lightgbm": version})
    assert len(found(run, IgnoredParameter())) == n_found
