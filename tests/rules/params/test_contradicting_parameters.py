import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.params.contradicting_parameters import ContradictingParameters
from treedebug.testing import header, labels, rule_test


def given(library="xgboost", *, fields=(), **params):
    return header(library=library, params_given=params, **dict(fields))


WEIGHED = {"data": labels([900, 100], weighted=[900.0, 900.0])}


def tall(n_rows=1000, **params):
    return given("lightgbm", fields={"data": {"train": {"n_rows": n_rows, "is_training": True}}}, **params)


def quantile(alpha, n_rows=3000, **params):
    return tall(n_rows, objective="quantile", alpha=alpha, **params)


def rewritten(had, rounds):
    extra = {} if had is None else {"rewritten_rounds": had}
    return given(process_type="update", fields={"planned_rounds": rounds, **extra})


test_contradicting_parameters = rule_test(
    ContradictingParameters(),
    fires={
        "two names": (given(eta=0.1, learning_rate=0.3), {"parameters": "eta, learning_rate"}),
        "two names in LightGBM": given("lightgbm", learning_rate=0.1, shrinkage_rate=0.05),
        "leaves over the depth": given("lightgbm", num_leaves=255, max_depth=4),
        "leaves over the default depth": given(max_leaves=255, grow_policy="lossguide"),
        "balanced twice": given(objective="binary:logistic", scale_pos_weight=9, fields=WEIGHED),
        "is_unbalance and a weight": given("lightgbm", objective="binary", is_unbalance=True, scale_pos_weight=9),
        "no number of classes": given(objective="multi:softprob"),
        "a forest of counts": given(
            "lightgbm", boosting="rf", objective="poisson", bagging_freq=1, bagging_fraction=0.6
        ),
        "two classes counted": given("lightgbm", objective="binary", num_class=2),
        "linear leaves of medians": given("lightgbm", objective="regression_l1", linear_tree=True),
        "rounds in two places": given(
            "lightgbm", n_estimators=20, fields={"planned_rounds": 20, "rounds_argument": 200}
        ),
        "bins that are settled": given("lightgbm", max_bin=255, fields={"bins": {"max_bin": 63}}),
        "smaller leaves than the bins allow": given("lightgbm", min_child_samples=5, fields={"bins": {}}),
        "two classes and three": given("lightgbm", objective="binary", num_class=3),
        "a forest without bagging": given("lightgbm", boosting="rf"),
        "dart cannot stop": given("lightgbm", boosting="dart", fields={"early_stopping_rounds": 10}),
        "one constraint too few": given(monotone_constraints=[1, 0], fields={"n_features": 3}),
        "row wise and column wise": given("lightgbm", force_row_wise=True, force_col_wise="true"),
        "features in no group": (
            given("lightgbm", interaction_constraints="[0],[1,2]", fields={"n_features": 5}),
            {"parameters": "interaction_constraints"},
        ),
        "a refresh of ten trees in a hundred": (rewritten(100, 10), {"parameters": "process_type, num_boost_round"}),
        "a quantile that no leaf has": quantile(0.99),
        "at the lower end": quantile(0.01),
        "zeros and gaps of another label": (
            given(
                "lightgbm",
                zero_as_missing=True,
                fields={
                    "data": {
                        "train": {
                            "n_rows": 1000,
                            "is_training": True,
                            "zeros_and_gaps": {
                                "c": {"zeros": 0.4, "gaps": 0.2, "label_of_zeros": 0.2, "label_of_gaps": 0.9}
                            },
                        }
                    }
                },
            ),
            {"parameters": "zero_as_missing"},
        ),
        "dart that never drops": (given(booster="dart"), {"parameters": "booster, rate_drop"}),
        "dart that skips every dropout": given(booster="dart", rate_drop=0.2, skip_drop=1),
        "no interaction at all": given(interaction_constraints="[]", fields={"n_features": 5}),
        "leaves of a thousand rows, and 63 of them": tall(2000, num_leaves=63, min_data_in_leaf=1000),
        "a forest of 1,000 leaves, and 20 rows each": tall(num_leaves=1000),
    },
    silent={
        "a forest of amounts": given(
            "lightgbm", boosting="rf", objective="regression", bagging_freq=1, bagging_fraction=0.6
        ),
        "trees of counts": given("lightgbm", objective="poisson"),
        "rounds by two names, told elsewhere": given(
            "lightgbm", n_estimators=20, num_iterations=20, fields={"planned_rounds": 20, "rounds_argument": 200}
        ),
        "one class to count": given("lightgbm", objective="binary", num_class=1),
        "linear leaves of means": given("lightgbm", objective="regression", linear_tree=True),
        "rounds in one place": given(
            "lightgbm", n_estimators=20, fields={"planned_rounds": 20, "rounds_argument": None}
        ),
        "the bins it has": given("lightgbm", max_bin=63, fields={"bins": {"max_bin": 63}}),
        "larger leaves than the bins were made for": given("lightgbm", min_child_samples=50, fields={"bins": {}}),
        "a refresh of all trees": rewritten(100, 100),
        "a refresh of a model that is not known": rewritten(None, 10),
        "a quantile that half a row of a leaf lies beyond": quantile(0.975),
        "a quantile, and leaves of 400 rows": quantile(0.99, min_data_in_leaf=400),
        "a quantile, and leaves that hold many rows anyway": quantile(0.99, n_rows=100_000),
        "the median": quantile(0.5),
        "of XGBoost, which it does no harm": given(
            objective="reg:quantileerror",
            quantile_alpha=0.99,
            fields={"data": {"train": {"n_rows": 1000, "is_training": True}}},
        ),
        "two names, one value": given(eta=0.1, learning_rate="0.1"),
        "as many leaves as the depth allows": given("lightgbm", num_leaves=16, max_depth=4),
        "the wrapper's default leaves": given("lightgbm", num_leaves=31, max_depth=3),
        "no depth": given("lightgbm", num_leaves=255, max_depth=-1),
        "sample weights alone": given(objective="binary:logistic", scale_pos_weight=1, fields=WEIGHED),
        "scale_pos_weight alone": given(
            objective="binary:logistic", scale_pos_weight=9, fields={"data": labels([900, 100])}
        ),
        "a forest with bagging": given("lightgbm", boosting="rf", bagging_freq=1, bagging_fraction=0.6),
        "three classes": given("lightgbm", objective="multiclass", num_class=3),
        "dart that drops": given(booster="dart", rate_drop=0.1),
        "dart that drops one at least": given(booster="dart", one_drop=1),
        "dart without stopping": given("lightgbm", boosting="dart"),
        "all features in groups": given("lightgbm", interaction_constraints="[0,3,4],[1,2]", fields={"n_features": 5}),
        "XGBoost uses features outside the groups": given(interaction_constraints="[[0, 1]]", fields={"n_features": 5}),
        "room for an eighth of the leaves": tall(1300, num_leaves=512),
        "the default number of leaves": tall(60, min_data_in_leaf=20),
    },
    skipped={"nothing known": header()},
)


def test_what_the_library_refuses_is_an_error_and_what_is_only_idle_is_worth_knowing():
    rule = ContradictingParameters()
    assert found(given(objective="multi:softprob"), rule)[0].severity is Severity.ERROR
    assert found(given("lightgbm", num_leaves=255, max_depth=4), rule)[0].severity is Severity.WARNING
    finding = found(given("lightgbm", num_leaves=30, max_depth=4), rule)[0]
    assert (finding.severity, str(finding.try_next[0])) == (Severity.INFO, "num_leaves=16")


def test_the_groups_advised_are_complete():
    run = given("lightgbm", interaction_constraints="[0],[1,2]", fields={"n_features": 5})
    assert found(run, ContradictingParameters())[0].try_next[0].value == [[0], [1, 2], [3, 4]]


@pytest.mark.parametrize("groups", [[[0]], [[0], [1, 2, 3]]])
def test_a_real_lightgbm_with_groups(groups):
    table = halves(*noisy_classes(200))
    n = table[0][0].shape[1]
    groups = [g if len(g) == 1 else [*range(1, n)] for g in groups]
    run = train_lightgbm({"objective": "binary", "interaction_constraints": groups}, *table, 3)
    assert bool(found(run, ContradictingParameters())) is (len(groups) == 1)


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    table = halves(*noisy_classes(200))
    both = {"learning_rate": 0.3} if sick else {}
    for run in (
        train_xgboost({"objective": "binary:logistic", "eta": 0.1, **both}, *table, 3),
        train_lightgbm({"objective": "binary", "eta": 0.1, **both}, *table, 3),
    ):
        assert bool(found(run, ContradictingParameters())) is sick
