"""The recorder under test, with default settings; no rules while it trains, the run is judged afterwards."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

import nn_bridge
import treedebug


def recorder(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> nn_bridge.TorchRecorder:
    return nn_bridge.TorchRecorder(model, optimizer, folder, quiet=True, config=treedebug.Config(select=()))
