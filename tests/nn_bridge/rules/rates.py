import torch
from torch import nn

from nn_bridge.recorders.torch import TorchRecorder
from tests.nn_bridge.nets_of import facts, net
from treedebug.testing import ending


def of_rates(rates):
    """A net's run with these learning rates at the ends of its rounds, ten steps each."""
    run = net(net_facts=facts(), ended=False)
    run.rounds.truncate(0)
    for i, rate in enumerate(rates):
        run.rounds.append(i, learning_rate=float(rate), seconds=0.1, iterations=10 * (i + 1))
    return ending(run)


def trained(scheduler_of, steps=60, lr=0.05, tell=True, every=1, metric=None):
    """A small net trained under a scheduler, evaluated every ten steps."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    scheduler = scheduler_of(optimizer)
    with TorchRecorder(model, optimizer, scheduler=scheduler if tell else None, quiet=True) as recorder:
        for i in range(steps):
            x = torch.randn(16, 4)
            y = (x[:, 0] > 0).long()
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            recorder.log("train", loss=loss)
            loss.backward()
            optimizer.step()
            if (i + 1) % every == 0:
                scheduler.step(*([] if metric is None else [metric(i)]))
            if (i + 1) % 10 == 0:
                recorder.log("valid", loss=float(loss.detach()))
    return recorder.run
