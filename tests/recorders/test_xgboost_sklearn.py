"""XGBoost's scikit-learn wrappers with the callback: clones, folds, pickles."""

from __future__ import annotations

import copy
import pickle

import joblib  # type: ignore[import-untyped]
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import treedebug
from tests.recorders.xgboost_matrix import BINARY, CLASSES, CLEAN, SIGNAL, TWO, X, raw_of, xgb
from treedebug import XGBoostCallback
from treedebug.core.errors import NotRecordedError

OPTIONS = {"n_estimators": 6, "max_depth": 2, "n_jobs": 1}


def classifier(callback=None, **more):
    return xgb.XGBClassifier(**OPTIONS, callbacks=[callback] if callback else None, **more)


def again(model):
    return pickle.loads(pickle.dumps(model))  # noqa: S301 - our own


def quiet(path=None, **more):
    return XGBoostCallback(path, quiet=True, **more)


@pytest.mark.parametrize(
    ("kind", "label", "more"),
    [
        (xgb.XGBClassifier, BINARY.astype(int), {}),
        (xgb.XGBClassifier, CLASSES, {}),
        (xgb.XGBRegressor, SIGNAL, {}),
        (xgb.XGBRegressor, TWO, {"multi_strategy": "multi_output_tree"}),
        (xgb.XGBRFClassifier, BINARY.astype(int), {}),
        (xgb.XGBClassifier, BINARY.astype(int), {"booster": "dart", "rate_drop": 0.4}),
    ],
)
def test_wrappers(tmp_path, kind, label, more) -> None:
    options = {**OPTIONS, **more}
    if kind is xgb.XGBRFClassifier:
        plain = kind(**options).fit(X, label)
        with pytest.raises(NotImplementedError):  # XGBoost's own limit: its forests take no callbacks
            kind(**options, callbacks=[quiet(tmp_path / "run")]).fit(X, label)
        return
    plain = kind(**options).fit(X, label, eval_set=[(X[:40], label[:40])], verbose=False)
    model = kind(**options, callbacks=[quiet(tmp_path / "run")])
    model.fit(X, label, eval_set=[(X[:40], label[:40])], verbose=False)
    assert raw_of(model.get_booster()) == raw_of(plain.get_booster())
    run = treedebug.load(tmp_path / "run")
    assert (run.n_rounds, run.state) == (6, "finished")
    assert not run.notes
    log = model.evals_result()["validation_0"]
    metric = next(iter(log))
    assert run.metrics.value.tolist() == log[metric]
    assert set(run.metrics.dataset) == {"validation_0"}
    assert run.header.data["validation_0"]["is_training"] is False
    assert next(f for f in run.header.data.values() if f["is_training"])["n_rows"] == 120


def test_ranker(tmp_path) -> None:
    mine = quiet(tmp_path / "run")
    qid = np.repeat(np.arange(12), 10)
    model = xgb.XGBRanker(**OPTIONS, objective="rank:ndcg", callbacks=[mine])
    model.fit(X, CLASSES, qid=qid, eval_set=[(X, CLASSES)], eval_qid=[qid], verbose=False)
    assert mine.run.metrics.value.tolist() == model.evals_result()["validation_0"]["ndcg@32"]


def test_without_an_eval_set(tmp_path) -> None:
    mine = quiet()
    classifier(mine).fit(X, BINARY)
    assert mine.run.n_rounds == 6
    assert mine.run.metrics.empty
    assert [n.topic for n in mine.run.notes] == ["classes"]
    assert mine.run.header.training_label()["counts"] == np.bincount(BINARY.astype(int)).tolist()


def test_early_stopping_in_the_wrapper() -> None:
    mine = quiet()
    model = classifier(mine, early_stopping_rounds=2)
    noise = np.random.default_rng(0).permutation(BINARY)
    model.set_params(n_estimators=50).fit(X[:80], noise[:80], eval_set=[(X[80:], noise[80:])], verbose=False)
    assert mine.run.best_round == model.best_iteration
    assert mine.run.n_rounds == len(model.evals_result()["validation_0"]["logloss"])
    assert mine.run.header.early_stopping_rounds == 2


def test_refit_records_beside(tmp_path) -> None:
    mine = quiet(tmp_path / "run")
    model = classifier(mine)
    model.fit(X, BINARY)
    model.fit(X, BINARY)
    assert [str(r.path.relative_to(tmp_path)) for r in mine.runs] == ["run", "run/fit-000"]


def test_clones_record_below_the_path(tmp_path) -> None:
    mine = quiet(tmp_path / "run")
    model = classifier(mine)
    for _ in range(2):
        clone(model).fit(X, BINARY)
    copy.deepcopy(model).fit(X, BINARY)
    assert list(treedebug.runs(tmp_path / "run")) == [".", "fit-000", "fit-001"]
    with pytest.raises(NotRecordedError, match=r"treedebug\.runs"):
        _ = mine.run
    assert mine.runs == []


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_grid_search(tmp_path, n_jobs: int) -> None:
    search = GridSearchCV(classifier(quiet(tmp_path / "run")), {"max_depth": [1, 2]}, cv=2, n_jobs=n_jobs, refit=True)
    search.fit(CLEAN, BINARY)
    plain = GridSearchCV(classifier(), {"max_depth": [1, 2]}, cv=2, refit=True).fit(CLEAN, BINARY)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"])
    found = treedebug.runs(tmp_path / "run")
    assert list(found) == [".", *(f"candidate-{c:03d}/split-{s}" for c in (0, 1) for s in (0, 1))]
    assert {r.state for r in found.values()} == {"finished"}
    assert {r.params["max_depth"] for r in found.values()} == {1, 2}
    best = search.best_estimator_.callbacks[0].run
    assert best.header.data["(training data)"]["n_rows"] == 120
    assert best.booster().get_dump() == search.best_estimator_.get_booster().get_dump()


def test_cross_val_score_and_pipeline(tmp_path) -> None:
    model = make_pipeline(StandardScaler(), classifier(quiet(tmp_path / "run")))
    scores = cross_val_score(model, CLEAN, BINARY, cv=3)
    np.testing.assert_array_equal(
        scores, cross_val_score(make_pipeline(StandardScaler(), classifier()), CLEAN, BINARY, cv=3)
    )
    assert len(treedebug.runs(tmp_path / "run")) == 3
    model.fit(CLEAN, BINARY)
    assert sorted(treedebug.runs(tmp_path / "run")) == [".", "fit-000", "fit-001", "fit-002"]


@pytest.mark.parametrize("in_memory", [False, True])
def test_fitted_models_pickle(tmp_path, in_memory: bool) -> None:
    model = classifier(quiet(None if in_memory else tmp_path / "run"))
    model.fit(X, BINARY, eval_set=[(X, BINARY)], verbose=False)
    joblib.dump(model, tmp_path / "model.joblib")
    for copied in (again(model), joblib.load(tmp_path / "model.joblib"), copy.deepcopy(model)):
        np.testing.assert_array_equal(copied.predict_proba(X), model.predict_proba(X))
    read = again(model).callbacks[0]
    assert read.run.n_rounds == 6
    assert read.run.booster().get_dump() == model.get_booster().get_dump()


def test_pickled_callbacks_trained_beside_each_other_keep_apart(tmp_path) -> None:
    model = classifier(quiet(tmp_path / "run"))
    for _ in range(2):
        again(model).fit(X, BINARY)
    assert list(treedebug.runs(tmp_path / "run")) == [".", "fit-000"]


def test_params_and_repr_of_the_wrapper_work(tmp_path) -> None:
    mine = quiet(tmp_path / "run")
    model = classifier(mine)
    assert model.get_params()["callbacks"] == [mine]
    assert "XGBoostCallback" in repr(model.callbacks)
    model.set_params(max_depth=1).fit(X, BINARY)
    assert mine.run.params["max_depth"] == 1
    model.save_model(tmp_path / "model.ubj")
    assert treedebug.check(tmp_path / "model.ubj").kind == "model"
