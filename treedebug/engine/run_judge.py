"""RunJudge: judges a run that grows elsewhere, at the same rounds and with the same findings as its own training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from treedebug.core.findings import Finding, FindingEvent
from treedebug.core.run.round_schedule import check_rounds
from treedebug.core.run.run_data import Pulse, RunData
from treedebug.engine.evaluate import Timeline, evaluate
from treedebug.engine.resolve import reads
from treedebug.engine.rule import Rule


@dataclass(frozen=True)
class Look:
    """What one look at a run changed, after so many rounds; `final` if the training had ended."""

    n_rounds: int
    events: tuple[FindingEvent, ...]
    final: bool = False


class RunJudge:
    """Judges one run again and again with `rules`; those that ask the clock are judged apart, whenever asked."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.timeline = Timeline()
        self._clocked = [rule for rule in rules if reads(rule.check, Pulse)]
        self._by_clock: tuple[Finding, ...] = ()
        self._n_judged = 0
        self._is_final = False

    @property
    def findings(self) -> list[Finding]:
        """What stands, by the rounds and by the clock."""
        return [*self.timeline.verdict.findings, *self._by_clock]

    def restart(self) -> None:
        """Forget everything: the run was replaced, or a continued training went back."""
        self.timeline, self._by_clock = Timeline(), ()
        self._n_judged, self._is_final = 0, False

    def looks(self, run: RunData) -> Iterator[Look]:
        """Judge at each check round that has come since, and at the end; yield what each look changed."""
        for n_rounds in check_rounds(run.n_rounds, slow=run.header.slow_rounds, after=self._n_judged):
            self._n_judged = n_rounds
            if n_rounds > run.header.start_round:
                yield self._look(run, n_rounds, final=False)
        if run.ended and not self._is_final:
            self._is_final = True
            yield self._look(run, run.n_rounds, final=True)

    def _look(self, run: RunData, n_rounds: int, *, final: bool) -> Look:
        view = run.at(n_rounds, final=final)
        verdict = evaluate(view, self.rules, settled=self.timeline.settled)
        return Look(n_rounds, tuple(self.timeline.advance(verdict)), final)

    def look_at_clock(self, run: RunData, beat: Pulse | None) -> bool:
        """Judge how long the run has been silent (None: it has ended); return whether that changed what stands."""
        before, self._by_clock = self._by_clock, ()
        if beat is not None and self._clocked:
            run.add_stream(Pulse, beat)
            try:
                found = evaluate(run.at(run.n_rounds), self._clocked).findings
            finally:
                run.drop_stream(Pulse)
            since = {f.key: f.detected_at for f in before}
            self._by_clock = tuple(f.seen(since.get(f.key) or run.n_rounds) for f in found)
        return {f.key for f in before} != {f.key for f in self._by_clock}
