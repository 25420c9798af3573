"""LightGBM has no hook at the end of a training: every way it may end leaves a finished, readable run."""

import contextlib
import pickle
import subprocess
import sys
import threading

import lightgbm as lgb
import numpy as np
import pytest
from lightgbm.callback import EarlyStopException

import treedebug
from tests.recorders.lightgbm_matrix import train

TAPPED = {"update", "eval_train", "eval_valid", "model_from_string"}
pytestmark = pytest.mark.filterwarnings("ignore")


def recorder(path=None, **kwargs):
    return treedebug.LightGBMCallback(path, quiet=True, **kwargs)


def test_it_is_called_where_it_sees_every_round():
    assert 20 < recorder().order < 30


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("how", ["before", "after", "parameter"])
def test_early_stopping_leaves_a_finished_run_with_the_rounds_past_the_best(tmp_path, how, keep):
    ours, stop = recorder(tmp_path / "run"), lgb.early_stopping(2, verbose=False)
    callbacks = {"before": [stop, ours], "after": [ours, stop], "parameter": [ours]}[how]
    case = "early stopping" if how == "parameter" else "gbdt"
    options = {} if how == "parameter" else {"params": {"learning_rate": 0.9, "num_leaves": 31}, "rounds": 30}
    trained = train(case, callbacks, keep_training_booster=keep, **options)

    run = treedebug.load(tmp_path / "run")  # the callback itself is not asked
    best = trained.booster.best_iteration
    assert run.state == "finished"
    assert run.best_round == best - 1
    assert run.n_rounds == best + 2 == len(trained.log["valid"]["l2"])
    assert run.trees["round_index"].tolist() == list(range(best + 2))
    assert run.header.early_stopping_rounds == 2
    assert not TAPPED & set(trained.booster.__dict__)
    expected = trained.booster.predict(trained.raw, num_iteration=best)
    np.testing.assert_array_equal(run.booster(run.best_round).predict(trained.raw), expected)
    assert run.booster().num_trees() == best + 2


@pytest.mark.parametrize("keep", [False, True])
def test_early_stopping_that_raises_on_the_very_last_round(tmp_path, keep):
    trained = train("gbdt", [recorder(tmp_path), lgb.early_stopping(50, verbose=False)], keep_training_booster=keep)
    run = treedebug.load(tmp_path)
    assert (run.state, run.n_rounds, len(run.trees)) == ("finished", 7, 7)
    assert run.best_round == trained.booster.best_iteration - 1


@pytest.mark.parametrize("keep", [False, True])
def test_all_rounds_done(tmp_path, keep):
    trained = train("gbdt", [recorder(tmp_path)], keep_training_booster=keep)
    run = treedebug.load(tmp_path)
    assert (run.state, run.best_round, run.n_rounds) == ("finished", None, 7)
    assert not TAPPED & set(trained.booster.__dict__)


def test_rounds_without_a_split_keep_their_places(tmp_path):
    iterations = []
    spy = lambda env: iterations.append(env.model.current_iteration())  # callbacks carry attributes
    train("some rounds without a split", [recorder(tmp_path), spy])
    run = treedebug.load(tmp_path)
    made = [r for r, n in enumerate(iterations) if n > (iterations[r - 1] if r else 0)]
    assert run.n_rounds == 20
    assert len(made) < 20
    assert run.trees["round_index"].tolist() == made
    assert run.rounds["n_iterations"].tolist() == iterations
    assert "TR203" in {f.code for f in run.findings}
    assert {f.code for f in run.findings} == {f.code for f in treedebug.check(run).findings}
    idle = next(r for r in range(20) if r not in made)
    np.testing.assert_array_equal(
        run.booster(idle).predict(np.zeros((1, 4))), run.booster(idle - 1).predict(np.zeros((1, 4)))
    )


class Breaks:
    def __init__(self, error, at, *, order):
        self.error, self.at, self.order, self.before_iteration = error, at, order, False

    def __call__(self, env):
        if env.iteration == self.at:
            raise self.error("mine")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("order", [-1, 60])
def test_an_exception_in_another_callback(tmp_path, error, order):
    callback = recorder(tmp_path)
    with pytest.raises(error) as caught:
        train("binary", [callback, Breaks(error, 4, order=order)])
    run = callback.run  # while the exception still holds the booster
    assert (run.state, run.n_rounds, len(run.trees)) == ("interrupted", 5, 5)
    assert sorted(set(run.metrics["round_index"])) == list(range(5))
    del caught
    assert treedebug.load(tmp_path).state == "interrupted"


def test_a_dropped_callback_after_an_exception(tmp_path):
    with contextlib.suppress(ValueError):
        train("gbdt", [recorder(tmp_path), Breaks(ValueError, 3, order=60)])
    run = treedebug.load(tmp_path)
    assert (run.state, run.n_rounds, len(run.trees)) == ("interrupted", 4, 4)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_in_a_custom_objective(tmp_path, error):
    calls = []

    def objective(margin, data):
        calls.append(1)
        if len(calls) == 4:
            raise error("mine")
        return margin - data.get_label(), np.ones_like(margin)

    with contextlib.suppress(error):
        train("gbdt", [recorder(tmp_path)], params={"objective": objective, "metric": "l2"})
    run = treedebug.load(tmp_path)
    assert (run.state, run.n_rounds, len(run.trees)) == ("interrupted", 3, 3)


def test_an_exception_in_a_custom_metric_keeps_the_round_it_was_to_judge(tmp_path):
    calls = []

    def metric(prediction, data):
        calls.append(1)
        if len(calls) == 4:
            raise ValueError("mine")
        return "m", 1.0, True

    with contextlib.suppress(ValueError):
        train("gbdt", [recorder(tmp_path)], feval=metric)
    run = treedebug.load(tmp_path)
    assert (run.state, run.n_rounds, len(run.trees)) == ("interrupted", 4, 4)
    assert run.metrics["round_index"].max() == 2


SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tests.recorders.test_lightgbm_endings import Breaks, recorder
from tests.recorders.lightgbm_matrix import train
held = recorder({path!r})
{body}
"""


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("train('gbdt', [held, Breaks(KeyboardInterrupt, 4, order=60)])", "interrupted"),
        ("train('gbdt', [held, Breaks(SystemExit, 4, order=60)])", "interrupted"),
        ("booster = train('gbdt', [held], keep_training_booster=True); sys.exit(1)", "finished"),
    ],
)
def test_the_interpreter_exits(tmp_path, pytestconfig, body, state):
    script = SCRIPT.format(root=str(pytestconfig.rootpath), path=str(tmp_path), body=body)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    run = treedebug.load(tmp_path)
    assert run.state == state, done.stderr
    assert len(run.trees) == run.n_rounds == (5 if state == "interrupted" else 7)


@pytest.mark.parametrize(("how", "n"), [({}, 7), ({"early": True}, None)])
@pytest.mark.parametrize("keep", [False, True])
def test_a_pickled_booster_needs_no_treedebug(tmp_path, how, n, keep):
    pickles = []

    def checkpoint(env):
        pickles.append(pickle.dumps(env.model))

    checkpoint.order = 27
    trained = train("gbdt", [recorder(), checkpoint], keep_training_booster=keep, **how)
    assert not TAPPED & set(trained.booster.__dict__)
    (tmp_path / "model").write_bytes(pickle.dumps(trained.booster))
    (tmp_path / "live").write_bytes(pickles[-1])
    np.save(tmp_path / "table", trained.table)
    script = (
        "import sys, pickle, numpy as np; sys.modules['treedebug'] = None\n"
        "X = np.load('table.npy')\n"
        "for name in ('model', 'live'):\n"
        "    booster = pickle.load(open(name, 'rb'))\n"
        "    pickle.loads(pickle.dumps(booster))\n"
        "    np.save(name, booster.predict(X, num_iteration=-1))\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=tmp_path, check=True)
    expected = trained.booster.predict(trained.raw, num_iteration=-1)
    np.testing.assert_array_equal(np.load(tmp_path / "model.npy"), expected)
    if keep or not how:
        np.testing.assert_array_equal(np.load(tmp_path / "live.npy"), expected)


def test_a_callback_that_stops_before_ours_is_called(tmp_path):
    def stop(env):
        if env.iteration == 4:
            raise EarlyStopException(2, env.evaluation_result_list)

    seen = []

    def spy(env):
        seen.append(env.evaluation_result_list)

    trained = train("training and validation", [spy, stop, recorder(tmp_path, classes_every=1)])
    run = treedebug.load(tmp_path)
    assert trained.booster.best_iteration == 3
    assert (run.state, run.best_round, run.n_rounds, len(run.trees)) == ("finished", 2, 5, 5)
    last = run.metrics.query("round_index == 4")
    assert [(m.dataset, m.metric, m.value) for m in last.itertuples()] == [(r[0], r[1], r[2]) for r in seen[-1]]
    assert run.classes["round_index"].max() == 4


def test_one_callback_in_successive_trainings(tmp_path):
    callback = recorder(tmp_path / "run")
    for options in ({}, {"early": True}, {"early": True, "keep_training_booster": True}, {}):
        train("gbdt", [callback], **options)
        assert callback.run.state == "finished"
    assert [r.n_rounds for r in callback.runs] == [7, 7, 7, 7]
    places = ["run", "run/fit-000", "run/fit-001", "run/fit-002"]
    assert [str(r.path.relative_to(tmp_path)) for r in callback.runs] == places
    assert not callback._recordings


def test_trainings_in_several_threads_with_one_callback(tmp_path):
    callback = recorder(tmp_path / "run")
    threads = [threading.Thread(target=train, args=("gbdt", [callback])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = treedebug.runs(tmp_path / "run")
    assert [(r.state, r.n_rounds, len(r.trees)) for r in found.values()] == [("finished", 7, 7)] * 3


def test_a_training_within_a_training():
    callback = recorder()
    train("gbdt", [callback, lambda env: train("one round", [callback]) if env.iteration == 3 else None])
    assert [(r.n_rounds, r.state) for r in callback.runs] == [(7, "finished"), (1, "finished")]


def test_the_run_can_be_read_while_it_trains(tmp_path):
    seen = []

    def look(env):
        seen.append((callback.run.n_rounds, callback.run.state, len(callback.run.trees)))
        seen.append((treedebug.load(tmp_path).n_rounds, callback.run.state, len(callback.run.trees)))

    look.order = 27
    callback = recorder(tmp_path)
    train("gbdt", [callback, look])
    assert seen == [(i, "running or killed", i) for i in range(1, 8) for _ in range(2)]


def test_learning_rates_are_those_in_force(tmp_path):
    asked = [0.5, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1]
    for name, given in (("learning_rate", {}), ("learning_rate", {"eta": 0.7}), ("eta", {"learning_rate": 0.7})):
        callback = recorder()
        train("gbdt", [callback, lgb.reset_parameter(**{name: asked})], params=given)
        assert callback.run.rounds["learning_rate"].tolist() == asked

    def halve(env):
        env.model.reset_parameter({"learning_rate": 0.5 ** (env.iteration + 1)})

    for order in (-1, 60):
        halve.order = order
        callback = recorder()
        train("gbdt", [callback, halve], params={"learning_rate": 1.0})
        rates = callback.run.rounds["learning_rate"].tolist()
        assert rates[1:] == [0.5**i for i in range(1, 7)]


@pytest.mark.parametrize("n_rounds", [3, 6])
@pytest.mark.parametrize("searches", ["no search", "optuna is imported"])
def test_somebodys_own_loop(tmp_path, n_rounds, searches):
    if searches != "no search":  # then the frames that call are looked at for a trial
        pytest.importorskip("optuna")
    rng = np.random.default_rng(0)
    booster = lgb.Booster({"verbose": -1, "num_threads": 1}, lgb.Dataset(rng.normal(size=(90, 2)), rng.normal(size=90)))
    callback = recorder(tmp_path)
    for i in range(n_rounds):
        booster.update()
        env = lgb.callback.CallbackEnv(booster, {}, i, 0, 6, booster.eval_train())
        callback(env)
    if n_rounds < 6:
        del callback  # nothing else tells that it is over
    run = treedebug.load(tmp_path)
    assert (run.state, run.n_rounds, len(run.trees)) == (
        "finished" if n_rounds == 6 else "interrupted",
        n_rounds,
        n_rounds,
    )
    assert not TAPPED & set(booster.__dict__)
