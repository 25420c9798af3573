"""What recording a network costs: training steps with and without the recorder, interleaved, as ratios.

    python benchmarks/nn_overhead.py             the table of docs/nn.md (about 5 minutes)
    python benchmarks/nn_overhead.py --quick     a look (about 1 minute)

Three copies of one training take turns, a block of 50 steps each: without a recorder, with its default schedule (one
sampled step a block, after the first ten), and with every step sampled. The recorder runs as a user has it: run on
disk, all rules, the training loss logged at every step, an evaluation logged (but not computed) after every `epoch`
steps. One thread; CPU time of the process, which a busy machine disturbs least, and wall time beside it: medians of the
blocks' ratios, and the ratio of the quietest blocks. Blocks after the opening count; one column counts the opening too.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from _common import describe, machine, save, table
from torch import nn
from torch.nn import functional

import nn_bridge

BLOCK = 50


class Training:
    """One of the copies that take turns."""

    def __init__(
        self, build: Callable[[], nn.Module], batch: torch.Tensor, folder: Path | None, epoch: int, **schedule
    ):
        torch.manual_seed(0)
        self.net = build()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-4)
        self.batch, self.labels = batch, torch.randint(0, 10, (len(batch),))
        self.epoch, self.n_steps = epoch, 0
        self.recorder = None
        if folder is not None:
            self.recorder = nn_bridge.TorchRecorder(self.net, self.optimizer, folder, quiet=True, **schedule)

    def step(self) -> None:
        loss = functional.cross_entropy(self.net(self.batch), self.labels)
        if self.recorder is not None:
            self.recorder.log("train", loss=loss)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.n_steps += 1
        if self.recorder is not None and self.n_steps % self.epoch == 0:
            self.recorder.log("valid", loss=1.0 / self.n_steps, accuracy=0.5)

    def block(self) -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(BLOCK):
            self.step()
        return time.perf_counter() - wall, time.process_time() - cpu


def small() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 160), nn.ReLU(), nn.Linear(160, 128), nn.ReLU(), nn.Linear(128, 10))


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(48 * 16, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
        self.body, self.out = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.body(x).mean(1))


NETS = {
    "MLP, 33,000 weights": (small, torch.Size((192, 64)), 1.10, 1.6),
    "CNN, 111,000 weights": (convolutional, torch.Size((64, 3, 16, 16)), 1.03, 1.5),
    "transformer, 68,000 weights": (Transformer, torch.Size((24, 16, 64)), 1.10, 2.0),
}
KINDS: dict[str, dict[str, Any]] = {"default": {}, "every step": {"every": 1}}


def measure(build: Callable[[], nn.Module], shape: torch.Size, *, blocks: int, epoch: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp())
    torch.manual_seed(1)
    batch = torch.randn(shape)
    try:
        sides = {"without": Training(build, batch, None, epoch)}
        sides |= {
            kind: Training(build, batch, folder / kind.replace(" ", "-"), epoch, **schedule)
            for kind, schedule in KINDS.items()
        }
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
        names = list(sides)
        for i in range(blocks + 1):
            gc.collect()
            for name in names[i % 3 :] + names[: i % 3]:
                spent[name].append(sides[name].block())
        for side in sides.values():
            if side.recorder is not None:
                side.recorder.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    plain = spent["without"]
    found: dict[str, Any] = {"step_ms": 1000 * statistics.median(cpu for _, cpu in plain[1:]) / BLOCK}
    for kind in KINDS:
        pairs = list(zip(spent[kind], plain, strict=True))
        found[kind] = {
            "cpu": statistics.median(a[1] / b[1] for a, b in pairs[1:]),
            "wall": statistics.median(a[0] / b[0] for a, b in pairs[1:]),
            "least": min(a[1] for a, _ in pairs[1:]) / min(b[1] for _, b in pairs[1:]),
            "whole": sum(a[1] for a, _ in pairs) / sum(b[1] for _, b in pairs),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer blocks")
    parser.add_argument("--net", choices=[n.split(",")[0] for n in NETS], help="this net only (a minute or two)")
    parser.add_argument("--epoch", type=int, default=500, help="steps between evaluations (default: 500)")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    torch.set_num_threads(1)
    results: dict[str, Any] = {}
    rows = []
    for name, (build, shape, *bars) in NETS.items():
        if args.net and args.net != name.split(",")[0]:
            continue
        found = measure(build, shape, blocks=12 if args.quick else 60, epoch=args.epoch)
        results[name] = found
        for kind in KINDS:
            limit = bars[kind != "default"]
            ratio = found[kind]
            columns = [f"x{ratio[c]:.3f}" for c in ("cpu", "least", "wall", "whole")]
            met = "yes" if ratio["cpu"] <= limit else "NO"
            rows.append([name, f"{found['step_ms']:.2f}", kind, *columns, f"x{limit:.2f}", met])
    headings = [
        "net",
        "step, ms",
        "schedule",
        "CPU time",
        "quietest",
        "wall time",
        "with the opening",
        "at most",
        "met",
    ]
    print(table(headings, rows))
    print(describe(machine()))
    print(save("nn_overhead", results, args.json))


if __name__ == "__main__":
    main()
