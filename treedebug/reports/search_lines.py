"""How a search is said while it runs: a line for a trial that has ended, a line for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from treedebug.core.finding_order import related
from treedebug.core.findings import Finding, Severity
from treedebug.core.report import Score
from treedebug.core.run.run_data import FINISHED
from treedebug.reports.phrasing import one_line, plural, short

_MOST_RULES = 4


@dataclass(frozen=True)
class EndedTrial:
    """One trial of a search, as a line says it."""

    name: str
    n_rounds: int
    state: str
    score: Score | None
    findings: Sequence[Finding]


def trial_line(trial: EndedTrial) -> str:
    """Say "search/trial-003: warning CV102 overtraining; best valid logloss 0.1413 in round 35 of 86"."""
    parts = [_found_text(trial.findings), *_score_parts(trial)]
    return one_line(f"{trial.name}: {'; '.join(parts)}")


def search_line(
    base: Path | None,
    states: Mapping[str, int],
    best: EndedTrial | None,
    found: Mapping[tuple[Severity, str, str], int],
) -> str:
    """Say "search: 60 runs (52 finished, 8 interrupted); best valid auc 0.93 in search/trial-017; CV102 ... in 9"."""
    n_runs = sum(states.values())
    ended = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
    parts = [f"{base.name if base is not None else 'search'}: {plural(n_runs, 'run')} ({ended})"]
    if best is not None and best.score is not None:
        parts.append(f"best {best.score.dataset} {best.score.metric} {short(best.score.best)} in {best.name}")
    worst_first = sorted(found.items(), key=lambda entry: (-entry[0][0], -entry[1], entry[0][1]))
    common = [f"{code} {name} in {n}" for (_, code, name), n in worst_first[:_MOST_RULES]]
    parts += [", ".join(common)] if common else []
    if base is not None:
        parts.append(f"all of it: treedebug check {base}")
    return one_line("; ".join(parts))


def _found_text(findings: Sequence[Finding]) -> str:
    """Say "warning CV102 overtraining, HP503 unguarded-rounds and 2 info": the causes, by severity."""
    causes = {(f.severity, f.code, f.name): None for f, depth in related(findings) if not depth}
    said = []
    for severity, same in groupby(sorted(causes, key=lambda c: -c[0]), key=lambda c: c[0]):
        rules = [f"{code} {name}" for _, code, name in same]
        if severity > Severity.INFO:
            rest = [f"{len(rules) - _MOST_RULES} more"] if len(rules) > _MOST_RULES else []
            said.append(f"{severity.label} {', '.join([*rules[:_MOST_RULES], *rest])}")
        else:
            said.append(f"{len(rules)} info")
    return ", ".join(said) or "nothing found"


def _score_parts(trial: EndedTrial) -> list[str]:
    state = "" if trial.state == FINISHED else f", {trial.state}"
    if trial.score is None:
        return [f"{plural(trial.n_rounds, 'round')}{state}"]
    score = trial.score
    where = f"in round {score.best_round} of {trial.n_rounds}{state}"
    return [f"best {score.dataset} {score.metric} {short(score.best)} {where}"]
