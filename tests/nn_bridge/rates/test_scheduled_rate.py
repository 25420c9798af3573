import json
import warnings

import pytest
import torch
from torch import nn

from nn_bridge.rates.scheduled_rate import ScheduledRate
from treedebug.core.errors import ConfigError
from treedebug.schedules import Constant, Cosine, FinalDecay, GreedyLR, Linear, Warmup


def optimizer_of(*rates, kind=torch.optim.SGD):
    return kind([{"params": [nn.Parameter(torch.ones(1))], "lr": rate} for rate in rates], lr=1.0)


def step(optimizer):
    for group in optimizer.param_groups:
        for param in group["params"]:
            param.grad = torch.ones_like(param)
    optimizer.step()


def test_step_t_gets_rate_t():
    optimizer = optimizer_of(0.5)
    scheduler = ScheduledRate(optimizer, Linear(0.4, 0.1), n_steps=4)
    x, found = optimizer.param_groups[0]["params"][0], []
    for _ in range(4):
        before = float(x.detach())
        step(optimizer)
        found.append(before - float(x.detach()))
        scheduler.step()
    assert found == pytest.approx([0.4, 0.3, 0.2, 0.1])


def test_groups_keep_their_ratio_and_later_ones_their_own_rate():
    optimizer = optimizer_of(0.1, 0.01)
    scheduler = ScheduledRate(optimizer, GreedyLR(0.2, factor=0.5, patience=0, min_lr=0.05))
    assert scheduler.get_last_lr() == pytest.approx([0.2, 0.02])
    step(optimizer)
    scheduler.step(1.0)
    assert scheduler.get_last_lr() == pytest.approx([0.4, 0.04])
    optimizer.add_param_group({"params": [nn.Parameter(torch.ones(1))], "lr": 7.0})
    for rates in ([0.2, 0.02, 3.5], [0.1, 0.01, 1.75], [0.05, 0.005, 0.875], [0.05, 0.005, 0.875]):
        step(optimizer)
        scheduler.step(2.0)
        assert scheduler.get_last_lr() == pytest.approx(rates)


def test_rates_that_are_tensors_are_filled_in_place():
    rate = torch.tensor(0.1)
    optimizer = torch.optim.Adam([nn.Parameter(torch.ones(1))], lr=rate)
    scheduler = ScheduledRate(optimizer, Constant(0.3))
    step(optimizer)
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is rate
    assert float(rate) == pytest.approx(0.3)


def test_a_step_that_was_skipped_observes_nothing():
    optimizer = optimizer_of(0.1)
    scheduler = ScheduledRate(optimizer, GreedyLR(0.1, factor=0.5, patience=0))
    scheduler.step(1.0)
    assert scheduler.schedule.t == 0
    for _ in range(3):  # accumulation: three steps, one evaluation
        step(optimizer)
    scheduler.step(1.0)
    scheduler.step(0.5)
    assert scheduler.schedule.t == 1


def test_grad_scaler_skips_are_not_observed():
    x = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([x], 0.1)
    scheduler = ScheduledRate(optimizer, GreedyLR(0.1, factor=0.5, patience=0))
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    for factor, t in ((1.0, 1), (float("inf"), 1), (1.0, 2)):
        optimizer.zero_grad()
        scaler.scale((factor * x).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        scheduler.step(1.0 / (t + 1))
        assert scheduler.schedule.t == t


def test_a_checkpoint_goes_on_as_if_uninterrupted(tmp_path):
    def made():
        torch.manual_seed(0)
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        schedule = FinalDecay(Warmup(GreedyLR(0.1, factor=0.7, patience=0, window=2), 3), 0.3)
        return model, optimizer, ScheduledRate(optimizer, schedule, n_steps=20)

    def run(parts, first, last):
        model, optimizer, scheduler = parts
        rates = []
        for i in range(first, last):
            torch.manual_seed(i)
            x = torch.randn(8, 3)
            optimizer.zero_grad()
            loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
            loss.backward()
            optimizer.step()
            scheduler.step(loss.detach())
            rates += scheduler.get_last_lr()
        return rates

    expected = run(made(), 0, 20)
    parts = made()
    found = run(parts, 0, 9)
    torch.save([p.state_dict() for p in parts], tmp_path / "checkpoint.pt")
    resumed = made()
    for part, state in zip(resumed, torch.load(tmp_path / "checkpoint.pt", weights_only=True), strict=True):
        part.load_state_dict(state)
    assert found + run(resumed, 9, 20) == expected
    assert json.dumps(parts[2].state_dict())


def test_the_loss_of_every_batch_without_a_window_is_warned_of():
    def observe(schedule, n=25):
        optimizer = optimizer_of(0.1)
        scheduler = ScheduledRate(optimizer, schedule)
        for i in range(n):
            step(optimizer)
            scheduler.step(float(i))

    with pytest.warns(UserWarning, match="window=50"):
        observe(Warmup(GreedyLR(0.1), 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        observe(GreedyLR(0.1, window=50))
        observe(Constant(0.1))
        observe(GreedyLR(0.1), 15)


def test_pytorch_warns_of_nothing_and_takes_it_for_a_scheduler():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer = optimizer_of(0.1)
        scheduler = ScheduledRate(optimizer, Cosine(0.1), n_steps=3)
        step(optimizer)
        scheduler.step()
    assert isinstance(scheduler, torch.optim.lr_scheduler.LRScheduler)
    assert optimizer.param_groups[0]["initial_lr"] == 0.1
    assert scheduler.base_lrs == [0.1]
    assert scheduler.get_lr() == scheduler.get_last_lr()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: ScheduledRate(None, Constant(0.1)), "expected an optimizer"),
        (lambda: ScheduledRate(optimizer_of(0.1), 0.1), "expected an optimizer"),
        (lambda: ScheduledRate(optimizer_of(0.0), Constant(0.1)), "must be above 0"),
        (lambda: ScheduledRate(optimizer_of(0.1), GreedyLR(0.1)).step(), "goes by a metric"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        wrong()


lightning = pytest.importorskip("lightning")


class Net(lightning.LightningModule):
    def __init__(self, schedule, **config):
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.schedule, self.config = nn.Linear(3, 1), schedule, config

    def training_step(self, batch, _):
        return ((self.layer(batch[0]) - batch[1]) ** 2).mean()

    def validation_step(self, batch, _):
        self.log("valid_loss", ((self.layer(batch[0]) - batch[1]) ** 2).mean())

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        self.scheduler = ScheduledRate(optimizer, self.schedule)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": self.scheduler, **self.config}}


def fit(net, tmp_path, epochs, checkpoint=None):
    torch.manual_seed(0)
    x = torch.randn(32, 3)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True)), batch_size=8)
    trainer = lightning.Trainer(
        max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=tmp_path,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit(net, loader, loader, ckpt_path=checkpoint)
        trainer.save_checkpoint(tmp_path / "net.ckpt")
    return net.scheduler


def test_lightning_steps_it_and_keeps_it_in_its_checkpoint(tmp_path):
    config = {"monitor": "valid_loss", "reduce_on_plateau": True}
    whole = fit(Net(GreedyLR(0.1, patience=1), **config), tmp_path, 6)
    assert whole.schedule.t == 6
    fit(Net(GreedyLR(0.1, patience=1), **config), tmp_path, 3)
    resumed = fit(Net(GreedyLR(0.1, patience=1), **config), tmp_path, 6, tmp_path / "net.ckpt")
    assert resumed.schedule.history == whole.schedule.history
    assert resumed.schedule.t == 6
    each = fit(Net(Linear(0.1, 0.01, n_steps=8), interval="step"), tmp_path, 2)
    assert each.get_last_lr() == pytest.approx([0.01])
