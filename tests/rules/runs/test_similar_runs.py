import pytest

from tests.curves_of import found
from tests.rules.runs.pairs import pair, real_pair
from treedebug.rules.runs.similar_runs import SimilarRuns
from treedebug.testing import compared, curves, grown, rule_test

SAME = [grown(2)] * 10
ELSEWHERE = [grown(2, features=(3,))] * 10

test_similar_runs = rule_test(
    SimilarRuns(),
    fires={
        "a change without an effect": (pair(SAME, SAME, max_bin=(256, 512)), {"changed": ["max_bin"], "n_rounds": 10}),
        "a seed without an effect": pair(SAME, SAME, random_state=(1, 2)),
        "the seed decides everything": (pair(SAME, ELSEWHERE, random_state=(1, 2)), {"overlap": 0.0}),
    },
    silent={
        "another tree": pair(SAME, [grown(3)] * 10, max_depth=(2, 3)),
        "nothing was changed": pair(SAME, SAME),
        "only more rounds": pair(SAME, SAME * 2, n_estimators=(10, 20)),
        "the seed changes little": pair(SAME, [grown(3)] * 10, random_state=(1, 2)),
        "the parameter decides everything": pair(SAME, ELSEWHERE, max_depth=(1, 2)),
        "a float32 of the same": pair(SAME, SAME, learning_rate=(0.3, 0.300000012)),
        "four rounds": pair(SAME[:4], SAME[:4], max_bin=(256, 512)),
        "other data": pair(SAME, SAME, max_bin=(256, 512), rows=(100, 90)),
    },
    skipped={
        "one run": curves(valid=[0.5] * 20),
        "no trees": compared(curves(valid=[0.5] * 9, params={"max_bin": 2}), curves(valid=[0.5] * 9)),
    },
)


def test_what_changed_nothing_is_said():
    assert "no effect" in found(pair(SAME, SAME, max_bin=(256, 512)), SimilarRuns())[0].message
    assert "nothing is drawn at random" in found(pair(SAME, SAME, random_state=(1, 2)), SimilarRuns())[0].message


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_a_real_booster(library):
    name = "max_cat_to_onehot"  # there is no category in the table
    assert found(real_pair(library, {name: 4}, {name: 8}), SimilarRuns())
    assert not found(real_pair(library, {"max_depth": 2}, {"max_depth": 3}), SimilarRuns())
