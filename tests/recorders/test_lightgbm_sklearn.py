"""LightGBM's scikit-learn wrappers: callbacks are an argument of `fit`."""

import pickle

import joblib  # type: ignore[import-untyped]
import lightgbm as lgb
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import treedebug

pytestmark = pytest.mark.filterwarnings("ignore")
SMALL = {"n_estimators": 6, "num_leaves": 5, "min_child_samples": 4, "n_jobs": 1, "verbose": -1}


def data(kind="classes"):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(140, 4))
    score = X[:, 0] + rng.normal(size=140)
    return X, {"classes": np.digitize(score, [-0.5, 0.5]), "numbers": score, "ranks": (score > 0).astype(int)}[kind]


def recorder(path=None, **kwargs):
    return treedebug.LightGBMCallback(path, quiet=True, **kwargs)


def halves(X, y):
    return (X[:100], y[:100]), (X[100:], y[100:])


def test_a_classifier_with_labels_of_its_own(tmp_path):
    X, y = data()
    y = np.array(["low", "middle", "high"])[y]
    train, valid = halves(X, y)
    callback = recorder(tmp_path, classes_every=1)
    model = lgb.LGBMClassifier(**SMALL)
    model.fit(*train, eval_set=[valid, train], eval_metric="multi_error", callbacks=[callback])
    run = callback.run
    assert run.state == "finished"
    for dataset, metrics in model.evals_result_.items():
        for metric, values in metrics.items():
            assert run.data.evals.series(dataset, metric).values.tolist() == values
    last = run.data.classes.last("valid_0")
    codes = {label: i for i, label in enumerate(model.classes_)}
    expected = np.zeros((3, 3), dtype=int)
    for true, called in zip(valid[1], model.predict(valid[0]), strict=True):
        expected[codes[true], codes[called]] += 1
    np.testing.assert_array_equal(last.confusion, expected)
    np.testing.assert_array_equal(run.booster().predict(X), model.predict_proba(X))
    assert {n for n, facts in run.header.data.items() if facts["is_training"]} == {"training"}


def test_a_training_set_among_the_eval_sets(tmp_path):
    X, y = data()
    callback = recorder(tmp_path)
    lgb.LGBMClassifier(**SMALL).fit(X, y, eval_set=[(X, y)], eval_names=["seen"], callbacks=[callback])
    assert callback.run.data.evals.training == {"seen"}
    assert callback.run.header.data["seen"]["is_training"]


def test_a_regressor_with_early_stopping(tmp_path):
    train, valid = halves(*data("numbers"))
    model = lgb.LGBMRegressor(**SMALL | {"n_estimators": 30, "learning_rate": 0.9})
    model.fit(*train, eval_set=[valid], callbacks=[lgb.early_stopping(2, verbose=False), recorder(tmp_path)])
    run = treedebug.load(tmp_path)
    assert (run.state, run.best_round) == ("finished", model.best_iteration_ - 1)
    np.testing.assert_array_equal(run.booster(run.best_round).predict(valid[0]), model.predict(valid[0]))


def test_a_ranker(tmp_path):
    (X, y), (Xv, yv) = halves(*data("ranks"))
    model = lgb.LGBMRanker(**SMALL)
    model.fit(
        X, y, group=[10] * 10, eval_set=[(Xv, yv)], eval_group=[[10] * 4], eval_at=[3], callbacks=[recorder(tmp_path)]
    )
    run = treedebug.load(tmp_path)
    assert run.data.evals.series("valid_0", "ndcg@3").values.tolist() == model.evals_result_["valid_0"]["ndcg@3"]
    assert run.data.evals.higher_is_better("ndcg@3")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_grid_search(tmp_path, n_jobs):
    X, y = data()
    callback = recorder(tmp_path)
    search = GridSearchCV(lgb.LGBMClassifier(**SMALL), {"max_depth": [2, 3]}, cv=2, n_jobs=n_jobs)
    search.fit(X, y, callbacks=[callback])
    runs = treedebug.runs(tmp_path)
    assert len(runs) == 5
    assert {run.state for run in runs.values()} == {"finished"}
    assert {run.n_rounds for run in runs.values()} == {6}
    np.testing.assert_array_equal(callback.run.booster().predict(X), search.predict_proba(X))


def test_cross_val_score_and_a_pipeline(tmp_path):
    X, y = data()
    model = make_pipeline(StandardScaler(), lgb.LGBMClassifier(**SMALL))
    params = {"lgbmclassifier__callbacks": [recorder(tmp_path / "cv")]}
    cross_val_score(model, X, y, cv=3, params=params)
    assert list(treedebug.runs(tmp_path / "cv")) == [".", "fit-000", "fit-001"]
    callback = recorder(tmp_path / "fit")
    model.fit(X, y, lgbmclassifier__callbacks=[callback])
    assert callback.run.n_rounds == 6


def test_the_model_and_the_callback_can_be_pickled(tmp_path):
    X, y = data()
    callback = recorder(tmp_path / "run")
    model = lgb.LGBMClassifier(**SMALL).fit(X, y, callbacks=[callback])
    joblib.dump((model, callback), tmp_path / "both")
    again, other = joblib.load(tmp_path / "both")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert other.run.n_rounds == 6
    again.fit(X, y, callbacks=[other])
    assert [str(r.path.name) for r in other.runs] == ["run", "fit-000"]
    assert len(callback.runs) == 1
    memory = recorder()
    model.fit(X, y, callbacks=[memory])
    assert pickle.loads(pickle.dumps(memory)).run.n_rounds == 6  # noqa: S301 - our own


def test_a_callback_is_pickled_while_it_records(tmp_path):
    X, y = data()
    callback, pickles = recorder(tmp_path), []

    def checkpoint(env):
        pickles.append(pickle.dumps(callback))

    lgb.LGBMClassifier(**SMALL).fit(X, y, callbacks=[callback, checkpoint])
    assert pickle.loads(pickles[3]).run.n_rounds == 6  # noqa: S301 - our own
