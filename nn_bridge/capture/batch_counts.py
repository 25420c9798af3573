"""Labels and predictions of training batches on their way to the class balance: counted many at a time."""

from __future__ import annotations

import torch

from nn_bridge.capture.batch_labels import confusion
from nn_bridge.record.run_writer import Journal

_MOST = 2**16
"""Scores that wait to be counted."""
_FEWEST_DIMS = 1
_EVEN_ODDS = 0.5


class BatchCounts:
    """Copies of small batches wait, as one count costs the same for one and for many; large ones do not."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._n_held = 0
        self.n_classes = 0
        """The most that were seen."""
        journal.before_close.append(self.count_waiting)

    def add(self, scores: torch.Tensor, targets: torch.Tensor) -> None:
        """Take the scores and targets of a batch, both detached."""
        if targets.is_floating_point() and targets.shape == scores.shape and scores[:1].numel() == 1:
            targets = targets > _EVEN_ODDS  # smoothed labels are fractions
        if scores.device.type != "cpu" or scores.numel() > _MOST or min(scores.dim(), targets.dim()) < _FEWEST_DIMS:
            self._count(scores, targets)
            return
        if self._held and not _alike(self._held[0], (scores, targets)):
            self.count_waiting()
        self._held.append((scores.clone(), targets.clone()))
        self._n_held += scores.numel()
        if self._n_held > _MOST:
            self.count_waiting()

    def count_waiting(self) -> None:
        """Count the batches that wait."""
        held, self._held, self._n_held = self._held, [], 0
        if held:
            scores, targets = (torch.cat([pair[i] for pair in held]) for i in (0, 1))
            self._journal.faults.guard("net", self._count, scores, targets)

    def _count(self, scores: torch.Tensor, targets: torch.Tensor) -> None:
        counts, probability = confusion(scores, targets)
        self._journal.predictions("train", counts, probability)
        self.n_classes = max(self.n_classes, len(counts))


def _alike(one: tuple[torch.Tensor, torch.Tensor], other: tuple[torch.Tensor, torch.Tensor]) -> bool:
    return all(a.dtype == b.dtype and a.shape[1:] == b.shape[1:] for a, b in zip(one, other, strict=True))
