"""CV107 noisy-validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from treedebug.core.changes import experiment
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.metric_facts import rows_behind, sampling_error
from treedebug.signals.curves.sampling_noise import sampling_noise

_FOLDS = (experiment("cross-validate with 5 folds", "each row is validated once"),)


@dataclass(frozen=True, kw_only=True)
class NoisyValidation(Rule):
    """The validation metric is so noisy that the best round is a matter of chance.

    ## What it does
    Fires at once where the validation set has so few rows that the standard error of a mean over them is `max_error`
    of their scatter or more (31 rows and fewer; where the metric ranks, as AUC does, the rows of the rarest class
    count, twice). Else compares the round-to-round noise of the metric with all that it has moved since the start
    and, where the metric counts rows, the standard error that follows from their number. Fires when the noise is
    `min_noise` of that or more, or the standard error `min_error`, and rounds `min_spread` or more apart are as good
    as the best within them.
    ## Why is this bad
    Early stopping, and every choice made by this metric, picks one of these rounds by chance.
    ## When to ignore it
    You do not choose anything by this metric, or you average it over folds or seeds.
    """

    code = "CV107"
    name = "noisy-validation"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV103", "CV106", "CV109", "CV110", "CV111", "CL406", "DA622",
    )  # fmt: skip

    max_error: float = param(0.18, "standard error of a mean of the rows, as a share of their scatter", ge=0.0, le=1.0)
    min_noise: float = param(0.02, "noise, as a share of all that the metric has moved", ge=0.0, le=10.0)
    min_error: float = param(0.1, "standard error, as a share of all that the metric has moved", ge=0.0, le=10.0)
    min_spread: int = param(20, "rounds between the first and the last that is as good as the best", ge=1, le=100_000)
    min_rounds: int = param(30, "rounds before the noise can be told from the trend", ge=6, le=100_000)

    def check(self, loss: EvalLoss, known: Described) -> Iterator[Finding]:
        """Count the rows; then compare the noise with the movement, and count the rounds that tie."""
        header = known.header
        n_rows = header.data.get(loss.dataset, {}).get("n_rows")
        behind = rows_behind(header, loss.dataset, loss.metric)
        moved, best = max(loss.gained, loss.rise), float(loss.valid[loss.best])
        if behind and behind > 0 and behind**-0.5 >= self.max_error:
            yield self._few(loss, header.data[loss.dataset], behind)
            return
        if len(loss.valid) < self.min_rounds or moved <= 0:
            return
        error = sampling_error(header, loss.dataset, loss.metric, loss.shown(best))
        if loss.noise < self.min_noise * moved and error < self.min_error * moved:
            return
        tied = loss.rounds[loss.valid <= best + 2.0 * max(loss.drift(1), error)]
        if int(tied[-1] - tied[0]) >= self.min_spread:
            yield self._uncertain(loss, n_rows, error, (int(tied[0]), int(tied[-1]), len(tied)))

    def _uncertain(self, loss: EvalLoss, n_rows: int | None, error: float, tied: tuple[int, int, int]) -> Finding:
        moved, doubt = max(loss.gained, loss.rise), max(loss.noise, error)
        return self.finding(
            f"{loss.metric} on {loss.dataset}{f' ({n_rows} rows)' if n_rows else ''} is uncertain by {figure(doubt)}, "
            f"{percent(doubt / moved)} of all it has moved: {tied[2]} rounds from {tied[0]} to {tied[1]} may as well "
            f"be the best as round {loss.best_round}; use more validation rows, cross-validation, or a smoother metric",
            rounds=tied[:2],
            explains=("CV111",),
            try_next=_FOLDS,
            noise=loss.noise,
            moved=moved,
            noise_share=loss.noise / moved,
            standard_error=error,
            n_tied=tied[2],
            n_rows=n_rows,
        )

    def _few(self, loss: EvalLoss, facts: dict[str, Any], behind: float) -> Finding:
        value = loss.shown(float(loss.valid[loss.best]))
        error = sampling_noise(loss.metric, abs(value), facts)
        ranked = f", {behind / 2:.0f} of them in the rarest class" if behind < facts["n_rows"] else ""
        return self.finding(
            f"{loss.dataset} has only {facts['n_rows']} rows{ranked}: its {loss.metric} ({figure(value)} at best) is "
            f"uncertain by about {figure(error)}, so chance picks the best round; use some hundred rows, or "
            "cross-validation",
            rounds=(int(loss.rounds[0]), loss.last_round),
            try_next=_FOLDS,
            is_root=True,  # so few rows are so few whatever else is wrong
            standard_error=error,
            n_rows=facts["n_rows"],
            rows_behind=behind,
        )
