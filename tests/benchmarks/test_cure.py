"""The benchmark of the cure: its halves, and what it counts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("optuna")
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from _cure import page, tables, tallies


def cell(table: str, library: str = "xgboost", **more: float) -> dict:
    facts = {"loss": 1.0, "relative": 0.0, "z": 0.0, "leaves": 1.0, "bytes": 1.0, "error_gain": 0.0, "seconds": 1.0}
    found = {"table": table, "library": library, "seed": 0, "stopped": {"loss": 1.0}}
    for name in tallies.CURES:
        found[name] = dict(facts)
    found["fix"] |= {"tried": [["recipe", "recipe", "kept"]], "kept": "recipe", **more}
    return found


def test_no_table_is_of_both_halves() -> None:
    design, report = (set(tables.HALVES[h]) for h in (tables.DESIGN, tables.REPORT))
    assert not design & report
    assert len(report) >= 20
    assert set(tables.QUICK) <= design


def test_a_duel_counts_tables_and_not_runs() -> None:
    cells = [cell("a", loss=0.8), cell("a", "lightgbm", loss=0.9), cell("b", loss=1.2), cell("c", loss=1.001)]
    found = tallies.duel(cells, "fix", "random")
    assert (found["n"], found["ahead"], found["behind"]) == (3, 1, 1)
    assert found["median"] == pytest.approx(0.001)


def test_a_steady_difference_of_next_to_nothing_is_none() -> None:
    cells = [cell("a"), cell("b")]
    cells[0]["slim"] |= {"relative": 2e-5, "z": 2.4}
    cells[1]["slim"] |= {"relative": 2e-4, "z": 2.4}
    found = tallies.of(cells, "slim")
    assert (found["worse"], found["within_one"]) == (1, 0.5)


def test_bars_are_met_or_missed_by_what_was_counted() -> None:
    cells = [cell("a", relative=-0.04), cell("b", "lightgbm", relative=-0.05, z=2.5)]
    bars = {name: (value, bar) for name, value, _, bar in tallies.bars(cells)}
    assert bars["fix: median loss against early stopping"] == (pytest.approx(-0.045), -0.03)
    assert bars["fix: worse beyond 2 standard errors"][0] == 0.5
    assert bars["slim, LightGBM: leaves"][0] == 1.0
    text = page.figures(
        cells, {"cores": 1, "processor": "p", "system": "s", "python": "3", "versions": {}, "date": "d"}, "x"
    )
    assert "| fix: median loss against early stopping     | -0.045 | <= -0.03 | met    |" in text
    assert "missed" in text
