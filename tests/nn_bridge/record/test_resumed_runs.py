"""A path that holds a network's run: recorded beside, gone on with, or refused."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

import nn_bridge
import treedebug
from nn_bridge.record.network_facts import NetFacts
from treedebug.engine.config import Config

EPOCHS = 6
EVERYTHING = ["NN"]


class Training:
    """A small training that can be stopped, saved, and gone on with."""

    def __init__(self, width=5):
        torch.manual_seed(0)
        self.x = torch.randn(60, 4)
        self.y = (self.x[:, 0] > 0).long()
        self.net = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 2))
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)

    def epochs(self, path, n, **settings):
        with nn_bridge.TorchRecorder(
            self.net, self.optimizer, path, select=EVERYTHING, quiet=True, dense=100, **settings
        ) as recorder:
            for _ in range(n):
                for start in (0, 20, 40):
                    part = slice(start, start + 20)
                    self.optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(self.net(self.x[part]), self.y[part])
                    recorder.log("train", loss=loss)
                    loss.backward()
                    self.optimizer.step()
                recorder.log("valid", loss=float(loss.detach()))
        return recorder


def numbers(run, statistic="norm", kind="weight"):
    frame = run.tensors
    return frame[(frame.statistic == statistic) & (frame.kind == kind)].reset_index(drop=True)


def test_a_resumed_run_is_as_one_that_was_never_interrupted(tmp_path):
    whole = Training().epochs(tmp_path / "whole", 2 * EPOCHS).run
    training = Training()
    first = training.epochs(tmp_path / "run", EPOCHS)
    training = pickle.loads(pickle.dumps(training))  # noqa: S301 - our own: as a checkpoint is read
    second = training.epochs(tmp_path / "run", EPOCHS, exists="resume")
    assert second.run.path == first.run.path == tmp_path / "run"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run", "whole"]
    run = nn_bridge.load(tmp_path / "run")
    assert (run.n_rounds, run.state) == (2 * EPOCHS, "finished")
    assert run.header.run_id == first.run.header.run_id
    mine, other = run.metrics, whole.metrics
    assert mine[mine.dataset == "valid"].value.tolist() == other[other.dataset == "valid"].value.tolist()
    assert run.data.rounds.iterations.tolist() == whole.data.rounds.iterations.tolist()
    assert numbers(run).equals(numbers(whole))
    assert numbers(run, kind="gradient").equals(numbers(whole, kind="gradient"))
    facts, of_whole = run.data.stream(NetFacts), whole.data.stream(NetFacts)
    assert facts.params == of_whole.params, "what the net was before its first step is kept"
    assert facts.loss.first == of_whole.loss.first


def test_findings_go_on(tmp_path):
    training = Training()
    training.optimizer = torch.optim.SGD(training.net[2].parameters(), lr=0.1)  # the first layer is in no optimizer
    training.epochs(tmp_path / "run", EPOCHS)
    before = {f.key for f in nn_bridge.load(tmp_path / "run").findings}
    live = training.epochs(tmp_path / "run", EPOCHS, exists="resume").run
    assert before
    assert before <= {f.key for f in live.findings}
    judged = treedebug.check(tmp_path / "run", config=Config(select=tuple(EVERYTHING)))
    assert [f.key for f in judged.findings] == [f.key for f in live.findings]
    assert len({f.key for f in judged.findings}) == len(judged.findings)


@pytest.mark.parametrize("exists", ["number", "resume", "error"])
def test_another_net_never_goes_into_the_run(tmp_path, exists, capfd):
    Training().epochs(tmp_path / "run", 2)
    held = (tmp_path / "run" / "records.treedebug").read_bytes()
    if exists == "error":
        with pytest.raises(treedebug.RunExistsError, match="already holds a run"):
            Training(width=7).epochs(tmp_path / "run", 1, exists=exists)
    else:
        recorder = Training(width=7).epochs(tmp_path / "run", 1, exists=exists)
        assert recorder.run.path == tmp_path / "run-2"
    assert (tmp_path / "run" / "records.treedebug").read_bytes() == held
    capfd.readouterr()


def test_what_keeps_it_from_going_on_is_said(tmp_path, capfd):
    Training().epochs(tmp_path / "run", 2)
    training = Training(width=7)
    recorder = nn_bridge.TorchRecorder(training.net, training.optimizer, tmp_path / "run", exists="resume")
    recorder.close()
    said = capfd.readouterr().err
    assert "the shape of its 0.weight is (5, 4)" in said
    assert "recorded beside it" in said
    assert nn_bridge.load(tmp_path / "run-2").header.library == "torch"


def test_there_is_nothing_yet_to_go_on_with(tmp_path):
    recorder = Training().epochs(tmp_path / "run", 2, exists="resume")
    assert (recorder.run.path, recorder.run.n_rounds) == (tmp_path / "run", 2)
    with pytest.raises(treedebug.ConfigError, match="'resume'"):
        Training().epochs(tmp_path / "run", 1, exists="resumed")


def test_a_killed_net_goes_on_behind_its_last_step(tmp_path):
    training = Training()
    recorder = nn_bridge.TorchRecorder(training.net, training.optimizer, tmp_path / "run", select=(), quiet=True)
    for _ in range(7):  # no evaluation: a round is under way
        training.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(training.net(training.x), training.y)
        recorder.log("train", loss=loss)
        loss.backward()
        training.optimizer.step()
    _ = recorder.run  # writes what there is
    recorder._place.journal._outbox.sink.close()  # as a kill does: no end, the lock is gone
    training.epochs(tmp_path / "run", 1, exists="resume")
    run = nn_bridge.load(tmp_path / "run")
    steps = np.unique(run.tensors.step)
    assert steps[-1] >= 9
    assert len(numbers(run).groupby(["step", "layer"]).size().loc[lambda n: n > 1]) == 0, "no step comes twice"


def test_a_model_of_sklearn(tmp_path):
    sklearn = pytest.importorskip("sklearn.neural_network")
    X = np.random.default_rng(0).normal(size=(60, 3))
    y = (X[:, 0] > 0).astype(int)
    model = sklearn.MLPClassifier((4,), random_state=0)
    for exists in ("number", "resume"):
        with nn_bridge.MLPRecorder(model, tmp_path / "run", exists=exists, select=(), quiet=True) as recorder:
            for _ in range(3):
                recorder.partial_fit(X, y, classes=[0, 1])
                recorder.log("valid", accuracy=model.score(X, y))
    run = nn_bridge.load(tmp_path / "run")
    assert (run.n_rounds, run.state) == (6, "finished")
    assert run.data.rounds.iterations.tolist() == [1, 2, 3, 4, 5, 6]
