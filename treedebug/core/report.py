"""What checks and comparisons return: plain data that reports draw and never compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from treedebug.core.changes import Plan
from treedebug.core.findings import Finding, Severity, Verdict


@dataclass(frozen=True, kw_only=True)
class BalanceRow:
    """One class: rows and share of them in each dataset, and the weight of a row that balances the training data."""

    value: Any
    counts: tuple[int, ...]
    shares: tuple[float, ...]
    weight: float | None


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The classes of the labels before training. The first of `datasets` is the training data."""

    datasets: tuple[str, ...]
    rows: tuple[BalanceRow, ...]
    n_classes: int
    """Of all; `rows` has at most 50."""
    scale_pos_weight: float | None
    """Rows of the first class for each row of the second, where there are two."""
    largest_share: float
    p_values: Mapping[str, float]
    """Dataset -> probability that its shares differ as much from the training data's by chance."""
    distances: Mapping[str, float]
    """Dataset -> half the summed differences of the shares."""
    agrees: Mapping[str, bool] = field(default_factory=dict)
    """Dataset -> whether no rule found that its shares differ from the training data's; empty if none looked."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """The deciding validation metric of a run, in its own units."""

    dataset: str
    metric: str
    higher_is_better: bool
    best: float
    best_round: int
    last: float


@dataclass(frozen=True, kw_only=True, repr=False)
class CheckReport:
    """The outcome of `treedebug.check`. Iterates over its findings."""

    source: str
    """What was checked: a path, or a description of the object."""
    kind: str
    """"run", "model", "parameters", "table", or "network" (one that is not trained yet)."""
    facts: Mapping[str, Any]
    """library, booster, objective, n_rounds, state, best round, and so on, for the heading."""
    verdict: Verdict
    notes: tuple[str, ...] = ()
    """What the recorder could not do."""
    damage: tuple[str, ...] = ()
    """Of a run: what was recorded and could not be read. Damaged is not clean, whatever the rules found in the rest."""
    balance: Balance | None = None
    """Of a table with classes."""
    plan: Plan = field(default_factory=Plan)
    """What to do next, made of all findings: it can be followed as it stands."""
    score: Score | None = None
    """Of a run with a validation set."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Of a run: its parameters under their canonical names."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Selectors of rules that the configuration leaves out, with the reason given there."""
    recorded: tuple[Finding, ...] = ()
    """Findings that the training recorded, of rules that are not installed here."""
    known: frozenset[tuple[str, str]] = frozenset()
    """Keys of findings that a baseline accepts: they are shown, and fail no check."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Most severe first."""
        return self.verdict.findings

    @property
    def is_before_training(self) -> bool:
        """Whether there is a first training to do better, rather than another one."""
        return self.kind in ("table", "network")

    def fails(self, level: Severity | None) -> bool:
        """Return whether a finding that no baseline knows is at or over `level` (None: never), or a rule crashed."""
        if level is None:
            return False
        new = [f for f in (*self.findings, *self.recorded) if f.key not in self.known]
        return bool(self.verdict.crashed) or any(f.severity >= level for f in new)

    def __iter__(self) -> Iterator[Finding]:
        """Yield the findings."""
        return iter(self.findings)

    def __len__(self) -> int:
        """Return the number of findings."""
        return len(self.findings)

    def __repr__(self) -> str:
        """Return a line for the whole, and one for each finding."""
        said = [f"  {f}" for f in self.findings]
        skipped = f", {len(self.verdict.skipped)} skipped" if self.verdict.skipped else ""
        head = f"<CheckReport of {self.source}: {len(said) or 'no'} findings; {len(self.verdict.silent)} rules silent"
        return "\n".join([f"{head}{skipped}>", *said])


@dataclass(frozen=True, kw_only=True)
class CountedFinding:
    """One rule over several runs: in how many it found something, and in which."""

    code: str
    name: str
    severity: Severity
    """The worst over the runs."""
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreSpread:
    """One metric over several runs, each at its best round. `best` and `worst` name the runs."""

    name: str
    n_runs: int
    mean: float
    deviation: float
    """Standard deviation over the runs (n - 1)."""
    best: tuple[str, float]
    worst: tuple[str, float]


@dataclass(frozen=True, kw_only=True, repr=False)
class RunsSummary:
    """Several checked runs at once."""

    source: str
    reports: tuple[CheckReport, ...]
    labels: tuple[str, ...]
    """A short name for each report, in the same order."""
    are_folds: bool
    """The runs are the folds of one cross-validation."""
    states: Mapping[str, int]
    findings: tuple[CountedFinding, ...]
    scores: tuple[ScoreSpread, ...]
    links: tuple[str, ...] = ()
    """Parameter values that go with a finding, in words."""
    search: tuple[Finding, ...] = ()
    """What is found only in all runs together, such as a parameter at the edge of the values tried."""


@dataclass(frozen=True, kw_only=True)
class ComparedRow:
    """One line of a comparison: a name and a value per run (None where a run has none).

    `best` is the position of the better run, where one is.
    """

    name: str
    values: tuple[Any, ...]
    best: int | None = None
    unit: str = ""

    @property
    def differs(self) -> bool:
        """Whether the runs disagree."""
        return any(v != self.values[0] for v in self.values[1:])


@dataclass(frozen=True, kw_only=True, repr=False)
class ComparisonReport:
    """Runs side by side. `sections` maps a title (parameters, metrics, size, time, findings, ...) to its rows."""

    labels: tuple[str, ...]
    scores: tuple[Score | None, ...] = ()
    """Of each run; None where it has no validation set."""
    sections: Mapping[str, tuple[ComparedRow, ...]] = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()
    """What the rules on two runs say of each run but the first, compared with the first."""

    def score(self, position: int) -> Score | None:
        """Return the deciding metric of one run; None where it has none."""
        return self.scores[position] if position < len(self.scores) else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all runs, in their order."""
        return tuple(f for v in self.verdicts for f in v.findings)

    def fails(self, level: Severity | None) -> bool:
        """Return whether a finding is at or over `level` (None: never), or a rule crashed."""
        if level is None:
            return False
        return any(v.crashed for v in self.verdicts) or any(f.severity >= level for f in self.findings)
