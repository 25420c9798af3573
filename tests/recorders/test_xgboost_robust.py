"""What may go wrong inside treedebug, or be odd in a training: the training goes on, and the user hears of it once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pytest

import treedebug
from tests.recorders.xgboost_matrix import BINARY, CASES, CLASSES, Case, X, plain, raw_of, train, xgb
from treedebug import ConfigError, StopTraining, XGBoostCallback
from treedebug.core.errors import NotRecordedError, StoreError
from treedebug.recorders.method_hook import MethodHook
from treedebug.recorders.session import Session
from treedebug.store.file_format import FILE_NAME
from treedebug.store.recorded_trees import RecordedTrees


@dataclass(frozen=True, kw_only=True)
class Enough(treedebug.Rule):
    """Fires once the training loss is under a bar."""

    code, name = "ME001", "good-enough"
    bar: float = treedebug.param(0.5, "training loss that is enough", ge=0.0)

    def check(self, log: treedebug.EvalLog):
        series = log.series("train", "logloss")
        if series.values[-1] < self.bar:
            yield self.finding(f"loss is {series.values[-1]:.3f}", loss=series.values[-1])


class Broken(treedebug.Rule):
    code, name = "ME002", "broken"

    def check(self, log: treedebug.EvalLog):
        raise ZeroDivisionError("a broken rule")


def notes_of(run, topic):
    return [n.message for n in run.notes if n.topic == topic]


def test_a_rule_of_ones_own(tmp_path) -> None:
    mine = XGBoostCallback(tmp_path / "run", quiet=True, rules=[Enough(bar=0.45)])
    train(CASES["weights"], callbacks=[mine])
    run = treedebug.load(tmp_path / "run")
    (found,) = [f for f in run.findings if f.code == "ME001"]
    series = run.metrics.query("dataset == 'train' and metric == 'logloss'").value
    assert found.evidence["loss"] == series.iloc[-1]
    assert found.detected_at in (5, 10, 12)
    again = treedebug.check(run, rules=[Enough(bar=0.45)])
    assert [f.to_dict() for f in again.verdict.findings if f.code == "ME001"] == [found.to_dict()]


def test_a_rule_that_raises_stops_neither_training_nor_other_rules(capsys) -> None:
    mine = XGBoostCallback(rules=[Broken, Enough(bar=10.0)])
    booster, *_ = train(CASES["weights"], callbacks=[mine])
    assert raw_of(booster) == plain("weights")[0]
    assert [f.code for f in mine.run.findings if f.code.startswith("ME")] == ["ME001"]
    report = treedebug.check(mine.run, rules=[Broken])
    assert "a broken rule" in str(next(c for c in report.verdict.crashed if c.code == "ME002"))


class BrokenObserver:
    def on_check(self, run, knobs, *, final):
        raise RuntimeError("the observer is broken")


class BrokenProgress:
    def on_round(self, run):
        raise RuntimeError("the progress is broken")

    def close(self):
        raise RuntimeError("the progress is broken")


class BrokenSink:
    path = None

    def append(self, records):
        raise OSError("no space left")

    def close(self):
        raise RuntimeError("the sink is broken")


@pytest.mark.parametrize("part", ["observer", "progress", "sink", "parse", "catch_up"])
def test_a_broken_part_is_noted_once_and_the_training_goes_on(part: str, capsys, monkeypatch) -> None:
    broken = {
        "observer": BrokenObserver(),
        "progress": BrokenProgress(),
        "sink": BrokenSink(),
        "parse": lambda batch: 1 / 0,
        "catch_up": lambda run: 1 / 0,
    }[part]
    mine = XGBoostCallback()
    sessions = []
    open_session = mine.open_session

    def tampered(*args):
        session = open_session(*args)
        port, stop = args[:2]
        session = Session(port, replace(session._parts, **{part: broken}), stop)
        sessions.append(session)
        return session

    monkeypatch.setattr(mine, "open_session", tampered)
    booster, *_ = train(CASES["many rounds"], callbacks=[mine])
    assert raw_of(booster) == plain("many rounds")[0]
    (session,) = sessions
    assert session.ended
    assert session.run.n_rounds == 140
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("treedebug:")]
    if part == "catch_up":
        assert not said
    else:
        assert 1 <= len(said) <= 2
        assert len(said) == len(set(said))
    if part in ("observer", "progress", "parse"):
        topic = {"observer": "rules", "progress": "progress", "parse": "summary"}[part]
        assert len(notes_of(session.run, topic)) == 1


@pytest.mark.parametrize("method", ["describe", "fetch", "classes", "iterations", "weights", "shortcomings"])
@pytest.mark.parametrize("name", ["hist", "dart"])
def test_a_broken_port_is_noted_and_the_training_goes_on(name: str, method: str, monkeypatch, capsys) -> None:
    def breaks(self, *args):
        raise RuntimeError("the port is broken")

    monkeypatch.setattr(f"treedebug.recorders.xgboost.xgboost_port.XGBoostPort.{method}", breaks)
    mine = XGBoostCallback(dart_every=1)
    booster, log, *_ = train(CASES[name], callbacks=[mine])
    assert raw_of(booster) == plain(name)[0]
    assert set(booster.__dict__) <= {"handle"}
    assert capsys.readouterr().err.count("the port is broken") <= 2
    if method != "iterations":
        run = mine.run
        assert run.state == "finished"
        metric = list(log["valid"])[-1]
        assert run.metrics.query("dataset == 'valid' and metric == @metric").value.tolist() == log["valid"][metric]


@pytest.mark.parametrize("method", ["begin", "record_round", "end"])
def test_a_broken_session_never_reaches_the_training(method: str, monkeypatch, capsys) -> None:
    def breaks(self, *args, **kwargs):
        raise RuntimeError("the session is broken")

    monkeypatch.setattr(Session, method, breaks)
    mine = XGBoostCallback()
    booster, *_ = train(CASES["hist"], callbacks=[mine])
    assert raw_of(booster) == plain("hist")[0]
    assert set(booster.__dict__) <= {"handle"}
    assert capsys.readouterr().err.count("the session is broken") == 1


# -- odd data and metrics ----------------------------------------------------------------------------------------------


def test_labels_that_are_no_classes() -> None:
    mine = XGBoostCallback(quiet=True)
    train(Case({"objective": "binary:logistic"}, BINARY * 0.8 + 0.1), callbacks=[mine])
    notes = notes_of(mine.run, "classes")
    assert len(notes) == 2, "one for each dataset"
    assert "'train'" in notes[0]
    assert "whole numbers from 0 to 1" in notes[0]
    assert mine.run.classes.empty


def test_one_bad_dataset_does_not_cost_the_classes_of_the_other() -> None:
    dtrain, dvalid = CASES["weights"].matrices()
    odd = xgb.DMatrix(X[:30], BINARY[:30] * 0.5)
    mine = XGBoostCallback(quiet=True)
    xgb.train(
        {"nthread": 1, "objective": "binary:logistic"}, dtrain, 3, callbacks=[mine], verbose_eval=False,
        evals=[(dtrain, "train"), (odd, "odd"), (dvalid, "valid")],
    )  # fmt: skip
    assert set(mine.run.classes.dataset) == {"train", "valid"}
    assert len(notes_of(mine.run, "classes")) == 1
    assert "'odd'" in notes_of(mine.run, "classes")[0]


def test_data_sets_without_labels() -> None:
    dtrain, _ = CASES["weights"].matrices()
    mine = XGBoostCallback(evals=[(xgb.DMatrix(X[:20]), "bare"), (dtrain, "train")], quiet=True)
    xgb.train({"nthread": 1, "objective": "binary:logistic"}, dtrain, 3, callbacks=[mine])
    assert set(mine.run.classes.dataset) == {"train"}
    assert "'bare'" in notes_of(mine.run, "classes")[0]


def test_evals_of_the_callback_alone() -> None:
    dtrain, dvalid = CASES["softprob"].matrices()
    mine = XGBoostCallback(evals=[(dvalid, "mine")], quiet=True)
    params = {"nthread": 1, "objective": "multi:softprob", "num_class": 3}
    booster = xgb.train(params, dtrain, 6, callbacks=[mine])
    without = xgb.train(params, dtrain, 6)
    assert raw_of(booster) == raw_of(without)
    assert set(mine.run.classes.dataset) == {"mine"}
    last = mine.run.data.classes
    called = booster.predict(dvalid).argmax(axis=1)
    assert np.trace(list(last)[-1].confusion) == (called == dvalid.get_label()).sum()
    assert mine.run.metrics.empty


def test_evals_of_another_shape_are_no_concern_of_the_training() -> None:
    dtrain, _ = CASES["weights"].matrices()
    mine = XGBoostCallback(evals=[(xgb.DMatrix(X[:20, :2], BINARY[:20]), "narrow")], quiet=True)
    booster = xgb.train({"nthread": 1, "objective": "binary:logistic"}, dtrain, 3, callbacks=[mine])
    assert mine.run.n_rounds == booster.num_boosted_rounds() == 3
    assert mine.run.state == "finished"


@pytest.mark.parametrize("evals", [[("x", "y")], "abc", 5, [(1, 2, 3)], [xgb.DMatrix(X)]])
def test_evals_that_are_none_are_refused_at_once(evals) -> None:
    with pytest.raises(ConfigError, match="evals"):
        XGBoostCallback(evals=evals)


def test_two_datasets_of_one_name() -> None:
    dtrain, dvalid = CASES["weights"].matrices()
    log: dict = {}
    mine = XGBoostCallback(quiet=True)
    xgb.train(
        {"nthread": 1}, dtrain, 3, evals=[(dtrain, "same"), (dvalid, "same")], evals_result=log, callbacks=[mine],
        verbose_eval=False,
    )  # fmt: skip
    assert len(log["same"]["rmse"]) == 6, "XGBoost itself mixes them up"
    assert mine.run.metrics.value.tolist() == log["same"]["rmse"][1::2], "the last of the name counts"
    assert any("same" in m for m in notes_of(mine.run, "data"))


@pytest.mark.parametrize("metric", ["-", "a-b", "-c", "d-", "ä", "x@0.5", "a/b"])
def test_names_of_custom_metrics(metric: str) -> None:
    mine = XGBoostCallback(quiet=True)
    case = Case({"objective": "binary:logistic"}, BINARY, more={"custom_metric": lambda p, d: (metric, 0.25)})
    _, log, *_ = train(case, callbacks=[mine])
    ours = mine.run.metrics
    assert {d: set(ours[ours.dataset == d].metric) for d in log} == {d: set(m) for d, m in log.items()}
    assert set(ours[ours.metric == metric].value) == {0.25}


def test_a_metric_name_that_xgboost_cannot_read() -> None:
    mine = XGBoostCallback(quiet=True)
    with pytest.raises(ValueError, match="unpack"):  # its own error: it splits at the colon
        train(Case({}, more={"custom_metric": lambda p, d: ("a:b", 0.25)}), callbacks=[mine])
    assert (mine.run.state, mine.run.n_rounds) == ("interrupted", 0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_metrics_that_are_not_finite(value: float, tmp_path) -> None:
    mine = XGBoostCallback(tmp_path / "run", quiet=True)
    case = Case({"objective": "binary:logistic"}, BINARY, more={"custom_metric": lambda p, d: ("odd", value)})
    train(case, callbacks=[mine])
    found = treedebug.load(tmp_path / "run").metrics.query("metric == 'odd'").value
    np.testing.assert_array_equal(found, [value] * 24)
    assert not mine.run.notes


@pytest.mark.parametrize("names", [["a b", "é ü", "x_1", "ライト"], None, ["f3", "f2", "f1", "f0"]])
def test_feature_names(names, tmp_path) -> None:
    data = xgb.DMatrix(X, BINARY, feature_names=names)
    mine = XGBoostCallback(tmp_path / "run", quiet=True)
    booster = xgb.train({"nthread": 1}, data, 4, callbacks=[mine])
    run = treedebug.load(tmp_path / "run")
    ours = run.importance("n_splits", cumulative=True).groupby("feature").value.last().to_dict()
    assert ours == booster.get_score(importance_type="weight")
    assert run.booster().feature_names == booster.feature_names
    np.testing.assert_allclose(run.replay(X).prediction(3), booster.predict(data), rtol=1e-5)


# -- where to, and what is said ----------------------------------------------------------------------------------------


def test_a_path_that_cannot_be_a_folder_stops_before_the_training(tmp_path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match="cannot record a run"):
            train(CASES["hist"], callbacks=[XGBoostCallback(path)])


def test_a_path_taken_since_then_is_left_alone(tmp_path) -> None:
    """Two callbacks made for one path: the second to train records below it, and the first run stays as it was."""
    one, two = XGBoostCallback(tmp_path / "run", quiet=True), XGBoostCallback(tmp_path / "run", quiet=True)
    train(CASES["hist"], callbacks=[one])
    before = (tmp_path / "run" / FILE_NAME).read_bytes()
    train(CASES["hist"], callbacks=[two])
    assert (tmp_path / "run" / FILE_NAME).read_bytes() == before
    assert two.run.path == tmp_path / "run" / "fit-000"


def test_a_fold_that_cannot_be_opened_is_kept_in_memory(tmp_path, capfd) -> None:
    (tmp_path / "cv").mkdir()
    (tmp_path / "cv" / "fold-1").write_text("in the way")
    mine = XGBoostCallback(tmp_path / "cv", select=["HP501"])
    xgb.cv({"nthread": 1}, xgb.DMatrix(X, BINARY), 3, callbacks=[mine])
    assert not mine._recordings
    assert [(r.state, r.n_rounds) for r in mine.runs] == [("finished", 3)] * 3
    assert "callback.run has it all" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"path": 5}, "path must be a folder"),
        ({"path": b"runs"}, "path must be a folder"),
        ({"path": ""}, "path is empty"),
        ({"path": "dbfs:/run"}, "is a URL"),
        ({"path": "runs/x", "exists": "numer"}, "Did you mean 'number'"),
        ({"actions": [len]}, "on_findings"),
        ({"classes_every": 0}, "classes_every"),
        ({"dart_every": 1.5}, "dart_every"),
        ({"classes_every": True}, "classes_every"),
        ({"resume": True}, "resume=True"),
        ({"select": ["ZZ999"]}, "ZZ999"),
        ({"ignore": ["overtrainin"]}, "overtraining"),
        ({"rules": [5]}, "rule"),
        ({"actions": [StopTraining]}, "on_findings"),
    ],
)
def test_arguments_are_checked_at_once(bad, message) -> None:
    with pytest.raises(ConfigError, match=message):
        XGBoostCallback(**bad)


def test_quiet_says_nothing(tmp_path, capfd) -> None:
    mine = XGBoostCallback(tmp_path / "run", quiet=True, progress=True, rules=[Enough(bar=10.0), Broken])
    train(CASES["softprob"], callbacks=[XGBoostCallback(quiet=True)])
    train(CASES["weights"], callbacks=[mine])
    train(Case({"objective": "binary:logistic"}, BINARY * 0.5), callbacks=[XGBoostCallback(quiet=True)])
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def test_findings_are_said_once_and_on_stderr(capfd) -> None:
    mine = XGBoostCallback(rules=[Enough(bar=10.0)], select=["ME001"])
    train(CASES["weights"], callbacks=[mine])
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("ME001") == 1


def test_shortcomings_are_notes_and_not_said(capfd) -> None:
    mine = XGBoostCallback(select=["CV105"])
    train(CASES["gblinear coord"], callbacks=[mine])
    assert [n.topic for n in mine.run.notes] == ["trees"]
    assert capfd.readouterr().err == ""


def test_lists_of_pairs_as_parameters() -> None:
    dtrain, _ = CASES["weights"].matrices()
    mine = XGBoostCallback(quiet=True)
    params = [("objective", "binary:logistic"), ("eta", 0.2), ("eval_metric", "auc"), ("eval_metric", "logloss")]
    xgb.train(params, dtrain, 3, evals=[(dtrain, "train")], callbacks=[mine], verbose_eval=False)
    run = mine.run
    assert run.params["learning_rate"] == 0.2
    assert run.rounds.learning_rate.tolist() == [0.2] * 3
    assert run.params_given["eval_metric"] == ["auc", "logloss"]
    assert set(run.metrics.metric) == {"auc", "logloss"}


def test_no_rounds_at_all() -> None:
    mine = XGBoostCallback(quiet=True)
    dtrain, _ = CASES["hist"].matrices()
    xgb.train({"nthread": 1}, dtrain, 0, callbacks=[mine])
    run = mine.run
    assert (run.n_rounds, run.state) == (0, "finished")
    assert run.trees.empty
    assert run.metrics.query("round_index > 1").empty
    assert run.importance().empty
    assert run.classes.query("round_index % 2 == 0").empty


def test_a_loop_of_ones_own_with_the_callback() -> None:
    """Not `xgb.train`: the library's own container of callbacks, driven by hand."""
    dtrain, dvalid = CASES["weights"].matrices()
    mine = XGBoostCallback(quiet=True)
    container = xgb.callback.CallbackContainer([mine])
    booster = xgb.Booster({"nthread": 1, "objective": "binary:logistic"}, [dtrain, dvalid])
    container.before_training(booster)
    evals = [(dvalid, "valid")]
    for i in range(4):
        container.before_iteration(booster, i, dtrain, evals)
        booster.update(dtrain, i)
        container.after_iteration(booster, i, dtrain, evals)
        assert mine.run.n_rounds == i + 1
        assert mine.run.state == "running or killed"
    container.after_training(booster)
    assert (mine.run.n_rounds, mine.run.state, len(mine.run.trees)) == (4, "finished", 4)
    assert mine.run.rounds.learning_rate.tolist() == [0.3] * 4


def test_a_tap_leaves_errors_of_listeners_to_themselves() -> None:
    class Thing:
        def method(self, x, *, y=1):
            return x + y

    def fails(*args, **kwargs):
        raise ZeroDivisionError

    thing, heard = Thing(), []
    tap = MethodHook(thing, "method", before=fails, after=lambda r, *a, **k: heard.append((r, a, k)))
    assert thing.method(2, y=3) == 5
    assert heard == [(5, (2,), {"y": 3})]
    tap.remove()
    tap.remove()
    assert thing.__dict__ == {}
    assert thing.method(2) == 3


def test_classes_in_the_rounds_asked_for() -> None:
    mine = XGBoostCallback(quiet=True, classes_every=4)
    train(Case({"objective": "multi:softprob", "num_class": 3}, CLASSES, rounds=10), callbacks=[mine])
    assert sorted(set(mine.run.classes.round_index)) == [0, 3, 7, 9], "also where the rules look"
    mine = XGBoostCallback(quiet=True)
    train(Case({"objective": "multi:softprob", "num_class": 3}, CLASSES, rounds=25), callbacks=[mine])
    assert sorted(set(mine.run.classes.round_index)) == [*range(5), 9, 19, 24]


def test_dart_weights_in_the_rounds_asked_for() -> None:
    mine = XGBoostCallback(quiet=True, dart_every=4)
    train(CASES["dart"], callbacks=[mine])
    assert cast("RecordedTrees", mine.run.data.trees).snapshot_rounds == [0, 3, 7, 9, 11]
    with pytest.raises(NotRecordedError, match="dart_every=1"):
        mine.run.booster(6)


def test_classes_of_the_training_data_only_where_the_rules_look() -> None:
    mine = XGBoostCallback(quiet=True)
    case = Case({"objective": "binary:logistic"}, BINARY, rounds=35)
    train(case, callbacks=[mine])
    frame = mine.run.classes
    rounds = {name: sorted(set(rows.round_index)) for name, rows in frame.groupby("dataset")}
    assert rounds["train"] == [0, 9, 19, 34]
    assert rounds["valid"] == [*range(5), 9, 19, 34]
