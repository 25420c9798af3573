"""How an XGBoost training ends, and how it goes on: early stopping, exceptions, Ctrl-C, continued training, actions."""

from __future__ import annotations

import gc
import itertools
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

import treedebug
from tests.recorders.xgboost_matrix import BINARY, CASES, Case, raw_of, train, xgb
from treedebug import RunExistsError, StopTraining, XGBoostCallback, check, load
from treedebug.store.file_format import FILE_NAME

EarlyStopping = xgb.callback.EarlyStopping
NOISE = (np.random.default_rng(3).random(len(BINARY)) > 0.5).astype(float)
HOPELESS = Case({"objective": "binary:logistic", "eval_metric": ["error", "logloss"], "eta": 0.5}, NOISE, rounds=240)
"""Labels without a pattern: validation gets worse from the start."""


def callback(path=None, **more):
    return XGBoostCallback(path, quiet=True, **more)


class Raises(xgb.callback.TrainingCallback):
    def __init__(self, error: BaseException, at: int) -> None:
        self.error, self.at = error, at

    def after_iteration(self, model, epoch, evals_log):
        if epoch == self.at:
            raise self.error
        return False


# -- early stopping ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save_best", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_early_stopping_before_or_after_us(tmp_path, first: bool, save_best: bool) -> None:
    mine, stop = callback(tmp_path / "run"), EarlyStopping(rounds=3, save_best=save_best)
    booster, log, *_ = train(HOPELESS, callbacks=[mine, stop] if first else [stop, mine])
    n = len(log["valid"]["logloss"])
    assert 3 < n < 240
    run = load(tmp_path / "run")
    assert run.n_rounds == n, "the round in which early stopping stops is recorded"
    assert run.state == "finished"
    assert run.best_round == n - 4
    assert run.metrics.query("dataset == 'valid' and metric == 'logloss'").value.tolist() == log["valid"]["logloss"]
    assert run.header.early_stopping_rounds == 3
    assert booster.num_boosted_rounds() == (n - 3 if save_best else n)
    kept = booster.num_boosted_rounds()
    assert run.booster(kept - 1).get_dump() == booster.get_dump()
    assert len(run.trees) == n, "also those that save_best throws away"
    assert run.classes.round_index.max() == n - 1
    assert not run.notes


def test_early_stopping_given_as_an_argument() -> None:
    mine = callback()
    booster, *_ = train(HOPELESS, callbacks=[mine], early_stopping_rounds=5)
    assert mine.run.header.early_stopping_rounds == 5
    assert mine.run.best_round == booster.best_iteration
    assert mine.run.n_rounds == booster.num_boosted_rounds()
    assert mine.run.header.planned_rounds == 240


def test_without_early_stopping_there_is_no_best_round() -> None:
    mine = callback()
    train(CASES["hist"], callbacks=[mine])
    assert mine.run.best_round is None
    assert mine.run.header.early_stopping_rounds is None


# -- exceptions and Ctrl-C ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt()], ids=["error", "ctrl-c"])
@pytest.mark.parametrize("name", ["hist", "dart", "softprob", "gblinear coord"])
def test_what_was_trained_before_an_exception_is_kept(tmp_path, error: BaseException, first: bool, name: str) -> None:
    mine, other = callback(tmp_path / "run"), Raises(error, at=7)
    with pytest.raises(type(error)):
        train(CASES[name], callbacks=[mine, other] if first else [other, mine])
    run = mine.run
    n = 8 if first else 7
    assert (run.state, run.n_rounds) == ("interrupted", n)
    again = load(tmp_path / "run")
    assert (again.state, again.n_rounds, len(again.trees)) == ("interrupted", n, len(run.trees))
    if name != "gblinear coord":
        per_round = run.header.trees_per_round
        assert len(run.trees) == n * per_round
        at = n - 1 if name != "dart" else max(run.data.trees.snapshot_rounds)
        assert run.booster(at).num_boosted_rounds() == at + 1
    assert run.classes.empty or run.classes.round_index.max() <= n - 1


def test_exception_in_a_custom_metric_or_objective(tmp_path) -> None:
    def breaks(predictions, data):
        if next(calls) >= 8:
            raise RuntimeError("no more")
        return "odd", 1.0

    calls = itertools.count()
    mine = callback(tmp_path / "run")
    with pytest.raises(RuntimeError):
        train(CASES["softprob"], callbacks=[mine], custom_metric=breaks)
    assert (mine.run.state, mine.run.n_rounds) == ("interrupted", 4)
    assert mine.run.booster().num_boosted_rounds() == 4

    def objective(margins, data):
        if next(calls) >= 3:
            raise KeyboardInterrupt
        return margins - data.get_label(), np.ones_like(margins)

    calls = itertools.count()
    mine = callback(tmp_path / "run 2")
    with pytest.raises(KeyboardInterrupt):
        train(CASES["hist"], callbacks=[mine], obj=objective)
    assert (mine.run.state, mine.run.n_rounds) == ("interrupted", 3)


def test_dart_stopped_between_update_and_us_has_no_mixed_up_weights() -> None:
    mine = callback(dart_every=1)
    with pytest.raises(ValueError, match="mine"):
        train(CASES["dart"], callbacks=[Raises(ValueError("mine"), at=6), mine])
    run = mine.run
    assert run.n_rounds == 6
    assert run.data.trees.snapshot_rounds == [0, 1, 2, 3, 4, 5]
    assert run.booster(5).num_boosted_rounds() == 6
    assert not run.notes


def test_dropped_callback_closes_its_run(tmp_path) -> None:
    mine = callback(tmp_path / "run")
    with pytest.raises(ValueError, match="mine"):
        train(CASES["hist"], callbacks=[mine, Raises(ValueError("mine"), at=3)])
    del mine
    gc.collect()
    assert (load(tmp_path / "run").state, load(tmp_path / "run").n_rounds) == ("interrupted", 4)


def test_interpreter_exit_closes_the_run(tmp_path) -> None:
    script = textwrap.dedent(f"""
        import numpy as np, xgboost as xgb, treedebug
        X = np.random.default_rng(0).normal(size=(50, 3))
        d = xgb.DMatrix(X, X[:, 0])
        class Raises(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                if epoch == 5: raise KeyboardInterrupt
        c = treedebug.XGBoostCallback({str(tmp_path / "run")!r})
        xgb.train({{"nthread": 1}}, d, 20, callbacks=[c, Raises()], evals=[(d, "train")], verbose_eval=False)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode
    assert "KeyboardInterrupt" in done.stderr
    run = load(tmp_path / "run")
    assert (run.state, run.n_rounds, len(run.trees)) == ("interrupted", 6, 6)


def test_a_finished_callback_holds_neither_booster_nor_data() -> None:
    mine = callback()
    booster, _, dtrain, _ = train(CASES["hist"], callbacks=[mine])
    assert not mine._recordings
    assert sys.getrefcount(booster) <= 3
    del booster
    gc.collect()
    held = [type(o).__name__ for o in gc.get_objects() if type(o).__name__ == "XGBoostPort" and o.booster is not None]
    assert not held
    assert sys.getrefcount(dtrain) <= 3


def test_read_from_another_thread_while_it_trains() -> None:
    mine, seen = callback(), []

    class Slow(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            time.sleep(0.002)
            return False

    training = threading.Thread(target=lambda: train(CASES["softprob"], callbacks=[mine, Slow()]))
    training.start()
    while training.is_alive():
        if mine._setup.places:
            run = mine.run
            seen.append((run.n_rounds, run.state))
    training.join()
    assert mine.run.state == "finished"
    assert {state for _, state in seen} <= {"running or killed", "finished"}
    assert seen == sorted(seen, key=lambda s: s[0])


def test_training_within_a_training() -> None:
    """A metric that trains a model of its own, recorded by the same callback."""
    mine = callback()

    def nested(predictions, data):
        if next(calls) == 0:
            train(CASES["softprob"], callbacks=[mine])
        return "odd", 1.0

    calls = itertools.count()
    booster, *_ = train(CASES["hist"], callbacks=[mine], custom_metric=nested)
    outer, inner = mine.runs
    assert (outer.state, outer.n_rounds) == ("finished", 12)
    assert (inner.state, inner.n_rounds) == ("finished", 12)
    assert outer.booster().get_dump() == booster.get_dump()


# -- continued training ------------------------------------------------------------------------------------------------


def segments(case: Case, first: int, second: int):
    """The same training in two parts."""
    return replace(case, rounds=first), replace(case, rounds=second)


@pytest.mark.parametrize("name", ["hist", "softmax forest", "dart"])
def test_continued_elsewhere_counts_over_the_whole_life(tmp_path, name: str) -> None:
    one, two = segments(CASES[name], 5, 8)
    booster, *_ = train(one)
    mine = callback(tmp_path / "run", dart_every=1)
    end, log, _, dvalid = train(two, callbacks=[mine], xgb_model=booster)
    run = mine.run
    assert (run.n_rounds, run.header.start_round, run.header.planned_rounds) == (13, 5, 13)
    assert run.rounds.round_index.tolist() == list(range(5, 13))
    assert run.metrics.round_index.min() == 5
    found = run.metrics[run.metrics.dataset == "valid"].groupby("metric").value.apply(list).to_dict()
    assert found == dict(log["valid"])
    assert len(run.trees) == len(end.get_dump()), "the trees of before are recorded, too"
    assert run.trees.round_index.max() == 12
    for round_index in (12, 8):
        if name != "dart":
            expected = end[: round_index + 1].predict(dvalid)
            np.testing.assert_array_equal(run.booster(round_index).predict(dvalid), expected)
    np.testing.assert_array_equal(run.booster().predict(dvalid), end.predict(dvalid))
    assert not run.notes


@pytest.mark.parametrize("name", ["hist", "weights", "softprob"])
@pytest.mark.parametrize("cut", [3, 20, 23])
def test_resumed_is_as_if_it_had_never_stopped(tmp_path, name: str, cut: int) -> None:
    case = CASES[name]
    one, two = segments(case, cut, 44 - cut)
    _, whole = segments(case, 1, 44)
    straight = callback(tmp_path / "straight")
    end, *_ = train(whole, callbacks=[straight])
    mine = callback(tmp_path / "run")
    booster, *_ = train(one, callbacks=[mine])
    again = callback(tmp_path / "run", resume=True)
    resumed, *_ = train(two, callbacks=[again], xgb_model=booster)
    assert raw_of(resumed) == raw_of(end)
    a, b = load(tmp_path / "run"), load(tmp_path / "straight")
    assert not a.notes
    assert a.metrics.equals(b.metrics)
    assert a.trees.equals(b.trees)
    assert (
        a.classes.query("round_index % 10 == 9")
        .reset_index(drop=True)
        .equals(b.classes.query("round_index % 10 == 9").reset_index(drop=True))
    )
    assert [f.to_dict() for f in a.findings] == [f.to_dict() for f in b.findings]
    assert [f.to_dict() for f in check(a).verdict.findings] == [f.to_dict() for f in check(b).verdict.findings]
    assert [f.to_dict() for f in a.findings] == [f.to_dict() for f in check(a).verdict.findings]
    assert a.header.run_id == load(tmp_path / "run").header.run_id
    assert a.booster(43).get_dump() == end.get_dump()


def test_resumed_from_a_cut_booster_rewinds(tmp_path) -> None:
    mine = callback(tmp_path / "run")
    booster, *_ = train(HOPELESS, callbacks=[mine, EarlyStopping(rounds=20)])
    before = mine.run
    best = booster.best_iteration
    assert before.n_rounds > best + 10
    _, more = segments(HOPELESS, 1, 3)
    again = callback(tmp_path / "run", resume=True)
    end, *_ = train(more, callbacks=[again], xgb_model=booster[: best + 1])
    run = load(tmp_path / "run")
    assert run.n_rounds == best + 4
    assert run.rounds.round_index.tolist() == list(range(best + 4))
    assert run.booster().get_dump() == end.get_dump()
    assert len(run.trees) == best + 4
    assert all(f.detected_at <= best + 4 for f in run.findings)
    assert [f.to_dict() for f in run.findings] == [f.to_dict() for f in check(run).verdict.findings]
    assert [n.topic for n in run.notes] == ["resume"]


def test_another_booster_than_the_one_to_resume_is_recorded_beside(tmp_path, capfd) -> None:
    train(CASES["hist"], callbacks=[callback(tmp_path / "run")])
    other, *_ = train(CASES["exact pruned"])
    before = (tmp_path / "run" / FILE_NAME).read_bytes()
    again = XGBoostCallback(tmp_path / "run", resume=True)
    booster, *_ = train(CASES["hist"], callbacks=[again], xgb_model=other)
    assert "not the one recorded here" in capfd.readouterr().err
    assert (tmp_path / "run" / FILE_NAME).read_bytes() == before
    assert again.run.path == tmp_path / "run-2"
    assert again.run.n_rounds == booster.num_boosted_rounds()


def test_resuming_nothing_begins(tmp_path) -> None:
    mine = callback(tmp_path / "run", resume=True)
    train(CASES["hist"], callbacks=[mine])
    assert (mine.run.n_rounds, mine.run.state) == (12, "finished")


def test_resumed_without_the_booster_records_beside(tmp_path, capfd) -> None:
    train(CASES["hist"], callbacks=[callback(tmp_path / "run")])
    mine = XGBoostCallback(tmp_path / "run", resume=True)
    end, *_ = train(segments(CASES["hist"], 1, 4)[1], callbacks=[mine])
    assert "this training starts from none" in capfd.readouterr().err
    assert (mine.run.path, mine.run.n_rounds) == (tmp_path / "run-2", 4)
    assert mine.run.booster().get_dump() == end.get_dump()
    assert load(tmp_path / "run").n_rounds == 12


def test_gblinear_continues_its_count(tmp_path) -> None:
    one, two = segments(CASES["gblinear coord"], 4, 3)
    booster, *_ = train(one, callbacks=[callback(tmp_path / "run")])
    train(two, callbacks=[callback(tmp_path / "run", resume=True)], xgb_model=booster)
    run = load(tmp_path / "run")
    assert run.rounds.round_index.tolist() == list(range(7))
    assert len(run.metrics.query("metric == 'auc' and dataset == 'valid'")) == 7


@pytest.mark.filterwarnings("ignore:.*You have manually specified the `updater`")
def test_rewriting_the_trees_of_a_finished_model_is_recorded_without_them() -> None:
    booster, *_ = train(CASES["hist"])
    update = Case({"process_type": "update", "updater": "refresh", "refresh_leaf": True}, CASES["hist"].y, rounds=12)
    mine = callback()
    refreshed, log, *_ = train(update, callbacks=[mine], xgb_model=booster)
    plain, *_ = train(update, xgb_model=booster)
    assert raw_of(refreshed) == raw_of(plain)
    assert [n.topic for n in mine.run.notes] == ["trees"]
    assert mine.run.metrics.query("dataset == 'valid'").value.tolist() == log["valid"]["rmse"]
    assert mine.run.booster().get_dump() == refreshed.get_dump()
    assert [f.to_dict() for f in mine.run.findings] == [f.to_dict() for f in check(mine.run).verdict.findings]


def test_a_path_with_a_run_is_refused_at_once(tmp_path) -> None:
    train(CASES["one round"], callbacks=[callback(tmp_path / "run")])
    with pytest.raises(RunExistsError, match="exists='resume'"):
        callback(tmp_path / "run", exists="error")
    with pytest.raises(RunExistsError):
        callback(str(tmp_path / "run"), exists="error")


def test_a_path_with_a_run_is_recorded_beside(tmp_path, capfd) -> None:
    for rounds in (3, 4, 5):
        train(segments(CASES["hist"], rounds, 1)[0], callbacks=[XGBoostCallback(tmp_path / "run", select=["HP501"])])
    found = {k: r.n_rounds for k, r in treedebug.runs(tmp_path).items()}
    assert found == {"run": 3, "run-2": 4, "run-3": 5}
    said = capfd.readouterr().err.splitlines()
    assert [line.count("already holds a run: this training is recorded at") for line in said] == [1, 1]


def test_a_second_training_records_to_a_folder_of_its_own(tmp_path) -> None:
    mine = callback(tmp_path / "run")
    for rounds in (3, 4, 5):
        train(segments(CASES["hist"], rounds, 1)[0], callbacks=[mine])
    assert [r.n_rounds for r in mine.runs] == [3, 4, 5]
    found = treedebug.runs(tmp_path / "run")
    assert {k: r.n_rounds for k, r in found.items()} == {".": 3, "fit-000": 4, "fit-001": 5}


# -- learning rates ----------------------------------------------------------------------------------------------------


class InBeforeIteration(xgb.callback.TrainingCallback):
    def before_iteration(self, model, epoch, evals_log):
        model.set_param({"eta": 0.5 / (epoch + 1)})
        return False


@pytest.mark.parametrize("first", [False, True])
def test_learning_rate_of_every_round(first: bool) -> None:
    schedule = xgb.callback.LearningRateScheduler(lambda epoch: 0.5 * 0.8 ** (epoch + 1))
    mine = callback()
    case = Case({"eta": 0.5})
    booster, *_ = train(case, callbacks=[mine, schedule] if first else [schedule, mine])
    np.testing.assert_allclose(mine.run.rounds.learning_rate, 0.5 * 0.8 ** np.arange(12))
    assert set(booster.__dict__) <= {"handle"}

    mine = callback()
    others = [InBeforeIteration()]
    train(case, callbacks=[mine, *others] if first else [*others, mine])
    np.testing.assert_allclose(mine.run.rounds.learning_rate, 0.5 / (np.arange(12) + 1))


def test_default_learning_rates_are_known_from_the_first_round() -> None:
    for name, rate in {"hist": 0.3, "gblinear": 0.5, "dart": 0.3}.items():
        mine = callback()
        train(CASES[name], callbacks=[mine])
        assert mine.run.rounds.learning_rate.tolist() == [rate] * 12
        assert mine.run.params["learning_rate"] == rate


def test_header_says_what_was_trained() -> None:
    mine = callback()
    train(CASES["weights"], callbacks=[mine])
    header = mine.run.header
    assert header.versions.keys() >= {"treedebug", "python", "xgboost"}
    assert header.library == "xgboost"
    assert (header.objective, header.booster, header.n_classes, header.n_features) == (
        "binary:logistic",
        "gbtree",
        2,
        4,
    )
    assert header.params["max_depth"] == 3
    assert header.params["scale_pos_weight"] == 3
    assert header.params_given["scale_pos_weight"] == 3
    assert header.data["train"]["is_training"]
    assert not header.data["valid"]["is_training"]
    assert (header.data["train"]["n_rows"], header.data["valid"]["n_rows"]) == (80, 40)
    assert header.planned_rounds == 12


# -- pickles in the middle ---------------------------------------------------------------------------------------------


class Pickles(xgb.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        self.raw = pickle.dumps(model)
        self.model = model
        return False


def test_a_booster_pickled_in_the_middle_needs_no_treedebug(tmp_path) -> None:
    other = Pickles()
    booster, _, _, dvalid = train(CASES["hist"], callbacks=[callback(), other, InBeforeIteration()])
    assert b"treedebug" not in other.raw
    copy = pickle.loads(other.raw)  # noqa: S301 - our own
    np.testing.assert_array_equal(copy.predict(dvalid), booster.predict(dvalid))
    copy.set_param({"max_depth": 2})
    copy.update(dvalid, 0)
    (tmp_path / "booster.pickle").write_bytes(other.raw)
    script = (
        "import sys, pickle; sys.modules['treedebug'] = None; "
        f"b = pickle.load(open({str(tmp_path / 'booster.pickle')!r}, 'rb')); b.set_param('eta', 1); "
        "print(b.num_boosted_rounds())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "12"


def test_taps_are_gone_after_an_exception_once_the_run_is_asked_for() -> None:
    mine, other = callback(), Pickles()
    with pytest.raises(ValueError, match="mine"):
        train(CASES["hist"], callbacks=[mine, other, Raises(ValueError("mine"), at=2)])
    assert mine.run.state == "interrupted"
    assert set(other.model.__dict__) <= {"handle"}


# -- actions -----------------------------------------------------------------------------------------------------------


def test_nothing_stops_without_an_action() -> None:
    mine = callback()
    train(HOPELESS, callbacks=[mine])
    assert any(f.code == "CV102" for f in mine.run.findings)
    assert (mine.run.n_rounds, mine.run.state) == (240, "finished")


@pytest.mark.parametrize("start", [0, 4])
def test_stop_training_ends_as_early_stopping_would(start: int) -> None:
    mine = callback(actions=[StopTraining(on=["CV102"])])
    before = train(segments(HOPELESS, start, 1)[0])[0] if start else None
    booster, log, *_ = train(HOPELESS, callbacks=[mine], xgb_model=before)
    run = mine.run
    history = log["valid"]["logloss"]
    assert run.state == "stopped"
    assert run.n_rounds == start + len(history) < start + 240
    assert booster.num_boosted_rounds() == run.n_rounds
    assert booster.best_iteration == run.best_round == start + int(np.argmin(history))
    assert booster.best_score == pytest.approx(min(history))
    assert run.data.ending["reason"].startswith("CV102")


def test_an_action_that_raises_breaks_nothing(capsys) -> None:
    class Broken:
        def on_findings(self, run, findings, knobs):
            raise RuntimeError("the action is broken")

    mine = XGBoostCallback(actions=[Broken()])
    train(HOPELESS, callbacks=[mine])
    assert mine.run.n_rounds == 240
    assert any("the action is broken" in n.message for n in mine.run.notes)
    assert capsys.readouterr().err.count("the action is broken") == 1
