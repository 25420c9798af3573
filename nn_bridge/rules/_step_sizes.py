"""What NN904 knows of optimizers and their steps, and what it proposes."""

from __future__ import annotations

from treedebug.core.findings import Change

Run = tuple[int, int]
"""First and last position of a run of steps."""
Changes = tuple[Change, ...]
LONG_STEPS = ("LBFGS", "Rprop")
"""Optimisers that search a line or follow signs: long steps are their way."""
WHY = {"small": "larger steps", "large": "smaller steps"}
CLIPPED = (Change("max_norm", "at least the usual norm of the gradient", "in clip_grad_norm_, after scaler.unscale_"),)
SLOWER = (Change("scheduler", "a slower decay", "the learning rate it began with was large enough"),)
