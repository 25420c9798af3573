"""TorchRecorder: what a training gives away, how it ends, and what it refuses."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import nn_bridge
import treedebug
from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import TensorLog
from tests.nn_bridge.trainings import Embedded, Loop, Recurrent, Shared, Transformer, lazy, mlp, sgd, train
from treedebug.core.params.user_spelling import spelled
from treedebug.rules.advice import calmer


def recorded(net=None, loop=None, path=None, **settings):
    torch.manual_seed(0)
    net = mlp() if net is None else net
    optimizer = settings.pop("optimizer", None) or sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, path, quiet=True, **settings) as recorder:
        train(net, optimizer if isinstance(optimizer, list) else [optimizer], loop or Loop(), recorder)
    return recorder.run


def column(run, kind, statistic):
    frame = run.tensors
    return frame[(frame.kind == kind) & (frame.statistic == statistic)]


# -- what is recorded ----------------------------------------------------------------------------------------------


def test_rounds_are_evaluations():
    run = recorded()
    assert run.n_rounds == 2
    assert run.data.rounds.iterations.tolist() == [3, 6]
    assert run.metrics.metric.unique().tolist() == ["loss", "accuracy"]
    assert run.data.evals.series("valid", "accuracy").rounds.tolist() == [0, 1]
    assert run.data.evals.is_training("train")
    assert run.state == "finished"
    assert run.header.library == "torch"
    assert run.header.params["learning_rate"] == 0.05
    assert run.header.objective == "cross_entropy"


def test_the_training_loss_of_a_round_is_the_mean_over_its_steps():
    run = recorded()
    by_step = column(run, "loss", "value").value.to_numpy()
    assert run.data.evals.series("train", "loss").values == pytest.approx([by_step[:3].mean(), by_step[3:].mean()])


@pytest.mark.parametrize(("n_steps", "first"), [(11, 0), (19, 0), (20, 10)])
def test_a_round_of_a_few_steps_takes_in_the_one_that_ended_by_itself(n_steps, first):
    torch.manual_seed(0)
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True, every=1) as recorder:
        for epoch in range(2):
            for _ in range(n_steps if epoch == 0 else 3):
                loss = net(torch.randn(4, 8)).square().mean()
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            recorder.log("valid", loss=1.0)
    run = recorder.run
    assert run.data.rounds.iterations.tolist() == [10, n_steps, n_steps + 3]
    by_step = column(run, "loss", "value").value.to_numpy()
    means = [by_step[:10].mean(), by_step[first:n_steps].mean(), by_step[n_steps:].mean()]
    assert run.data.evals.series("train", "loss").values == pytest.approx(means)


def test_rounds_of_a_number_of_steps():
    run = recorded(round_steps=2)
    assert run.data.rounds.iterations.tolist() == [2, 4, 6]
    assert run.data.evals.series("valid", "loss").rounds.tolist() == [1, 2]


def test_the_schedule():
    run = recorded(dense=2, every=3)
    assert column(run, "gradient", "norm").step.unique().tolist() == [0, 1, 3]


def test_labels_and_predictions_are_read_off_the_loss():
    run = recorded()
    assert run.header.n_classes == 3
    training = run.data.classes.of("train")
    assert sum(r.n_rows for r in training) == 32  # of steps 0 and 5
    assert column(run, "labels", "entropy").value.between(0.5, np.log(3) + 1e-9).all()


def test_a_loss_logged_after_backward_still_tells_of_itself():
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True) as recorder:
        loss = functional.cross_entropy(net(torch.randn(4, 8)), torch.tensor([0, 1, 2, 0]))
        loss.backward()
        optimizer.step()
        recorder.log("train", loss=loss.item())
    assert recorder.run.data.evals.series("train", "loss").values == pytest.approx([float(loss.detach())])


def test_a_criterion_needs_no_log():
    net, criterion = mlp(), nn.CrossEntropyLoss()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, criterion=criterion, quiet=True) as recorder:
        for _ in range(2):
            criterion(net(torch.randn(4, 8)), torch.tensor([0, 1, 2, 0])).backward()
            optimizer.step()
    run = recorder.run
    assert len(column(run, "loss", "value")) == 2
    assert run.facts.loss.function == "cross_entropy"
    assert run.data.classes.last("train").n_rows == 4  # of step 0
    assert not criterion._forward_hooks


def test_predictions_of_an_evaluation():
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        recorder.predictions("valid", torch.eye(3), torch.tensor([0, 1, 1]))
        recorder.predictions("valid", torch.eye(3), torch.tensor([0, 1, 2]))
        recorder.log("valid", accuracy=5 / 6)
    assert recorder.run.data.classes.last("valid").confusion.tolist() == [[2, 0, 0], [0, 2, 1], [0, 0, 1]]


def test_an_evaluation_may_be_a_tensor_with_a_graph():
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        recorder.log("valid", loss=net(torch.ones(2, 8)).sum())
    assert recorder.run.n_rounds == 1


def test_advice_is_that_for_a_net():
    header = recorded().header
    assert [c.parameter for c in calmer(header)] == ["weight_decay", "dropout"]
    assert spelled(header, "n_estimators") == "epochs"
    assert spelled(header, "scale_pos_weight") == "weight"  # of CrossEntropyLoss
    assert header.n_features == 8


def test_a_recorder_that_nobody_holds_ends_its_run(tmp_path):
    net = mlp()
    optimizer = sgd(net)
    recorder = nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r", quiet=True)
    train(net, [optimizer], Loop(), recorder)
    del recorder
    gc.collect()
    assert nn_bridge.load(tmp_path / "r").state == "finished"
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_facts_of_a_net():
    facts = recorded().facts
    assert facts.is_complete
    assert [layer.name for layer in facts.layers] == ["0", "1", "3", "4", "5", "2"]  # as called, then those not watched
    assert [facts.activation_of(f"{i}.weight") for i in (0, 3, 5)] == ["relu", "tanh", ""]
    assert facts.layer("0").feeds == ("3",)
    assert facts.loss.first == pytest.approx(np.log(3), rel=0.5)
    assert (facts.loss.n_classes, facts.loss.reduction, facts.loss.last_layers) == (3, "mean", ("5",))
    weight = facts.param("0.weight")
    assert (weight.n_units, weight.fan_in, weight.is_matrix) == (16, 8, True)
    assert weight.var == pytest.approx(1 / 24, rel=0.3)


def test_facts_name_what_is_wrong_from_the_start():
    net = nn.Sequential(nn.Linear(8, 6), nn.Linear(6, 3), nn.Softmax(dim=1))
    nn.init.constant_(net[0].weight, 0.5)
    optimizer = torch.optim.SGD(net[1].parameters(), lr=0.1)
    facts = recorded(net, optimizer=optimizer).facts
    assert facts.layer("0").is_linear_to == ("1",)
    assert facts.loss.applied == ("softmax",)
    assert facts.loss.row_sum_deviation < 1e-6
    assert (facts.param("0.weight").flat_unit_share, facts.param("0.weight").twin_unit_share) == (1.0, 1.0)
    assert [p.in_optimizer for p in facts.params] == [False, False, True, True]


def test_functions_outside_of_modules_are_seen():
    run = recorded(Shared())
    assert run.facts.activation_of("body.weight") == "relu"
    assert run.facts.param("twin.weight").name == "body.weight"
    assert "body" in run.data.stream(TensorLog).silent_layers()


@pytest.mark.parametrize(
    ("net", "layer"), [(Recurrent, "rnn"), (Transformer, "encoder.self_attn"), (lazy, "0"), (Embedded, "table")]
)
def test_layers_of_many_kinds(net, layer):
    net = net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    run = recorded(net, optimizer=optimizer)
    assert layer in set(column(run, "activation", "norm").layer)
    assert run.notes == []


def test_gradients_are_those_the_optimizer_uses():
    plain = column(recorded(), "gradient", "norm").value.to_numpy()
    scaled = column(recorded(loop=Loop(scaler=True)), "gradient", "norm").value.to_numpy()
    split = column(recorded(nn.Sequential(nn.Linear(8, 3)), Loop(micro_batches=4)), "gradient", "norm")
    assert scaled == pytest.approx(plain, rel=1e-3)
    clipped = recorded(loop=Loop(clip=True))
    norms = column(clipped, "gradient", "norm").groupby("step").value.apply(lambda v: np.sqrt((v**2).sum()))
    assert norms.max() <= 0.1 + 1e-6
    assert split.step.nunique() == 6


def test_a_fused_optimizer_under_a_scaler_shows_unscaled_gradients():
    def fused(net):
        return torch.optim.AdamW(net.parameters(), lr=0.01, fused=True)

    net, other = mlp(), mlp()
    other.load_state_dict(net.state_dict())
    plain = column(recorded(net, optimizer=fused(net)), "gradient", "norm").value.to_numpy()
    scaled = recorded(other, Loop(scaler=True), optimizer=fused(other))
    assert column(scaled, "gradient", "norm").value.to_numpy()[:6] == pytest.approx(plain[:6], rel=1e-3)
    assert column(scaled, "optimizer", "skipped").value.tolist() == [0.0] * 6


def test_gradients_never_set_to_zero_are_seen():
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True) as recorder:
        for _ in range(3):
            functional.cross_entropy(net(torch.randn(4, 8)), torch.tensor([0, 1, 2, 0])).backward()
            optimizer.step()
    assert column(recorder.run, "mode", "carried").value.tolist() == [0.0, 1.0, 1.0]
    assert column(recorded(loop=Loop(keeps_gradients=True)), "mode", "carried").value.tolist() == [0.0] * 6


def test_modes_of_the_forward_passes():
    net = mlp().eval()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True) as recorder:
        functional.cross_entropy(net(torch.randn(4, 8)), torch.tensor([0, 1, 2, 0])).backward()
        optimizer.step()
        net.train()
        with torch.no_grad():
            net(torch.randn(4, 8))
        recorder.log("valid", loss=1.0)
    run = recorder.run
    assert column(run, "mode", "eval_mode_share").value.tolist() == [1.0]
    assert column(run, "mode", "train_mode_share").value.tolist() == [1.0]


@pytest.mark.parametrize("on_disk", [True, False])
def test_tensors_of_the_user(tmp_path, on_disk):
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r" if on_disk else None, quiet=True) as recorder:
        recorder.tensor("latent", torch.full((4, 2), 3.0), whole=True)
        optimizer.step()
    run = recorder.run
    assert column(run, "custom", "mean").value.tolist() == [3.0]
    assert hasattr(run.whole("latent")[0].blob, "offset") == on_disk  # it stayed in the file
    assert run.whole("latent")[0].load().values.tolist() == [[3.0, 3.0]] * 4
    with pytest.raises(treedebug.NotRecordedError, match="latent"):
        run.whole("latnt")


def test_histograms():
    run = recorded()
    frame = run.histogram("0.weight", "weight")
    assert frame[frame.step == 0]["count"].sum() == 128
    assert run.histogram("1", "activation").query("low == 0 and high == 0")["count"].iloc[0] > 0
    with pytest.raises(treedebug.NotRecordedError, match=r"Did you mean '0\.weight, weight'"):
        run.histogram("0.weigth", "weight")


def test_a_layer_s_space_in_two_dimensions():
    run = recorded(whole=["3"])
    frame = run.latent("3")
    assert list(frame.columns) == ["x", "y", "class", "step"]
    assert len(frame) == 96
    assert set(frame["class"]) == {0, 1, 2}
    assert np.isfinite(frame[["x", "y"]].to_numpy()).all()


def test_saliency_leaves_no_trace():
    net = nn.Sequential(nn.Linear(8, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.Linear(6, 3))
    x = torch.randn(4, 8)
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        state, numbers = copy.deepcopy(net.state_dict()), torch.get_rng_state()
        found = recorder.saliency(x)
        chosen = recorder.saliency(x, 1)
    assert found.shape == chosen.shape == x.shape
    assert net.training
    assert torch.equal(numbers, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(state.values(), net.state_dict().values(), strict=True))
    assert all(p.grad is None for p in net.parameters())
    point = x.clone().requires_grad_()
    net.eval()
    net(point)[:, 1].sum().backward()
    assert torch.allclose(chosen, point.grad)


# -- how it ends -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_training_that_breaks_leaves_a_readable_run(tmp_path, error):
    net = mlp()
    optimizer = sgd(net)

    def broken():
        with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r", quiet=True) as recorder:
            train(net, [optimizer], Loop(), recorder)
            raise error("no more")

    with pytest.raises(error):
        broken()
    run = nn_bridge.load(tmp_path / "r")
    assert run.state == "interrupted"
    assert "no more" in run.data.ending["reason"]
    assert not net._forward_pre_hooks
    assert not any(m._forward_hooks for m in net.modules())


def test_a_closed_recorder_says_so():
    net = mlp()
    recorder = nn_bridge.TorchRecorder(net, sgd(net), quiet=True)
    recorder.close()
    recorder.close()
    with pytest.raises(treedebug.StoreError, match="closed"):
        recorder.log("train", loss=1.0)


def test_a_recorder_that_fails_inside_lets_the_training_go_on(monkeypatch, capsys):
    monkeypatch.setattr(nn_bridge.recorders.torch.ActivationHooks, "look", lambda *a: 1 / 0)
    run = recorded()
    assert [n.topic for n in run.notes] == ["activations"]
    assert "ZeroDivisionError" in run.notes[0].message
    assert len(column(run, "gradient", "norm"))
    assert not len(column(run, "activation", "norm"))


def test_a_recorded_model_can_be_pickled_and_copied_while_it_trains(tmp_path):
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True):
        twin = copy.deepcopy(net)
        again = pickle.loads(pickle.dumps(net))  # noqa: S301 - our own bytes
        torch.save(net, tmp_path / "net.pt")
        loaded = torch.load(tmp_path / "net.pt", weights_only=False)
        buffer = io.BytesIO()
        torch.save(net.state_dict(), buffer)
        for other in (twin, again, loaded):
            assert other(torch.randn(2, 8)).shape == (2, 3)


def test_an_action_may_stop_it():
    class Stop:
        def on_findings(self, run, findings, knobs):
            knobs.stop(best_round=0, reason="enough")

    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, actions=[Stop()], quiet=True) as recorder:
        assert not recorder.should_stop
        train(net, [optimizer], Loop(), recorder)
        assert recorder.should_stop
    assert (recorder.run.state, recorder.run.data.ending["best_round"]) == ("stopped", 0)


def test_the_run_can_be_read_while_it_trains(tmp_path):
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r", quiet=True) as recorder:
        train(net, [optimizer], Loop(), recorder)
        assert recorder.run.n_rounds == 2
        assert nn_bridge.load(tmp_path / "r").state == "running or killed"
        train(net, [optimizer], Loop(), recorder)
    assert recorder.run.n_rounds == 4


# -- bad input -------------------------------------------------------------------------------------------------------


def refused(match, net=None, optimizer=None, **settings):
    net = mlp() if net is None else net
    with pytest.raises(treedebug.ConfigError, match=match):
        nn_bridge.TorchRecorder(net, sgd(net) if optimizer is None else optimizer, quiet=True, **settings)


def test_one_clear_error_before_training():
    refused("has no parameters", nn.ReLU(), optimizer=sgd(mlp()))
    refused("holds none of the model's 6 parameters", optimizer=sgd(mlp()))
    refused("must be a torch.nn.Module", net="net", optimizer=sgd(mlp()))
    refused("must be a torch.optim.Optimizer", optimizer=0.1)
    refused("an empty one", optimizer=[])
    refused("Did you mean 'encoder'", net=Transformer(), layers=["encodr.*"])
    refused("no module of the model matches 'conv'", layers=["conv"])
    refused("every must be a whole number", every=0)
    refused("round_steps must be", round_steps=0.5)
    refused("must be the loss as a module", criterion=functional.cross_entropy)
    refused("no rule 'NN999'", select=["NN999"])
    refused("got 'adam'", optimizer="adam")
    refused("got the class SGD, not an object of it", optimizer=torch.optim.SGD)
    refused(r'layers takes a list .* such as layers=\["encoder.\*"\]; got \'net\'', layers="net")
    refused("whole: no module of the model matches 'haed'. Did you mean 'head'", net=Transformer(), whole=["haed"])
    refused("higher_is_better says True or False of each metric", higher_is_better=["accuracy"])
    refused(r"actions= takes a list, such as \[treedebug.StopTraining\(\)\]", actions=treedebug.StopTraining())


def test_a_path_that_holds_a_run_is_left_alone(tmp_path):
    first = recorded(path=tmp_path / "r")
    before = (tmp_path / "r" / "records.treedebug").read_bytes()
    second = recorded(path=tmp_path / "r")
    assert second.path == tmp_path / "r-2"
    assert second.n_rounds == first.n_rounds
    assert (tmp_path / "r" / "records.treedebug").read_bytes() == before


def test_what_is_no_number_is_refused():
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        with pytest.raises(treedebug.ConfigError, match=r"loss is a tensor of shape \(3,\)"):
            recorder.log("train", loss=torch.ones(3))
        with pytest.raises(treedebug.ConfigError, match="accuracy is 'high'"):
            recorder.log("valid", accuracy="high")
        with pytest.raises(treedebug.ConfigError, match="log takes the dataset's name first"):
            recorder.log(3, loss=1.0)
        with pytest.raises(treedebug.ConfigError, match=r"0 to 2\), or one for each of the 2 rows; got 4"):
            recorder.saliency(torch.zeros(2, 8), 4)
        with pytest.raises(treedebug.ConfigError, match="floating-point"):
            recorder.tensor("x", torch.ones(2, dtype=torch.int64))


@pytest.mark.parametrize(
    ("outputs", "targets", "what"),
    [
        (torch.ones(3, 2), torch.ones(4), r"a target for each row of outputs; got 4 for outputs of \(3, 2\)"),
        (torch.ones(3, 2), torch.tensor([0.5, 0.1, 1.0]), "targets must be classes"),
        (torch.ones(3, 2), torch.tensor([0, 1, 5]), "a target of class 5, but outputs for 2 classes"),
        (["cat"], ["dog"], "expected outputs and targets in numbers"),
    ],
)
def test_what_are_no_predictions_is_noted(outputs, targets, what):
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        recorder.predictions("valid", outputs, targets)
    assert re.search(what, recorder.run.notes[0].message)


def test_another_optimizer_than_the_one_that_trains_is_noted():
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        train(net, [sgd(net)], Loop(), recorder)
    assert [n.message[:16] for n in recorder.run.notes] == ["no step was seen"]


def test_oddities_are_noted_and_the_training_goes_on():
    net = mlp()
    net.register_parameter("counts", nn.Parameter(torch.ones(3, dtype=torch.int64), requires_grad=False))
    other = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([*net.parameters(), other], lr=0.1)
    run = recorded(net, Loop(breaks=2), optimizer=optimizer)
    notes = " ".join(n.message for n in run.notes)
    assert "counts holds no floating-point numbers" in notes
    assert "1 of the 8 parameters of SGD are not the model's" in notes
    assert column(run, "gradient", "nonfinite_share").value.max() == 1.0
    assert not np.isfinite(run.data.evals.series("train", "loss").values[0])


# -- the same run for everybody --------------------------------------------------------------------------------------


def test_treedebug_reads_checks_and_compares_it(tmp_path, capsys):
    from treedebug.cli import main

    recorded(path=tmp_path / "a")
    recorded(mlp().double(), path=tmp_path / "b")
    run = treedebug.load(tmp_path / "a")
    assert run.data.stream(NetFacts).is_complete
    assert run.n_rounds == 2
    assert run.notes == []
    report = treedebug.check(tmp_path / "a")
    assert not report.verdict.crashed
    assert main(["check", str(tmp_path / "a"), "--fail-on", "never"]) == 0
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    assert main(["explain", "NN902"]) == 0
    assert "vanishing-gradient" in capsys.readouterr().out


def test_findings_live_and_replayed_agree(tmp_path):
    net = nn.Sequential(nn.Linear(8, 6), nn.Linear(6, 3))
    nn.init.constant_(net[0].weight, 0.5)
    run = recorded(net, path=tmp_path / "r")
    assert "NN901" in {f.code for f in run.findings}
    replayed = treedebug.check(tmp_path / "r").findings
    assert [f.to_dict() for f in replayed] == [f.to_dict() for f in run.findings]


def test_what_the_disk_refused_is_in_memory(tmp_path, monkeypatch):
    def full(records):
        raise OSError(28, "No space left on device")

    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r", quiet=True) as recorder:
        monkeypatch.setattr(recorder._place.sink, "append", full)
        train(net, [optimizer], Loop(), recorder)
    assert recorder.run.n_rounds == 2
