import xgboost as xgb

import treedebug
from tests.recorded import smooth
from treedebug.rules.runs.search_at_the_edge import SearchAtTheEdge
from treedebug.testing import compared, curves, header, rule_test

DATA = {"train": {"n_rows": 500, "is_training": True}}


def search(scores, *, name="max_depth", metric="logloss", **fixed):
    """The last of runs with a value each and the score it reached, compared with all of them."""
    runs = tuple(
        curves(valid=[0.5 if metric == "auc" else 0.9, score], metric=metric, data=DATA, params={name: value, **fixed})
        for value, score in scores.items()
    )
    return compared(runs[-1], runs[0], runs)


test_search_at_the_edge = rule_test(
    SearchAtTheEdge(),
    fires={
        "the largest": (search({2: 0.6, 4: 0.5, 6: 0.45, 8: 0.4}), {"value": 8.0, "values": [2.0, 4.0, 6.0, 8.0]}),
        "the smallest": (search({0.01: 0.4, 0.1: 0.5, 0.3: 0.6, 1.0: 0.7}, name="learning_rate"), {"value": 0.01}),
        "three values": search({2: 0.6, 4: 0.5, 6: 0.4}),
        "more is better": search({2: 0.6, 4: 0.7, 6: 0.8, 8: 0.9}, metric="auc"),
    },
    silent={
        "three values, the middle one": search({2: 0.6, 4: 0.4, 6: 0.5}),
        "in the middle": search({2: 0.6, 4: 0.4, 6: 0.45, 8: 0.5}),
        "hardly better": search({2: 0.6, 4: 0.5, 6: 0.401, 8: 0.4}),
        "all rows": search({0.4: 0.6, 0.6: 0.5, 0.8: 0.45, 1.0: 0.4}, name="subsample"),
        "no penalty": search({0: 0.4, 1: 0.5, 2: 0.6, 3: 0.7}, name="reg_lambda"),
        "a seed": search({1: 0.4, 2: 0.5, 3: 0.6, 4: 0.7}, name="random_state"),
    },
    skipped={
        "two runs": compared(curves(valid=[0.9, 0.5]), curves(valid=[0.9, 0.4])),
        "one run": header(),
    },
)


def test_real_boosters_one_value_after_the_other():
    x, y = smooth(900)
    runs = []
    for rate in (0.003, 0.01, 0.03, 0.1):
        callback = treedebug.XGBoostCallback(None, quiet=True)
        d, dv = xgb.DMatrix(x[:450], y[:450]), xgb.DMatrix(x[450:], y[450:])
        xgb.train({"eta": rate, "nthread": 1}, d, 30, evals=[(dv, "valid")], callbacks=[callback], verbose_eval=False)
        runs.append(callback.run)
    (finding,) = [f for f in treedebug.compare(*runs).findings if f.code == "RC705"]
    assert [str(c) for c in finding.try_next] == ["eta=0.33"]
    (mirrored,) = [f for f in treedebug.compare(*runs[::-1]).findings if f.code == "RC705"]
    assert mirrored.message == finding.message
