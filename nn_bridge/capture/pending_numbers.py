"""Numbers that the training has computed and that can wait: fetched off an accelerator many at a time."""

from __future__ import annotations

import torch

from nn_bridge.record.run_writer import Journal

_MOST = 256


class PendingNumbers:
    """Training metrics on their way to the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held: list[tuple[str, str, torch.Tensor]] = []
        journal.before_close.append(self.fetch)

    def keep(self, dataset: str, metric: str, value: torch.Tensor) -> None:
        """Take a number; on the CPU record it at once, as reading it costs nothing."""
        if value.is_cpu:
            self._journal.training(dataset, metric, float(value.detach()))
            return
        self._held.append((dataset, metric, value.detach().reshape(())))
        if len(self._held) >= _MOST:
            self.fetch()

    def fetch(self) -> None:
        """Fetch all of them, with one copy."""
        held, self._held = self._held, []
        if held:
            numbers = torch.stack([value.float() for _, _, value in held]).cpu().tolist()
            for (dataset, metric, _), number in zip(held, numbers, strict=True):
                self._journal.training(dataset, metric, number)
