"""ScheduleCallback in every kind of training: refused, continued, stopped early, in cv, in the wrappers, recorded."""

import copy
import pickle

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import treedebug
from tests.schedules.boosters.tables import matrices, sets, table
from treedebug.core.errors import ConfigError
from treedebug.core.run.rate_log import RateLog
from treedebug.schedules import AutomaticRate, Constant, FinalDecay, GreedyLR, Linear, Warmup

XGB = {"objective": "binary:logistic", "eta": 0.3}
LGB = {"objective": "binary", "verbose": -1, "num_leaves": 7}
VALID, VALID_0 = ("valid", "logloss"), ("valid_0", "binary_logloss")


def greedy():
    return GreedyLR(0.3, patience=1, factor=0.8)


def train_xgboost(callbacks, rounds=20, evals=None, params=None, **more):
    dtrain, dvalid = matrices()
    evals = [(dtrain, "train"), (dvalid, "valid")] if evals is None else evals
    return xgb.train(
        {**XGB, **(params or {})}, dtrain, rounds, evals=evals, callbacks=callbacks, verbose_eval=False, **more
    )


def train_lightgbm(callbacks, rounds=20, params=None, **more):
    train, valid = sets()
    return lgb.train({**LGB, **(params or {})}, train, rounds, valid_sets=[valid], callbacks=callbacks, **more)


# -- refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("train", "params", "reason"),
    [
        (train_xgboost, {"booster": "dart"}, "rescales earlier trees"),
        (train_lightgbm, {"boosting": "dart"}, "rescales earlier trees"),
        (train_lightgbm, {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "trees are averaged"),
    ],
)
def test_boosters_without_a_rate_are_refused(train, params, reason):
    with pytest.raises(ConfigError, match=reason):
        train([treedebug.ScheduleCallback(Constant(0.1))], params=params)


def test_the_training_data_is_refused():
    watch = ("train", "logloss")
    with pytest.raises(ConfigError, match="41 % worse"):
        train_xgboost([treedebug.ScheduleCallback(greedy(), watch=watch)])
    asked = treedebug.ScheduleCallback(GreedyLR(0.1, patience=1), watch=watch, watch_training=True)
    train_xgboost([asked], rounds=60)
    assert asked.schedule.now == 1.0, "on its training data a greedy rate climbs to its ceiling"
    assert asked.rate_facts()["watches_training"]
    train, _ = sets()
    callback = treedebug.ScheduleCallback(greedy(), watch=("training", "binary_logloss"))
    with pytest.raises(ConfigError, match="training data"):
        lgb.train(LGB, train, 5, valid_sets=[train], callbacks=[callback])


def test_what_is_not_evaluated_is_refused():
    with pytest.raises(ConfigError, match=r"evaluates train, valid. Did you mean 'valid'"):
        train_xgboost([treedebug.ScheduleCallback(greedy(), watch=("valdi", "logloss"))])
    with pytest.raises(ConfigError, match=r"train logloss, valid logloss. Did you mean 'valid logloss'"):
        train_xgboost([treedebug.ScheduleCallback(greedy(), watch=("valid", "loglos"))])
    with pytest.raises(ConfigError, match="Did you mean 'valid_0 binary_logloss'"):
        train_lightgbm([treedebug.ScheduleCallback(greedy(), watch=("valid_0", "binary_loglos"))])
    with pytest.raises(ConfigError, match="evaluates nothing"):
        train_xgboost([treedebug.ScheduleCallback(greedy(), watch=VALID)], evals=[])


def test_a_metric_of_unknown_direction_is_asked_about():
    def closeness(predictions, data):
        return "closeness", 1.0

    callback = treedebug.ScheduleCallback(Warmup(greedy(), 2), watch=("valid", "closeness"))
    with pytest.raises(ConfigError, match="mode='min' or mode='max'"):
        train_xgboost([callback], custom_metric=closeness)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0.1,), "expected a schedule"), ((greedy(),), "goes by a metric"), ((greedy(), "valid"), "dataset and a metric")],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        treedebug.ScheduleCallback(*arguments)


def test_the_automatic_rate_takes_rows_rounds_and_loss_from_the_training():
    callback = treedebug.ScheduleCallback(AutomaticRate())
    train_xgboost([callback], rounds=30)
    assert callback.schedule.now == AutomaticRate(200, loss="logloss", n_steps=30).rate(0)
    other = lgb.Dataset(*table(300))
    lgb.train({**LGB, "objective": "regression"}, other, 20, callbacks=[callback])
    assert callback.schedule.now == AutomaticRate(300, loss="rmse", n_steps=20).rate(0), "of the new training"
    with pytest.raises(ConfigError, match="which this training does not tell"):
        train_xgboost([callback], params={"objective": "count:poisson"}, evals=[])


# -- continued, stopped, hidden ----------------------------------------------------------------------------------------


def test_a_continued_training_goes_on_with_the_schedule():
    whole = treedebug.ScheduleCallback(Linear(0.4, 0.01, n_steps=20))
    expected = train_xgboost([whole])
    part = treedebug.ScheduleCallback(Linear(0.4, 0.01, n_steps=20))
    first = train_xgboost([part], rounds=8)
    again = treedebug.ScheduleCallback(Linear(0.4, 0.01, n_steps=20))
    again.load_state_dict(part.state_dict())
    second = train_xgboost([again], rounds=12, xgb_model=first)
    assert second.get_dump() == expected.get_dump()
    assert [r.round_index for r in again.rate_reasons()] == [8]


def test_a_continued_greedy_training_is_an_uninterrupted_one():
    whole, part = (treedebug.ScheduleCallback(greedy(), watch=VALID) for _ in range(2))
    expected = train_xgboost([whole])
    first = train_xgboost([part], rounds=8)
    second = train_xgboost([part], rounds=12, xgb_model=first)
    assert second.get_dump() == expected.get_dump()
    assert part.schedule.history == whole.schedule.history
    late = [r for r in whole.rate_reasons() if r.round_index > 8]
    assert part.rate_reasons()[1:] == late
    assert late


def test_a_continued_training_of_lightgbm_counts_on():
    callback = treedebug.ScheduleCallback(Linear(0.4, 0.1, n_steps=4))
    X, y = table()
    first = lgb.train(LGB, lgb.Dataset(X, y), 2, callbacks=[callback])
    recorder = treedebug.LightGBMCallback(quiet=True)
    lgb.train(LGB, lgb.Dataset(X, y), 2, init_model=first, callbacks=[callback, recorder])
    assert recorder.run.data.rounds.learning_rate.tolist() == pytest.approx([0.2, 0.1])


def test_a_training_from_scratch_begins_anew():
    callback = treedebug.ScheduleCallback(greedy(), watch=VALID)
    one = train_xgboost([callback])
    history = list(callback.schedule.history)
    assert train_xgboost([callback]).get_dump() == one.get_dump()
    assert callback.schedule.history == history
    theirs = treedebug.ScheduleCallback(greedy(), watch=VALID_0)
    assert train_lightgbm([theirs]).model_to_string() == train_lightgbm([theirs]).model_to_string()


@pytest.mark.parametrize("first", [True, False])
def test_early_stopping_hides_no_round(first):
    callback = treedebug.ScheduleCallback(Constant(0.9), watch=VALID)
    stopping = xgb.callback.EarlyStopping(rounds=3, data_name="valid", metric_name="logloss")
    booster = train_xgboost([callback, stopping] if first else [stopping, callback], rounds=100)
    assert callback.schedule.t == booster.num_boosted_rounds() < 100
    callback = treedebug.ScheduleCallback(Constant(0.9), watch=VALID_0)
    stopping = lgb.early_stopping(3, verbose=False)
    recorder = treedebug.LightGBMCallback(quiet=True)
    train_lightgbm([recorder, callback, stopping] if first else [stopping, callback, recorder], rounds=100)
    assert callback.schedule.t == recorder.run.n_rounds < 100


# -- cv and wrappers ---------------------------------------------------------------------------------------------------


def test_cv_goes_by_the_mean_of_the_folds():
    dtrain, _ = matrices()
    ours = treedebug.ScheduleCallback(greedy(), watch=("test", "logloss"))
    found = xgb.cv(XGB, dtrain, 15, nfold=3, seed=1, callbacks=[ours])
    check = greedy()
    for mean in found["test-logloss-mean"]:
        check.observe(mean)
    assert ours.schedule.history == check.history
    assert check.history
    train, _ = sets()
    ours = treedebug.ScheduleCallback(greedy(), watch=("valid", "binary_logloss"))
    found = lgb.cv(LGB, train, 15, nfold=3, seed=1, callbacks=[ours])
    check = greedy()
    for mean in found["valid binary_logloss-mean"]:
        check.observe(mean)
    assert ours.schedule.history == check.history


def test_a_constant_schedule_in_cv_is_no_schedule():
    dtrain, _ = matrices()
    params = {**XGB, "subsample": 0.7, "colsample_bytree": 0.5}
    for rate in (0.3, 0.1):
        callback = treedebug.ScheduleCallback(Constant(rate))
        found = xgb.cv(params, dtrain, 8, nfold=3, seed=1, callbacks=[callback])
        assert found.equals(xgb.cv({**params, "eta": rate}, dtrain, 8, nfold=3, seed=1))


def test_the_wrappers_take_it_and_each_clone_begins_anew():
    X, y = table()
    callback = treedebug.ScheduleCallback(GreedyLR(0.3, patience=0), watch=("validation_0", "logloss"))
    model = xgb.XGBClassifier(n_estimators=10, callbacks=[callback])
    model.fit(X[:200], y[:200], eval_set=[(X[200:], y[200:])], verbose=False)
    assert callback.schedule.t == 10
    fresh = clone(model)
    assert fresh.callbacks[0].schedule.t == 0
    fresh.fit(X[:200], y[:200], eval_set=[(X[200:], y[200:])], verbose=False)
    assert np.array_equal(fresh.predict_proba(X), model.predict_proba(X))
    theirs = treedebug.ScheduleCallback(GreedyLR(0.3, patience=0), watch=VALID_0)
    lgb.LGBMClassifier(n_estimators=10, verbose=-1).fit(
        X[:200], y[:200], eval_set=[(X[200:], y[200:])], callbacks=[theirs]
    )
    assert theirs.schedule.t == 10


def test_a_grid_search_trains_with_it():
    X, y = table()
    model = xgb.XGBClassifier(n_estimators=5, callbacks=[treedebug.ScheduleCallback(Linear(0.3, 0.1))])
    search = GridSearchCV(model, {"max_depth": [2, 3]}, cv=2).fit(X, y)
    assert search.best_estimator_.callbacks[0].schedule.t == 5


def test_it_is_copied_and_pickled_without_its_training():
    callback = treedebug.ScheduleCallback(greedy(), watch=VALID)
    train_xgboost([callback])
    loaded = pickle.loads(pickle.dumps(callback))  # noqa: S301 - our own
    assert loaded.schedule.history == callback.schedule.history
    assert loaded.rate_reasons() == []
    assert copy.deepcopy(callback).schedule.t == 0
    assert isinstance(callback, treedebug.ScheduleCallback)
    assert isinstance(callback, xgb.callback.TrainingCallback)


# -- beside the recorder -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recorder_first", [True, False])
@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_the_recorded_run_shows_the_rate_and_why_it_changed(library, recorder_first, tmp_path):
    is_xgboost = library == "xgboost"
    schedule = FinalDecay(greedy(), 0.25, end=0.1)
    callback = treedebug.ScheduleCallback(schedule, watch=VALID if is_xgboost else VALID_0)
    recorder = (treedebug.XGBoostCallback if is_xgboost else treedebug.LightGBMCallback)(tmp_path / "run", quiet=True)
    train = train_xgboost if is_xgboost else train_lightgbm
    train([recorder, callback] if recorder_first else [callback, recorder])
    run = treedebug.load(tmp_path / "run")
    assert run.data.rounds.learning_rate.tolist() == pytest.approx([schedule.rate(t) for t in range(20)])
    log = run.data.stream(RateLog)
    assert log.facts == {**callback.rate_facts()}
    assert list(log) == [r for r in callback.rate_reasons() if r.round_index < 20]
    assert next(r.why for r in log) == "FinalDecay begins"
    assert [r.why for r in log][-1] == "final decay over the last 5 steps"
    assert len(log) > 2
    assert not run.notes


def test_folds_of_cv_have_the_schedule_too():
    callback = treedebug.ScheduleCallback(greedy(), watch=("test", "logloss"))
    recorder = treedebug.XGBoostCallback(quiet=True)
    xgb.cv(XGB, matrices()[0], 10, nfold=2, callbacks=[callback, recorder])
    logs = [list(run.data.stream(RateLog)) for run in recorder.runs]
    assert logs[0] == logs[1]
    assert logs[0] == [r for r in callback.rate_reasons() if r.round_index < 10]


def test_a_resumed_run_goes_on_with_the_reasons(tmp_path):
    callback = treedebug.ScheduleCallback(greedy(), watch=VALID)
    first = train_xgboost([callback, treedebug.XGBoostCallback(tmp_path / "run", quiet=True)], rounds=8)
    resumed = treedebug.XGBoostCallback(tmp_path / "run", resume=True, quiet=True)
    train_xgboost([resumed, callback], rounds=12, xgb_model=first)
    run = treedebug.load(tmp_path / "run")
    log = list(run.data.stream(RateLog))
    assert [r.round_index for r in log] == sorted(r.round_index for r in log)
    rates = np.full(20, np.nan)
    for reason in log:
        rates[reason.round_index :] = reason.rate
    assert rates.tolist() == run.data.rounds.learning_rate.tolist()
