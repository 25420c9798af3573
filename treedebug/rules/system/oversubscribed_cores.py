"""SY806 oversubscribed-cores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.params.parameter_view import GivenParams


@dataclass(frozen=True, kw_only=True)
class OversubscribedCores(Rule):
    """More threads are asked for than the process has cores.

    ## What it does
    Compares `nthread`, `num_threads` or `n_jobs`, as it was given, with the cores that the process may use (in a
    container, those it was given). Fires if it is `max_factor` or more times as many.
    ## Why is this bad
    Threads that wait for a core hold up all the others at every level of a tree: training takes longer than with as
    many threads as cores, often several times.
    ## When to ignore it
    The parameters are written for another machine.
    """

    code = "SY806"
    name = "oversubscribed-cores"
    explains: ClassVar[tuple[str, ...]] = ("SY801", "SY804")

    max_factor: float = param(1.5, "threads over cores", ge=1.0, le=1e6)

    def check(self, named: GivenParams, header: Header) -> Iterator[Finding]:
        """Compare threads with cores."""
        cores = header.host.get("n_cpus")
        if not cores:
            raise Missing("the number of cores was not recorded")
        threads = named.params.numeric("n_jobs")
        if threads is None or not named.params.was_given("n_jobs") or threads < self.max_factor * cores:
            return
        better = change(header, "n_jobs", int(cores), "as many as there are cores")
        yield self.finding(
            f"{better.parameter}={threads:.0f} threads share {cores} cores: they wait for each other, and "
            "training takes "
            "longer than with fewer",
            subject=better.parameter,
            try_next=(better,),
            is_root=True,
            threads=int(threads),
            n_cpus=int(cores),
        )
