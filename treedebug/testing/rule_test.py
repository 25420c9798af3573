"""rule_test: a table of cases, both sides of them, as one parametrised pytest test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from treedebug.core.run.run_data import RunData
from treedebug.engine.evaluate import evaluate, replay
from treedebug.engine.rule import Rule
from treedebug.testing.builders import classes, curves, ending, fingerprint, frozen, grown, header, labels, leaf, rounds
from treedebug.testing.builders import trees as grow
from treedebug.testing.tables import hostile_tables

Case = RunData | tuple[RunData, Mapping[str, Any]]


def rule_test(
    rule: Rule, *, fires: Mapping[str, Case], silent: Mapping[str, Case], skipped: Mapping[str, Case] | str
) -> Callable[..., None]:
    """A test of one rule over named cases; assign it to a `test_...` name.

    `fires` maps a case to a run, or to a run and the evidence its finding must hold (floats compare to 1e-6). `silent`
    cases must be silent at every check round, `skipped` ones skipped at the end; a rule that is never skipped says why
    in words instead of giving cases. Each case is judged as one final view and replayed round by round; the two must
    agree. Hostile runs are added: they may fire or not but must not crash. Raises ValueError for an empty side or
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
    table += [pytest.param("hostile", run, {}, id=f"hostile: {name}") for name, run in hostile_runs().items()]

    @pytest.mark.parametrize(("side", "run", "evidence"), table)
    def test(side: str, run: RunData, evidence: Mapping[str, Any]) -> None:
        judge(rule, side, frozen(run), evidence)

    collected: Callable[..., None] = test
    return collected


def judge(rule: Rule, side: str, run: RunData, evidence: Mapping[str, Any]) -> None:
    """Assert that the rule takes this side on the run, at once and replayed."""
    verdict = evaluate(run.at(run.n_rounds, final=run.ended), [rule])
    timeline = replay(run, [rule])
    assert not verdict.crashed, f"{rule.code} crashed: {verdict.crashed[0].error}"  # a test
    assert not timeline.verdict.crashed, f"{rule.code} crashed in the replay"
    if run.ended:
        now = [f.seen(0) for f in verdict.findings]
        assert now == [f.seen(0) for f in timeline.verdict.findings], "replay and final view differ"
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
    """Whether evidence is what was expected: numbers to 1e-6, lists and mappings part by part, the rest exactly."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return found.keys() == expected.keys() and all(_alike(found[k], v) for k, v in expected.items())
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(found) == len(expected) and all(map(_alike, found, expected))
    is_number = isinstance(expected, int | float) and isinstance(found, int | float)
    return bool(found == (pytest.approx(expected, nan_ok=True) if is_number else expected))


def hostile_runs() -> dict[str, RunData]:
    """Runs that are broken, empty or extreme, with curves, trees, classes and data."""
    falling, nan, inf = np.linspace(1.0, 0.1, 60), float("nan"), float("inf")
    both: dict[str, list[float]] = {
        "one round": [0.5],
        "two rounds": [0.5, 0.4],
        "nan": [nan] * 60,
        "nan in the middle": [*falling[:30], nan, *falling[31:]],
        "infinite": [*falling[:30], *[inf] * 30],
        "constant": [0.5] * 60,
        "zero": [0.0] * 60,
        "huge": [1e300 * (-1) ** k for k in range(60)],
        "growing out of range": [10.0 ** (5 * k) for k in range(60)],
    }
    made = {name: curves(train=v, valid=v) for name, v in both.items()}
    made["empty"] = RunData()
    made["ended before the first round"] = ending(header())
    made["unknown metric"] = curves(train=falling.tolist(), valid=falling.tolist(), metric="my_own")
    made["no library"] = curves(train=falling.tolist(), valid=falling.tolist(), library="")
    made["no training data"] = curves(valid=falling.tolist())
    made["root-only trees"] = grow([leaf()] * 60)
    made["no trees"] = grow([[]] * 60, n_features=3)
    made["gains out of range"] = grow([grown(4, gains=(1e300,))] * 60, n_features=9)
    made["zero gains"] = grow([grown(4, gains=(0.0,), hessian=0.0)] * 60, n_features=9)
    made["nan hessian"] = grow([leaf(hessian=nan), grown(3, gains=(nan,), hessian=nan)] * 30, n_features=9)
    made["empty confusion"] = classes([np.zeros((3, 3))] * 60, data=labels([0, 0, 0]))
    made["one class"] = classes([np.full((1, 1), 9)] * 60, data=labels([9]))
    made["classes without rows"] = classes([np.diag([50, 0, 0])] * 60, data=labels([50, 0, 0]))
    made["continued"] = rounds(60, run=curves(valid=falling[:20].tolist(), start_round=40))
    return made | hostile_tables()


def _refuse_doubles(rule: Rule, sides: Mapping[str, Mapping[str, Case]]) -> None:
    seen: dict[str, str] = {}
    for side, cases in sides.items():
        for name, case in cases.items():
            mark = fingerprint(case[0] if isinstance(case, tuple) else case)
            if mark in seen:
                raise ValueError(f"{rule.code}: case {name!r} ({side}) is the same run as {seen[mark]}")
            seen[mark] = f"{name!r} ({side})"
