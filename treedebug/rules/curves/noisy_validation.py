"""CV107 noisy-validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.run import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import figure, percent
from treedebug.signals.curves import EvalLoss
from treedebug.signals.metrics import sampling_error


@dataclass(frozen=True, kw_only=True)
class NoisyValidation(Rule):
    """The validation metric is so noisy that the best round is a matter of chance.

    ## What it does
    Compares the round-to-round noise of the validation metric with all that it has moved since the start and, where
    the metric counts rows, the standard error that follows from their number. Fires when the noise is `min_noise` of
    that or more, or the standard error `min_error`, and rounds `min_spread` or more apart are as good as the best
    within them.
    ## Why is this bad
    Early stopping, and every choice made by this metric, picks one of these rounds by chance.
    ## When to ignore it
    You do not choose anything by this metric, or you average it over folds or seeds.
    """

    code = "CV107"
    name = "noisy-validation"
    preview = True
    explains: ClassVar[tuple[str, ...]] = ("CV111",)

    min_noise: float = param(0.02, "noise, as a share of all that the metric has moved", ge=0.0, le=10.0)
    min_error: float = param(0.1, "standard error, as a share of all that the metric has moved", ge=0.0, le=10.0)
    min_spread: int = param(20, "rounds between the first and the last that is as good as the best", ge=1, le=100_000)
    min_rounds: int = param(30, "rounds before the noise can be told from the trend", ge=6, le=100_000)

    def check(self, loss: EvalLoss, header: Header) -> Iterator[Finding]:
        """Compare the noise with the movement, and count the rounds that tie."""
        moved = max(loss.gained, loss.rise)
        if len(loss.valid) < self.min_rounds or moved <= 0:
            return
        best = float(loss.valid[loss.best])
        error = sampling_error(header, loss.dataset, loss.metric, loss.shown(best))
        if loss.noise < self.min_noise * moved and error < self.min_error * moved:
            return
        tied = loss.rounds[loss.valid <= best + 2.0 * max(loss.drift(1), error)]
        if int(tied[-1] - tied[0]) < self.min_spread:
            return
        n_rows = header.data.get(loss.dataset, {}).get("n_rows")
        yield self.finding(
            f"{loss.metric} on {loss.dataset}{f' ({n_rows} rows)' if n_rows else ''} is uncertain by "
            f"{figure(max(loss.noise, error))}, {percent(max(loss.noise, error) / moved)} of all it has moved: "
            f"{len(tied)} rounds between "
            f"{int(tied[0])} and {int(tied[-1])} are as good as the best ({loss.best_round}); use more validation "
            "rows, cross-validation, or a smoother metric",
            rounds=(int(tied[0]), int(tied[-1])),
            noise=loss.noise,
            moved=moved,
            noise_share=loss.noise / moved,
            standard_error=error,
            n_tied=len(tied),
            n_rows=n_rows,
        )
