"""Units that a network can do without: the next layer's weights are fitted anew to what it got from all of them."""

from __future__ import annotations

import torch

from nn_bridge.pruning.chain import Chain

_RIDGE = 1e-6
_SHARE = 0.15
"""Of the units that are left, taken away in one step."""


def without_idle(chain: Chain, X: torch.Tensor) -> tuple[Chain, tuple[int, ...]]:
    """Return the chain without units that say the same on every row of X, or nothing to the next layer.

    What such a unit says is added to the next layer's bias, so the outputs on these rows stay what they are. Returns
    also how many were taken out of each hidden layer.
    """
    taken = []
    for i in range(len(chain.layers) - 1):
        values = list(chain.inputs(X))[i + 1]
        follower = chain.layers[i + 1].linear
        idle = (values.max(dim=0).values == values.min(dim=0).values) | (follower.weight == 0).all(dim=0)
        if idle.all():
            idle[0] = False
        keep = torch.nonzero(~idle)[:, 0]
        constant = values.double().mean(dim=0)
        more = follower.weight[:, idle].double() @ constant[idle]
        bias = more if follower.bias is None else follower.bias.double() + more
        taken.append(int(idle.sum()))
        if taken[-1]:
            chain = chain.narrowed(i, keep, follower.weight[:, keep], bias.to(follower.weight.dtype))
    return chain, tuple(taken)


def narrower(chain: Chain, X: torch.Tensor) -> Chain | None:
    """Return the chain with a few units less, those that the next layer can do best without; None at its thinnest.

    Of all hidden layers the units are taken whose loss costs the next layer's input least in squares, relative to what
    it has; the weights of those that stay are then fitted by least squares on the rows X, which need no labels.
    """
    costs, layers = [], []
    for i in range(len(chain.layers) - 1):
        values, follower = list(chain.inputs(X))[i + 1].double(), chain.layers[i + 1].linear
        cost = _cost(values, follower.weight.double())
        costs.append(cost if len(cost) > 1 else torch.full_like(cost, torch.inf))
        layers.append(torch.full((len(cost),), i))
    flat, of_layer = torch.cat(costs), torch.cat(layers)
    n_left = int(torch.isfinite(flat).sum())
    if not n_left:
        return None
    taken = torch.argsort(flat)[: max(1, int(_SHARE * n_left))]
    for i in range(len(chain.layers) - 1):
        mine = torch.nonzero(of_layer == i)[:, 0]
        gone = torch.isin(mine, taken)
        if gone.all():
            gone[0] = False
        if gone.any():
            chain = _refitted(chain, i, torch.nonzero(~gone)[:, 0], X)
    return chain


def _cost(values: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return (n_units,) what the next layer's input loses, in squares, where one unit goes and the others take over.

    As in optimal brain surgery (Hassibi and Stork, 1993), layer by layer: weight**2 over the diagonal of the inverse.
    """
    centred = values - values.mean(dim=0)
    gram = centred.T @ centred / len(values)
    scale = gram.diagonal().mean().clamp_min(1e-30)
    inverse = torch.linalg.inv(gram + _RIDGE * scale * torch.eye(len(gram), dtype=gram.dtype))
    lost = (weight**2).sum(dim=0) / inverse.diagonal()
    had = ((centred @ weight.T) ** 2).mean(dim=0).sum().clamp_min(1e-30)
    share: torch.Tensor = lost / had
    return share


def _refitted(chain: Chain, index: int, keep: torch.Tensor, X: torch.Tensor) -> Chain:
    values, follower = list(chain.inputs(X))[index + 1].double(), chain.layers[index + 1].linear
    target = values @ follower.weight.double().T
    some = values[:, keep]
    mean, wanted = some.mean(dim=0), target.mean(dim=0)
    centred = some - mean
    gram = centred.T @ centred
    ridge = _RIDGE * gram.diagonal().mean().clamp_min(1e-30) * torch.eye(len(gram), dtype=gram.dtype)
    weight = torch.linalg.solve(gram + ridge, centred.T @ (target - wanted)).T
    bias = wanted - weight @ mean + (0.0 if follower.bias is None else follower.bias.double())
    dtype = follower.weight.dtype
    return chain.narrowed(index, keep, weight.to(dtype), bias.to(dtype))
