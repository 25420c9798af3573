"""Findings over time, and the rounds at which rules look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from treedebug.core.findings import Finding, Severity, Verdict
from treedebug.core.run.eval_log import RoundLog
from treedebug.core.run.round_schedule import check_rounds
from treedebug.core.run.run_data import Header, RunData, RunView
from treedebug.engine.config import Config
from treedebug.engine.evaluate import Timeline, changes, evaluate, replay
from treedebug.engine.resolve import Resolver
from treedebug.engine.rule import Rule
from treedebug.engine.rule_selection import chosen_rules
from treedebug.engine.watcher import Watcher
from treedebug.rules import BUILTIN
from treedebug.testing.builders import rounds


def finding(subject="", n=0, severity=Severity.WARNING):
    return Finding(code="ZZ001", name="z", severity=severity, message="m", subject=subject, evidence={"n": n})


def verdict(n_rounds, *findings):
    return Verdict(n_rounds, findings)


def told(events):
    return [(e.kind, e.finding.subject, e.n_rounds) for e in events]


def test_a_finding_opens_changes_and_closes():
    timeline = Timeline()
    assert told(timeline.advance(verdict(5))) == []
    assert told(timeline.advance(verdict(10, finding("a")))) == [("opened", "a", 10)]
    assert told(timeline.advance(verdict(20, finding("a")))) == []
    assert told(timeline.advance(verdict(30, finding("a", n=1), finding("b")))) == [
        ("changed", "a", 30), ("opened", "b", 30),
    ]  # fmt: skip
    assert [f.detected_at for f in timeline.verdict.findings] == [10, 30]
    assert told(timeline.advance(verdict(40, finding("b")))) == [("closed", "a", 40)]
    assert told(timeline.advance(verdict(50, finding("a"), finding("b")))) == [("opened", "a", 50)]
    assert [f.detected_at for f in timeline.verdict.findings] == [50, 30]
    assert told(timeline.events) == [
        ("opened", "a", 10), ("opened", "b", 30), ("closed", "a", 40), ("opened", "a", 50),
    ]  # fmt: skip


def test_nan_is_no_change():
    nan = [finding(n=float("nan")), finding(n=float("nan"))]
    assert changes(nan[:1], nan[1:], 5) == []
    assert told(changes([finding(n=1)], [finding(n=2)], 5)) == [("changed", "", 5)]


@dataclass(frozen=True, kw_only=True)
class Looks(Rule):
    code, name = "ZZ002", "looks"

    def check(self, view: RunView, log: RoundLog) -> Iterator[Finding]:
        assert log.n_rounds == view.n_rounds
        yield self.finding("look", subject=f"{view.n_rounds}{' final' * view.final}")


def looked(run):
    return [e.finding.subject for e in replay(run, [Looks()]).events if e.kind == "opened"]


@pytest.mark.parametrize("n", [0, 3, 5, 7, 40, 47])
def test_replay_looks_at_check_rounds_and_at_the_end(n):
    checks = [str(k) for k in check_rounds(n)]
    run = rounds(n)
    assert looked(run) == checks
    run.ending = {"state": "finished"}
    assert looked(run) == [*checks, f"{n} final"]


def test_replay_of_a_continued_training_begins_where_it_began():
    run = rounds(0)
    run.header.start_round = 10
    rounds(40, run=run)
    assert looked(run) == ["20", "40"]


def test_the_worst_comes_first_and_then_by_code():
    class Many(Rule):
        code, name = "ZZ003", "many"

        def check(self, log: RoundLog) -> Iterator[Finding]:
            yield self.finding("i", subject="b", severity=Severity.INFO)
            yield self.finding("w", subject="c")
            yield self.finding("e", subject="z", severity=Severity.ERROR)
            yield self.finding("w", subject="a")

    assert [f.subject for f in evaluate(rounds(1).at(1), [Many()]).findings] == ["z", "a", "c", "b"]


def test_a_resumed_run_goes_on_with_its_findings():
    class Since(Rule):
        code, name = "ZZ004", "since"

        def check(self, view: RunView) -> Iterator[Finding]:
            if view.n_rounds >= 10:
                yield self.finding("m")
            if view.final:
                yield self.finding("at the end only", subject="final")

    run, first = rounds(20), Watcher([Since()])
    for n in (5, 10, 20):
        first.on_check(run, None, final=False) if n == 20 else None
    run.ending = {"state": "finished"}
    first.on_check(run, None, final=True)
    assert [f.subject for f in run.findings] == ["", "final"]
    run.ending = None
    second = Watcher([Since()])
    second.catch_up(run)
    assert [(f.subject, f.detected_at) for f in run.findings] == [("", 10)]
    rounds(30, run=run)
    assert told(second.on_check(run, None, final=False)) == []
    assert [(f.subject, f.detected_at) for f in run.findings] == [("", 10)]
    assert told(second.timeline.events) == [("opened", "", 10)]


def test_a_resumed_run_is_judged_with_the_header_it_has_now():
    """As `check` will judge it: the first round after the resume completes the header."""

    class Classes(Rule):
        code, name = "ZZ006", "classes"

        def check(self, header: Header) -> Iterator[Finding]:
            if header.n_classes:
                yield self.finding("m")

    run, watcher = rounds(20), Watcher([Classes()])
    watcher.catch_up(run)
    run.header.n_classes = 3
    rounds(30, run=run)
    assert told(watcher.on_check(run, None, final=False)) == [("opened", "", 30)]
    assert [f.detected_at for f in run.findings] == [1]
    assert watcher.timeline.verdict.findings == replay(run, [Classes()]).verdict.findings


class Failing:
    def __init__(self):
        self.calls = 0

    def on_events(self, run, events, *, final):
        self.calls += 1
        raise BrokenPipeError("gone")

    on_findings = None

    def __repr__(self):
        return "Failing()"


class FailingAction(Failing):
    def on_findings(self, run, findings, knobs):
        self.calls += 1
        raise RuntimeError("no network")


def test_a_listener_or_action_that_fails_is_left_out_and_the_rest_goes_on():
    class Counts:
        n = 0

        def on_findings(self, run, findings, knobs):
            self.n += len(findings)

    listener, action, good, run = Failing(), FailingAction(), Counts(), rounds(10)
    watcher = Watcher([Looks()], listeners=[listener], actions=[action, good])
    for n in (10, 20):
        rounds(n, run=run)
        assert len(watcher.on_check(run, None, final=False)) == (1 if n == 10 else 2)
    assert (listener.calls, action.calls, good.n) == (1, 1, 2)
    assert [n.message for n in run.notes] == [
        "Failing() failed and is left out from now on: BrokenPipeError: gone",
        "Failing() failed and is left out from now on: RuntimeError: no network",
    ]


def test_evidence_is_what_the_disk_gives_back():
    import datetime as dt

    import numpy as np

    class Rich(Rule):
        code, name = "ZZ005", "rich"

        def check(self, log: RoundLog) -> Iterator[Finding]:
            yield self.finding(
                "m", array=np.arange(2), scalar=np.float32(0.5), wide=np.longdouble(1), nested={1: (2, {3})},
                day=dt.date(2026, 1, 2), kind=Severity.INFO, flag=np.bool_(True), none=None,
            )  # fmt: skip

    (found,) = evaluate(rounds(1).at(1), [Rich()]).findings
    assert found.evidence == {
        "array": [0, 1], "scalar": 0.5, "wide": "1.0", "nested": {"1": [2, [3]]}, "day": "2026-01-02", "kind": 1,
        "flag": True, "none": None,
    }  # fmt: skip
    assert Finding.from_dict(found.to_dict()) == found


def test_a_rule_that_can_never_judge_is_asked_only_once(monkeypatch):
    """Rules on tables and on networks are settled at the first look; the verdict is the same as without that."""
    rules = chosen_rules(Config(), builtin=BUILTIN)
    run = RunData(Header(library="xgboost"))
    settled = {}
    for i in range(3):
        run.rounds.append(i, learning_rate=0.1, seconds=0.01, iterations=i + 1)
        run.evals.append(i, "valid", "rmse", 1.0 / (i + 1))
        seen = evaluate(run.at(i + 1), rules, settled=settled)
        assert seen == evaluate(run.at(i + 1), rules)
    assert {"DA601", "NN901"} <= set(settled)
    assert not {"CV101", "TR201"} & set(settled)  # their streams may come in a later round
    asked = []
    arguments = Resolver.arguments
    monkeypatch.setattr(Resolver, "arguments", lambda self, what: asked.append(what) or arguments(self, what))
    evaluate(run.at(3), rules, settled=settled)
    owners = {type(f.__self__).code for f in asked if isinstance(getattr(f, "__self__", None), Rule)}
    assert owners == {r.code for r in rules} - set(settled)
