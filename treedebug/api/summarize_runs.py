"""Many checked runs at once: which findings, in how many runs, and how the deciding metric spreads over them."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from treedebug.api.checked_runs import CheckedRuns
from treedebug.api.known_rules import chosen_rules
from treedebug.api.open_run import open_run
from treedebug.core.findings import Finding
from treedebug.core.report import CheckReport, CountedFinding, Effort, Score, ScoreSpread
from treedebug.core.run.run_data import INTERRUPTED
from treedebug.engine.config import Config
from treedebug.engine.evaluate import evaluate
from treedebug.rules.runs.search_at_the_edge import SearchAtTheEdge
from treedebug.signals.runs.findings_by_parameter import parameter_links

_FEWEST = 4
_BY_CHANCE = 0.05
"""A condition is shown if chance would give one as clear this seldom."""


def are_folds(reports: Sequence[CheckReport]) -> bool:
    """Return whether the reports are of the folds of one cross-validation: each is of a fold, none of them twice."""
    folds = [r.facts.get("fold") for r in reports]
    return None not in folds and len(set(folds)) == len(folds)


def summarize_runs(
    source: str,
    reports: Sequence[CheckReport],
    labels: Sequence[str],
    *,
    are_folds: bool = False,
    search: Sequence[Finding] = (),
) -> CheckedRuns:
    """Return what several reports have in common. `labels` holds a short name for each."""
    return CheckedRuns(
        source=source,
        reports=tuple(reports),
        labels=tuple(labels),
        are_folds=are_folds,
        states=Counter(str(r.facts.get("state", "")) for r in reports),
        findings=_counted(reports, labels),
        scores=_spreads(reports, labels),
        effort=_effort([r.effort for r in reports if r.effort is not None]),
        links=_links(reports),
        search=tuple(search),
    )


def _effort(efforts: Sequence[Effort]) -> Effort:
    return Effort(
        rounds=sum(e.rounds for e in efforts),
        seconds=sum(e.seconds for e in efforts),
        wasted_rounds=sum(e.wasted_rounds for e in efforts),
        wasted_seconds=sum(e.wasted_seconds for e in efforts),
    )


def search_findings(paths: Iterable[str | Path], config: Config) -> tuple[Finding, ...]:
    """Return what the runs of one search show together: parameters at the edge of the values tried."""
    rules = [r for r in chosen_rules(config.override(preview=True), of_pairs=True) if r.code == SearchAtTheEdge.code]
    runs = tuple(run for path in paths if (run := open_run(path)[0]).n_rounds and run.header.fold is None)
    if not rules or len(runs) < _FEWEST:
        return ()
    last = runs[-1]
    return evaluate(last.at(last.n_rounds, final=last.ended).against(runs[0], runs), rules).findings


def _links(reports: Sequence[CheckReport]) -> tuple[str, ...]:
    """Say "CV101: 9 of 11 runs with max_depth >= 7, 1 of 19 others" of what chance would hardly do."""
    links = parameter_links([r.params for r in reports], [frozenset(f.code for f in r.findings) for r in reports])
    return tuple(
        f"{link.code}: {link.found_inside} of {link.n_inside} runs with {link.condition}, "
        f"{link.found_outside} of {link.n_outside} others"
        for link in links
        if link.p_value < _BY_CHANCE
    )


def _counted(reports: Sequence[CheckReport], labels: Sequence[str]) -> tuple[CountedFinding, ...]:
    """Sort the most severe first, then the most common."""
    by_rule: dict[str, dict[str, Finding]] = defaultdict(dict)
    for label, report in zip(labels, reports, strict=True):
        for finding in report.findings:
            by_rule[finding.code].setdefault(label, finding)
    counted = [
        CountedFinding(
            code=code,
            name=next(iter(found.values())).name,
            severity=max(f.severity for f in found.values()),
            sources=tuple(found),
        )
        for code, found in by_rule.items()
    ]
    return tuple(sorted(counted, key=lambda c: (-c.severity, -len(c.sources), c.code)))


def _spreads(reports: Sequence[CheckReport], labels: Sequence[str]) -> tuple[ScoreSpread, ...]:
    by_metric: dict[tuple[str, str, bool], list[tuple[str, Score]]] = defaultdict(list)
    whole = [r.facts.get("state") != INTERRUPTED for r in reports]
    for label, report, counts in zip(labels, reports, whole, strict=True):
        if report.score is not None and (counts or not any(whole)):  # a pruned trial would have gone on
            score = report.score
            by_metric[score.dataset, score.metric, score.higher_is_better].append((label, score))
    return tuple(
        _spread(f"{dataset} {metric}", scores, higher=higher)
        for (dataset, metric, higher), scores in sorted(by_metric.items(), key=lambda entry: -len(entry[1]))
    )


def _spread(name: str, scores: Sequence[tuple[str, Score]], *, higher: bool) -> ScoreSpread:
    ranked = sorted(((label, s.best) for label, s in scores), key=lambda entry: entry[1], reverse=higher)
    values = [value for _, value in ranked]
    return ScoreSpread(
        name=name,
        n_runs=len(values),
        mean=statistics.fmean(values),
        deviation=statistics.stdev(values) if len(values) > 1 else 0.0,
        best=ranked[0],
        worst=ranked[-1],
    )
