"""The fast order beside a slow, obvious twin; and its cost on very many findings."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from treedebug.core.finding_order import in_order, is_cause, related
from treedebug.core.findings import Finding, Severity, worst_first

CODES = [f"AA00{i}" for i in range(5)]


@st.composite
def findings(draw):
    keys = draw(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from("xyz")), unique=True, max_size=9))
    return [
        Finding(
            code=code,
            name="n",
            severity=draw(st.sampled_from(list(Severity))),
            message="m",
            subject=subject,
            explains=tuple(draw(st.lists(st.sampled_from(CODES), max_size=3))),
            is_root=draw(st.booleans()),
            evidence=draw(st.sampled_from([{}, {"columns": ["a"]}, {"columns": ["b", "c"]}, {"columns": ["a", "c"]}])),
        )
        for code, subject in keys
    ]


def slow_related(given_findings):
    """As `related` is described, with every pair looked at and families walked down."""
    ranked = sorted(given_findings, key=worst_first)
    cause = {f.key: next((c.key for c in ranked if is_cause(c, f)), None) for f in ranked}
    for finding in ranked:
        seen, at = [finding.key], cause[finding.key]
        while at is not None and at not in seen:
            seen.append(at)
            at = cause[at]
        if at == finding.key:
            cause[finding.key] = None
    below = {}
    for finding in ranked:
        below.setdefault(cause[finding.key], []).append(finding)

    def walk(key, depth):
        families = [[(f, depth), *walk(f.key, depth + 1)] for f in below.get(key, ())]
        families.sort(key=lambda family: -max(f.severity for f, _ in family))
        return [one for family in families for one in family]

    return walk(None, 0)


@settings(max_examples=300, deadline=None)
@given(findings())
def test_the_fast_order_is_the_slow_one(some):
    assert related(some) == slow_related(some)
    assert Counter(f.key for f in in_order(some)) == Counter(f.key for f in some)


def chain(n):
    """Each finding explains the next one; no recursion goes as deep."""
    return [
        Finding(code=f"AA{i:05d}", name="n", severity=Severity.WARNING, message="m", explains=(f"AA{i + 1:05d}",))
        for i in range(n)
    ]


def test_a_long_chain_and_a_long_circle():
    ordered = related(chain(5000))
    assert [depth for _, depth in ordered] == list(range(5000))
    ring = [*chain(4999), Finding(code="AA04999", name="n", severity=Severity.INFO, message="m", explains=("AA00000",))]
    assert [depth for _, depth in related(ring)] == list(range(5000))
