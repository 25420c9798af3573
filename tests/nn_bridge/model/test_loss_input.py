"""What stands between a net and its loss, read from the graph."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from nn_bridge.model.loss_graph import read_graph
from nn_bridge.model.loss_input import broadcast_shape, multiplied, n_dropouts, unregistered
from nn_bridge.model.targets import describe_targets

X, Y = torch.randn(8, 3), torch.randn(8)


def column():
    return nn.Linear(3, 1)(X)


@pytest.mark.parametrize(
    ("loss", "shape"),
    [
        (lambda p: (p - Y).square().mean(), (8, 8)),
        (lambda p: (Y - p).abs().mean(), (8, 8)),
        (lambda p: functional.mse_loss(*torch.broadcast_tensors(p, Y)), (8, 8)),
        (lambda p: functional.mse_loss(p[:, 0], Y), ()),
        (lambda p: (p - Y[:, None]).square().sum(), ()),
        (lambda p: (p - p.T).square().mean(), ()),
        (lambda p: functional.softplus(p).mean(), ()),
    ],
    ids=["squares", "absolute", "expanded", "one line", "columns", "ranking", "no difference"],
)
def test_errors_of_all_pairs_are_seen(loss, shape):
    assert broadcast_shape(loss(column())) == shape


@pytest.mark.parametrize(
    ("last", "applied"),
    [
        (lambda z: z.softmax(1), ("softmax",)),
        (lambda z: torch.tanh(z).view(-1, 4), ("tanh",)),
        (lambda z: torch.sigmoid(torch.relu(z)), ("relu", "sigmoid")),
        (lambda z: 10.0 * torch.tanh(z), ()),
        (lambda z: z.softmax(1) @ torch.randn(4, 4), ()),
        (lambda z: z * torch.sigmoid(z + 1.0), ()),
        (lambda z: torch.relu(z) + z, ()),
    ],
    ids=["softmax", "reshaped", "two", "scaled", "a product", "a gate", "a shortcut"],
)
def test_a_function_counts_where_the_loss_takes_its_result_as_it_is(last, applied):
    layer = nn.Linear(3, 4)
    loss = functional.cross_entropy(last(layer(X)), torch.zeros(8, dtype=torch.long))
    assert read_graph(loss, {id(layer.weight): "layer"}).applied == applied


def test_leaves_that_nobody_knows_and_those_that_are_multiplied():
    known, other, scale = nn.Linear(3, 4), nn.Linear(4, 1), nn.Parameter(torch.ones(4))
    loss = other(known(X) * scale).sum()
    ids = {id(p) for p in known.parameters()} | {id(scale)}
    assert {tuple(p.shape) for p in unregistered(loss, ids)} == {(1, 4), (1,)}
    assert multiplied(loss, {"Addmm"}) >= {id(known.weight), id(other.weight)}
    assert id(scale) not in multiplied(loss, {"Addmm"})


@pytest.mark.parametrize(("p", "n"), [(0.5, 1), (0.0, 0)])
def test_functional_dropout_is_counted(p, n):
    hidden = torch.relu(nn.Linear(3, 64)(X)) * 2.0
    assert n_dropouts(functional.dropout(hidden, p).sum()) == n


@pytest.mark.parametrize(
    ("targets", "kind"),
    [
        (torch.tensor([0, 2, 1]), "classes"),
        (torch.eye(3), "one-hot"),
        (torch.tensor([[0.0], [1.0], [2.0]]), "codes"),
        (torch.tensor([0.0, 1.0, 1.0]), "flags"),
        (torch.tensor([0.0, 7.0, 100.0]), "amounts"),
        (torch.tensor([0.1, 0.9, 0.5]), "amounts"),
    ],
)
def test_kinds_of_targets(targets, kind):
    assert describe_targets(torch.randn(3, 1), targets)["targets"] == kind


def test_a_graph_that_was_freed_is_read_as_far_as_it_goes():
    loss = functional.dropout((column() - Y).square(), 0.5).mean()
    loss.backward()
    assert n_dropouts(loss) == 0
    assert broadcast_shape(loss) in ((), (8, 8))
