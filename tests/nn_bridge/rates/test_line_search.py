import pytest
import torch
from torch import nn

from nn_bridge.rates.line_search import ArmijoSGD
from treedebug.core.errors import ConfigError


def test_the_known_right_values():
    x = nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
    optimizer = ArmijoSGD([x], 1.0, c=0.1)
    optimizer.step(lambda: 5.0 * (x**2).sum())
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.9**17) == pytest.approx(0.166772, rel=1e-5)
    assert (optimizer.n_forward, optimizer.n_backward) == (19, 1)  # the loss itself, and 18 trials
    assert float(x.detach()) == pytest.approx(1.0 - 0.9**17 * 10)


def test_the_rate_grows_between_steps():
    x = nn.Parameter(torch.tensor([1.0]))
    optimizer = ArmijoSGD([x], 1e-3, growth=4.0, n_batches=2)
    for _ in range(3):
        optimizer.step(lambda: 0.5 * (x**2).sum())
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-3 * 4)
    assert optimizer.n_forward == 6


def test_the_loss_of_a_batch_falls_in_every_step():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    x, y = torch.randn(32, 4), torch.randint(0, 2, (32,))
    optimizer = ArmijoSGD(model.parameters(), n_batches=10)
    losses = [float(optimizer.step(lambda: nn.functional.cross_entropy(model(x), y))) for _ in range(20)]
    assert losses == sorted(losses, reverse=True)


def test_trials_see_the_same_dropout_and_leave_batch_norm_alone():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))
    x, y = torch.randn(32, 4), torch.randint(0, 2, (32,))
    optimizer = ArmijoSGD(model.parameters(), 100.0, model=model)
    state = torch.get_rng_state()
    optimizer.step(lambda: nn.functional.cross_entropy(model(x), y))
    assert optimizer.n_forward > 3
    assert int(model[1].num_batches_tracked) == 1
    after = torch.get_rng_state()
    torch.set_rng_state(state)
    model(x)
    assert torch.equal(after, torch.get_rng_state()), "the random numbers go on as after one pass"


def test_parameters_without_a_gradient_and_a_gradient_of_zero_are_left_alone():
    used, unused = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    optimizer = ArmijoSGD([used, unused], 0.5)
    optimizer.step(lambda: (used**2).sum())  # noqa: PLW0108 - a new square each time
    assert float(unused.detach()) == 1.0
    used.data.zero_()
    optimizer.step(lambda: (used**2).sum())  # noqa: PLW0108 - a new square each time
    assert float(used.detach()) == 0.0


def test_a_loss_that_never_falls_gets_the_smallest_rate():
    x = nn.Parameter(torch.ones(1, dtype=torch.float64))
    calls = []

    def rising():
        calls.append(1)
        return x.sum() + 5.0 * (len(calls) > 1)

    optimizer = ArmijoSGD([x], most_trials=7)
    optimizer.step(rising)
    assert optimizer.n_forward == 8
    assert float(x.detach()) == pytest.approx(1 - 1e-6)


@pytest.mark.parametrize("wrong", [{"lr": 0}, {"c": 1.0}, {"shrink": 1.0}, {"growth": 0.5}, {"n_batches": 0}])
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ConfigError):
        ArmijoSGD([nn.Parameter(torch.ones(1))], **wrong)
    with pytest.raises(ConfigError, match="closure"):
        ArmijoSGD([nn.Parameter(torch.ones(1))]).step()
