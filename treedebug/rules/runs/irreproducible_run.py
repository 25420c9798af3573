"""RC703 irreproducible-run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import listed
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.runs.run_pair import RunPair


@dataclass(frozen=True, kw_only=True)
class IrreproducibleRun(Rule):
    """The same data, parameters and seed gave other trees.

    ## What it does
    Compares two runs whose parameters are equal and whose training data is the same as far as the headers tell (rows,
    columns, label summary). Fires if a tree differs, and names the first round where one does. If the library's
    version, the machine or the number of threads differ, that is named as the likely reason, and it is info.
    ## Why is this bad
    A result that cannot be had again cannot be explained, and two experiments cannot be told from one another.
    ## When to ignore it
    You train on a device that does not add in a fixed order, and the metrics agree.
    """

    code = "RC703"
    name = "irreproducible-run"

    min_rounds: int = param(1, "rounds that both runs must have", ge=1, le=1_000_000)

    def check(self, pair: RunPair) -> Iterator[Finding]:
        """Look for the first round whose trees differ, if none should."""
        if pair.changed or not pair.same_data or pair.n_shared < self.min_rounds:
            return
        at = pair.first_difference
        if at is None:
            return
        then, now = pair.then.header, pair.now.header
        reasons = _reasons(then, now)
        why = f"; what differs is {listed(reasons)}" if reasons else ", though nothing recorded differs"
        yield self.finding(
            f"the same data, parameters and seed, and the trees differ from round {at} on{why}",
            severity=Severity.INFO if reasons else Severity.WARNING,
            rounds=(at, pair.n_shared - 1),
            try_next=_fixed(now),
            first_round=at,
            n_rounds=pair.n_shared,
            reasons=reasons,
        )


def _reasons(then: Header, now: Header) -> list[str]:
    """Recorded circumstances that may explain it."""
    found = [
        f"{name} ({then.versions.get(name, '?')} and {now.versions.get(name, '?')})"
        for name in sorted({*then.versions, *now.versions} - {"treedebug"})
        if then.versions.get(name) != now.versions.get(name)
    ]
    threads = [h.params.get("n_jobs") for h in (then, now)]
    if threads[0] != threads[1]:
        found.append(f"the number of threads ({threads[0]} and {threads[1]})")
    for fact, words in (("platform", "the machine's platform"), ("n_cpus", "the number of cores")):
        if then.host.get(fact) != now.host.get(fact):
            found.append(words)
    if then.start_round != now.start_round:
        found.append("the round at which the recording begins")
    return found


def _fixed(header: Header) -> tuple[Change, ...]:
    if header.library == "lightgbm":
        return (
            Change("deterministic", True, "with force_col_wise=true, sums in a fixed order"),  # noqa: FBT003 - the parameter's value
            Change("num_threads", 1, "or always as many"),
        )
    return (Change("nthread", 1, "sums in a fixed order"),)
