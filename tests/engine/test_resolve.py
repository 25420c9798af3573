"""From the types a rule asks for to values, and to reasons where there are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import pytest

import treedebug
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding
from treedebug.core.run.eval_log import EvalLog, RoundLog
from treedebug.core.run.run_data import Header, Note, RunData, RunView
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.evaluate import evaluate
from treedebug.engine.resolve import Missing, Resolver, needs
from treedebug.engine.rule import Rule
from treedebug.testing.builders import curves
from treedebug.testing.tree_builders import grown, trees

MEASURED = []


@dataclass(frozen=True)
class Signal:
    n: int

    @classmethod
    def measure(cls, log: RoundLog) -> Self:
        MEASURED.append(log.n_rounds)
        if not log.n_rounds:
            raise Missing("train at least one round")
        return cls(log.n_rounds)


@dataclass(frozen=True)
class OnTop:
    below: Signal
    trees: TreeSummary | None

    @classmethod
    def measure(cls, below: Signal, trees: TreeSummary | None) -> Self:
        return cls(below, trees)


@dataclass(frozen=True, kw_only=True)
class Curious(Rule):
    code, name = "ZZ002", "curious"

    def check(self, top: OnTop, log: EvalLog, run: RunData, view: RunView, *, header: Header) -> Iterator[Finding]:
        assert isinstance(top.below, Signal)
        assert (run, header) == (view.run, view.header)
        yield self.finding("seen", n=top.below.n, has_trees=top.trees is not None, curves=len(log))


@dataclass(frozen=True, kw_only=True)
class Deaf(Rule):
    code, name = "ZZ003", "deaf"

    def check(self, trees: TreeSummary) -> Iterator[Finding]:
        yield self.finding("trees")


@dataclass(frozen=True, kw_only=True)
class Bomb(Rule):
    code, name = "ZZ004", "bomb"

    def check(self, log: EvalLog) -> Iterator[Finding]:
        yield self.finding("before")
        raise ZeroDivisionError("boom")


def judged(run, *rules):
    return evaluate(run.at(run.n_rounds), rules)


def test_signals_of_signals_and_streams_as_they_are():
    verdict = judged(curves(train=[0.5, 0.4]), Curious())
    assert verdict.findings[0].evidence == {"n": 2, "has_trees": False, "curves": 1}
    verdict = judged(trees([grown(1)] * 3), Curious())
    assert verdict.findings[0].evidence == {"n": 3, "has_trees": True, "curves": 0}


def test_a_view_measures_once():
    MEASURED.clear()
    resolver = Resolver(curves(train=[0.5, 0.4]).at(1))
    assert resolver.get(Signal) is resolver.get(Signal)
    assert MEASURED == [1]
    empty = Resolver(RunData().at(0))
    for _ in range(2):
        with pytest.raises(Missing, match="at least one round"):
            empty.get(Signal)
    assert MEASURED == [1, 0]


def test_what_is_missing_says_why():
    verdict = judged(RunData(), Curious(), Deaf())
    assert [(s.code, s.reason) for s in verdict.skipped] == [
        ("ZZ002", "train at least one round"), ("ZZ003", "no trees were recorded"),
    ]  # fmt: skip


def test_the_recorder_knows_better_why():
    run = RunData()
    run.notes += [Note("store", "no"), Note("trees", "the booster is gblinear"), Note("classes", "no")]
    assert judged(run, Deaf()).skipped[0].reason == "the booster is gblinear"


def test_a_foreign_stream_is_named():
    class Tensors:
        pass

    with pytest.raises(Missing, match="no Tensors"):
        Resolver(RunData().at(0)).get(Tensors)


def test_a_crash_stays_with_its_rule():
    verdict = judged(curves(train=[0.5, 0.4]), Bomb(), Curious(), Deaf())
    assert [(c.code, c.error) for c in verdict.crashed] == [("ZZ004", "ZeroDivisionError: boom")]
    assert [f.code for f in verdict.findings] == ["ZZ002"]
    assert [s.code for s in verdict.skipped] == ["ZZ003"]
    assert verdict.silent == ()


class Broken:
    @classmethod
    def measure(cls, log: EvalLog) -> Self:
        return 1 / 0


class Asks(Rule):
    code, name = "ZZ005", "asks"

    def check(self, broken: Broken) -> Iterator[Finding]:
        yield


def test_a_signal_that_crashes_crashes_its_rules_only():
    assert "division by zero" in judged(curves(train=[1.0]), Asks(), Deaf()).crashed[0].error


def silent(rule, log: EvalLog) -> Iterator[Finding]:
    yield from ()


def test_needs_are_the_types_of_the_arguments():
    def check(self, a: EvalLog, b: RoundLog | None, *, c: treedebug.Header) -> Iterator[Finding]:
        yield from ()

    assert needs(check) == {"a": (EvalLog, False), "b": (RoundLog, True), "c": (Header, False)}


def untyped(self, log):
    yield


def two(self, log: EvalLog | RoundLog):
    yield


def listed(self, log: list[EvalLog]):
    yield


def unknown(self, log: NotImported):
    yield


def local():
    class Inside:
        pass

    def check(self, inside: Inside):
        yield

    return check


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (untyped, "argument 'log' has no type"), (two, "the one signal"), (listed, "the one signal"),
        (unknown, "NotImported"), (local(), "top of the module"), (len, "typed arguments"),
    ],
)  # fmt: skip
def test_types_that_say_nothing(check, words):
    with pytest.raises(ConfigError, match=words):
        needs(check)
    rule = type("Vague", (Rule,), {"code": "ZZ006", "name": "vague", "check": check})
    with pytest.raises(ConfigError):
        treedebug.check(RunData(), rules=[rule], config=treedebug.Config())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda rule: ["text"], "expected check to yield findings"),
        (lambda rule: None, "must yield findings"),
        (lambda rule: rule.finding("m"), "must yield findings"),
        (lambda rule: [rule.finding("m", severity="warning")], "Severity.WARNING"),
        (lambda rule: [rule.finding("m", try_next=("max_depth=3",))], "treedebug.Change"),
        (lambda rule: [rule.finding("a"), rule.finding("b")], "the same subject ''"),
        (lambda rule: [rule.finding("m", rounds=3)], "TypeError"),
    ],
)  # fmt: skip
def test_findings_that_could_not_be_followed_are_a_crash(answer, words):
    class Odd(Rule):
        code, name = "ZZ007", "odd"

        def check(self, log: EvalLog):
            return answer(self)

    verdict = judged(curves(train=[1.0]), Odd(), Curious())
    assert words in verdict.crashed[0].error
    assert len(verdict.findings) == 1


def test_two_rules_do_not_take_each_others_place():
    class Copy(Curious):
        code = "ZZ002"

    assert "same subject" in judged(curves(train=[1.0]), Curious(), Copy()).crashed[0].error


@dataclass(frozen=True)
class OfTheHeader:
    @classmethod
    def measure(cls, header: Header) -> Self:
        MEASURED.append(header.library)
        raise Missing("the header says no")


@dataclass(frozen=True, kw_only=True)
class OfTheHeaderAlone(Rule):
    code, name = "ZZ009", "of-the-header"

    def check(self, said: OfTheHeader, log: RoundLog) -> Iterator[Finding]:
        yield from ()


@pytest.mark.parametrize(("library", "asked"), [("xgboost", 1), ("lightgbm", 1), ("torch", 2)])
def test_what_the_header_of_a_booster_lacks_is_asked_once(library, asked):
    MEASURED.clear()
    run, settled = RunData(Header(library=library)), {}
    verdicts = [evaluate(run.at(n), [OfTheHeaderAlone()], settled=settled) for n in (1, 10)]
    assert len(MEASURED) == asked
    assert [[s.reason for s in v.skipped] for v in verdicts] == [["the header says no"]] * 2
