"""What explains what is decided in the engine, from what the rules declare."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from treedebug.core.findings import Finding, Severity
from treedebug.core.run.run_data import Header
from treedebug.engine.evaluate import evaluate
from treedebug.engine.rule import Rule, param
from treedebug.testing import curves

RUN = curves(valid=[0.5, 0.4])


@dataclass(frozen=True, kw_only=True)
class Cause(Rule):
    code = "AA900"
    name = "cause"
    explains = ("AA100", "AA200", "AA900")

    level: str = param("warning", "severity", choices=("info", "warning", "error"))
    of_one: str = param("", "explains of this finding", choices=("", "AA200"))

    def check(self, header: Header) -> Iterator[Finding]:
        own = (self.of_one,) if self.of_one else None
        yield self.finding("cause", severity=Severity[self.level.upper()], explains=own)


@dataclass(frozen=True, kw_only=True)
class First(Rule):
    code = "AA100"
    name = "first"

    level: str = param("warning", "severity", choices=("info", "warning", "error"))

    def check(self, header: Header) -> Iterator[Finding]:
        yield self.finding("first", severity=Severity[self.level.upper()])


@dataclass(frozen=True, kw_only=True)
class Second(Rule):
    code = "AA200"
    name = "second"

    def check(self, header: Header) -> Iterator[Finding]:
        yield self.finding("second")


def judged(*rules):
    return [(f.code, f.explains) for f in evaluate(RUN.at(2), rules).findings]


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([Second(), Cause()], [("AA900", ("AA200",)), ("AA200", ())]),
        ([First(), Second(), Cause()], [("AA900", ("AA100", "AA200")), ("AA100", ()), ("AA200", ())]),
        ([First(), Second(), Cause(of_one="AA200")], [("AA100", ()), ("AA900", ("AA200",)), ("AA200", ())]),
        ([First(level="error"), Cause()], [("AA900", ("AA100",)), ("AA100", ())]),
        # what is merely worth knowing is no cause of a warning
        ([First(), Cause(level="info")], [("AA100", ()), ("AA900", ())]),
        ([First(level="info"), Cause(level="info")], [("AA900", ("AA100",)), ("AA100", ())]),
        ([Cause()], [("AA900", ())]),
    ],
)
def test_only_what_stands_is_explained(rules, found):
    assert judged(*rules) == found


def test_plain_text_is_one_code():
    class Sloppy(Cause):
        explains = "AA200"

    assert judged(Sloppy(), Second()) == [("AA900", ("AA200",)), ("AA200", ())]


@dataclass(frozen=True, kw_only=True)
class OfColumn(Rule):
    code = "AA100"
    name = "of-column"
    explains = ("AA300",)

    column: str = param("a", "the column", choices=("a", "b", ""))

    def check(self, header: Header) -> Iterator[Finding]:
        yield self.finding("cause", columns=[self.column, "z"] if self.column else [])


@dataclass(frozen=True, kw_only=True)
class OfOther(Rule):
    code = "AA300"
    name = "of-other"

    def check(self, header: Header) -> Iterator[Finding]:
        yield self.finding("symptom", columns=["a", "c"])


@pytest.mark.parametrize(("column", "explained"), [("a", ("AA300",)), ("b", ()), ("", ("AA300",))])
def test_a_cause_and_its_symptom_share_a_column(column, explained):
    assert judged(OfColumn(column=column), OfOther())[0] == ("AA100", explained)
