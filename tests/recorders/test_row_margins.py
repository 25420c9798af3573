"""Row margins: the model is untouched, the margins are those of the booster, and they are kept as they were seen."""

import functools

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.recorders import lightgbm_matrix, xgboost_matrix
from tests.recorders.xgboost_matrix import raw_of
from treedebug.core.errors import ConfigError
from treedebug.core.run.margin_log import MarginLog, kept_rows, row_losses
from treedebug.core.run.round_schedule import is_margin_round
from treedebug.engine.config import Config
from treedebug.rules.data.suspected_label_noise import SuspectedLabelNoise

pytestmark = pytest.mark.filterwarnings("ignore")
NO_MARGINS = ("two outputs", "two labels", "vector leaves", "vector roots", "logistic regression", "ndcg", "pairwise",
              "cox", "aft", "custom objective", "quantiles")  # fmt: skip
"""XGBoost's objectives and labels of which nobody knows a margin."""
NOT_OF_LIGHTGBM = ("quantile", "lambdarank", "rank_xendcg", "cross_entropy", "custom objective", "dart custom")


def as_text(log):
    return [(r.round_index, r.dataset, r.n_rows, r.margin.tobytes()) for r in log]


@functools.cache
def xgboost_run(name, *, unwatched=False):
    case = xgboost_matrix.CASES[name]
    dtrain, dvalid = case.matrices()
    callback = treedebug.XGBoostCallback(row_margins=True, quiet=True)
    evals = [(dvalid, "valid")] if unwatched else [(dtrain, "train"), (dvalid, "valid")]

    def once(callbacks):
        return xgb.train(
            {"nthread": 1, "max_depth": 3, "verbosity": 0, **case.params}, dtrain, case.rounds, evals=evals,
            verbose_eval=False, callbacks=callbacks, **case.more,
        )  # fmt: skip

    booster = once([callback])
    # The plain one on matrices of its own: predictions that a matrix carries over would hide a difference.
    dtrain, dvalid = case.matrices()
    evals = [(dvalid, "valid")] if unwatched else [(dtrain, "train"), (dvalid, "valid")]
    return raw_of(booster), raw_of(once([])), booster, callback.run, dtrain


@pytest.mark.parametrize("unwatched", [False, True])
@xgboost_matrix.every_case
def test_an_xgboost_model_is_the_same_to_the_last_byte(name, unwatched):
    with_margins, without, _, run, _ = xgboost_run(name, unwatched=unwatched)
    assert with_margins == without
    assert run.state == "finished"
    assert bool([n for n in run.notes if n.topic == "margins"]) is (name in NO_MARGINS)
    assert bool(len(run.margins)) is (name not in NO_MARGINS)


@pytest.mark.parametrize("name", [n for n in xgboost_matrix.CASES if n not in NO_MARGINS])
def test_xgboosts_margins_are_those_of_the_booster(name):
    *_, booster, run, dtrain = xgboost_run(name, unwatched=True)
    n_classes, y = run.header.n_classes, dtrain.get_label()
    record = run.data.stream(MarginLog).of("(training data)")[-1]
    assert record.round_index == run.n_rounds - 1
    scores = booster.predict(dtrain, output_margin=n_classes > 0)
    expected, lead = slow_margins(y, scores, n_classes)
    np.testing.assert_allclose(record.margin, expected, rtol=1e-5, atol=1e-5)
    if record.lead is not None:
        np.testing.assert_allclose(record.lead, lead, rtol=1e-5, atol=1e-5)
    if n_classes > 2:
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        expected_loss = -np.log(shares[np.arange(len(y)), y.astype(int)])
        np.testing.assert_allclose(row_losses(record, n_classes), expected_loss, rtol=1e-4, atol=1e-5)


def slow_margins(labels, scores, n_classes):
    """Margin and lead, row by row."""
    margins, leads = [], []
    for label, score in zip(labels, scores, strict=True):
        if not n_classes:
            margins.append(-abs(label - score))
        elif n_classes == 2:
            margins.append(score if label > 0 else -score)
        else:
            others = sorted(s for k, s in enumerate(score) if k != label)
            ranked = sorted(score)
            margins.append(score[int(label)] - others[-1])
            leads.append(ranked[-1] - ranked[-2])
    return margins, leads


@functools.cache
def lightgbm_run(case):
    callback = treedebug.LightGBMCallback(row_margins=True, quiet=True)
    trained = lightgbm_matrix.train(case, [callback], keep_training_booster=True)
    plain = lightgbm_matrix.train(case, keep_training_booster=True)
    return trained, lightgbm_matrix.text(trained.booster), lightgbm_matrix.text(plain.booster), callback.run


@pytest.mark.parametrize("case", [c for c in lightgbm_matrix.CASES if c != "dart custom"])
def test_a_lightgbm_model_is_the_same_to_the_last_byte(case):
    _, with_margins, without, run = lightgbm_run(case)
    assert with_margins == without
    assert run.state == "finished"
    assert bool([n for n in run.notes if n.topic == "margins"]) is (case in NOT_OF_LIGHTGBM)


@pytest.mark.parametrize("case", [c for c in lightgbm_matrix.CASES if c not in NOT_OF_LIGHTGBM])
def test_lightgbms_margins_are_those_of_the_booster(case):
    trained, *_, run = lightgbm_run(case)
    n_classes = run.header.n_classes
    log = run.data.stream(MarginLog)
    if "valid" not in log.datasets():
        assert log.datasets() == ["train" if case == "training set only" else "training"]
        return
    record = log.of("valid")[-1]
    trained.booster.best_iteration = 0
    scores = trained.booster.predict(trained.raw, raw_score=n_classes > 0, num_threads=1)
    if case == "init_score":  # what LightGBM evaluates starts there, what it predicts does not
        scores = scores + np.linspace(0, 1, len(scores))
    if case == "rf binary":  # raw scores of a forest come as a sum
        scores = scores / run.n_rounds
    expected, _ = slow_margins(log.labels["valid"], scores, n_classes)
    np.testing.assert_allclose(record.margin, expected, rtol=1e-4, atol=1e-5)


def table(n=300):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, 4))
    return X, (X[:, 0] + rng.normal(size=n) > 0).astype(float)


def train_xgboost(callback, n_rounds=45, **more):
    X, y = table()
    dtrain = xgb.DMatrix(X[:200], y[:200])
    return xgb.train(
        {"nthread": 1, "max_depth": 3, "objective": "binary:logistic"}, dtrain, n_rounds, callbacks=[callback],
        evals=[(dtrain, "train"), (xgb.DMatrix(X[200:], y[200:]), "valid")], verbose_eval=False, **more,
    )  # fmt: skip


def train_lightgbm(callback, n_rounds=45, **more):
    X, y = table()
    data = lgb.Dataset(X[:200], y[:200], free_raw_data=False)
    params = {"num_threads": 1, "verbosity": -1, "objective": "binary", "num_leaves": 6}
    valid = lgb.Dataset(X[200:], y[200:], reference=data, free_raw_data=False)
    return lgb.train(params, data, n_rounds, valid_sets=[valid], callbacks=[callback], **more)


CALLBACKS = {train_xgboost: treedebug.XGBoostCallback, train_lightgbm: treedebug.LightGBMCallback}
both = pytest.mark.parametrize("train", CALLBACKS)


@both
def test_kept_in_the_first_rounds_in_check_rounds_and_the_last(train, tmp_path):
    callback = CALLBACKS[train](tmp_path, row_margins=True, quiet=True)
    train(callback)
    expected = [r for r in range(45) if is_margin_round(r + 1, dense=25)] + [44]
    assert expected[24:] == [24, 39, 44]
    log = treedebug.load(tmp_path).data.stream(MarginLog)
    assert [r.round_index for r in log.of(log.datasets()[0])] == expected
    assert as_text(log) == as_text(callback.run.data.stream(MarginLog))


@both
def test_what_is_read_from_memory_is_what_was_seen(train, tmp_path):
    seen = []

    class Looks(treedebug.Rule):
        """Keeps the margins that the live rules see."""

        code, name = "ZZ900", "looks"

        def check(self, log: MarginLog):
            seen.append(as_text(log))
            return iter(())

    callback = CALLBACKS[train](tmp_path, row_margins=True, quiet=True, rules=[Looks])
    train(callback)
    loaded = treedebug.load(tmp_path).data
    for n_rounds, live in zip((1, 10, 20, 40, 45), seen, strict=True):
        assert as_text(loaded.at(n_rounds).stream(MarginLog)) == live


@both
def test_of_many_rows_evenly_spaced_ones_are_kept(train):
    few, whole = (CALLBACKS[train](None, row_margins=n, quiet=True) for n in (30, True))
    for callback in (few, whole):
        train(callback)
    rows = kept_rows(200, 30)
    assert (len(rows), rows[0], rows[-1]) == (30, 0, 193)
    some, everything = (c.run.margins.query("round_index == 24") for c in (few, whole))
    training = everything.dataset.iloc[0]
    mine = some[some.dataset == training]
    assert mine.row.tolist() == rows.tolist()
    of_all = everything[everything.dataset == training].set_index("row").loc[rows]
    np.testing.assert_array_equal(mine.margin, of_all.margin)
    np.testing.assert_array_equal(mine.label, of_all.label)


@both
def test_a_resumed_run_forgets_what_is_trained_anew(train, tmp_path):
    booster = train(CALLBACKS[train](tmp_path, row_margins=True, quiet=True), 12)
    cut = booster[:5] if train is train_xgboost else lgb.Booster(model_str=booster.model_to_string(num_iteration=5))
    key = "xgb_model" if train is train_xgboost else "init_model"
    train(CALLBACKS[train](tmp_path, row_margins=True, quiet=True, resume=True), 4, **{key: cut})
    log = treedebug.load(tmp_path).data.stream(MarginLog)
    assert [r.round_index for r in log.of(log.datasets()[0])] == list(range(9))


@both
def test_a_resumed_run_that_keeps_other_rows_forgets_the_old_ones(train, tmp_path):
    booster = train(CALLBACKS[train](tmp_path, row_margins=True, quiet=True), 12)
    key = "xgb_model" if train is train_xgboost else "init_model"
    train(CALLBACKS[train](tmp_path, row_margins=30, quiet=True, resume=True), 4, **{key: booster})
    frame = treedebug.load(tmp_path).margins
    assert sorted(frame.round_index.unique()) == [12, 13, 14, 15]
    assert set(frame.groupby(["round_index", "dataset"]).size()) == {30}


@both
def test_nothing_is_kept_unless_asked_for(train):
    callback = CALLBACKS[train](None, quiet=True)
    train(callback)
    assert not callback.run.data.has_stream(MarginLog)
    assert list(callback.run.margins.columns) == ["round_index", "dataset", "row", "label", "margin", "loss"]


def test_cv_keeps_them_fold_by_fold():
    X, y = table()
    callback = treedebug.XGBoostCallback(row_margins=True, quiet=True)
    xgb.cv({"nthread": 1, "objective": "binary:logistic"}, xgb.DMatrix(X, y), 3, nfold=3, callbacks=[callback])
    assert [len(run.data.stream(MarginLog).of("train")[0].margin) for run in callback.runs] == [200] * 3
    callback = treedebug.LightGBMCallback(row_margins=True, quiet=True)
    lgb.cv({"verbosity": -1, "objective": "binary"}, lgb.Dataset(X, y), 3, nfold=3, callbacks=[callback])
    assert all(run.data.has_stream(MarginLog) for run in callback.runs)


def test_the_wrappers_keep_them_too():
    X, y = table()
    callback = treedebug.XGBoostCallback(row_margins=True, quiet=True)
    xgb.XGBClassifier(n_estimators=3, n_jobs=1, callbacks=[callback]).fit(X, y)
    assert callback.run.data.stream(MarginLog).datasets() == ["(training data)"]
    callback = treedebug.LightGBMCallback(row_margins=True, quiet=True)
    lgb.LGBMClassifier(n_estimators=3, n_jobs=1, verbosity=-1).fit(X, y, callbacks=[callback])
    assert callback.run.data.stream(MarginLog).datasets() == ["training"]


@pytest.mark.parametrize("wrong", ["yes", -1, 1.5, None])
@pytest.mark.parametrize("kind", CALLBACKS.values())
def test_a_wrong_argument_is_refused_before_the_training(kind, wrong):
    with pytest.raises(ConfigError, match="row_margins"):
        kind(None, row_margins=wrong)


@both
def test_suspects_are_the_same_live_loaded_and_checked(train, tmp_path):
    rule = SuspectedLabelNoise(min_noise=0.0, min_transfer=0.0, min_rows=10)
    callback = CALLBACKS[train](tmp_path, row_margins=True, quiet=True, rules=[rule], config=Config(select=()))
    train(callback)
    live = [f.to_dict() for f in callback.run.findings]
    assert [f["code"] for f in live] == ["DA622"]
    assert [f.to_dict() for f in treedebug.load(tmp_path).findings] == live
    again = treedebug.check(tmp_path, rules=[rule], config=Config(select=()))
    assert [f.to_dict() for f in again.verdict.findings] == live
