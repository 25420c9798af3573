"""Fits of a Lightning Trainer, of every kind; skips the tests that import it where there is no Lightning."""

from __future__ import annotations

import logging

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import nn_bridge

lightning = pytest.importorskip("lightning")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

N_EPOCHS = 3
INPUTS = torch.randn(256, 8, generator=torch.Generator().manual_seed(5))
CLASSES = (INPUTS[:, 0] > 0).long() + (INPUTS[:, 1] > 0).long()
ROWS = TensorDataset(INPUTS, CLASSES)


class Plain(lightning.LightningModule):
    """A module with a net, a criterion and a metric inside, called as Lightning's examples do."""

    def __init__(self, rate=0.01):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))
        self.criterion = nn.CrossEntropyLoss()
        self.rate = rate

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log("train_loss", loss)
        self.log("train_seen", float(batch_idx), on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx, dataloader_idx=0):
        x, y = batch
        out = self(x)
        self.log("val_loss", self.criterion(out, y))
        self.log("val/accuracy", (out.argmax(1) == y).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), self.rate)


class Parts(Plain):
    """Its parts are called one by one, it is never called itself."""

    def training_step(self, batch, batch_idx):
        x, y = batch
        return {"loss": self.criterion(self.net(x), y), "rows": len(x)}

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.criterion(self.net(batch[0]), batch[1]))


class Two(Plain):
    """Two optimisers, by hand."""

    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.head = nn.Linear(3, 3)

    def training_step(self, batch, batch_idx):
        x, y = batch
        for optimizer, net in zip(self.optimizers(), (self.net, lambda x: self.head(self.net(x))), strict=True):
            optimizer.zero_grad()
            self.manual_backward(self.criterion(net(x), y))
            optimizer.step()

    def configure_optimizers(self):
        return [torch.optim.SGD(m.parameters(), 0.05) for m in (self.net, self.head)]


class Searching(Plain):
    """An optimiser that calls its closure many times a step."""

    def configure_optimizers(self):
        return torch.optim.LBFGS(self.parameters(), 0.1, max_iter=3)


class Dead(Plain):
    """All units of a layer alike."""

    def __init__(self):
        super().__init__()
        nn.init.constant_(self.net[0].weight, 0.5)


class Failing(Plain):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def training_step(self, batch, batch_idx):
        if self.current_epoch == 1 and batch_idx == 2:
            raise self.error
        return super().training_step(batch, batch_idx)


def fit(module=None, recorder=None, *, package=lightning, valid=1, **settings):
    torch.manual_seed(0)
    module = Plain() if module is None else module()
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    callbacks = [] if recorder is None else [recorder]
    settings = {"max_epochs": N_EPOCHS, "accelerator": "cpu", "callbacks": callbacks} | quiet | settings
    trainer = package.Trainer(**settings)
    loaders = [DataLoader(ROWS, 128) for _ in range(valid)]
    trainer.fit(module, DataLoader(ROWS, 32, shuffle=True), loaders or None)
    return module, trainer


def recorded(module=None, path=None, *, recorder=None, **settings):
    recorder = nn_bridge.LightningRecorder(path, quiet=True) if recorder is None else recorder
    fit(module, recorder, **settings)
    return recorder.run


def half_precision():
    plugin = lightning.pytorch.plugins.MixedPrecision
    return [plugin("16-mixed", "cpu", scaler=torch.amp.GradScaler("cpu", init_scale=256.0))]


FITS = {
    "plain": (Plain, {}),
    "accumulated": (Plain, {"accumulate_grad_batches": 3}),
    "clipped": (Plain, {"gradient_clip_val": 0.1}),
    "bfloat16": (Plain, {"precision": "bf16-mixed"}),
    "scaled": (Plain, {"plugins": half_precision}),
    "parts": (Parts, {}),
    "two optimisers": (Two, {}),
    "closure called again": (Searching, {}),
    "validated often": (Plain, {"val_check_interval": 0.25}),
    "without validation": (Plain, {"valid": 0}),
}
