"""The findings of a run are the same live, read back from disk, checked afterwards, and replayed round by round."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.boosters import halves, noisy_classes
from tests.properties.seismograph import Seismograph, as_text, story, written_story
from treedebug.api.known_rules import chosen_rules
from treedebug.engine.config import Config
from treedebug.engine.evaluate import replay
from treedebug.engine.watcher import Watcher
from treedebug.reports import live_watcher
from treedebug.store.writing.outbox import FlushPlan

XGB = {"nthread": 1, "seed": 1, "verbosity": 0, "max_depth": 3}
LGB = {"num_threads": 1, "seed": 1, "verbosity": -1, "num_leaves": 6, "min_data_in_leaf": 3}


@pytest.fixture
def watchers(monkeypatch):
    """The live engines of the trainings to come."""
    made = []

    class Kept(Watcher):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            made.append(self)

    monkeypatch.setattr(live_watcher, "Watcher", Kept)
    return made


@pytest.fixture(params=[(64, 1.0), (1, 1.0), (3, 1.0), (64, 0.0), (10_000, 1e9)], ids=str)
def partition(request):
    """How rounds are cut into batches: by number, by time, or not at all."""
    return FlushPlan(*request.param)


def table(n_classes=2):
    features, label = noisy_classes(160, 4, noise=2.0)
    return halves(features, label if n_classes == 2 else np.digitize(features[:, 0], [-0.5, 0.5]).astype(float))


def train_xgboost(callback, n_rounds=33, *, n_classes=2, patience=None, model=None, **params):
    train, valid = (xgb.DMatrix(*part) for part in table(n_classes))
    goal = {"objective": "binary:logistic"} if n_classes == 2 else {"objective": "multi:softprob", "num_class": 3}
    return xgb.train(
        {**XGB, **goal, **params}, train, n_rounds, evals=[(train, "train"), (valid, "valid")], verbose_eval=False,
        callbacks=[callback], early_stopping_rounds=patience, xgb_model=model,
    )  # fmt: skip


def train_lightgbm(callback, n_rounds=33, *, n_classes=2, model=None, callbacks=(), **params):
    train, valid = (lgb.Dataset(*part, free_raw_data=False) for part in table(n_classes))
    goal = {"objective": "binary"} if n_classes == 2 else {"objective": "multiclass", "num_class": 3}
    return lgb.train(
        {**LGB, **goal, **params}, train, n_rounds, valid_sets=[train, valid], valid_names=["train", "valid"],
        callbacks=[*callbacks, callback], init_model=model,
    )  # fmt: skip


def assert_one_story(path, watcher, *, events=True):
    """Live, loaded, checked, replayed: the same."""
    live = watcher.timeline
    run = treedebug.load(path)
    assert live.verdict.findings
    assert as_text(run.findings) == as_text(live.verdict.findings)
    report = treedebug.check(run, rules=[Seismograph], config=Config())
    again = replay(run.data, watcher.rules)
    for verdict in (report.verdict, again.verdict):
        assert as_text(verdict.findings) == as_text(live.verdict.findings)
        assert (verdict.n_rounds, verdict.skipped, verdict.silent) == (
            live.verdict.n_rounds, live.verdict.skipped, live.verdict.silent,
        )  # fmt: skip
        assert verdict.crashed == live.verdict.crashed == ()
    assert story(again) == story(live)
    if events:
        assert written_story(path) == story(live)


CASES = {
    "binary": (train_xgboost, {}),
    "three classes": (train_xgboost, {"n_classes": 3}),
    "early stopping": (train_xgboost, {"n_rounds": 200, "patience": 3, "eta": 0.8}),
    "a check round is the last": (train_xgboost, {"n_rounds": 30}),
    "four rounds": (train_xgboost, {"n_rounds": 4}),
    "dart": (train_xgboost, {"booster": "dart", "rate_drop": 0.5}),
    "gblinear": (train_xgboost, {"booster": "gblinear"}),
    "lightgbm binary": (train_lightgbm, {}),
    "lightgbm three classes": (train_lightgbm, {"n_classes": 3}),
    "lightgbm early stopping": (train_lightgbm, {"n_rounds": 200, "early_stopping_round": 3, "learning_rate": 0.8}),
    "lightgbm dart": (train_lightgbm, {"boosting": "dart", "drop_rate": 0.5}),
    "lightgbm without a split": (train_lightgbm, {"min_gain_to_split": 1e9}),
    "lightgbm stops splitting": (train_lightgbm, {"min_gain_to_split": 1.0, "learning_rate": 0.9}),
}


def callback_for(train, path, *, flush=None, **kwargs):
    kind = treedebug.XGBoostCallback if train is train_xgboost else treedebug.LightGBMCallback
    callback = kind(path, rules=[Seismograph], config=Config(), quiet=True, **kwargs)
    if flush is not None:
        callback._setup.settings = dataclasses.replace(callback._setup.settings, flush=flush)
    return callback


@pytest.mark.parametrize("case", CASES)
def test_one_story(case, tmp_path, watchers, partition):
    train, kwargs = CASES[case]
    train(callback_for(train, tmp_path / "run", flush=partition), **kwargs)
    assert_one_story(tmp_path / "run", watchers[0])


@pytest.mark.parametrize("every", [1, 7, 1000])
def test_class_balance_as_often_as_the_user_likes(every, tmp_path, watchers):
    train_xgboost(callback_for(train_xgboost, tmp_path / "run", classes_every=every), n_rounds=30)
    assert_one_story(tmp_path / "run", watchers[0])


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
def test_an_action_stops_at_a_check_round(train, tmp_path, watchers):
    callback = callback_for(train, tmp_path / "run", actions=[treedebug.StopTraining(on=["ZZ"])])
    train(callback)
    assert callback.run.state == "stopped"
    assert callback.run.n_rounds == 1
    assert_one_story(tmp_path / "run", watchers[0])


class Stop(Exception):  # noqa: N818 - not an error: Ctrl-C
    """An exception in the middle of a training."""


class RaisesAt(xgb.callback.TrainingCallback):
    def __init__(self, round_index):
        self.at = round_index

    def after_iteration(self, model, epoch, evals_log):
        if epoch == self.at:
            raise Stop
        return False


@pytest.mark.parametrize("at", [3, 17, 19])
def test_interrupted_xgboost(at, tmp_path, watchers, partition):
    callback = callback_for(train_xgboost, tmp_path / "run", flush=partition)
    train = xgb.DMatrix(*table()[0])
    with pytest.raises(Stop):
        xgb.train(XGB, train, 30, evals=[(train, "train")], verbose_eval=False, callbacks=[callback, RaisesAt(at)])
    live = watchers[0]
    run = callback.run
    if not run.data.ended:  # the exception still holds the frame: as a watcher sees it
        assert as_text(treedebug.load(tmp_path / "run").findings) == as_text(live.timeline.verdict.findings)
    del callback, run
    again = replay(treedebug.load(tmp_path / "run").data, live.rules)
    assert as_text(again.verdict.findings) == as_text(live.timeline.verdict.findings)
    assert story(again) == story(live.timeline)


@pytest.mark.parametrize("at", [3, 17, 20])
def test_interrupted_lightgbm(at, tmp_path, watchers):
    def bomb(env):
        if env.iteration == at:
            raise Stop

    bomb.order = 99
    callback = callback_for(train_lightgbm, tmp_path / "run")
    with pytest.raises(Stop):
        train_lightgbm(callback, callbacks=[bomb])
    callback.run  # noqa: B018 - closes what the library told nobody the end of
    again = replay(treedebug.load(tmp_path / "run").data, watchers[0].rules)
    assert as_text(again.verdict.findings) == as_text(watchers[0].timeline.verdict.findings)
    assert story(again) == story(watchers[0].timeline)


@pytest.mark.parametrize(("first", "cut", "second"), [(23, 23, 20), (30, 30, 10), (23, 12, 30), (30, 5, 3), (4, 4, 30)])
@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_resumed(library, first, cut, second, tmp_path, watchers):
    train = train_xgboost if library == "xgboost" else train_lightgbm
    booster = train(callback_for(train, tmp_path / "run"), first)
    is_xgboost = library == "xgboost"
    model = booster[:cut] if is_xgboost else lgb.Booster(model_str=booster.model_to_string(num_iteration=cut))
    train(callback_for(train, tmp_path / "run", resume=True), second, model=model)
    assert treedebug.load(tmp_path / "run").n_rounds == cut + second
    assert_one_story(tmp_path / "run", watchers[1], events=False)


def test_continued_without_the_beginning(tmp_path, watchers):
    booster = train_xgboost(callback_for(train_xgboost, tmp_path / "first"), 12)
    train_xgboost(callback_for(train_xgboost, tmp_path / "run"), 21, model=booster)
    assert treedebug.load(tmp_path / "run").header.start_round == 12
    assert_one_story(tmp_path / "run", watchers[1])


WATCHER = """
import sys
import treedebug
from tests.properties.seismograph import Seismograph, as_text
from treedebug.engine.config import Config
run = treedebug.load(sys.argv[1])
report = treedebug.check(run, rules=[Seismograph], config=Config())
print("\\n".join(as_text(run.findings)))
print("--")
print("\\n".join(as_text(report.findings)))
"""


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
def test_another_process_reads_while_it_trains(train, tmp_path, watchers):
    """Half way through the training, another process must see what the training process sees."""
    seen = []

    def look(round_index):
        if round_index != 26:
            return
        command = [sys.executable, "-c", WATCHER, str(tmp_path / "run")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        loaded, _, checked = done.stdout.partition("--\n")
        seen.append((loaded.splitlines(), checked.splitlines(), as_text(watchers[0].timeline.verdict.findings)))

    callback = callback_for(train, tmp_path / "run")
    if train is train_xgboost:

        class Looks(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                look(epoch)

        data = xgb.DMatrix(*table()[0])
        xgb.train(XGB, data, 30, evals=[(data, "train")], verbose_eval=False, callbacks=[callback, Looks()])
    else:
        train(callback, callbacks=[lambda env: look(env.iteration)])
    ((loaded, checked, live),) = seen
    assert live
    assert loaded == live
    assert checked == live


def test_the_callback_gives_what_it_has_written(tmp_path, watchers):
    callback = callback_for(train_xgboost, tmp_path / "run")
    train_xgboost(callback)
    memory = callback_for(train_xgboost, None)
    train_xgboost(memory)
    assert as_text(callback.run.findings) == as_text(watchers[0].timeline.verdict.findings)
    assert as_text(memory.run.findings) == as_text(watchers[1].timeline.verdict.findings)


def test_the_rules_are_those_of_the_check():
    assert [r.code for r in chosen_rules(Config(), [Seismograph])][-1] == "ZZ001"
