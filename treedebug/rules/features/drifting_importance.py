"""FT305 drifting-importance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import listed, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import harm
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.features.importance_share import FeatureDrift


@dataclass(frozen=True, kw_only=True)
class DriftingImportance(Rule):
    """Late in training the gain comes from features that did not matter early.

    ## What it does
    Takes the features that held less than `min_early` of the gain in the first tenth of the rounds. Fires when they
    hold `min_late` or more of the gain in the last third and validation has worsened (a warning) or gained no more
    since (info). While validation goes on improving, weaker features coming last is what boosting is for.
    ## Why is this bad
    When the features that matter have given what they have, the trees turn to the others and fit noise.
    ## When to ignore it
    You keep only the trees up to the best round.
    """

    code = "FT305"
    name = "drifting-importance"

    min_early: float = param(0.005, "share of the early gain below which a feature did not matter", ge=0.0, le=1.0)
    min_late: float = param(0.3, "share of the late gain in such features", ge=0.0, le=1.0)

    def check(self, drift: FeatureDrift, loss: EvalLoss, ending: Ending, header: Header) -> Iterator[Finding]:
        """Add up what early irrelevant features hold late."""
        late = np.where(drift.early < self.min_early, drift.late, 0.0)
        held, severity = float(late.sum()), harm(loss, ending)
        idle = loss.wait >= drift.n_rounds - drift.late_from and not ending.allows(loss.wait)
        if held < self.min_late or not (idle or severity is Severity.WARNING):
            return
        order = np.argsort(-late, kind="stable")[: max(int((late > 0).sum()), 1)]
        names = [header.feature_name(int(drift.features[i])) for i in order[:20]]
        yield self.finding(
            f"since round {drift.late_from}, {percent(held)} of the gain comes from features that brought next to none "
            f"before ({listed(names, 3)}), and {loss.metric} on {loss.dataset} was best in round {loss.best_round}",
            severity=severity,
            rounds=(drift.late_from, drift.n_rounds - 1),
            late_share=held,
            early_share=float(drift.early[drift.early < self.min_early].sum()),
            features=names,
            best_round=loss.best_round,
        )
