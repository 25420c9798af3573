"""rule_test: a table of cases, both sides of them, as one parametrised pytest test."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from treedebug.core.run.run_data import RunData
from treedebug.engine.evaluate import evaluate, replay
from treedebug.engine.rule import Rule
from treedebug.testing.hostile_runs import hostile_runs
from treedebug.testing.same_runs import fingerprint, frozen

Case = RunData | tuple[RunData, Mapping[str, Any]]


def rule_test(
    rule: Rule, *, fires: Mapping[str, Case], silent: Mapping[str, Case], skipped: Mapping[str, Case] | str
) -> Callable[..., None]:
    """Return a test of one rule over named cases; assign it to a `test_...` name.

    `fires` maps a case to a run, or to a run and the evidence its finding must hold (floats compare to 1e-6). `silent`
    cases must be silent at every check round, `skipped` ones skipped at the end; a rule that is never skipped says why
    in words instead of giving cases. Each case is judged as one final view and replayed round by round; the two must
    agree. Hostile runs are added: they may fire or not but must not crash. Raise ValueError for an empty side or
    doubled cases.
    """
    sides: dict[str, Mapping[str, Case]] = {"fires": fires, "silent": silent}
    if isinstance(skipped, str):
        if not skipped.strip():
            raise ValueError(f"{rule.code}: say why the rule is never skipped, or give a case that is")
    else:
        sides["skipped"] = skipped
    for side, cases in sides.items():
        if not cases:
            raise ValueError(f"{rule.code}: no case under {side!r}; a rule is tested on every side")
    _refuse_doubles(rule, sides)
    table = [
        pytest.param(side, *(case if isinstance(case, tuple) else (case, {})), id=f"{side}: {name}")
        for side, cases in sides.items()
        for name, case in cases.items()
    ]
    table.append(pytest.param("hostile", None, {}, id="hostile runs"))

    @pytest.mark.parametrize(("side", "run", "evidence"), table)
    def test(side: str, run: RunData | None, evidence: Mapping[str, Any]) -> None:
        if run is not None:
            judge(rule, side, frozen(run), evidence)
            return
        for name, hostile in _frozen_hostile_runs():
            judge(rule, f"hostile: {name}", hostile, {})

    collected: Callable[..., None] = test
    return collected


@functools.cache
def _frozen_hostile_runs() -> tuple[tuple[str, RunData], ...]:
    """Build the hostile runs once a process: every rule is tested on the same ones."""
    return tuple((name, frozen(run)) for name, run in hostile_runs().items())


def judge(rule: Rule, side: str, run: RunData, evidence: Mapping[str, Any]) -> None:
    """Assert that the rule takes this side on the run, at once and replayed."""
    verdict = evaluate(run.at(run.n_rounds, final=run.ended), [rule])
    timeline = replay(run, [rule])
    assert not verdict.crashed, f"{rule.code} crashed ({side}): {verdict.crashed[0].error}"  # a test
    assert not timeline.verdict.crashed, f"{rule.code} crashed in the replay ({side})"
    if run.ended:
        now = [f.seen(0) for f in verdict.findings]
        assert now == [f.seen(0) for f in timeline.verdict.findings], f"replay and final view differ ({side})"
    if side == "fires":
        assert verdict.findings, f"{rule.code} did not fire: {verdict.skipped or 'silent'}"
        found = verdict.findings[0].evidence
        for name, value in evidence.items():
            assert _alike(found.get(name), value), f"evidence {name}: {found}"
    elif side == "silent":
        events = [e.finding.message for e in timeline.events]
        assert verdict.silent, f"expected silence, got {[*verdict.findings, *verdict.skipped]}"
        assert not events, f"fired on the way: {events}"
    elif side == "skipped":
        assert verdict.skipped, f"expected a skip, got {verdict.findings or 'silence'}"
        assert len(verdict.skipped[0].reason) > 10, "the reason must help the user"


def _alike(found: Any, expected: Any) -> bool:
    """Return whether evidence is what was expected.

    Numbers to 1e-6, lists and mappings part by part, the rest exactly.
    """
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return found.keys() == expected.keys() and all(_alike(found[k], v) for k, v in expected.items())
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(found) == len(expected) and all(map(_alike, found, expected))
    is_number = isinstance(expected, int | float) and isinstance(found, int | float)
    return bool(found == (pytest.approx(expected, nan_ok=True) if is_number else expected))


def _refuse_doubles(rule: Rule, sides: Mapping[str, Mapping[str, Case]]) -> None:
    seen: dict[str, str] = {}
    for side, cases in sides.items():
        for name, case in cases.items():
            mark = fingerprint(case[0] if isinstance(case, tuple) else case)
            if mark in seen:
                raise ValueError(f"{rule.code}: case {name!r} ({side}) is the same run as {seen[mark]}")
            seen[mark] = f"{name!r} ({side})"
