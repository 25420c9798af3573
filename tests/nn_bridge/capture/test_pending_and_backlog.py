"""What is put off until there is much of it: nothing is lost, and nothing is counted in another round."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import nn_bridge
from nn_bridge.capture.batch_labels import confusion
from nn_bridge.record.growing_table import GrowingTable, StepTable
from nn_bridge.record.sampling_schedule import is_counted_step
from nn_bridge.statistics.joined_tensors import JoinedArrays, Parameters
from tests.nn_bridge.trainings import Loop, mlp, sgd, train


def test_batches_of_any_shape_are_counted_in_their_round():
    net = mlp()
    sizes, seen = (4, 7, 4), []
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True, round_steps=2) as recorder:
        counting = recorder._training_log._batch_counts
        for n in sizes:
            scores, targets = torch.randn(n, 3), torch.randint(0, 3, (n,))
            counting.add(scores, targets)
            seen.append(confusion(scores, targets)[0])
            scores.zero_()  # a copy was step_numbers
        counting.add(torch.randn(5, 2), torch.tensor([0, 1, 1, 0, -1]))
        recorder.log("valid", loss=1.0)
    last = recorder.run.data.classes.last("train")
    assert last.n_rows == 4  # of two classes: the counts begin anew, the ignored one left out
    assert counting.n_classes == 3
    assert sum(int(s.sum()) for s in seen) == sum(sizes)


def test_alike_batches_are_added_up():
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        parts = [(torch.randn(6, 3), torch.randint(0, 3, (6,))) for _ in range(3)]
        for part in parts:
            recorder._training_log._batch_counts.add(*part)
        recorder.log("valid", loss=1.0)
    record = recorder.run.data.classes.last("train")
    assert record.confusion.tolist() == sum(confusion(*part)[0] for part in parts).tolist()
    expected = torch.cat([scores for scores, _ in parts]).softmax(1).mean(0)
    assert record.mean_probability == pytest.approx(expected.numpy(), rel=1e-5)


def test_every_sampled_step_is_in_the_record(tmp_path):
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r", quiet=True) as recorder:
        train(net, [optimizer], Loop(), recorder)
        assert recorder.run.tensors.step.nunique() == 6  # also while it trains
    run = nn_bridge.load(tmp_path / "r")
    norms = run.tensors.query("kind == 'gradient' and statistic == 'norm' and layer == '0.weight'")
    assert norms.step.tolist() == list(range(6))
    assert run.data.rounds.iterations.tolist() == [3, 6]


def test_labels_are_counted_as_often_as_a_round_needs():
    def counted(n_before):
        return [step for step in range(60) if is_counted_step(step, n_before)]

    assert counted(0) == counted(100) == list(range(0, 60, 5))
    assert counted(250) == list(range(0, 60, 10))
    assert counted(100_000) == [0, 20, 40]


def test_parameters_are_read_where_they_are_now():
    param = torch.nn.Parameter(torch.arange(4.0))
    joint = Parameters([param])
    kept = joint.now().copied()
    with torch.no_grad():
        param += 1
    assert isinstance(joint.now(), JoinedArrays)
    assert (joint.now().copied() - kept)[:4].tolist() == [1.0] * 4
    param.data = torch.full((4,), 7.0)
    assert joint.now().copied()[:4].tolist() == [7.0] * 4
    half = Parameters([torch.nn.Parameter(torch.ones(3, dtype=torch.bfloat16))])
    assert half.now().copied()[:3].tolist() == half.now().copied()[:3].tolist() == [1.0] * 3


def test_rows_grow_and_are_cut():
    rows = GrowingTable((2,), np.float64)
    for i in range(20):
        rows.append([i, -i])
    before = rows.until(20)
    rows.truncate(3)
    rows.append([9, 9])
    assert rows.until(4).tolist() == [[0, 0], [1, -1], [2, -2], [9, 9]]
    assert before[3].tolist() == [3, -3]  # what was read before


def test_steps_are_cut_by_round():
    held = StepTable(1, np.int64)
    for step in range(6):
        held.append(step, step // 2, [step])
    assert [held.n(stop) for stop in (None, 0, 1, 3, 9)] == [6, 0, 2, 6, 6]
    held.truncate(1)
    assert held.read(held.n())[0].tolist() == [0, 1]
