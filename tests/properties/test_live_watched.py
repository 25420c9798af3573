"""A run that is watched while it trains, look by look, has the findings of the training itself."""

from __future__ import annotations

import pytest
import xgboost as xgb

from tests.properties.seismograph import Seismograph, as_text, story
from tests.properties.test_live_loaded_replayed import (
    CASES,
    RaisesAt,
    Stop,
    callback_for,
    table,
    train_lightgbm,
    train_xgboost,
    watchers,  # noqa: F401 - a fixture
)
from treedebug.api.known_rules import chosen_rules
from treedebug.api.watched_run import WatchedRun
from treedebug.engine.config import Config
from treedebug.store.writing.outbox import FlushPlan


def watched_at(path):
    return WatchedRun(path, chosen_rules(Config(), [Seismograph]))


class Polls(xgb.callback.TrainingCallback):
    """Looks after every round, as another process might."""

    def __init__(self, watched):
        self.watched = watched

    def after_iteration(self, model, epoch, evals_log):
        self.watched.poll()
        return False

    def __call__(self, env):
        self.watched.poll()


def train_watched(train, callback, watched, **kwargs):
    if train is train_lightgbm:
        looks = Polls(watched)
        looks.order = 26  # behind the recorder
        return train(callback, callbacks=[looks.__call__], **kwargs)
    original = xgb.train

    def patched(*args, callbacks=(), **rest):
        return original(*args, callbacks=[*callbacks, Polls(watched)], **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xgb, "train", patched)
        return train(callback, **kwargs)


def assert_watched(watched, live):
    watched.poll()
    timeline = watched._judge.timeline
    assert as_text(timeline.verdict.findings) == as_text(live.timeline.verdict.findings)
    assert (timeline.verdict.n_rounds, timeline.verdict.skipped, timeline.verdict.silent) == (
        live.timeline.verdict.n_rounds, live.timeline.verdict.skipped, live.timeline.verdict.silent,
    )  # fmt: skip
    assert story(timeline) == story(live.timeline)


@pytest.mark.parametrize("flush", [FlushPlan(64, 1.0), FlushPlan(1, 1.0), FlushPlan(10_000, 1e9)], ids=str)
@pytest.mark.parametrize("case", CASES)
def test_watched_round_by_round(case, flush, tmp_path, watchers):  # noqa: F811 - the fixture
    train, kwargs = CASES[case]
    watched = watched_at(tmp_path / "run")
    train_watched(train, callback_for(train, tmp_path / "run", flush=flush), watched, **kwargs)
    assert_watched(watched, watchers[0])
    assert watched.is_over


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
def test_watched_through_a_resume(train, tmp_path, watchers):  # noqa: F811 - the fixture
    watched = watched_at(tmp_path / "run")
    booster = train_watched(train, callback_for(train, tmp_path / "run"), watched, n_rounds=23)
    watched.poll()
    assert watched.state == "finished"
    if train is train_xgboost:
        booster = booster[:12]
    else:
        import lightgbm as lgb

        booster = lgb.Booster(model_str=booster.model_to_string(num_iteration=12))
    train_watched(
        train, callback_for(train, tmp_path / "run", resume=True), watched, n_rounds=30, model=booster
    )  # fmt: skip
    watched.poll()
    live = watchers[1].timeline.verdict
    assert as_text(watched._judge.timeline.verdict.findings) == as_text(live.findings)
    assert watched.run.n_rounds == 42


def test_a_run_recorded_without_judging_is_judged_by_the_watcher(tmp_path, watchers):  # noqa: F811 - the fixture
    judged, unjudged = callback_for(train_xgboost, tmp_path / "a"), None
    train_xgboost(judged)
    import treedebug

    unjudged = treedebug.XGBoostCallback(tmp_path / "b", judge=False, quiet=True)
    watched = WatchedRun(tmp_path / "b", chosen_rules(Config(), [Seismograph]))
    train_watched(train_xgboost, unjudged, watched)
    watched.poll()
    assert unjudged.run.findings == []
    assert watched.run.header.extra["is_judged"] is False
    live = watchers[0].timeline
    timeline = watched._judge.timeline
    # All but what the clock and the run's own name say: two trainings never take the same seconds.
    keys = {f.key for f in live.verdict.findings if not f.code.startswith("SY")}
    assert {f.key for f in timeline.verdict.findings if not f.code.startswith("SY")} == keys
    trees = {f.subject: f for f in live.verdict.findings if f.code == "ZZ001"}["trees"]
    assert trees in timeline.verdict.findings


def test_watched_until_it_is_killed(tmp_path, watchers):  # noqa: F811 - the fixture
    callback = callback_for(train_xgboost, tmp_path / "run")
    train = xgb.DMatrix(*table()[0])
    watched = watched_at(tmp_path / "run")
    with pytest.raises(Stop):
        xgb.train({"nthread": 1}, train, 30, evals=[(train, "train")], verbose_eval=False,
                  callbacks=[callback, Polls(watched), RaisesAt(17)])  # fmt: skip
    del callback
    assert_watched(watched, watchers[0])
    assert watched.state == "interrupted"
